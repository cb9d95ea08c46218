//! Values without their Rust type: read from any stored bytes by their snapshot alone, looked at, changed, written back.

mod access;
mod build;
mod convertible;
mod decode;
mod encode;
mod error;
mod json;
mod layout;
pub(crate) mod minimal;
mod record;
mod show;
mod text;
mod tree;

pub(super) use decode::locate;
pub use error::{DecodeValueError, DecodeValueErrorKind, EncodeValueError, EncodeValueErrorKind, ValueError};
pub use record::Record;

use crate::schema::Limits;
use crate::serializer::{Serializer, StateType, TypeSerializer};
use crate::snapshot::SerializerSnapshot;

/// The most containers that a value may be nested: as many as the transcoder comes back from.
const MOST_FRAMES: usize = Limits::DEPTH as usize * 128;
/// How many parts a value may have beyond [`PARTS_A_BYTE`]: parts without bytes would otherwise cost nothing to claim.
const MOST_FREE_PARTS: u64 = 1 << 20;
/// How many parts a value may have for each byte that it takes.
const PARTS_A_BYTE: u64 = 16;

/// A value of any stored type.
///
/// [`Value::decode`] makes one from stored bytes and the snapshot beside them; the Rust type that wrote them need not
/// exist any more. `{}` prints it like Rust (`{:#}` over several lines, `{:?}` with the type of every number),
/// [`Value::to_json`] prints JSON, and [`Value::encode`] writes the bytes again.
///
/// Numbers keep their type: a `u8` is not a `u32`. What has no bytes of its own leaves no trace: `NonZero`, logical
/// types such as durations, `Box` and `Rc` are the value inside.
///
/// Nothing here recurses natively, neither dropping nor cloning, comparing and printing, so values may be nested as deep
/// as stored ones can be. The price is that parts cannot be moved out by pattern: match on `&value`, and take parts out
/// with [`Value::remove`], [`Value::into_items`] and their like.
///
/// Two values are equal if their parts are: in the same order in sets and maps too, floats by their bits.
///
/// # A migration in a few lines
/// ```
/// use typeser::migrate::Value;
/// use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};
///
/// // What a former release stored. Only its bytes and its snapshot are left.
/// # let (stored, snapshot) = {
/// #     #[derive(StateType)]
/// #     enum Status { Open, Shipped { carrier: String } }
/// #     #[derive(StateType)]
/// #     struct Order { id: u32, status: Status, tags: Vec<String>, note: Option<String> }
/// #     let serializer = Serializer::<Order>::new()?;
/// #     let status = Status::Shipped { carrier: "snail".into() };
/// #     _ = Status::Open;
/// #     let order = Order { id: 7, status, tags: vec!["a".into()], note: None };
/// #     let mut stored = Vec::new();
/// #     serializer.serialize(&order, &mut stored)?;
/// #     (stored, serializer.snapshot().to_bytes()?)
/// # };
/// let snapshot = SerializerSnapshot::from_bytes(&snapshot)?;
/// let old = Value::decode(&snapshot, &stored)?;
/// assert_eq!(old.to_string(), r#"Order { id: 7, status: Shipped { carrier: "snail" }, tags: ["a"], note: None }"#);
/// assert_eq!(old.to_json(), r#"{"id":7,"status":{"Shipped":{"carrier":"snail"}},"tags":["a"],"note":null}"#);
///
/// // What this release wants of it.
/// #[derive(Debug, PartialEq, StateType)]
/// struct Delivery { order: u64, by: Option<String>, tags: Vec<String> }
///
/// let status = old.get("status")?;
/// let by = match status.variant() {
///     Some("Shipped") => Some(status.get("carrier")?.as_str()?.to_owned()),
///     _ => None,
/// };
/// let new = Delivery { order: old.get("id")?.as_u64()?, by, tags: old.read("tags")? };
/// assert_eq!(new, Delivery { order: 7, by: Some("snail".into()), tags: vec!["a".into()] });
///
/// // And back: canonical bytes come out as they went in.
/// let mut bytes = Vec::new();
/// old.encode(&snapshot, &mut bytes)?;
/// assert_eq!(bytes, stored);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub enum Value {
    /// `()` and `PhantomData`.
    #[default]
    Unit,
    /// A `bool`.
    Bool(bool),
    /// A `u8`.
    U8(u8),
    /// A `u16`.
    U16(u16),
    /// A `u32`.
    U32(u32),
    /// A `u64` or `usize`.
    U64(u64),
    /// A `u128`.
    U128(u128),
    /// An `i8`.
    I8(i8),
    /// An `i16`.
    I16(i16),
    /// An `i32`.
    I32(i32),
    /// An `i64` or `isize`.
    I64(i64),
    /// An `i128`.
    I128(i128),
    /// An `f32`.
    F32(f32),
    /// An `f64`.
    F64(f64),
    /// A `char`.
    Char(char),
    /// A string of any type.
    String(String),
    /// A struct.
    Struct(Record),
    /// A variant of an enum with its payload.
    Enum(Record),
    /// An option.
    Option(Option<Box<Self>>),
    /// A list: `Vec`, `VecDeque`, boxed slices ...
    List(Vec<Self>),
    /// A set, its elements in the order in which they are stored.
    Set(Vec<Self>),
    /// A map, its entries in the order in which they are stored.
    Map(Vec<(Self, Self)>),
    /// An array.
    Array(Vec<Self>),
    /// A tuple.
    Tuple(Vec<Self>),
    /// The bytes inside a framed opaque leaf, without their length.
    Opaque(Vec<u8>),
}

impl Value {
    /// Reads the value that takes up all of these bytes.
    ///
    /// Every byte string that is accepted is what [`Value::encode`] writes for the value.
    ///
    /// # Errors
    /// The bytes are not those of one value; or they are, but hold an opaque leaf without a length, are nested more than
    /// 65,536 containers deep, or have more than 16 parts a byte and 2^20 beyond (long arrays of `()`).
    pub fn decode(snapshot: &SerializerSnapshot, bytes: &[u8]) -> Result<Self, DecodeValueError> {
        decode::decode(snapshot, bytes)
    }

    /// Appends the bytes of this value as the serializer of this snapshot writes them.
    ///
    /// Fields of structs and payloads are found by name and may stand in any order; all else must be of the very type.
    ///
    /// # Errors
    /// This is not a value of the snapshot's type, or one that could not be read again. Then `to` is as it was before.
    pub fn encode(&self, snapshot: &SerializerSnapshot, to: &mut Vec<u8>) -> Result<(), EncodeValueError> {
        encode::encode(self, snapshot, 0, to)
    }

    /// The value as text of at most about so many characters.
    pub(crate) fn shortened(&self, characters: usize) -> String {
        let text = self.to_string();
        match text.char_indices().nth(characters) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text,
        }
    }

    /// Checks that [`Value::encode`] would write this value.
    ///
    /// # Errors
    /// Those of [`Value::encode`].
    pub fn conforms(&self, snapshot: &SerializerSnapshot) -> Result<(), EncodeValueError> {
        self.encode(snapshot, &mut Vec::new())
    }

    /// The dynamic form of a value whose Rust type is at hand.
    ///
    /// # Errors
    /// The type has no serializer, the layout cannot hold the value, or [`Value::decode`] refuses it.
    pub fn of<T: StateType>(value: &T) -> Result<Self, ValueError> {
        let serializer = Serializer::<T>::new().map_err(|error| ValueError::Rust(error.to_string()))?;
        let mut bytes = Vec::new();
        serializer.serialize(value, &mut bytes).map_err(|error| ValueError::Rust(error.to_string()))?;
        Ok(Self::decode(serializer.snapshot(), &bytes)?)
    }

    /// The value as a Rust type whose layout it has: numbers, strings, collections, and whole structs.
    ///
    /// # Errors
    /// The type has no serializer, or another layout.
    pub fn to<T: StateType>(&self) -> Result<T, ValueError> {
        let serializer = Serializer::<T>::new().map_err(|error| ValueError::Rust(error.to_string()))?;
        let mut bytes = Vec::new();
        self.encode(serializer.snapshot(), &mut bytes)?;
        serializer.deserialize(&bytes).map_err(|error| ValueError::Rust(error.to_string()))
    }
}
