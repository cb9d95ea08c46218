//! Typed tables in a redb database of the program.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use redb::{ReadableDatabase, TableDefinition};
use typeser::schema::IntegerEncoding;
use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::database::DatabaseHandle;
use super::error::TableError;
use super::key_order::{KeyOrder, Ordered, Unordered};
use super::older_values::OlderValues;
use super::opening::{self, Part, TablePlan, compare, key_codec};
use super::options::{TableMigrationProgress, TableOptions};
use super::reader::TableReader;
use super::record;
use crate::backend::{BackendError, RedbBackend};

/// A table of a redb database of the program, whose keys are `K` and values are `V`.
///
/// A handle: cheap to clone, safe to share between threads, and valid until the table is opened with types for which it
/// has to be migrated. It borrows the database, or shares it: see [`OwnedTable`].
///
/// Keys are given as `&K`, or as what `K` borrows as: `&str` for a `String`, `&[u8]` for a `Vec<u8>`; see
/// [`AsKey`](typeser::serializer::AsKey).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
/// use typeser_state::typed_table::TypedTable;
///
/// #[derive(typeser::StateType, Debug, PartialEq)]
/// struct Order { id: u64, note: String }
///
/// let orders = TypedTable::<String, Order>::open(&database, "orders")?;
/// orders.insert("a7", &Order { id: 1, note: "fragile".into() })?;
/// orders.update("a7", |order| order.note.push_str(", this side up"))?;
/// assert_eq!(orders.get("a7")?, Some(Order { id: 1, note: "fragile, this side up".into() }));
/// assert!(orders.remove("a7")?);
/// assert_eq!(orders.get("a7")?, None);
/// # Ok(())
/// # }
/// ```
pub type TypedTable<'db, K, V> = TableHandle<'db, K, V, Unordered>;

/// A table of a redb database of the program, whose rows lie where their keys sort: by the declared order of `K`, which is
/// that of a derived `Ord`.
///
/// It has what a [`TypedTable`] has, and ranges, prefixes, the first row, the last one, and rows from behind. A table
/// that was opened as a [`TypedTable`] becomes an ordered one by a migration, and back.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let database = redb::Database::create(folder.path().join("jobs.redb"))?;
/// use typeser_state::typed_table::OrderedTable;
///
/// #[derive(typeser::StateType, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// #[state(ordered)]
/// struct Due { priority: u8, at: i64, id: u64 }
///
/// let jobs = OrderedTable::<Due, String>::open(&database, "jobs")?;
/// jobs.insert(&Due { priority: 2, at: -5, id: 1 }, &"mail".into())?;
/// jobs.insert(&Due { priority: 1, at: 900, id: 2 }, &"backup".into())?;
/// jobs.insert(&Due { priority: 1, at: 70, id: 3 }, &"index".into())?;
///
/// let (next, job) = jobs.first()?.expect("there are jobs");
/// assert_eq!((next, job.as_str()), (Due { priority: 1, at: 70, id: 3 }, "index"));
/// assert_eq!(jobs.prefix(&(1u8,))?.count(), 2);
/// # Ok(())
/// # }
/// ```
pub type OrderedTable<'db, K, V> = TableHandle<'db, K, V, Ordered>;

/// A table of a redb database of the program: a [`TypedTable`], or an [`OrderedTable`].
pub struct TableHandle<'db, K: StateKey, V: StateType, O> {
    pub(super) database: DatabaseHandle<'db>,
    pub(super) codec: Arc<Codec<K, V>>,
    order: PhantomData<fn() -> O>,
}

/// A typed table that shares the database instead of borrowing it, for structs that hold both.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shop.redb");
/// use std::sync::Arc;
/// use typeser_state::typed_table::{OwnedTable, TableError};
///
/// struct Shop {
///     database: Arc<redb::Database>,
///     stock: OwnedTable<String, u32>,
///     prices: OwnedTable<String, u64>,
/// }
///
/// impl Shop {
///     fn open(database: Arc<redb::Database>) -> Result<Self, TableError> {
///         let (stock, prices) = (OwnedTable::open(&database, "stock")?, OwnedTable::open(&database, "prices")?);
///         Ok(Self { database, stock, prices })
///     }
/// }
///
/// let shop = Shop::open(Arc::new(redb::Database::create(path)?))?;
/// shop.stock.insert("apples", &3)?;
/// // A clone of a handle goes to another thread.
/// let prices = shop.prices.clone();
/// std::thread::spawn(move || prices.insert("apples", &120)).join().unwrap()?;
/// assert_eq!((shop.stock.get("apples")?, shop.prices.get("apples")?), (Some(3), Some(120)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type OwnedTable<K, V> = TypedTable<'static, K, V>;

/// An ordered table that shares the database instead of borrowing it; see [`OwnedTable`].
pub type OwnedOrderedTable<K, V> = OrderedTable<'static, K, V>;

impl<'db, K: StateKey, V: StateType, O: KeyOrder<K>> TableHandle<'db, K, V, O> {
    pub(super) fn of(database: DatabaseHandle<'db>, codec: Arc<Codec<K, V>>) -> Self {
        Self { database, codec, order: PhantomData }
    }

    /// Opens a table, or makes one. If the stored types ask for it, all rows are migrated first.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::TypedTable;
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// // The next release counts further.
    /// let stock = TypedTable::<String, u64>::open(&database, "stock")?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open(database: impl Into<DatabaseHandle<'db>>, name: &str) -> Result<Self, TableError> {
        Self::open_with(database, name, &TableOptions::new(), &mut |_| ())
    }

    /// Opens a table as the options say, and reports how far a migration has come.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().with_batches(1_000, 1 << 20);
    /// let mut rows = 0;
    /// TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |progress| rows = progress.rows)?;
    /// assert_eq!(rows, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open_with(
        database: impl Into<DatabaseHandle<'db>>,
        name: &str,
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<Self, TableError> {
        let database = database.into();
        let codec = opening::open::<K, V, O, _>(&mut RedbBackend::over(database.get())?, name, options, progress)?;
        Ok(Self::of(database, Arc::new(codec)))
    }

    /// Opens a table, or [adopts](TypedTable::adopt) it if it has rows that plain bincode wrote. A fresh installation has
    /// nothing to adopt: there the table is made, with the same integers. Keys of an [`OrderedTable`] are migrated at once.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::schema::IntegerEncoding;
    /// use typeser_state::typed_table::TypedTable;
    ///
    /// // In every release: the first start adopts or makes the table, all others open it.
    /// let stock = TypedTable::<String, u32>::open_or_adopt(&database, "stock", IntegerEncoding::Fixed)?;
    /// assert!(stock.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open_or_adopt(
        database: impl Into<DatabaseHandle<'db>>,
        name: &str,
        integers: IntegerEncoding,
    ) -> Result<Self, TableError> {
        Self::open_with(database, name, &TableOptions::new().adopt(integers), &mut |_| ())
    }

    /// Opens a table to be read as it is now. Nothing is written, refreshed or migrated.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::TypedTable;
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let stock = TypedTable::<String, u32>::open_read_only(&database, "stock")?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// assert!(TypedTable::<String, u64>::open_read_only(&database, "stock").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such table, it would have to be migrated, or what is stored does not fit.
    pub fn open_read_only(database: &impl ReadableDatabase, name: &str) -> Result<TableReader<K, V, O>, TableError> {
        record::check_name(name)?;
        let failed = |source: redb::Error| BackendError::Redb {
            path: "that the program has open".into(),
            source: Box::new(source),
        };
        let missing = || TableError::Missing { table: name.to_owned() };
        let transaction = database.begin_read().map_err(|error| failed(error.into()))?;
        let table = |name: &str| match transaction.open_table(definition(name)) {
            Ok(table) => Ok(Some(table)),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(failed(error.into())),
        };
        let rows = table(name)?.ok_or_else(missing)?;
        let record = match table(record::TABLE)? {
            None => None,
            Some(metadata) => metadata.get(&*record::record_key(name)).map_err(|error| failed(error.into()))?,
        };
        let Some(record) = record else {
            return Err(TableError::NotTyped { table: name.to_owned() });
        };
        let stored = record::parse(name, record.value())?;
        match compare::<K, V, O>(name, &stored, &TableOptions::new())? {
            TablePlan { key: Part::Kept(key), value: Part::Kept(value), older, .. } => {
                let key = key_codec::<K, O>(name, key)?;
                let plain = value.clone().into_plain();
                let older: Vec<_> = older.into_iter().map(|older| older.values(&plain)).collect();
                let open = |older: &OlderValues<V>| {
                    let rows = table(&record::older_of(name, older.rows.generation))?;
                    rows.ok_or_else(missing)
                };
                let tables = older.iter().map(open).collect::<Result<_, _>>()?;
                let (table, generation) = (name.to_owned(), stored.generation);
                let codec = Codec { table, generation, key, value, older, indexes: Vec::new() };
                Ok(TableReader::of(Arc::new(codec), rows, tables))
            }
            TablePlan { migration: Some(refusal), .. } => Err(TableError::NeedsMigration(Box::new(refusal))),
            TablePlan { .. } => Err(TableError::NotTyped { table: name.to_owned() }),
        }
    }
}

impl<'db, K: StateKey, V: StateType> TypedTable<'db, K, V> {
    /// Takes over a table that plain bincode wrote, as `TableDefinition<&[u8], &[u8]>`: checks every row, and attaches
    /// the snapshots of `K` and `V` if all of them are what these types write. No row is changed.
    ///
    /// Fixed integers are those of `bincode::serialize` and `config::legacy()`, variable ones those of
    /// `config::standard()`. Nothing else may write to the table meanwhile.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::schema::IntegerEncoding;
    /// use typeser_state::typed_table::TypedTable;
    ///
    /// const STOCK: redb::TableDefinition<&[u8], &[u8]> = redb::TableDefinition::new("stock");
    /// let transaction = database.begin_write()?;
    /// transaction.open_table(STOCK)?.insert(&*bincode1::serialize("apples")?, &*bincode1::serialize(&3u32)?)?;
    /// transaction.commit()?;
    ///
    /// let stock = TypedTable::<String, u32>::adopt(&database, "stock", IntegerEncoding::Fixed)?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A row disagrees: the error lists its key and bytes. Or there is no such table, or it is typed already. Then
    /// nothing was changed.
    pub fn adopt(
        database: impl Into<DatabaseHandle<'db>>,
        name: &str,
        integers: IntegerEncoding,
    ) -> Result<Self, TableError> {
        let database = database.into();
        let codec = opening::adopt(&mut RedbBackend::over(database.get())?, name, integers)?;
        Ok(Self::of(database, Arc::new(codec)))
    }
}

pub(super) fn definition(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

impl<K: StateKey, V: StateType, O> Clone for TableHandle<'_, K, V, O> {
    fn clone(&self) -> Self {
        Self { database: self.database.clone(), codec: Arc::clone(&self.codec), order: PhantomData }
    }
}

impl<K: StateKey, V: StateType, O> fmt::Debug for TableHandle<'_, K, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableHandle").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
