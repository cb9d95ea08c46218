//! Opening a table without writing: every row is read and migrated.

use std::ops::ControlFlow;

use typeser::migrate::Trust;
use typeser::report::Reports;

use super::error::{TableError, TablePart};
use super::index_part::Entry;
use super::migration::{Failure, colliding};
use super::older;
use super::record::stored_record;
use super::step::{IndexBuild, IndexStep, MigrationStep, Opening, Step};
use crate::backend::{Backend, BackendError, RowRange, Table, VisitRow};
use crate::descriptor::SerializerPart;
use crate::rows::collisions::Distinct;
use crate::rows::dropped_data::DroppedDataCount;
use crate::rows::transform::{KeyPlan, Transformer};

/// What opening a table would do.
#[derive(Debug)]
#[non_exhaustive]
pub struct TableDryRun {
    /// The table.
    pub table: String,
    /// What becomes of it.
    pub action: TableAction,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes their keys and values take.
    pub bytes: u64,
    /// How many bytes they would take.
    pub new_bytes: u64,
    /// What is dropped by declaration or by policy, and how many rows hold some of it.
    pub dropped_data: Vec<DroppedDataCount>,
    /// The indexes that are built.
    pub indexes: Vec<String>,
    /// How many rows cannot be migrated, or have the same part as another one in a unique index that is built. If there is
    /// one, opening the table fails.
    pub failed: u64,
    /// The first few of them.
    pub failures: Vec<TableError>,
    /// The reports on what requires a migration; none if the table does not migrate.
    pub reports: Option<Reports>,
}

/// What becomes of a table when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableAction {
    /// There is none: it is made.
    Create,
    /// It fits.
    Open,
    /// Its rows stay, and its snapshots are stored.
    Refresh,
    /// Its rows are migrated.
    Migrate,
    /// Its rows stay, and each is migrated when it is read: see [`TableOptions::migrate_lazily`](super::TableOptions::migrate_lazily).
    MigrateLazily,
    /// It does not fit, and its rows are deleted.
    Reset,
}

/// How many of the rows that cannot be migrated are described.
const DESCRIBED: usize = 5;
/// How much memory the comparison of new keys may take.
const MEMORY: usize = 64 * 1024 * 1024;

pub(super) fn dry_run(backend: &mut dyn Backend, opening: &Opening) -> Result<TableDryRun, TableError> {
    let mut run = TableDryRun {
        table: opening.table.clone(),
        action: opening.action(),
        rows: 0,
        bytes: 0,
        new_bytes: 0,
        dropped_data: Vec::new(),
        indexes: Vec::new(),
        failed: 0,
        failures: Vec::new(),
        reports: None,
    };
    match &opening.step {
        Step::Create => {}
        Step::Keep { .. } => {
            if let Some(rows) = backend.find_table(&opening.table)? {
                run.count(backend, rows)?;
                run.count_older(backend)?;
            }
        }
        Step::CopyForeign(_) => {
            run.count_with(|visit| backend.scan_foreign(&opening.table, RowRange::ALL, visit).map(|_| ()))?
        }
        Step::Defer { rows } => {
            run.count(backend, *rows)?;
            run.count_older(backend)?;
        }
        Step::Reset { rows } => {
            run.count(backend, *rows)?;
            run.new_bytes = 0;
        }
        Step::Migrate(step) => {
            run.migrate(backend, step)?;
            run.compare_keys(backend, step)?;
        }
    }
    if let IndexStep::Build(build) = &opening.indexes {
        run.indexes = opening.to.indexes.iter().map(|index| index.name.clone()).collect();
        run.compare_parts(backend, opening, build)?;
    }
    Ok(run)
}

impl Opening {
    /// What becomes of the table.
    pub(super) fn action(&self) -> TableAction {
        match &self.step {
            Step::Create => TableAction::Create,
            Step::Keep { refresh: false } => TableAction::Open,
            Step::Keep { refresh: true } | Step::CopyForeign(_) => TableAction::Refresh,
            Step::Reset { .. } => TableAction::Reset,
            Step::Defer { .. } => TableAction::MigrateLazily,
            Step::Migrate(_) => TableAction::Migrate,
        }
    }
}

impl TableDryRun {
    fn count(&mut self, backend: &dyn Backend, rows: Table) -> Result<(), TableError> {
        self.count_with(|visit| backend.scan(rows, RowRange::ALL, visit))
    }

    /// Counts the rows that earlier releases left.
    fn count_older(&mut self, backend: &mut dyn Backend) -> Result<(), TableError> {
        let mut backend = backend;
        let Some(stored) = stored_record(&mut backend, &self.table)? else { return Ok(()) };
        for older in older::tables(&mut backend, &self.table, &stored)? {
            self.count(backend, older.table)?;
        }
        Ok(())
    }

    fn count_with(
        &mut self,
        scan: impl FnOnce(&mut VisitRow<'_>) -> Result<(), BackendError>,
    ) -> Result<(), TableError> {
        scan(&mut |key, value| {
            self.rows += 1;
            self.bytes += (key.len() + value.len()) as u64;
            ControlFlow::Continue(())
        })?;
        self.new_bytes = self.bytes;
        Ok(())
    }

    fn migrate(&mut self, backend: &dyn Backend, step: &MigrationStep) -> Result<(), TableError> {
        self.reports = Some(step.reports.clone());
        let mut transformer = Transformer::new(KeyPlan::UNCHANGED, Trust::Foreign, 0);
        for source in step.sources() {
            let mut dropped_data = source.dropped.none().collect::<Vec<_>>();
            backend.scan(source.table, RowRange::ALL, &mut |key, value| {
                self.rows += 1;
                self.bytes += (key.len() + value.len()) as u64;
                source.dropped.count_value(value, &mut dropped_data);
                match transformer.key_and_value(&source.plan, key, value) {
                    Ok((key, value)) => self.new_bytes += (key.len() + value.len()) as u64,
                    Err((part, source)) => {
                        let part = if part == SerializerPart::Value { TablePart::Value } else { TablePart::Key };
                        self.fail(step, || Failure::Row { part, key: key.to_vec(), source });
                    }
                }
                ControlFlow::Continue(())
            })?;
            self.dropped_data.append(&mut dropped_data);
        }
        Ok(())
    }

    /// Finds keys that would become one.
    fn compare_keys(&mut self, backend: &dyn Backend, step: &MigrationStep) -> Result<(), TableError> {
        if step.rows.plan.user_key.is_none() {
            return Ok(());
        }
        let plan = step.rows.plan.of_keys();
        let mut transformer = Transformer::new(KeyPlan::UNCHANGED, Trust::Foreign, 0);
        let (mut distinct, mut described) = (Distinct::new(self.rows, MEMORY), Vec::new());
        for pass in 0..distinct.passes() {
            distinct.begin(pass);
            for source in step.sources() {
                backend.scan(source.table, RowRange::ALL, &mut |key, _| {
                    // A key that cannot be migrated is counted already.
                    if let Ok((new, _)) = transformer.key_and_value(&plan, key, &[])
                        && distinct.collides(key, new)
                    {
                        self.failed += 1;
                        if self.failures.len() + described.len() < DESCRIBED {
                            described.push((new.to_vec(), key.to_vec()));
                        }
                    }
                    ControlFlow::Continue(())
                })?;
            }
        }
        for (new, stored) in described {
            let keys = colliding(backend, step, &new, &stored)?;
            self.failures.push(Failure::Collision { keys }.error(&self.table, &step.from));
        }
        Ok(())
    }

    /// Finds rows that a unique index refuses.
    fn compare_parts(
        &mut self,
        backend: &mut dyn Backend,
        opening: &Opening,
        build: &IndexBuild,
    ) -> Result<(), TableError> {
        let unique: Vec<bool> = opening.to.indexes.iter().map(|index| index.unique).collect();
        let is_unique = |entry: &Entry| entry.part().first().is_some_and(|number| unique[usize::from(*number)]);
        let entries = self.rows.saturating_mul(unique.iter().filter(|unique| **unique).count() as u64);
        if entries == 0 {
            return Ok(());
        }
        let (mut distinct, mut described) = (Distinct::new(entries, MEMORY), Vec::new());
        for pass in 0..distinct.passes() {
            distinct.begin(pass);
            for_each_entry(backend, opening, build, &mut |entry| {
                if is_unique(&entry) && distinct.collides(entry.row(), entry.part()) {
                    self.failed += 1;
                    if self.failures.len() + described.len() < DESCRIBED {
                        described.push(entry);
                    }
                }
            })?;
        }
        for second in described {
            let mut conflict = None;
            for_each_entry(backend, opening, build, &mut |first| {
                if conflict.is_none() && first.row() != second.row() {
                    conflict = (build.conflict)(&first, &second);
                }
            })?;
            self.failures.extend(conflict);
        }
        Ok(())
    }

    fn fail(&mut self, step: &MigrationStep, failure: impl FnOnce() -> Failure) {
        self.failed += 1;
        if self.failures.len() < DESCRIBED {
            self.failures.push(failure().error(&self.table, &step.from));
        }
    }
}

/// Shows the entries that the rows of a table get, as they are migrated. Rows that cannot be are left out; rows that stay
/// and cannot be read are errors, as when the table is opened.
fn for_each_entry(
    backend: &mut dyn Backend,
    opening: &Opening,
    build: &IndexBuild,
    visit: &mut dyn FnMut(Entry),
) -> Result<(), TableError> {
    let mut outcome = Ok(());
    let mut visit_row = |key: &[u8], value: &[u8]| match (build.entries)(key, value) {
        Ok(entries) => {
            entries.into_iter().for_each(&mut *visit);
            ControlFlow::Continue(())
        }
        Err(error) => {
            outcome = Err(error);
            ControlFlow::Break(())
        }
    };
    match &opening.step {
        Step::Keep { .. } => {
            if let Some(rows) = backend.find_table(&opening.table)? {
                backend.scan(rows, RowRange::ALL, &mut visit_row)?;
            }
        }
        Step::Migrate(step) => {
            let mut transformer = Transformer::new(KeyPlan::UNCHANGED, Trust::Foreign, 0);
            for source in step.sources() {
                backend.scan(source.table, RowRange::ALL, &mut |key, value| match transformer.key_and_value(
                    &source.plan,
                    key,
                    value,
                ) {
                    Ok((key, value)) => visit_row(key, value),
                    Err(_) => ControlFlow::Continue(()),
                })?;
            }
        }
        Step::Create | Step::CopyForeign(_) | Step::Defer { .. } | Step::Reset { .. } => {}
    }
    outcome
}
