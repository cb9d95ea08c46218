//! Opening a table: what is stored beside it meets the types of the program.

use std::ops::ControlFlow;

use typeser::migrate::{Adopted, Cost, Migration};
use typeser::ordered::OrderedForm;
use typeser::report::Reports;
use typeser::resolve::{Compatibility, Policy, Resolution, Role};
use typeser::schema::IntegerEncoding;
use typeser::{Serializer, SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::adopt;
use super::codec::{Codec, described, new_codec};
use super::error::{TableError, TablePart, TableRefusal};
use super::key_codec::{KeyCodec, form, in_order};
use super::key_order::KeyOrder;
use super::options::{TableMigrationProgress, TableOptions};
use super::record::{self, Record, check_name, read, stored_record};
use super::step::{MigrationStep, Opening, Step, planned};
use super::switch;
use crate::backend::{Backend, RowRange, Table};
use crate::rows::comparison::{Comparer, Comparison};
use crate::rows::dropped_data::DroppedData;
use crate::rows::plan::{KeyForms, RowPlan};

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
pub(super) fn open<K: StateKey, V: StateType, O: KeyOrder<K>, B: Backend>(
    backend: &mut B,
    name: &str,
    options: &TableOptions,
    progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
) -> Result<Codec<K, V>, TableError> {
    let (opening, codec) = plan::<K, V, O, B>(backend, name, options)?;
    switch::run(backend, &[opening], options, progress)?;
    Ok(codec)
}

/// Takes over a table that plain bincode wrote.
pub(super) fn adopt<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    name: &str,
    integers: IntegerEncoding,
) -> Result<Codec<K, V>, TableError> {
    let (step, codec) = adopt::plan(backend, name, integers)?;
    let (opening, codec) = planned(codec, step);
    switch::run(backend, &[opening], &TableOptions::new(), &mut |_| ())?;
    Ok(codec)
}

/// Decides what opening a table does. Writes nothing.
pub(super) fn plan<K: StateKey, V: StateType, O: KeyOrder<K>, B: Backend>(
    backend: &mut B,
    name: &str,
    options: &TableOptions,
) -> Result<(Opening, Codec<K, V>), TableError> {
    check_name(name)?;
    let rows = backend.find_table(name)?;
    let stored = stored_record(backend, name)?;
    let (source, stored) = match (rows, stored) {
        (Some(rows), Some(stored)) => (Source::Table(rows), stored),
        (rows, None) if has_rows(backend, name, rows)? => {
            let missing = || TableError::NotTyped { table: name.to_owned() };
            let (step, codec) = adopt::plan::<K, V, B>(backend, name, options.adopts.ok_or_else(missing)?)?;
            match (O::ORDERED, rows) {
                (false, _) => return Ok(planned(codec, step)),
                // What bincode wrote has no order: it is migrated like any table without one.
                (true, Some(rows)) => (Source::Table(rows), codec.record()),
                (true, None) => (Source::Foreign, codec.record()),
            }
        }
        // The rows of a typed table were dropped: it starts over.
        (_, stored) => {
            let generation = stored.map_or(0, |stored| stored.generation + 1);
            let integers = options.integers.or(options.adopts).unwrap_or_default();
            return Ok(planned(new_codec::<K, V, O>(name, generation, integers, options)?, Step::Create));
        }
    };
    let generation = stored.generation;
    let (codec, plan, dropped, reports) = match compare::<K, V, O>(name, &stored, options) {
        Err(TableError::Refused(_)) if options.resets => {
            let integers = options.integers.unwrap_or(stored.value.configuration().integers);
            let codec = new_codec::<K, V, O>(name, generation + 1, integers, options)?;
            let step = match source {
                Source::Table(rows) => Step::Reset { rows },
                Source::Foreign => Step::Create,
            };
            return Ok(planned(codec, step));
        }
        Err(error) => return Err(error),
        Ok(TablePlan { key: Part::Kept(key), value: Part::Kept(value), .. }) => {
            let key = key_codec::<K, O>(name, key)?;
            let codec = Codec { table: name.to_owned(), generation, key, value };
            let refresh = codec.record() != stored;
            return Ok(planned(codec, Step::Keep { refresh }));
        }
        Ok(TablePlan { migration: Some(refusal), .. }) if !options.migrate => {
            return Err(TableError::NeedsMigration(Box::new(refusal)));
        }
        Ok(TablePlan { key, value, migration, dropped }) => {
            let (user_key, value_step, migrates_key) = (key.step(), value.step(), matches!(key, Part::Migrated(..)));
            let key = key_codec::<K, O>(name, key.serializer())?;
            let forms = match migrates_key {
                true => KeyForms { stored: stored_form(name, &stored)?, new: key.form().cloned() },
                false => KeyForms::default(),
            };
            let plan = RowPlan { user_key, forms, value: value_step, ..RowPlan::unchanged() };
            let (table, generation) = (name.to_owned(), generation + 1);
            let codec = Codec { table, generation, key, value: value.serializer() };
            let reports = migration.map_or_else(|| Reports::from_iter([]), |refusal| refusal.reports);
            (codec, plan, dropped, reports)
        }
    };
    if plan.keeps_rows() {
        return Ok(planned(codec, Step::Keep { refresh: true }));
    }
    let rows = match source {
        Source::Table(rows) => rows,
        Source::Foreign => return Ok(planned(codec, Step::CopyForeign(plan))),
    };
    if let Some(release) = &options.keeps {
        check_unkept(backend, name, release)?;
    }
    let keep = options.keeps.clone();
    Ok(planned(codec, Step::Migrate(Box::new(MigrationStep { rows, from: stored, plan, dropped, keep, reports }))))
}

/// Where the rows of a table are.
enum Source {
    Table(Table),
    /// In a table that the program has outside of the backend.
    Foreign,
}

/// The form in which keys are stored, if they are stored in order.
pub(super) fn stored_form(name: &str, stored: &Record) -> Result<Option<OrderedForm>, TableError> {
    stored.key.configuration().ordered.then(|| form(name, &stored.key)).transpose()
}

/// The serializer of keys, in the form that the table has for them from now on.
pub(super) fn key_codec<K: StateKey, O: KeyOrder<K>>(name: &str, key: Adopted<K>) -> Result<KeyCodec<K>, TableError> {
    match O::ORDERED {
        // The declared order is that of today's layout, in which ordered keys are stored always.
        true => KeyCodec::in_order(name, key.into_plain()),
        false => Ok(KeyCodec::unordered(key)),
    }
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
pub(super) fn check_unkept<B: Backend>(backend: &mut B, name: &str, release: &str) -> Result<(), TableError> {
    record::check_release(release)?;
    let Some(metadata) = backend.find_table(record::TABLE)? else { return Ok(()) };
    if read(backend, metadata, &record::previous_key(name, release))?.is_some() {
        return Err(TableError::KeptAlready { table: name.to_owned(), release: release.to_owned() });
    }
    Ok(())
}

/// Finds out what becomes of the stored keys and values. All problems are reported at once.
pub(super) fn compare<K: StateKey, V: StateType, O: KeyOrder<K>>(
    name: &str,
    stored: &Record,
    options: &TableOptions,
) -> Result<TablePlan<K, V>, TableError> {
    let of_keys = if O::ORDERED { Some(IntegerEncoding::Fixed) } else { options.integers };
    let key = serializer::<K>(name, TablePart::Key, of_keys, &stored.key, options)?;
    let value = serializer::<V>(name, TablePart::Value, options.integers, &stored.value, options)?;
    let new_key = if O::ORDERED { in_order(name, &key)? } else { key.snapshot().clone() };
    let compared = compare_snapshots(name, stored, (&new_key, value.snapshot()), &options.policy)?;
    Ok(TablePlan {
        key: part(name, TablePart::Key, &compared.key.resolution, key, O::ORDERED)?,
        value: part(name, TablePart::Value, &compared.value.resolution, value, false)?,
        dropped: DroppedData::of(&compared.value.resolution),
        migration: compared.migration,
    })
}

/// The stored snapshots of a table, compared with new ones.
pub(super) struct ComparedSnapshots {
    pub(super) key: Comparison,
    pub(super) value: Comparison,
    /// What requires a migration; `None` if nothing does.
    pub(super) migration: Option<TableRefusal>,
}

/// Compares the stored snapshots with new ones. All problems are reported at once.
pub(super) fn compare_snapshots(
    name: &str,
    stored: &Record,
    new: (&SerializerSnapshot, &SerializerSnapshot),
    policy: &Policy,
) -> Result<ComparedSnapshots, TableError> {
    let [key, value] = comparisons(name, stored, new, policy);
    let worst = key.resolution.compatibility().join(value.resolution.compatibility());
    let refusal = |verdict: Compatibility| {
        let comparisons = [&key, &value].into_iter();
        let of_verdict = comparisons.filter(|comparison| comparison.resolution.compatibility() == verdict);
        let reports = of_verdict.map(|comparison| comparison.report.clone()).collect();
        TableRefusal { table: name.to_owned(), reports }
    };
    if worst == Compatibility::Incompatible {
        return Err(TableError::Refused(Box::new(refusal(worst))));
    }
    let migration = (worst == Compatibility::RequiresMigration).then(|| refusal(worst));
    Ok(ComparedSnapshots { key, value, migration })
}

/// The comparisons of the keys and of the values of a table.
pub(super) fn comparisons(
    name: &str,
    stored: &Record,
    (new_key, new_value): (&SerializerSnapshot, &SerializerSnapshot),
    policy: &Policy,
) -> [Comparison; 2] {
    // Rows lie where the bytes of their keys sort, and may move: all that counts is that two never become one.
    let comparer = Comparer::new(policy, "the database");
    let compared = |part: TablePart, snapshots, role| {
        let Comparison { resolution, report } = comparer.compare(format!("{part} of table `{name}`"), snapshots, role);
        Comparison { resolution, report: report.with_state(name) }
    };
    [
        compared(TablePart::Key, (&stored.key, new_key), Role::MapKey),
        compared(TablePart::Value, (&stored.value, new_value), Role::Value),
    ]
}

fn serializer<T: StateType>(
    name: &str,
    part: TablePart,
    chosen: Option<IntegerEncoding>,
    stored: &SerializerSnapshot,
    options: &TableOptions,
) -> Result<Serializer<T>, TableError> {
    described(name, part, chosen.unwrap_or(stored.configuration().integers), options)
}

fn part<T: StateType>(
    name: &str,
    part: TablePart,
    resolution: &Resolution,
    serializer: Serializer<T>,
    ordered: bool,
) -> Result<Part<T>, TableError> {
    if resolution.compatibility() < Compatibility::RequiresMigration {
        // A change of ordered keys that would need another serializer requires a migration.
        let kept = if ordered { Adopted::plain(serializer) } else { resolution.adopt(&serializer)? };
        return Ok(Part::Kept(kept));
    }
    if resolution.is_read_only() {
        return Err(TableError::ReadOnly { table: name.to_owned(), part });
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
