//! The derive macro of typeser: `#[derive(StateType)]`.
//!
//! One step a file: the input is read (`ast`, `attr`), checked (`check`) and expanded (`expand`); if that failed, a
//! `fallback` is expanded, so that one mistake causes one error.

mod advice;
mod arguments;
mod ast;
mod attr;
mod check;
mod ctxt;
mod derive;
mod embed;
mod expand;
mod fallback;
mod foreign;
mod form;
mod functions;
mod leaf;
mod reserved;
mod serde_words;
mod symbol;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro::TokenStream;

/// Derives `StateType`: straight-line code for today's layout, and a description of it.
///
/// It supports all structs and enums, generic types and recursive types. The layout is that of bincode: the stored
/// fields in order, after a tag for an enum.
///
/// ```
/// use typeser::StateType;
///
/// #[derive(StateType)]
/// struct Order {
///     number: u64,
///     items: Vec<Item>,
///     status: Status,
/// }
///
/// #[derive(StateType)]
/// struct Item(String, u32);
///
/// #[derive(StateType)]
/// enum Status {
///     Open,
///     Shipped { carrier: String },
/// }
/// ```
///
/// `#[state(...)]` declares how a type relates to other releases. Names are permanent: within a type, each current,
/// earlier and removed name has one meaning, which the derive checks.
///
/// | attribute | on | meaning |
/// | --- | --- | --- |
/// | [`name = "..."`](#name) | types, variants, fields | the stored name |
/// | [`version = 2`](#version) | types | the version of the type |
/// | [`alias = "..."`](#alias) | types, variants, fields | an earlier name |
/// | [`removed("...")`](#removed) | types, variants | a removed field or variant |
/// | [`default`, `default = value`](#default) | fields | the value where none is stored |
/// | [`skip`](#skip) | fields | not stored |
/// | [`none = value`](#none) | fields | what a stored `None` becomes |
/// | [`convert(u32, with = path)`](#convert) | fields | the function for a field that was stored as another type |
/// | [`tag = 3`](#tag) | variants | the stored number |
/// | [`other`](#other) | variants | what removed variants become |
/// | [`migrate(1 => path)`](#migrate) | types | the function for whole values of an earlier version |
/// | [`was = (i64, u32)`](#was) | types | a stored type with the same bytes |
/// | [`transparent`](#transparent) | structs | the layout of the only field |
/// | [`key`](#key) | types | also derives `StateKey` |
/// | [`ordered`](#ordered) | types | also derives `StateKey` and `OrderedKey` |
/// | [`bound = "..."`](#bound) | types | replaces the inferred bounds |
/// | [`with = path`](#with) | types, fields | stored by a custom serializer |
/// | [`serde(name = "...", version = 1)`](#serde) | types, fields | stored by serde |
/// | [`text`](#text) | types, fields | stored as text, by `Display` and `FromStr` |
/// | [`as = u64`](#as) | types, fields | stored as a value of another type |
/// | [`remote = "other::Type"`](#remote) | types | mirrors a type of another crate, for `as` |
/// | [`crate = path`](#crate) | types | where the library is |
///
/// # `name`
///
/// The stored name. Without it, that is the Rust identifier without generic arguments and without `r#`; tuple fields
/// are called `0`, `1`, ... The names of built-in types (`u64`, `list`, `duration`, ...) are reserved.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// #[state(name = "order")]
/// struct OrderV2 {
///     #[state(name = "no")]
///     number: u64,
/// }
/// ```
///
/// # `version`
///
/// A number from 1, by default 1, that you increment when the meaning of the type changes. A version alone does not
/// make two layouts different: it identifies what a [migration function](#migrate) reads.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// #[state(version = 2)]
/// struct Order {
///     number: u64,
/// }
/// ```
///
/// # `alias`
///
/// An earlier name of a type, a variant or a field. Repeat it, or write `alias("a", "b")`, for several.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// #[state(alias = "Sale")]
/// struct Order {
///     #[state(alias("no", "id"))]
///     number: u64,
/// }
/// ```
///
/// # `removed`
///
/// On a struct or a variant: fields that were stored by earlier releases and have been removed. On an enum: removed
/// variants, with `becomes = value` for what their values become, unless a variant is [`other`](#other). Stored data is
/// dropped only if that is declared.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// #[state(removed("note", "discount"))]
/// struct Order {
///     number: u64,
/// }
///
/// #[derive(StateType)]
/// #[state(removed("Lost", becomes = Status::Open))]
/// enum Status {
///     Open,
///     #[state(removed("driver"))]
///     Shipped { carrier: String },
/// }
/// ```
///
/// # `default`
///
/// The value of a field in data that was stored before the field was added: the [`Default`] of its type, or any
/// expression of that type. It is evaluated when a snapshot is built.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// struct Order {
///     number: u64,
///     #[state(default)]
///     items: Vec<String>,
///     #[state(default = "EUR".to_owned())]
///     currency: String,
/// }
/// ```
///
/// # `skip`
///
/// A field that is not stored. When a value is read, the field gets the [`Default`] of its type, or `default = value`.
///
/// ```
/// # use typeser::StateType;
/// use typeser::serializer::{decode_bytes, encode_bytes};
/// use typeser::wire::Fixed;
///
/// #[derive(Debug, PartialEq, StateType)]
/// struct Order {
///     number: u16,
///     #[state(skip)]
///     cached_total: Option<u64>,
///     #[state(skip, default = 10)]
///     retries: u32,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut bytes = Vec::new();
/// encode_bytes::<_, Fixed>(&Order { number: 7, cached_total: Some(3), retries: 0 }, &mut bytes)?;
/// assert_eq!(bytes, [7, 0]);
/// let order: Order = decode_bytes::<_, Fixed>(&bytes)?;
/// assert_eq!(order, Order { number: 7, cached_total: None, retries: 10 });
/// # Ok(())
/// # }
/// ```
///
/// # `none`
///
/// On a field that was an `Option` and no longer is: the value that a stored `None` becomes, any expression of the
/// field's type. It is evaluated when a snapshot is built. With it, the change from `Option<T>` to `T` requires
/// migration; without it, the change is incompatible. The value in a stored `Some` is migrated by the rules, or by
/// [`convert`](#convert) on the same field. Since two different values can become equal, it does not apply in map keys
/// and set elements.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// struct Order {
///     number: u64,
///     #[state(none = 1)]
///     pieces: u32, // was `Option<u32>`
/// }
/// ```
///
/// # `convert`
///
/// On a field that was stored as another type, which no rule converts to the current one: the function that converts
/// the stored value. Repeat it for several stored types. With it, the change requires migration, of the cost class
/// `convert`; without it, the change is incompatible. A conversion takes precedence over the rules: it also runs where
/// a rule would apply.
///
/// The function takes the stored type by value, and returns the type of the field, or a `Result` with any error that
/// implements `Display`. A migration stops at an error, and reports its message and where it occurred.
///
/// ```
/// # use typeser::StateType;
/// use std::num::ParseIntError;
///
/// #[derive(StateType)]
/// struct Order {
///     #[state(convert(String, with = parse), convert(i32, with = u64::try_from))]
///     number: u64,
///     #[state(convert(char, with = String::from, injective))]
///     currency: String,
/// }
///
/// fn parse(number: String) -> Result<u64, ParseIntError> {
///     number.parse()
/// }
/// ```
///
/// `injective` asserts that different values stay different. Only such a conversion can run inside a map key or a set
/// element, where two values that become equal would become one entry.
///
/// A field cannot be converted from its current type, because values that are already converted could not be
/// recognised. Use [`migrate`](#migrate) for that.
///
/// # `tag`
///
/// The number that represents a variant in stored bytes. By default, it is the position of the variant in the enum,
/// from 0. Discriminants of Rust (`Open = 5`) have no effect.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// enum Status {
///     #[state(tag = 1)]
///     Open,
///     #[state(tag = 0)]
///     Shipped,
/// }
/// ```
///
/// # `other`
///
/// The variant that stored values of removed variants become, unless [`removed`](#removed) declares another value. At
/// most one variant of an enum can have it, old or new. It has no payload, or one whose stored fields are all an
/// `Option` or have a [`default`](#default). With it, a removed variant requires migration, and reports mention the
/// dropped data; without it and without `removed`, the change is incompatible.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// enum Status {
///     Open,
///     Shipped { carrier: String },
///     #[state(other)]
///     Unknown,
/// }
/// ```
///
/// # `migrate`
///
/// The function that converts whole values of an earlier [`version`](#version) of the type, wherever they are stored.
/// Use it where a single field is not enough, or where the meaning changed but the layout did not. It takes precedence
/// over all rules, even if the layouts are equal. The change requires migration, of the cost class `convert`. For a
/// stored version later than all versions named here, the rules apply. An earlier version that is not named is
/// incompatible.
///
/// The function takes a type that the program kept from the earlier release, with the name and version that it had
/// then, or a `typeser::value::Value` if there is none. If the stored layout differs from that of the kept type, the
/// rules first make the one of the other, by the attributes of the kept type; unless the kept type declares functions
/// itself, then it is read exactly. It returns the type itself, or a `Result` with any error that
/// implements `Display`. If several versions are named, in any order, each function returns what the function for the
/// next version takes, and the last returns the type. The path has to determine the type that a function takes: write
/// `<Order as From<Order1>>::from`, not `Order::from`.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// #[state(version = 3, migrate(1 => <Track2 as From<Track1>>::from, 2 => Track::from_metres))]
/// struct Track {
///     feet: f64,
/// }
///
/// impl Track {
///     fn from_metres(old: Track2) -> Result<Self, String> {
///         if old.metres < 0.0 {
///             return Err(format!("a track of {} m", old.metres));
///         }
///         Ok(Self { feet: old.metres / 0.3048 })
///     }
/// }
///
/// #[derive(StateType)]
/// #[state(name = "Track", version = 2)]
/// struct Track2 {
///     metres: f64,
/// }
///
/// #[derive(StateType)]
/// #[state(name = "Track")]
/// struct Track1 {
///     kilometres: f64,
/// }
///
/// impl From<Track1> for Track2 {
///     fn from(old: Track1) -> Self {
///         Self { metres: 1000.0 * old.kilometres }
///     }
/// }
/// ```
///
/// `injective` behind a function asserts that different values stay different, as for [`convert`](#convert). Only such
/// functions can run inside a map key or a set element, and make the keys of a re-key. If several versions are named, each
/// function needs its own `injective`.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType, PartialEq, Eq, Hash)]
/// #[state(key, version = 2, migrate(1 => join, injective))]
/// struct Account {
///     id: String,
/// }
///
/// #[derive(StateType, PartialEq, Eq, Hash)]
/// #[state(key, name = "Account")]
/// struct Account1 {
///     tenant: u32,
///     number: u64,
/// }
///
/// fn join(old: Account1) -> Account {
///     Account { id: format!("{}/{}", old.tenant, old.number) }
/// }
/// ```
///
/// # `was`
///
/// A type that was stored where this one is now, and whose bytes are the same. Its values are read as they are, in
/// states, in fields, as keys, as map keys and as namespaces; nothing is rewritten. Without it, a stored tuple, number or
/// string is not read as a struct, because nothing says that they mean the same. Several types are several `was`.
///
/// Records, tuples and arrays have the bytes of their parts in order, whatever the names are. A type whose bytes differ
/// is an error when the serializer is made; convert its values by [`migrate`](#migrate).
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// #[state(was = (i64, u32))]
/// struct Delays {
///     sum: i64,
///     count: u32,
/// }
/// ```
///
/// # `transparent`
///
/// A struct with one stored field is stored and described as that field. It has no stored name and no version.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// #[state(transparent)]
/// struct OrderId(u64);
/// ```
///
/// # `key`
///
/// Also derives `StateKey`, so that the type can be the key of keyed state. The type has to implement `Eq` and `Hash`,
/// and every stored field has to be a key itself, because equal keys must have equal bytes.
///
/// ```
/// # use typeser::StateType;
/// #[derive(PartialEq, Eq, Hash, StateType)]
/// #[state(key)]
/// struct TailNumber(String);
/// ```
///
/// # `ordered`
///
/// Also derives `StateKey` and `OrderedKey`, so that the type can be the key of an ordered table. The type has to
/// implement `Ord`, derived, and every stored field has to be an ordered key itself. A field with `text`, `as`, `with`
/// or `serde` is refused, because its values may compare in another way than what is stored of them. So are variants
/// whose discriminants are not ascending.
///
/// An `Ord` of your own has to compare as a derived one does. Test it with `typeser::serializer::check_order`.
///
/// ```
/// # use typeser::StateType;
/// #[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
/// #[state(ordered)]
/// struct Due {
///     priority: u8,
///     at: i64,
///     id: u64,
/// }
/// ```
///
/// # `bound`
///
/// Replaces the inferred bounds. Those are `T: StateType` (for keys `T: StateKey`) for each parameter that a stored
/// field uses, and for each associated type of a parameter, such as `T::Item`. Parameters in `PhantomData` need no
/// bound. Functions and their argument types are not considered. All parameters are `'static` in any case.
///
/// ```
/// # use typeser::StateType;
/// use std::marker::PhantomData;
///
/// #[derive(StateType)]
/// struct Page<T> {
///     items: Vec<T>, // `T: StateType` is inferred
/// }
///
/// #[derive(StateType)]
/// #[state(bound = "")]
/// struct Id<T> {
///     number: u64,
///     #[state(skip)]
///     of: Kind<T>,
/// }
///
/// struct Kind<T>(PhantomData<T>);
///
/// impl<T> Default for Kind<T> {
///     fn default() -> Self {
///         Self(PhantomData)
///     }
/// }
/// ```
///
/// # `with`
///
/// The path of a custom serializer: a `CustomSerializer` of the field's type, or of the type below. It writes an opaque
/// leaf: a length, then bytes that typeser does not interpret. The fields of a type with `with` need not be storable,
/// and its only other attributes can be `key`, `bound` and `crate`. It can be a key if its serializer is canonical.
///
/// ```
/// use typeser::StateType;
/// use typeser::serializer::{CustomError, CustomSerializer};
///
/// struct VersionText;
///
/// impl CustomSerializer for VersionText {
///     type Value = (u8, u8);
///     const NAME: &'static str = "version-text";
///     const VERSION: u32 = 1;
///
///     fn write((major, minor): &(u8, u8), to: &mut Vec<u8>) -> Result<(), CustomError> {
///         to.extend_from_slice(format!("{major}.{minor}").as_bytes());
///         Ok(())
///     }
///
///     fn read(from: &[u8]) -> Result<(u8, u8), CustomError> {
///         let (major, minor) = str::from_utf8(from)?.split_once('.').ok_or("no point")?;
///         Ok((major.parse()?, minor.parse()?))
///     }
/// }
///
/// #[derive(StateType)]
/// struct Release {
///     name: String,
///     #[state(with = VersionText)]
///     version: (u8, u8),
/// }
/// ```
///
/// # `serde`
///
/// With the feature `serde`: any type that implements serde's traits, as an opaque leaf of the given name and version.
/// Increment the version whenever the output of serde changes. `canonical` asserts that equal values have equal bytes,
/// as a key requires. Writing a value that serde could not read back, such as an untagged enum, is an error.
///
/// ```
/// # use typeser::StateType;
/// use serde_derive::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Point {
///     x: f64,
///     y: f64,
/// }
///
/// #[derive(StateType)]
/// struct Stop {
///     name: String,
///     #[state(serde(name = "geo-point", version = 1))]
///     at: Point,
/// }
///
/// #[derive(Serialize, Deserialize, StateType)]
/// #[state(serde(name = "track", version = 1))]
/// struct Track(Vec<Point>);
/// ```
///
/// `migrate(1 => path)` inside `serde(..)` names a function that converts values of version 1 to the current type: it
/// takes a type that serde reads from those bytes, such as the earlier type, and returns the value or a `Result`. Each
/// earlier version needs its own function; functions are not chained.
///
/// ```
/// # use typeser::StateType;
/// # use serde_derive::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize)]
/// struct Point {
///     x: f64,
///     y: f64,
/// }
///
/// fn from_pair((x, y): (f32, f32)) -> Point {
///     Point { x: x.into(), y: y.into() }
/// }
///
/// #[derive(StateType)]
/// struct Stop {
///     name: String,
///     #[state(serde(name = "geo-point", version = 2, migrate(1 => from_pair)))]
///     at: Point,
/// }
/// ```
///
/// # `text`
///
/// On a field of a foreign type, or on a type: stored as text, which `Display` writes and `FromStr` reads. In the
/// snapshot it is a logical type over a string, with the last name in the path of the type as its name. A text is
/// parsed when a value is read; the error contains the field, the text and the cause. A text that `FromStr` refuses is
/// not written.
///
/// The types in `Option`, `Vec`, `VecDeque`, arrays, tuples, pointers, sets and maps are stored as text in the same way.
/// If more than one type could be meant, name it: `text(Email)`. `text(name = "email")` changes the stored name.
///
/// ```
/// # use typeser::StateType;
/// use std::collections::HashMap;
/// # mod mail {
/// #     #[derive(Clone, PartialEq, Eq, Hash)]
/// #     pub struct Email(String);
/// #     impl std::fmt::Display for Email {
/// #         fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
/// #             f.write_str(&self.0)
/// #         }
/// #     }
/// #     impl std::str::FromStr for Email {
/// #         type Err = &'static str;
/// #         fn from_str(text: &str) -> Result<Self, Self::Err> {
/// #             if text.contains('@') { Ok(Self(text.to_owned())) } else { Err("there is no @") }
/// #         }
/// #     }
/// # }
/// use mail::Email;
///
/// #[derive(StateType)]
/// struct Contact {
///     #[state(text)]
///     email: Email,
///     #[state(text)]
///     others: Vec<Email>,
///     #[state(text(Email))]
///     notes: HashMap<Email, Note>,
/// }
///
/// #[derive(StateType)]
/// struct Note(String);
/// ```
///
/// In a [`key`](#key), add `canonical`: `text(canonical)` asserts that equal values have equal texts and different
/// values different texts.
///
/// # `as`
///
/// On a field of a foreign type, or on a type: stored as a value of another type, the *stand-in*. The layout is that of
/// the stand-in, so all rules and attributes apply to it. Conversions go both ways: `From<&Value> for StandIn` (or
/// `From<Value>` if the value implements `Clone`), and `From<StandIn> for Value`. `TryFrom` works instead of each
/// `From`; the error contains the field and the cause.
///
/// For the elements of a collection, name the stored collection. `_` keeps a part as it is.
///
/// ```
/// # use typeser::StateType;
/// use std::collections::BTreeMap;
/// # mod shop {
/// #     #[derive(Clone, Copy)]
/// #     pub struct Price(pub u64);
/// #     impl From<Price> for u64 {
/// #         fn from(price: Price) -> Self {
/// #             price.0
/// #         }
/// #     }
/// #     impl From<u64> for Price {
/// #         fn from(cents: u64) -> Self {
/// #             Self(cents)
/// #         }
/// #     }
/// #     pub struct Flags(u8);
/// #     impl Flags {
/// #         pub fn bits(&self) -> u8 {
/// #             self.0
/// #         }
/// #         pub fn from_bits(bits: u8) -> Option<Self> {
/// #             Some(Self(bits))
/// #         }
/// #     }
/// # }
/// use shop::{Flags, Price};
///
/// #[derive(StateType)]
/// struct Order {
///     #[state(as = u64)]
///     total: Price,
///     #[state(as = BTreeMap<_, Vec<u64>>)]
///     items: BTreeMap<String, Vec<Price>>,
///     #[state(as(u8, into = Flags::bits, from = Flags::from_bits))]
///     flags: Flags,
/// }
/// ```
///
/// `into` and `from` name functions instead of conversions: `into` takes a reference to the value, `from` takes the
/// stand-in. Both may return an `Option` or a `Result`.
///
/// In a [`key`](#key), the stand-in has to be a key, and `canonical` is required: `as(u64, canonical)` asserts that equal
/// values have equal stand-ins and different values different ones.
///
/// # `remote`
///
/// On a struct or enum that has the fields or variants of a foreign type: makes it a *mirror*, which [`as`](#as) takes
/// without conversions. Values of the foreign type are written and read field by field. All attributes work on a mirror
/// as on any other type. The foreign type needs public fields, and cannot be `#[non_exhaustive]`; write conversions
/// for `as` otherwise.
///
/// ```
/// # use typeser::StateType;
/// mod geo {
///     pub struct Point {
///         pub x: f64,
///         pub y: f64,
///     }
/// }
///
/// #[derive(StateType)]
/// #[state(remote = "geo::Point", name = "Point")]
/// struct PointMirror {
///     x: f64,
///     y: f64,
/// }
///
/// #[derive(StateType)]
/// struct Track {
///     #[state(as = PointMirror)]
///     start: geo::Point,
///     #[state(as = Vec<PointMirror>)]
///     points: Vec<geo::Point>,
/// }
/// ```
///
/// # Attributes of serde
///
/// `#[serde(...)]` has no effect on what is stored. Where it disagrees with `#[state(...)]` on a field, a variant or a
/// type, the compiler warns, and the warning says what to write:
///
/// | serde | the warning asks for |
/// | --- | --- |
/// | `skip` on a stored field | `skip` |
/// | `default` on a stored field that is not an `Option` | `default` |
/// | `alias = "a"` | `alias = "a"` |
/// | `rename = "a"` beside `name = "b"` | one name |
///
/// If the two differ on purpose, write `#[allow(deprecated)]` on the type: stable Rust lets a macro warn only by the lint
/// `deprecated`.
///
/// # `crate`
///
/// The path of the library, for a crate that renames or re-exports it. By default, it is `::typeser`.
///
/// ```
/// # use typeser::StateType;
/// mod reexported {
///     pub use typeser;
/// }
///
/// #[derive(StateType)]
/// #[state(crate = reexported::typeser)]
/// struct Order {
///     number: u64,
/// }
/// ```
#[proc_macro_derive(StateType, attributes(state))]
pub fn derive_state_type(input: TokenStream) -> TokenStream {
    derive::derive(input.into()).into()
}

/// What `typeser::goldens!` expands to. Not for people: call that.
#[doc(hidden)]
#[proc_macro]
pub fn embedded_goldens(input: TokenStream) -> TokenStream {
    embed::goldens(input.into()).into()
}
