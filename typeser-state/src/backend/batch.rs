//! Changes of several rows that are made together.

use super::table::Table;

/// Changes of rows in any number of tables, in order; a later change of a row goes over an earlier one.
///
/// The bytes lie in one buffer that is kept when the batch is cleared, so a batch that is filled again and again does
/// not allocate.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    changes: Vec<Span>,
}

/// One change of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// The table.
    pub table: Table,
    /// The key of the row.
    pub key: &'a [u8],
    /// The value to write; `None` deletes the row.
    pub value: Option<&'a [u8]>,
}

/// Where in the buffer the bytes of a change end; they begin where those of the change before end.
#[derive(Debug, Clone, Copy)]
struct Span {
    table: Table,
    key_end: usize,
    value_end: Option<usize>,
}

impl Batch {
    /// No changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a row, over the one that has this key.
    pub fn put(&mut self, table: Table, key: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.changes.push(Span { table, key_end, value_end: Some(self.bytes.len()) });
    }

    /// Deletes the row of this key, if there is one.
    pub fn delete(&mut self, table: Table, key: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.changes.push(Span { table, key_end: self.bytes.len(), value_end: None });
    }

    /// The changes in order.
    pub fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let mut start = 0;
        self.changes.iter().map(move |span| {
            let key = &self.bytes[start..span.key_end];
            let value = span.value_end.map(|end| &self.bytes[span.key_end..end]);
            start = span.value_end.unwrap_or(span.key_end);
            Change { table: span.table, key, value }
        })
    }

    /// How many changes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many bytes keys and values take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets all changes and keeps the room for others.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.changes.clear();
    }
}
