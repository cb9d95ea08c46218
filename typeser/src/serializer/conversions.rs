//! User functions that convert stored parts where no rule does. Snapshots name them by an id.

use std::any::{Any, TypeId, type_name};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;

use super::describe_error::DescribeError;
use super::described::Described;
use crate::schema::IntegerEncoding;
use crate::snapshot::SerializerSnapshot;

/// The functions that the attributes of a type and of all its parts name.
///
/// A snapshot holds ids and source layouts, never functions; a migration that needs some is linked with these. A
/// serializer brings its own: [`TypeSerializer::conversions`](super::TypeSerializer::conversions).
///
/// The idea is Avro's logical-type conversions, which a program registers beside the schema that only names them.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use typeser::serializer::Conversions;
/// use typeser::{Serializer, StateType, TypeSerializer};
///
/// #[derive(StateType)]
/// struct Order {
///     #[state(convert(String, with = length))]
///     note: u64,
/// }
/// fn length(note: String) -> u64 {
///     note.len() as u64
/// }
///
/// let orders = Serializer::<Order>::new()?;
/// assert_eq!(orders.conversions().ids().len(), 1);
/// // A tool that migrates states of several types needs the functions of all of them.
/// let mut all = Conversions::new();
/// all.merge(orders.conversions())?;
/// all.merge(Serializer::<u64>::new()?.conversions())?;
/// assert_eq!(all.ids().len(), 1);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Conversions {
    functions: BTreeMap<String, Arc<dyn Function>>,
}

/// Two serializers have different functions under one id.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("two functions have the id `{id}`: give one of the two types another name")]
pub struct ConversionTwice {
    /// The id.
    pub id: String,
}

crate::text::debug_as_display!(ConversionTwice);

impl Conversions {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { functions: BTreeMap::new() }
    }

    /// The ids, sorted.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// Adds those of another serializer, for a tool that knows many.
    ///
    /// # Errors
    /// An id is there already, with another function. Then nothing is added. A closure that captures values, and a
    /// pointer to a function, is only known to be the same as itself and its clones: what it captured cannot be compared.
    pub fn merge(&mut self, other: &Self) -> Result<(), ConversionTwice> {
        let clash = other.functions.iter().find(|(id, function)| self.clashes(id, function));
        if let Some((id, _)) = clash {
            return Err(ConversionTwice { id: id.clone() });
        }
        self.functions.extend(other.functions.iter().map(|(id, function)| (id.clone(), Arc::clone(function))));
        Ok(())
    }

    /// Adds a function, and gives its id: the proposed one, or that with a number behind it where another function has
    /// it. A generic type names one function an argument, all by one path.
    pub(crate) fn add(&mut self, proposed: String, function: Arc<dyn Function>) -> String {
        let mut id = proposed.clone();
        for number in 2u64.. {
            if !self.clashes(&id, &function) {
                break;
            }
            id = format!("{proposed} #{number}");
        }
        self.functions.insert(id.clone(), function);
        id
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<dyn Function>> {
        self.functions.get(id)
    }

    fn clashes(&self, id: &str, function: &Arc<dyn Function>) -> bool {
        self.functions.get(id).is_some_and(|known| {
            let is_itself = ptr::addr_eq(Arc::as_ptr(known), Arc::as_ptr(function));
            !is_itself && (known.identity().is_none() || known.identity() != function.identity())
        })
    }
}

impl fmt::Debug for Conversions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.functions.keys()).finish()
    }
}

/// A stored part, as a function takes it.
#[derive(Debug, Clone, Copy)]
pub struct StoredPart<'a> {
    /// Layout and integer encoding of the part; no hints.
    pub snapshot: &'a SerializerSnapshot,
    /// All bytes of the part.
    pub bytes: &'a [u8],
}

/// Where what a function gives is written to.
#[derive(Debug)]
pub struct NewPart<'a> {
    /// Layout and integer encoding of the part; no hints.
    pub snapshot: &'a SerializerSnapshot,
    /// How many levels deep the part lies in its value.
    pub depth: u32,
    /// How many elements without bytes its value may still hold.
    pub empty: &'a mut u64,
    /// What is appended to.
    pub to: &'a mut Vec<u8>,
}

/// What functions take and give: every [`StateType`](super::StateType), and the dynamic [`Value`](crate::value::Value).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what a function takes or gives: it does not implement `StateType`",
    label = "not a `StateType`",
    note = "if `{Self}` is your type, write `#[derive(StateType)]` above it, also if only earlier releases stored it",
    note = "if the Rust type of an earlier release is gone, let the function take a `typeser::value::Value`"
)]
pub trait Convertible: Sized + 'static {
    /// What is read; `None` if any layout is. Constants in the hints have this encoding.
    #[doc(hidden)]
    fn source(integers: IntegerEncoding) -> Option<Result<Described, DescribeError>>;

    /// Reads a stored part.
    ///
    /// # Errors
    /// The bytes are not those of such a value.
    #[doc(hidden)]
    fn read(stored: StoredPart<'_>) -> Result<Self, ConversionError>;

    /// Appends the bytes of a new part.
    ///
    /// # Errors
    /// The layout cannot hold the value. Then `to` may be written to in part.
    #[doc(hidden)]
    fn write(&self, new: NewPart<'_>) -> Result<(), ConversionError>;
}

/// What the conversion of a field reads: a type, for it is by the layout that a stored field is known to need it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no layout by which `convert` could know what is stored: it does not implement `StateType`",
    label = "not a `StateType`",
    note = "if `{Self}` is your type, write `#[derive(StateType)]` above it, also if only earlier releases stored it",
    note = "if the Rust type of an earlier release is gone, write `migrate(1 => path)` on the type that has the field: that function may take a `typeser::value::Value`"
)]
pub trait FieldSource: Convertible {}

/// What a function gives: the value, or a `Result` with it.
#[diagnostic::on_unimplemented(
    message = "the function gives `{Self}` where `{T}` is wanted",
    label = "gives `{Self}`",
    note = "let it give `{T}`, or a `Result<{T}, E>` with an error `E` that implements `Display`"
)]
pub trait Outcome<T> {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// Those of the function, in its words.
    #[doc(hidden)]
    fn outcome(self) -> Result<T, String>;
}

impl<T> Outcome<T> for T {
    fn outcome(self) -> Result<T, String> {
        Ok(self)
    }
}

impl<T, E: Display> Outcome<T> for Result<T, E> {
    fn outcome(self) -> Result<T, String> {
        self.map_err(|error| error.to_string())
    }
}

/// Why a function did not convert a part.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConversionError {
    /// The stored part cannot be read.
    #[error("the stored part cannot be read: {0}")]
    Stored(String),
    /// The function refused it.
    #[error("{0}")]
    Refused(String),
    /// What the function gave cannot be written.
    #[error("what the function gave cannot be written: {0}")]
    New(String),
    /// A chain of functions does not fit together.
    #[error("the function takes a `{takes}`, which the one before it does not give")]
    Chain {
        /// The Rust type that the function takes.
        takes: &'static str,
    },
    /// Two elements of a set, or keys of a map, become equal, although the function is declared `injective`.
    #[error(
        "the {part} {other} becomes equal to it, and one of the two would be lost (stored bytes {} and {}); a function \
         declared `injective` must give different results for different inputs",
        bytes[0], bytes[1]
    )]
    Equal {
        /// `element` or `key`.
        part: &'static str,
        /// The other one, as text; shortened if it is long.
        other: String,
        /// The stored bytes of the other one and of this one, in hexadecimal digits; shortened if they are long.
        bytes: [String; 2],
    },
}

crate::text::debug_as_display!(ConversionError);

/// A function without its types.
///
/// A single one is [run](Self::run). Of a chain, the first one [begins](Self::begin), the last one
/// [ends](Self::end), and Rust values are passed between them, without a layout.
pub(crate) trait Function: Send + Sync {
    /// What distinguishes it from another one; `None` if its type does not, because it captures values.
    fn identity(&self) -> Option<TypeId>;
    fn run(&self, stored: StoredPart<'_>, new: NewPart<'_>) -> Result<(), ConversionError>;
    fn begin(&self, stored: StoredPart<'_>) -> Result<Box<dyn Any>, ConversionError>;
    fn next(&self, value: Box<dyn Any>) -> Result<Box<dyn Any>, ConversionError>;
    fn end(&self, value: Box<dyn Any>, new: NewPart<'_>) -> Result<(), ConversionError>;
}

/// A function and what it reads: what the tables of a derive make, before they know its id.
#[doc(hidden)]
pub struct Link {
    pub(super) function: Arc<dyn Function>,
    pub(super) source: fn(IntegerEncoding) -> Option<Result<Described, DescribeError>>,
}

/// Links a function to the type that it gives.
#[doc(hidden)]
pub fn link<A, B, R, F>(function: F) -> Link
where
    A: Convertible,
    B: Convertible,
    R: Outcome<B> + 'static,
    F: Fn(A) -> R + Send + Sync + 'static,
{
    let typed = Typed { function, types: PhantomData::<fn(A) -> (B, R)> };
    Link { function: Arc::new(Erased(typed)), source: A::source }
}

/// Links a function to the field that it converts to.
#[doc(hidden)]
pub fn link_field<A, B, R, F>(function: F) -> Link
where
    A: FieldSource,
    B: Convertible,
    R: Outcome<B> + 'static,
    F: Fn(A) -> R + Send + Sync + 'static,
{
    link::<A, B, R, F>(function)
}

/// Links a function of a chain: it gives what the next one takes.
#[doc(hidden)]
pub fn link_chained<A, B, R, S, F, N>(function: F, _next: N) -> Link
where
    // First what the next one takes, so that a misfit is a misfit of what this one gives.
    F: Fn(A) -> R + Send + Sync + 'static,
    N: Fn(B) -> S,
    A: Convertible,
    B: Convertible,
    R: Outcome<B> + 'static,
{
    link::<A, B, R, F>(function)
}

struct Typed<F, A, B, R> {
    function: F,
    types: PhantomData<fn(A) -> (B, R)>,
}

struct Erased<T>(T);

impl<A, B, R, F> Typed<F, A, B, R>
where
    A: Convertible,
    B: Convertible,
    R: Outcome<B>,
    F: Fn(A) -> R,
{
    fn call(&self, value: A) -> Result<B, ConversionError> {
        (self.function)(value).outcome().map_err(ConversionError::Refused)
    }
}

impl<A, B, R, F> Function for Erased<Typed<F, A, B, R>>
where
    A: Convertible,
    B: Convertible,
    R: Outcome<B> + 'static,
    F: Fn(A) -> R + Send + Sync + 'static,
{
    fn identity(&self) -> Option<TypeId> {
        (size_of::<F>() == 0).then(TypeId::of::<F>)
    }

    fn run(&self, stored: StoredPart<'_>, new: NewPart<'_>) -> Result<(), ConversionError> {
        self.0.call(A::read(stored)?)?.write(new)
    }

    fn begin(&self, stored: StoredPart<'_>) -> Result<Box<dyn Any>, ConversionError> {
        Ok(Box::new(self.0.call(A::read(stored)?)?))
    }

    fn next(&self, value: Box<dyn Any>) -> Result<Box<dyn Any>, ConversionError> {
        Ok(Box::new(self.0.call(taken(value)?)?))
    }

    fn end(&self, value: Box<dyn Any>, new: NewPart<'_>) -> Result<(), ConversionError> {
        self.0.call(taken(value)?)?.write(new)
    }
}

/// The value that the function before gave.
pub(super) fn taken<A: 'static>(value: Box<dyn Any>) -> Result<A, ConversionError> {
    match value.downcast::<A>() {
        Ok(value) => Ok(*value),
        Err(_) => Err(ConversionError::Chain { takes: type_name::<A>() }),
    }
}

#[cfg(test)]
mod tests {
    use crate::serializer::{Conversions, Serializer, TypeSerializer};

    #[test]
    fn closures_of_one_type_that_captured_different_values_are_different() {
        let scaled = |by: u32| {
            let function = move |stored: u32| (stored * by).to_string();
            let serializer = Serializer::<String>::new().and_then(|new| new.with_conversion("scaled", function));
            serializer.unwrap_or_else(|error| panic!("{error}"))
        };
        let (cents, euros) = (scaled(1), scaled(100));
        let mut all = Conversions::new();
        assert!(all.merge(cents.conversions()).is_ok());
        assert!(all.merge(cents.clone().conversions()).is_ok(), "a function is the same as itself");
        assert_eq!(all.merge(euros.conversions()).map_err(|error| error.id), Err("scaled".to_owned()));

        // Without captures, the type says which function it is.
        let plain =
            || Serializer::<String>::new().and_then(|new| new.with_conversion("plain", |id: u32| id.to_string()));
        let [one, two] = [plain(), plain()].map(|made| made.unwrap_or_else(|error| panic!("{error}")));
        assert!(all.merge(one.conversions()).is_ok());
        assert!(all.merge(two.conversions()).is_ok());
    }
}
