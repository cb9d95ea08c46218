//! Operator state, which has no keys: split lists, union lists, broadcast state and raw state. When the parallelism
//! changes, it is redistributed as in Flink's `OperatorStateStore`.

mod broadcast;
mod list;
mod raw;
mod states;
mod store;

pub use broadcast::BroadcastState;
pub use list::{SplitList, UnionList};
pub use raw::RawSplit;
pub use states::OperatorStates;
pub use store::OperatorStateStore;
