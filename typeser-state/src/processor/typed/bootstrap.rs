//! Filling state from elements that come from anywhere: what a new savepoint is made of.

use typeser::{StateKey, StateType};

use crate::backend::Backend;
use crate::keyed::KeyedStateBackend;
use crate::operator::OperatorStateStore;
use crate::processor::error::read::{BoxError, ReadStateError};

impl<K: StateKey, B: Backend> KeyedStateBackend<K, B> {
    /// Gives every element to a function that writes state, and registers timers, for the element's key, which is the
    /// current one. What it has written before is there to be read.
    ///
    /// The state may have been [opened](crate::keyed::Operator::open) empty, for a new operator, or
    /// [restored](crate::keyed::Operator::restore) from a savepoint that is to get more; a savepoint is then
    /// [created](crate::savepoint::Savepoint::create), or [based](crate::processor::SavepointEdit) on another one. What
    /// does not fit into memory is bootstrapped in a backend with a disk, such as
    /// [`RedbBackend`](crate::backend::RedbBackend).
    ///
    /// No timer fires here. In a program that restores the savepoint each fires at its time, and one whose time has
    /// passed by then with the first [`advance_to`](crate::timer::Timers::advance_to).
    ///
    /// This is Flink's `KeyedStateBootstrapFunction`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::key_group::MaxParallelism;
    /// use typeser_state::keyed::Operator;
    /// use typeser_state::savepoint::Savepoint;
    /// use typeser_state::timer::TimeDomain::ProcessingTime;
    ///
    /// let mut operator = Operator::<String>::new("accounts")?.with_max_parallelism(MaxParallelism::new(256)?)?;
    /// let balance = operator.value::<i64>("balance")?;
    /// let reviews = operator.timers::<()>("reviews")?;
    ///
    /// let history = [("anna", 30), ("bert", -5), ("anna", 12)];
    /// let mut state = operator.open(MemoryBackend::new())?;
    /// state.bootstrap(
    ///     history,
    ///     |(name, _)| (*name).to_owned(),
    ///     |(_, amount), state| {
    ///         let before = balance.get(state)?.unwrap_or_default();
    ///         balance.update(state, &(before + amount))?;
    ///         Ok(reviews.register(state, ProcessingTime, 1_000)?)
    ///     },
    /// )?;
    /// Savepoint::create(folder.path().join("bootstrapped"))?.operator(&state)?.finish()?;
    ///
    /// state.set_current_key(&"anna".to_owned())?;
    /// assert_eq!(balance.get(&mut state)?, Some(42));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A key cannot be written, or belongs to another instance; or the function failed: the error names the key, or
    /// which element it was.
    pub fn bootstrap<T>(
        &mut self,
        elements: impl IntoIterator<Item = T>,
        key_of: impl Fn(&T) -> K,
        mut process: impl FnMut(T, &mut Self) -> Result<(), BoxError>,
    ) -> Result<(), ReadStateError> {
        for element in elements {
            let key = key_of(&element);
            self.set_current_key(&key)?;
            process(element, self).map_err(|source| ReadStateError::Bootstrap {
                operator: self.meta().uid().to_owned(),
                whose: format!("under key {}", shown(&key)),
                source,
            })?;
        }
        Ok(())
    }
}

impl OperatorStateStore {
    /// Gives every element to a function that writes the state of the operator itself: split lists, union lists,
    /// broadcast state.
    ///
    /// These are Flink's `StateBootstrapFunction` and `BroadcastStateBootstrapFunction`. As there, all of it is in
    /// memory.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::operator::OperatorStates;
    /// use typeser_state::savepoint::Savepoint;
    ///
    /// let mut source = OperatorStates::new("source")?;
    /// let offsets = source.split_list::<(String, u64)>("offsets")?;
    /// let rules = source.broadcast::<String, u32>("rules")?;
    /// let mut store = source.open()?;
    /// store.bootstrap([("a", 7), ("b", 0)], |(partition, offset), store| {
    ///     rules.put(store, &partition.to_owned(), &1)?;
    ///     Ok(offsets.add(store, &(partition.to_owned(), offset))?)
    /// })?;
    /// Savepoint::create(folder.path().join("bootstrapped"))?.operator_state(&store)?.finish()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The function failed: the error says for which element.
    pub fn bootstrap<T>(
        &mut self,
        elements: impl IntoIterator<Item = T>,
        mut process: impl FnMut(T, &mut Self) -> Result<(), BoxError>,
    ) -> Result<(), ReadStateError> {
        for (number, element) in elements.into_iter().enumerate() {
            process(element, self).map_err(|source| ReadStateError::Bootstrap {
                operator: self.uid().to_owned(),
                whose: format!("for element {number}, counted from 0"),
                source,
            })?;
        }
        Ok(())
    }
}

/// A key as text.
pub(crate) fn shown<T: StateType>(key: &T) -> String {
    typeser::value::Value::of(key).map_or_else(|_| "that cannot be written".to_owned(), |key| key.to_string())
}
