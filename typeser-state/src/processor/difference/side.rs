//! The rows of one of two savepoints, in the order in which both are compared.

use std::path::PathBuf;

use crate::descriptor::{OperatorMeta, StateMeta};
use crate::key_group::KeyGroupRange;
use crate::processor::error::read::ReadStateError;
use crate::processor::query::entry::{Entry, decode};
use crate::processor::query::filter::Query;
use crate::row::{RowKey, STATE_ID_AT};
use crate::savepoint::{Row, Rows, Savepoint, SavepointOperator};

/// A stream of rows that holds the last one.
pub(super) struct Side<'a> {
    rows: Option<Rows<'a>>,
    meta: Option<&'a OperatorMeta>,
    /// The ids of the states that are compared, with the numbers of their pairs.
    ids: Vec<(u16, usize)>,
    query: Query,
    /// The bytes of the last key, and whether it is the one that is asked for.
    key: Option<(Vec<u8>, bool)>,
    held: Held,
    ended: bool,
}

/// A row, until the next one is read.
#[derive(Default)]
pub(super) struct Held {
    /// The number of its pair of states.
    pub(super) pair: usize,
    /// The key of the row with that number in place of the id of the state.
    pub(super) order: Vec<u8>,
    pub(super) value: Vec<u8>,
    state_id: u16,
    file: PathBuf,
    offset: u64,
}

impl<'a> Side<'a> {
    pub(super) fn new(
        savepoint: &'a Savepoint,
        operator: Option<&'a SavepointOperator>,
        ids: Vec<(u16, usize)>,
        query: &Query,
    ) -> Result<Self, ReadStateError> {
        let meta = operator.map(SavepointOperator::meta);
        let one = query.key_group.and_then(|group| KeyGroupRange::new(group, group).ok());
        let rows = match meta.filter(|_| !ids.is_empty()) {
            Some(meta) => {
                let rows = savepoint.rows_like(meta)?;
                Some(one.into_iter().fold(rows, Rows::of_key_groups))
            }
            None => None,
        };
        Ok(Self { rows, meta, ids, query: query.clone(), key: None, held: Held::default(), ended: false })
    }

    /// The row, unless all were read.
    pub(super) fn held(&self) -> Option<&Held> {
        (!self.ended).then_some(&self.held)
    }

    /// Reads the next row.
    pub(super) fn advance(&mut self) -> Result<(), ReadStateError> {
        if let (Some(rows), Some(meta)) = (&mut self.rows, self.meta) {
            while let Some(row) = rows.next_row()? {
                let id = row.key.state_id;
                let Some((_, pair)) = self.ids.iter().find(|(known, _)| *known == id) else { continue };
                if self.query.wants_key(meta, &row, &mut self.key) {
                    self.held.take(&row, *pair);
                    return Ok(());
                }
            }
        }
        self.ended = true;
        Ok(())
    }

    /// The row, decoded.
    pub(super) fn entry(
        &self,
        of: Option<(&'a SavepointOperator, &'a StateMeta)>,
    ) -> Result<Option<Entry<'a>>, ReadStateError> {
        let Some((operator, state)) = of else { return Ok(None) };
        let Held { order, value, state_id, file, offset, .. } = &self.held;
        // The parts of the key but the number in place of the id.
        let Ok(key) = RowKey::parse(order) else { return Ok(None) };
        let key = RowKey { state_id: *state_id, ..key };
        decode(operator, state, &Row { state, key, key_bytes: order, value, file, offset: *offset }).map(Some)
    }
}

impl Held {
    fn take(&mut self, row: &Row<'_>, pair: usize) {
        self.order.clear();
        self.order.extend_from_slice(row.key_bytes);
        // There are as many ids as numbers.
        self.order[STATE_ID_AT].copy_from_slice(&u16::try_from(pair).unwrap_or(u16::MAX).to_be_bytes());
        self.value.clear();
        self.value.extend_from_slice(row.value);
        if self.file != row.file {
            row.file.clone_into(&mut self.file);
        }
        (self.pair, self.state_id, self.offset) = (pair, row.key.state_id, row.offset);
    }
}
