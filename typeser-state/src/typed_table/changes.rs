//! What is kept of an earlier release, and what was written since.

use std::fmt;

/// A table that is kept as a release left it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviousTable {
    /// The table.
    pub table: String,
    /// The release.
    pub release: String,
    /// How many rows it had.
    pub rows: u64,
}

/// What was written to a table since the release whose rows are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangesSince {
    /// The table.
    pub table: String,
    /// How many rows the release left.
    pub rows: u64,
    /// How many rows were added since.
    pub added: u64,
    /// How many rows of the release have other values now.
    pub changed: u64,
    /// How many rows of the release are not there any more.
    pub removed: u64,
}

impl ChangesSince {
    /// Whether there are none.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{ChangesSince, TableCatalog, TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().keep_previous("1.4.0");
    /// let stock = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// assert!(TableCatalog::of(&database)?.changes_since("1.4.0")?.iter().all(ChangesSince::is_empty));
    /// stock.remove("apples")?;
    /// assert!(!TableCatalog::of(&database)?.changes_since("1.4.0")?[0].is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added == 0 && self.changed == 0 && self.removed == 0
    }
}

impl fmt::Display for ChangesSince {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, rows, added, changed, removed } = self;
        let counted = if *rows == 1 { "row" } else { "rows" };
        write!(
            f,
            "table `{table}` had {rows} {counted}; since then: {added} added, {changed} changed, {removed} removed"
        )
    }
}
