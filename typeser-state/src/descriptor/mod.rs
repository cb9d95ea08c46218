//! Descriptors: the declaration of a state, which a program makes before it opens or restores the state, and the
//! metadata that is stored about it.

mod aggregate;
mod common;
mod declared;
mod error;
mod link;
mod meta;
mod namespace;
mod other_kinds;
mod states;
mod ttl;

pub use aggregate::{AggregatingStateDescriptor, FoldingStateDescriptor, ReducingStateDescriptor};
pub use error::StateError;
pub use meta::{OperatorMeta, SerializerPart, StateKind, StateMeta};
pub use states::{ListStateDescriptor, MapStateDescriptor, ValueStateDescriptor};
pub use ttl::{StateVisibility, TimeToLive, UpdateType};

pub(crate) use aggregate::{Aggregator, Reducer};
pub(crate) use common::{Common, DerivedFrom};
pub(crate) use declared::{Declared, check_name};
pub(crate) use error::with_article;
pub(crate) use link::Link;
pub(crate) use namespace::{LinkedNamespace, namespace};
pub(crate) use other_kinds::{BroadcastDescriptor, ElementsDescriptor, Raw, TimersDescriptor};
pub(crate) use states::{MapSerializers, ValueSerializers};
pub(crate) use ttl::{STAMP, split_stamp};
