//! How a typed table is opened.

use typeser::resolve::Policy;
use typeser::schema::IntegerEncoding;

/// How a typed table is opened. What is not set keeps its default.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
/// use typeser::resolve::{Losses, Policy};
/// use typeser_state::typed_table::{TableOptions, TypedTable};
///
/// mod yesterday {
///     #[derive(typeser::StateType)]
///     pub struct Order { pub id: u64, pub note: String }
/// }
/// let orders = TypedTable::<u32, yesterday::Order>::open(&database, "orders")?;
/// orders.insert(&7, &yesterday::Order { id: 1, note: "fragile".into() })?;
///
/// // `note` was removed without a declaration: by default, that is refused.
/// #[derive(typeser::StateType, Debug, PartialEq)]
/// struct Order { id: u64 }
/// assert!(TypedTable::<u32, Order>::open(&database, "orders").is_err());
///
/// let options = TableOptions::new().with_policy(Policy { losses: Losses::Any });
/// let orders = TypedTable::<u32, Order>::open_with(&database, "orders", &options, &mut |_| ())?;
/// assert_eq!(orders.get(&7)?, Some(Order { id: 1 }));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TableOptions {
    pub(super) policy: Policy,
    pub(super) integers: Option<IntegerEncoding>,
    pub(super) migrate: bool,
    pub(super) batch_rows: usize,
    pub(super) batch_bytes: usize,
}

/// How far the migration of a table has come; reported after each batch, when it is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableMigrationProgress<'a> {
    /// The table.
    pub table: &'a str,
    /// How many rows are migrated, those of an earlier run that did not come to its end among them.
    pub rows: u64,
    /// How many of these rows an earlier run has migrated.
    pub resumed: u64,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            integers: None,
            migrate: true,
            batch_rows: 10_000,
            batch_bytes: 4 * 1024 * 1024,
        }
    }
}

impl TableOptions {
    /// Migrates where that is due, in batches of up to 10,000 rows and 4 MiB; keeps the stored integer encoding.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the resolver judge by another policy.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Stores integers so. Without this, a new table has fixed integers, and one that is there keeps what it has.
    #[must_use]
    pub fn with_integers(self, integers: IntegerEncoding) -> Self {
        Self { integers: Some(integers), ..self }
    }

    /// Refuses to open a table that has to be migrated, so that no start of the program takes long unawares.
    #[must_use]
    pub fn without_migration(self) -> Self {
        Self { migrate: false, ..self }
    }

    /// Migrates in batches of up to this many rows, and this many bytes of stored and new rows. A batch is one
    /// transaction; it has at least one row.
    #[must_use]
    pub fn with_batches(self, rows: usize, bytes: usize) -> Self {
        Self { batch_rows: rows, batch_bytes: bytes, ..self }
    }
}
