//! What opening a table does, decided before anything is written.

use typeser::report::Reports;
use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;
use super::index_part::Entry;
use super::record::Record;
use crate::backend::Table;
use crate::rows::dropped_data::DroppedData;
use crate::rows::plan::RowPlan;

/// What opening a table does, decided before anything is written.
pub(super) struct Opening {
    pub(super) table: String,
    /// What is stored beside the table from then on.
    pub(super) to: Record,
    pub(super) step: Step,
    /// The tables of older rows that are dropped, once the step is done.
    pub(super) dropped: Vec<Table>,
    pub(super) indexes: IndexStep,
    /// Whether indexes are declared over rows that are not in the backend before the table is open. Then it is opened again.
    pub(super) copies_indexed_rows: bool,
}

/// What opening does to the indexes of a table.
pub(super) enum IndexStep {
    /// There are none, or they stay.
    Keep,
    /// They are deleted.
    Drop,
    /// They are built of all rows.
    Build(IndexBuild),
}

/// What builds the indexes of a table.
pub(super) struct IndexBuild {
    /// Adds the entries of a stored row.
    pub(super) entries: EntriesOf,
    /// The error of two rows with the same part, which the index of this number has; `None` if it may have both.
    pub(super) conflict: Conflict,
}

/// Gives the entries of a stored row.
type EntriesOf = Box<dyn Fn(&[u8], &[u8]) -> Result<Vec<Entry>, TableError>>;
type Conflict = Box<dyn Fn(&Entry, &Entry) -> Option<TableError>>;

/// What opening does to the rows.
pub(super) enum Step {
    /// There are none: the table is made, or starts over.
    Create,
    /// They stay. Whether the record changes.
    Keep { refresh: bool },
    /// They are copied from a table that the program has outside of the backend, and become what the plan says.
    CopyForeign(RowPlan),
    /// They become older rows, and each is migrated when it is read.
    Defer { rows: Table },
    /// They are deleted.
    Reset { rows: Table },
    /// All of them are migrated.
    Migrate(Box<MigrationStep>),
}

/// A migration that is due.
pub(super) struct MigrationStep {
    pub(super) from: Record,
    /// The rows of the table.
    pub(super) rows: Source,
    /// Its older rows.
    pub(super) older: Vec<Source>,
    /// The release under whose name the rows are kept.
    pub(super) keep: Option<String>,
    /// The reports on what requires the migration.
    pub(super) reports: Reports,
}

/// Rows that are migrated alike.
pub(super) struct Source {
    pub(super) table: Table,
    pub(super) plan: RowPlan,
    /// What of the values is dropped by declaration.
    pub(super) dropped: DroppedData,
}

/// An opening, with the serializers of the table from then on.
pub(super) fn planned<K: StateKey, V: StateType>(codec: Codec<K, V>, step: Step) -> (Opening, Codec<K, V>) {
    let (table, to) = (codec.table.clone(), codec.record());
    let indexes = IndexStep::Keep;
    (Opening { table, to, step, dropped: Vec::new(), indexes, copies_indexed_rows: false }, codec)
}

impl MigrationStep {
    /// All rows, those of the table first.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        std::iter::once(&self.rows).chain(&self.older)
    }
}

impl Opening {
    pub(super) fn migration(&self) -> Option<(&Self, &MigrationStep)> {
        match &self.step {
            Step::Migrate(step) => Some((self, step)),
            Step::Create | Step::Keep { .. } | Step::CopyForeign(_) | Step::Defer { .. } | Step::Reset { .. } => None,
        }
    }
}
