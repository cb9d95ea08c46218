//! How a function takes part in checkpoints.

use typeser::StateKey;

use super::context::{FunctionError, InitializationContext, SnapshotContext};
use super::declarations::Declarations;
use crate::descriptor::StateError;

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

    /// Declares state of which the function itself knows nothing: the list of a [`ListCheckpointed`](super::ListCheckpointed). Who drives functions
    /// calls it after the function has been made.
    ///
    /// # Errors
    /// See [`StateError`].
    #[doc(hidden)]
    fn declare_implied(states: &mut Declarations<Self::Key>) -> Result<(), StateError> {
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
