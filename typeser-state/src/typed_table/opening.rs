//! Opening a table: what is stored beside it meets the types of the program.

use typeser::migrate::{Adopted, Cost, Migration};
use typeser::report::Reports;
use typeser::resolve::{Compatibility, Resolution, Role};
use typeser::schema::IntegerEncoding;
use typeser::{Serializer, SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::codec::Codec;
use super::error::{TableError, TablePart, TableRefusal};
use super::options::{TableMigrationProgress, TableOptions};
use super::record::{self, Record, read};
use super::step::{MigrationStep, Opening, Step};
use super::switch;
use crate::backend::{Backend, Batch, RowRange};
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
        (Some(rows), None) if backend.last(rows, RowRange::ALL, &mut |_, _| ())? => {
            return Err(TableError::NotTyped { table: name.to_owned() });
        }
        // The rows of a typed table were dropped: it starts over.
        (_, stored) => {
            let generation = stored.map_or(0, |stored| stored.generation + 1);
            let codec = new_codec(name, generation, options.integers.unwrap_or_default())?;
            return Ok(opening(codec, Step::Create));
        }
    };
    let generation = stored.generation;
    let (codec, plan, dropped, reports) = match compare::<K, V>(name, &stored, options)? {
        TablePlan { key: Part::Kept(key), value: Part::Kept(value), .. } => {
            let codec = Codec { table: name.to_owned(), generation, key, value };
            let refresh = codec.record() != stored;
            return Ok(opening(codec, Step::Keep { refresh }));
        }
        TablePlan { migration: Some(refusal), .. } if !options.migrate => {
            return Err(TableError::NeedsMigration(Box::new(refusal)));
        }
        TablePlan { key, value, migration, dropped } => {
            let plan = RowPlan { user_key: key.step(), value: value.step(), ..RowPlan::unchanged() };
            let (table, generation) = (name.to_owned(), generation + 1);
            let codec = Codec { table, generation, key: key.serializer(), value: value.serializer() };
            let reports = migration.map_or_else(|| Reports::from_iter([]), |refusal| refusal.reports);
            (codec, plan, dropped, reports)
        }
    };
    if plan.migrations().next().is_none() {
        return Ok(opening(codec, Step::Keep { refresh: true }));
    }
    let step = Step::Migrate(Box::new(MigrationStep { rows, from: stored, plan, dropped, reports }));
    Ok(opening(codec, step))
}

fn opening<K: StateKey, V: StateType>(codec: Codec<K, V>, step: Step) -> (Opening, Codec<K, V>) {
    (Opening { table: codec.table.clone(), to: codec.record(), step }, codec)
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

/// The serializers of a table that takes over nothing.
pub(super) fn new_codec<K: StateKey, V: StateType>(
    name: &str,
    generation: u64,
    integers: IntegerEncoding,
) -> Result<Codec<K, V>, TableError> {
    Ok(Codec {
        table: name.to_owned(),
        generation,
        key: Adopted::plain(described::<K>(name, TablePart::Key, integers)?),
        value: Adopted::plain(described::<V>(name, TablePart::Value, integers)?),
    })
}

pub(super) fn check_name(name: &str) -> Result<(), TableError> {
    record::check_name(name).map_err(|reason| TableError::Name { table: name.to_owned(), reason })
}

/// What is stored beside a table, if anything is.
pub(super) fn stored_record<B: Backend>(backend: &mut B, name: &str) -> Result<Option<Record>, TableError> {
    let Some(metadata) = backend.find_table(record::TABLE)? else { return Ok(None) };
    let bytes = read(backend, metadata, &record::record_key(name))?;
    bytes.map(|bytes| parse(name, &bytes)).transpose()
}

pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Record, TableError> {
    Record::from_bytes(bytes).map_err(|reason| TableError::Unreadable { table: name.to_owned(), reason })
}

/// Stores what the rows are from now on, at once.
pub(super) fn store<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    codec: &Codec<K, V>,
) -> Result<(), TableError> {
    let metadata = backend.create_table(record::TABLE)?;
    let mut batch = Batch::new();
    batch.put(metadata, &record::record_key(&codec.table), &codec.record().to_bytes()?);
    backend.apply(&batch)?;
    Ok(backend.flush()?)
}

fn serializer<T: StateType>(
    name: &str,
    part: TablePart,
    stored: &SerializerSnapshot,
    options: &TableOptions,
) -> Result<Serializer<T>, TableError> {
    described(name, part, options.integers.unwrap_or(stored.configuration().integers))
}

fn described<T: StateType>(
    name: &str,
    part: TablePart,
    integers: IntegerEncoding,
) -> Result<Serializer<T>, TableError> {
    let described = Serializer::with_integers(integers);
    described.map_err(|source| TableError::Describe { table: name.to_owned(), part, source })
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
