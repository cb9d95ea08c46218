//! Custom serializers: code of the program for a value that typeser does not interpret.

use std::any::{Any, TypeId};
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::conversions::{ConversionError, Convertible, Function, NewPart, Outcome, StoredPart, taken};
use super::describer::Describer;
use super::names;
use super::state_type::StateType;
use crate::schema::{IntegerEncoding, Limits, NodeId, OpaqueNode, Sizes};
use crate::snapshot::OpaqueHints;
use crate::wire::{
    DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Fixed, Integers, Reader, Variable, Writer,
};

/// Why a custom serializer cannot write or read a value: any error, or `"text".into()`.
pub type CustomError = Box<dyn std::error::Error + Send + Sync>;

/// A serializer of your own for values that typeser does not look into.
///
/// What it writes is stored as an opaque leaf: a length, then the bytes. All that the resolver knows of it is what is
/// declared here, as data in the snapshot: the name, the version, the earlier versions that [`read`](Self::read)
/// understands as well, and those that a function of [`MIGRATES`](Self::MIGRATES) reads. Everything else is
/// incompatible; and what is compatible is reported as not checked inside.
///
/// Use it on a field or on a type with `#[state(with = Path)]`, and as [`Custom<Path>`](Custom) in collections.
///
/// ```
/// use typeser::StateType;
/// use typeser::serializer::{Custom, CustomError, CustomSerializer, OldVersion};
///
/// /// Stored as text, such as `12.50 EUR`. Version 1 had no currency.
/// struct MoneyText;
///
/// #[derive(Debug, Clone, PartialEq)]
/// struct Money {
///     cents: u32,
///     currency: String,
/// }
///
/// fn cents(text: &str) -> Result<u32, CustomError> {
///     let (whole, part) = text.split_once('.').ok_or("no point between euros and cents")?;
///     Ok(whole.parse::<u32>()? * 100 + part.parse::<u32>()?)
/// }
///
/// impl CustomSerializer for MoneyText {
///     type Value = Money;
///     const NAME: &'static str = "money-text";
///     const VERSION: u32 = 2;
///     const MIGRATES: &'static [OldVersion<Money>] = &[OldVersion {
///         version: 1,
///         read: |bytes| Ok(Money { cents: cents(str::from_utf8(bytes)?)?, currency: "EUR".into() }),
///     }];
///
///     fn write(value: &Money, to: &mut Vec<u8>) -> Result<(), CustomError> {
///         let text = format!("{}.{:02} {}", value.cents / 100, value.cents % 100, value.currency);
///         to.extend_from_slice(text.as_bytes());
///         Ok(())
///     }
///
///     fn read(from: &[u8]) -> Result<Money, CustomError> {
///         let (amount, currency) = str::from_utf8(from)?.split_once(' ').ok_or("no currency")?;
///         Ok(Money { cents: cents(amount)?, currency: currency.into() })
///     }
/// }
///
/// #[derive(StateType)]
/// struct Order {
///     number: u64,
///     #[state(with = MoneyText)]
///     total: Money,
///     discounts: Vec<Custom<MoneyText>>,
/// }
/// # let mut bytes = Vec::new();
/// # let money = Money { cents: 1_250, currency: "EUR".into() };
/// # let order = Order { number: 1, total: money.clone(), discounts: vec![Custom(money.clone())] };
/// # typeser::serializer::encode_bytes::<_, typeser::wire::Variable>(&order, &mut bytes)?;
/// # assert_eq!(bytes, b"\x01\x0912.50 EUR\x01\x0912.50 EUR");
/// # let order: Order = typeser::serializer::decode_bytes::<_, typeser::wire::Variable>(&bytes)?;
/// # assert_eq!((order.number, &order.total, &order.discounts[0].0), (1, &money, &money));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Laws
/// - `read` gives back what `write` wrote, takes up all of its bytes, and answers whatever the bytes: it returns an
///   error, it does not panic.
/// - What is written depends on nothing but the value: not on settings, not on the machine.
/// - To change what `write` writes, count `VERSION` up.
/// - Serializers of one name and version read each other's bytes.
/// - A version stays in `READS`, or comes into `MIGRATES`, for as long as its bytes may exist. Versions that are read as
///   they are are not rewritten: under the snapshot of version 2 that reads version 1 lie bytes of both, and what reads
///   version 2 later has to read both. The resolver refuses a serializer that forgot one.
///
/// Flink's counterpart is a `TypeSerializer` of the program's own, with a fallback deserializer.
pub trait CustomSerializer: 'static {
    /// The type of the values.
    type Value: 'static;

    /// The declared name; not one of a built-in type.
    const NAME: &'static str;

    /// The declared version, from 1 on.
    const VERSION: u32;

    /// Whether equal values give equal bytes, and unequal ones unequal bytes: only then a type with this serializer can
    /// be a key.
    const CANONICAL: bool = false;

    /// Earlier versions whose bytes [`read`](Self::read) also reads. They are not rewritten.
    const READS: &'static [u32] = &[];

    /// Earlier versions whose bytes are read by a function each, and rewritten.
    const MIGRATES: &'static [OldVersion<Self::Value>] = &[];

    /// Writes the value into `to`, which is empty.
    ///
    /// # Errors
    /// There is no stored form for the value.
    fn write(value: &Self::Value, to: &mut Vec<u8>) -> Result<(), CustomError>;

    /// Reads the value that takes up all of these bytes, which [`VERSION`](Self::VERSION) or one of
    /// [`READS`](Self::READS) wrote.
    ///
    /// # Errors
    /// The bytes are not those of one value.
    fn read(from: &[u8]) -> Result<Self::Value, CustomError>;
}

/// An earlier version of what a custom serializer writes, and what reads it.
pub struct OldVersion<V> {
    /// The version.
    pub version: u32,
    /// Reads the bytes of this version, and of those that it read as they were.
    pub read: fn(&[u8]) -> Result<V, CustomError>,
}

/// A value with a custom serializer; for collections, and wherever a type has to be named.
///
/// It is never a key: derive a type of your own with `#[state(with = .., key)]` for that.
pub struct Custom<S: CustomSerializer>(pub S::Value);

impl<S: CustomSerializer> StateType for Custom<S> {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        <S as Leaf<S::Value>>::describe(to)
    }

    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        <S as Leaf<S::Value>>::encode(&self.0, to)
    }

    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        <S as Leaf<S::Value>>::decode(from).map(Self)
    }
}

/// A bare value and its serializer, as if the value were a [`StateType`]: what derived code calls.
///
/// A trait of both, so that a serializer that is none, or one of another type, is one error and not five.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a custom serializer: it does not implement `CustomSerializer`",
    label = "not a `CustomSerializer`",
    note = "`with` names a serializer, not the type of the value; a serializer has `impl CustomSerializer for {Self} {{ type Value = {V}; .. }}`"
)]
pub trait Leaf<V>: Sized {
    const SIZES: Sizes = Sizes::collection();

    /// Fails to compile if what the serializer declares cannot be stored.
    const DECLARED: ();

    fn describe(to: &mut Describer) -> NodeId;

    fn encode<W: Writer>(value: &V, to: &mut W) -> Result<(), EncodeError>;

    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<V, DecodeError>;

    fn encode_field<W: Writer>(value: &V, to: &mut W) -> Result<(), EncodeError> {
        Self::encode(value, to)
    }

    fn decode_field<E: Integers>(from: &mut Reader<'_, E>) -> Result<V, DecodeError> {
        Self::decode(from)
    }
}

impl<V: 'static, S: CustomSerializer<Value = V>> Leaf<V> for S {
    const DECLARED: () = declared::<S>();

    fn describe(to: &mut Describer) -> NodeId {
        const { <Self as Leaf<V>>::DECLARED };
        let node = OpaqueNode { name: S::NAME.to_owned(), version: S::VERSION, framed: true, parameters: Vec::new() };
        let hints = OpaqueHints { canonical: S::CANONICAL, reads: S::READS.to_vec(), ..OpaqueHints::default() };
        let functions = S::MIGRATES.iter().map(|old| {
            let function: Arc<dyn Function> = Arc::new(Rewrite::<S> { read: old.read });
            (old.version, function)
        });
        to.opaque::<Custom<S>>(node, hints, functions)
    }

    fn encode<W: Writer>(value: &V, to: &mut W) -> Result<(), EncodeError> {
        let mut bytes = SCRATCH.try_with(Cell::take).unwrap_or_default();
        bytes.clear();
        let outcome = S::write(value, &mut bytes);
        if outcome.is_ok() {
            to.put_bytes(&bytes);
        }
        if bytes.capacity() <= KEPT {
            _ = SCRATCH.try_with(|scratch| scratch.set(bytes));
        }
        outcome.map_err(|error| refused_to_write::<S>(&*error))
    }

    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<V, DecodeError> {
        let length = from.take_length(1)?;
        let at = from.offset();
        S::read(from.take_slice(length)?).map_err(|error| refused_to_read::<S>(at, length, &*error))
    }
}

/// The result of a function for a field with a custom serializer, as a type that can be stored.
///
/// # Errors
/// Those of the function, in its words.
#[doc(hidden)]
pub fn wrap<S: CustomSerializer, R: Outcome<S::Value>>(given: R) -> Result<Custom<S>, String> {
    given.outcome().map(Custom)
}

/// Held by serializers that are declared canonical; what a derive asks of every leaf of a key.
///
/// The parameter is what the serializer declares: so the compiler can point at one that declares `false`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared canonical, so it cannot store (a part of) a key",
    label = "equal keys must give equal bytes, and this serializer does not promise that",
    note = "if it holds, write `const CANONICAL: bool = true;` in the serializer, or the word `canonical` in `serde(..)`"
)]
pub trait Promised<const CANONICAL: bool> {
    const HELD: () = ();
}

impl<S: CustomSerializer> Promised<true> for S {}

thread_local! {
    /// What a value is written into before its length is known. A serializer inside a serializer finds it empty.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The most memory that a thread keeps for the next value.
const KEPT: usize = 1 << 20;

/// Reads an earlier version, and writes the current one.
struct Rewrite<S: CustomSerializer> {
    read: fn(&[u8]) -> Result<S::Value, CustomError>,
}

impl<S: CustomSerializer> Rewrite<S> {
    fn read(&self, stored: StoredPart<'_>) -> Result<Custom<S>, ConversionError> {
        let content = match stored.snapshot.configuration().integers {
            IntegerEncoding::Fixed => content::<Fixed>(stored.bytes),
            IntegerEncoding::Variable => content::<Variable>(stored.bytes),
        };
        let content = content.map_err(|error| ConversionError::Stored(error.to_string()))?;
        (self.read)(content).map(Custom).map_err(|error| ConversionError::Refused(error.to_string()))
    }
}

impl<S: CustomSerializer> Function for Rewrite<S> {
    fn identity(&self) -> Option<TypeId> {
        Some(TypeId::of::<Custom<S>>())
    }

    fn run(&self, stored: StoredPart<'_>, new: NewPart<'_>) -> Result<(), ConversionError> {
        self.read(stored)?.write(new)
    }

    fn begin(&self, stored: StoredPart<'_>) -> Result<Box<dyn Any>, ConversionError> {
        Ok(Box::new(self.read(stored)?))
    }

    /// An opaque leaf is converted by one function, never by a chain.
    fn next(&self, value: Box<dyn Any>) -> Result<Box<dyn Any>, ConversionError> {
        Ok(Box::new(taken::<Custom<S>>(value)?))
    }

    fn end(&self, value: Box<dyn Any>, new: NewPart<'_>) -> Result<(), ConversionError> {
        taken::<Custom<S>>(value)?.write(new)
    }
}

/// The bytes after the length.
fn content<E: Integers>(bytes: &[u8]) -> Result<&[u8], DecodeError> {
    let mut reader = Reader::<E>::new(bytes);
    let length = reader.take_length(1)?;
    let content = reader.take_slice(length)?;
    reader.finish()?;
    Ok(content)
}

/// Refuses what no snapshot can hold, at compile time.
const fn declared<S: CustomSerializer>() {
    assert!(!S::NAME.is_empty(), "`NAME` is empty: a name has at least one character");
    assert!(S::NAME.len() <= Limits::NAME_BYTES, "`NAME` is too long: names have at most 1,024 bytes");
    assert!(!names::is_built_in(S::NAME), "`NAME` is that of a built-in type: choose another one");
    assert!(S::VERSION > 0, "versions count from 1");
    let mut at = 0;
    while at < S::READS.len() {
        assert!(S::READS[at] < S::VERSION, "`READS` lists earlier versions than `VERSION`");
        at += 1;
    }
    let mut at = 0;
    while at < S::MIGRATES.len() {
        let version = S::MIGRATES[at].version;
        assert!(version > 0 && version < S::VERSION, "`MIGRATES` lists earlier versions than `VERSION`");
        let mut other = 0;
        while other < S::READS.len() {
            assert!(
                S::READS[other] != version,
                "a version is listed in `READS` and in `MIGRATES`: remove one of the two"
            );
            other += 1;
        }
        let mut other = 0;
        while other < at {
            assert!(S::MIGRATES[other].version != version, "a version is listed twice in `MIGRATES`");
            other += 1;
        }
        at += 1;
    }
}

#[cold]
fn refused_to_write<S: CustomSerializer>(error: &dyn fmt::Display) -> EncodeError {
    EncodeErrorKind::Custom(format!("`{}` (version {}) refused the value: {error}", S::NAME, S::VERSION)).into()
}

#[cold]
fn refused_to_read<S: CustomSerializer>(at: usize, length: usize, error: &dyn fmt::Display) -> DecodeError {
    let (name, version) = (S::NAME, S::VERSION);
    let reason = format!("`{name}` (version {version}) cannot read its {length} bytes: {error}");
    DecodeError::new(at, DecodeErrorKind::Custom(reason))
}

impl<V> Clone for OldVersion<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for OldVersion<V> {}

impl<V> fmt::Debug for OldVersion<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldVersion").field("version", &self.version).finish_non_exhaustive()
    }
}

// By hand, since the derives of the standard library would ask for `S` what only its value has to be.

impl<S: CustomSerializer<Value: fmt::Debug>> fmt::Debug for Custom<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Custom").field(&self.0).finish()
    }
}

impl<S: CustomSerializer<Value: Clone>> Clone for Custom<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: CustomSerializer<Value: Copy>> Copy for Custom<S> {}

impl<S: CustomSerializer<Value: Default>> Default for Custom<S> {
    fn default() -> Self {
        Self(S::Value::default())
    }
}

impl<S: CustomSerializer<Value: PartialEq>> PartialEq for Custom<S> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<S: CustomSerializer<Value: Eq>> Eq for Custom<S> {}

impl<S: CustomSerializer<Value: Hash>> Hash for Custom<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<S: CustomSerializer<Value: PartialOrd>> PartialOrd for Custom<S> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.partial_cmp(&other.0)
    }
}

impl<S: CustomSerializer<Value: Ord>> Ord for Custom<S> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
