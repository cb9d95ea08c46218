//! `metadata`: what the manifest of a savepoint states, as tables.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, StringArray, UInt32Array, UInt64Array};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use typeser::SerializerSnapshot;
use typeser_state::descriptor::StateMeta;
use typeser_state::savepoint::RowsFile;
use typeser_state::typed_table::TableInfo;

use crate::redb_table::RedbFile;
use crate::source::Source;

/// A state with the name of its table.
pub(crate) struct TableOfState {
    pub(crate) source: Source,
    pub(crate) state_id: u16,
    pub(crate) table: String,
}

impl TableOfState {
    fn state(&self) -> Option<&StateMeta> {
        self.source.state(self.state_id)
    }

    /// The number of its rows, and the size of their keys and values in bytes.
    fn size(&self) -> (u64, u64) {
        let files = self.source.files();
        let sizes = files.iter().flat_map(|file| file.states()).filter(|size| size.state_id == self.state_id);
        sizes.fold((0, 0), |(rows, bytes), size| (rows.saturating_add(size.entries), bytes.saturating_add(size.bytes)))
    }
}

/// `metadata.operators`: the operators, once for their keyed state and once for their operator state.
pub(crate) fn operators(sources: &[Source]) -> Result<MemTable> {
    let files = |source: &Source| source.files().len() as u64;
    let bytes = |source: &Source| source.files().iter().map(|file| file.length()).sum::<u64>();
    let key = |source: &Source| source.keys().map(|(snapshot, _)| snapshot.name().to_owned());
    let groups = |source: &Source| source.keys().map(|(_, max_parallelism)| u32::from(max_parallelism.groups()));
    let instances = |source: &Source| match source.keyed {
        true => None,
        false => source.savepoint.operator_state(&source.uid).map(|operator| operator.parallelism()),
    };
    table(vec![
        ("operator", text(sources.iter().map(|source| Some(source.uid.clone())))),
        ("keyed", Arc::new(sources.iter().map(|source| Some(source.keyed)).collect::<BooleanArray>())),
        ("key_type", text(sources.iter().map(key))),
        ("key_groups", Arc::new(sources.iter().map(groups).collect::<UInt32Array>())),
        ("instances", Arc::new(sources.iter().map(instances).collect::<UInt32Array>())),
        ("states", numbers(sources.iter().map(|source| source.states().len() as u64))),
        ("files", numbers(sources.iter().map(files))),
        ("bytes", numbers(sources.iter().map(bytes))),
    ])
}

/// `metadata.states`: the states, each with the name of its table.
pub(crate) fn states(tables: &[TableOfState]) -> Result<MemTable> {
    let states: Vec<_> = tables.iter().filter_map(|table| Some((table, table.state()?))).collect();
    let kind = |state: &StateMeta| state.kind().to_string().trim_end_matches(" state").to_owned();
    let time_to_live = |state: &StateMeta| state.time_to_live().map(|time_to_live| time_to_live.millis());
    table(vec![
        ("operator", text(states.iter().map(|(table, _)| Some(table.source.uid.clone())))),
        ("state", text(states.iter().map(|(_, state)| Some(state.name().to_owned())))),
        ("table", text(states.iter().map(|(table, _)| Some(table.table.clone())))),
        ("kind", text(states.iter().map(|(_, state)| Some(kind(state))))),
        ("rows", numbers(states.iter().map(|(table, _)| table.size().0))),
        ("bytes", numbers(states.iter().map(|(table, _)| table.size().1))),
        ("time_to_live_ms", Arc::new(states.iter().map(|(_, state)| time_to_live(state)).collect::<UInt64Array>())),
    ])
}

/// `metadata.serializers`: the snapshots of keys (without a state), values, map keys and namespaces.
pub(crate) fn serializers(sources: &[Source], tables: &[TableOfState]) -> Result<MemTable> {
    let mut rows: Vec<(String, Option<String>, &str, &SerializerSnapshot)> = Vec::new();
    for source in sources {
        rows.extend(source.keys().map(|(snapshot, _)| (source.uid.clone(), None, "key", snapshot)));
    }
    for table in tables {
        let Some(state) = table.state() else { continue };
        let name = || Some(state.name().to_owned());
        let of = |(part, snapshot)| (table.source.uid.clone(), name(), state.kind().role(part).word(), snapshot);
        rows.extend(state.all_serializers().map(of));
    }
    table(vec![
        ("operator", text(rows.iter().map(|(operator, ..)| Some(operator.clone())))),
        ("state", text(rows.iter().map(|(_, state, ..)| state.clone()))),
        ("role", text(rows.iter().map(|(_, _, role, _)| Some((*role).to_owned())))),
        ("type", text(rows.iter().map(|(.., snapshot)| Some(snapshot.name().to_owned())))),
        ("version", Arc::new(rows.iter().map(|(.., snapshot)| Some(snapshot.version())).collect::<UInt32Array>())),
        ("fingerprint", text(rows.iter().map(|(.., snapshot)| Some(snapshot.fingerprint().to_string())))),
    ])
}

/// `metadata.files`: the files, once for each state with rows in them.
pub(crate) fn files(tables: &[TableOfState]) -> Result<MemTable> {
    let mut rows: Vec<(&TableOfState, &StateMeta, &RowsFile, u64, u64)> = Vec::new();
    for table in tables {
        let Some(state) = table.state() else { continue };
        for file in table.source.files() {
            let sizes = file.states().iter().filter(|size| size.state_id == table.state_id && size.entries > 0);
            rows.extend(sizes.map(|size| (table, state, file, size.entries, size.bytes)));
        }
    }
    let group = |number: u16| Some(u32::from(number));
    let first = rows.iter().map(|(_, _, file, ..)| group(file.key_groups().first()));
    let last = rows.iter().map(|(_, _, file, ..)| group(file.key_groups().last()));
    table(vec![
        ("operator", text(rows.iter().map(|(table, ..)| Some(table.source.uid.clone())))),
        ("state", text(rows.iter().map(|(_, state, ..)| Some(state.name().to_owned())))),
        ("file", text(rows.iter().map(|(_, _, file, ..)| Some(file.name().to_owned())))),
        ("first_key_group", Arc::new(first.collect::<UInt32Array>())),
        ("last_key_group", Arc::new(last.collect::<UInt32Array>())),
        ("rows", numbers(rows.iter().map(|(.., rows, _)| *rows))),
        ("bytes", numbers(rows.iter().map(|(.., bytes)| *bytes))),
        ("file_bytes", numbers(rows.iter().map(|(_, _, file, ..)| file.length()))),
    ])
}

/// `metadata.tables`: the typed tables of redb files.
pub(crate) fn tables(files: &[(String, RedbFile)]) -> Result<MemTable> {
    let rows: Vec<(&str, &TableInfo)> =
        files.iter().flat_map(|(name, file)| file.tables.iter().map(|table| (name.as_str(), table))).collect();
    let of = |text_of: fn(&TableInfo) -> String| text(rows.iter().map(|(_, table)| Some(text_of(table))));
    table(vec![
        ("file", text(rows.iter().map(|(file, _)| Some((*file).to_owned())))),
        ("table", of(|table| table.name.clone())),
        ("rows", numbers(rows.iter().map(|(_, table)| table.rows))),
        ("unmigrated_rows", numbers(rows.iter().map(|(_, table)| table.unmigrated))),
        ("generation", numbers(rows.iter().map(|(_, table)| table.generation))),
        ("key_type", of(|table| table.key.name().to_owned())),
        ("key_fingerprint", of(|table| table.key.fingerprint().to_string())),
        ("value_type", of(|table| table.value.name().to_owned())),
        ("value_fingerprint", of(|table| table.value.fingerprint().to_string())),
    ])
}

fn table(columns: Vec<(&str, ArrayRef)>) -> Result<MemTable> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))?;
    MemTable::try_new(batch.schema(), vec![vec![batch]])
}

fn text(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn numbers(values: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<UInt64Array>())
}
