//! Carrying a savepoint over: stored rows stream in, new rows stream out, into a savepoint of their own.

use std::fs;
use std::path::Path;

use typeser::migrate::Cost;
use typeser::resolve::Role;

use super::extra::{Extra, ModifiedOperator};
use super::forecast::StateForecast;
use super::job::{Job, OperatorJob, Source, Transformer};
use super::sort::Sorter;
use crate::descriptor::{SerializerPart, StateMeta};
use crate::key_group::KeyGroupRange;
use crate::keyed::RowKey;
use crate::processor::error::process::ProcessError;
use crate::processor::options::ProcessOptions;
use crate::rows::display::shown;
use crate::rows::progress::{Meter, Phase, Watcher};
use crate::savepoint::{
    FileWriter, RowsFile, Savepoint, SavepointOperator, SavepointWriter, WriteSavepointError, copy_rows_file,
};

/// Where rows are set aside that do not fit into memory, within the directory in which the savepoint grows.
const SORTING: &str = "sorting";

/// The new savepoint must not exist yet. Who looks at all rows before the first one is written asks this first.
pub(crate) fn demand_free(output: &Path) -> Result<(), ProcessError> {
    match fs::symlink_metadata(output) {
        Ok(_) => Err(WriteSavepointError::Exists { path: output.to_owned() }.into()),
        Err(_) => Ok(()),
    }
}

pub(crate) fn run(
    job: &Job<'_>,
    extra: &Extra<'_>,
    output: &Path,
    watcher: &mut Watcher<'_>,
) -> Result<Savepoint, ProcessError> {
    let mut meter = Meter::new(Phase::Writing, watcher);
    let sources = job.operators.iter().flat_map(OperatorJob::sources).map(Source::stored);
    let sources = sources.chain(extra.modified.iter().map(|modified| modified.stored));
    let sizes = sources.flat_map(|stored| stored.files().iter().flat_map(RowsFile::states));
    sizes.for_each(|size| meter.expect(size.entries, size.bytes));
    let whole = |stored: &SavepointOperator| {
        stored.missing_key_groups(KeyGroupRange::all(stored.meta().max_parallelism())).is_empty()
    };
    let mut writer = Savepoint::create(output)?;
    let carried = job.operators.iter().map(|operator| operator.stored);
    if !carried.chain(extra.modified.iter().map(|modified| modified.stored)).all(whole) {
        writer = writer.allow_missing_key_groups();
    }
    for operator in &job.operators {
        let mut carrier = Carrier::new(job, operator, &writer, &mut meter);
        let files = if operator.moves() { carrier.move_all()? } else { carrier.each_file()? };
        writer.add_operator(SavepointOperator { meta: operator.meta.clone(), files });
    }
    for modified in &extra.modified {
        let files = modify(job, modified, &writer, &mut meter)?;
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
    meter: &mut Meter<'_>,
) -> Result<Vec<RowsFile>, ProcessError> {
    let ModifiedOperator { stored, meta, modify } = modified;
    let mut ranges = stored.files().iter().map(RowsFile::key_groups);
    let mut begin = || {
        let range = ranges.next();
        range.map(|range| writer.rows_file(meta, writer.next_file_name(meta, range), range)).transpose()
    };
    let (mut files, mut to) = (Vec::new(), begin()?);
    modify.run(job.savepoint, stored, &job.options, meter, &mut |part| {
        // There is a file for each that is read.
        let Some(file) = &mut to else { return Ok(()) };
        for place in &part.places {
            let (key, value) = place.of(&part.bytes);
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
    watcher: &mut Watcher<'_>,
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
        losses: Vec::new(),
        failed: 0,
        failures: Vec::new(),
    };
    let mut states: Vec<StateForecast> = meta.states().iter().map(forecast).collect();
    let mut meter = Meter::new(Phase::Looking, watcher);
    let sizes = stored.files().iter().flat_map(RowsFile::states);
    sizes.for_each(|size| meter.expect(size.entries, size.bytes));
    modify.run(job.savepoint, stored, &job.options, &mut meter, &mut |part| {
        for place in &part.places {
            let (key, value) = place.of(&part.bytes);
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
            let name = self.writer.next_file_name(&operator.meta, file.key_groups());
            let to = self.writer.directory().join(&name);
            let metas = (operator.stored.meta(), &operator.meta);
            files.push(copy_rows_file(self.savepoint, file, metas, (name, &to), self.options.hard_links)?);
            for size in file.states() {
                self.meter.done(operator.uid(), None, size.entries, size.bytes);
            }
        }
        Ok(files)
    }

    /// Begins a file.
    fn begin(&self, key_groups: KeyGroupRange) -> Result<FileWriter<'a>, ProcessError> {
        let meta = &self.operator.meta;
        Ok(self.writer.rows_file(meta, self.writer.next_file_name(meta, key_groups), key_groups)?)
    }

    fn rewrite(&mut self, file: &RowsFile) -> Result<RowsFile, ProcessError> {
        let operator = self.operator;
        let mut to = self.begin(file.key_groups())?;
        let mut rows = operator.rows(self.savepoint)?.of_key_groups(file.key_groups());
        // What the map keys in the sorter belong to.
        let mut prefix: Vec<u8> = Vec::new();
        while let Some(row) = rows.next_row()? {
            let (bytes, source) = ((row.key_bytes.len() + row.value.len()) as u64, Source::Own(operator));
            self.meter.done(operator.uid(), Some(row.state.name()), 1, bytes);
            let Some(lane) = source.lane(row.key.state_id) else { continue };
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
        }
        drain_into(&mut self.sorter, operator, &mut to)?;
        Ok(to.finish()?)
    }

    /// Every row may end in any file.
    fn move_all(&mut self) -> Result<Vec<RowsFile>, ProcessError> {
        let operator = self.operator;
        for source in operator.sources() {
            let mut rows = self.savepoint.rows_like(source.stored().meta())?;
            while let Some(row) = rows.next_row()? {
                let bytes = (row.key_bytes.len() + row.value.len()) as u64;
                self.meter.done(operator.uid(), Some(row.state.name()), 1, bytes);
                let Some(lane) = source.lane(row.key.state_id) else { continue };
                let new = self.transformer.transform(operator, lane, &row, self.options.trust, true);
                let new = new.map_err(|failure| operator.row_error(&row, failure))?;
                self.sorter.push(new.row_key, new.value)?;
            }
        }
        let mut ranges = ranges(operator).into_iter();
        let Some(first) = ranges.next() else { return Ok(Vec::new()) };
        let (mut files, mut to) = (Vec::new(), self.begin(first)?);
        let begin = |range| {
            let meta = &operator.meta;
            self.writer.rows_file(meta, self.writer.next_file_name(meta, range), range)
        };
        self.sorter.drain(&mut |row_key, value, double| {
            if double {
                return Err(collision(operator, row_key));
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
