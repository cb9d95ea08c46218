//! Functions of a program that take part in its checkpoints: what an engine, or a loop of your own, calls when.
//!
//! - [`CheckpointedFunction`]: told to prepare its state for a checkpoint, and to find itself again in what was restored.
//! - [`ListCheckpointed`]: the smaller form, for a function whose state is a list.
//! - [`CheckpointListener`]: told when a checkpoint is complete.
//! - [`ProcessFunction`]: gets elements and timers, with state at hand.
//!
//! Names and order of calls are Flink's. Two things differ. States are declared when a function is made, not when it is
//! initialized, so that a restore can look at all states of all operators before it touches one. And no lock guards
//! checkpoints: whoever calls a function holds it by `&mut`, so none can come between an element's changes of state and
//! its output.

mod checkpointed;
mod context;
mod declarations;
mod list;
mod map_with_state;
mod process;

pub use checkpointed::{CheckpointListener, CheckpointedFunction};
pub use context::{
    FiredTimer, FunctionError, InitializationContext, KeyedState, Record, SnapshotContext, StateStorage,
};
pub use declarations::Declarations;
pub use list::ListCheckpointed;
pub use map_with_state::MapWithState;
pub use process::{Context, ProcessFunction};

pub(crate) use context::Times;
pub(crate) use declarations::{Declared, ErasedTimers};
