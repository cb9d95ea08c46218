//! Taking over a table that plain bincode wrote: only if every row is what the types of the program would write.

use std::ops::ControlFlow;

use typeser::schema::{IntegerEncoding, Node};
use typeser::value::Value;
use typeser::{SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::codec::Codec;
use super::display::{hexadecimal, shown};
use super::error::{Disagreement, TableError, TablePart};
use super::opening::{check_name, new_codec, store, stored_record};
use crate::backend::{Backend, RowRange};

/// All rows of a table, compared with the types of the program.
pub(super) struct Verification<'a, K, V> {
    codec: &'a Codec<K, V>,
    rows: u64,
    disagreeing: u64,
    first: Vec<Disagreement>,
    again: Vec<u8>,
}

/// How many disagreements are described one by one.
const REPORTED: usize = 10;

/// Attaches the snapshots of the types to a table of bytes, if every row agrees.
pub(super) fn adopt<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    name: &str,
    integers: IntegerEncoding,
) -> Result<Codec<K, V>, TableError> {
    check_name(name)?;
    let missing = || TableError::NothingToAdopt { table: name.to_owned() };
    let rows = backend.find_table(name)?.ok_or_else(missing)?;
    if stored_record(backend, name)?.is_some() {
        return Err(TableError::TypedAlready { table: name.to_owned() });
    }
    let codec = new_codec(name, 0, integers)?;
    let mut verification = Verification::new(&codec);
    backend.scan(rows, RowRange::ALL, &mut |key, value| {
        verification.row(key, value);
        ControlFlow::Continue(())
    })?;
    verification.finish()?;
    store(backend, &codec)?;
    Ok(codec)
}

impl<'a, K: StateKey, V: StateType> Verification<'a, K, V> {
    pub(super) fn new(codec: &'a Codec<K, V>) -> Self {
        Self { codec, rows: 0, disagreeing: 0, first: Vec::new(), again: Vec::new() }
    }

    /// Looks at a row.
    pub(super) fn row(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        let codec = self.codec;
        let of_key = agrees(&codec.key, key, &mut self.again).map_err(|reason| (TablePart::Key, key, reason));
        let of_value = agrees(&codec.value, value, &mut self.again).map_err(|reason| (TablePart::Value, value, reason));
        let Err((part, stored, reason)) = of_key.and(of_value) else { return };
        self.disagreeing += 1;
        if self.first.len() < REPORTED {
            let shown = shown(codec.key.snapshot(), key);
            self.first.push(Disagreement { part, key: key.to_vec(), stored: stored.to_vec(), reason, shown });
        }
    }

    /// The verdict.
    pub(super) fn finish(self) -> Result<(), TableError> {
        if self.disagreeing == 0 {
            return Ok(());
        }
        Err(TableError::Disagree {
            table: self.codec.table.clone(),
            rows: self.rows,
            disagreeing: self.disagreeing,
            first: self.first,
        })
    }
}

/// Whether bytes are what a serializer writes for the value that it reads from them.
fn agrees<S: TypeSerializer>(serializer: &S, stored: &[u8], again: &mut Vec<u8>) -> Result<(), String> {
    let value = serializer.deserialize(stored).map_err(|error| error.to_string())?;
    again.clear();
    serializer.serialize(&value, again).map_err(|error| error.to_string())?;
    if again == stored || agrees_in_another_order(serializer.snapshot(), stored, again) {
        return Ok(());
    }
    Err(format!("they are read as a value whose bytes are {}", hexadecimal(again)))
}

/// Sets and maps come back in any order. Then the stored bytes have to be canonical in the order that they have, and
/// made of the same bytes as those that were written again.
fn agrees_in_another_order(snapshot: &SerializerSnapshot, stored: &[u8], again: &[u8]) -> bool {
    let unordered = snapshot.schema().nodes().iter().any(|node| matches!(node, Node::Set(_) | Node::Map { .. }));
    if !unordered || stored.len() != again.len() {
        return false;
    }
    let mut canonical = Vec::new();
    let encoded = Value::decode(snapshot, stored).map(|value| value.encode(snapshot, &mut canonical).is_ok());
    let sorted = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes.sort_unstable();
        bytes
    };
    encoded.is_ok_and(|encoded| encoded) && canonical == stored && sorted(stored) == sorted(again)
}
