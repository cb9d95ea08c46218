//! Descriptors of states that combine values: reducing, aggregating and folding state.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use typeser::migrate::{Adopted, NotAdoptable};
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

use super::common::{self, Common, DerivedFrom, plain};
use super::declared::Declared;
use super::error::StateError;
use super::link::Link;
use super::meta::{SerializerPart, StateKind};

type Reduce<T> = Arc<dyn Fn(T, T) -> T + Send + Sync>;
type Create<Acc> = Arc<dyn Fn() -> Acc + Send + Sync>;
type Add<In, Acc> = Arc<dyn Fn(&mut Acc, In) + Send + Sync>;
type Finish<Acc, Out> = Arc<dyn Fn(Acc) -> Out + Send + Sync>;

/// The descriptor of a reducing state: one `T` per key, into which a function reduces every added value.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::descriptor::ReducingStateDescriptor;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let longest = operator.reducing_state(ReducingStateDescriptor::<i16>::new("longest-delay", i16::max)?)?;
/// # Ok(())
/// # }
/// ```
pub struct ReducingStateDescriptor<T> {
    common: Common,
    value: Serializer<T>,
    reduce: Reduce<T>,
}

/// The descriptor of an aggregating state: one accumulator per key. The types that are added, stored and read may
/// differ; only the accumulator must be a [`StateType`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::descriptor::AggregatingStateDescriptor;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// // The stored accumulator is a sum and a count, the result is their quotient.
/// let mean = AggregatingStateDescriptor::new(
///     "mean-delay",
///     || (0i64, 0u32),
///     |(sum, count), delay: i16| {
///         *sum += i64::from(delay);
///         *count += 1;
///     },
///     |(sum, count)| sum as f64 / f64::from(count),
/// )?;
/// let mean = operator.aggregating_state(mean)?;
/// # Ok(())
/// # }
/// ```
pub struct AggregatingStateDescriptor<In, Acc, Out> {
    common: Common,
    accumulator: Serializer<Acc>,
    create: Create<Acc>,
    add: Add<In, Acc>,
    finish: Finish<Acc, Out>,
}

/// The descriptor of a folding state: an aggregating state that starts with a given accumulator and returns it as its
/// result.
///
/// Flink deprecated folding state; it exists here for programs that are ported from Flink. It is stored as an
/// aggregating state, so a later release may declare it as one.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::descriptor::FoldingStateDescriptor;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let route = FoldingStateDescriptor::new("route", String::new(), |route, airport: &str| *route += airport)?;
/// let route = operator.aggregating_state(route)?;
/// # Ok(())
/// # }
/// ```
pub struct FoldingStateDescriptor<T, Acc>(AggregatingStateDescriptor<T, Acc, Acc>);

impl<T: StateType> ReducingStateDescriptor<T> {
    /// Describes a reducing state. `reduce` combines the present value with an added one.
    ///
    /// # Errors
    /// The type has no snapshot.
    pub fn new(
        name: impl Into<String>,
        reduce: impl Fn(T, T) -> T + Send + Sync + 'static,
    ) -> Result<Self, StateError> {
        let common = Common::new(name);
        let value = plain::<T>(&common.name)?;
        Ok(Self { common, value, reduce: Arc::new(reduce) })
    }

    /// Uses this serializer instead of the default one.
    #[must_use]
    pub fn with_serializer(self, value: Serializer<T>) -> Self {
        Self { value, ..self }
    }
}

impl<In: 'static, Acc: StateType, Out: 'static> AggregatingStateDescriptor<In, Acc, Out> {
    /// Describes an aggregating state. `create` makes an accumulator, `add` adds a value to it, and `finish` computes
    /// the result.
    ///
    /// # Errors
    /// The type of the accumulator has no snapshot.
    pub fn new(
        name: impl Into<String>,
        create: impl Fn() -> Acc + Send + Sync + 'static,
        add: impl Fn(&mut Acc, In) + Send + Sync + 'static,
        finish: impl Fn(Acc) -> Out + Send + Sync + 'static,
    ) -> Result<Self, StateError> {
        let common = Common::new(name);
        let accumulator = plain::<Acc>(&common.name)?;
        Ok(Self { common, accumulator, create: Arc::new(create), add: Arc::new(add), finish: Arc::new(finish) })
    }

    /// Uses this serializer for the accumulator instead of the default one.
    #[must_use]
    pub fn with_serializer(self, accumulator: Serializer<Acc>) -> Self {
        Self { accumulator, ..self }
    }
}

impl<T: 'static, Acc: StateType + Clone + Send + Sync> FoldingStateDescriptor<T, Acc> {
    /// Describes a folding state. Each key starts with `initial`, and `fold` adds a value to it.
    ///
    /// # Errors
    /// The type of the accumulator has no snapshot.
    pub fn new(
        name: impl Into<String>,
        initial: Acc,
        fold: impl Fn(&mut Acc, T) + Send + Sync + 'static,
    ) -> Result<Self, StateError> {
        Ok(Self(AggregatingStateDescriptor::new(name, move || initial.clone(), fold, |accumulator| accumulator)?))
    }
}

impl<T, Acc> FoldingStateDescriptor<T, Acc> {
    /// Uses this serializer for the accumulator instead of the default one.
    #[must_use]
    pub fn with_serializer(self, accumulator: Serializer<Acc>) -> Self {
        Self(AggregatingStateDescriptor { accumulator, ..self.0 })
    }

    /// Marks the state as internal, with types that are derived from others.
    pub(crate) fn derived_from(self, derived_from: DerivedFrom) -> Self {
        Self(self.0.derived_from(derived_from))
    }
}

impl<T, Acc> From<FoldingStateDescriptor<T, Acc>> for AggregatingStateDescriptor<T, Acc, Acc> {
    fn from(folding: FoldingStateDescriptor<T, Acc>) -> Self {
        folding.0
    }
}

common::with_common!(ReducingStateDescriptor<T>: T);
common::with_derived_from!(ReducingStateDescriptor<T>: T);
common::with_common!(AggregatingStateDescriptor<In, Acc, Out>: In, Acc, Out);
common::with_derived_from!(AggregatingStateDescriptor<In, Acc, Out>: In, Acc, Out);

/// The serializer and the function of a reducing state.
pub(crate) struct Reducer<T: StateType> {
    pub(crate) value: Adopted<T>,
    pub(crate) reduce: Reduce<T>,
}

/// The serializer and the functions of an aggregating state.
pub(crate) struct Aggregator<In, Acc: StateType, Out> {
    pub(crate) accumulator: Adopted<Acc>,
    pub(crate) create: Create<Acc>,
    pub(crate) add: Add<In, Acc>,
    pub(crate) finish: Finish<Acc, Out>,
}

impl<T: StateType> Declared for ReducingStateDescriptor<T> {
    fn common(&self) -> &Common {
        &self.common
    }

    fn kind(&self) -> StateKind {
        StateKind::Reducing
    }

    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
        (part == SerializerPart::Value).then(|| self.value.snapshot())
    }

    fn conversions(&self, part: SerializerPart) -> Option<&Conversions> {
        (part == SerializerPart::Value).then(|| self.value.conversions())
    }

    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
        let value = Link::at(links, 0).apply(&self.value)?;
        Ok(Box::new(Reducer { value, reduce: Arc::clone(&self.reduce) }))
    }
}

impl<In: 'static, Acc: StateType, Out: 'static> Declared for AggregatingStateDescriptor<In, Acc, Out> {
    fn common(&self) -> &Common {
        &self.common
    }

    fn kind(&self) -> StateKind {
        StateKind::Aggregating
    }

    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
        (part == SerializerPart::Value).then(|| self.accumulator.snapshot())
    }

    fn conversions(&self, part: SerializerPart) -> Option<&Conversions> {
        (part == SerializerPart::Value).then(|| self.accumulator.conversions())
    }

    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
        Ok(Box::new(Aggregator {
            accumulator: Link::at(links, 0).apply(&self.accumulator)?,
            create: Arc::clone(&self.create),
            add: Arc::clone(&self.add),
            finish: Arc::clone(&self.finish),
        }))
    }
}

impl<T> fmt::Debug for ReducingStateDescriptor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReducingStateDescriptor").field("common", &self.common).finish_non_exhaustive()
    }
}

impl<In, Acc, Out> fmt::Debug for AggregatingStateDescriptor<In, Acc, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AggregatingStateDescriptor").field("common", &self.common).finish_non_exhaustive()
    }
}

impl<T, Acc> fmt::Debug for FoldingStateDescriptor<T, Acc> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FoldingStateDescriptor").field(&self.0.common).finish()
    }
}
