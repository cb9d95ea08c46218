//! Rows of a table in the order of an index.

use std::fmt;
use std::iter::Rev;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;
use std::vec;

use typeser::serializer::{AsKey, KeyPrefix};
use typeser::{OrderedKey, StateKey, StateType};

use super::bounds::StoredRange;
use super::codec::Codec;
use super::error::{TableError, TablePart};
use super::index_error::IndexError;
use super::index_part::Entry;
use super::key_codec::KeyCodec;
use crate::backend::RowRange;

/// A table by one of its indexes. Rows come in the order of their indexed parts; those with the same part in the order of
/// their stored keys.
///
/// Of a table, [`TypedTable::by_index`](super::TypedTable::by_index) gives one of the rows as they are now. Writers and
/// tables of a backend give one of the rows with what is written, which cannot be written while it is read.
pub struct IndexReader<'a, K: StateKey, V: StateType, I> {
    source: Arc<dyn IndexSource<K, V> + 'a>,
    part: Arc<KeyCodec<I>>,
    number: u8,
}

/// Rows of a table by an index, from both ends. Each row is read when the iterator gets to it.
pub struct IndexRows<'a, K: StateKey, V: StateType> {
    source: Arc<dyn IndexSource<K, V> + 'a>,
    /// Where the entries begin that are not read yet; `None` if all are.
    from: Option<Vec<u8>>,
    until: Option<Vec<u8>>,
    read: vec::IntoIter<Entry>,
    /// How many entries are read the next time.
    next: usize,
}

/// The fewest and the most entries that are read at a time.
const ENTRIES: (usize, usize) = (4, 256);

/// The entries of the indexes of a table, and its rows.
pub(super) trait IndexSource<K, V> {
    fn codec(&self) -> &Codec<K, V>;

    /// The first entries of a range, as many as are asked for.
    fn entries(&self, range: RowRange<'_>, most: usize) -> Result<Vec<StoredEntry>, TableError>;

    /// The last entry of a range.
    fn last(&self, range: RowRange<'_>) -> Result<Option<StoredEntry>, TableError>;

    /// The value of the row of a stored key.
    fn value(&self, key: &[u8]) -> Result<Option<V>, TableError>;
}

/// The key and the value of an entry.
pub(super) type StoredEntry = (Vec<u8>, Vec<u8>);

impl<'a, K: StateKey, V: StateType, I: OrderedKey> IndexReader<'a, K, V, I> {
    pub(super) fn of(source: Arc<dyn IndexSource<K, V> + 'a>, (number, part): (u8, Arc<KeyCodec<I>>)) -> Self {
        Self { source, part, number }
    }

    /// The row with this indexed part, if there is one: in an index that is not unique, the first of them.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_MAIL: TableIndex<u64, String, String> = TableIndex::unique("by mail", 1, |_, mail| mail.clone());
    ///
    /// let options = TableOptions::new().with_index(&BY_MAIL);
    /// let users = TypedTable::<u64, String>::open_with(&database, "users", &options, &mut |_| ())?;
    /// users.insert(&7, &"elm@example.org".to_owned())?;
    /// assert_eq!(users.by_index(&BY_MAIL)?.get("elm@example.org")?, Some((7, "elm@example.org".to_owned())));
    /// assert_eq!(users.by_index(&BY_MAIL)?.get("dove@example.org")?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get<Q: AsKey<I> + ?Sized>(&self, part: &Q) -> Result<Option<(K, V)>, TableError> {
        self.get_all(part)?.next().transpose()
    }

    /// All rows with this indexed part.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// for (name, count) in [("apples", 3), ("pears", 0), ("plums", 0)] {
    ///     stock.insert(name, &count)?;
    /// }
    /// assert_eq!(stock.by_index(&BY_COUNT)?.get_all(&0)?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get_all<Q: AsKey<I> + ?Sized>(&self, part: &Q) -> Result<IndexRows<'a, K, V>, TableError> {
        let part = self.encoded(part)?;
        let until = behind(&part);
        Ok(self.between(Some((part, until))))
    }

    /// The rows whose indexed parts lie in a range.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// for (name, count) in [("apples", 3), ("pears", 900), ("plums", 1)] {
    ///     stock.insert(name, &count)?;
    /// }
    /// let few: Vec<_> = stock.by_index(&BY_COUNT)?.range(..10)?.collect::<Result<_, _>>()?;
    /// assert_eq!(few, [("plums".to_owned(), 1), ("apples".to_owned(), 3)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<I>) -> Result<IndexRows<'a, K, V>, TableError> {
        let from = match range.start_bound() {
            Bound::Included(part) => Some(self.encoded(part)?),
            Bound::Excluded(part) => behind(&self.encoded(part)?),
            Bound::Unbounded => Some(vec![self.number]),
        };
        let until = match range.end_bound() {
            Bound::Included(part) => behind(&self.encoded(part)?),
            Bound::Excluded(part) => Some(self.encoded(part)?),
            Bound::Unbounded => behind(&[self.number]),
        };
        let range = from.map(|from| (from, until));
        Ok(self.between(range.filter(|(from, until)| until.as_ref().is_none_or(|until| from < until))))
    }

    /// The rows whose indexed parts begin with a prefix: the first fields of a struct or tuple, or the beginning of a string
    /// or list; see [`KeyPrefix`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("jobs.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// type Job = (String, u8, i64);
    /// const BY_QUEUE: TableIndex<u64, Job, (String, u8)> =
    ///     TableIndex::new("by queue", 1, |_, (queue, priority, _)| (queue.clone(), *priority));
    ///
    /// let options = TableOptions::new().with_index(&BY_QUEUE);
    /// let jobs = TypedTable::<u64, Job>::open_with(&database, "jobs", &options, &mut |_| ())?;
    /// for (id, queue, priority) in [(1, "mail", 2), (2, "backup", 1), (3, "mail", 1)] {
    ///     jobs.insert(&id, &(queue.to_owned(), priority, 0))?;
    /// }
    /// let mail: Vec<_> = jobs.by_index(&BY_QUEUE)?.prefix(&("mail".to_owned(),))?.collect::<Result<_, _>>()?;
    /// assert_eq!(mail.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [3, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn prefix<P: KeyPrefix<I> + ?Sized>(&self, prefix: &P) -> Result<IndexRows<'a, K, V>, TableError> {
        let mut from = vec![self.number];
        let encoded = self.part.serialize_prefix(prefix, &mut from);
        encoded.map_err(|source| self.encode_error(source))?;
        let until = behind(&from);
        Ok(self.between(Some((from, until))))
    }

    /// All rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &3)?;
    /// stock.insert("pears", &1)?;
    /// let rows: Vec<_> = stock.by_index(&BY_COUNT)?.iter().collect::<Result<_, _>>()?;
    /// assert_eq!(rows, [("pears".to_owned(), 1), ("apples".to_owned(), 3)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> IndexRows<'a, K, V> {
        self.between(Some((vec![self.number], behind(&[self.number]))))
    }

    /// The row with the least indexed part, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &3)?;
    /// stock.insert("pears", &1)?;
    /// assert_eq!(stock.by_index(&BY_COUNT)?.first()?, Some(("pears".to_owned(), 1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn first(&self) -> Result<Option<(K, V)>, TableError> {
        self.iter().next().transpose()
    }

    /// The row with the greatest indexed part, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &3)?;
    /// stock.insert("pears", &1)?;
    /// assert_eq!(stock.by_index(&BY_COUNT)?.last()?, Some(("apples".to_owned(), 3)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn last(&self) -> Result<Option<(K, V)>, TableError> {
        self.iter().next_back().transpose()
    }

    /// All rows, from the greatest indexed part to the least.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// for (name, count) in [("apples", 3), ("pears", 900), ("plums", 1)] {
    ///     stock.insert(name, &count)?;
    /// }
    /// let most: Vec<_> = stock.by_index(&BY_COUNT)?.rev().take(2).collect::<Result<_, _>>()?;
    /// assert_eq!(most, [("pears".to_owned(), 900), ("apples".to_owned(), 3)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rev(&self) -> Rev<IndexRows<'a, K, V>> {
        self.iter().rev()
    }

    /// The number of the index and an indexed part, with which its entries begin.
    fn encoded<Q: AsKey<I> + ?Sized>(&self, part: &Q) -> Result<Vec<u8>, TableError> {
        let mut bytes = vec![self.number];
        self.part.serialize(part, &mut bytes).map_err(|source| self.encode_error(source))?;
        Ok(bytes)
    }

    fn encode_error(&self, source: typeser::wire::EncodeError) -> TableError {
        TableError::Encode { table: self.source.codec().table.clone(), part: TablePart::Index, source }
    }

    fn between(&self, range: Option<StoredRange>) -> IndexRows<'a, K, V> {
        let (from, until) = range.map_or((None, None), |(from, until)| (Some(from), until));
        let (source, read) = (Arc::clone(&self.source), Vec::new().into_iter());
        IndexRows { source, from, until, read, next: ENTRIES.0 }
    }
}

/// The least bytes behind all that begin with these; `None` if there are none.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = Vec::new();
    RowRange::of_prefix(prefix, &mut end).until.map(<[u8]>::to_vec)
}

impl<K: StateKey, V: StateType> IndexRows<'_, K, V> {
    /// Reads the next entries.
    fn fill(&mut self) -> Result<(), TableError> {
        let Some(from) = self.from.take() else { return Ok(()) };
        let range = RowRange { from: &from, until: self.until.as_deref() };
        let read = self.source.entries(range, self.next)?;
        if let Some((last, _)) = read.last().filter(|_| read.len() == self.next) {
            // The least key behind another one is that key and a zero.
            self.from = Some([last, &[0][..]].concat());
        }
        self.next = (self.next * 4).min(ENTRIES.1);
        let read = read.into_iter().map(|entry| self.entry(entry)).collect::<Result<Vec<_>, _>>()?;
        self.read = read.into_iter();
        Ok(())
    }

    /// The last entry that is not read yet.
    fn read_last(&mut self) -> Result<Option<Entry>, TableError> {
        let Some(from) = &self.from else { return Ok(None) };
        let range = RowRange { from, until: self.until.as_deref() };
        let last = match self.source.last(range) {
            Ok(Some(last)) => last,
            end => {
                // After an error, too, there is nothing more.
                self.from = None;
                return end.map(|_| None);
            }
        };
        self.until = Some(last.0.clone());
        self.entry(last).map(Some)
    }

    fn entry(&self, (key, value): StoredEntry) -> Result<Entry, TableError> {
        Entry::of(&key, &value).ok_or_else(|| self.broken(&key))
    }

    /// The row of an entry.
    fn row(&self, entry: &Entry) -> Result<(K, V), TableError> {
        let value = self.source.value(entry.row())?.ok_or_else(|| self.broken(&entry.bytes))?;
        Ok((self.source.codec().decode_key(entry.row())?, value))
    }

    #[cold]
    fn broken(&self, entry: &[u8]) -> TableError {
        let codec = self.source.codec();
        let index = entry.first().and_then(|number| codec.indexes.get(usize::from(*number)));
        TableError::Index(IndexError::Broken {
            table: codec.table.clone(),
            index: index.map(|index| index.record.name.clone()).unwrap_or_default(),
            entry: super::display::hexadecimal(entry),
        })
    }
}

impl<K: StateKey, V: StateType> Iterator for IndexRows<'_, K, V> {
    type Item = Result<(K, V), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.len() == 0
            && let Err(error) = self.fill()
        {
            return Some(Err(error));
        }
        let entry = self.read.next()?;
        Some(self.row(&entry))
    }
}

/// Each entry from behind is looked up, in the time of a read.
impl<K: StateKey, V: StateType> DoubleEndedIterator for IndexRows<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        // What is read already lies before what is not.
        match self.read_last().transpose() {
            None => self.read.next_back().map(|entry| self.row(&entry)),
            Some(entry) => Some(entry.and_then(|entry| self.row(&entry))),
        }
    }
}

impl<K: StateKey, V: StateType, I> Clone for IndexReader<'_, K, V, I> {
    fn clone(&self) -> Self {
        Self { source: Arc::clone(&self.source), part: Arc::clone(&self.part), number: self.number }
    }
}

impl<K: StateKey, V: StateType, I> fmt::Debug for IndexReader<'_, K, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexReader").field("table", &self.source.codec().table).finish_non_exhaustive()
    }
}

impl<K: StateKey, V: StateType> fmt::Debug for IndexRows<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexRows").field("table", &self.source.codec().table).finish_non_exhaustive()
    }
}
