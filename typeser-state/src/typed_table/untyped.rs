//! Typed tables without their types, for tools: rows as dynamic values, comparisons and migrations by snapshots alone.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use typeser::SerializerSnapshot;
use typeser::migrate::{Cost, Migration};
use typeser::report::{Report, Reports};
use typeser::resolve::{Compatibility, Policy, Resolution};
use typeser::schema::IntegerEncoding;
use typeser::serializer::Conversions;
use typeser::value::Value;

use super::backend_rows::for_each_row;
use super::catalog::{TableCatalog, stored_table};
use super::display::shown;
use super::dry_run::{TableAction, TableDryRun, dry_run};
use super::error::{SetRefusal, TableError, TablePart};
use super::key_codec::{form, not_ordered};
use super::older;
use super::opening::{
    ComparedSnapshots, check_unkept, compare_snapshots, comparisons, older_comparisons, older_plans, stored_form,
    translation,
};
use super::options::{TableMigrationProgress, TableOptions};
use super::record::Record;
use super::step::{IndexStep, MigrationStep, Opening, Source, Step};
use super::switch;
use crate::backend::{Backend, Table};
use crate::rows::dropped_data::DroppedData;
use crate::rows::plan::{KeyForms, RowPlan};

/// Calls for each row with its key and its value, until it breaks.
type VisitValues<'a> = dyn FnMut(Result<(Value, Value), TableError>) -> ControlFlow<()> + 'a;

/// What the keys and values of a table are to become: snapshots of another release, such as recorded ones.
///
/// A part without a snapshot stays as it is. An ordered table stays ordered, whether the snapshot of its keys says so or
/// not: goldens record keys without an order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TableTarget {
    /// The table.
    pub table: String,
    /// The snapshot of its keys.
    pub key: Option<SerializerSnapshot>,
    /// The snapshot of its values.
    pub value: Option<SerializerSnapshot>,
}

impl TableTarget {
    /// A table, and the snapshots that its keys and values are to have.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::{Serializer, TypeSerializer};
    /// use typeser_state::typed_table::{TableCatalog, TableTarget, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// // The keys stay as they are.
    /// let target = TableTarget::new("stock", None, Some(Serializer::<u64>::new()?.snapshot().clone()));
    /// assert_eq!(TableCatalog::of(&database)?.dry_run(&[target], &Default::default())?[0].rows, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(table: impl Into<String>, key: Option<SerializerSnapshot>, value: Option<SerializerSnapshot>) -> Self {
        Self { table: table.into(), key, value }
    }

    /// The snapshots that the table would have if a program with these types opened it: an order and the encoding of
    /// integers stay what they are.
    fn of(&self, stored: &Record) -> Result<(SerializerSnapshot, SerializerSnapshot), TableError> {
        let kept = |part, new: &Option<SerializerSnapshot>, stored: &SerializerSnapshot, integers| match new {
            // As a program describes its types under the integers that the table has.
            Some(new) => {
                new.under(integers).map_err(|source| TableError::Describe { table: self.table.clone(), part, source })
            }
            None => Ok(stored.clone()),
        };
        let value = kept(TablePart::Value, &self.value, &stored.value, stored.value.configuration().integers)?;
        let is_ordered =
            [Some(&stored.key), self.key.as_ref()].into_iter().flatten().any(|key| key.configuration().ordered);
        if !is_ordered {
            let integers = stored.key.configuration().integers;
            return Ok((kept(TablePart::Key, &self.key, &stored.key, integers)?, value));
        }
        // Only the fixed encoding has an ordered form.
        let key = kept(TablePart::Key, &self.key, &stored.key, IntegerEncoding::Fixed)?;
        let key = key.in_order().map_err(|error| not_ordered(&self.table, error.to_string()))?;
        form(&self.table, &key)?;
        Ok((key, value))
    }
}

impl<B: Backend> TableCatalog<B> {
    /// Reads the rows of a table as dynamic values, in stored order. A row that cannot be read gives an error, and the
    /// next rows follow.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use std::ops::ControlFlow;
    /// use typeser_state::typed_table::{TableCatalog, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let mut rows = Vec::new();
    /// TableCatalog::of(&database)?.read_rows("stock", &mut |row| {
    ///     rows.extend(row.map(|(key, value)| format!("{key}: {value}")));
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(rows, [r#""apples": 3"#]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such typed table, or the database fails.
    pub fn read_rows(&mut self, name: &str, visit: &mut VisitValues<'_>) -> Result<(), TableError> {
        let (rows, stored) = stored_table(&mut self.backend, name)?;
        let (form, mut fixed) = (stored_form(name, &stored)?, Vec::new());
        let (key, older) = (&stored.key, older::tables(&mut self.backend, name, &stored)?);
        let values: Vec<_> = std::iter::once(&stored.value).chain(older::snapshots(&stored)).collect();
        let older: Vec<Table> = older.iter().map(|older| older.table).collect();
        for_each_row(&self.backend, (rows, &older), &mut |number, stored_key, stored_value| {
            let Some(value) = values.get(number) else { return ControlFlow::Break(()) };
            let table = || name.to_owned();
            let failed = |part| {
                move |source| TableError::DecodeValue { table: table(), part, key: shown(key, stored_key), source }
            };
            fixed.clear();
            let of_key = match &form {
                None => Value::decode(key, stored_key).map_err(failed(TablePart::Key)),
                Some(form) => match form.decode(stored_key, &mut fixed) {
                    Ok(()) => Value::decode(key, &fixed).map_err(failed(TablePart::Key)),
                    Err(source) => {
                        let (part, key) = (TablePart::Key, shown(key, stored_key));
                        Err(TableError::Decode { table: table(), part, key, source })
                    }
                },
            };
            visit(of_key.and_then(|of_key| {
                let of_value = Value::decode(value, stored_value).map_err(failed(TablePart::Value));
                Ok((of_key, of_value?))
            }))
        })?;
        Ok(())
    }

    /// The reports on the keys and on the values of a table, as a program with other types would get them. They are
    /// followed by one for each release of which rows are left in a table that is migrated lazily.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::resolve::{Compatibility, Policy};
    /// use typeser::{Serializer, TypeSerializer};
    /// use typeser_state::typed_table::{TableCatalog, TableTarget, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// let target = TableTarget::new("stock", None, Some(Serializer::<u64>::new()?.snapshot().clone()));
    /// let reports = TableCatalog::of(&database)?.compare(&target, &Policy::default())?;
    /// let [keys, values] = &*reports else { panic!("no rows of other releases are left") };
    /// assert_eq!(keys.compatibility(), Compatibility::Compatible);
    /// assert_eq!(values.compatibility(), Compatibility::RequiresMigration);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such typed table, its keys are stored in order and the new ones have none, or a program could not
    /// describe the new types under the integer encoding of the table.
    pub fn compare(&mut self, target: &TableTarget, policy: &Policy) -> Result<Vec<Report>, TableError> {
        let (_, stored) = stored_table(&mut self.backend, &target.table)?;
        let (key, value) = target.of(&stored)?;
        let older = older_comparisons(&target.table, &stored, &value, policy);
        let all = comparisons(&target.table, &stored, (&key, &value), policy).into_iter().chain(older);
        Ok(all.map(|comparison| comparison.report).collect())
    }

    /// Migrates tables to other snapshots, all or none, as [`TableSet::open_with`](super::TableSet::open_with) does it
    /// inside of a program. Of the options, policy, batches and the release whose rows are kept apply. Returns what
    /// became of each table, in the order of the targets.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::{Serializer, TypeSerializer};
    /// use typeser_state::typed_table::{TableAction, TableCatalog, TableOptions, TableTarget, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let target = TableTarget::new("stock", None, Some(Serializer::<u64>::new()?.snapshot().clone()));
    /// let actions = TableCatalog::of(&database)?.migrate(&[target], &TableOptions::new(), &mut |_| ())?;
    /// assert_eq!(actions, [TableAction::Migrate]);
    /// let stock = TypedTable::<String, u64>::open_read_only(&database, "stock")?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A table does not fit, or its migration calls functions of the program: [`TableError::Set`] has the problem of
    /// each. Or two targets name one table, or a row cannot be migrated. Then all tables are as they were.
    pub fn migrate(
        &mut self,
        targets: &[TableTarget],
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<Vec<TableAction>, TableError> {
        let openings = self.plan(targets, options)?;
        switch::run(&mut self.backend, &openings, options, progress)?;
        Ok(openings.iter().map(Opening::action).collect())
    }

    /// What [`TableCatalog::migrate`] would do. Every row is read and migrated, and nothing is written.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::{Serializer, TypeSerializer};
    /// use typeser_state::typed_table::{TableAction, TableCatalog, TableOptions, TableTarget, TypedTable};
    ///
    /// TypedTable::<u8, u32>::open(&database, "stock")?.insert(&1, &3)?;
    /// let target = TableTarget::new("stock", None, Some(Serializer::<u64>::new()?.snapshot().clone()));
    /// let stock = &TableCatalog::of(&database)?.dry_run(&[target], &TableOptions::new())?[0];
    /// assert_eq!((stock.action, stock.bytes, stock.new_bytes), (TableAction::Migrate, 5, 9));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`TableCatalog::migrate`], but for rows that cannot be migrated: they are counted.
    pub fn dry_run(&mut self, targets: &[TableTarget], options: &TableOptions) -> Result<Vec<TableDryRun>, TableError> {
        let openings = self.plan(targets, options)?;
        openings.iter().map(|opening| dry_run(&mut self.backend, opening)).collect()
    }

    /// Decides what becomes of each table. All problems are reported at once.
    fn plan(&mut self, targets: &[TableTarget], options: &TableOptions) -> Result<Vec<Opening>, TableError> {
        let mut names = BTreeSet::new();
        if let Some(twice) = targets.iter().find(|target| !names.insert(&target.table)) {
            return Err(TableError::NamedTwice { table: twice.table.clone() });
        }
        let (mut openings, mut problems) = (Vec::new(), Vec::new());
        for target in targets {
            match plan(&mut self.backend, target, options) {
                Ok(opening) => openings.push(opening),
                Err(error @ TableError::Backend(_)) => return Err(error),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            return Ok(openings);
        }
        Err(TableError::Set(Box::new(SetRefusal { tables: targets.len(), problems })))
    }
}

/// Decides what becomes of a table.
pub(super) fn plan<B: Backend>(
    backend: &mut B,
    target: &TableTarget,
    options: &TableOptions,
) -> Result<Opening, TableError> {
    let table = target.table.clone();
    let (rows, stored) = stored_table(backend, &table)?;
    let (new_key, new_value) = target.of(&stored)?;
    let tables = older::tables(backend, &table, &stored)?;
    let nothing_older = tables.iter().all(|older| older.is_empty);
    let ComparedSnapshots { key, value, older, migration } =
        compare_snapshots(&table, &stored, (&new_key, &new_value), &options.policy)?;
    let (key, value) = (key.resolution, value.resolution);
    let migrates_key = key.compatibility() == Compatibility::RequiresMigration;
    let forms = match migrates_key {
        true => KeyForms { stored: stored_form(&table, &stored)?, new: new_form(&table, &new_key)? },
        false => KeyForms::default(),
    };
    let plan = RowPlan {
        user_key: step(&table, TablePart::Key, &key)?,
        forms,
        value: match nothing_older {
            true => step(&table, TablePart::Value, &value)?,
            // Older rows have no other layout to be migrated to than the new one.
            false => translation(&table, &value, &Conversions::new())?,
        },
        ..RowPlan::unchanged()
    };
    let older = older_plans(&table, &stored, &older, &Conversions::new())?;
    let fits = [&key, &value].into_iter().all(|of| of.compatibility() != Compatibility::RequiresMigration);
    let generation = stored.generation + u64::from(!(fits && nothing_older));
    let new_value = if nothing_older { adopted(&value) } else { value.new_snapshot().clone() };
    let to = Record { generation, key: adopted(&key), value: new_value, older: Vec::new(), indexes: Vec::new() };
    let dropped_tables = tables.iter().map(|older| older.table).collect();
    if plan.keeps_rows() && nothing_older {
        let keeps_indexes = to.generation == stored.generation || stored.indexes.is_empty();
        let indexes = if keeps_indexes { IndexStep::Keep } else { IndexStep::Drop };
        let to = if keeps_indexes { Record { indexes: stored.indexes.clone(), ..to } } else { to };
        let step = Step::Keep { refresh: to != stored };
        return Ok(Opening { table, to, step, dropped: dropped_tables, indexes, copies_indexed_rows: false });
    }
    if options.keeps.is_some() && !nothing_older {
        return Err(TableError::LazilyMigrated { table });
    }
    if let Some(release) = &options.keeps {
        check_unkept(backend, &table, release)?;
    }
    let keep = options.keeps.clone();
    let reports = migration.map_or_else(|| Reports::from_iter([]), |refusal| refusal.reports);
    let dropped = DroppedData::of(&value);
    let older = older.into_iter().zip(&tables).filter(|(_, table)| !table.is_empty);
    let older = older.map(|(older, table)| older.source(table.table, &plan)).collect();
    let rows = Source { table: rows, plan, dropped };
    // Only the program can build indexes: it does so when it opens the table.
    let indexes = if stored.indexes.is_empty() { IndexStep::Keep } else { IndexStep::Drop };
    let step = Step::Migrate(Box::new(MigrationStep { from: stored, rows, older, keep, reports }));
    Ok(Opening { table, to, step, dropped: dropped_tables, indexes, copies_indexed_rows: false })
}

/// The form in which new keys are stored, if they are stored in order.
fn new_form(table: &str, key: &SerializerSnapshot) -> Result<Option<typeser::ordered::OrderedForm>, TableError> {
    key.configuration().ordered.then(|| form(table, key)).transpose()
}

/// What is done to stored bytes; `None` if nothing is.
fn step(table: &str, part: TablePart, resolution: &Resolution) -> Result<Option<Migration>, TableError> {
    let table = || table.to_owned();
    if resolution.compatibility() != Compatibility::RequiresMigration {
        return Ok(None);
    }
    if resolution.is_read_only() {
        return Err(TableError::ReadOnly { table: table(), part });
    }
    let migration = resolution.migration(&Conversions::new());
    let migration = migration.map_err(|source| TableError::NoMigration { table: table(), part, source })?;
    Ok(Some(migration).filter(|migration| migration.cost() != Cost::Metadata))
}

/// What is stored beside the bytes from then on.
fn adopted(resolution: &Resolution) -> SerializerSnapshot {
    resolution.adopted().unwrap_or_else(|| resolution.new_snapshot()).clone()
}
