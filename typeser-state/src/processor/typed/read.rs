//! Reading a savepoint with the types of the program: keyed state through a reader function, and the state of operators
//! themselves.

use typeser::StateKey;

use super::bootstrap::shown;
use super::keys::keys_of;
use crate::backend::MemoryBackend;
use crate::descriptor::Declared;
use crate::keyed::{KeyedStateBackend, Operator};
use crate::operator::{OperatorStateStore, OperatorStates};
use crate::processor::error::read::{BoxError, ReadStateError};
use crate::processor::options::ProcessOptions;
use crate::rows::groups::{Part, Parts, for_each_part};
use crate::rows::progress::{Progress, counter_of};
use crate::savepoint::{Savepoint, SavepointOperator};

impl<K: StateKey> Operator<K> {
    /// Reads the stored state of this operator, a key at a time.
    ///
    /// The operator declares the states that are to be read; others are passed over. First all that is declared is
    /// resolved against what is stored, as a [restore](Operator::restore) does it, and with the same report where they
    /// do not fit. Where the verdict asks for it, rows are migrated on the way; the savepoint is only read.
    ///
    /// `read` is called for each key that has rows in one of these states, timers among them, with the key as the
    /// current one. It reads state by the handles that the declaration gave, and hands on what it makes of it. What it
    /// writes is forgotten. `visit` gets what was handed on, in the order of key groups, and within one of stored keys.
    ///
    /// Several threads call `read`, each for different keys; see [`ProcessOptions::with_parallelism`]. A few key
    /// groups for each thread are in memory at a time, in parts of about a MiB, or of one key group if that is larger.
    ///
    /// This is Flink's `KeyedStateReaderFunction`; its `open` is the declaration.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    /// use typeser_state::processor::ProcessOptions;
    /// use typeser_state::savepoint::Savepoint;
    /// use typeser_state::timer::TimeDomain::EventTime;
    ///
    /// let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// let delay = operator.value::<u32>("delay")?;
    /// let checks = operator.timers::<()>("checks")?;
    /// let mut state = operator.open(MemoryBackend::new())?;
    /// for (tail, minutes) in [("N14228", 2), ("N24211", 120)] {
    ///     state.set_current_key(&tail.to_owned())?;
    ///     delay.update(&mut state, &minutes)?;
    ///     checks.register(&mut state, EventTime, 1_000)?;
    /// }
    /// let savepoint = Savepoint::create(folder.path().join("first"))?.operator(&state)?.finish()?;
    ///
    /// let late = operator.read_all(&savepoint, &ProcessOptions::new(), |tail, state, out| {
    ///     if let Some(minutes) = delay.get(state)?.filter(|minutes| *minutes > 60) {
    ///         out((tail.clone(), minutes, checks.registered(state, EventTime)?));
    ///     }
    ///     Ok(())
    /// })?;
    /// assert_eq!(late, [("N24211".to_owned(), 120, vec![1_000])]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The savepoint holds no such operator, or not one of the states; what is declared does not fit what is stored; a
    /// file is not as it was written; or a function failed, which the error names with the key.
    pub fn read<T: Send>(
        &self,
        savepoint: &Savepoint,
        options: &ProcessOptions,
        read: impl Fn(&K, &mut KeyedStateBackend<K, MemoryBackend>, &mut dyn FnMut(T)) -> Result<(), BoxError> + Sync,
        mut visit: impl FnMut(T) -> Result<(), BoxError>,
    ) -> Result<(), ReadStateError> {
        let stored = self.check_stored(savepoint)?;
        let operator = self.with_groups_of(stored.meta().max_parallelism());
        let plan = operator.plan_to_read(savepoint, &options.to_restore().only_read())?;
        let mut silent = |_: &Progress<'_>| ();
        let mut progress_counter = counter_of(stored, &mut silent);
        let work = |part: &Part| -> Result<Vec<T>, ReadStateError> {
            let mut handed_on = Vec::new();
            let mut state = plan.part(part)?;
            for key in keys_of(&state)? {
                state.visit(&key)?;
                let outcome = read(&key, &mut state, &mut |item| handed_on.push(item));
                outcome.map_err(|source| ReadStateError::Function {
                    operator: self.uid().to_owned(),
                    key: shown(&key),
                    source,
                })?;
            }
            Ok(handed_on)
        };
        for_each_part(
            Parts::new(savepoint, stored),
            options.parallelism,
            &mut progress_counter,
            work,
            |handed_on, _| handed_on.into_iter().try_for_each(&mut visit).map_err(ReadStateError::Visit),
        )
    }

    /// [`Operator::read`], and keeps all that was handed on.
    ///
    /// # Errors
    /// As [`Operator::read`].
    pub fn read_all<T: Send>(
        &self,
        savepoint: &Savepoint,
        options: &ProcessOptions,
        read: impl Fn(&K, &mut KeyedStateBackend<K, MemoryBackend>, &mut dyn FnMut(T)) -> Result<(), BoxError> + Sync,
    ) -> Result<Vec<T>, ReadStateError> {
        let mut all = Vec::new();
        self.read(savepoint, options, read, |item| {
            all.push(item);
            Ok(())
        })?;
        Ok(all)
    }

    /// What is stored of the operator, with all states that are declared.
    fn check_stored<'a>(&self, savepoint: &'a Savepoint) -> Result<&'a SavepointOperator, ReadStateError> {
        let known = || savepoint.operators().iter().map(|operator| operator.meta().uid()).collect();
        let stored = self.stored_in(savepoint);
        check_stored(savepoint, self.uid(), stored, known, self.states.iter().map(|state| &**state))
    }
}

impl OperatorStates {
    /// Reads the stored state of this operator itself: that of all instances together, as a restore of one instance
    /// alone gives it. A split list is what all instances had, one after the other; so is a union list; broadcast state
    /// is that of one of them.
    ///
    /// The states that are declared are read; others are passed over. They are resolved first, as on a
    /// [restore](OperatorStates::restore), and migrated where the verdict asks for it.
    ///
    /// # Errors
    /// The savepoint holds no such operator, or not one of the states; what is declared does not fit what is stored; or
    /// a file is not as it was written.
    pub fn read(&self, savepoint: &Savepoint, options: &ProcessOptions) -> Result<OperatorStateStore, ReadStateError> {
        let stored = self.stored_in(savepoint);
        let known = || savepoint.operator_states().iter().map(|operator| operator.uid()).collect();
        check_stored(savepoint, self.uid(), stored, known, self.operator.states.iter().map(|state| &**state))?;
        Ok(self.alone().restore(savepoint, &options.to_restore().only_read())?)
    }
}

/// What is to be read is stored: a name that is not is a mistake.
fn check_stored<'a, 'd>(
    savepoint: &Savepoint,
    uid: &str,
    stored: Option<&'a SavepointOperator>,
    known: impl FnOnce() -> Vec<&'a str>,
    declared: impl Iterator<Item = &'d (dyn Declared + 'static)>,
) -> Result<&'a SavepointOperator, ReadStateError> {
    let path = savepoint.path().to_owned();
    let Some(stored) = stored else {
        let known = known().into_iter().map(str::to_owned).collect();
        return Err(ReadStateError::NoSuchOperator { savepoint: path, uid: uid.to_owned(), known });
    };
    let is_stored =
        |declared: &&(dyn Declared + 'static)| declared.names().any(|name| stored.meta().state(name).is_some());
    let mut unknown = declared.filter(|declared| !is_stored(declared)).map(|declared| declared.name());
    match unknown.next() {
        None => Ok(stored),
        Some(name) => {
            let known = stored.meta().states().iter().map(|state| state.name().to_owned()).collect();
            Err(ReadStateError::NoSuchState { savepoint: path, name: name.to_owned(), known })
        }
    }
}
