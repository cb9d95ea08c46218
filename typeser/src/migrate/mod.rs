//! The evolution engine: a plan becomes a program over bytes, and one transcoder runs it.
//!
//! Migrations, reconfigured serializers and offline tools all use it: stored bytes go in, new bytes come out, and no
//! value of any Rust type is created.

mod adopted;
mod constant;
mod convert;
mod copy_table;
mod distinct;
mod functions;
mod kernel;
mod linked;
mod lower;
mod memory;
mod migration;
mod moves;
mod operation;
mod permutation;
mod program;
mod recode;
mod reconfigured;
mod scratch;
mod splices;
mod stored;
mod transcode;

pub use adopted::{Adopted, NotAdoptable};
pub use linked::FunctionFailure;
pub(crate) use memory::Memory;
pub use migration::{Cost, MigrateError, MigrateErrorKind, Migration, NoMigration, Trust};
pub use reconfigured::Reconfigured;
pub use scratch::Scratch;
