//! The derive macro of typeser: `#[derive(StateType)]`.
//!
//! One step a file: the input is read (`ast`, `attr`), checked (`check`) and expanded (`expand`); if that failed, a
//! `fallback` is expanded, so that one mistake is one error.

mod advice;
mod arguments;
mod ast;
mod attr;
mod check;
mod ctxt;
mod derive;
mod expand;
mod fallback;
mod functions;
mod leaf;
mod reserved;
mod symbol;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro::TokenStream;

/// Derives `StateType`: straight-line code for today's layout, and a description of it.
///
/// Structs of every kind, enums with every kind of variant, generic types and types that contain themselves can be
/// derived. The layout is bincode's: the stored fields in order, behind a tag if it is an enum.
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
/// What a type says about other releases stands in `#[state(...)]`. Names are for ever: within a type each current,
/// earlier and removed name means one thing, and the compiler says so if it does not.
///
/// | attribute | on | meaning |
/// | --- | --- | --- |
/// | [`name = "..."`](#name) | types, variants, fields | the stored name |
/// | [`version = 2`](#version) | types | the version that you count |
/// | [`alias = "..."`](#alias) | types, variants, fields | an earlier name |
/// | [`removed("...")`](#removed) | types, variants | a field or variant that is gone |
/// | [`default`, `default = value`](#default) | fields | the value where none is stored |
/// | [`skip`](#skip) | fields | not stored |
/// | [`none = value`](#none) | fields | what a stored `None` becomes |
/// | [`convert(u32, with = path)`](#convert) | fields | the function for a field that was stored as another type |
/// | [`tag = 3`](#tag) | variants | the stored number |
/// | [`other`](#other) | variants | what removed variants become |
/// | [`migrate(1 => path)`](#migrate) | types | the function for whole values of an earlier version |
/// | [`transparent`](#transparent) | structs | the layout of the only field |
/// | [`key`](#key) | types | also derives `StateKey` |
/// | [`bound = "..."`](#bound) | types | replaces the inferred bounds |
/// | [`with = path`](#with) | types, fields | stored by a serializer of your own |
/// | [`serde(name = "...", version = 1)`](#serde) | types, fields | stored by way of serde |
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
/// A number from 1 that you count for the type; 1 if it is not given. A version alone never makes a difference between
/// two layouts; it names what a [migration of your own](#migrate) reads.
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
/// On a struct, or on a variant: fields that were stored once and are gone. On an enum: variants that are gone, with
/// `becomes = value` for what their values turn into, unless a variant is [`other`](#other). Losses have to be declared; what is not declared is not dropped.
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
/// The value of a field in data that was stored before the field was there: the type's own
/// [`Default`], or any expression of the field's type. It is evaluated when a snapshot is built.
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
/// A field that is not stored. Reading rebuilds it by the type's own [`Default`], or by `default = value`.
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
/// On a field that was an `Option` and is none any more: the value that a stored `None` becomes, any expression of the
/// field's type. It is evaluated when a snapshot is built. With it, `Option<T>` to `T` requires migration; without it,
/// that is incompatible. What a stored `Some` holds goes by the rules, or by [`convert`](#convert) on the same field. Two
/// values become one by it, so it is no way for map keys and set elements.
///
/// ```
/// # use typeser::StateType;
/// #[derive(StateType)]
/// struct Order {
///     number: u64,
///     #[state(none = 1)]
///     pieces: u32, // `Option<u32>` once
/// }
/// ```
///
/// # `convert`
///
/// On a field that was stored as another type, from which no rule leads to the one it has now: the function that takes
/// the stored value. Repeat it for several stored types. With it, the change requires migration, of the cost class
/// `convert`; without it, it is incompatible. A conversion goes before the rules: it also runs where one of them would
/// do.
///
/// The function takes the stored type by value, and gives the type of the field or a `Result` with any error that is
/// `Display`. A migration stops at an error and says where, in the words of the error.
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
/// `injective` promises that different values stay different. Only such a conversion may run inside a map key or a set
/// element, where two values that become one would be one entry.
///
/// The type that the field has now cannot be converted from, since nothing would tell what has been converted already;
/// [`migrate`](#migrate) is for that.
///
/// # `tag`
///
/// The number that stands for a variant in stored bytes. Without it, that is the variant's place in the enum, from 0;
/// Rust's own discriminants (`Open = 5`) play no part.
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
/// The variant that stored values of removed variants become, where [`removed`](#removed) says nothing else. It may be
/// an old or a new variant, one in an enum. It has no payload, or one whose stored fields all are an `Option` or have a
/// [`default`](#default). With it, a removed variant requires migration, and its loss is noted; without it and without
/// `removed`, that is incompatible.
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
/// The function that takes whole values of an earlier [`version`](#version) of the type, wherever they are stored: where
/// a field alone does not say enough, or where the layout stayed and the meaning changed. It goes before all rules, also
/// when the layouts are equal. The change requires migration, of the cost class `convert`. A stored version that is later
/// than all that are named here goes by the rules; one that is earlier than one of them and not named is incompatible.
///
/// The function takes a type that was kept from the earlier release, with the name and version that it had then, or a
/// `typeser::value::Value` if there is none. It gives the type itself, or a `Result` with any error that is `Display`.
/// If several versions are named, in whatever order, each function gives what the one for the next version takes, and
/// the last gives the type. What a function takes has to follow from its path: write `<Order as From<Order1>>::from`, and
/// not `Order::from`.
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
/// # `transparent`
///
/// A struct with one stored field is stored, and described, as that field. It has no name and no version of its own.
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
/// Also derives `StateKey`: the type can be the key of keyed state. It has to be `Eq` and `Hash`, and so does every
/// stored field, which has to be a key itself: equal keys must give equal bytes.
///
/// ```
/// # use typeser::StateType;
/// #[derive(PartialEq, Eq, Hash, StateType)]
/// #[state(key)]
/// struct TailNumber(String);
/// ```
///
/// # `bound`
///
/// Replaces the bounds that were inferred. Those are `T: StateType` (for keys `T: StateKey`) for each parameter that a
/// stored field uses, and for each type that a parameter names, such as `T::Item`. Parameters in `PhantomData` need no
/// bound. Functions and what they take are not looked at. All parameters are `'static` in any case.
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
/// The path of a serializer of your own, a `CustomSerializer` of the field's type, or of the type below. What it writes
/// is an opaque leaf: a length, then bytes into which typeser does not look. A type with `with` needs no storable
/// fields and says nothing else but `key`, `bound` and `crate`. It is a key if its serializer says that it is canonical.
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
/// With the feature `serde`: any type that serde knows, as an opaque leaf of the given name and version. Count the
/// version up whenever what serde writes changes. `canonical` promises that equal values give equal bytes, which a key
/// needs. What serde could not read back, such as an untagged enum, is an error when it is written.
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
/// `migrate(1 => path)` inside `serde(..)` names a function that makes the current value of what version 1 stored: it
/// takes a type that serde reads from those bytes, such as the type as it was, and gives the value or a `Result`. Each
/// earlier version has a function of its own; there are no chains.
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
/// # `crate`
///
/// Where the library is, for a crate that renames or re-exports it. Without it, that is `::typeser`.
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
