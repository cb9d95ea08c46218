//! The smaller form of participation: a function whose state is a list.

use typeser::{StateKey, StateType};

use super::checkpointed::CheckpointedFunction;
use super::context::{FunctionError, InitializationContext, SnapshotContext};
use super::declarations::Declarations;
use crate::descriptor::StateError;

/// A function whose state is a list, which is split evenly among the instances when their number changes; see
/// [`SplitList`](crate::operator::SplitList). It is declared, written and read for the function.
///
/// Return a list of one element if the state cannot be divided.
///
/// A `ListCheckpointed` is a [`CheckpointedFunction`] by that, so it implements one of the two.
pub trait ListCheckpointed {
    /// The keys of its keyed state, if it has some beside the list; `()` if not.
    type Key: StateKey;
    /// The elements of the list.
    type Element: StateType;

    /// The name under which the list is stored. It must stay the same in all releases.
    const STATE: &'static str = "list-checkpointed";

    /// The list as it is now. The number of the checkpoint grows from one to the next; its time is in milliseconds since
    /// 1970.
    ///
    /// # Errors
    /// Whatever the function fails with. Then there is no such checkpoint, and the program goes on.
    fn snapshot_state(&mut self, checkpoint_id: u64, timestamp: i64) -> Result<Vec<Self::Element>, FunctionError>;

    /// Called before the first element if the function was restored, with its share of the list, which may be empty.
    ///
    /// # Errors
    /// Whatever the function fails with. Then its operator does not start.
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
