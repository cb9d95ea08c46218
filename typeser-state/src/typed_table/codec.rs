//! The serializers of an open table, and the messages about what they are given.

#[cfg(feature = "redb")]
use redb::ReadableTable;
use typeser::migrate::Adopted;
use typeser::schema::IntegerEncoding;
use typeser::serializer::{AsKey, KeyPrefix};
use typeser::{OrderedKey, Serializer, StateKey, StateType, TypeSerializer};

use super::display::shown;
use super::error::{TableError, TablePart};
use super::index_error::IndexError;
use super::index_part::{Entry, OpenIndex};
use super::key_codec::{KeyCodec, with_key, with_value};
use super::key_order::KeyOrder;
use super::older_values::{OlderValueError, OlderValues};
use super::options::TableOptions;
use super::record::Record;

/// Reads and writes the keys and values of one table as they are stored.
pub(super) struct Codec<K, V> {
    pub(super) table: String,
    pub(super) generation: u64,
    pub(super) key: KeyCodec<K>,
    pub(super) value: Adopted<V>,
    /// For the rows of earlier releases, newest first: none unless the table is migrated lazily.
    pub(super) older: Vec<OlderValues<V>>,
    /// By name; none unless the program declares them.
    pub(super) indexes: Vec<OpenIndex<K, V>>,
}

/// The serializers of a table that takes over nothing.
pub(super) fn new_codec<K: StateKey, V: StateType, O: KeyOrder<K>>(
    name: &str,
    generation: u64,
    integers: IntegerEncoding,
    options: &TableOptions,
) -> Result<Codec<K, V>, TableError> {
    let key = match O::ORDERED {
        true => KeyCodec::in_order(name, described(name, TablePart::Key, IntegerEncoding::Fixed, options)?)?,
        false => KeyCodec::unordered(Adopted::plain(described(name, TablePart::Key, integers, options)?)),
    };
    let value = Adopted::plain(described(name, TablePart::Value, integers, options)?);
    Ok(Codec { table: name.to_owned(), generation, key, value, older: Vec::new(), indexes: Vec::new() })
}

/// The serializer of a part: the one that the options have for it, or the default one.
pub(super) fn described<T: StateType>(
    name: &str,
    part: TablePart,
    integers: IntegerEncoding,
    options: &TableOptions,
) -> Result<Serializer<T>, TableError> {
    let [key, value] = &options.serializers;
    let given = if part == TablePart::Key { key } else { value };
    let described = match given {
        None => Serializer::with_integers(integers),
        Some(given) => {
            let other =
                || TableError::OtherSerializer { table: name.to_owned(), part, type_name: std::any::type_name::<T>() };
            given.downcast_ref::<Serializer<T>>().ok_or_else(other)?.under(integers)
        }
    };
    described.map_err(|source| TableError::Describe { table: name.to_owned(), part, source })
}

impl<K: StateKey, V: StateType> Codec<K, V> {
    /// What is stored beside the table from now on.
    pub(super) fn record(&self) -> Record {
        let (key, value) = (self.key.snapshot().clone(), self.value.snapshot().clone());
        let older = self.older.iter().map(|older| older.rows.clone()).collect();
        let indexes = self.indexes.iter().map(|index| index.record.clone()).collect();
        Record { generation: self.generation, key, value, older, indexes }
    }

    /// The same serializers, for today's rows.
    pub(super) fn of_rows(&self) -> Self {
        Self {
            table: self.table.clone(),
            generation: self.generation,
            key: self.key.clone(),
            value: self.value.clone(),
            older: Vec::new(),
            indexes: self.indexes.clone(),
        }
    }

    /// The entries of a row, one of each index.
    pub(super) fn entries(&self, stored_key: &[u8], value: &V) -> Result<Vec<Entry>, TableError> {
        let key = self.decode_key(stored_key)?;
        let entry = |(index, number): (&OpenIndex<K, V>, u8)| {
            index.entry(number, stored_key, &key, value).map_err(|source| {
                let (table, index) = (self.table.clone(), index.record.name.clone());
                TableError::Index(IndexError::Encode { table, index, source })
            })
        };
        self.indexes.iter().zip(0..).map(entry).collect()
    }

    /// The entries of a row with these bytes: what is not stored, or stored as something else, makes no entry.
    pub(super) fn entries_of(&self, stored_key: &[u8], stored_value: &[u8]) -> Result<Vec<Entry>, TableError> {
        self.entries(stored_key, &self.decode_value(stored_key, stored_value)?)
    }

    /// The error that two rows have the same part in a unique index.
    pub(super) fn not_unique(&self, index: &OpenIndex<K, V>, part: &[u8], rows: [&[u8]; 2]) -> TableError {
        TableError::Index(IndexError::NotUnique {
            table: self.table.clone(),
            index: index.record.name.clone(),
            keys: rows.map(|key| shown(self.key.snapshot(), key)),
            part: shown(index.snapshot(), part.get(1..).unwrap_or_default()),
        })
    }

    pub(super) fn encode_key<Q: AsKey<K> + ?Sized>(&self, key: &Q) -> Result<Vec<u8>, TableError> {
        let mut bytes = Vec::new();
        self.write_key(key, &mut bytes)?;
        Ok(bytes)
    }

    /// Does something with a key as it is stored.
    pub(super) fn with_key<Q: AsKey<K> + ?Sized, R>(
        &self,
        key: &Q,
        work: impl FnOnce(&[u8]) -> Result<R, TableError>,
    ) -> Result<R, TableError> {
        with_key(|bytes| {
            self.write_key(key, bytes)?;
            work(bytes)
        })
    }

    /// Does something with a value as it is stored.
    pub(super) fn with_value<R>(
        &self,
        value: &V,
        work: impl FnOnce(&[u8]) -> Result<R, TableError>,
    ) -> Result<R, TableError> {
        with_value(|bytes| {
            let encoded = self.value.serialize(value, bytes);
            encoded.map_err(|source| self.encode_error(TablePart::Value, source))?;
            work(bytes)
        })
    }

    fn write_key<Q: AsKey<K> + ?Sized>(&self, key: &Q, to: &mut Vec<u8>) -> Result<(), TableError> {
        self.key.serialize(key, to).map_err(|source| self.encode_error(TablePart::Key, source))
    }

    /// The bytes with which the stored keys begin that begin with `prefix`.
    pub(super) fn encode_prefix<P: KeyPrefix<K> + ?Sized>(&self, prefix: &P) -> Result<Vec<u8>, TableError>
    where
        K: OrderedKey,
    {
        let mut bytes = Vec::new();
        let encoded = self.key.serialize_prefix(prefix, &mut bytes);
        encoded.map_err(|source| self.encode_error(TablePart::Key, source))?;
        Ok(bytes)
    }

    /// The value of a key in tables of redb: that of today's rows, and those of older ones.
    #[cfg(feature = "redb")]
    pub(super) fn get<Q: AsKey<K> + ?Sized, T: ReadableTable<&'static [u8], &'static [u8]>>(
        &self,
        rows: &T,
        older: &[T],
        key: &Q,
    ) -> Result<Option<V>, TableError> {
        self.with_key(key, |key| self.stored(rows, older, key))
    }

    /// The value of an encoded key in tables of redb.
    #[cfg(feature = "redb")]
    pub(super) fn stored<T: ReadableTable<&'static [u8], &'static [u8]>>(
        &self,
        rows: &T,
        older: &[T],
        key: &[u8],
    ) -> Result<Option<V>, TableError> {
        if let Some(value) = rows.get(key)? {
            return self.decode_value(key, value.value()).map(Some);
        }
        for (rows, values) in older.iter().zip(&self.older) {
            if let Some(value) = rows.get(key)? {
                return self.decode_older(values, key, value.value()).map(Some);
            }
        }
        Ok(None)
    }

    pub(super) fn decode_value(&self, key: &[u8], value: &[u8]) -> Result<V, TableError> {
        self.value.deserialize(value).map_err(|source| self.decode_error(TablePart::Value, key, source))
    }

    pub(super) fn decode(&self, key: &[u8], value: &[u8]) -> Result<(K, V), TableError> {
        Ok((self.decode_key(key)?, self.decode_value(key, value)?))
    }

    pub(super) fn decode_key(&self, key: &[u8]) -> Result<K, TableError> {
        self.key.deserialize(key).map_err(|source| self.decode_error(TablePart::Key, key, source))
    }

    /// A row of one of the tables: 0 is that of today's rows, and those of older ones follow.
    pub(super) fn decode_of(&self, number: usize, key: &[u8], value: &[u8]) -> Result<(K, V), TableError> {
        match number.checked_sub(1).and_then(|older| self.older.get(older)) {
            None => self.decode(key, value),
            Some(older) => Ok((self.decode_key(key)?, self.decode_older(older, key, value)?)),
        }
    }

    /// The value of a row that an earlier release left.
    #[cold]
    pub(super) fn decode_older(&self, values: &OlderValues<V>, key: &[u8], value: &[u8]) -> Result<V, TableError> {
        values.decode(value).map_err(|error| match error {
            OlderValueError::Decode(source) => self.decode_error(TablePart::Value, key, source),
            OlderValueError::Migrate(source) => {
                let key = shown(self.key.snapshot(), key);
                TableError::MigrateRow { table: self.table.clone(), key, source }
            }
        })
    }

    fn encode_error(&self, part: TablePart, source: typeser::wire::EncodeError) -> TableError {
        TableError::Encode { table: self.table.clone(), part, source }
    }

    fn decode_error(&self, part: TablePart, key: &[u8], source: typeser::wire::DecodeError) -> TableError {
        let key = shown(self.key.snapshot(), key);
        TableError::Decode { table: self.table.clone(), part, key, source }
    }
}
