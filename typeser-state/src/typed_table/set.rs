//! Several typed tables, opened by one decision.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use typeser::{OrderedKey, Serializer, StateKey, StateType};

use super::codec::Codec;
use super::database::DatabaseHandle;
use super::dry_run::{TableDryRun, dry_run};
use super::error::{SetRefusal, TableError};
use super::key_order::{KeyOrder, Ordered, Unordered};
use super::opening;
use super::options::{TableMigrationProgress, TableOptions};
use super::redb_table::{OrderedTable, TableHandle, TypedTable};
use super::step::Opening;
use super::switch;
use crate::backend::{Backend, RedbBackend};

/// The typed tables of a program, to be opened together.
///
/// [`TableSet::open`] compares all tables first. If one does not fit, the error has the reports on all of them, and
/// nothing is written. Then the shadow tables of all that migrate are filled, and one transaction replaces all of them
/// and stores all snapshots. A run that ends before that transaction, by an error or by `kill -9`, leaves every table to
/// the release before, which opens and writes it; the next run resumes.
///
/// Handles of the release before cannot write to the tables that migrate: they get [`TableError::Stale`]. What that
/// release writes after it opened the tables again is migrated as well, because opening a table with its stored types
/// discards its shadow table.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
/// use typeser_state::typed_table::{TableSet, TypedTable};
///
/// let mut set = TableSet::new();
/// set.add::<String, u32>("stock").add::<u32, String>("orders");
/// let tables = set.open(&database)?;
/// let stock: TypedTable<'_, String, u32> = tables.table("stock")?;
/// let orders: TypedTable<'_, u32, String> = tables.table("orders")?;
/// stock.insert("apples", &3)?;
/// assert!(orders.is_empty()?);
///
/// // `stock` could be migrated, but `orders` cannot: nothing is written.
/// let mut next = TableSet::new();
/// next.add::<String, u64>("stock").add::<u32, bool>("orders");
/// assert!(next.open(&database).is_err());
/// assert_eq!(stock.get("apples")?, Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct TableSet {
    tables: BTreeMap<String, Plan>,
}

/// Open tables of a [`TableSet`].
pub struct OpenTables<'db> {
    database: DatabaseHandle<'db>,
    codecs: BTreeMap<String, SharedCodec>,
}

/// Plans the opening of one table, whose types it knows.
type Plan = Box<dyn Fn(&mut dyn Backend, &TableOptions) -> Result<(Opening, SharedCodec), TableError> + Send + Sync>;

/// The serializers of a table, and whether it is ordered.
type Opened<K, V, O> = (Arc<Codec<K, V>>, PhantomData<fn() -> O>);

/// An `Arc<Codec<K, V>>`, whose types the program names again.
type SharedCodec = Arc<dyn Any + Send + Sync>;

impl TableSet {
    /// A set without tables.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::TableSet;
    ///
    /// TableSet::new().open(&database)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table. A table that was added before under this name is replaced.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::TableSet;
    ///
    /// let mut set = TableSet::new();
    /// set.add::<String, u32>("stock").add::<String, u64>("prices");
    /// assert!(set.open(&database)?.table::<String, u64>("prices")?.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add<K: StateKey, V: StateType>(&mut self, name: impl Into<String>) -> &mut Self {
        self.add_in::<K, V, Unordered>(name.into(), |options| options)
    }

    /// Adds an [`OrderedTable`]. A table that was added before under this name is replaced.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::TableSet;
    ///
    /// let mut set = TableSet::new();
    /// set.add::<String, u32>("stock").add_ordered::<(u8, u64), String>("jobs");
    /// let jobs = set.open(&database)?.ordered_table::<(u8, u64), String>("jobs")?;
    /// assert_eq!(jobs.first()?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_ordered<K: OrderedKey, V: StateType>(&mut self, name: impl Into<String>) -> &mut Self {
        self.add_in::<K, V, Ordered>(name.into(), |options| options)
    }

    /// Adds a table with options of its own, which are added to those of [`TableSet::open_with`]: its indexes, for example.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableIndex, TableSet};
    ///
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let mut set = TableSet::new();
    /// set.add_with::<String, u32>("stock", |options| options.with_index(&BY_COUNT));
    /// let stock = set.open(&database)?.table::<String, u32>("stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!(stock.by_index(&BY_COUNT)?.get(&3)?, Some(("apples".to_owned(), 3)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_with<K: StateKey, V: StateType>(
        &mut self,
        name: impl Into<String>,
        with: impl Fn(TableOptions) -> TableOptions + Send + Sync + 'static,
    ) -> &mut Self {
        self.add_in::<K, V, Unordered>(name.into(), with)
    }

    /// Adds an [`OrderedTable`] with options of its own; see [`TableSet::add_with`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("jobs.redb"))?;
    /// use typeser_state::typed_table::{TableIndex, TableSet};
    ///
    /// const BY_ID: TableIndex<(u8, u64), String, u64> = TableIndex::unique("by id", 1, |(_, id), _| *id);
    ///
    /// let mut set = TableSet::new();
    /// set.add_ordered_with::<(u8, u64), String>("jobs", |options| options.with_index(&BY_ID));
    /// let jobs = set.open(&database)?.ordered_table::<(u8, u64), String>("jobs")?;
    /// jobs.insert(&(3, 17), &"backup".to_owned())?;
    /// assert_eq!(jobs.by_index(&BY_ID)?.get(&17)?, Some(((3, 17), "backup".to_owned())));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_ordered_with<K: OrderedKey, V: StateType>(
        &mut self,
        name: impl Into<String>,
        with: impl Fn(TableOptions) -> TableOptions + Send + Sync + 'static,
    ) -> &mut Self {
        self.add_in::<K, V, Ordered>(name.into(), with)
    }

    fn add_in<K: StateKey, V: StateType, O: KeyOrder<K>>(
        &mut self,
        name: String,
        with: impl Fn(TableOptions) -> TableOptions + Send + Sync + 'static,
    ) -> &mut Self {
        let table = name.clone();
        let plan: Plan = Box::new(move |mut backend, options| {
            let options = with(options.clone());
            let (opening, codec) = opening::plan::<K, V, O, _>(&mut backend, &table, &options)?;
            let opened: Opened<K, V, O> = (Arc::new(codec), PhantomData);
            Ok((opening, Arc::new(opened) as SharedCodec))
        });
        self.tables.insert(name, plan);
        self
    }

    /// Adds a table with serializers for its keys and values, such as those that declare what keys and values were in
    /// earlier releases; see [`TableOptions::with_value_serializer`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::Serializer;
    /// use typeser_state::typed_table::{TableSet, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let values = Serializer::<String>::new()?.with_conversion("spelled", |count: u32| count.to_string())?;
    /// let mut set = TableSet::new();
    /// let tables = set.add_with_serializers("stock", Serializer::<String>::new()?, values).open(&database)?;
    /// assert_eq!(tables.table::<String, String>("stock")?.get("apples")?, Some("3".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_with_serializers<K: StateKey, V: StateType>(
        &mut self,
        name: impl Into<String>,
        key: Serializer<K>,
        value: Serializer<V>,
    ) -> &mut Self {
        self.add_in::<K, V, Unordered>(name.into(), move |options| {
            options.with_key_serializer(key.clone()).with_value_serializer(value.clone())
        })
    }

    /// Opens all tables, or none.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("shop.redb");
    /// use std::sync::Arc;
    /// use typeser_state::typed_table::{OwnedTable, TableError, TableSet};
    ///
    /// struct Shop {
    ///     stock: OwnedTable<String, u32>,
    ///     prices: OwnedTable<String, u64>,
    /// }
    ///
    /// fn open(database: Arc<redb::Database>) -> Result<Shop, TableError> {
    ///     let mut set = TableSet::new();
    ///     let tables = set.add::<String, u32>("stock").add::<String, u64>("prices").open(database)?;
    ///     Ok(Shop { stock: tables.table("stock")?, prices: tables.table("prices")? })
    /// }
    ///
    /// let shop = open(Arc::new(redb::Database::create(path)?))?;
    /// shop.prices.insert("apples", &120)?;
    /// assert!(shop.stock.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Some tables do not fit: [`TableError::Set`] has the report on each. Or a row cannot be migrated. Then all tables
    /// are as they were.
    pub fn open<'db>(&self, database: impl Into<DatabaseHandle<'db>>) -> Result<OpenTables<'db>, TableError> {
        self.open_with(database, &TableOptions::new(), &mut |_| ())
    }

    /// Opens all tables as the options say, or none, and reports how far the migration of each has come.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TableSet, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let mut set = TableSet::new();
    /// set.add::<String, u64>("stock").add::<String, u64>("prices");
    /// let mut migrated = Vec::new();
    /// set.open_with(&database, &TableOptions::new(), &mut |progress| migrated.push(progress.table.to_owned()))?;
    /// assert_eq!(migrated, ["stock"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`TableSet::open`].
    pub fn open_with<'db>(
        &self,
        database: impl Into<DatabaseHandle<'db>>,
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<OpenTables<'db>, TableError> {
        let database = database.into();
        let codecs = self.open_all(&mut RedbBackend::over(database.get())?, options, progress)?;
        Ok(OpenTables { database, codecs })
    }

    /// Opens all tables of a backend, or none. Then [`BackendTable::open`](super::BackendTable::open) finds that each
    /// fits.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::{BackendTable, TableOptions, TableSet};
    ///
    /// let mut backend = MemoryBackend::new();
    /// BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    ///
    /// let mut set = TableSet::new();
    /// set.add::<String, u64>("stock").add::<String, u64>("prices");
    /// set.open_in(&mut backend, &TableOptions::new(), &mut |_| ())?;
    /// let stock = BackendTable::<String, u64, _>::open(&mut backend, "stock")?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`TableSet::open`].
    pub fn open_in(
        &self,
        backend: &mut dyn Backend,
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<(), TableError> {
        self.open_all(backend, options, progress).map(|_| ())
    }

    /// What opening the tables would do: which tables migrate, how many rows and bytes they have before and after, what
    /// is dropped, and which rows cannot be migrated. Every row is read and migrated, functions of the program included,
    /// and nothing is written.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableAction, TableOptions, TableSet, TypedTable};
    ///
    /// TypedTable::<u8, u32>::open(&database, "stock")?.insert(&1, &3)?;
    /// let mut set = TableSet::new();
    /// set.add::<u8, u64>("stock").add::<String, u64>("prices");
    /// let [prices, stock] = &set.dry_run(&database, &TableOptions::new())?[..] else { panic!() };
    /// assert_eq!((stock.action, stock.rows, stock.bytes, stock.new_bytes), (TableAction::Migrate, 1, 5, 9));
    /// assert_eq!((prices.action, stock.failed), (TableAction::Create, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`TableSet::open`], but for rows that cannot be migrated: they are counted.
    pub fn dry_run<'db>(
        &self,
        database: impl Into<DatabaseHandle<'db>>,
        options: &TableOptions,
    ) -> Result<Vec<TableDryRun>, TableError> {
        self.dry_run_in(&mut RedbBackend::over(database.into().get())?, options)
    }

    /// What [`TableSet::open_in`] would do; see [`TableSet::dry_run`].
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::{TableAction, TableOptions, TableSet};
    ///
    /// let mut set = TableSet::new();
    /// set.add::<String, u32>("stock");
    /// let dry_run = set.dry_run_in(&mut MemoryBackend::new(), &TableOptions::new())?;
    /// assert_eq!(dry_run[0].action, TableAction::Create);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`TableSet::open`], but for rows that cannot be migrated: they are counted.
    pub fn dry_run_in(
        &self,
        backend: &mut dyn Backend,
        options: &TableOptions,
    ) -> Result<Vec<TableDryRun>, TableError> {
        let (openings, _) = self.plan(backend, options)?;
        openings.iter().map(|opening| dry_run(backend, opening)).collect()
    }

    fn open_all(
        &self,
        mut backend: &mut dyn Backend,
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<BTreeMap<String, SharedCodec>, TableError> {
        let (openings, codecs) = self.plan(backend, options)?;
        switch::run(&mut backend, &openings, options, progress)?;
        if openings.iter().any(|opening| opening.copies_indexed_rows) {
            return self.open_all(backend, options, progress);
        }
        Ok(codecs)
    }

    /// Decides what opening each table does. All problems are reported at once.
    fn plan(
        &self,
        backend: &mut dyn Backend,
        options: &TableOptions,
    ) -> Result<(Vec<Opening>, BTreeMap<String, SharedCodec>), TableError> {
        let (mut openings, mut codecs, mut problems) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (name, plan) in &self.tables {
            match plan(backend, options) {
                Ok((opening, codec)) => {
                    openings.push(opening);
                    codecs.insert(name.clone(), codec);
                }
                Err(error @ (TableError::Backend(_) | TableError::Redb(_))) => return Err(error),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            return Ok((openings, codecs));
        }
        Err(TableError::Set(Box::new(SetRefusal { tables: self.tables.len(), problems })))
    }
}

impl<'db> OpenTables<'db> {
    /// A table of the set.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableError, TableSet};
    ///
    /// let mut set = TableSet::new();
    /// let tables = set.add::<String, u32>("stock").open(&database)?;
    /// tables.table::<String, u32>("stock")?.insert("apples", &3)?;
    /// assert!(matches!(tables.table::<String, u64>("stock"), Err(TableError::NotInSet { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The set has no table of this name with these types.
    pub fn table<K: StateKey, V: StateType>(&self, name: &str) -> Result<TypedTable<'db, K, V>, TableError> {
        self.table_in(name, "TableSet::add")
    }

    /// An ordered table of the set.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("jobs.redb"))?;
    /// use typeser_state::typed_table::TableSet;
    ///
    /// let mut set = TableSet::new();
    /// let tables = set.add_ordered::<i64, String>("jobs").open(&database)?;
    /// let jobs = tables.ordered_table::<i64, String>("jobs")?;
    /// jobs.insert(&-3, &"mail".to_owned())?;
    /// assert!(tables.table::<i64, String>("jobs").is_err(), "the order is a part of the type");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The set has no ordered table of this name with these types.
    pub fn ordered_table<K: OrderedKey, V: StateType>(
        &self,
        name: &str,
    ) -> Result<OrderedTable<'db, K, V>, TableError> {
        self.table_in(name, "TableSet::add_ordered")
    }

    fn table_in<K: StateKey, V: StateType, O: KeyOrder<K>>(
        &self,
        name: &str,
        add: &'static str,
    ) -> Result<TableHandle<'db, K, V, O>, TableError> {
        let missing = || TableError::NotInSet {
            table: name.to_owned(),
            types: format!("<{}, {}>", std::any::type_name::<K>(), std::any::type_name::<V>()),
            add,
        };
        let opened = self.codecs.get(name).and_then(|codec| codec.downcast_ref::<Opened<K, V, O>>());
        Ok(TableHandle::of(self.database.clone(), Arc::clone(&opened.ok_or_else(missing)?.0)))
    }
}

impl fmt::Debug for TableSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.tables.keys()).finish()
    }
}

impl fmt::Debug for OpenTables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.codecs.keys()).finish()
    }
}
