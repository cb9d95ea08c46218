//! Writes a new savepoint: stored rows stream in, new rows stream out.

use std::fs;
use std::path::Path;

use typeser::migrate::Cost;

use super::collision;
use super::extra::{Extra, ModifiedOperator};
use super::forecast::StateForecast;
use super::job::{Job, OperatorJob, Source, StateJob};
use super::run::{Run, Sink};
use super::sort::Sorter;
use crate::descriptor::StateMeta;
use crate::key_group::KeyGroupRange;
use crate::keyed::RowKey;
use crate::processor::error::process::ProcessError;
use crate::rows::progress::{Callback, Phase, ProgressCounter};
use crate::rows::transform::{NewRow, RowError};
use crate::savepoint::{
    FileWriter, Row, RowsFile, Savepoint, SavepointOperator, SavepointWriter, WriteSavepointError, copy_rows_file,
};

/// Where rows are set aside that do not fit into memory, within the directory in which the savepoint grows.
const SORTING: &str = "sorting";

/// The new savepoint must not exist yet: to be checked before all rows are scanned.
pub(crate) fn check_output(output: &Path) -> Result<(), ProcessError> {
    match fs::symlink_metadata(output) {
        Ok(_) => Err(WriteSavepointError::Exists { path: output.to_owned() }.into()),
        Err(_) => Ok(()),
    }
}

pub(crate) fn run(
    job: &Job<'_>,
    extra: &Extra<'_>,
    output: &Path,
    callback: &mut Callback<'_>,
) -> Result<Savepoint, ProcessError> {
    let mut progress_counter = ProgressCounter::new(Phase::Writing, callback);
    let sources = job.operators.iter().flat_map(OperatorJob::sources).map(Source::stored);
    let sources = sources.chain(extra.modified.iter().map(|modified| modified.stored));
    let sizes = sources.flat_map(|stored| stored.files().iter().flat_map(RowsFile::states));
    sizes.for_each(|size| progress_counter.expect(size.entries, size.bytes));
    let whole = |stored: &SavepointOperator| {
        stored.missing_key_groups(KeyGroupRange::all(stored.meta().max_parallelism())).is_empty()
    };
    let mut writer = Savepoint::create(output)?;
    let taken = job.operators.iter().map(|operator| operator.stored);
    if !taken.chain(extra.modified.iter().map(|modified| modified.stored)).all(whole) {
        writer = writer.allow_missing_key_groups();
    }
    for operator in &job.operators {
        let rows = Writer::new(job, operator, &writer);
        let files = if operator.moves() {
            rows.move_all(&mut progress_counter)?
        } else {
            rows.each_file(&mut progress_counter)?
        };
        writer.add_operator(SavepointOperator { meta: operator.meta.clone(), files });
    }
    for modified in &extra.modified {
        let files = modify(job, modified, &writer, &mut progress_counter)?;
        writer.add_operator(SavepointOperator { meta: modified.meta.clone(), files });
    }
    for added in &extra.added {
        writer = (added.write)(writer)?;
    }
    let sorting = writer.directory().join(SORTING);
    if sorting.exists() {
        fs::remove_dir_all(&sorting).map_err(|source| ProcessError::Spill { path: sorting, source })?;
    }
    Ok(writer.finish()?)
}

/// Writes what the function of the program leaves, to files of the same key groups.
fn modify(
    job: &Job<'_>,
    modified: &ModifiedOperator<'_>,
    writer: &SavepointWriter,
    progress_counter: &mut ProgressCounter<'_>,
) -> Result<Vec<RowsFile>, ProcessError> {
    let ModifiedOperator { stored, meta, modify } = modified;
    let mut ranges = stored.files().iter().map(RowsFile::key_groups);
    let mut begin = || {
        let range = ranges.next();
        range.map(|range| writer.rows_file(meta, writer.next_file_name(meta, range), range)).transpose()
    };
    let (mut files, mut to) = (Vec::new(), begin()?);
    modify.run(job.savepoint, stored, &job.options, progress_counter, &mut |part| {
        // There is a file for each that is read.
        let Some(file) = &mut to else { return Ok(()) };
        for (key, value) in part.rows.pairs() {
            file.push(key, value)?;
        }
        if part.end_of_file
            && let Some(file) = std::mem::replace(&mut to, begin()?)
        {
            files.push(file.finish()?);
        }
        Ok(())
    })?;
    Ok(files)
}

/// Calls the function of the program for every key, and says what it would leave.
pub(crate) fn look_at_modified(
    job: &Job<'_>,
    modified: &ModifiedOperator<'_>,
    callback: &mut Callback<'_>,
) -> Result<Vec<StateForecast>, ProcessError> {
    let ModifiedOperator { stored, meta, modify } = modified;
    let all = KeyGroupRange::all(meta.max_parallelism());
    let forecast = |state: &StateMeta| StateForecast {
        operator: meta.uid().to_owned(),
        state: state.name().to_owned(),
        kind: state.kind(),
        verdict: None,
        cost: Cost::Convert,
        entries: stored.size_of(state.id(), all).entries,
        bytes: stored.size_of(state.id(), all).bytes,
        new_bytes: 0,
        moved: 0,
        dropped_data: Vec::new(),
        failed: 0,
        failures: Vec::new(),
    };
    let mut states: Vec<StateForecast> = meta.states().iter().map(forecast).collect();
    let mut progress_counter = ProgressCounter::new(Phase::Scanning, callback);
    let sizes = stored.files().iter().flat_map(RowsFile::states);
    sizes.for_each(|size| progress_counter.expect(size.entries, size.bytes));
    modify.run(job.savepoint, stored, &job.options, &mut progress_counter, &mut |part| {
        for (key, value) in part.rows.pairs() {
            let id = RowKey::parse(key).map(|key| key.state_id).ok();
            let state = meta.states().iter().position(|state| Some(state.id()) == id);
            if let Some(state) = state.and_then(|state| states.get_mut(state)) {
                state.new_bytes += (key.len() + value.len()) as u64;
            }
        }
        Ok(())
    })?;
    Ok(states)
}

/// Writes the rows of an operator.
struct Writer<'a> {
    job: &'a Job<'a>,
    operator: &'a OperatorJob<'a>,
    writer: &'a SavepointWriter,
    /// Rows whose keys become others, and with them their order.
    sorter: Sorter,
}

impl<'a> Writer<'a> {
    fn new(job: &'a Job<'a>, operator: &'a OperatorJob<'a>, writer: &'a SavepointWriter) -> Self {
        let sorter = Sorter::new(writer.directory().join(SORTING), job.options.memory);
        Self { job, operator, writer, sorter }
    }

    /// Every row stays in its file; files of which nothing changes are copied whole.
    fn each_file(mut self, progress_counter: &mut ProgressCounter<'_>) -> Result<Vec<RowsFile>, ProcessError> {
        let (job, operator, mut files) = (self.job, self.operator, Vec::new());
        for file in operator.stored.files() {
            if operator.changes(file) {
                files.push(self.rewrite(file, progress_counter)?);
                continue;
            }
            let name = self.writer.next_file_name(&operator.meta, file.key_groups());
            let to = self.writer.directory().join(&name);
            let metas = (operator.stored.meta(), &operator.meta);
            files.push(copy_rows_file(job.savepoint, file, metas, (name, &to), job.options.hard_links)?);
            for size in file.states() {
                progress_counter.done(operator.uid(), None, size.entries, size.bytes);
            }
        }
        Ok(files)
    }

    fn rewrite(
        &mut self,
        file: &RowsFile,
        progress_counter: &mut ProgressCounter<'_>,
    ) -> Result<RowsFile, ProcessError> {
        let operator = self.operator;
        let rows = self.job.savepoint.rows_like(operator.stored.meta())?.of_key_groups(file.key_groups());
        let to = self.begin(file.key_groups())?;
        let mut sink = FileSink { job: self.job, operator, sorter: &mut self.sorter, map: Vec::new(), to };
        Run::new(self.job, operator, true, progress_counter).rows(Source::Own(operator), rows, &mut sink)?;
        sink.drain()?;
        Ok(sink.to.finish()?)
    }

    /// Every row may end in any file.
    fn move_all(mut self, progress_counter: &mut ProgressCounter<'_>) -> Result<Vec<RowsFile>, ProcessError> {
        let (job, operator) = (self.job, self.operator);
        let mut sink = MoveSink { operator, sorter: &mut self.sorter };
        Run::new(job, operator, true, progress_counter).all(&mut sink)?;
        let mut ranges = ranges(operator).into_iter();
        let Some(first) = ranges.next() else { return Ok(Vec::new()) };
        let (mut files, mut to) = (Vec::new(), self.begin(first)?);
        let begin = |range| {
            let meta = &operator.meta;
            self.writer.rows_file(meta, self.writer.next_file_name(meta, range), range)
        };
        self.sorter.drain(&mut |row_key, value, double| {
            if double {
                return Err(collision::of_row(job, operator, row_key));
            }
            let group = RowKey::parse(row_key).map_or(0, |key| key.key_group);
            while !to.key_groups().contains(group)
                && let Some(next) = ranges.next()
            {
                files.push(std::mem::replace(&mut to, begin(next)?).finish()?);
            }
            Ok(to.push(row_key, value)?)
        })?;
        files.push(to.finish()?);
        for range in ranges {
            files.push(begin(range)?.finish()?);
        }
        Ok(files)
    }

    /// Begins a file.
    fn begin(&self, key_groups: KeyGroupRange) -> Result<FileWriter<'a>, ProcessError> {
        let meta = &self.operator.meta;
        Ok(self.writer.rows_file(meta, self.writer.next_file_name(meta, key_groups), key_groups)?)
    }
}

/// Rows that stay in their file. Those of a map whose keys are migrated are sorted first.
struct FileSink<'a, 's> {
    job: &'a Job<'a>,
    operator: &'a OperatorJob<'a>,
    sorter: &'s mut Sorter,
    /// Which map the rows in the sorter belong to.
    map: Vec<u8>,
    to: FileWriter<'a>,
}

impl Sink for FileSink<'_, '_> {
    #[inline]
    fn made(&mut self, (_, state): (usize, &StateJob), row: &Row<'_>, new: NewRow<'_>) -> Result<(), ProcessError> {
        let map = &row.key_bytes[..row.key_bytes.len() - row.key.rest.len()];
        if !self.sorter.is_empty() && self.map != map {
            self.drain()?;
        }
        if state.rows.user_key.is_none() {
            return Ok(self.to.push(new.row_key, new.value)?);
        }
        self.map.clear();
        self.map.extend_from_slice(map);
        self.sorter.push(new.row_key, new.value)
    }

    fn failed(&mut self, _: usize, row: &Row<'_>, error: RowError) -> Result<(), ProcessError> {
        Err(self.operator.row_error(row, error))
    }
}

impl FileSink<'_, '_> {
    fn drain(&mut self) -> Result<(), ProcessError> {
        let (job, operator, to) = (self.job, self.operator, &mut self.to);
        self.sorter.drain(&mut |row_key, value, double| match double {
            true => Err(collision::of_row(job, operator, row_key)),
            false => Ok(to.push(row_key, value)?),
        })
    }
}

/// Rows that may end in any file.
struct MoveSink<'a, 's> {
    operator: &'a OperatorJob<'a>,
    sorter: &'s mut Sorter,
}

impl Sink for MoveSink<'_, '_> {
    fn made(&mut self, _: (usize, &StateJob), _: &Row<'_>, new: NewRow<'_>) -> Result<(), ProcessError> {
        self.sorter.push(new.row_key, new.value)
    }

    fn failed(&mut self, _: usize, row: &Row<'_>, error: RowError) -> Result<(), ProcessError> {
        Err(self.operator.row_error(row, error))
    }
}

/// The key groups of the files that rows move to: those of the files that they come from, or as many even shares.
fn ranges(operator: &OperatorJob<'_>) -> Vec<KeyGroupRange> {
    let stored: Vec<KeyGroupRange> = operator.stored.files().iter().map(RowsFile::key_groups).collect();
    let groups = operator.meta.max_parallelism;
    if operator.stored.meta().max_parallelism() == groups {
        return stored;
    }
    let count = u32::try_from(stored.len()).unwrap_or(u32::MAX).min(u32::from(groups.groups()));
    // There are as many instances as `of_instance` is asked for, and no more than key groups.
    (0..count).filter_map(|number| KeyGroupRange::of_instance(groups, count, number).ok()).collect()
}
