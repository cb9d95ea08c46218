//! Text: what `Display` writes and `FromStr` reads, as a logical type over a string.

use std::cell::Cell;
use std::fmt::{Display, Write as _};
use std::marker::PhantomData;
use std::str::FromStr;

use super::form::Form;
use crate::schema::{NodeId, Sizes};
use crate::serializer::std_types::decode_str;
use crate::serializer::{Describer, StateType};
use crate::text::shortened;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

/// What the derive declares of a type that is stored as text.
pub trait TextForm: 'static {
    /// The name of the logical type.
    const NAME: &'static str;
    /// The field, as in `Order.email`.
    const PART: &'static str;
}

/// A type that can be stored as text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as text: it needs `Display`, and `FromStr` with an error that implements `Display`",
    label = "has no text that can be read back",
    note = "inside a collection, name the type of its elements: `#[state(text(Name))]`",
    note = "to store it as another type instead, write `#[state(as = u64)]`; with functions: `#[state(as(String, into = path, from = path))]`"
)]
pub trait TextValue: Sized + 'static {
    /// Appends the text.
    fn write(&self, to: &mut String) -> std::fmt::Result;

    /// Reads the text.
    ///
    /// # Errors
    /// Why it is not the text of a value.
    fn parse(text: &str) -> Result<Self, String>;
}

impl<V> TextValue for V
where
    V: Display + FromStr + 'static,
    <V as FromStr>::Err: Display,
{
    #[inline]
    fn write(&self, to: &mut String) -> std::fmt::Result {
        write!(to, "{self}")
    }

    #[inline]
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: V::Err| error.to_string())
    }
}

/// The form of a value that is stored as text, as `M` declares.
#[derive(Debug)]
pub struct AsText<M>(PhantomData<M>);

impl<M: TextForm, V: TextValue> Form<V> for AsText<M> {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(M::NAME, String::describe)
    }

    /// Text that could not be read back is not written.
    fn encode<W: Writer>(value: &V, to: &mut W) -> Result<(), EncodeError> {
        let mut text = SCRATCH.try_with(Cell::take).unwrap_or_default();
        text.clear();
        let refused = match value.write(&mut text) {
            Ok(()) => V::parse(&text).err(),
            Err(_) => Some("`Display` returned an error".to_owned()),
        };
        let outcome = match refused {
            None => {
                to.put_bytes(text.as_bytes());
                Ok(())
            }
            Some(reason) => Err(not_readable::<M>(&text, reason)),
        };
        if text.capacity() <= KEPT {
            _ = SCRATCH.try_with(|scratch| scratch.set(text));
        }
        outcome
    }

    fn shown(value: &V) -> Option<String> {
        let mut text = String::new();
        value.write(&mut text).ok()?;
        Some(format!("{:?} in `{}`", shortened(&text, SHOWN), M::PART))
    }

    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<V, DecodeError> {
        let text = decode_str(from)?;
        V::parse(text).map_err(|reason| {
            let kind = DecodeErrorKind::InvalidText {
                part: M::PART,
                text: shortened(text, SHOWN),
                type_name: M::NAME,
                reason,
            };
            from.error_before(text.len(), kind)
        })
    }
}

thread_local! {
    /// What a text is written into before its length is known.
    static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
}

/// The most memory that a thread keeps for the next value.
const KEPT: usize = 1 << 20;

/// The most columns of a text in a message.
const SHOWN: usize = 60;

#[cold]
fn not_readable<M: TextForm>(text: &str, reason: String) -> EncodeError {
    EncodeErrorKind::UnreadableText { part: M::PART, text: shortened(text, SHOWN), type_name: M::NAME, reason }.into()
}
