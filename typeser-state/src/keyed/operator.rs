//! An operator as a program declares it: its uid, the type of its keys, and all of its states.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use typeser::{Serializer, StateKey, StateType};

use super::aggregate::{AggregatingState, ReducingState};
use super::clock::{Clock, SystemClock};
use super::handle::Handle;
use super::list::ListState;
use super::map::MapState;
use super::raw::RawKeyedState;
use super::value::ValueState;
use crate::descriptor::{
    AggregatingStateDescriptor, Common, Declared, ListStateDescriptor, MapStateDescriptor, Raw,
    ReducingStateDescriptor, StateError, StateKind, ValueStateDescriptor, check_name,
};
use crate::key_group::{KeyGroup, KeyGroupRange, MaxParallelism};

/// An operator whose state is scoped to keys of type `K`.
///
/// All states are declared before any is opened or restored, so that a restore can compare every one of them with what
/// is stored before it changes anything.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let delays = operator.list::<i16>("recent-delays")?;
///
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// departures.update(&mut state, &1)?;
/// delays.add(&mut state, &2)?;
/// # Ok(())
/// # }
/// ```
pub struct Operator<K> {
    pub(crate) uid: String,
    /// Uids of the operator in earlier releases.
    pub(crate) earlier_uids: Vec<String>,
    /// Whether this is keyed state; [operator state](crate::operator) is built on this type too.
    pub(crate) keyed: bool,
    pub(crate) key: Serializer<K>,
    pub(crate) max_parallelism: MaxParallelism,
    /// Whether the program has set the max parallelism; if not, a stored one is used.
    has_max_parallelism: bool,
    /// The key groups of this instance; `None` means all.
    owned: Option<KeyGroupRange>,
    pub(crate) states: Vec<Arc<dyn Declared>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) token: u64,
}

impl<K: StateKey> Operator<K> {
    /// Creates an operator. Its uid identifies its stored state, so it must stay the same in all releases.
    ///
    /// # Errors
    /// The uid is empty or too long, or the key's type has no snapshot.
    pub fn new(uid: impl Into<String>) -> Result<Self, StateError> {
        static OPERATORS: AtomicU64 = AtomicU64::new(0);
        let uid = uid.into();
        check_name("an operator", &uid)?;
        let key = Serializer::new().map_err(|source| StateError::Type { name: uid.clone(), source })?;
        let max_parallelism = MaxParallelism::DEFAULT;
        Ok(Self {
            uid,
            earlier_uids: Vec::new(),
            keyed: true,
            key,
            max_parallelism,
            has_max_parallelism: false,
            owned: None,
            states: Vec::new(),
            clock: Arc::new(SystemClock),
            token: OPERATORS.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// Adds a uid that the operator had in an earlier release: its stored state is restored as that of this operator,
    /// and has the new uid from the next savepoint on. The present uid is looked up first.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    /// use typeser_state::restore::RestoreOptions;
    /// use typeser_state::savepoint::Savepoint;
    ///
    /// let mut operator = Operator::<String>::new("flights")?;
    /// let count = operator.value::<u32>("count")?;
    /// let mut state = operator.open(MemoryBackend::new())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// count.update(&mut state, &111)?;
    /// let savepoint = Savepoint::create(folder.path().join("last"))?.operator(&state)?.finish()?;
    ///
    /// let mut operator = Operator::<String>::new("flights-by-tail")?.with_earlier_uid("flights");
    /// let count = operator.value::<u32>("count")?;
    /// let mut state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// assert_eq!(count.get(&mut state)?, Some(111));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_earlier_uid(mut self, uid: impl Into<String>) -> Self {
        self.earlier_uids.push(uid.into());
        self
    }

    /// Uses this serializer for the keys instead of the default one, such as one that declares what keys were in earlier
    /// releases. Keys whose bytes are equal are restored; others are moved by a
    /// [re-key](crate::processor::RekeyPlan).
    ///
    /// ```
    /// use typeser::{Serializer, StateType};
    /// use typeser_state::keyed::Operator;
    ///
    /// // Release 1 had a type of its own for the keys.
    /// #[derive(StateType)]
    /// struct Route { from: u16, to: u16 }
    ///
    /// let key = Serializer::new()?.with_earlier_type::<Route>()?;
    /// let operator = Operator::<(u16, u16)>::new("flights-by-route")?.with_key_serializer(key);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_key_serializer(self, key: Serializer<K>) -> Self {
        Self { key, ..self }
    }

    /// Sets the number of key groups, which is fixed once the first savepoint is written.
    ///
    /// Without this call, a new operator has the [default](MaxParallelism::DEFAULT), and a restored one has the stored
    /// number, as in Flink.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::key_group::MaxParallelism;
    /// use typeser_state::keyed::Operator;
    /// use typeser_state::restore::RestoreOptions;
    /// use typeser_state::savepoint::Savepoint;
    ///
    /// let operator = Operator::<String>::new("flights-by-tail")?.with_max_parallelism(MaxParallelism::new(4096)?)?;
    /// let state = operator.open(MemoryBackend::new())?;
    /// let savepoint = Savepoint::create(folder.path().join("last"))?.operator(&state)?.finish()?;
    ///
    /// let operator = Operator::<String>::new("flights-by-tail")?;
    /// let state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ())?;
    /// assert_eq!(state.meta().max_parallelism(), MaxParallelism::new(4096)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The instance was given key groups before, and not all of them exist under this max parallelism.
    pub fn with_max_parallelism(self, max_parallelism: MaxParallelism) -> Result<Self, StateError> {
        Self { max_parallelism, has_max_parallelism: true, ..self }.checked()
    }

    /// Makes this one of several instances, which owns only these key groups. Set a max parallelism other than the
    /// [default](MaxParallelism::DEFAULT) first.
    ///
    /// # Errors
    /// These key groups do not exist under the max parallelism.
    pub fn with_key_groups(self, range: KeyGroupRange) -> Result<Self, StateError> {
        Self { owned: Some(range), ..self }.checked()
    }

    /// Sets the clock for times to live, which a restore uses too. The default is the system clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    fn checked(self) -> Result<Self, StateError> {
        let (range, max_parallelism) = (self.key_groups(), self.max_parallelism);
        if range.last() < max_parallelism.groups() {
            return Ok(self);
        }
        Err(StateError::KeyGroups { operator: self.uid, range, max_parallelism })
    }

    /// The uid.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// The key groups that this instance owns: all, unless set with [`Operator::with_key_groups`].
    #[must_use]
    pub fn key_groups(&self) -> KeyGroupRange {
        self.owned.unwrap_or_else(|| KeyGroupRange::all(self.max_parallelism))
    }

    /// Declares a value state.
    ///
    /// # Errors
    /// The operator has a state of this name, or the type has no snapshot.
    pub fn value<T: StateType>(&mut self, name: &str) -> Result<ValueState<T>, StateError> {
        self.value_state(ValueStateDescriptor::new(name)?)
    }

    /// Declares a list state.
    ///
    /// # Errors
    /// The operator has a state of this name, or the type has no snapshot.
    pub fn list<T: StateType>(&mut self, name: &str) -> Result<ListState<T>, StateError> {
        self.list_state(ListStateDescriptor::new(name)?)
    }

    /// Declares a map state.
    ///
    /// # Errors
    /// The operator has a state of this name, or a type has no snapshot.
    pub fn map<UK: StateKey, V: StateType>(&mut self, name: &str) -> Result<MapState<UK, V>, StateError> {
        self.map_state(MapStateDescriptor::new(name)?)
    }

    /// Declares a value state by its descriptor.
    ///
    /// # Errors
    /// The operator has a state of this name.
    pub fn value_state<T: StateType>(
        &mut self,
        descriptor: ValueStateDescriptor<T>,
    ) -> Result<ValueState<T>, StateError> {
        Ok(ValueState { at: self.declare(Arc::new(descriptor))?, value: PhantomData })
    }

    /// Declares a list state by its descriptor.
    ///
    /// # Errors
    /// The operator has a state of this name.
    pub fn list_state<T: StateType>(&mut self, descriptor: ListStateDescriptor<T>) -> Result<ListState<T>, StateError> {
        Ok(ListState::new(self.declare(Arc::new(descriptor))?))
    }

    /// Declares a map state by its descriptor.
    ///
    /// # Errors
    /// The operator has a state of this name.
    pub fn map_state<UK: StateKey, V: StateType>(
        &mut self,
        descriptor: MapStateDescriptor<UK, V>,
    ) -> Result<MapState<UK, V>, StateError> {
        Ok(MapState::new(self.declare(Arc::new(descriptor))?))
    }

    /// Declares a reducing state. `reduce` combines the present value with an added one.
    ///
    /// # Errors
    /// The operator has a state of this name, or the type has no snapshot.
    pub fn reducing<T: StateType>(
        &mut self,
        name: &str,
        reduce: impl Fn(T, T) -> T + Send + Sync + 'static,
    ) -> Result<ReducingState<T>, StateError> {
        self.reducing_state(ReducingStateDescriptor::new(name, reduce)?)
    }

    /// Declares a reducing state by its descriptor.
    ///
    /// # Errors
    /// The operator has a state of this name.
    pub fn reducing_state<T: StateType>(
        &mut self,
        descriptor: ReducingStateDescriptor<T>,
    ) -> Result<ReducingState<T>, StateError> {
        Ok(ReducingState { at: self.declare(Arc::new(descriptor))?, value: PhantomData })
    }

    /// Declares an aggregating state, or a folding one, by its descriptor.
    ///
    /// # Errors
    /// The operator has a state of this name.
    pub fn aggregating_state<In: 'static, Acc: StateType, Out: 'static>(
        &mut self,
        descriptor: impl Into<AggregatingStateDescriptor<In, Acc, Out>>,
    ) -> Result<AggregatingState<In, Acc, Out>, StateError> {
        Ok(AggregatingState { at: self.declare(Arc::new(descriptor.into()))?, types: PhantomData })
    }

    /// Declares raw keyed state: uninterpreted bytes per key group.
    ///
    /// # Errors
    /// The operator has a state of this name.
    pub fn raw(&mut self, name: &str) -> Result<RawKeyedState, StateError> {
        let raw = Raw { common: Common::new(name), kind: StateKind::RawKeyed };
        Ok(RawKeyedState { at: self.declare(Arc::new(raw))? })
    }

    /// The max parallelism to use where another one is stored: the stored one, unless the program has set one or owns
    /// only some of the key groups.
    pub(crate) fn max_parallelism_beside(&self, stored: MaxParallelism) -> MaxParallelism {
        if self.has_max_parallelism || self.owned.is_some() { self.max_parallelism } else { stored }
    }

    /// A copy of the operator that owns all key groups of another max parallelism. The handles of this one work with
    /// it.
    pub(crate) fn with_groups_of(&self, max_parallelism: MaxParallelism) -> Self {
        Self {
            uid: self.uid.clone(),
            earlier_uids: self.earlier_uids.clone(),
            key: self.key.clone(),
            keyed: self.keyed,
            max_parallelism,
            has_max_parallelism: true,
            owned: None,
            states: self.states.clone(),
            clock: Arc::clone(&self.clock),
            token: self.token,
        }
    }

    pub(crate) fn declare(&mut self, state: Arc<dyn Declared>) -> Result<Handle, StateError> {
        check_name("a state", state.name())?;
        let common = state.common();
        if !state.kind().is_keyed() && (common.namespace.is_some() || common.time_to_live.is_some()) {
            let (name, kind) = (state.name().to_owned(), state.kind().to_string());
            return Err(StateError::OnlyKeyed { operator: self.uid.clone(), name, kind });
        }
        if let Some(first) = self.states.iter().find(|known| known.name() == state.name()) {
            return Err(StateError::DuplicateState {
                operator: self.uid.clone(),
                name: state.name().to_owned(),
                first: first.describe(),
                second: state.describe(),
            });
        }
        let shared = |known: &dyn Declared| {
            let name = known.names().find(|name| state.names().any(|own| own == *name))?;
            Some(name.to_owned())
        };
        if let Some((known, name)) = self.states.iter().find_map(|known| Some((known, shared(&**known)?))) {
            return Err(StateError::EarlierNameTaken {
                operator: self.uid.clone(),
                name,
                states: [known.name().to_owned(), state.name().to_owned()],
            });
        }
        let slot = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        self.states.push(state);
        Ok(Handle { operator: self.token, slot })
    }
}

impl<K> Operator<K> {
    /// The uid under which the state of the operator is stored: the present one or, if nothing is stored under it, the
    /// last earlier one that is.
    pub(crate) fn uid_among(&self, is_stored: impl Fn(&str) -> bool) -> &str {
        let mut earlier = self.earlier_uids.iter().rev().map(String::as_str);
        if is_stored(&self.uid) { &self.uid } else { earlier.find(|uid| is_stored(uid)).unwrap_or(&self.uid) }
    }
}

impl Operator<()> {
    /// Makes this the operator state of one of several instances; see [`crate::operator`].
    pub(crate) fn of_instance(&mut self, parallelism: MaxParallelism, instance: KeyGroup) {
        self.keyed = false;
        self.max_parallelism = parallelism;
        self.owned = KeyGroupRange::new(instance, instance).ok();
    }
}

impl<K> std::fmt::Debug for Operator<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let states: Vec<String> =
            self.states.iter().map(|state| format!("{}: {}", state.name(), state.describe())).collect();
        f.debug_struct("Operator")
            .field("uid", &self.uid)
            .field("key", &self.key)
            .field("max_parallelism", &self.max_parallelism)
            .field("key_groups", &self.owned)
            .field("states", &states)
            .finish_non_exhaustive()
    }
}
