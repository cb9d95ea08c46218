//! Carrying a savepoint over: stored rows stream in, new rows stream out, into a savepoint of their own.

use std::fs;
use std::path::Path;

use typeser::resolve::Role;

use super::copy::take_over;
use super::job::{Job, OperatorJob, Transformer};
use super::progress::{Meter, Watcher};
use super::sort::Sorter;
use super::{ProcessError, ProcessOptions};
use crate::descriptor::SerializerPart;
use crate::key_group::KeyGroupRange;
use crate::keyed::RowKey;
use crate::restore::shown;
use crate::savepoint::{FileWriter, RowsFile, Savepoint, SavepointOperator, SavepointWriter, WriteSavepointError};

/// Where rows are set aside that do not fit into memory, within the directory in which the savepoint grows.
const SORTING: &str = "sorting";

pub(super) fn run(job: &Job<'_>, output: &Path, watcher: &mut Watcher<'_>) -> Result<Savepoint, ProcessError> {
    let mut meter = Meter::new(watcher);
    let mut lacks = false;
    for operator in &job.operators {
        let all = KeyGroupRange::all(operator.meta.max_parallelism);
        lacks |= !operator.stored.missing_key_groups(all).is_empty();
        let sizes = operator.stored.files().iter().flat_map(RowsFile::states);
        sizes.for_each(|size| meter.expect(size.entries, size.bytes));
    }
    let mut writer = Savepoint::create(output)?;
    if lacks {
        writer = writer.allow_missing_key_groups();
    }
    for operator in &job.operators {
        let mut carrier = Carrier::new(job, operator, &writer, &mut meter);
        let files = if operator.key.is_some() { carrier.move_all()? } else { carrier.each_file()? };
        writer.add_operator(SavepointOperator { meta: operator.meta.clone(), files });
    }
    let sorting = writer.directory().join(SORTING);
    if sorting.exists() {
        fs::remove_dir_all(&sorting).map_err(|source| ProcessError::Spill { path: sorting, source })?;
    }
    Ok(writer.finish()?)
}

/// Carries the rows of an operator over.
struct Carrier<'a, 'w, 'p> {
    savepoint: &'a Savepoint,
    options: &'a ProcessOptions,
    operator: &'a OperatorJob<'a>,
    writer: &'a SavepointWriter,
    meter: &'w mut Meter<'p>,
    transformer: Transformer,
    /// Rows whose keys become others, and with them their order.
    sorter: Sorter,
}

impl<'a, 'w, 'p> Carrier<'a, 'w, 'p> {
    fn new(
        job: &'a Job<'a>,
        operator: &'a OperatorJob<'a>,
        writer: &'a SavepointWriter,
        meter: &'w mut Meter<'p>,
    ) -> Self {
        Self {
            savepoint: job.savepoint,
            options: &job.options,
            operator,
            writer,
            meter,
            transformer: Transformer::default(),
            sorter: Sorter::new(writer.directory().join(SORTING), job.options.memory),
        }
    }

    /// Every row stays in its file; files of which nothing changes are taken over whole.
    fn each_file(&mut self) -> Result<Vec<RowsFile>, ProcessError> {
        let (operator, mut files) = (self.operator, Vec::new());
        for file in operator.stored.files() {
            if operator.changes(file) {
                files.push(self.rewrite(file)?);
                continue;
            }
            let (to, links) = (self.writer.directory(), self.options.hard_links);
            files.push(take_over(self.savepoint, operator, file, to, links)?);
            for size in file.states() {
                self.meter.done(operator.uid(), None, size.entries, size.bytes);
            }
        }
        Ok(files)
    }

    fn rewrite(&mut self, file: &RowsFile) -> Result<RowsFile, ProcessError> {
        let operator = self.operator;
        let mut to = self.writer.rows_file(&operator.meta, file.name().to_owned(), file.key_groups())?;
        let mut rows = operator.rows(self.savepoint)?.of_key_groups(file.key_groups());
        // What the map keys in the sorter belong to.
        let mut prefix: Vec<u8> = Vec::new();
        while let Some(row) = rows.next_row()? {
            let Some(lane) = operator.lane(row.key.state_id).map(|lane| &operator.lanes[lane]) else { continue };
            let before = &row.key_bytes[..row.key_bytes.len() - row.key.rest.len()];
            if !self.sorter.is_empty() && prefix != before {
                drain_into(&mut self.sorter, operator, &mut to)?;
            }
            let new = self.transformer.transform(operator, lane, &row, self.options.trust, true);
            let new = new.map_err(|failure| operator.row_error(&row, failure))?;
            if lane.user_key.is_some() {
                prefix.clear();
                prefix.extend_from_slice(before);
                self.sorter.push(new.row_key, new.value)?;
            } else {
                to.push(new.row_key, new.value)?;
            }
            self.meter.done(operator.uid(), Some(row.state.name()), 1, (row.key_bytes.len() + row.value.len()) as u64);
        }
        drain_into(&mut self.sorter, operator, &mut to)?;
        Ok(to.finish()?)
    }

    /// Every row may end in any file.
    fn move_all(&mut self) -> Result<Vec<RowsFile>, ProcessError> {
        let operator = self.operator;
        let mut rows = operator.rows(self.savepoint)?;
        while let Some(row) = rows.next_row()? {
            let Some(lane) = operator.lane(row.key.state_id).map(|lane| &operator.lanes[lane]) else { continue };
            let new = self.transformer.transform(operator, lane, &row, self.options.trust, true);
            let new = new.map_err(|failure| operator.row_error(&row, failure))?;
            self.sorter.push(new.row_key, new.value)?;
            self.meter.done(operator.uid(), Some(row.state.name()), 1, (row.key_bytes.len() + row.value.len()) as u64);
        }
        let begin = |file: &RowsFile| self.writer.rows_file(&operator.meta, file.name().to_owned(), file.key_groups());
        let mut stored = operator.stored.files().iter();
        let Some(first) = stored.next() else { return Ok(Vec::new()) };
        let (mut files, mut to) = (Vec::new(), begin(first)?);
        self.sorter.drain(&mut |row_key, value, double| {
            if double {
                return Err(collision(operator, row_key));
            }
            let group = RowKey::parse(row_key).map_or(0, |key| key.key_group);
            while !to.key_groups().contains(group)
                && let Some(next) = stored.next()
            {
                files.push(std::mem::replace(&mut to, begin(next)?).finish()?);
            }
            Ok(to.push(row_key, value)?)
        })?;
        files.push(to.finish()?);
        for file in stored {
            files.push(begin(file)?.finish()?);
        }
        Ok(files)
    }
}

fn drain_into(sorter: &mut Sorter, operator: &OperatorJob<'_>, to: &mut FileWriter<'_>) -> Result<(), ProcessError> {
    sorter.drain(&mut |row_key, value, double| match double {
        true => Err(collision(operator, row_key)),
        false => Ok(to.push(row_key, value)?),
    })
}

/// The error on two rows that would become one, by the key of that one.
fn collision(operator: &OperatorJob<'_>, row_key: &[u8]) -> ProcessError {
    let key = match RowKey::parse(row_key) {
        Ok(key) => key,
        Err(source) => {
            let operator = operator.uid().to_owned();
            return WriteSavepointError::Row { operator, source }.into();
        }
    };
    let uid = operator.uid().to_owned();
    let state = operator.meta.states.iter().find(|state| state.id == key.state_id);
    match (&operator.key, state.and_then(|state| Some((state, state.serializer(SerializerPart::UserKey)?)))) {
        (None, Some((state, snapshot))) => ProcessError::Collision {
            operator: uid,
            state: Some(state.name().to_owned()),
            role: Role::MapKey,
            key: shown(Some(snapshot), key.rest),
        },
        _ => ProcessError::Collision {
            operator: uid,
            state: None,
            role: Role::Key,
            key: shown(Some(&operator.meta.key), key.key),
        },
    }
}
