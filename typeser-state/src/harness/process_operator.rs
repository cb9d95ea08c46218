//! An operator that runs a function in each of its instances.

use std::sync::Arc;

use typeser::StateKey;

use super::chain::OperatorChain;
use super::error::HarnessError;
use super::instance::Instance;
use super::stage::{Notification, Stage, StartContext};
use crate::descriptor::StateError;
use crate::function::{
    CheckpointListener, CheckpointedFunction, Declarations, Declared, FunctionError, KeyedState, ProcessFunction,
    Record, Times,
};
use crate::key_group::{KeyGroupRange, MaxParallelism};
use crate::keyed::{KeyPartitioner, Operator};
use crate::operator::OperatorStates;
use crate::restore::{Refusal, RestoreError, RestoreOptions};
use crate::savepoint::{Savepoint, SavepointWriter};
use crate::timer::TimeDomain;

type Make<F> = Box<dyn Fn(&mut Declarations<<F as CheckpointedFunction>::Key>) -> Result<F, StateError> + Send + Sync>;
type KeyOf<F> = Box<dyn Fn(&<F as ProcessFunction>::In) -> <F as CheckpointedFunction>::Key + Send + Sync>;
type Notify<F> = fn(&mut F, u64) -> Result<(), FunctionError>;

/// An operator: a uid, one function per instance, and the way elements are assigned to instances.
///
/// An element of a keyed operator goes to the instance that owns its key. Elements of other operators go to the
/// instances in turn.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::function::MapWithState;
/// use typeser_state::harness::{Harness, ProcessOperator};
/// use typeser_state::key_group::MaxParallelism;
///
/// let count = ProcessOperator::new("count", |states| {
///     MapWithState::new(states, "count", |word: String, count: Option<u32>| {
///         let count = count.unwrap_or(0) + 1;
///         ((word, count), Some(count))
///     })
/// });
/// let count = count.keyed_by(String::clone).with_max_parallelism(MaxParallelism::new(32)?);
/// let mut harness = Harness::of(count).with_parallelism(4).open()?;
/// harness.process("to".to_owned())?;
/// assert_eq!(harness.operators().functions().count(), 4);
/// # Ok(())
/// # }
/// ```
pub struct ProcessOperator<F: ProcessFunction> {
    uid: String,
    /// Uids of the operator in earlier releases.
    earlier_uids: Vec<String>,
    make: Make<F>,
    key_of: Option<KeyOf<F>>,
    notify: Option<Notify<F>>,
    /// `None` means the stored one or, without one, the default.
    max_parallelism: Option<MaxParallelism>,
    /// The declared functions that have not been started, one per instance.
    declared: Vec<(F, Declared<F::Key>)>,
    instances: Vec<Instance<F>>,
    partitioner: Option<KeyPartitioner<F::Key>>,
    /// The instance whose turn is next.
    turn: usize,
}

impl<F: ProcessFunction> ProcessOperator<F> {
    /// Creates an operator. The uid must stay the same in all releases. `make` creates the function and declares its
    /// state. It is called once per instance and, before a restore, once more as if for a single instance, to find all
    /// problems of the restore.
    #[must_use]
    pub fn new(
        uid: impl Into<String>,
        make: impl Fn(&mut Declarations<F::Key>) -> Result<F, StateError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            uid: uid.into(),
            make: Box::new(make),
            earlier_uids: Vec::new(),
            key_of: None,
            notify: None,
            max_parallelism: None,
            declared: Vec::new(),
            instances: Vec::new(),
            partitioner: None,
            turn: 0,
        }
    }

    /// Sets the key of an element, which makes the operator keyed.
    #[must_use]
    pub fn keyed_by(mut self, key_of: impl Fn(&F::In) -> F::Key + Send + Sync + 'static) -> Self {
        self.key_of = Some(Box::new(key_of));
        self
    }

    /// Adds a uid that the operator had in an earlier release; see [`Operator::with_earlier_uid`].
    #[must_use]
    pub fn with_earlier_uid(mut self, uid: impl Into<String>) -> Self {
        self.earlier_uids.push(uid.into());
        self
    }

    /// Sets the number of key groups, which is fixed once the first savepoint is written. Without this call, a new
    /// operator has the [default](MaxParallelism::DEFAULT), and a restored one has the stored number.
    #[must_use]
    pub fn with_max_parallelism(mut self, max_parallelism: MaxParallelism) -> Self {
        self.max_parallelism = Some(max_parallelism);
        self
    }

    /// Notifies the function when a checkpoint is complete.
    #[must_use]
    pub fn listening(mut self) -> Self
    where
        F: CheckpointListener,
    {
        self.notify = Some(F::notify_checkpoint_complete);
        self
    }

    /// Appends an operator that receives the output of this one.
    #[must_use]
    pub fn then<B: Stage<In = F::Out>>(self, next: B) -> OperatorChain<Self, B> {
        OperatorChain { head: self, tail: next }
    }

    /// The functions of all instances, in the order of their numbers.
    pub fn functions(&self) -> impl Iterator<Item = &F> {
        self.instances.iter().map(|instance| &instance.function)
    }

    /// Calls `read` with the keyed state of a key and the function of its instance.
    ///
    /// # Errors
    /// The key cannot be encoded, or `read` fails.
    pub fn with_key<R>(
        &mut self,
        key: &F::Key,
        read: impl FnOnce(&F, &mut KeyedState<F::Key>) -> Result<R, StateError>,
    ) -> Result<R, StateError> {
        let instance = self.owner(key)?;
        instance.keyed_state.clear_current_key();
        instance.keyed_state.set_current_key(key)?;
        read(&instance.function, &mut instance.keyed_state)
    }

    /// The instance that owns the state of a key.
    fn owner(&mut self, key: &F::Key) -> Result<&mut Instance<F>, StateError> {
        let instance = match &mut self.partitioner {
            Some(partitioner) => partitioner.instance_of(key)?,
            None => 0,
        };
        let missing = || StateError::NoCurrentKey { operator: self.uid.clone() };
        usize::try_from(instance).ok().and_then(|index| self.instances.get_mut(index)).ok_or_else(missing)
    }

    fn declare_one(&self, context: &StartContext<'_>, instance: u32) -> Result<(F, Declared<F::Key>), HarnessError> {
        let of_declaration = |source| HarnessError::Declare { operator: self.uid.clone(), source: Box::new(source) };
        let of_parallelism = |source| HarnessError::Parallelism { operator: self.uid.clone(), source };
        let mut keyed = Operator::new(&self.uid).map_err(of_declaration)?.with_clock(Arc::clone(&context.clock));
        keyed = self.earlier_uids.iter().fold(keyed, Operator::with_earlier_uid);
        if self.key_of.is_some() {
            let stored = context.savepoint.and_then(|savepoint| keyed.stored_in(savepoint));
            let stored = stored.map(|stored| stored.meta().max_parallelism());
            let groups = self.max_parallelism.or(stored).unwrap_or_default();
            let range = KeyGroupRange::of_instance(groups, context.parallelism, instance);
            keyed = keyed.with_max_parallelism(groups).map_err(of_declaration)?;
            keyed = keyed.with_key_groups(range.map_err(of_parallelism)?).map_err(of_declaration)?;
        }
        let own = OperatorStates::new(&self.uid).map_err(of_declaration)?;
        let own = self.earlier_uids.iter().fold(own, OperatorStates::with_earlier_uid);
        let own = own.with_instance(context.parallelism, instance).map_err(of_parallelism)?;
        let mut states = Declarations::new(keyed, own);
        let function = (self.make)(&mut states).map_err(of_declaration)?;
        F::declare_implied(&mut states).map_err(of_declaration)?;
        let declared = states.into_declared();
        if let (None, Some(state)) = (&self.key_of, declared.keyed_state()) {
            return Err(HarnessError::NoKeys { operator: self.uid.clone(), state: state.to_owned() });
        }
        if let Some(service) = declared.foreign_timers() {
            return Err(HarnessError::ForeignTimers { operator: self.uid.clone(), service: service.to_owned() });
        }
        Ok((function, declared))
    }

    fn start_one(
        &self,
        (function, declared): (F, Declared<F::Key>),
        context: &mut StartContext<'_>,
        from: Option<(&Savepoint, &RestoreOptions)>,
    ) -> Result<Instance<F>, HarnessError> {
        let Declared { keyed, operator: own, timers, list } = declared;
        let instance = own.instance();
        let operator = || self.uid.clone();
        let of_open = |source| HarnessError::Open { operator: operator(), instance, source: Box::new(source) };
        let of_restore = |source| HarnessError::Restore { operator: operator(), instance, source: Box::new(source) };
        let storage = (context.storage)(&self.uid, instance);
        let (keyed_state, operator_state) = match from {
            None => (keyed.open(storage).map_err(of_open)?, own.open().map_err(of_open)?),
            Some((savepoint, options)) => (
                keyed.restore(savepoint, storage, options, &mut |_| ()).map_err(of_restore)?,
                own.restore(savepoint, options).map_err(of_restore)?,
            ),
        };
        let is_restored = from
            .is_some_and(|(savepoint, _)| keyed.stored_in(savepoint).is_some() || own.stored_in(savepoint).is_some());
        Ok(Instance { function, keyed_state, operator_state, timers, list, is_restored })
    }
}

impl<F: ProcessFunction> Stage for ProcessOperator<F> {
    type In = F::In;
    type Out = F::Out;

    fn uids(&self, uids: &mut Vec<String>) {
        uids.push(self.uid.clone());
        uids.extend(self.earlier_uids.iter().cloned());
    }

    fn declare(&mut self, context: &mut StartContext<'_>) -> Result<(), HarnessError> {
        let declared = (0..context.parallelism).map(|instance| self.declare_one(context, instance));
        self.declared = declared.collect::<Result<_, _>>()?;
        Ok(())
    }

    fn check(
        &self,
        context: &mut StartContext<'_>,
        savepoint: &Savepoint,
        options: &RestoreOptions,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), HarnessError> {
        // A single instance that owns all key groups has all problems that the instances would have, each once.
        let StartContext { savepoint: stored, clock, storage, .. } = context;
        let whole = StartContext { parallelism: 1, savepoint: *stored, clock: Arc::clone(clock), storage: *storage };
        let (_, declared) = self.declare_one(&whole, 0)?;
        let keyed = declared.keyed.plan(savepoint, options).map(drop);
        let own = declared.operator.plan(savepoint, options).map(drop);
        for outcome in [keyed, own] {
            match outcome {
                Ok(()) => {}
                Err(RestoreError::Refused(refusal)) => refusals.push(*refusal),
                Err(source) => {
                    let (operator, source) = (self.uid.clone(), Box::new(source));
                    return Err(HarnessError::Restore { operator, instance: 0, source });
                }
            }
        }
        Ok(())
    }

    fn start(
        &mut self,
        context: &mut StartContext<'_>,
        from: Option<(&Savepoint, &RestoreOptions)>,
    ) -> Result<(), HarnessError> {
        let declared = std::mem::take(&mut self.declared);
        let started = declared.into_iter().map(|declared| self.start_one(declared, context, from));
        self.instances = started.collect::<Result<_, _>>()?;
        if let (Some(_), Some(first)) = (&self.key_of, self.instances.first()) {
            let partitioner = first.keyed_state.partitioner(context.parallelism);
            let error = |source| HarnessError::Parallelism { operator: self.uid.clone(), source };
            self.partitioner = Some(partitioner.map_err(error)?);
        }
        Ok(())
    }

    fn initialize(&mut self) -> Result<(), HarnessError> {
        for (instance, number) in self.instances.iter_mut().zip(0..) {
            let operator = || self.uid.clone();
            let error = |source| HarnessError::Initialize { operator: operator(), instance: number, source };
            instance.initialize().map_err(error)?;
        }
        Ok(())
    }

    fn process(
        &mut self,
        element: Record<F::In>,
        times: Times,
        out: &mut Vec<Record<F::Out>>,
    ) -> Result<(), HarnessError> {
        let uid = self.uid.clone();
        let key = self.key_of.as_ref().map(|key_of| key_of(&element.value));
        let instance = match &key {
            Some(key) => {
                let error = |source| HarnessError::Key { operator: uid.clone(), source: Box::new(source) };
                let instance = self.owner(key).map_err(error)?;
                // A key that cannot be set is not an error of the function.
                instance.keyed_state.set_current_key(key).map_err(error)?;
                instance
            }
            None => {
                let turn = self.turn;
                self.turn = (turn + 1) % self.instances.len().max(1);
                &mut self.instances[turn]
            }
        };
        let number = instance.operator_state.instance();
        instance
            .process(element, key.as_ref(), times, out)
            .map_err(|source| failed(&uid, number, "process_element", source))
    }

    fn process_on_all(
        &mut self,
        element: &Record<F::In>,
        times: Times,
        out: &mut Vec<Record<F::Out>>,
    ) -> Result<(), HarnessError>
    where
        F::In: Clone,
    {
        for (instance, number) in self.instances.iter_mut().zip(0..) {
            let processed = instance.process(element.clone(), None, times, out);
            processed.map_err(|source| failed(&self.uid, number, "process_element", source))?;
        }
        Ok(())
    }

    fn advance(&mut self, domain: TimeDomain, times: Times, out: &mut Vec<Record<F::Out>>) -> Result<(), HarnessError> {
        for (instance, number) in self.instances.iter_mut().zip(0..) {
            let advanced = instance.advance(domain, times, out);
            advanced.map_err(|source| failed(&self.uid, number, "on_timer", source))?;
        }
        Ok(())
    }

    fn snapshot(&mut self, checkpoint_id: u64, timestamp: i64) -> Result<(), HarnessError> {
        for (instance, number) in self.instances.iter_mut().zip(0..) {
            instance.snapshot(checkpoint_id, timestamp).map_err(|source| HarnessError::Snapshot {
                operator: self.uid.clone(),
                instance: number,
                checkpoint_id,
                source,
            })?;
        }
        Ok(())
    }

    fn write(&self, mut to: SavepointWriter) -> Result<SavepointWriter, HarnessError> {
        for instance in &self.instances {
            if !instance.keyed_state.meta().states().is_empty() {
                to = to.operator(&instance.keyed_state)?;
            }
            if !instance.operator_state.states().is_empty() {
                to = to.operator_state(&instance.operator_state)?;
            }
        }
        Ok(to)
    }

    fn notify(&mut self, notification: &mut Notification<'_>) {
        let Some(notify) = self.notify else { return };
        for (instance, number) in self.instances.iter_mut().zip(0..) {
            if let Err(source) = notify(&mut instance.function, notification.checkpoint_id) {
                notification.failures.push(HarnessError::Listener {
                    operator: self.uid.clone(),
                    instance: number,
                    checkpoint_id: notification.checkpoint_id,
                    path: notification.path.to_owned(),
                    source,
                });
            }
        }
    }
}

fn failed(operator: &str, instance: u32, call: &'static str, source: FunctionError) -> HarnessError {
    HarnessError::Process { operator: operator.to_owned(), instance, call, source }
}

impl<F: ProcessFunction> std::fmt::Debug for ProcessOperator<F>
where
    F::Key: StateKey,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessOperator")
            .field("uid", &self.uid)
            .field("keyed", &self.key_of.is_some())
            .field("max_parallelism", &self.max_parallelism)
            .field("instances", &self.instances.len())
            .finish_non_exhaustive()
    }
}
