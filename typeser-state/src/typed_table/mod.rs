//! Typed tables: the tables of a database that a program has anyway, with the snapshots of their types beside them.
//!
//! [`TypedTable::open`] compares the stored snapshots with the types of the program. Where they fit, the table is used
//! as it is; where a migration is due, every row is migrated first; where neither is possible, opening fails with the
//! whole report. [`TypedTable::adopt`] takes over a table that plain bincode wrote.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let database = redb::Database::create(folder.path().join("shop.redb"))?;
//! use typeser_state::typed_table::TypedTable;
//!
//! mod yesterday {
//!     #[derive(typeser::StateType)]
//!     pub struct Order { pub id: u32, pub note: String }
//! }
//! let orders = TypedTable::<String, yesterday::Order>::open(&database, "orders")?;
//! orders.insert("a7", &yesterday::Order { id: 7, note: "fragile".into() })?;
//!
//! #[derive(typeser::StateType, Debug, PartialEq)]
//! struct Order { note: String, id: u64 }
//! let orders = TypedTable::<String, Order>::open(&database, "orders")?;
//! assert_eq!(orders.get("a7")?, Some(Order { note: "fragile".into(), id: 7 }));
//! # Ok(())
//! # }
//! ```
//!
//! # Keys
//! A row lies where the bytes of its key sort. In a [`TypedTable`] those are the bytes that [`typeser`] stores: integers
//! are little-endian, and strings and lists begin with their length. So rows come in an order that is stable and says
//! nothing of the keys. In an [`OrderedTable`], keys are stored in [ordered form](typeser::ordered), and rows come in the
//! order of their keys: it has ranges, prefixes, a first and a last row. Keys are [`OrderedKey`](typeser::OrderedKey)s.
//!
//! The order is a part of the type. A table that was opened as the one and is now opened as the other is migrated, as the
//! report says that refuses to do so.
//!
//! # Indexes
//! A [`TableIndex`] finds rows by something that a function computes of them: see
//! [`TableOptions::with_index`] and [`TypedTable::by_index`].
//!
//! # Services
//! A handle shares the database if it is opened with an `Arc`: see [`OwnedTable`]. Handles are `Send`, `Sync` and cheap to
//! clone. redb blocks: in asynchronous code, move a clone of the handle to a thread that may block, such as
//! `tokio::task::spawn_blocking(move || stock.get("apples"))`.
//!
//! # Databases
//! [`TypedTable`] works with a [`redb::Database`] of the program and takes part in the program's transactions.
//! [`BackendTable`] is the same over any [`Backend`](crate::backend::Backend).

#[cfg(feature = "redb")]
mod access;
mod adopt;
#[cfg(feature = "redb")]
mod adopt_copy;
mod backend_ordered;
mod backend_rows;
mod backend_table;
mod bounds;
mod catalog;
mod changes;
mod codec;
#[cfg(feature = "redb")]
mod database;
mod display;
mod dry_run;
mod error;
mod index;
mod index_access;
mod index_build;
mod index_error;
mod index_part;
mod index_reader;
mod index_write;
mod key_codec;
mod key_order;
mod lazy;
mod migrated_rows;
mod migration;
mod older;
mod older_values;
mod opening;
mod options;
#[cfg(feature = "redb")]
mod ordered;
mod other_forms;
mod previous;
#[cfg(feature = "redb")]
mod reader;
mod record;
#[cfg(feature = "redb")]
mod redb_table;
#[cfg(feature = "redb")]
mod rows;
#[cfg(feature = "redb")]
mod set;
mod step;
mod switch;
mod untyped;
#[cfg(feature = "redb")]
mod writer;

pub use backend_rows::BackendRows;
pub use backend_table::{BackendTable, BackendTableHandle, OrderedBackendTable};
pub use catalog::{IndexInfo, Newer, TableCatalog, TableInfo};
pub use changes::{ChangesSince, PreviousTable};
#[cfg(feature = "redb")]
pub use database::DatabaseHandle;
pub use dry_run::{TableAction, TableDryRun};
pub use error::{Disagreement, OtherForm, SetRefusal, TableError, TablePart, TableRefusal};
pub use index::TableIndex;
pub use index_error::IndexError;
pub use index_reader::{IndexReader, IndexRows};
pub use key_order::{KeyOrder, Ordered, Unordered};
pub use migrated_rows::{MigratedRow, MigratedRows};
pub use options::{TableMigrationProgress, TableOptions};
#[cfg(feature = "redb")]
pub use reader::TableReader;
#[cfg(feature = "redb")]
pub use redb_table::{OrderedTable, OwnedOrderedTable, OwnedTable, TableHandle, TypedTable};
#[cfg(feature = "redb")]
pub use rows::Rows;
#[cfg(feature = "redb")]
pub use set::{OpenTables, TableSet};
pub use untyped::TableTarget;
#[cfg(feature = "redb")]
pub use writer::TableWriter;
