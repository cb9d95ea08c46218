//! Functions that take part in checkpoints: the interface between a program's functions and the engine, or the loop,
//! that calls them.
//!
//! - [`CheckpointedFunction`]: called to prepare its state for a checkpoint, and to initialize itself from restored
//!   state.
//! - [`ListCheckpointed`]: a simpler form for a function whose state is a list.
//! - [`CheckpointListener`]: notified when a checkpoint is complete.
//! - [`ProcessFunction`]: called with elements and timers, and with access to state.
//!
//! Names and order of calls are Flink's, with two differences. States are declared when a function is created, not when
//! it is initialized, so that a restore can compare all states of all operators before it changes anything. There is no
//! checkpoint lock: the caller of a function holds it by `&mut`, so no checkpoint can happen between an element's state
//! changes and its output.

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
pub use map_with_state::{FlatMapWithState, MapWithState};
pub use process::{Context, ProcessFunction};

pub(crate) use context::Times;
pub(crate) use declarations::{Declared, ErasedTimers};
