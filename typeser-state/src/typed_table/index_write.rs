//! Indexes when a row is written: the entries that change, and whether unique indexes allow it.

use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;
use super::index_part::Entry;
use crate::backend::{Backend, Batch, ReadRows, RowRange, Table};

/// The entries that a change of one row deletes and writes.
pub(super) struct EntryChanges {
    removed: Vec<Entry>,
    added: Vec<Entry>,
}

impl EntryChanges {
    /// From the entries of the row that is stored to those of the new one. Entries that stay are in neither.
    pub(super) fn between(old: Vec<Entry>, new: Vec<Entry>) -> Self {
        let (mut removed, mut added) = (old, new);
        let stays = |entry: &Entry, others: &[Entry]| others.iter().any(|other| other.bytes == entry.bytes);
        let staying: Vec<bool> = added.iter().map(|entry| stays(entry, &removed)).collect();
        removed.retain(|entry| !stays(entry, &added));
        let mut staying = staying.into_iter();
        added.retain(|_| !staying.next().unwrap_or_default());
        Self { removed, added }
    }

    /// Checks that no other row has a part that a unique index gets. `first` gives the first stored entry from a key on.
    pub(super) fn check_unique<K: StateKey, V: StateType>(
        &self,
        codec: &Codec<K, V>,
        mut first: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, TableError>,
    ) -> Result<(), TableError> {
        for entry in &self.added {
            let index = entry.part().first().and_then(|number| codec.indexes.get(usize::from(*number)));
            let Some(index) = index.filter(|index| index.record.unique) else { continue };
            let found = first(entry.part())?;
            if let Some(other) = found.as_deref().and_then(|found| found.strip_prefix(entry.part()))
                && other != entry.row()
            {
                return Err(codec.not_unique(index, entry.part(), [other, entry.row()]));
            }
        }
        Ok(())
    }

    pub(super) fn removed(&self) -> impl Iterator<Item = &Entry> {
        self.removed.iter()
    }

    pub(super) fn added(&self) -> impl Iterator<Item = &Entry> {
        self.added.iter()
    }
}

/// Writes the entries of a row to an open table of redb, before the row is written.
#[cfg(feature = "redb")]
pub(super) fn write_entries<K: StateKey, V: StateType>(
    entries: &mut redb::Table<'_, &'static [u8], &'static [u8]>,
    codec: &Codec<K, V>,
    changes: &EntryChanges,
) -> Result<(), TableError> {
    changes.check_unique(codec, |from| {
        let first = redb::ReadableTable::range::<&[u8]>(entries, from..)?.next().transpose()?;
        Ok(first.map(|(key, _)| key.value().to_vec()))
    })?;
    for entry in changes.removed() {
        entries.remove(&*entry.bytes)?;
    }
    for entry in changes.added() {
        entries.insert(&*entry.bytes, entry.value().as_slice())?;
    }
    Ok(())
}

/// Adds the changes of entries to a batch of a backend, with which the row is written.
pub(super) fn put_entries<K: StateKey, V: StateType, B: Backend>(
    backend: &B,
    entries: Table,
    codec: &Codec<K, V>,
    changes: &EntryChanges,
    batch: &mut Batch,
) -> Result<(), TableError> {
    changes.check_unique(codec, |from| first_from(backend, entries, from))?;
    changes.removed().for_each(|entry| batch.delete(entries, &entry.bytes));
    changes.added().for_each(|entry| batch.put(entries, &entry.bytes, &entry.value()));
    Ok(())
}

fn first_from<B: ReadRows>(backend: &B, entries: Table, from: &[u8]) -> Result<Option<Vec<u8>>, TableError> {
    let mut first = None;
    backend.scan(entries, RowRange { from, until: None }, &mut |key, _| {
        first = Some(key.to_vec());
        std::ops::ControlFlow::Break(())
    })?;
    Ok(first)
}
