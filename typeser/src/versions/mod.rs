//! Stored bytes of any release, read as values of today's type.
//!
//! [`Resolution::reader`](crate::resolve::Resolution::reader) reads the bytes of one other release. [`Versions`] reads
//! the bytes of all releases side by side, by the frame in front of each value.

mod builder;
mod error;
mod frame;
mod layouts;
mod older;
mod prefix;
mod reader;
mod set;
mod stored;
mod survey;
mod tag;

pub use builder::VersionsBuilder;
pub use error::{BuildVersionsError, NotFramed, StoredValueError, UnknownLayout};
pub use frame::{Frame, Ids};
pub use reader::{NotReadable, ReadError, ValueReader};
pub use set::Versions;
pub use stored::Stored;
pub use survey::{Survey, SurveyedLayout};
pub use tag::Tag;
