//! `OPERATOR.keyed`: one row per key, with a column for each keyed state.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, UInt16Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::Result;
use typeser::schema::Primitive;
use typeser::value::Value;
use typeser_state::descriptor::{SerializerPart, StateKind, StateMeta};
use typeser_state::key_group::KeyGroup;
use typeser_state::savepoint::{Row, RowsFile};

use crate::batch::{RowPart, batch, decode, external, most_rows};
use crate::column::{Column, free_name};
use crate::filter::{KEY, KEY_GROUP};
use crate::scan::{Output, RowTable, Wanted};
use crate::source::Source;

/// All that is stored of each key. One key group is in memory at a time: the states of a key lie in different parts of
/// it.
#[derive(Debug)]
pub(crate) struct KeyedTable {
    source: Source,
    key: Column,
    states: Vec<StateColumn>,
    schema: SchemaRef,
}

/// The column of a state.
#[derive(Debug)]
struct StateColumn {
    id: u16,
    name: String,
    column: Column,
}

/// The columns before those of states.
const BEFORE: usize = 2;

impl KeyedTable {
    /// The table of an operator; `None` if it has no states of keys.
    pub(crate) fn new(source: Source) -> Option<Self> {
        let key = Column::of(source.keys()?.0);
        let mut taken = vec![KEY_GROUP.to_owned(), KEY.to_owned()];
        let mut states = Vec::new();
        for state in source.states().iter().filter(|state| state.kind().has_keys()) {
            let name = free_name(state.name().to_owned(), &taken);
            taken.push(name.clone());
            states.push(StateColumn { id: state.id(), name, column: column(state) });
        }
        if states.is_empty() {
            return None;
        }
        let mut fields = vec![Field::new(KEY_GROUP, DataType::UInt16, false), key.field(KEY)];
        fields.extend(states.iter().map(|state| state.column.field(&state.name)));
        Some(Self { source, key, states, schema: Arc::new(Schema::new(fields)) })
    }
}

/// What is stored of a key in one state: its value, all elements, all entries, or all timers; with namespaces, a list
/// of these.
fn column(state: &StateMeta) -> Column {
    let of = |part| state.serializer(part).map_or_else(|| Column::primitive(Primitive::Unit), Column::of);
    let column = match state.kind() {
        StateKind::List => Column::list_of(of(SerializerPart::Value)),
        StateKind::Map => Column::map_of(of(SerializerPart::UserKey), of(SerializerPart::Value)),
        StateKind::Timers => Column::list_of(Column::fields_of(vec![
            ("domain".to_owned(), Column::primitive(Primitive::String)),
            ("time".to_owned(), Column::primitive(Primitive::I64)),
        ])),
        _ => of(SerializerPart::Value),
    };
    match state.namespace() {
        None => column,
        Some(namespace) => Column::list_of(Column::fields_of(vec![
            ("namespace".to_owned(), Column::of(namespace)),
            ("value".to_owned(), column),
        ])),
    }
}

/// The keys of a key group, each with a cell for each wanted state.
type Keys = BTreeMap<Vec<u8>, (Option<Value>, Vec<Cell>)>;

/// What has been read of a key in one state: a value for each namespace, or one without.
#[derive(Default)]
struct Cell {
    values: Vec<(Vec<u8>, Option<Value>, Value)>,
}

impl Cell {
    fn push(&mut self, source: &Source, state: &StateMeta, row: &Row<'_>) -> Result<()> {
        let part = |part, bytes| decode(source, state, row, RowPart::Of(part), bytes);
        let value = || part(SerializerPart::Value, state.value_of(row.value).unwrap_or_default());
        // The rows of a namespace lie together.
        if self.values.last().is_none_or(|(namespace, ..)| namespace != row.key.namespace) {
            let namespace =
                state.namespace().map(|_| part(SerializerPart::Namespace, row.key.namespace)).transpose()?;
            let empty = match state.kind() {
                StateKind::List | StateKind::Timers => Value::List(Vec::new()),
                StateKind::Map => Value::Map(Vec::new()),
                _ => Value::Unit,
            };
            self.values.push((row.key.namespace.to_vec(), namespace, empty));
        }
        let Some((_, _, stored)) = self.values.last_mut() else { return Ok(()) };
        match stored {
            Value::List(timers) if state.kind() == StateKind::Timers => {
                let timer = row.key.timer();
                let timer = timer.map(|(domain, time)| vec![domain.to_string().into(), Value::I64(time)]);
                timers.extend(timer.map(Value::Tuple));
            }
            Value::List(elements) if state.kind() == StateKind::List => elements.push(value()?),
            Value::Map(entries) if state.kind() == StateKind::Map => {
                entries.push((part(SerializerPart::UserKey, row.key.rest)?, value()?));
            }
            stored => *stored = value()?,
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Value> {
        let mut values = std::mem::take(&mut self.values);
        match values.first()? {
            (_, None, _) => values.pop().map(|(_, _, value)| value),
            (_, Some(_), _) => {
                let pairs = values
                    .into_iter()
                    .map(|(_, namespace, value)| Value::Tuple(vec![namespace.unwrap_or_default(), value]));
                Some(Value::List(pairs.collect()))
            }
        }
    }
}

impl RowTable for KeyedTable {
    fn source(&self) -> &Source {
        &self.source
    }

    fn name(&self) -> String {
        format!("operator={}, keyed", self.source.uid)
    }

    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn rows_in(&self, _: &RowsFile) -> Option<u64> {
        None
    }

    fn is_in(&self, file: &RowsFile) -> bool {
        let of_keys = |id| self.states.iter().any(|state| state.id == id);
        file.states().iter().any(|size| size.entries > 0 && of_keys(size.state_id))
    }

    fn read(&self, file: &RowsFile, wanted: &Wanted, output: &mut Output) -> Result<()> {
        let Some((_, last)) = wanted.filter.bounds() else { return Ok(()) };
        let columns = wanted.columns.iter().filter_map(|column| self.states.get(column.checked_sub(BEFORE)?));
        let states: Vec<&StateColumn> = columns.collect();
        let with_key = wanted.columns.contains(&1);
        let most_rows = most_rows(&self.source, self.source.states());
        let mut page = Page { table: self, wanted, left: wanted.limit.unwrap_or(usize::MAX), most_rows };
        let mut keys = Keys::new();
        let mut current: KeyGroup = 0;
        let mut rows = self.source.rows(file).map_err(external)?;
        while page.left > 0
            && let Some(row) = rows.next_row().map_err(external)?
        {
            output.rows.add(1);
            let key_group = row.key.key_group;
            if key_group != current {
                page.send(current, std::mem::take(&mut keys), output)?;
                current = key_group;
            }
            if key_group > last {
                break;
            }
            let Some(state) = self.source.state(row.key.state_id).filter(|state| state.kind().has_keys()) else {
                continue;
            };
            if !wanted.filter.wants(key_group, row.key.key) {
                continue;
            }
            if !keys.contains_key(row.key.key) {
                let decoded = || decode(&self.source, state, &row, RowPart::Key, row.key.key);
                let key = if with_key { Some(decoded()?) } else { None };
                let cells = states.iter().map(|_| Cell::default()).collect();
                keys.insert(row.key.key.to_vec(), (key, cells));
            }
            let Some((_, cells)) = keys.get_mut(row.key.key) else { continue };
            for (wanted, cell) in states.iter().zip(cells) {
                if wanted.id == state.id() {
                    cell.push(&self.source, state, &row)?;
                }
            }
        }
        page.send(current, keys, output)?;
        output.blocks.add(usize::try_from(rows.blocks_read()).unwrap_or(usize::MAX));
        Ok(())
    }
}

/// Sends the keys of one key group after the other.
struct Page<'a> {
    table: &'a KeyedTable,
    wanted: &'a Wanted,
    /// How many rows are still wanted.
    left: usize,
    /// How many rows a batch has at most.
    most_rows: usize,
}

impl Page<'_> {
    fn send(&mut self, key_group: KeyGroup, keys: Keys, output: &mut Output) -> Result<()> {
        let mut keys = keys.into_values();
        while self.left > 0 {
            let rows: Vec<_> = keys.by_ref().take(self.most_rows.min(self.left)).collect();
            if rows.is_empty() {
                break;
            }
            self.left -= rows.len();
            if !output.send(self.batch(key_group, rows)?) {
                self.left = 0;
            }
        }
        Ok(())
    }

    fn batch(
        &self,
        key_group: KeyGroup,
        mut rows: Vec<(Option<Value>, Vec<Cell>)>,
    ) -> Result<datafusion::arrow::record_batch::RecordBatch> {
        let mut cell = 0;
        let arrays = self.wanted.columns.iter().map(|column| -> Result<ArrayRef> {
            match column.checked_sub(BEFORE).and_then(|column| self.table.states.get(column)) {
                Some(state) => {
                    let values = rows.iter_mut().map(|(_, cells)| cells.get_mut(cell).and_then(Cell::take));
                    let values: Vec<Option<Value>> = values.collect();
                    cell += 1;
                    state.column.array(&values.iter().map(Option::as_ref).collect::<Vec<_>>()).map_err(external)
                }
                None if *column == 0 => Ok(Arc::new(UInt16Array::from(vec![key_group; rows.len()]))),
                None => {
                    let keys: Vec<_> = rows.iter().map(|(key, _)| key.as_ref()).collect();
                    self.table.key.array(&keys).map_err(external)
                }
            }
        });
        let arrays = arrays.collect::<Result<_>>()?;
        batch(&self.wanted.schema, arrays, rows.len())
    }
}
