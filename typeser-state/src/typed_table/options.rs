//! How a typed table is opened.

use std::any::Any;
use std::sync::Arc;

use typeser::resolve::Policy;
use typeser::schema::IntegerEncoding;
use typeser::{OrderedKey, Serializer, StateKey, StateType};

use super::index::{Declaration, TableIndex};

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
/// let options = TableOptions::new().with_policy(Policy { losses: Losses::Any, ..Policy::default() });
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
    pub(super) adopts: Option<IntegerEncoding>,
    pub(super) resets: bool,
    pub(super) keeps: Option<String>,
    pub(super) lazy: bool,
    pub(super) indexes: Vec<Declaration>,
    /// A `Serializer<K>` and a `Serializer<V>`.
    pub(super) serializers: [Option<Arc<dyn Any + Send + Sync>>; 2],
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
            adopts: None,
            resets: false,
            keeps: None,
            lazy: false,
            indexes: Vec::new(),
            serializers: [None, None],
        }
    }
}

impl TableOptions {
    /// Migrates where that is due, in batches of up to 10,000 rows and 4 MiB; keeps the stored integer encoding.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// let options = TableOptions::new();
    /// assert!(TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the resolver judge by another policy.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::resolve::{Losses, Policy};
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// TypedTable::<u32, Option<u8>>::open(&database, "sizes")?.insert(&7, &Some(3))?;
    /// // By default, a migration that drops what no type declares as removed is refused.
    /// let options = TableOptions::new().with_policy(Policy { losses: Losses::Any, ..Policy::default() });
    /// TypedTable::<u32, Option<u8>>::open_with(&database, "sizes", &options, &mut |_| ())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Stores integers so. Without this, a new table has fixed integers, and one that is there keeps what it has.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::schema::IntegerEncoding;
    /// use typeser_state::typed_table::{TableCatalog, TableOptions, TypedTable};
    ///
    /// let options = TableOptions::new().with_integers(IntegerEncoding::Variable);
    /// TypedTable::<u64, u64>::open_with(&database, "prices", &options, &mut |_| ())?.insert(&7, &1250)?;
    /// // A later release need not say so.
    /// TypedTable::<u64, u64>::open(&database, "prices")?;
    /// let prices = &TableCatalog::of(&database)?.tables()?[0];
    /// assert_eq!(prices.value.configuration().integers, IntegerEncoding::Variable);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_integers(self, integers: IntegerEncoding) -> Self {
        Self { integers: Some(integers), ..self }
    }

    /// Uses this serializer for the keys, such as one that declares what keys were in earlier releases. How integers are
    /// stored is decided as without it.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::Serializer;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// TypedTable::<u32, String>::open(&database, "names")?.insert(&7, &"apples".into())?;
    /// // Different numbers have different texts.
    /// let keys = Serializer::<String>::new()?.with_injective_conversion("decimal", |id: u32| id.to_string())?;
    /// let options = TableOptions::new().with_key_serializer(keys);
    /// let names = TypedTable::<String, String>::open_with(&database, "names", &options, &mut |_| ())?;
    /// assert_eq!(names.get("7")?.as_deref(), Some("apples"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_key_serializer<K: StateKey>(self, key: Serializer<K>) -> Self {
        let [_, value] = self.serializers;
        Self { serializers: [Some(Arc::new(key)), value], ..self }
    }

    /// Uses this serializer for the values, such as one that declares what values were in earlier releases. How integers
    /// are stored is decided as without it.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use std::collections::BTreeMap;
    /// use typeser::Serializer;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// TypedTable::<u32, Vec<String>>::open(&database, "carts")?.insert(&7, &vec!["apple".into(), "apple".into()])?;
    ///
    /// fn counted(items: Vec<String>) -> BTreeMap<String, u32> {
    ///     items.into_iter().fold(BTreeMap::new(), |mut counts, item| {
    ///         *counts.entry(item).or_default() += 1;
    ///         counts
    ///     })
    /// }
    /// let values = Serializer::<BTreeMap<String, u32>>::new()?.with_conversion("counted", counted)?;
    /// let options = TableOptions::new().with_value_serializer(values);
    /// let carts = TypedTable::<u32, BTreeMap<String, u32>>::open_with(&database, "carts", &options, &mut |_| ())?;
    /// assert_eq!(carts.get(&7)?, Some(BTreeMap::from([("apple".to_owned(), 2)])));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_value_serializer<V: StateType>(self, value: Serializer<V>) -> Self {
        let [key, _] = self.serializers;
        Self { serializers: [key, Some(Arc::new(value))], ..self }
    }

    /// Refuses to open a table that has to be migrated, so that no start of the program takes long unawares.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableError, TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// let options = TableOptions::new().without_migration();
    /// let refused = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ());
    /// assert!(matches!(refused, Err(TableError::NeedsMigration(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without_migration(self) -> Self {
        Self { migrate: false, ..self }
    }

    /// Migrates in batches of up to this many rows, and this many bytes of stored and new rows. A batch is one
    /// transaction; it has at least one row.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// let stock = TypedTable::<u8, u32>::open(&database, "stock")?;
    /// (0..5).try_for_each(|id| stock.insert(&id, &3))?;
    /// let (options, mut durable) = (TableOptions::new().with_batches(2, 1 << 20), Vec::new());
    /// TypedTable::<u8, u64>::open_with(&database, "stock", &options, &mut |progress| durable.push(progress.rows))?;
    /// assert_eq!(durable, [2, 4, 5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_batches(self, rows: usize, bytes: usize) -> Self {
        Self { batch_rows: rows, batch_bytes: bytes, ..self }
    }

    /// Adopts a table without snapshots, as [`TypedTable::adopt`](super::TypedTable::adopt) does, if it has rows that
    /// plain bincode wrote with these integers. A fresh installation has no such table: there it is made, with the same
    /// integers.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::schema::IntegerEncoding;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// let options = TableOptions::new().adopt(IntegerEncoding::Fixed);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// assert!(stock.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn adopt(self, integers: IntegerEncoding) -> Self {
        Self { adopts: Some(integers), ..self }
    }

    /// Deletes all rows of a table that does not fit the program, instead of refusing to open it. For caches, which can
    /// be filled again.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// TypedTable::<String, Vec<u8>>::open(&database, "thumbnails")?.insert("a.png", &vec![0x89])?;
    /// // The next release stores their sizes too.
    /// let options = TableOptions::new().reset_if_incompatible();
    /// let cache = TypedTable::<String, (u16, u16, Vec<u8>)>::open_with(&database, "thumbnails", &options, &mut |_| ())?;
    /// assert!(cache.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reset_if_incompatible(self) -> Self {
        Self { resets: true, ..self }
    }

    /// Keeps the rows of a table as they were before a migration, under the name of the release that wrote them, so that
    /// [`TableCatalog::roll_back`](super::TableCatalog::roll_back) can restore them. They take their space until
    /// [`TableCatalog::drop_previous`](super::TableCatalog::drop_previous) deletes them. A table that is not rewritten
    /// keeps nothing.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableCatalog, TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().keep_previous("1.4.0");
    /// TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// let kept = TableCatalog::of(&database)?.previous()?;
    /// assert_eq!((kept[0].table.as_str(), kept[0].release.as_str(), kept[0].rows), ("stock", "1.4.0", 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keep_previous(self, release: impl Into<String>) -> Self {
        Self { keeps: Some(release.into()), ..self }
    }

    /// Opens a table without rewriting it if only its values have to be migrated. Each row stays as an earlier release left
    /// it, and is migrated whenever it is read, until it is written, or until
    /// [`TypedTable::migrate_some`](super::TypedTable::migrate_some) rewrites it.
    /// [`TypedTable::unmigrated_rows`](super::TypedTable::unmigrated_rows) counts what is left. A later release may open the
    /// table before nothing is left.
    ///
    /// If keys have to be migrated, all rows are migrated first, as without this option; and a table that is opened without
    /// this option migrates what is left first. Nothing can be [kept](Self::keep_previous) for a rollback. Releases of
    /// typeser that have no lazy migrations refuse to open the table while rows are left.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().migrate_lazily();
    /// let stock = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// assert_eq!((stock.unmigrated_rows()?, stock.get("apples")?), (1, Some(3)));
    /// assert_eq!(stock.migrate_some(1_000)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn migrate_lazily(self) -> Self {
        Self { lazy: true, ..self }
    }

    /// Declares a [`TableIndex`], which is built if the table has none like it, and written by every write to the table
    /// from then on. Indexes that are stored and not declared are deleted, unless the table is only read, because nothing
    /// would write them; handles that were opened with them are stale.
    ///
    /// Releases of typeser that have no indexes refuse to open the table.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    ///
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// // The next release finds out what there is least of. The index is built of the rows that there are.
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("pears", &1)?;
    /// assert_eq!(stock.by_index(&BY_COUNT)?.first()?, Some(("pears".to_owned(), 1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_index<K: StateKey, V: StateType, I: OrderedKey>(mut self, index: &TableIndex<K, V, I>) -> Self {
        self.indexes.push(Declaration::of(index));
        self
    }
}
