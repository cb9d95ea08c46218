//! Layouts: flat graphs of numbered nodes that describe stored bytes without any Rust type.
//!
//! A [`Schema`] is plain data. Node 0 is the root; nodes refer to each other by number, so recursion and sharing
//! need no special case and nothing that reads a schema has to recurse.

mod canonical;
mod doubles;
mod graph;
mod limits;
pub mod logical;
mod minimal;
mod node;
mod node_sizes;
mod path;
mod same;
mod same_bytes;
mod size;
mod tags;

pub use canonical::Fingerprint;
pub(crate) use canonical::{Line, Names, is_plain, is_reserved, layout, quoted};
pub(crate) use doubles::{double_tag, first_double};
pub use graph::{Schema, SchemaError};
pub use limits::Limits;
pub use node::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, StructNode, Variant,
};
pub use path::{Path, PathSegment};
pub(crate) use same::{MOST_COMPARED, same_layout, same_layout_within};
pub(crate) use same_bytes::same_bytes_within;
pub use size::{Size, Sizes};
pub(crate) use tags::Tags;
