//! A state that a suite lists: its serializer, independent of its type, and its samples as bytes.

use super::coverage::Coverage;
use super::merge::are_the_same;
use super::problem::Problem;
use super::samples::rendering;
use super::{Current, Golden, Sample};
use crate::history::cover;
use crate::resolve::Role;
use crate::serializer::TypeSerializer;
use crate::text::hex;
use crate::value::Value;

/// A state that a suite lists.
pub(super) struct Listed {
    pub(super) current: Current,
    pub(super) codec: Box<dyn Codec>,
    /// What releases record; made by the library if none was given.
    pub(super) samples: Vec<Sample>,
    /// What is wrong with the samples.
    pub(super) problems: Vec<Problem>,
}

/// A serializer without the type of its values.
pub(super) trait Codec {
    /// Reads a value and writes it again.
    fn again(&self, bytes: &[u8]) -> Result<Vec<u8>, NotAgain>;
}

/// Why a value was not written again.
pub(super) enum NotAgain {
    Read(String),
    Write(String),
}

impl<S: TypeSerializer> Codec for S {
    fn again(&self, bytes: &[u8]) -> Result<Vec<u8>, NotAgain> {
        let value = self.deserialize(bytes).map_err(|error| NotAgain::Read(error.to_string()))?;
        let mut again = Vec::with_capacity(bytes.len());
        self.serialize(&value, &mut again).map_err(|error| NotAgain::Write(error.to_string()))?;
        Ok(again)
    }
}

impl Listed {
    pub(super) fn new<S>(state: String, role: Role, serializer: S, values: impl IntoIterator<Item = S::Value>) -> Self
    where
        S: TypeSerializer + 'static,
    {
        let (snapshot, conversions) = (serializer.snapshot().clone(), serializer.conversions().clone());
        let (mut written, mut problems, mut is_given) = (Vec::new(), Vec::new(), false);
        let subject = super::outcome::subject(&state, role);
        for (number, value) in (1..).zip(values) {
            is_given = true;
            let mut bytes = Vec::new();
            match serializer.serialize(&value, &mut bytes) {
                Ok(()) => written.push((number, bytes)),
                Err(error) => {
                    problems.push(Problem::Sample { subject: subject.clone(), number, reason: error.to_string() })
                }
            }
        }
        let current = Current { state, role, snapshot, conversions };
        let mut listed = Self { current, codec: Box::new(serializer), samples: Vec::new(), problems };
        match is_given {
            true => written.into_iter().for_each(|(number, bytes)| listed.take(number, bytes)),
            false => listed.generate(),
        }
        listed.check_coverage(!is_given);
        listed
    }

    pub(super) fn golden(&self) -> Golden {
        let Current { state, role, snapshot, .. } = &self.current;
        Golden { state: state.clone(), role: *role, snapshot: snapshot.clone(), samples: self.samples.clone() }
    }

    pub(super) fn subject(&self) -> String {
        super::outcome::subject(&self.current.state, self.current.role)
    }

    /// Takes a sample, if it is the same after reading and writing it, and what the snapshot describes.
    fn take(&mut self, number: usize, bytes: Vec<u8>) {
        let snapshot = &self.current.snapshot;
        let wrong = match (rendering(snapshot, &bytes), self.codec.again(&bytes)) {
            (Err(reason), _) => Some(format!(
                "its bytes are not what its type describes, so `describe` and `encode` do not fit each other: {reason}"
            )),
            (_, Err(NotAgain::Read(reason))) => Some(format!("its type cannot read the bytes that it wrote: {reason}")),
            (_, Err(NotAgain::Write(reason))) => Some(format!("once read, it cannot be written any more: {reason}")),
            (Ok(_), Ok(again)) if !are_the_same(snapshot, &bytes, &again) => Some(format!(
                "the same value gave other bytes when it was read and written again: {} and then {}",
                short_bytes(&bytes),
                short_bytes(&again)
            )),
            (Ok(value), Ok(_)) => {
                self.samples.push(Sample { bytes, value, generated: false });
                None
            }
        };
        let subject = self.subject();
        self.problems.extend(wrong.map(|reason| Problem::Sample { subject, number, reason }));
    }

    /// Makes samples that reach as much as any made by the library.
    fn generate(&mut self) {
        let snapshot = &self.current.snapshot;
        let mut coverage = Coverage::of(snapshot.schema());
        for (value, bytes) in cover(snapshot).into_iter().flatten().filter_map(|place| place.into_iter().next()) {
            let is_stable = self.codec.again(&bytes).is_ok_and(|again| are_the_same(snapshot, &bytes, &again));
            let before = coverage.reached();
            if is_stable {
                coverage.add(&value);
            }
            if coverage.reached() > before {
                let value = Some(value.to_string());
                self.samples.push(Sample { bytes, value, generated: true });
            }
        }
    }

    fn check_coverage(&mut self, is_generated: bool) {
        let subject = self.subject();
        if self.samples.is_empty() {
            if is_generated {
                self.problems.push(Problem::NoSamples { subject });
            }
            return;
        }
        let snapshot = &self.current.snapshot;
        let mut coverage = Coverage::of(snapshot.schema());
        for sample in &self.samples {
            // What cannot be read without its type cannot be asked for either.
            let Ok(value) = Value::decode(snapshot, &sample.bytes) else { return };
            coverage.add(&value);
        }
        let missing = coverage.missing(self.current.role);
        self.problems.extend(missing.into_iter().map(|what| match is_generated {
            true => Problem::Ungenerated { subject: subject.clone(), what },
            false => Problem::Thin { subject: subject.clone(), what },
        }));
    }
}

/// Bytes for messages: all of them, or the first with how many there are.
pub(super) fn short_bytes(bytes: &[u8]) -> String {
    const MOST: usize = 48;
    match bytes.get(..MOST) {
        Some(first) if bytes.len() > MOST => {
            format!("0x{}... ({} bytes)", hex::encode(first), bytes.len())
        }
        _ => format!("0x{}", hex::encode(bytes)),
    }
}
