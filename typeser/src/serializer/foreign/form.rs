//! The stored form of a value whose type is not a `StateType`.

use std::marker::PhantomData;

use crate::schema::{NodeId, Sizes};
use crate::serializer::conversions::Outcome;
use crate::serializer::{Describer, StateType, decode_value, encode_value};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

/// How values of `V` are stored, as if `V` were a [`StateType`]: what derived code calls.
///
/// A form is a type without values. Collections of foreign values have a form of their elements' form.
pub trait Form<V>: 'static {
    /// How many bytes a value takes.
    const SIZES: Sizes;

    /// Whether different values are known to have different bytes.
    const IS_DISTINCT: bool = false;

    /// Describes the layout.
    fn describe(to: &mut Describer) -> NodeId;

    /// Writes the value.
    ///
    /// # Errors
    /// The value has no stored form.
    fn encode<W: Writer>(value: &V, to: &mut W) -> Result<(), EncodeError>;

    /// Reads a value.
    ///
    /// # Errors
    /// The bytes are not those of a value.
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<V, DecodeError>;

    /// The value and where it is, as messages show it.
    fn shown(_value: &V) -> Option<String> {
        None
    }

    /// Writes a field.
    ///
    /// # Errors
    /// As [`Form::encode`].
    #[inline(always)]
    fn encode_field<W: Writer>(value: &V, to: &mut W) -> Result<(), EncodeError> {
        Self::encode(value, to)
    }

    /// Reads a field.
    ///
    /// # Errors
    /// As [`Form::decode`].
    #[inline(always)]
    fn decode_field<E: Integers>(from: &mut Reader<'_, E>) -> Result<V, DecodeError> {
        Self::decode(from)
    }
}

/// The form of a type that is a [`StateType`] itself, beside foreign ones in a collection.
#[derive(Debug)]
pub struct Same;

impl<T: StateType> Form<T> for Same {
    const SIZES: Sizes = T::SIZES;
    const IS_DISTINCT: bool = true;

    fn describe(to: &mut Describer) -> NodeId {
        T::describe(to)
    }

    #[inline(always)]
    fn encode<W: Writer>(value: &T, to: &mut W) -> Result<(), EncodeError> {
        encode_value(value, to)
    }

    #[inline(always)]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<T, DecodeError> {
        decode_value(from)
    }
}

/// A value and its form, for code that takes a [`StateType`].
#[derive(Debug)]
pub struct Stored<F, V> {
    pub(super) value: V,
    form: PhantomData<fn() -> F>,
}

impl<F, V> Stored<F, V> {
    /// The value with this form.
    #[inline(always)]
    pub fn new(value: V) -> Self {
        Self { value, form: PhantomData }
    }
}

impl<V: 'static, F: Form<V>> StateType for Stored<F, V> {
    const SIZES: Sizes = F::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        F::describe(to)
    }

    #[inline(always)]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        F::encode(&self.value, to)
    }

    #[inline(always)]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        F::decode(from).map(Self::new)
    }
}

/// The result of a `convert` function for a field with a form, as a type that can be stored.
///
/// # Errors
/// Those of the function, in its words.
pub fn store<F, V, R: Outcome<V>>(given: R) -> Result<Stored<F, V>, String> {
    given.outcome().map(Stored::new)
}
