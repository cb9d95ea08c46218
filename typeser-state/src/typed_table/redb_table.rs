//! Typed tables in a redb database of the program.

use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

use redb::{
    Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition,
    WriteTransaction,
};
use typeser::schema::IntegerEncoding;
use typeser::{StateKey, StateType, TypeSerializer};

use super::adopt::{self, Verification};
use super::codec::Codec;
use super::display::shown;
use super::error::TableError;
use super::opening::{self, Part, TablePlan, compare};
use super::options::{TableMigrationProgress, TableOptions};
use super::record;
use super::rows::{Rows, as_slices, stored_bounds};
use crate::backend::{BackendError, RedbBackend};

/// A table of a redb database of the program, whose keys are `K` and values are `V`.
///
/// A handle: cheap, and valid until the table is opened with types for which it has to be migrated.
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
/// let orders = TypedTable::<u32, Order>::open(&database, "orders")?;
/// orders.insert(&7, &Order { id: 1, note: "fragile".into() })?;
/// assert_eq!(orders.get(&7)?, Some(Order { id: 1, note: "fragile".into() }));
/// assert!(orders.remove(&7)?);
/// assert_eq!(orders.get(&7)?, None);
/// # Ok(())
/// # }
/// ```
pub struct TypedTable<'db, K: StateKey, V: StateType> {
    database: &'db Database,
    codec: Arc<Codec<K, V>>,
}

/// A typed table as it is at one moment.
pub struct TableReader<K: StateKey, V: StateType> {
    codec: Arc<Codec<K, V>>,
    rows: ReadOnlyTable<&'static [u8], &'static [u8]>,
}

/// A typed table within a write transaction of the program.
pub struct TableWriter<'txn, K: StateKey, V: StateType> {
    codec: Arc<Codec<K, V>>,
    rows: redb::Table<'txn, &'static [u8], &'static [u8]>,
}

impl<'db, K: StateKey, V: StateType> TypedTable<'db, K, V> {
    /// Opens a table, or makes one. If the stored types ask for it, all rows are migrated first.
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open(database: &'db Database, name: &str) -> Result<Self, TableError> {
        Self::open_with(database, name, &TableOptions::new(), &mut |_| ())
    }

    /// Opens a table as the options say, and reports how far a migration has come.
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open_with(
        database: &'db Database,
        name: &str,
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<Self, TableError> {
        let mut backend = RedbBackend::over(database)?;
        Ok(Self { database, codec: Arc::new(opening::open(&mut backend, name, options, progress)?) })
    }

    /// Takes over a table that plain bincode wrote, as `TableDefinition<&[u8], &[u8]>`: checks every row, and attaches
    /// the snapshots of `K` and `V` if all of them are what these types write. No row is changed.
    ///
    /// Fixed integers are those of `bincode::serialize` and `config::legacy()`, variable ones those of
    /// `config::standard()`. Nothing else may write to the table meanwhile.
    ///
    /// # Errors
    /// A row disagrees: the error lists its key and bytes. Or there is no such table, or it is typed already. Then
    /// nothing was changed.
    pub fn adopt(database: &'db Database, name: &str, integers: IntegerEncoding) -> Result<Self, TableError> {
        let mut backend = RedbBackend::over(database)?;
        Ok(Self { database, codec: Arc::new(adopt::adopt(&mut backend, name, integers)?) })
    }

    /// Takes over a table whose keys or values have other types of redb's, such as `TableDefinition<u64, &[u8]>` or a
    /// wrapper type around bincode: copies its rows to the new table `to`, in one transaction. `row` makes of each row
    /// the new key, and the value as bincode writes it; these bytes must be what `V` writes, and are kept. The old
    /// table stays as it is.
    ///
    /// # Errors
    /// A row disagrees, two rows have one key, or there are rows in `to`. Then nothing was changed.
    pub fn adopt_copy<RK: redb::Key + 'static, RV: redb::Value + 'static>(
        database: &'db Database,
        from: TableDefinition<'_, RK, RV>,
        to: &str,
        integers: IntegerEncoding,
        mut row: impl FnMut(RK::SelfType<'_>, RV::SelfType<'_>) -> (K, Vec<u8>),
    ) -> Result<Self, TableError> {
        opening::check_name(to)?;
        let codec: Codec<K, V> = opening::new_codec(to, 0, integers)?;
        let transaction = database.begin_write()?;
        {
            let old = transaction.open_table(from)?;
            let mut new = transaction.open_table(definition(to))?;
            let mut metadata = transaction.open_table(definition(record::TABLE))?;
            let typed = metadata.get(&*record::record_key(to))?.is_some();
            if typed {
                return Err(TableError::TypedAlready { table: to.to_owned() });
            }
            if !new.is_empty()? {
                return Err(TableError::NotEmpty { table: to.to_owned() });
            }
            let mut verification = Verification::new(&codec);
            for stored in old.iter()? {
                let (key, value) = stored?;
                let (key, value) = row(key.value(), value.value());
                let key = codec.encode_key(&key)?;
                verification.row(&key, &value);
                let twice = new.insert(&*key, &*value)?.is_some();
                if twice {
                    let key = shown(codec.key.snapshot(), &key);
                    return Err(TableError::SameKey { table: to.to_owned(), key });
                }
            }
            verification.finish()?;
            let record = codec.record().to_bytes()?;
            metadata.insert(&*record::record_key(to), &*record)?;
        }
        transaction.commit()?;
        Ok(Self { database, codec: Arc::new(codec) })
    }

    /// Opens a table to be read as it is now. Nothing is written, refreshed or migrated.
    ///
    /// # Errors
    /// There is no such table, it would have to be migrated, or what is stored does not fit.
    pub fn open_read_only(database: &impl ReadableDatabase, name: &str) -> Result<TableReader<K, V>, TableError> {
        opening::check_name(name)?;
        let failed = |source: redb::Error| BackendError::Redb {
            path: "that the program has open".into(),
            source: Box::new(source),
        };
        let missing = || TableError::Missing { table: name.to_owned() };
        let transaction = database.begin_read().map_err(|error| failed(error.into()))?;
        let table = |name| match transaction.open_table(definition(name)) {
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
        let stored = opening::parse(name, record.value())?;
        let (table, generation) = (name.to_owned(), stored.generation);
        match compare(name, &stored, &TableOptions::new())? {
            TablePlan { key: Part::Kept(key), value: Part::Kept(value), .. } => {
                Ok(TableReader { codec: Arc::new(Codec { table, generation, key, value }), rows })
            }
            TablePlan { migration: Some(refusal), .. } => Err(TableError::NeedsMigration(Box::new(refusal))),
            TablePlan { .. } => Err(TableError::NotTyped { table }),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.codec.table
    }

    /// The table as it is now. Later changes do not show.
    ///
    /// # Errors
    /// The database fails, or the table was migrated after this handle was opened.
    pub fn read(&self) -> Result<TableReader<K, V>, TableError> {
        self.read_in(&self.database.begin_read()?)
    }

    /// The table within a read transaction of the program.
    ///
    /// # Errors
    /// The database fails, or the table was migrated after this handle was opened.
    pub fn read_in(&self, transaction: &ReadTransaction) -> Result<TableReader<K, V>, TableError> {
        self.check_current(transaction.open_table(definition(record::TABLE)), false)?;
        let rows = transaction.open_table(definition(self.name()))?;
        Ok(TableReader { codec: Arc::clone(&self.codec), rows })
    }

    /// The table within a write transaction of the program, which commits.
    ///
    /// # Errors
    /// The database fails, or the table was migrated after this handle was opened.
    pub fn write_in<'txn>(&self, transaction: &'txn WriteTransaction) -> Result<TableWriter<'txn, K, V>, TableError> {
        self.check_current(transaction.open_table(definition(record::TABLE)), true)?;
        let rows = transaction.open_table(definition(self.name()))?;
        Ok(TableWriter { codec: Arc::clone(&self.codec), rows })
    }

    /// The value of a key, if there is one.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get(&self, key: &K) -> Result<Option<V>, TableError> {
        self.read()?.get(key)
    }

    /// Writes a row, over the one that has this key, in its own transaction. Many rows at once go in one
    /// transaction: [`TypedTable::write_in`].
    ///
    /// # Errors
    /// See [`TableError`]. Then the table is as it was.
    pub fn insert(&self, key: &K, value: &V) -> Result<(), TableError> {
        let transaction = self.database.begin_write()?;
        self.write_in(&transaction)?.insert(key, value)?;
        Ok(transaction.commit()?)
    }

    /// Deletes the row of a key in its own transaction; says whether there was one.
    ///
    /// # Errors
    /// See [`TableError`]. Then the table is as it was.
    pub fn remove(&self, key: &K) -> Result<bool, TableError> {
        let transaction = self.database.begin_write()?;
        let removed = self.write_in(&transaction)?.remove(key)?;
        transaction.commit()?;
        Ok(removed)
    }

    /// The rows as they are now, in the order of the [bytes](super#keys) of their keys.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn iter(&self) -> Result<Rows<'static, K, V>, TableError> {
        self.read()?.iter()
    }

    /// The rows as they are now whose keys lie in a range by the order of their [bytes](super#keys).
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Rows<'static, K, V>, TableError> {
        self.read()?.range(range)
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        self.read()?.len()
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }

    /// Whether the rows still are what this handle reads and writes. They are not written while they are being
    /// migrated.
    fn check_current(
        &self,
        metadata: Result<impl ReadableTable<&'static [u8], &'static [u8]>, redb::TableError>,
        to_write: bool,
    ) -> Result<(), TableError> {
        let stale = || TableError::Stale { table: self.codec.table.clone() };
        let metadata = metadata?;
        let stored = metadata.get(&*record::record_key(self.name()))?.ok_or_else(stale)?;
        let generation = record::generation(stored.value()).ok_or_else(stale)?;
        let migrating = to_write && metadata.get(&*record::unfinished_key(self.name()))?.is_some();
        if generation != self.codec.generation || migrating {
            return Err(stale());
        }
        Ok(())
    }
}

impl<K: StateKey, V: StateType> TableReader<K, V> {
    /// The value of a key, if there is one.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get(&self, key: &K) -> Result<Option<V>, TableError> {
        get(&self.codec, &self.rows, key)
    }

    /// The rows, in the order of the [bytes](super#keys) of their keys.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn iter(&self) -> Result<Rows<'static, K, V>, TableError> {
        self.range(..)
    }

    /// The rows whose keys lie in a range by the order of their [bytes](super#keys).
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Rows<'static, K, V>, TableError> {
        let bounds = stored_bounds(&self.codec, range)?;
        // The method of the table itself: its rows outlive it.
        let rows = bounds.map(|bounds| ReadOnlyTable::range::<&[u8]>(&self.rows, as_slices(&bounds))).transpose()?;
        Ok(Rows { codec: Arc::clone(&self.codec), rows })
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        Ok(self.rows.len()?)
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }
}

impl<K: StateKey, V: StateType> TableWriter<'_, K, V> {
    /// The value of a key, if there is one.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get(&self, key: &K) -> Result<Option<V>, TableError> {
        get(&self.codec, &self.rows, key)
    }

    /// Writes a row, over the one that has this key.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn insert(&mut self, key: &K, value: &V) -> Result<(), TableError> {
        let (key, value) = (self.codec.encode_key(key)?, self.codec.encode_value(value)?);
        self.rows.insert(&*key, &*value)?;
        Ok(())
    }

    /// Deletes the row of a key; says whether there was one.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn remove(&mut self, key: &K) -> Result<bool, TableError> {
        let key = self.codec.encode_key(key)?;
        Ok(self.rows.remove(&*key)?.is_some())
    }

    /// The rows, in the order of the [bytes](super#keys) of their keys.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn iter(&self) -> Result<Rows<'_, K, V>, TableError> {
        self.range(..)
    }

    /// The rows whose keys lie in a range by the order of their [bytes](super#keys).
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Rows<'_, K, V>, TableError> {
        let bounds = stored_bounds(&self.codec, range)?;
        let rows = bounds.map(|bounds| self.rows.range::<&[u8]>(as_slices(&bounds))).transpose()?;
        Ok(Rows { codec: Arc::clone(&self.codec), rows })
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        Ok(self.rows.len()?)
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }
}

fn get<K: StateKey, V: StateType>(
    codec: &Codec<K, V>,
    rows: &impl ReadableTable<&'static [u8], &'static [u8]>,
    key: &K,
) -> Result<Option<V>, TableError> {
    let key = codec.encode_key(key)?;
    let value = rows.get(&*key)?;
    value.map(|value| codec.decode_value(&key, value.value())).transpose()
}

fn definition(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

impl<K: StateKey, V: StateType> Clone for TypedTable<'_, K, V> {
    fn clone(&self) -> Self {
        Self { database: self.database, codec: Arc::clone(&self.codec) }
    }
}

macro_rules! debug {
    ($($type:ident $(<$lifetime:lifetime>)?),*) => { $(
        impl<K: StateKey, V: StateType> fmt::Debug for $type<$($lifetime,)? K, V> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type)).field("table", &self.codec.table).finish_non_exhaustive()
            }
        }
    )* };
}

debug!(TypedTable<'_>, TableReader, TableWriter<'_>);
