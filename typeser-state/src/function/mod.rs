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

mod context;
mod declarations;
mod list;
mod map_with_state;

pub use context::{Context, FiredTimer, InitializationContext, KeyedState, Record, SnapshotContext, StateStorage};
pub use declarations::Declarations;
pub use list::ListCheckpointed;
pub use map_with_state::MapWithState;

pub(crate) use context::Times;
pub(crate) use declarations::{Declared, ErasedTimers};

use std::error::Error;

use typeser::StateKey;

use crate::descriptor::DeclareError;

/// Whatever a function fails with.
pub type FunctionError = Box<dyn Error + Send + Sync>;

/// A function with state. Keyed state takes part in checkpoints by itself; what a function keeps in its own fields, it
/// puts into state in [`snapshot_state`](Self::snapshot_state), and takes out of it in
/// [`initialize_state`](Self::initialize_state).
///
/// A function whose state is all keyed implements neither:
///
/// ```
/// use typeser_state::function::CheckpointedFunction;
///
/// struct Count;
///
/// impl CheckpointedFunction for Count {
///     type Key = String;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it takes part in checkpoints",
    note = "if all of its state is keyed: `impl CheckpointedFunction for {Self} {{ type Key = ..; }}`",
    note = "if its state is a list: `impl ListCheckpointed for {Self}`"
)]
pub trait CheckpointedFunction {
    /// The keys of its keyed state; `()` if it has none.
    type Key: StateKey;

    /// Called once before the first element, of a new function as of one that was restored.
    ///
    /// # Errors
    /// Whatever the function fails with. Then its operator does not start.
    fn initialize_state(&mut self, context: &mut InitializationContext<'_, Self::Key>) -> Result<(), FunctionError> {
        let _ = context;
        Ok(())
    }

    /// Called for every checkpoint, before state is written. Every function of the program is called before the state of
    /// any is written.
    ///
    /// # Errors
    /// Whatever the function fails with. Then there is no such checkpoint, and the program goes on.
    fn snapshot_state(&mut self, context: &mut SnapshotContext<'_, Self::Key>) -> Result<(), FunctionError> {
        let _ = context;
        Ok(())
    }

    /// Declares state of which the function itself knows nothing: the list of a [`ListCheckpointed`]. Who drives functions
    /// calls it after the function has been made.
    ///
    /// # Errors
    /// See [`DeclareError`].
    #[doc(hidden)]
    fn declare_implied(states: &mut Declarations<Self::Key>) -> Result<(), DeclareError> {
        let _ = states;
        Ok(())
    }
}

/// A function that is told when a checkpoint is complete, such as one that then tells the outside world what it may rely
/// on. The operator that runs it is [told so](crate::harness::ProcessOperator::listening).
pub trait CheckpointListener {
    /// The checkpoint of this number is complete: written, and safe on the disk. A program can end before everybody was
    /// told, so being told is not what makes a checkpoint complete.
    ///
    /// # Errors
    /// Whatever the function fails with. The checkpoint stays what it is.
    fn notify_checkpoint_complete(&mut self, checkpoint_id: u64) -> Result<(), FunctionError>;
}

/// A function that is called for every element and every timer.
pub trait ProcessFunction: CheckpointedFunction {
    /// What it gets.
    type In;
    /// What it gives.
    type Out;

    /// Called for an element. If the operator is keyed, the element's key is the current one.
    ///
    /// # Errors
    /// Whatever the function fails with. What it had changed by then stays changed, so whoever drives it does not go on, but
    /// begins again from the last savepoint.
    fn process_element(&mut self, element: Self::In, context: &mut Context<'_, Self>) -> Result<(), FunctionError>;

    /// Called for a timer that [the function declared](Declarations::timers) and registered, with its key and namespace as
    /// the current ones. Without an implementation, a timer that fires is an error.
    ///
    /// # Errors
    /// As in [`process_element`](Self::process_element). The timer is registered again.
    fn on_timer(
        &mut self,
        timer: &FiredTimer<'_, Self::Key>,
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let _ = context;
        Err(format!("timer `{}` fired, but the function does not implement `on_timer`", timer.service).into())
    }
}
