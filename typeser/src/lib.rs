//! Application state that outlives the code that wrote it.
//!
//! Programs that keep state store values as bytes. Then a struct changes, and the old bytes are refused or, worse,
//! misread in silence. typeser stores beside the bytes a *snapshot* of the serializer that wrote them. When a new
//! release opens the state, the *resolver* compares the stored snapshot with the new serializer and answers one of
//! four things: compatible, compatible after reconfigure, requires migration, incompatible.
//!
//! ```
//! use typeser::resolve::{resolve, Compatibility, Policy, Role};
//! use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};
//!
//! // The first release stores an order, and the snapshot of its serializer beside it.
//! mod release_1 {
//!     #[derive(typeser::StateType)]
//!     pub struct Order { pub id: u32, pub note: String }
//! }
//! let serializer = Serializer::<release_1::Order>::new()?;
//! let mut stored = Vec::new();
//! serializer.serialize(&release_1::Order { id: 7, note: "fragile".into() }, &mut stored)?;
//! let stored_snapshot = serializer.snapshot().to_bytes()?;
//!
//! // The second release has a wider id, another name for the note, and a priority.
//! #[derive(Debug, PartialEq, StateType)]
//! struct Order {
//!     id: u64,
//!     #[state(alias = "note")]
//!     remark: String,
//!     #[state(default = 3)]
//!     priority: u8,
//! }
//! let serializer = Serializer::<Order>::new()?;
//! let snapshot = SerializerSnapshot::from_bytes(&stored_snapshot)?;
//! let resolution = resolve(&snapshot, serializer.snapshot(), Role::Value, &Policy::default());
//! assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
//!
//! // The reader gives today's values for stored bytes. The old Rust type is not needed.
//! let reader = resolution.reader(&serializer)?;
//! let order = Order { id: 7, remark: "fragile".into(), priority: 3 };
//! assert_eq!(reader.read(&stored)?, order);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to go on
//! - [`derive@StateType`]: the derive and all of its attributes.
//! - [`resolve()`]: the verdicts, and [`resolve::RULES`] behind them.
//! - [`file`](mod@file): one value in one file, saved atomically and migrated when it is loaded.
//! - [`versions`]: read stored bytes of any release as values of today's type.
//! - [`ordered`]: bytes that compare as the values do, for keys.
//! - [`migrate`]: migrations and reconfigured serializers.
//! - [`value`]: stored values without their Rust type.
//! - [`snapshot`]: the stored form of a serializer, in bytes, JSON and text.
//! - The crate `typeser-state`: keyed state, backends and savepoints.
//!
//! # Features
//! - `derive` (on by default): `#[derive(StateType)]`.
//! - `serde`: any type that serde knows can be stored as an opaque leaf, see [`serializer::CustomSerializer`].
//! - `bytes`, `chrono`, `indexmap`, `ordered-float`, `rust_decimal`, `serde_json`, `smallvec`, `time`, `uuid`: the types of the crate
//!   of that name can be stored. `docs/format.md` defines their bytes.

extern crate self as typeser;

pub mod file;
pub mod golden;
pub mod history;
pub mod migrate;
pub mod ordered;
pub mod report;
pub mod resolve;
pub mod schema;
pub mod serializer;
pub mod snapshot;
#[doc(hidden)]
pub mod text;
pub mod value;
pub mod versions;
pub mod wire;

pub use resolve::resolve;
pub use serializer::{OrderedKey, Serializer, StateKey, StateType, TypeSerializer};
pub use snapshot::SerializerSnapshot;
#[cfg(feature = "derive")]
pub use typeser_derive::StateType;

/// The goldens in a folder of the package, compiled into the program: `Result<`[`Goldens`](golden::Goldens)`,
/// `[`ReadGoldensError`](golden::ReadGoldensError)`>`.
///
/// The program reads stored values with the snapshots that CI checks, and ships no folder. The folder is relative to
/// `Cargo.toml`. A change of its files compiles the program again.
///
/// ```text
/// let goldens = typeser::goldens!("golden")?;
/// let versions = Versions::builder(Serializer::<Limits>::new()?).goldens(&goldens, "limits").build()?;
/// ```
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! goldens {
    ($folder:literal) => {
        $crate::__private::embedded_goldens!($crate, $folder)
    };
}

/// What generated code calls. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::schema::{IntegerEncoding, NodeId, Sizes};
    pub use crate::serializer::foreign::{
        AsText, ByMirror, ByReference, ByValue, Each, Entries, Form, HasOrigin, Mirrors, Origin, Parts, Probe,
        ReadBack, Same, StandIn, Stored, TextForm, TextValue, ValueStandIn, give, give_back, store,
    };
    #[cfg(feature = "serde")]
    pub use crate::serializer::serde_bridge;
    pub use crate::serializer::{
        ConversionTable, Custom, CustomError, CustomSerializer, Describer, EnumTable, FieldTable, KeyPrefix, Leaf,
        MigrationTable, OldVersion, Promised, RemovedVariantTable, StructTable, VariantTable, WasTable, check_key,
        check_ordered, constant, decode_value, encode_value, enter_reader, enter_writer, layout_of, leave_reader,
        leave_writer, link, link_chained, link_field, unknown_tag, wrap,
    };
    pub use crate::snapshot::Location;
    pub use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};
    #[cfg(feature = "serde")]
    pub use serde::{Serialize, de::DeserializeOwned};
    pub use std::vec::Vec;
    #[cfg(feature = "derive")]
    pub use typeser_derive::embedded_goldens;
}

/// The example of the README is compiled and run.
#[cfg(all(doctest, feature = "derive"))]
#[doc = include_str!("../README.md")]
struct Readme;
