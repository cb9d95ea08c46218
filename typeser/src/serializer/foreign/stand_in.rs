//! Stand-ins: a foreign value is stored as a value of another type, which conversions or functions of the program give.
//!
//! The derive calls [`Probe`], on which method resolution finds the best of three ways: a mirror, a conversion from a
//! reference, a conversion from a clone.

use std::fmt::Display;
use std::marker::PhantomData;

use super::form::Form;
use super::mirror::Mirrors;
use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, StateType, decode_value, encode_value};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

/// What errors say of a value with a stand-in.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The field, as in `Order.price`.
    pub part: &'static str,
    /// The foreign type.
    pub type_name: &'static str,
}

/// A type that the derive declares for a field whose type has type parameters.
pub trait HasOrigin: 'static {
    /// The field and its type.
    const ORIGIN: Origin;
}

/// Stores a value of `V` as an `S`.
#[derive(Debug)]
pub struct Probe<V, S> {
    origin: Origin,
    types: PhantomData<fn(V) -> S>,
}

impl<V, S> Probe<V, S> {
    /// For a value there.
    pub fn new(origin: Origin) -> Self {
        Self { origin, types: PhantomData }
    }
}

/// The first way: `S` is a mirror of `V`.
pub trait ByMirror<V> {
    /// Writes the value.
    ///
    /// # Errors
    /// The value has no stored form.
    fn encode_stand_in<W: Writer>(&self, value: &V, to: &mut W) -> Result<(), EncodeError>;

    /// Reads a value.
    ///
    /// # Errors
    /// The bytes are not those of a value.
    fn decode_stand_in<E: Integers>(&self, from: &mut Reader<'_, E>) -> Result<V, DecodeError>;
}

impl<V, S: Mirrors<V>> ByMirror<V> for &&Probe<V, S> {
    #[inline(always)]
    fn encode_stand_in<W: Writer>(&self, value: &V, to: &mut W) -> Result<(), EncodeError> {
        S::encode_remote(value, to)
    }

    #[inline(always)]
    fn decode_stand_in<E: Integers>(&self, from: &mut Reader<'_, E>) -> Result<V, DecodeError> {
        S::decode_remote(from)
    }
}

/// The second way to write: `S` is made from a reference.
pub trait ByReference<V> {
    /// Writes the value.
    ///
    /// # Errors
    /// The value has no stored form.
    fn encode_stand_in<W: Writer>(&self, value: &V, to: &mut W) -> Result<(), EncodeError>;
}

impl<V, S: StateType> ByReference<V> for &Probe<V, S>
where
    S: for<'v> TryFrom<&'v V, Error: Display>,
{
    #[inline(always)]
    fn encode_stand_in<W: Writer>(&self, value: &V, to: &mut W) -> Result<(), EncodeError> {
        let stand_in = S::try_from(value).map_err(|error| refused_to_encode(self.origin, error))?;
        encode_value(&stand_in, to)
    }
}

/// The last way: `S` is made from a clone, and the value from an `S`.
pub trait ByValue<V, S> {
    /// Writes the value.
    ///
    /// # Errors
    /// The value has no stored form.
    fn encode_stand_in<W: Writer>(&self, value: &V, to: &mut W) -> Result<(), EncodeError>
    where
        S: StateType + StandIn<V>;

    /// Reads a value.
    ///
    /// # Errors
    /// The bytes are not those of a value.
    fn decode_stand_in<E: Integers>(&self, from: &mut Reader<'_, E>) -> Result<V, DecodeError>
    where
        S: StateType + ReadBack<V>;
}

impl<V, S> ByValue<V, S> for Probe<V, S> {
    #[inline(always)]
    fn encode_stand_in<W: Writer>(&self, value: &V, to: &mut W) -> Result<(), EncodeError>
    where
        S: StateType + StandIn<V>,
    {
        encode_value(&S::of(value, self.origin)?, to)
    }

    #[inline(always)]
    fn decode_stand_in<E: Integers>(&self, from: &mut Reader<'_, E>) -> Result<V, DecodeError>
    where
        S: StateType + ReadBack<V>,
    {
        let at = from.offset();
        decode_value::<S, E>(from)?.value().map_err(|reason| refused_to_decode(self.origin, at, reason))
    }
}

/// A type that values of `V` are converted to before they are written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in place of `{V}`: there is no conversion from `{V}`",
    label = "no conversion from `{V}`",
    note = "`as` needs `impl From<&{V}> for {Self}` or `TryFrom`; `From<{V}>` also works if `{V}` implements `Clone`",
    note = "if neither type is yours, name functions: `#[state(as({Self}, into = path, from = path))]`",
    note = "to convert the elements of a collection, name the stored collection: `#[state(as = Vec<..>)]`"
)]
pub trait StandIn<V>: Sized {
    /// The stored value.
    ///
    /// # Errors
    /// There is none.
    fn of(value: &V, origin: Origin) -> Result<Self, EncodeError>;
}

impl<V: Clone, S: TryFrom<V, Error: Display>> StandIn<V> for S {
    #[inline(always)]
    fn of(value: &V, origin: Origin) -> Result<Self, EncodeError> {
        S::try_from(value.clone()).map_err(|error| refused_to_encode(origin, error))
    }
}

/// A type that values of `V` are converted from after they were read.
#[diagnostic::on_unimplemented(
    message = "a stored `{Self}` cannot be read as `{V}`: there is no conversion to `{V}`",
    label = "no conversion to `{V}`",
    note = "`as` needs `impl From<{Self}> for {V}`, or `TryFrom` with an error that implements `Display`",
    note = "if neither type is yours, name functions: `#[state(as({Self}, into = path, from = path))]`"
)]
pub trait ReadBack<V>: Sized {
    /// The value.
    ///
    /// # Errors
    /// Why there is none.
    fn value(self) -> Result<V, String>;
}

impl<S, V: TryFrom<S, Error: Display>> ReadBack<V> for S {
    #[inline(always)]
    fn value(self) -> Result<V, String> {
        V::try_from(self).map_err(|error| error.to_string())
    }
}

/// What a function of `as(.., into = path, from = path)` returns: the value, an `Option` or a `Result`.
#[diagnostic::on_unimplemented(
    message = "the function returns `{Self}` where `{T}` is needed",
    label = "returns `{Self}`",
    note = "return `{T}`, an `Option<{T}>`, or a `Result<{T}, E>` with an error `E` that implements `Display`"
)]
pub trait Given<T> {
    /// The value.
    ///
    /// # Errors
    /// Why there is none.
    fn given(self) -> Result<T, String>;
}

impl<T> Given<T> for T {
    #[inline(always)]
    fn given(self) -> Result<T, String> {
        Ok(self)
    }
}

impl<T> Given<T> for Option<T> {
    #[inline(always)]
    fn given(self) -> Result<T, String> {
        self.ok_or_else(|| "the function returned `None`".to_owned())
    }
}

impl<T, E: Display> Given<T> for Result<T, E> {
    #[inline(always)]
    fn given(self) -> Result<T, String> {
        self.map_err(|error| error.to_string())
    }
}

/// Writes what a function returned for a value.
///
/// # Errors
/// The function returned none, or it has no stored form.
#[inline(always)]
pub fn give<S: StateType, W: Writer>(given: impl Given<S>, origin: Origin, to: &mut W) -> Result<(), EncodeError> {
    encode_value(&given.given().map_err(|reason| refused_to_encode(origin, reason))?, to)
}

/// Reads a value with a function.
///
/// # Errors
/// The bytes are not those of a stand-in, or the function returned no value.
#[inline(always)]
pub fn give_back<S: StateType, V, R: Given<V>, E: Integers>(
    function: impl FnOnce(S) -> R,
    origin: Origin,
    from: &mut Reader<'_, E>,
) -> Result<V, DecodeError> {
    let at = from.offset();
    function(decode_value(from)?).given().map_err(|reason| refused_to_decode(origin, at, reason))
}

/// The form of a value with a stand-in if its type has type parameters: by conversions alone.
#[derive(Debug)]
pub struct ValueStandIn<M, S>(PhantomData<(M, S)>);

impl<V, M, S> Form<V> for ValueStandIn<M, S>
where
    V: 'static,
    M: HasOrigin,
    S: StateType + StandIn<V> + ReadBack<V>,
{
    const SIZES: Sizes = S::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        S::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(value: &V, to: &mut W) -> Result<(), EncodeError> {
        encode_value(&S::of(value, M::ORIGIN)?, to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<V, DecodeError> {
        let at = from.offset();
        decode_value::<S, E>(from)?.value().map_err(|reason| refused_to_decode(M::ORIGIN, at, reason))
    }
}

#[cold]
fn refused_to_encode(origin: Origin, reason: impl Display) -> EncodeError {
    let Origin { part, type_name } = origin;
    EncodeErrorKind::Refused { part, type_name, reason: reason.to_string() }.into()
}

#[cold]
fn refused_to_decode(origin: Origin, at: usize, reason: String) -> DecodeError {
    let Origin { part, type_name } = origin;
    DecodeError::new(at, DecodeErrorKind::Refused { part, type_name, reason })
}
