//! The database of a typed table: borrowed from the program, or shared with it.

use std::fmt;
use std::sync::Arc;

use redb::Database;

/// A redb database that a typed table works in: borrowed, or shared through an [`Arc`].
///
/// [`TypedTable::open`](super::TypedTable::open) takes any of `&Database`, `Arc<Database>` and `&Arc<Database>`. With an
/// `Arc`, the table has no lifetime: see [`OwnedTable`](super::OwnedTable).
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shop.redb");
/// use std::sync::Arc;
/// use typeser_state::typed_table::{OwnedTable, TypedTable};
///
/// let database = redb::Database::create(path)?;
/// let borrowed = TypedTable::<String, u32>::open(&database, "stock")?;
/// borrowed.insert("apples", &3)?;
///
/// let database = Arc::new(database);
/// let shared: OwnedTable<String, u32> = TypedTable::open(&database, "stock")?;
/// drop(database);
/// assert_eq!(shared.get("apples")?, Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DatabaseHandle<'db>(Handle<'db>);

#[derive(Clone)]
enum Handle<'db> {
    Borrowed(&'db Database),
    Shared(Arc<Database>),
}

impl DatabaseHandle<'_> {
    pub(super) fn get(&self) -> &Database {
        match &self.0 {
            Handle::Borrowed(database) => database,
            Handle::Shared(database) => database,
        }
    }
}

impl<'db> From<&'db Database> for DatabaseHandle<'db> {
    fn from(database: &'db Database) -> Self {
        Self(Handle::Borrowed(database))
    }
}

impl From<Arc<Database>> for DatabaseHandle<'_> {
    fn from(database: Arc<Database>) -> Self {
        Self(Handle::Shared(database))
    }
}

impl From<&Arc<Database>> for DatabaseHandle<'_> {
    fn from(database: &Arc<Database>) -> Self {
        Self(Handle::Shared(Arc::clone(database)))
    }
}

impl fmt::Debug for DatabaseHandle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Handle::Borrowed(_) => "DatabaseHandle(borrowed)",
            Handle::Shared(_) => "DatabaseHandle(shared)",
        })
    }
}
