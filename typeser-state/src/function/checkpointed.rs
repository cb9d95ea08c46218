//! The traits with which a function takes part in checkpoints.

use typeser::StateKey;

use super::context::{FunctionError, InitializationContext, SnapshotContext};
use super::declarations::Declarations;
use crate::descriptor::StateError;

/// A function with state. Keyed state is part of every checkpoint automatically. What a function keeps in its own
/// fields, it writes to state in [`snapshot_state`](Self::snapshot_state) and reads back in
/// [`initialize_state`](Self::initialize_state).
///
/// A function with only keyed state implements neither:
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

    /// Called once before the first element, both for a new and for a restored function.
    ///
    /// # Errors
    /// Any error of the function. In that case its operator does not start.
    fn initialize_state(&mut self, context: &mut InitializationContext<'_, Self::Key>) -> Result<(), FunctionError> {
        let _ = context;
        Ok(())
    }

    /// Called for every checkpoint. All functions of the program are called before any state is written.
    ///
    /// # Errors
    /// Any error of the function. In that case there is no such checkpoint, and the program continues.
    fn snapshot_state(&mut self, context: &mut SnapshotContext<'_, Self::Key>) -> Result<(), FunctionError> {
        let _ = context;
        Ok(())
    }

    /// Declares state that the function does not declare itself: the list of a
    /// [`ListCheckpointed`](super::ListCheckpointed). The caller of functions calls it after it has created the
    /// function.
    ///
    /// # Errors
    /// See [`StateError`].
    #[doc(hidden)]
    fn declare_implied(states: &mut Declarations<Self::Key>) -> Result<(), StateError> {
        let _ = states;
        Ok(())
    }
}

/// A function that is notified when a checkpoint is complete, for example to commit output to an external system.
/// Enable it with [`ProcessOperator::listening`](crate::harness::ProcessOperator::listening).
pub trait CheckpointListener {
    /// Called when the checkpoint of this number is complete and durable. A program can end before all functions were
    /// notified, so a checkpoint may be complete without a notification.
    ///
    /// # Errors
    /// Any error of the function. The checkpoint stays complete.
    fn notify_checkpoint_complete(&mut self, checkpoint_id: u64) -> Result<(), FunctionError>;
}
