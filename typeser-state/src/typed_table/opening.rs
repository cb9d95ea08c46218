//! Opening a table: what is stored beside it meets the types of the program.

use std::ops::ControlFlow;

use typeser::migrate::{Adopted, Cost, Migration};
use typeser::report::Reports;
use typeser::resolve::{Compatibility, Resolution, Role};
use typeser::schema::IntegerEncoding;
use typeser::{Serializer, SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::adopt;
use super::codec::{Codec, described, new_codec};
use super::error::{TableError, TablePart, TableRefusal};
use super::options::{TableMigrationProgress, TableOptions};
use super::record::{self, Record, check_name, read, stored_record};
use super::step::{MigrationStep, Opening, Step, planned};
use super::switch;
use crate::backend::{Backend, RowRange, Table};
use crate::rows::comparison::{Comparer, Comparison};
use crate::rows::dropped_data::DroppedData;
use crate::rows::plan::RowPlan;

/// How stored keys or values are used from now on.
pub(super) enum Part<T> {
    /// As they are.
    Kept(Adopted<T>),
    /// Migrated, once.
    Migrated(Box<Migration>, Serializer<T>),
}

/// Both parts of a table that fits.
pub(super) struct TablePlan<K, V> {
    pub(super) key: Part<K>,
    pub(super) value: Part<V>,
    /// What stands in the way if nothing may be migrated; `None` if nothing has to be.
    pub(super) migration: Option<TableRefusal>,
    /// What of the values a migration drops by declaration.
    dropped: DroppedData,
}

/// Opens a table, makes it, or migrates it.
pub(super) fn open<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    name: &str,
    options: &TableOptions,
    progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
) -> Result<Codec<K, V>, TableError> {
    let (opening, codec) = plan(backend, name, options)?;
    switch::run(backend, &[opening], options, progress)?;
    Ok(codec)
}

/// Takes over a table that plain bincode wrote.
pub(super) fn adopt<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    name: &str,
    integers: IntegerEncoding,
) -> Result<Codec<K, V>, TableError> {
    let (opening, codec) = adopt::plan(backend, name, integers)?;
    switch::run(backend, &[opening], &TableOptions::new(), &mut |_| ())?;
    Ok(codec)
}

/// Decides what opening a table does. Writes nothing.
pub(super) fn plan<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    name: &str,
    options: &TableOptions,
) -> Result<(Opening, Codec<K, V>), TableError> {
    check_name(name)?;
    let rows = backend.find_table(name)?;
    let stored = stored_record(backend, name)?;
    let (rows, stored) = match (rows, stored) {
        (Some(rows), Some(stored)) => (rows, stored),
        (rows, None) if has_rows(backend, name, rows)? => {
            return match options.adopts {
                Some(integers) => adopt::plan(backend, name, integers),
                None => Err(TableError::NotTyped { table: name.to_owned() }),
            };
        }
        // The rows of a typed table were dropped: it starts over.
        (_, stored) => {
            let generation = stored.map_or(0, |stored| stored.generation + 1);
            let integers = options.integers.or(options.adopts).unwrap_or_default();
            return Ok(planned(new_codec(name, generation, integers)?, Step::Create));
        }
    };
    let generation = stored.generation;
    let (codec, plan, dropped, reports) = match compare::<K, V>(name, &stored, options) {
        Err(TableError::Refused(_)) if options.resets => {
            let integers = options.integers.unwrap_or(stored.value.configuration().integers);
            return Ok(planned(new_codec(name, generation + 1, integers)?, Step::Reset { rows }));
        }
        Err(error) => return Err(error),
        Ok(TablePlan { key: Part::Kept(key), value: Part::Kept(value), .. }) => {
            let codec = Codec { table: name.to_owned(), generation, key, value };
            let refresh = codec.record() != stored;
            return Ok(planned(codec, Step::Keep { refresh }));
        }
        Ok(TablePlan { migration: Some(refusal), .. }) if !options.migrate => {
            return Err(TableError::NeedsMigration(Box::new(refusal)));
        }
        Ok(TablePlan { key, value, migration, dropped }) => {
            let plan = RowPlan { user_key: key.step(), value: value.step(), ..RowPlan::unchanged() };
            let (table, generation) = (name.to_owned(), generation + 1);
            let codec = Codec { table, generation, key: key.serializer(), value: value.serializer() };
            let reports = migration.map_or_else(|| Reports::from_iter([]), |refusal| refusal.reports);
            (codec, plan, dropped, reports)
        }
    };
    if plan.migrations().next().is_none() {
        return Ok(planned(codec, Step::Keep { refresh: true }));
    }
    if let Some(release) = &options.keeps {
        check_unkept(backend, name, release)?;
    }
    let keep = options.keeps.clone();
    Ok(planned(codec, Step::Migrate(Box::new(MigrationStep { rows, from: stored, plan, dropped, keep, reports }))))
}

/// Whether there are rows under a name that no snapshot describes: in a table, or in one that the program has outside of
/// the backend.
fn has_rows<B: Backend>(backend: &B, name: &str, rows: Option<Table>) -> Result<bool, TableError> {
    let mut found = false;
    match rows {
        Some(rows) => found = backend.last(rows, RowRange::ALL, &mut |_, _| ())?,
        None => {
            backend.scan_foreign(name, RowRange::ALL, &mut |_, _| {
                found = true;
                ControlFlow::Break(())
            })?;
        }
    }
    Ok(found)
}

/// Checks that no table is kept under the name of this release.
fn check_unkept<B: Backend>(backend: &mut B, name: &str, release: &str) -> Result<(), TableError> {
    record::check_release(release)?;
    let Some(metadata) = backend.find_table(record::TABLE)? else { return Ok(()) };
    if read(backend, metadata, &record::previous_key(name, release))?.is_some() {
        return Err(TableError::KeptAlready { table: name.to_owned(), release: release.to_owned() });
    }
    Ok(())
}

/// Finds out what becomes of the stored keys and values. All problems are reported at once.
pub(super) fn compare<K: StateKey, V: StateType>(
    name: &str,
    stored: &Record,
    options: &TableOptions,
) -> Result<TablePlan<K, V>, TableError> {
    let key = serializer::<K>(name, TablePart::Key, &stored.key, options)?;
    let value = serializer::<V>(name, TablePart::Value, &stored.value, options)?;
    // Rows lie where the bytes of their keys sort, and may move: all that counts is that two never become one.
    let comparer = Comparer::new(&options.policy, "the database");
    let compared = |part: TablePart, snapshots, role| {
        let Comparison { resolution, report } = comparer.compare(format!("{part} of table `{name}`"), snapshots, role);
        Comparison { resolution, report: report.with_state(name) }
    };
    let of_key = compared(TablePart::Key, (&stored.key, key.snapshot()), Role::MapKey);
    let of_value = compared(TablePart::Value, (&stored.value, value.snapshot()), Role::Value);
    let worst = of_key.resolution.compatibility().join(of_value.resolution.compatibility());
    let refusal = |verdict: Compatibility| {
        let comparisons = [&of_key, &of_value].into_iter();
        let of_verdict = comparisons.filter(|comparison| comparison.resolution.compatibility() == verdict);
        let reports = of_verdict.map(|comparison| comparison.report.clone()).collect();
        TableRefusal { table: name.to_owned(), reports }
    };
    if worst == Compatibility::Incompatible {
        return Err(TableError::Refused(Box::new(refusal(worst))));
    }
    let migration = (worst == Compatibility::RequiresMigration).then(|| refusal(worst));
    Ok(TablePlan {
        key: part(name, TablePart::Key, &of_key.resolution, key)?,
        value: part(name, TablePart::Value, &of_value.resolution, value)?,
        migration,
        dropped: DroppedData::of(&of_value.resolution),
    })
}

fn serializer<T: StateType>(
    name: &str,
    part: TablePart,
    stored: &SerializerSnapshot,
    options: &TableOptions,
) -> Result<Serializer<T>, TableError> {
    described(name, part, options.integers.unwrap_or(stored.configuration().integers))
}

fn part<T: StateType>(
    name: &str,
    part: TablePart,
    resolution: &Resolution,
    serializer: Serializer<T>,
) -> Result<Part<T>, TableError> {
    if resolution.compatibility() < Compatibility::RequiresMigration {
        return Ok(Part::Kept(resolution.adopt(&serializer)?));
    }
    let migration = resolution.migration(serializer.conversions());
    let migration = migration.map_err(|source| TableError::NoMigration { table: name.to_owned(), part, source })?;
    Ok(Part::Migrated(Box::new(migration), serializer))
}

impl<T: StateType> Part<T> {
    /// What has to be done to stored bytes; `None` if nothing has to be.
    fn step(&self) -> Option<Migration> {
        match self {
            Self::Migrated(migration, _) if migration.cost() != Cost::Metadata => Some((**migration).clone()),
            Self::Migrated(..) | Self::Kept(_) => None,
        }
    }

    /// The serializer of what is stored once that is done.
    fn serializer(self) -> Adopted<T> {
        match self {
            Self::Kept(serializer) => serializer,
            Self::Migrated(_, serializer) => Adopted::plain(serializer),
        }
    }
}
