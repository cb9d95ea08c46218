//! Secondary indexes: what a program declares of one.

use std::any::{Any, type_name};
use std::fmt;
use std::sync::Arc;

use typeser::schema::IntegerEncoding;
use typeser::{OrderedKey, Serializer, StateKey, StateType};

use super::error::{TableError, TablePart};
use super::index_error::IndexError;
use super::index_part::{OpenIndex, Part};
use super::key_codec::KeyCodec;

/// A secondary index: finds the rows of a table by something that a function computes of them, in its order.
///
/// Declare it with [`TableOptions::with_index`](super::TableOptions::with_index) whenever the table is opened. From then
/// on, each write to the table writes the index in the same transaction, and `by_index` of the table reads it. Opening the
/// table builds the index, and builds it again when rows are migrated, or when the declaration differs from the stored one:
/// the type `I`, `version`, or uniqueness.
///
/// The function must give the same result for the same row. Count `version` up whenever it gives another one: the bytes of
/// a function cannot be compared.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
/// use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
///
/// #[derive(typeser::StateType, Debug, PartialEq)]
/// struct Order { customer: String, total: u32 }
///
/// const BY_CUSTOMER: TableIndex<u64, Order, String> =
///     TableIndex::new("by customer", 1, |_, order| order.customer.clone());
///
/// let options = TableOptions::new().with_index(&BY_CUSTOMER);
/// let orders = TypedTable::<u64, Order>::open_with(&database, "orders", &options, &mut |_| ())?;
/// for (id, customer, total) in [(1, "elm", 30), (2, "dove", 12), (3, "elm", 7)] {
///     orders.insert(&id, &Order { customer: customer.into(), total })?;
/// }
/// let of_elm: Vec<_> = orders.by_index(&BY_CUSTOMER)?.get_all("elm")?.collect::<Result<_, _>>()?;
/// assert_eq!(of_elm.iter().map(|(id, order)| (*id, order.total)).collect::<Vec<_>>(), [(1, 30), (3, 7)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TableIndex<K, V, I> {
    pub(super) name: &'static str,
    version: u32,
    unique: bool,
    part: fn(&K, &V) -> I,
}

impl<K: StateKey, V: StateType, I: OrderedKey> TableIndex<K, V, I> {
    /// An index in which any number of rows may have the same indexed part. They lie in the order of their stored keys.
    ///
    /// ```
    /// use typeser_state::typed_table::TableIndex;
    ///
    /// // A tuple orders rows by its first part, then by the next.
    /// const BY_PRIORITY: TableIndex<u64, (u8, i64, String), (u8, i64)> =
    ///     TableIndex::new("by priority", 1, |_, (priority, due, _)| (*priority, *due));
    /// assert_eq!(BY_PRIORITY.name(), "by priority");
    /// ```
    #[must_use]
    pub const fn new(name: &'static str, version: u32, part: fn(&K, &V) -> I) -> Self {
        Self { name, version, unique: false, part }
    }

    /// An index in which each indexed part has one row. To write a second one is an error that names both, and nothing is
    /// written.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    ///
    /// const BY_MAIL: TableIndex<u64, String, String> = TableIndex::unique("by mail", 1, |_, mail| mail.to_lowercase());
    ///
    /// let options = TableOptions::new().with_index(&BY_MAIL);
    /// let users = TypedTable::<u64, String>::open_with(&database, "users", &options, &mut |_| ())?;
    /// users.insert(&7, &"Elm@example.org".to_owned())?;
    /// assert_eq!(users.by_index(&BY_MAIL)?.get("elm@example.org")?.map(|(id, _)| id), Some(7));
    /// let error = users.insert(&8, &"elm@EXAMPLE.org".to_owned()).unwrap_err();
    /// assert!(error.to_string().contains("the rows with the keys 7 and 8"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn unique(name: &'static str, version: u32, part: fn(&K, &V) -> I) -> Self {
        Self { name, version, unique: true, part }
    }

    /// The name, which is that of the index within its table.
    ///
    /// ```
    /// use typeser_state::typed_table::TableIndex;
    ///
    /// const BY_SIZE: TableIndex<String, Vec<u8>, u64> = TableIndex::new("by size", 1, |_, file| file.len() as u64);
    /// assert_eq!(BY_SIZE.name(), "by size");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// Indexes over one table, whatever their parts are.
pub(super) trait DeclaredIndex<K, V>: Send + Sync {
    fn open(&self, table: &str) -> Result<OpenIndex<K, V>, TableError>;
}

/// A declared index in options, which do not know `K` and `V`.
#[derive(Clone)]
pub(super) struct Declaration {
    name: &'static str,
    types: &'static str,
    /// A `Box<dyn DeclaredIndex<K, V>>`.
    index: Arc<dyn Any + Send + Sync>,
}

impl Declaration {
    pub(super) fn of<K: StateKey, V: StateType, I: OrderedKey>(index: &TableIndex<K, V, I>) -> Self {
        let declared: Box<dyn DeclaredIndex<K, V>> = Box::new(*index);
        Self { name: index.name, types: type_name::<(K, V)>(), index: Arc::new(declared) }
    }
}

/// The indexes that options declare of a table, by name.
pub(super) fn open_all<K: StateKey, V: StateType>(
    table: &str,
    declared: &[Declaration],
) -> Result<Vec<OpenIndex<K, V>>, TableError> {
    let failed = |name: &str, reason: String| {
        TableError::Index(IndexError::Declaration { table: table.to_owned(), index: name.to_owned(), reason })
    };
    let mut open = Vec::with_capacity(declared.len());
    for Declaration { name, types, index } in declared {
        const LONGEST: usize = 255;
        if name.is_empty() || name.len() > LONGEST {
            return Err(failed(name, format!("its name has to take 1 to {LONGEST} bytes")));
        }
        let Some(index) = index.downcast_ref::<Box<dyn DeclaredIndex<K, V>>>() else {
            let reason = format!("it is over rows `{types}`, and those of the table are `{}`", type_name::<(K, V)>());
            return Err(failed(name, reason));
        };
        open.push(index.open(table)?);
    }
    open.sort_by(|a: &OpenIndex<K, V>, b| a.record.name.cmp(&b.record.name));
    if let Some((twice, _)) = open.iter().zip(open.iter().skip(1)).find(|(a, b)| a.record.name == b.record.name) {
        return Err(failed(&twice.record.name, "it is declared twice".to_owned()));
    }
    match open.get(usize::from(u8::MAX)) {
        Some(index) => Err(failed(&index.record.name, format!("a table has at most {} indexes", u8::MAX))),
        None => Ok(open),
    }
}

impl<K: StateKey, V: StateType, I: OrderedKey> DeclaredIndex<K, V> for TableIndex<K, V, I> {
    fn open(&self, table: &str) -> Result<OpenIndex<K, V>, TableError> {
        let serializer = Serializer::<I>::with_integers(IntegerEncoding::Fixed);
        let describe = |source| TableError::Describe { table: table.to_owned(), part: TablePart::Index, source };
        let codec = KeyCodec::in_order(table, serializer.map_err(describe)?)?;
        Ok(OpenIndex::new(self.name, self.version, self.unique, Part { function: self.part, codec: Arc::new(codec) }))
    }
}

impl<K, V, I> Clone for TableIndex<K, V, I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, I> Copy for TableIndex<K, V, I> {}

impl<K, V, I> fmt::Debug for TableIndex<K, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, unique, .. } = self;
        f.debug_struct("TableIndex")
            .field("name", name)
            .field("version", version)
            .field("unique", unique)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Declaration").field(&self.name).finish()
    }
}
