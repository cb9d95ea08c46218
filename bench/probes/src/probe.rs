//! One edit: how each codec reads the stored values, and what typeser reports and does.

use std::fmt::Debug;

use typeser::migrate::{Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Resolution, Role, resolve};
use typeser::serializer::Conversions;
use typeser::{Serializer, StateType, TypeSerializer};

use crate::codec::{self, Decode, Encode};
use crate::edits::{Order, Status};

/// A row of the table, its cells in markdown.
pub struct Row {
    pub edit: &'static str,
    pub codecs: Vec<String>,
    /// The report of typeser on the same edit.
    pub bare: String,
    /// The report of typeser if the type declares the change; empty if there is nothing to declare.
    pub declared: String,
}

/// The outcome for one stored value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Right,
    Wrong,
    Refused,
}

/// Probes an edit. `new` gives the expected order; `None` if no value of the new type is right.
pub fn row<New>(edit: &'static str, new: fn(&Order<Status>) -> Option<New>) -> Row
where
    New: StateType + Encode + Decode + PartialEq + Debug,
    Vec<New>: Decode,
{
    let values = crate::values::all();
    let codecs = codec::all::<Vec<Order<Status>>, Vec<New>>();
    let cell = |read_as_new: &codec::ReadAsNew<_, _>| {
        cell(&values.iter().map(|old| outcome(read_as_new(old), old, new)).collect::<Vec<_>>())
    };
    Row { edit, codecs: codecs.iter().map(cell).collect(), bare: typeser(&values, new), declared: String::new() }
}

impl Row {
    /// Adds the report of typeser if this attribute declares the change.
    pub fn declared<New>(self, attribute: &str, new: fn(&Order<Status>) -> Option<New>) -> Self
    where
        New: StateType + PartialEq + Debug,
    {
        let rendered = typeser(&crate::values::all(), new);
        Self { declared: format!("`{attribute}`: {rendered}"), ..self }
    }
}

/// Compares the returned values with the expected ones.
fn outcome<New: PartialEq>(
    read: Option<Vec<New>>,
    old: &[Order<Status>],
    new: fn(&Order<Status>) -> Option<New>,
) -> Outcome {
    let wanted: Option<Vec<New>> = old.iter().map(new).collect();
    match read {
        None => Outcome::Refused,
        read if read == wanted => Outcome::Right,
        Some(_) => Outcome::Wrong,
    }
}

/// Resolves, reads or migrates the bytes of every value as the verdict demands, and compares.
fn typeser<New>(values: &[Vec<Order<Status>>], new: fn(&Order<Status>) -> Option<New>) -> String
where
    New: StateType + PartialEq + Debug,
{
    let stored = Serializer::<Vec<Order<Status>>>::new().expect("the stored type has a serializer");
    let today = Serializer::<Vec<New>>::new().expect("the new type has a serializer");
    let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
    let mut rules: Vec<String> = resolution.findings().iter().map(|finding| format!("`{}`", finding.rule.id)).collect();
    rules.dedup();
    let outcomes = values.iter().map(|old| {
        let mut bytes = Vec::new();
        stored.serialize(old, &mut bytes).expect("an order can be written");
        outcome(returned(&resolution, &bytes, &today), old, new)
    });
    format!("{} ({}): {}", resolution.compatibility(), rules.join(", "), cell(&outcomes.collect::<Vec<_>>()))
}

/// The value that typeser returns for stored bytes.
///
/// # Panics
/// If it would write back other bytes than the verdict promises.
fn returned<New>(resolution: &Resolution, stored: &[u8], today: &Serializer<Vec<New>>) -> Option<Vec<New>>
where
    New: StateType + PartialEq + Debug,
{
    let mut written = Vec::new();
    match resolution.compatibility() {
        Compatibility::Compatible | Compatibility::AfterReconfigure => {
            let serializer = resolution.adopt(today).expect("the verdict says that it can be adopted");
            let value = serializer.deserialize(stored).expect("the verdict says that it can be read");
            serializer.serialize(&value, &mut written).expect("what was read can be written");
            assert!(written == stored, "no stored byte changes");
            Some(value)
        }
        Compatibility::RequiresMigration => {
            let migration = resolution.migration(&Conversions::new()).expect("the verdict says that there is one");
            let mut migrated = Vec::new();
            migration
                .run(stored, Trust::Foreign, &mut Scratch::default(), &mut migrated)
                .expect("the verdict says that every value can be migrated");
            let value = today.deserialize(&migrated).expect("migrated bytes can be read");
            today.serialize(&value, &mut written).expect("what was read can be written");
            assert!(written == migrated, "migrated bytes are those that the new type writes");
            Some(value)
        }
        Compatibility::Incompatible => None,
    }
}

/// The outcomes of all values as a cell: if they differ, the number of each, wrong ones first.
fn cell(outcomes: &[Outcome]) -> String {
    let kinds = [(Outcome::Wrong, "**wrong**"), (Outcome::Refused, "refused"), (Outcome::Right, "right")];
    let count = |kind| outcomes.iter().filter(|outcome| **outcome == kind).count();
    let met: Vec<_> = kinds.into_iter().filter(|(kind, _)| count(*kind) > 0).collect();
    match met.as_slice() {
        [(_, word)] => (*word).to_owned(),
        _ => met.iter().map(|(kind, word)| format!("{word} {}", count(*kind))).collect::<Vec<_>>().join(", "),
    }
}
