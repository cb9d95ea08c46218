//! Batches of decoded rows: the parts of rows that a query wants, column by column.

use std::cell::RefCell;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BinaryArray, Int64Array, StringArray, UInt16Array, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::error::{DataFusionError, Result};
use typeser::SerializerSnapshot;
use typeser::migrate::{MigrateError, Scratch, Trust};
use typeser::resolve::Role;
use typeser::value::Value;
use typeser_state::descriptor::{SerializerPart, StateKind, StateMeta};
use typeser_state::processor::ReadStateError;
use typeser_state::savepoint::Row;

use crate::column::{Column, rows_at_a_time};
use crate::filter::{INSTANCE, KEY, KEY_GROUP};
use crate::source::Source;

/// A batch whose rows take more stored bytes than this is complete.
pub(crate) const BYTES: usize = 1 << 20;

/// A column of a table of rows, named as `typeser state cat` names it.
#[derive(Debug)]
pub(crate) struct RowColumn {
    pub(crate) name: &'static str,
    part: Part,
}

/// The part of a row that a column holds.
#[derive(Debug)]
enum Part {
    /// The key group, or the number of the instance.
    KeyGroup,
    Key(Column),
    Namespace(Column),
    /// The sequence number of an element of a list.
    Element,
    MapKey(Column),
    Domain,
    Time,
    LastWrite,
    Value(Column),
    Raw,
}

/// The columns of a state's rows.
pub(crate) fn columns(source: &Source, state: &StateMeta) -> Vec<RowColumn> {
    let kind = state.kind();
    let of = |part| state.serializer(part).map(Column::of);
    let mut columns = Vec::new();
    let mut add = |name, part| columns.push(RowColumn { name, part });
    add(if source.keyed { KEY_GROUP } else { INSTANCE }, Part::KeyGroup);
    if let Some((snapshot, _)) = source.keys().filter(|_| kind.has_keys()) {
        add(KEY, Part::Key(Column::of(snapshot)));
    }
    if let Some(namespace) = state.namespace() {
        add("namespace", Part::Namespace(Column::of(namespace)));
    }
    match kind {
        StateKind::List | StateKind::SplitList | StateKind::UnionList | StateKind::RawKeyed | StateKind::RawSplit => {
            add("element", Part::Element);
        }
        StateKind::Timers => {
            add("domain", Part::Domain);
            add("time", Part::Time);
        }
        _ => {}
    }
    if let Some(user_key) = of(SerializerPart::UserKey) {
        add("map_key", Part::MapKey(user_key));
    }
    if state.time_to_live().is_some() {
        add("last_write", Part::LastWrite);
    }
    if kind.is_raw() {
        add("raw", Part::Raw);
    } else if let Some(value) = of(SerializerPart::Value) {
        add("value", Part::Value(value));
    }
    columns
}

impl RowColumn {
    pub(crate) fn field(&self) -> Field {
        let (data_type, nullable) = match &self.part {
            Part::KeyGroup => (DataType::UInt16, false),
            Part::Key(column) | Part::Namespace(column) | Part::MapKey(column) | Part::Value(column) => {
                return column.field(self.name);
            }
            Part::Element | Part::LastWrite => (DataType::UInt64, true),
            Part::Domain => (DataType::Utf8, true),
            Part::Time => (DataType::Int64, true),
            Part::Raw => (DataType::Binary, false),
        };
        Field::new(self.name, data_type, nullable)
    }
}

/// The rows of a state that are read before a batch is complete.
pub(crate) struct Batch<'a> {
    source: &'a Source,
    state: &'a StateMeta,
    schema: SchemaRef,
    columns: Vec<(&'a Part, Cells)>,
    rows: usize,
    bytes: usize,
    /// How many rows it has at most.
    most_rows: usize,
}

/// The cells of a column.
enum Cells {
    KeyGroups(Vec<u16>),
    Unsigned(Vec<Option<u64>>),
    Signed(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Vec<u8>>),
    Values(Vec<Value>),
}

impl<'a> Batch<'a> {
    pub(crate) fn new(
        source: &'a Source,
        state: &'a StateMeta,
        schema: SchemaRef,
        columns: impl Iterator<Item = &'a RowColumn>,
    ) -> Self {
        let cells = |part: &Part| match part {
            Part::KeyGroup => Cells::KeyGroups(Vec::new()),
            Part::Element | Part::LastWrite => Cells::Unsigned(Vec::new()),
            Part::Time => Cells::Signed(Vec::new()),
            Part::Domain => Cells::Text(Vec::new()),
            Part::Raw => Cells::Bytes(Vec::new()),
            Part::Key(_) | Part::Namespace(_) | Part::MapKey(_) | Part::Value(_) => Cells::Values(Vec::new()),
        };
        let columns = columns.map(|column| (&column.part, cells(&column.part))).collect();
        Self { source, state, schema, columns, rows: 0, bytes: 0, most_rows: most_rows(source, [state]) }
    }

    /// Adds the wanted parts of a row; the others are not decoded.
    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let decode = |part, bytes| decode(self.source, self.state, row, part, bytes);
        for (part, cells) in &mut self.columns {
            match (part, cells) {
                (Part::KeyGroup, Cells::KeyGroups(cells)) => cells.push(row.key.key_group),
                (Part::Element, Cells::Unsigned(cells)) => cells.push(row.key.sequence()),
                (Part::LastWrite, Cells::Unsigned(cells)) => cells.push(last_write(self.state, row.value)),
                (Part::Time, Cells::Signed(cells)) => cells.push(row.key.timer().map(|(_, time)| time)),
                (Part::Domain, Cells::Text(cells)) => {
                    cells.push(row.key.timer().map(|(domain, _)| domain.to_string()));
                }
                (Part::Raw, Cells::Bytes(cells)) => cells.push(row.value.to_vec()),
                (Part::Key(_), Cells::Values(cells)) => cells.push(decode(RowPart::Key, row.key.key)?),
                (Part::Namespace(_), Cells::Values(cells)) => {
                    cells.push(decode(RowPart::Of(SerializerPart::Namespace), row.key.namespace)?);
                }
                (Part::MapKey(_), Cells::Values(cells)) => {
                    cells.push(decode(RowPart::Of(SerializerPart::UserKey), row.key.rest)?);
                }
                (Part::Value(_), Cells::Values(cells)) => {
                    let stored = self.state.value_of(row.value).unwrap_or_default();
                    cells.push(decode(RowPart::Of(SerializerPart::Value), stored)?);
                }
                _ => return Err(DataFusionError::Internal("a column has cells of another type".to_owned())),
            }
        }
        self.rows += 1;
        self.bytes += row.key_bytes.len() + row.value.len();
        Ok(())
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows >= self.most_rows || self.bytes >= BYTES
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows so far. The batch is empty afterwards.
    pub(crate) fn take(&mut self) -> Result<RecordBatch> {
        let arrays = self.columns.iter_mut().map(|(part, cells)| array(part, cells)).collect::<Result<_>>()?;
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        batch(&self.schema, arrays, rows)
    }
}

/// How many rows of these states are decoded at a time.
pub(crate) fn most_rows<'a>(source: &'a Source, states: impl IntoIterator<Item = &'a StateMeta>) -> usize {
    let serializers = states.into_iter().flat_map(StateMeta::all_serializers).map(|(_, snapshot)| snapshot);
    let keys = source.keys().map(|(snapshot, _)| snapshot);
    serializers.chain(keys).map(rows_at_a_time).min().unwrap_or(1)
}

/// A batch of arrays. It may have no columns at all.
pub(crate) fn batch(schema: &SchemaRef, arrays: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)?)
}

fn array(part: &Part, cells: &mut Cells) -> Result<ArrayRef> {
    use std::mem::take;
    Ok(match cells {
        Cells::KeyGroups(cells) => Arc::new(UInt16Array::from(take(cells))),
        Cells::Unsigned(cells) => Arc::new(UInt64Array::from(take(cells))),
        Cells::Signed(cells) => Arc::new(Int64Array::from(take(cells))),
        Cells::Text(cells) => Arc::new(StringArray::from(take(cells))),
        Cells::Bytes(cells) => Arc::new(BinaryArray::from_iter_values(take(cells))),
        Cells::Values(cells) => {
            let values = take(cells);
            let values: Vec<_> = values.iter().map(Some).collect();
            match part {
                Part::Key(column) | Part::Namespace(column) | Part::MapKey(column) | Part::Value(column) => {
                    column.array(&values).map_err(external)?
                }
                _ => return Err(DataFusionError::Internal("a column without a layout has values".to_owned())),
            }
        }
    })
}

thread_local! {
    /// Where values are migrated before they are decoded.
    static MIGRATED: RefCell<(Scratch, Vec<u8>)> = RefCell::default();
}

/// A row that cannot be read with the types of another release.
#[derive(Debug, thiserror::Error)]
#[error("the {role} of state `{state}` in {place} cannot be migrated to the types of the release: {source}")]
struct AsOfError {
    role: Role,
    state: String,
    place: String,
    source: MigrateError,
}

/// The part of a row that is decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RowPart {
    Key,
    Of(SerializerPart),
}

/// Decodes a part of a row by the snapshot that is stored beside it.
pub(crate) fn decode(source: &Source, state: &StateMeta, row: &Row<'_>, part: RowPart, bytes: &[u8]) -> Result<Value> {
    let (role, snapshot): (Role, Option<&SerializerSnapshot>) = match part {
        RowPart::Key => (Role::Key, source.keys().map(|(snapshot, _)| snapshot)),
        RowPart::Of(part) => (state.kind().role(part), state.serializer(part)),
    };
    let snapshot = snapshot.ok_or_else(|| DataFusionError::Internal("a part has no serializer".to_owned()))?;
    let migration = match part {
        RowPart::Key => None,
        RowPart::Of(part) => source.migration(state.id(), part),
    };
    if let Some(migration) = migration {
        return MIGRATED.with_borrow_mut(|(scratch, migrated)| {
            migrated.clear();
            let run = migration.run(bytes, Trust::Foreign, scratch, migrated);
            run.map_err(|error| {
                let place = format!("{} at byte {}", row.file.display(), row.offset);
                external(AsOfError { role, state: state.name().to_owned(), place, source: error })
            })?;
            Value::decode(snapshot, migrated).map_err(external)
        });
    }
    Value::decode(snapshot, bytes).map_err(|error| {
        let owner = if source.keyed { "key group" } else { "instance" };
        external(ReadStateError::Undecodable {
            operator: source.uid.clone(),
            state: state.name().to_owned(),
            owner: format!("{owner} {}", row.key.key_group),
            role,
            file: row.file.to_owned(),
            offset: row.offset,
            source: Box::new(error),
        })
    })
}

/// When a row was last written, in milliseconds since 1970, if its state has a time to live.
fn last_write(state: &StateMeta, stored: &[u8]) -> Option<u64> {
    state.time_to_live()?;
    stored.first_chunk().map(|stamp| u64::from_le_bytes(*stamp))
}

pub(crate) fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
