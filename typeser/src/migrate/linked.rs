//! The user's functions, linked to the places of a program that call them.

use std::any::Any;
use std::cell::Cell;
use std::sync::Arc;

use super::distinct::{DistinctPart, DistinctStep};
use super::functions::{Functions, NoFunctions, Part, RemainingLimits};
use super::lower::lower;
use super::memory::Memory;
use super::program::Program;
use super::stored::shift;
use super::transcode;
use crate::resolve::FunctionsStep;
use crate::schema::{NodeId, Path, PathSegment};
use crate::serializer::{ConversionError, Conversions, Function, NewPart, StoredPart};
use crate::snapshot::SerializerSnapshot;
use crate::text::hex;
use crate::value::{Value, decode_part, locate};
use crate::wire::{DecodeError, DecodeErrorKind};

/// The functions of a program, by index.
#[derive(Default)]
pub(super) struct Linked {
    places: Vec<LinkedStep>,
}

struct LinkedStep {
    step: Arc<FunctionsStep>,
    /// What the rules do before the first function.
    before: Option<Program>,
    /// At least one.
    functions: Vec<Arc<dyn Function>>,
}

impl Linked {
    /// Finds all functions of a program. If some are missing, returns their ids, sorted.
    pub(super) fn new(program: &Program, conversions: &Conversions) -> Result<Self, Vec<String>> {
        let ids = program.functions.iter().flat_map(|step| &step.ids);
        let mut missing: Vec<String> = ids.filter(|id| conversions.get(id).is_none()).cloned().collect();
        if !missing.is_empty() {
            missing.sort();
            missing.dedup();
            return Err(missing);
        }
        let place = |step: &Arc<FunctionsStep>| LinkedStep {
            step: Arc::clone(step),
            // The resolver refuses plans that cannot be lowered.
            before: step.before.as_ref().and_then(|before| lower(&before.plan, true)),
            functions: step.ids.iter().filter_map(|id| conversions.get(id)).map(Arc::clone).collect(),
        };
        Ok(Self { places: program.functions.iter().map(place).collect() })
    }

    /// The ids of all functions, sorted.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.places.iter().flat_map(|place| &place.step.ids).map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.ids()).finish()
    }
}

/// A part that a function did not convert.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{id}` did not convert {value} at {path}, at offset {offset}: {reason}")]
pub struct FunctionFailure {
    /// The function, or the first of the chain.
    pub id: String,
    /// Where the part is in its value, by the stored names, with places in lists and keys of maps:
    /// `value.lines[33].price`.
    pub path: String,
    /// The part as text; shortened if it is long.
    pub value: String,
    /// Where its bytes begin.
    pub offset: usize,
    /// Why.
    pub reason: ConversionError,
}

crate::text::debug_as_display!(FunctionFailure);

/// Calls the functions while a program runs, and keeps the failure that stopped it.
pub(super) struct Caller<'a> {
    linked: &'a Linked,
    /// Boxed: rows without a failure only test a pointer.
    stopped: Cell<Option<Box<Stopped>>>,
}

/// What stopped a program.
enum Stopped {
    Failed(Arc<FunctionsStep>, Box<FunctionFailure>),
    Equal(DistinctStep, [DistinctPart; 2]),
}

impl<'a> Caller<'a> {
    pub(super) fn new(linked: &'a Linked) -> Self {
        Self { linked, stopped: Cell::new(None) }
    }

    /// The failure that stopped the program, with the path of the part in the stored value.
    pub(super) fn into_failure(self, snapshot: &SerializerSnapshot, stored: &[u8]) -> Option<Box<FunctionFailure>> {
        match *self.stopped.into_inner()? {
            Stopped::Failed(step, mut failure) => {
                if let Some(path) = locate(snapshot, stored, (step.at, &step.path), failure.offset) {
                    failure.path = format!("value{path}");
                }
                Some(failure)
            }
            Stopped::Equal(step, parts) => Some(Box::new(equal(&step, parts, snapshot, stored))),
        }
    }
}

impl Functions for Caller<'_> {
    fn call(
        &self,
        index: usize,
        part: Part<'_>,
        mut limits: RemainingLimits,
        to: &mut Vec<u8>,
    ) -> Result<u64, DecodeError> {
        let Some(place) = self.linked.places.get(index) else { return Err(stop(part.start)) };
        let new = NewPart { snapshot: &place.step.new, depth: limits.depth, empty: &mut limits.empty, to };
        match place.read(&part, |stored| place.call(stored, new))? {
            Ok(()) => Ok(limits.empty),
            Err((which, reason)) => {
                let failure = FunctionFailure {
                    id: place.step.ids[which].clone(),
                    path: format!("value{}", place.step.path),
                    value: display(place, part.stored),
                    offset: part.start,
                    reason,
                };
                let step = Arc::clone(&place.step);
                self.stopped.set(Some(Box::new(Stopped::Failed(step, Box::new(failure)))));
                Err(stop(part.start))
            }
        }
    }

    fn equal(&self, step: &DistinctStep, parts: [DistinctPart; 2]) -> DecodeError {
        self.stopped.set(Some(Box::new(Stopped::Equal(step.clone(), parts))));
        stop(parts[1].stored.0)
    }
}

/// The failure of a function that made two elements of a set, or keys of a map, equal.
fn equal(
    step: &DistinctStep,
    parts: [DistinctPart; 2],
    snapshot: &SerializerSnapshot,
    stored: &[u8],
) -> FunctionFailure {
    let [first, second] = parts.map(|part| &stored[part.stored.0..part.stored.1]);
    let (node, offset) = (NodeId::new(step.part.0), parts[1].stored.0);
    let value = |bytes: &[u8]| match decode_part(snapshot, node, bytes) {
        Some(value) => format!("`{}`", value.shortened(MOST_CHARACTERS)),
        None => format!("the {} bytes", bytes.len()),
    };
    let path = Path::from(vec![if step.map { PathSegment::MapKey } else { PathSegment::SetElement }]);
    let path = locate(snapshot, stored, (node, &path), offset).unwrap_or_else(|| step.functions.path.to_string());
    FunctionFailure {
        id: step.functions.ids[0].clone(),
        path: format!("value{path}"),
        value: value(second),
        offset,
        reason: ConversionError::Equal {
            part: if step.map { "key" } else { "element" },
            other: value(first),
            bytes: [first, second].map(digits),
        },
    }
}

/// Bytes as hexadecimal digits; shortened.
fn digits(bytes: &[u8]) -> String {
    const MOST: usize = 24;
    let more = if bytes.len() > MOST { "..." } else { "" };
    format!("0x{}{more}", hex::encode(bytes.get(..MOST).unwrap_or(bytes)))
}

impl LinkedStep {
    /// Does something with the stored part as the first function reads it.
    fn read<R>(&self, part: &Part<'_>, work: impl FnOnce(StoredPart<'_>) -> R) -> Result<R, DecodeError> {
        let (Some(before), Some(program)) = (&self.step.before, &self.before) else {
            return Ok(work(StoredPart { snapshot: &self.step.stored, bytes: part.stored }));
        };
        Memory::with(|Memory { bytes, scratch, .. }| {
            let done = transcode::run(program, &NoFunctions, part.stored, scratch, bytes);
            done.map_err(|error| shift(&error, part.start))?;
            Ok(work(StoredPart { snapshot: &before.source, bytes }))
        })
    }

    /// On failure, returns the index of the function.
    fn call(&self, stored: StoredPart<'_>, new: NewPart<'_>) -> Result<(), (usize, ConversionError)> {
        let Some((first, rest)) = self.functions.split_first() else { return Ok(()) };
        let Some((last, between)) = rest.split_last() else {
            return first.run(stored, new).map_err(|reason| (0, reason));
        };
        let mut value: Box<dyn Any> = first.begin(stored).map_err(|reason| (0, reason))?;
        for (place, function) in between.iter().enumerate() {
            value = function.next(value).map_err(|reason| (place + 1, reason))?;
        }
        last.end(value, new).map_err(|reason| (rest.len(), reason))
    }
}

/// The most characters of a value in an error.
const MOST_CHARACTERS: usize = 200;

/// A stored part as text for an error.
fn display(place: &LinkedStep, stored: &[u8]) -> String {
    match Value::decode(&place.step.stored, stored) {
        Ok(value) => format!("`{}`", value.shortened(MOST_CHARACTERS)),
        Err(_) => format!("the {} bytes", stored.len()),
    }
}

/// The error that ends the run. The failure itself is kept in the caller.
fn stop(offset: usize) -> DecodeError {
    DecodeError::new(offset, DecodeErrorKind::Custom(String::from("a function of the program failed")))
}
