//! The types of dynamic values: a tree of values and records.

use std::sync::Arc;

/// A value of any stored type.
///
/// [`Value::decode`] makes one from stored bytes and the snapshot beside them; the Rust type that wrote them need not
/// exist any more. `{}` prints it like Rust (`{:#}` over several lines, `{:?}` with the type of every number),
/// [`Value::to_json`] prints JSON, and [`Value::encode`] writes the bytes again.
///
/// Numbers keep their type: a `u8` is not a `u32`. What is stored in no bytes leaves no trace: `NonZero`, logical
/// types such as durations, `Box` and `Rc` are the value inside.
///
/// Nothing here recurses natively, neither dropping nor cloning, comparing and printing, so values may be nested as
/// deep as stored ones can be. The price is that parts cannot be moved out by pattern: match on `&value`, and take
/// parts out with [`Value::remove`], [`Value::into_items`] and their like.
///
/// Two values are equal if their parts are: in the same order in sets and maps too, floats by their bits.
///
/// # A migration in a few lines
/// ```
/// use typeser::value::Value;
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

/// A struct, or a variant of an enum: a type's name, and the values of its fields by name.
///
/// ```
/// use typeser::value::{Record, Value};
///
/// let status = Record::variant("Status", "Shipped").with("carrier", "snail");
/// let order = Value::from(Record::structure("Order").with("id", 7u64).with("status", status));
/// assert_eq!(order.to_string(), r#"Order { id: 7, status: Shipped { carrier: "snail" } }"#);
/// ```
#[derive(Clone)]
pub struct Record {
    pub(super) shape: Arc<Shape>,
    pub(super) values: Box<[Value]>,
}

/// What all values of one type or variant share.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) variant: Option<String>,
    /// The stored tag, where the variant was read: it distinguishes variants of one name.
    pub(super) tag: Option<u32>,
    pub(super) fields: Vec<String>,
}

/// Tags are left out: a name is what a variant is known by.
impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.variant == other.variant && self.fields == other.fields
    }
}
