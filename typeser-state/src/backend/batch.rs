//! A batch of changes that are applied together.

use super::table::Table;

/// An ordered list of changes to rows of any number of tables. A later change to a row overrides an earlier one.
///
/// All bytes are in one buffer, which keeps its capacity when the batch is cleared, so a reused batch does not
/// allocate.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::{Backend, Batch, MemoryBackend, ReadRows};
///
/// let mut backend = MemoryBackend::new();
/// let table = backend.create_table("rows")?;
/// let mut batch = Batch::new();
/// batch.put(table, b"key", b"value");
/// batch.delete(table, b"key");
/// backend.apply(&batch)?;
/// assert!(!backend.get(table, b"key", &mut |_| ())?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    changes: Vec<Span>,
}

/// A change to one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// The table.
    pub table: Table,
    /// The key of the row.
    pub key: &'a [u8],
    /// The value to write; `None` deletes the row.
    pub value: Option<&'a [u8]>,
}

/// Where in the buffer the bytes of a change end; they begin where those of the preceding change end.
#[derive(Debug, Clone, Copy)]
struct Span {
    table: Table,
    key_end: usize,
    value_end: Option<usize>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a write of a row, which replaces any row with the same key.
    pub fn put(&mut self, table: Table, key: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.changes.push(Span { table, key_end, value_end: Some(self.bytes.len()) });
    }

    /// Adds a deletion of the row with this key, if there is one.
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

    /// The number of changes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether there are no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The total size of all keys and values in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Removes all changes and keeps the capacity.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.changes.clear();
    }
}
