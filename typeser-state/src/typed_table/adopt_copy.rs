//! Adopting a table of redb with other types than bytes: its rows are copied.

use std::error::Error;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};
use typeser::schema::IntegerEncoding;
use typeser::{StateKey, StateType};

use super::adopt::Verification;
use super::codec::{Codec, new_codec};
use super::database::DatabaseHandle;
use super::display::shown;
use super::error::TableError;
use super::key_order::Unordered;
use super::options::TableOptions;
use super::record;
use super::redb_table::{TypedTable, definition};

/// The key of a row and the bytes of its value; `None` to leave it out.
type NewRow<K> = Result<Option<(K, Vec<u8>)>, Box<dyn Error + Send + Sync>>;

impl<'db, K: StateKey, V: StateType> TypedTable<'db, K, V> {
    /// Takes over a table whose keys or values have other types of redb's, such as `TableDefinition<u64, &[u8]>` or a
    /// wrapper type around bincode: copies its rows to the new table `to`, in one transaction. The old table stays as it
    /// is.
    ///
    /// `row` makes of each row the new key, and the value as bincode writes it; these bytes must be what `V` writes, and
    /// are kept. It leaves a row out by `Ok(None)`, and ends the adoption by an error.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser::schema::IntegerEncoding;
    /// use typeser_state::typed_table::TypedTable;
    ///
    /// const PRICES: redb::TableDefinition<u64, &[u8]> = redb::TableDefinition::new("prices");
    /// let transaction = database.begin_write()?;
    /// transaction.open_table(PRICES)?.insert(7, &*bincode1::serialize(&1250u32)?)?;
    /// transaction.open_table(PRICES)?.insert(8, &b""[..])?;
    /// transaction.commit()?;
    ///
    /// let row = |key: u64, value: &[u8]| {
    ///     // Deleted prices were stored as empty values.
    ///     Ok((!value.is_empty()).then(|| (key.to_be_bytes(), value.to_vec())))
    /// };
    /// let integers = IntegerEncoding::Fixed;
    /// let prices = TypedTable::<[u8; 8], u32>::adopt_copy(&database, PRICES, "prices in cents", integers, row)?;
    /// assert_eq!((prices.get(&7u64.to_be_bytes())?, prices.len()?), (Some(1250), 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A row disagrees, `row` fails, two rows have one key, or there are rows in `to`. Then nothing was changed.
    pub fn adopt_copy<RK: redb::Key + 'static, RV: redb::Value + 'static>(
        database: impl Into<DatabaseHandle<'db>>,
        from: TableDefinition<'_, RK, RV>,
        to: &str,
        integers: IntegerEncoding,
        mut row: impl FnMut(RK::SelfType<'_>, RV::SelfType<'_>) -> NewRow<K>,
    ) -> Result<Self, TableError> {
        record::check_name(to)?;
        let codec: Codec<K, V> = new_codec::<K, V, Unordered>(to, 0, integers, &TableOptions::new())?;
        let database = database.into();
        let transaction = database.get().begin_write()?;
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
                let (stored_key, value) = stored?;
                let failed = |source| TableError::Copy {
                    table: to.to_owned(),
                    key: format!("{:?}", stored_key.value()),
                    source,
                };
                let Some((key, value)) = row(stored_key.value(), value.value()).map_err(failed)? else { continue };
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
        Ok(Self::of(database, Arc::new(codec)))
    }
}
