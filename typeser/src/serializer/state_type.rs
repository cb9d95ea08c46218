//! The trait of types that can be stored, and the code for parts of values: windows for parts of fixed size, loops for
//! the others.

use std::any::type_name;

use super::describer::Describer;
use crate::schema::{NodeId, Sizes};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer, fill_vec};

/// A type whose values typeser can store.
///
/// Derive it: `#[derive(StateType)]`. The derive writes the straight-line code for today's layout, a description of
/// that layout, and nothing else; what changed since the last release is for [`resolve`](crate::resolve()) to say.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use typeser::{Serializer, StateType, TypeSerializer};
///
/// #[derive(StateType, Debug, PartialEq)]
/// struct Order { id: u64, note: Option<String> }
///
/// let serializer = Serializer::<Order>::new()?;
/// let mut bytes = Vec::new();
/// serializer.serialize(&Order { id: 7, note: None }, &mut bytes)?;
/// assert_eq!(serializer.deserialize(&bytes)?, Order { id: 7, note: None });
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Laws for implementations by hand
/// - `decode` reads back what `encode` wrote, and consumes all of it.
/// - `describe` describes the bytes that `encode` writes, and `decode` refuses others: what is described as text has to be
///   UTF-8.
/// - `SIZES` is true; a wrong one is an error at run time, never a wrong byte.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored: it does not implement `StateType`",
    label = "not a `StateType`",
    note = "if `{Self}` is your type, write `#[derive(StateType)]` above it",
    note = "if it is a type of `bytes`, `chrono`, `indexmap`, `ordered-float`, `rust_decimal`, `serde_json`, `smallvec`, `time` or `uuid`, enable the feature of that name where Cargo.toml names typeser: `features = [\"chrono\"]`",
    note = "if it is another type of another crate, write one of these above the field:\n\
            `#[state(text)]` to store its text (`Display` and `FromStr`)\n\
            `#[state(as = u64)]` to store a value of another type (`From` or `TryFrom`, or functions)\n\
            `#[state(as = Mirror)]` to store its fields, which a type with `#[state(remote = \"path\")]` repeats\n\
            `#[state(with = Name)]` to store what your `CustomSerializer` writes\n\
            `#[state(serde(name = \"...\", version = 1))]` to store what serde writes, as one opaque value",
    note = "if the field need not be stored, write `#[state(skip)]` above the field"
)]
pub trait StateType: Sized + 'static {
    /// How many bytes a value takes. Stops at indirections, so recursive types need no care.
    const SIZES: Sizes;

    /// Describes the layout and the hints.
    fn describe(to: &mut Describer) -> NodeId;

    /// Writes the value.
    ///
    /// # Errors
    /// The layout cannot hold the value; see [`EncodeErrorKind`](crate::wire::EncodeErrorKind).
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError>;

    /// Reads a value.
    ///
    /// # Errors
    /// The bytes are not those of a value; see [`DecodeErrorKind`](crate::wire::DecodeErrorKind).
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError>;

    /// Writes a field; what derived code calls, so that a type that is no `StateType` is one error and not three.
    #[doc(hidden)]
    #[inline(always)]
    fn encode_field<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_value(self, to)
    }

    /// Reads a field.
    #[doc(hidden)]
    #[inline(always)]
    fn decode_field<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        decode_value(from)
    }

    /// Writes values one after the other, without a length.
    #[doc(hidden)]
    #[inline]
    fn encode_slice<W: Writer>(items: &[Self], to: &mut W) -> Result<(), EncodeError> {
        encode_slice(items, to)
    }

    /// Reads `count` consecutive values.
    #[doc(hidden)]
    #[inline]
    fn decode_vec<E: Integers>(count: usize, from: &mut Reader<'_, E>) -> Result<Vec<Self>, DecodeError> {
        decode_vec(count, from)
    }

    /// Reads `N` consecutive values.
    #[doc(hidden)]
    #[inline]
    fn decode_array<const N: usize, E: Integers>(from: &mut Reader<'_, E>) -> Result<[Self; N], DecodeError> {
        decode_array(from)
    }
}

/// Writes a part of a value. Every part goes through here, so that a shape of known size gets its window.
#[inline(always)]
pub fn encode_value<T: StateType, W: Writer>(value: &T, to: &mut W) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    if size.exact && !W::IS_WINDOW && size.min > IN_LINE {
        encode_exact(std::slice::from_ref(value), to)
    } else if size.exact && !W::IS_WINDOW {
        to.windows(size.min, std::slice::from_ref(value), |value, window| value.encode(window))
    } else {
        value.encode(to)
    }
}

/// Up to this many bytes, a shape of known size is written in line.
const IN_LINE: usize = 16;

/// Writes values of one known size.
///
/// Never in line: so the code that fills a window has this one caller, is inlined here, whatever its length, and
/// its checks fold into the one for the whole window. With two callers the compiler calls it for each value.
#[inline(never)]
fn encode_exact<T: StateType, W: Writer>(items: &[T], to: &mut W) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    to.windows(size.min, items, |item, window| item.encode(window))
}

#[inline(always)]
fn encode_slice<T: StateType, W: Writer>(items: &[T], to: &mut W) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    if size.exact {
        if size.min == 0 {
            to.count_empty(items.len())?;
        }
        if !W::IS_WINDOW && size.min > IN_LINE {
            return encode_exact(items, to);
        }
        to.windows(size.min, items, |item, window| item.encode(window))
    } else {
        encode_each(items.iter(), to)
    }
}

/// Writes the elements of a collection.
///
/// They are one level deeper, unless they have a fixed size: then nothing in them is nested.
#[inline(always)]
pub(super) fn encode_each<'a, T: StateType, W: Writer>(
    items: impl Iterator<Item = &'a T>,
    to: &mut W,
) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    enter_writer::<T, W>(to)?;
    for item in items {
        let before = to.written();
        encode_value(item, to)?;
        if size.min == 0 && to.written() == before {
            to.count_empty(1)?;
        }
    }
    leave_writer::<T, W>(to);
    Ok(())
}

/// Enters a level to write a `T`, unless it has a fixed size.
#[inline(always)]
pub fn enter_writer<T: StateType, W: Writer>(to: &mut W) -> Result<(), EncodeError> {
    if const { T::SIZES }.under(W::INTEGERS).exact { Ok(()) } else { to.enter() }
}

/// Leaves the level of a `T` that was written.
#[inline(always)]
pub fn leave_writer<T: StateType, W: Writer>(to: &mut W) {
    if !const { T::SIZES }.under(W::INTEGERS).exact {
        to.leave();
    }
}

/// Reads a part of a value. Every part goes through here, so that a shape of known size gets its window.
#[inline(always)]
pub fn decode_value<T: StateType, E: Integers>(from: &mut Reader<'_, E>) -> Result<T, DecodeError> {
    let size = const { T::SIZES }.under(E::ENCODING);
    if size.exact {
        let mut window = from.window(size.min)?;
        let value = T::decode(&mut window)?;
        check_consumed::<T, E>(&window, size.min)?;
        Ok(value)
    } else {
        T::decode(from)
    }
}

#[inline(always)]
fn decode_vec<T: StateType, E: Integers>(count: usize, from: &mut Reader<'_, E>) -> Result<Vec<T>, DecodeError> {
    let size = const { T::SIZES }.under(E::ENCODING);
    if size.exact && size.min > 0 {
        let start = from.offset();
        let bytes = from.take_slice(size.min.saturating_mul(count))?;
        fill_vec(bytes, size.min, |chunk, offset| {
            let mut window = Reader::<E>::new(chunk);
            let value = T::decode(&mut window).map_err(|error| shift(&error, start + offset))?;
            check_consumed::<T, E>(&window, size.min)?;
            Ok(value)
        })
    } else {
        let mut values = Vec::with_capacity(from.reserve::<T>(count));
        decode_each(count, from, |value, _| {
            values.push(value);
            Ok(())
        })?;
        Ok(values)
    }
}

/// Reads `count` elements of a collection and passes each to `add` with its offset.
///
/// A map is read as its entries, pairs of key and value.
#[inline(always)]
pub(super) fn decode_each<T: StateType, E: Integers>(
    count: usize,
    from: &mut Reader<'_, E>,
    mut add: impl FnMut(T, usize) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let size = const { T::SIZES }.under(E::ENCODING);
    if size.exact && size.min == 0 {
        from.count_empty(count)?;
    }
    enter_reader::<T, E>(from)?;
    for _ in 0..count {
        let at = from.offset();
        let value = decode_value(from)?;
        if !size.exact && size.min == 0 && from.offset() == at {
            from.count_empty(1)?;
        }
        add(value, at)?;
    }
    leave_reader::<T, E>(from);
    Ok(())
}

/// Arrays of up to this many bytes are collected on the stack.
const ON_STACK: usize = 1024;

/// Reads the elements of an array, which no length precedes.
#[inline(always)]
pub(super) fn decode_array<T: StateType, const N: usize, E: Integers>(
    from: &mut Reader<'_, E>,
) -> Result<[T; N], DecodeError> {
    if const { size_of::<[Option<T>; N]>() <= ON_STACK } {
        let mut slots = [const { None }; N];
        for slot in &mut slots {
            *slot = Some(decode_value(from)?);
        }
        return Ok(slots.map(|slot| match slot {
            Some(value) => value,
            None => unreachable!("the loop above filled every slot or returned"),
        }));
    }
    let size = const { T::SIZES }.under(E::ENCODING);
    let values = if size.exact && size.min > 0 {
        T::decode_vec(N, from)?
    } else {
        let mut values = Vec::with_capacity(from.reserve::<T>(N));
        for _ in 0..N {
            values.push(decode_value(from)?);
        }
        values
    };
    values.try_into().map_err(|values: Vec<T>| {
        let what = format!("a run of {} elements", values.len());
        from.error(DecodeErrorKind::OutOfRange { what, type_name: type_name::<[T; N]>() })
    })
}

/// Enters a level to read a `T`, unless it has a fixed size.
#[inline(always)]
pub fn enter_reader<T: StateType, E: Integers>(from: &mut Reader<'_, E>) -> Result<(), DecodeError> {
    if const { T::SIZES }.under(E::ENCODING).exact { Ok(()) } else { from.enter() }
}

/// Leaves the level of a `T` that was read.
#[inline(always)]
pub fn leave_reader<T: StateType, E: Integers>(from: &mut Reader<'_, E>) {
    if !const { T::SIZES }.under(E::ENCODING).exact {
        from.leave();
    }
}

#[cold]
fn shift(error: &DecodeError, by: usize) -> DecodeError {
    DecodeError::new(error.offset() + by, error.kind().clone())
}

#[inline(always)]
fn check_consumed<T, E: Integers>(window: &Reader<'_, E>, promised: usize) -> Result<(), DecodeError> {
    if window.remaining() == 0 {
        return Ok(());
    }
    let left = window.remaining();
    Err(window.error(DecodeErrorKind::WrongSize { type_name: type_name::<T>(), promised, left }))
}
