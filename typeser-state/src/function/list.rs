//! A simpler form of a checkpointed function: its state is a list.

use typeser::{StateKey, StateType};

use super::checkpointed::CheckpointedFunction;
use super::context::{FunctionError, InitializationContext, SnapshotContext};
use super::declarations::Declarations;
use crate::descriptor::StateError;

/// A function whose state is a list, which is split evenly when the number of instances changes; see
/// [`SplitList`](crate::operator::SplitList). The list is declared, written and read on behalf of the function.
///
/// Return a list of one element if the state cannot be divided.
///
/// Every `ListCheckpointed` is a [`CheckpointedFunction`], so a function implements only one of the two.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::function::{FunctionError, ListCheckpointed};
///
/// /// A counter without keys.
/// struct Counter(u64);
///
/// impl ListCheckpointed for Counter {
///     type Key = ();
///     type Element = u64;
///
///     fn snapshot_state(&mut self, _checkpoint_id: u64, _timestamp: i64) -> Result<Vec<u64>, FunctionError> {
///         Ok(vec![self.0])
///     }
///
///     fn restore_state(&mut self, list: Vec<u64>) -> Result<(), FunctionError> {
///         self.0 = list.into_iter().sum();
///         Ok(())
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub trait ListCheckpointed {
    /// The type of the keys, if it has keyed state in addition to the list; `()` otherwise.
    type Key: StateKey;
    /// The type of the elements.
    type Element: StateType;

    /// The name under which the list is stored. It must stay the same in all releases.
    const STATE: &'static str = "list-checkpointed";

    /// Returns the current list. Checkpoint numbers increase; `timestamp` is in milliseconds since 1970.
    ///
    /// # Errors
    /// Any error of the function. In that case there is no such checkpoint, and the program continues.
    fn snapshot_state(&mut self, checkpoint_id: u64, timestamp: i64) -> Result<Vec<Self::Element>, FunctionError>;

    /// Called before the first element of a restored function, with its part of the list, which may be empty.
    ///
    /// # Errors
    /// Any error of the function. In that case its operator does not start.
    fn restore_state(&mut self, list: Vec<Self::Element>) -> Result<(), FunctionError>;
}

impl<F: ListCheckpointed> CheckpointedFunction for F {
    type Key = F::Key;

    fn initialize_state(&mut self, context: &mut InitializationContext<'_, F::Key>) -> Result<(), FunctionError> {
        let list = context.list::<F::Element>()?;
        if context.is_restored() {
            self.restore_state(list.get(context.operator_state)?)?;
        }
        Ok(())
    }

    fn snapshot_state(&mut self, context: &mut SnapshotContext<'_, F::Key>) -> Result<(), FunctionError> {
        let list = context.list::<F::Element>()?;
        let elements = ListCheckpointed::snapshot_state(self, context.checkpoint_id(), context.timestamp())?;
        Ok(list.update(context.operator_state, &elements)?)
    }

    fn declare_implied(states: &mut Declarations<F::Key>) -> Result<(), StateError> {
        states.declare_list::<F::Element>(F::STATE)
    }
}
