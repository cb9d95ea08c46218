//! SQL over typeser savepoints, with [Apache DataFusion](https://datafusion.apache.org).
//!
//! Every state is a table, with columns from the stored snapshots: no Rust type of the program that wrote the savepoint
//! is needed. So is every typed table of a redb file. [`SavepointSession`] opens them, [`Session::query`] runs queries;
//! the command `typeser-sql` does both.
//!
//! `docs/sql.md` is the guide: the tables, the Arrow type of every layout, and what a query does not read.

mod batch;
mod catalog;
mod column;
mod filter;
mod keyed_table;
mod metadata;
mod redb_table;
mod scan;
mod session;
mod source;
mod state_table;

pub use session::{SavepointSession, Session, SessionTable, SqlError, TableKind};
