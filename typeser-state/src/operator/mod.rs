//! State of operators themselves, without keys: split lists, union lists, broadcast maps, and bytes that are only
//! carried. How it is shared out when the parallelism changes is Flink's `OperatorStateStore`.

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
