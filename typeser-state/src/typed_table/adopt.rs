//! Taking over a table that plain bincode wrote: only if every row is what the types of the program would write.

use std::ops::ControlFlow;

use typeser::migrate::Trust;
use typeser::schema::{IntegerEncoding, Node};
use typeser::value::Value;
use typeser::{SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::codec::{Codec, new_codec};
use super::display::{hexadecimal, shown};
use super::error::{Disagreement, TableError, TablePart};
use super::key_order::Unordered;
use super::options::TableOptions;
use super::other_forms::other_forms;
use super::record::{check_name, stored_record};
use super::step::Step;
use crate::backend::{Backend, Batch, RowRange};
use crate::rows::plan::RowPlan;
use crate::rows::transform::{KeyPlan, Transformer};

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

/// Decides how to adopt a table of bytes: only if every row agrees. Writes nothing.
pub(super) fn plan<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    name: &str,
    integers: IntegerEncoding,
) -> Result<(Step, Codec<K, V>), TableError> {
    check_name(name)?;
    let rows = backend.find_table(name)?;
    if stored_record(backend, name)?.is_some() {
        return Err(TableError::TypedAlready { table: name.to_owned() });
    }
    let codec = new_codec::<K, V, Unordered>(name, 0, integers, &TableOptions::new())?;
    let mut verification = Verification::new(&codec);
    let mut verify = |key: &[u8], value: &[u8]| {
        verification.row(key, value);
        ControlFlow::Continue(())
    };
    let step = match rows {
        Some(rows) => {
            backend.scan(rows, RowRange::ALL, &mut verify)?;
            Step::Keep { refresh: true }
        }
        None if backend.scan_foreign(name, RowRange::ALL, &mut verify)? => Step::CopyForeign(RowPlan::unchanged()),
        None => return Err(TableError::NothingToAdopt { table: name.to_owned() }),
    };
    verification.finish()?;
    Ok((step, codec))
}

/// Copies the rows of a table that the program has outside of the backend.
pub(super) fn copy_foreign<B: Backend>(backend: &mut B, name: &str, plan: &RowPlan) -> Result<(), TableError> {
    const ROWS: usize = 10_000;
    const BYTES: usize = 4 * 1024 * 1024;
    let (to, mut batch, mut from) = (backend.create_table(name)?, Batch::new(), Vec::new());
    let mut transformer = Transformer::new(KeyPlan::UNCHANGED, Trust::Foreign, 0);
    loop {
        batch.clear();
        let (mut last, mut failure) = (Vec::new(), Ok(()));
        backend.scan_foreign(name, RowRange { from: &from, until: None }, &mut |key, value| {
            match transformer.key_and_value(plan, key, value) {
                Ok((key, value)) => batch.put(to, key, value),
                Err((_, source)) => {
                    let (table, key) = (name.to_owned(), hexadecimal(key));
                    failure = Err(TableError::Migrate { table, part: TablePart::Key, key, source });
                    return ControlFlow::Break(());
                }
            }
            last.clear();
            last.extend_from_slice(key);
            let full = batch.len() >= ROWS || batch.bytes() >= BYTES;
            if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        failure?;
        if batch.is_empty() {
            return Ok(());
        }
        // The least key behind another one is that key and a zero.
        last.push(0);
        from = last;
        backend.apply(&batch)?;
    }
}

impl<'a, K: StateKey, V: StateType> Verification<'a, K, V> {
    pub(super) fn new(codec: &'a Codec<K, V>) -> Self {
        Self { codec, rows: 0, disagreeing: 0, first: Vec::new(), again: Vec::new() }
    }

    /// Looks at a row.
    pub(super) fn row(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        let codec = self.codec;
        let of_key =
            agrees(codec.key.serializer(), key, &mut self.again).map_err(|reason| (TablePart::Key, key, reason));
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
            other_forms: other_forms(self.codec.key.snapshot(), self.codec.value.snapshot()),
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
