//! An operator, a few key groups at a time: worked on by several threads, handed on in order.

use super::progress::ProgressCounter;
use super::stored::StoredRows;
use super::workers::in_order;
use crate::descriptor::StateMeta;
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::savepoint::{ReadSavepointError, Rows, Savepoint, SavepointOperator};

/// How many bytes of rows are worked on together, if one key group has not more.
const PART_BYTES: usize = 1024 * 1024;

/// All rows of a few key groups of one file, in order.
pub(crate) struct Part {
    pub(crate) key_groups: KeyGroupRange,
    pub(crate) rows: StoredRows,
    /// Whether it is the last one of its file.
    end_of_file: bool,
}

/// Reads an operator part by part. Parts cover every key group of every file, also those without rows.
pub(crate) struct Parts<'a> {
    savepoint: &'a Savepoint,
    operator: &'a SavepointOperator,
    files: std::slice::Iter<'a, crate::savepoint::RowsFile>,
    /// The file that is being read, and the first key group that is in no part yet.
    current: Option<(Rows<'a>, KeyGroupRange, KeyGroup)>,
    /// The row that belongs to the next part, if one was read.
    ahead: StoredRows,
    part_bytes: usize,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(savepoint: &'a Savepoint, operator: &'a SavepointOperator) -> Self {
        let files = operator.files().iter();
        Self { savepoint, operator, files, current: None, ahead: StoredRows::default(), part_bytes: PART_BYTES }
    }

    /// Reads the next part; `false` at the end.
    fn read(&mut self, part: &mut Part) -> Result<bool, ReadSavepointError> {
        let (mut rows, all, first) = match self.current.take() {
            Some(current) => current,
            None => {
                let Some(file) = self.files.next() else { return Ok(false) };
                let all = file.key_groups();
                (self.savepoint.rows_like(self.operator.meta())?.of_key_groups(all), all, all.first())
            }
        };
        part.rows.clear();
        std::mem::swap(&mut part.rows, &mut self.ahead);
        // Of the last row in the part.
        let mut group = part.rows.last().map(|key| key.key_group);
        let next = loop {
            let Some(row) = rows.next_row()? else { break None };
            let new = row.key.key_group;
            if part.rows.size() >= self.part_bytes && group.is_some_and(|group| group != new) {
                self.ahead.push(row.key_bytes, row.value, row.file, row.offset);
                break Some(new);
            }
            group = Some(new);
            part.rows.push(row.key_bytes, row.value, row.file, row.offset);
        };
        let last = next.map_or(all.last(), |next| next - 1);
        // The last group of a part is never before its first one.
        if let Ok(key_groups) = KeyGroupRange::new(first, last) {
            part.key_groups = key_groups;
        }
        part.end_of_file = next.is_none();
        self.current = next.map(|next| (rows, all, next));
        Ok(true)
    }
}

/// Has every part worked on by one of several threads, and gives what came of it to `take` on this one, in the order of
/// key groups; the last argument says whether it was the last part of its file.
pub(crate) fn for_each_part<T: Send, E: Send + From<ReadSavepointError>>(
    mut parts: Parts<'_>,
    threads: usize,
    progress_counter: &mut ProgressCounter<'_>,
    work: impl Fn(&Part) -> Result<T, E> + Sync,
    mut take: impl FnMut(T, bool) -> Result<(), E>,
) -> Result<(), E> {
    let operator = parts.operator.meta();
    let worker = || {
        |(part, done): &mut (Part, Option<T>)| {
            *done = Some(work(part)?);
            Ok(())
        }
    };
    let finish = |(part, done): &mut (Part, Option<T>)| {
        if let Some(last) = part.rows.last() {
            let state = operator.states().iter().find(|state| state.id() == last.state_id).map(StateMeta::name);
            progress_counter.done(operator.uid(), state, part.rows.len() as u64, part.rows.size() as u64);
        }
        done.take().map_or(Ok(()), |done| take(done, part.end_of_file))
    };
    let all = KeyGroupRange::all(operator.max_parallelism());
    let new = || (Part { key_groups: all, rows: StoredRows::default(), end_of_file: false }, None);
    in_order(threads.max(1), new, |(part, _)| Ok(parts.read(part)?), worker, finish)
}
