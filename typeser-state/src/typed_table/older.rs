//! Rows of earlier releases: the tables in which they lie, and what becomes of them when a table is opened.
//!
//! Each release's rows lie in a table, and the snapshot of that table says what they are: no row has a tag, and none is
//! changed by being old. A key lies in one of the tables. Today's rows lie in the table of the name itself, so a read looks
//! there first, and a write deletes the older row of its key in the same transaction.

use typeser::migrate::Migration;
use typeser::{Serializer, SerializerSnapshot};

use super::error::TableError;
use super::older_values::OlderValues;
use super::record::{OlderRows, Record, older_of};
use super::step::Source;
use crate::backend::{Backend, ReadRows, RowRange, Table};
use crate::rows::dropped_data::DroppedData;
use crate::rows::plan::RowPlan;

/// What becomes of the values of one earlier release.
pub(super) struct OlderPlan {
    pub(super) rows: OlderRows,
    pub(super) migration: Option<Migration>,
    pub(super) dropped: DroppedData,
}

/// The table of the rows of one earlier release.
#[derive(Clone, Copy)]
pub(super) struct OlderTable {
    pub(super) table: Table,
    pub(super) is_empty: bool,
}

impl OlderPlan {
    /// The rows of a table, of which the keys become what a plan says.
    pub(super) fn source(self, table: Table, keys: &RowPlan) -> Source {
        Source { table, plan: RowPlan { value: self.migration, ..keys.of_keys() }, dropped: self.dropped }
    }

    pub(super) fn values<V>(self, serializer: &Serializer<V>) -> OlderValues<V> {
        OlderValues { rows: self.rows, migration: self.migration, serializer: serializer.clone() }
    }
}

/// The tables of the older rows of a table, in the order of its record.
pub(super) fn tables<B: Backend>(backend: &mut B, name: &str, stored: &Record) -> Result<Vec<OlderTable>, TableError> {
    let mut tables = Vec::with_capacity(stored.older.len());
    for OlderRows { generation, .. } in &stored.older {
        let table = backend.find_table(&older_of(name, *generation))?;
        let lost = || format!("there is no table of the rows of generation {generation}");
        let table = table.ok_or_else(|| TableError::Unreadable { table: name.to_owned(), reason: lost() })?;
        let is_empty = !backend.last(table, RowRange::ALL, &mut |_, _| ())?;
        tables.push(OlderTable { table, is_empty });
    }
    Ok(tables)
}

/// How many older rows a table has.
pub(super) fn count<B: ReadRows>(backend: &B, tables: &[Table]) -> Result<u64, TableError> {
    tables.iter().try_fold(0, |rows, table| Ok(rows + backend.count(*table)?))
}

/// Drops the older rows of a table. Not flushed.
pub(super) fn forget<B: Backend>(backend: &mut B, name: &str, stored: &Record) -> Result<(), TableError> {
    for OlderRows { generation, .. } in &stored.older {
        if let Some(table) = backend.find_table(&older_of(name, *generation))? {
            backend.drop_table(table)?;
        }
    }
    Ok(())
}

/// Moves the older rows of a table to its new name. Not flushed.
pub(super) fn rename<B: Backend>(backend: &mut B, name: &str, to: &str, stored: &Record) -> Result<(), TableError> {
    for OlderRows { generation, .. } in &stored.older {
        if let Some(table) = backend.find_table(&older_of(name, *generation))? {
            backend.rename_table(table, &older_of(to, *generation))?;
        }
    }
    Ok(())
}

/// The snapshots of the older values of a table.
pub(super) fn snapshots(stored: &Record) -> impl Iterator<Item = &SerializerSnapshot> {
    stored.older.iter().map(|older| &older.value)
}
