//! How far a restore has come, so that the next one can go on when the process was killed.

use std::time::Duration;

use typeser::StateKey;
use typeser::snapshot::WriteSnapshotError;
use xxhash_rust::xxh3::Xxh3;

use super::matching::StateAction;
use super::plan::RestorePlan;
use crate::descriptor::OperatorMeta;
use crate::key_group::KeyGroupRange;
use crate::rows::counts::RowCounts;
use crate::savepoint::v2;

/// What was done up to a flush of the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resume {
    /// Which restore it was.
    pub(super) identity: u128,
    /// When it began, by the operator's clock.
    pub(super) now: u64,
    /// How many rows of each stored state were done.
    pub(super) counts: Vec<RowCounts>,
    /// The key of the last stored row that was done; empty if none was.
    pub(super) last: Vec<u8>,
}

impl Resume {
    /// Nothing is done yet.
    pub(super) fn new(identity: u128, now: u64, states: usize) -> Self {
        Self { identity, now, counts: vec![RowCounts::default(); states], last: Vec::new() }
    }

    /// `identity u128 | now u64 | states u32 | entries, expired, bytes u64 each, time in ns u64 | last key`, little-endian.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.identity.to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.now.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(self.counts.len()).unwrap_or(u32::MAX).to_le_bytes());
        for done in &self.counts {
            let time = u64::try_from(done.time.as_nanos()).unwrap_or(u64::MAX);
            for number in [done.entries, done.expired, done.bytes, time] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        bytes.extend_from_slice(&self.last);
        bytes
    }

    /// `None` if these are no such bytes: then there is nothing to go on with.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (identity, rest) = bytes.split_first_chunk()?;
        let (now, rest) = rest.split_first_chunk()?;
        let (states, mut rest) = rest.split_first_chunk()?;
        let mut number = || {
            let (number, left) = rest.split_first_chunk()?;
            rest = left;
            Some(u64::from_le_bytes(*number))
        };
        let mut counts = Vec::new();
        for _ in 0..u32::from_le_bytes(*states) {
            let (entries, expired, bytes) = (number()?, number()?, number()?);
            let time = Duration::from_nanos(number()?);
            counts.push(RowCounts { entries, expired, bytes, time, ..RowCounts::default() });
        }
        let (identity, now) = (u128::from_le_bytes(*identity), u64::from_le_bytes(*now));
        Some(Self { identity, now, counts, last: rest.to_vec() })
    }
}

/// Which restore it is: what is stored, what becomes of it, and which part of it. One that differs in any of these goes
/// on with nothing.
pub(super) fn identity<K: StateKey>(
    plan: &RestorePlan<'_, K>,
    key_groups: KeyGroupRange,
    becomes: &OperatorMeta,
) -> Result<u128, WriteSnapshotError> {
    let mut hasher = Xxh3::new();
    if let Some(stored) = plan.stored {
        hasher.update(&v2::write_operator(stored.meta())?);
        for file in stored.files() {
            let groups = file.key_groups();
            for number in [u64::from(groups.first()), u64::from(groups.last()), file.length(), file.hash] {
                hasher.update(&number.to_le_bytes());
            }
        }
    }
    hasher.update(&v2::write_operator(becomes)?);
    hasher.update(&[key_groups.first().to_le_bytes(), key_groups.last().to_le_bytes()].concat());
    for state in &plan.matching.states {
        hasher.update(&[match &state.action {
            StateAction::Create { .. } => 0,
            StateAction::Drop { .. } => 1,
            StateAction::Restore { .. } => 2,
            StateAction::Retain { .. } => 3,
            StateAction::Reset { .. } => 4,
        }]);
    }
    hasher.update(format!("{:?}", plan.trust).as_bytes());
    Ok(hasher.digest128())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_and_anything_shorter_is_none() {
        let tally =
            RowCounts { entries: 3, expired: 1, bytes: 77, time: Duration::from_nanos(5), ..RowCounts::default() };
        let resume = Resume { identity: 1 << 99, now: 12, counts: vec![tally, RowCounts::default()], last: vec![7, 8] };
        let bytes = resume.encode();
        assert_eq!(Resume::decode(&bytes), Some(resume));
        // Two bytes are the last key; without one of them it is another.
        for length in 0..bytes.len() - 2 {
            assert_eq!(Resume::decode(&bytes[..length]), None, "{length}");
        }
    }
}
