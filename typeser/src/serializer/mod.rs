//! Types that can be stored, their serializers, and the laws that both obey.

mod as_key;
mod codec;
mod conversions;
mod convertible;
mod custom;
mod derived;
mod describe;
mod describe_error;
mod described;
mod describer;
#[doc(hidden)]
pub mod foreign;
mod key;
mod names;
mod ordered_key;
mod other_crates;
mod plain;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub mod serde_bridge;
mod state_type;
mod std_types;
mod tables;
mod type_serializer;
mod whole;

pub use as_key::AsKey;
pub use codec::{decode_bytes, encode_bytes};
pub(crate) use conversions::Function;
pub use conversions::{ConversionError, ConversionTwice, Conversions, Convertible};
pub use custom::{Custom, CustomError, CustomSerializer, OldVersion};
pub(crate) use describe::has_bytes;
pub use describe_error::DescribeError;
pub use describer::Describer;
pub use key::StateKey;
pub use ordered_key::{KeyPrefix, OrderError, OrderedKey, check_order};
#[cfg(any(feature = "chrono", feature = "uuid"))]
pub use other_crates::SerdeForm;
pub use plain::Serializer;
pub use state_type::StateType;
pub use type_serializer::TypeSerializer;

#[doc(hidden)]
pub use codec::unknown_tag;
#[doc(hidden)]
pub use conversions::{FieldSource, Link, NewPart, Outcome, StoredPart, link, link_chained, link_field};
#[doc(hidden)]
pub use custom::{Leaf, Promised, wrap};
#[doc(hidden)]
pub use describe::{constant, layout_of};
#[doc(hidden)]
pub use described::Described;
#[doc(hidden)]
pub use key::check_key;
#[doc(hidden)]
pub use ordered_key::check_ordered;
#[doc(hidden)]
pub use state_type::{decode_value, encode_value, enter_reader, enter_writer, leave_reader, leave_writer};
#[doc(hidden)]
pub use tables::{
    ConversionTable, EncodedConstant, EnumTable, FieldTable, MigrationTable, RemovedVariantTable, StructTable,
    VariantTable, WasTable,
};
