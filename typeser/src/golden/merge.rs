//! Adds what a release records to the existing goldens, which never change.

use super::name::{check_release, is_storable};
use super::{Golden, Goldens, RecordedRelease, ReleaseNameError};
use crate::history::differences;
use crate::schema::Node;
use crate::snapshot::SerializerSnapshot;
use crate::value::Value;

/// Why a release cannot record something.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The release cannot have this name.
    #[error(transparent)]
    Name(#[from] ReleaseNameError),
    /// Another release has nearly this name.
    #[error(
        "the release `{other}` is recorded already, and `{release}` differs from it in case only: some file systems could not hold both; choose another name"
    )]
    NearlyRelease {
        /// The release.
        release: String,
        /// The one that is there.
        other: String,
    },
    /// Two states have nearly the same name.
    #[error(
        "the states `{state}` and `{other}` differ in case only: some file systems could not hold the files of both; rename one of them"
    )]
    NearlyState {
        /// The state.
        state: String,
        /// The other.
        other: String,
    },
    /// The name of a state is too long for the name of a file.
    #[error("the name of the state `{state}` is empty, or too long for the name of a file: its file would be `{stem}`")]
    StateName {
        /// The state.
        state: String,
        /// How its files would begin.
        stem: String,
    },
    /// The release recorded something else.
    #[error(
        "the release `{release}` is recorded already, and these states have changed since: {}; what is recorded never changes, so record them under the name of the next release", .states.join(", ")
    )]
    Changed {
        /// The release.
        release: String,
        /// Role and name of every state that has changed.
        states: Vec<String>,
    },
    /// A younger release is recorded already.
    #[error(
        "the release `{release}` did not record these states: {}; nothing is added to it any more, for `{newest}` was recorded after it, so record them with the next release", .states.join(", ")
    )]
    Closed {
        /// The release.
        release: String,
        /// The last release that was recorded.
        newest: String,
        /// Role and name of every state that it did not record.
        states: Vec<String>,
    },
    /// There is nothing to record.
    #[error("there is nothing to record: no state is listed")]
    Nothing,
}

crate::text::debug_as_display!(MergeError);

impl Goldens {
    /// Adds what a release records, as its newest or to the newest. Gives whether there was anything to add; what is
    /// recorded already is not added again.
    ///
    /// # Errors
    /// It would change what is recorded, or names do not go together. Then nothing is added.
    #[doc(hidden)]
    pub fn record(&mut self, release: &str, goldens: Vec<Golden>) -> Result<bool, MergeError> {
        check_release(release)?;
        let near = |other: &&RecordedRelease| other.name != release && other.name.eq_ignore_ascii_case(release);
        if let Some(other) = self.releases.iter().find(near) {
            return Err(MergeError::NearlyRelease { release: release.to_owned(), other: other.name.clone() });
        }
        if goldens.is_empty() {
            return Err(MergeError::Nothing);
        }
        let known = self.release(release);
        let mut merged: Vec<Golden> = known.map(|known| known.goldens.clone()).unwrap_or_default();
        let (mut changed, mut added) = (Vec::new(), Vec::new());
        for golden in goldens {
            let (stem, state) = (golden.stem(), golden.state.clone());
            if !is_storable(&stem) {
                return Err(MergeError::StateName { state, stem });
            }
            match merged.iter().find(|other| other.stem().eq_ignore_ascii_case(&stem)) {
                Some(other) if other.stem() != stem => {
                    return Err(MergeError::NearlyState { state, other: other.state.clone() });
                }
                Some(other) if other.says_the_same(&golden) => {}
                Some(_) => changed.push(golden.subject()),
                None => {
                    added.push(golden.subject());
                    merged.push(golden);
                }
            }
        }
        if !changed.is_empty() {
            return Err(MergeError::Changed { release: release.to_owned(), states: changed });
        }
        if added.is_empty() {
            return Ok(false);
        }
        merged.sort_by_cached_key(Golden::stem);
        let newest = self.newest().map(|newest| newest.name.clone());
        match (self.releases.iter_mut().find(|known| known.name == release), newest) {
            (Some(known), Some(newest)) if newest == known.name => known.goldens = merged,
            (Some(_), newest) => {
                let newest = newest.unwrap_or_default();
                return Err(MergeError::Closed { release: release.to_owned(), newest, states: added });
            }
            (None, _) => self.releases.push(RecordedRelease { name: release.to_owned(), goldens: merged }),
        }
        Ok(true)
    }
}

impl Golden {
    pub(super) fn subject(&self) -> String {
        super::outcome::subject(&self.state, self.role)
    }

    /// Whether the snapshots are equal, and the samples are, up to the order of sets and maps: a program that hashes
    /// has them in another order every time.
    fn says_the_same(&self, other: &Self) -> bool {
        self.snapshot == other.snapshot
            && self.samples.len() == other.samples.len()
            && self.samples.iter().zip(&other.samples).all(|(one, two)| {
                one.generated == two.generated && are_the_same(&self.snapshot, &one.bytes, &two.bytes)
            })
    }
}

/// Whether two byte strings are of one value, up to the order of sets and maps.
pub(super) fn are_the_same(snapshot: &SerializerSnapshot, one: &[u8], two: &[u8]) -> bool {
    if one == two {
        return true;
    }
    let has_orders = snapshot.schema().nodes().iter().any(|node| matches!(node, Node::Set(_) | Node::Map { .. }));
    if !has_orders || one.len() != two.len() {
        return false;
    }
    match (Value::decode(snapshot, one), Value::decode(snapshot, two)) {
        (Ok(one), Ok(two)) => differences(&one, &two).is_empty(),
        _ => false,
    }
}
