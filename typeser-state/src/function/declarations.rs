//! The declarations of a function: its keyed state, its operator state and its timers.

use std::any::Any;

use typeser::{StateKey, StateType};

use super::context::{FiredTimer, FunctionError, KeyedState};
use crate::descriptor::{StateError, StateKind};
use crate::keyed::Operator;
use crate::operator::OperatorStates;
use crate::timer::{TimeDomain, Timers};

/// A function declares all of its state here before any is opened or restored, and keeps the returned handles.
pub struct Declarations<K: StateKey> {
    keyed: Operator<K>,
    operator: OperatorStates,
    timers: Vec<Box<dyn ErasedTimers<K>>>,
    list: Option<Box<dyn Any + Send + Sync>>,
}

/// The finished declarations.
pub(crate) struct Declared<K: StateKey> {
    pub(crate) keyed: Operator<K>,
    pub(crate) operator: OperatorStates,
    pub(crate) timers: Vec<Box<dyn ErasedTimers<K>>>,
    pub(crate) list: Option<Box<dyn Any + Send + Sync>>,
}

impl<K: StateKey> Declarations<K> {
    pub(crate) fn new(keyed: Operator<K>, operator: OperatorStates) -> Self {
        Self { keyed, operator, timers: Vec::new(), list: None }
    }

    pub(crate) fn into_declared(self) -> Declared<K> {
        let Self { keyed, operator, timers, list } = self;
        Declared { keyed, operator, timers, list }
    }

    /// For declaring keyed state.
    #[must_use]
    pub fn keyed_state(&mut self) -> &mut Operator<K> {
        &mut self.keyed
    }

    /// For declaring operator state.
    #[must_use]
    pub fn operator_state(&mut self) -> &mut OperatorStates {
        &mut self.operator
    }

    /// Declares a timer service, whose timers fire in [`ProcessFunction::on_timer`](super::ProcessFunction::on_timer).
    /// `N` is the type of their namespaces; `()` if timers have none.
    ///
    /// # Errors
    /// The operator has a state of this name, or the type has no snapshot.
    pub fn timers<N: StateKey>(&mut self, name: &str) -> Result<Timers<N>, StateError> {
        let timers = self.keyed.timers::<N>(name)?;
        self.timers.push(Box::new(Named { name: name.to_owned(), timers }));
        Ok(timers)
    }

    /// The number, from 0, of the instance that the function is created for.
    #[must_use]
    pub fn instance(&self) -> u32 {
        self.operator.instance()
    }

    /// The number of instances.
    #[must_use]
    pub fn parallelism(&self) -> u32 {
        self.operator.parallelism()
    }

    pub(super) fn declare_list<T: StateType>(&mut self, name: &str) -> Result<(), StateError> {
        self.list = Some(Box::new(self.operator.split_list::<T>(name)?));
        Ok(())
    }
}

impl<K: StateKey> Declared<K> {
    /// The name of a state that needs keys, if there is one.
    pub(crate) fn keyed_state(&self) -> Option<&str> {
        let belongs = |kind| kind != StateKind::RawKeyed;
        self.keyed.states.iter().find(|state| belongs(state.kind())).map(|state| state.name())
    }

    /// The name of a timer service that was not declared with [`Declarations::timers`], if there is one: its timers
    /// would never fire.
    pub(crate) fn foreign_timers(&self) -> Option<&str> {
        let services = self.keyed.states.iter().filter(|state| state.kind() == StateKind::Timers);
        let known = |name: &str| self.timers.iter().any(|timers| timers.name() == name);
        services.map(|state| state.name()).find(|name| !known(name))
    }
}

/// A timer service with the type of its namespaces erased.
pub(crate) trait ErasedTimers<K: StateKey>: Send {
    fn name(&self) -> &str;

    fn next(&self, state: &mut KeyedState<K>, domain: TimeDomain) -> Result<Option<i64>, StateError>;

    fn advance_to(
        &self,
        state: &mut KeyedState<K>,
        domain: TimeDomain,
        time: i64,
        fire: &mut Fire<'_, K>,
    ) -> Result<(), FunctionError>;
}

/// The callback for every timer that fires.
pub(crate) type Fire<'a, K> = dyn FnMut(&mut KeyedState<K>, &FiredTimer<'_, K>) -> Result<(), FunctionError> + 'a;

struct Named<N> {
    name: String,
    timers: Timers<N>,
}

impl<K: StateKey, N: StateKey> ErasedTimers<K> for Named<N> {
    fn name(&self) -> &str {
        &self.name
    }

    fn next(&self, state: &mut KeyedState<K>, domain: TimeDomain) -> Result<Option<i64>, StateError> {
        self.timers.next(state, domain)
    }

    fn advance_to(
        &self,
        state: &mut KeyedState<K>,
        domain: TimeDomain,
        time: i64,
        fire: &mut Fire<'_, K>,
    ) -> Result<(), FunctionError> {
        self.timers.advance_to(state, domain, time, |state, timer| {
            let (service, namespace) = (self.name.as_str(), &timer.namespace);
            let (key, domain, time) = (timer.key, timer.domain, timer.time);
            fire(state, &FiredTimer { service, key, domain, time, namespace })
        })
    }
}
