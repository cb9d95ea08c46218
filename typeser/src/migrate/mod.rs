//! The one evolution engine: a plan becomes a program over bytes, and one transcoder runs it.
//!
//! Migration, reconfigured serializers and offline tools are all the same thing here: stored bytes go in, new bytes
//! come out, and no value of any Rust type is made on the way.

mod adopted;
mod constant;
mod convert;
mod functions;
mod gather;
mod kernel;
mod linked;
mod lower;
mod migration;
mod moves;
mod program;
mod recode;
mod reconfigured;
mod scratch;
mod shuffle;
mod stored;
mod transcode;

pub use adopted::{Adopted, NotAdoptable};
pub use linked::FunctionFailure;
pub use migration::{Cost, MigrateError, MigrateErrorKind, Migration, NoMigration, Trust};
pub use reconfigured::Reconfigured;
pub use scratch::Scratch;
