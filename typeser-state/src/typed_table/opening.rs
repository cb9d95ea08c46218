//! Opening a table: what is stored beside it meets the types of the program.

use std::ops::ControlFlow;

use typeser::migrate::{Adopted, Cost, Migration};
use typeser::ordered::OrderedForm;
use typeser::report::Reports;
use typeser::resolve::{Compatibility, Policy, Resolution, Role};
use typeser::schema::IntegerEncoding;
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::adopt;
use super::codec::{Codec, described, new_codec};
use super::error::{TableError, TablePart, TableRefusal};
use super::index_build;
use super::key_codec::{KeyCodec, form, in_order};
use super::key_order::KeyOrder;
use super::older::{self, OlderPlan, OlderTable};
use super::options::{TableMigrationProgress, TableOptions};
use super::record::{self, OlderRows, Record, check_name, read, stored_record};
use super::step::{MigrationStep, Opening, Source, Step, planned};
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
    /// From the stored values to those of the program, if there are older rows, which may make it necessary.
    to_plain: Option<Migration>,
    /// What becomes of the older rows, in the order of the record.
    pub(super) older: Vec<OlderPlan>,
}

/// Opens a table, makes it, or migrates it.
pub(super) fn open<K: StateKey, V: StateType, O: KeyOrder<K>, B: Backend>(
    backend: &mut B,
    name: &str,
    options: &TableOptions,
    progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
) -> Result<Codec<K, V>, TableError> {
    let (opening, codec) = plan::<K, V, O, B>(backend, name, options)?;
    let again = opening.copies_indexed_rows;
    switch::run(backend, &[opening], options, progress)?;
    if again { open::<K, V, O, B>(backend, name, options, progress) } else { Ok(codec) }
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
    let of_rows = plan_rows::<K, V, O, B>(backend, name, options)?;
    index_build::plan(backend, options, of_rows)
}

/// Decides what opening a table does to its rows.
fn plan_rows<K: StateKey, V: StateType, O: KeyOrder<K>, B: Backend>(
    backend: &mut B,
    name: &str,
    options: &TableOptions,
) -> Result<(Opening, Codec<K, V>), TableError> {
    check_name(name)?;
    let rows = backend.find_table(name)?;
    let stored = stored_record(backend, name)?;
    let (rows, stored) = match (rows, stored) {
        (Some(rows), Some(stored)) => (RowsOf::Table(rows), stored),
        (rows, None) if has_rows(backend, name, rows)? => {
            let missing = || TableError::NotTyped { table: name.to_owned() };
            let (step, codec) = adopt::plan::<K, V, B>(backend, name, options.adopts.ok_or_else(missing)?)?;
            match (O::ORDERED, rows) {
                (false, _) => return Ok(planned(codec, step)),
                // What bincode wrote has no order: it is migrated like any table without one.
                (true, Some(rows)) => (RowsOf::Table(rows), codec.record()),
                (true, None) => (RowsOf::Foreign, codec.record()),
            }
        }
        // The rows of a typed table were dropped: it starts over.
        (_, stored) => {
            let generation = stored.as_ref().map_or(0, |stored| stored.generation + 1);
            let older = stored.map_or(Ok(Vec::new()), |stored| older::tables(backend, name, &stored))?;
            let integers = options.integers.or(options.adopts).unwrap_or_default();
            let codec = new_codec::<K, V, O>(name, generation, integers, options)?;
            return Ok(dropping(planned(codec, Step::Create), &older));
        }
    };
    let older = older::tables(backend, name, &stored)?;
    match compare::<K, V, O>(name, &stored, options) {
        Err(TableError::Refused(_)) if options.resets => {
            let integers = options.integers.unwrap_or(stored.value.configuration().integers);
            let codec = new_codec::<K, V, O>(name, stored.generation + 1, integers, options)?;
            let step = match rows {
                RowsOf::Table(rows) => Step::Reset { rows },
                RowsOf::Foreign => Step::Create,
            };
            Ok(dropping(planned(codec, step), &older))
        }
        Err(error) => Err(error),
        Ok(plan) => decide::<K, V, O, B>(backend, name, options, (rows, stored, &older), plan),
    }
}

/// Decides what opening a table does whose types fit, or can be migrated to those of the program.
fn decide<K: StateKey, V: StateType, O: KeyOrder<K>, B: Backend>(
    backend: &mut B,
    name: &str,
    options: &TableOptions,
    (rows, stored, tables): (RowsOf, Record, &[OlderTable]),
    TablePlan { key, value, migration, dropped, to_plain, older }: TablePlan<K, V>,
) -> Result<(Opening, Codec<K, V>), TableError> {
    let table = name.to_owned();
    let (user_key, value_step, migrates_key) = (key.step(), value.step(), matches!(key, Part::Migrated(..)));
    let fits = !migrates_key && matches!(value, Part::Kept(_));
    let key = key_codec::<K, O>(name, key.serializer())?;
    let forms = match migrates_key {
        true => KeyForms { stored: stored_form(name, &stored)?, new: key.form().cloned() },
        false => KeyForms::default(),
    };
    let plan = RowPlan { user_key, forms, value: value_step, ..RowPlan::unchanged() };
    let nothing_older = tables.iter().all(|older| older.is_empty);
    if plan.keeps_rows() && nothing_older {
        if let Some(refusal) = migration.filter(|_| !fits && !options.migrate) {
            return Err(TableError::NeedsMigration(Box::new(refusal)));
        }
        let generation = stored.generation + u64::from(!fits);
        let codec = Codec { table, generation, key, value: value.serializer(), older: Vec::new(), indexes: Vec::new() };
        let refresh = codec.record() != stored.of_rows();
        return Ok(dropping(planned(codec, Step::Keep { refresh }), tables));
    }
    let rows = match rows {
        RowsOf::Table(rows) => rows,
        RowsOf::Foreign => {
            let generation = stored.generation + 1;
            let codec =
                Codec { table, generation, key, value: value.serializer(), older: Vec::new(), indexes: Vec::new() };
            return Ok(planned(codec, Step::CopyForeign(plan)));
        }
    };
    if options.keeps.is_some() && (options.lazy || !nothing_older) {
        return Err(TableError::LazilyMigrated { table });
    }
    if options.lazy && plan.of_keys().keeps_rows() && !(nothing_older && is_empty(backend, rows)?) {
        let (value, serializer) = value.with_plain();
        let mut values: Vec<_> = older.into_iter().map(|older| older.values(&serializer)).collect();
        let generation = stored.generation + u64::from(!fits);
        let Some(migration) = plan.value else {
            let codec = Codec { table, generation, key, value, older: values, indexes: Vec::new() };
            let refresh = codec.record() != stored.of_rows();
            return Ok(planned(codec, Step::Keep { refresh }));
        };
        let newest = OlderRows { generation: stored.generation, value: stored.value };
        values.insert(0, OlderPlan { rows: newest, migration: Some(migration), dropped }.values(&serializer));
        return Ok(planned(
            Codec { table, generation, key, value, older: values, indexes: Vec::new() },
            Step::Defer { rows },
        ));
    }
    if let Some(refusal) = migration.as_ref().filter(|_| !options.migrate) {
        return Err(TableError::NeedsMigration(Box::new(refusal.clone())));
    }
    if let Some(release) = &options.keeps {
        check_unkept(backend, name, release)?;
    }
    // Older rows have no other layout to be migrated to than that of the program.
    let (value, plan) = match value {
        Part::Kept(kept) if !nothing_older => (Adopted::plain(kept.into_plain()), RowPlan { value: to_plain, ..plan }),
        value => (value.serializer(), plan),
    };
    let codec = Codec { table, generation: stored.generation + 1, key, value, older: Vec::new(), indexes: Vec::new() };
    let older = older.into_iter().zip(tables).filter(|(_, table)| !table.is_empty);
    let older = older.map(|(older, table)| older.source(table.table, &plan)).collect();
    let step = MigrationStep {
        from: stored,
        rows: Source { table: rows, plan, dropped },
        older,
        keep: options.keeps.clone(),
        reports: migration.map_or_else(|| Reports::from_iter([]), |refusal| refusal.reports),
    };
    Ok(dropping(planned(codec, Step::Migrate(Box::new(step))), tables))
}

/// The same opening, which drops the tables of older rows.
pub(super) fn dropping<T>((mut opening, codec): (Opening, T), older: &[OlderTable]) -> (Opening, T) {
    opening.dropped = older.iter().map(|older| older.table).collect();
    (opening, codec)
}

/// Where the rows of a table are.
enum RowsOf {
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
        Some(rows) => found = !is_empty(backend, rows)?,
        None => {
            backend.scan_foreign(name, RowRange::ALL, &mut |_, _| {
                found = true;
                ControlFlow::Break(())
            })?;
        }
    }
    Ok(found)
}

fn is_empty<B: Backend>(backend: &B, rows: Table) -> Result<bool, TableError> {
    Ok(!backend.last(rows, RowRange::ALL, &mut |_, _| ())?)
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
    let resolution = &compared.value.resolution;
    let to_plain = match stored.older.is_empty() {
        true => None,
        false => translation(name, resolution, value.conversions())?,
    };
    Ok(TablePlan {
        older: older_plans(name, stored, &compared.older, value.conversions())?,
        to_plain,
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
    /// Of the values of the older rows.
    pub(super) older: Vec<Comparison>,
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
    let older = older_comparisons(name, stored, new.1, policy);
    let all = || [&key, &value].into_iter().chain(&older);
    let worst = all().map(|comparison| comparison.resolution.compatibility());
    let worst = worst.fold(Compatibility::Compatible, Compatibility::join);
    let refusal = |verdict: Compatibility| {
        let of_verdict = all().filter(|comparison| comparison.resolution.compatibility() == verdict);
        let reports = of_verdict.map(|comparison| comparison.report.clone()).collect();
        TableRefusal { table: name.to_owned(), reports }
    };
    if worst == Compatibility::Incompatible {
        return Err(TableError::Refused(Box::new(refusal(worst))));
    }
    // Older rows are migrated even if they could be read as they are.
    let requires = worst == Compatibility::RequiresMigration || !older.is_empty();
    let migration = requires.then(|| refusal(worst));
    Ok(ComparedSnapshots { key, value, older, migration })
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

/// The comparisons of the values of the older rows of a table.
pub(super) fn older_comparisons(
    name: &str,
    stored: &Record,
    new: &SerializerSnapshot,
    policy: &Policy,
) -> Vec<Comparison> {
    let comparer = Comparer::new(policy, "the database");
    let compared = |value| {
        let subject = format!("value of the rows of table `{name}` that are not migrated yet");
        let Comparison { resolution, report } = comparer.compare(subject, (value, new), Role::Value);
        Comparison { resolution, report: report.with_state(name) }
    };
    older::snapshots(stored).map(compared).collect()
}

/// What becomes of the older rows of a table.
pub(super) fn older_plans(
    name: &str,
    stored: &Record,
    compared: &[Comparison],
    conversions: &Conversions,
) -> Result<Vec<OlderPlan>, TableError> {
    let plan = |(rows, Comparison { resolution, .. }): (&OlderRows, &Comparison)| {
        let migration = translation(name, resolution, conversions)?;
        Ok(OlderPlan { rows: rows.clone(), migration, dropped: DroppedData::of(resolution) })
    };
    stored.older.iter().zip(compared).map(plan).collect()
}

/// From stored values to those of the new layout; `None` if their bytes stay.
pub(super) fn translation(
    name: &str,
    resolution: &Resolution,
    conversions: &Conversions,
) -> Result<Option<Migration>, TableError> {
    let (table, part) = (name.to_owned(), TablePart::Value);
    if resolution.is_read_only() {
        return Err(TableError::ReadOnly { table, part });
    }
    let migration = resolution.translation(conversions);
    let migration = migration.map_err(|source| TableError::NoMigration { table, part, source })?;
    Ok(migration.filter(|migration| migration.cost() != Cost::Metadata))
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

    /// The same, and the serializer of the program's layout.
    fn with_plain(self) -> (Adopted<T>, Serializer<T>) {
        let serializer = self.serializer();
        let plain = serializer.clone().into_plain();
        (serializer, plain)
    }

    /// The serializer of what is stored once that is done.
    fn serializer(self) -> Adopted<T> {
        match self {
            Self::Kept(serializer) => serializer,
            Self::Migrated(_, serializer) => Adopted::plain(serializer),
        }
    }
}
