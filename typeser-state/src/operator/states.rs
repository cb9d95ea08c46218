//! The declaration of operator state.

use std::sync::Arc;

use typeser::{StateKey, StateType};

use super::broadcast::BroadcastState;
use super::list::{SplitList, UnionList};
use super::raw::RawSplit;
use crate::descriptor::{
    BroadcastDescriptor, Common, ElementsDescriptor, ListStateDescriptor, MapStateDescriptor, Raw, StateError,
    StateKind,
};
use crate::key_group::{InvalidKeyGroups, KeyGroup, KeyGroupError, KeyGroupRange, MaxParallelism};
use crate::keyed::Operator;

/// Operator state as a program declares it: state that belongs to no key, such as the offsets of a source, or rules
/// that every instance applies.
///
/// Each instance has its own operator state. After a restore at another parallelism,
/// - a *split list* is the concatenation of the lists of all instances, divided evenly among the new instances;
/// - a *union list* is the whole concatenation, in every instance;
/// - *broadcast state* is the same in every instance, as it was before;
/// - *raw* pieces are distributed like the elements of a split list.
///
/// At the same parallelism each instance gets its own split lists and raw pieces back.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use typeser_state::operator::OperatorStates;
/// use typeser_state::restore::RestoreOptions;
/// use typeser_state::savepoint::Savepoint;
///
/// // One instance reads three partitions ...
/// let mut source = OperatorStates::new("source")?;
/// let offsets = source.split_list::<(String, u64)>("offsets")?;
/// let mut store = source.open()?;
/// for partition in ["a", "b", "c"] {
///     offsets.add(&mut store, &(partition.to_owned(), 7))?;
/// }
/// let savepoint = Savepoint::create(folder.path().join("one"))?.operator_state(&store)?.finish()?;
///
/// // ... and then two do.
/// for (instance, expected) in [(0, &["a", "b"][..]), (1, &["c"])] {
///     let mut source = OperatorStates::new("source")?.with_instance(2, instance)?;
///     let offsets = source.split_list::<(String, u64)>("offsets")?;
///     let mut store = source.restore(&savepoint, &RestoreOptions::new())?;
///     let partitions: Vec<String> = offsets.get(&mut store)?.into_iter().map(|(partition, _)| partition).collect();
///     assert_eq!(partitions, expected);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OperatorStates {
    /// Its key groups are the instances, and its max parallelism is the parallelism.
    pub(crate) operator: Operator<()>,
}

impl OperatorStates {
    /// Creates the operator state of a single instance. The uid must stay the same in all releases; it may be that of a
    /// keyed [`Operator`].
    ///
    /// # Errors
    /// The uid is empty or too long.
    pub fn new(uid: impl Into<String>) -> Result<Self, StateError> {
        let mut states = Self { operator: Operator::new(uid)? };
        states.operator.of_instance(MaxParallelism::ONE, 0);
        Ok(states)
    }

    /// Adds a uid that the operator had in an earlier release; see
    /// [`Operator::with_earlier_uid`](crate::keyed::Operator::with_earlier_uid).
    #[must_use]
    pub fn with_earlier_uid(mut self, uid: impl Into<String>) -> Self {
        self.operator = self.operator.with_earlier_uid(uid);
        self
    }

    /// Makes this one of several instances, numbered from 0.
    ///
    /// # Errors
    /// There is no such instance, or there are more instances than [`MaxParallelism::LARGEST`].
    pub fn with_instance(mut self, parallelism: u32, instance: u32) -> Result<Self, KeyGroupError> {
        let Ok(instances) = MaxParallelism::new(parallelism) else {
            return Err(InvalidKeyGroups::Parallelism { parallelism, max_parallelism: MaxParallelism::LARGEST }.into());
        };
        match KeyGroup::try_from(instance) {
            Ok(number) if instance < parallelism => self.operator.of_instance(instances, number),
            _ => return Err(InvalidKeyGroups::Instance { instance, parallelism }.into()),
        }
        Ok(self)
    }

    /// The uid.
    #[must_use]
    pub fn uid(&self) -> &str {
        self.operator.uid()
    }

    /// The number of instances.
    #[must_use]
    pub fn parallelism(&self) -> u32 {
        u32::from(self.operator.max_parallelism.groups())
    }

    /// The number of this instance, from 0.
    #[must_use]
    pub fn instance(&self) -> u32 {
        u32::from(self.instances().first())
    }

    /// A copy of the declaration for a single instance. The handles of this one work with it.
    pub(crate) fn alone(&self) -> Self {
        let mut operator = self.operator.with_groups_of(MaxParallelism::ONE);
        operator.of_instance(MaxParallelism::ONE, 0);
        Self { operator }
    }

    pub(crate) fn instances(&self) -> KeyGroupRange {
        self.operator.key_groups()
    }

    /// Declares a list that is split evenly among the instances when their number changes.
    ///
    /// # Errors
    /// There is a state of this name, or the type has no snapshot.
    pub fn split_list<T: StateType>(&mut self, name: &str) -> Result<SplitList<T>, StateError> {
        self.split_list_state(ListStateDescriptor::new(name)?)
    }

    /// Declares a split list by its descriptor.
    ///
    /// # Errors
    /// There is a state of this name, or the descriptor has namespaces or a time to live, which only keyed state has.
    pub fn split_list_state<T: StateType>(&mut self, list: ListStateDescriptor<T>) -> Result<SplitList<T>, StateError> {
        let kind = StateKind::SplitList;
        Ok(SplitList::new(self.operator.declare(Arc::new(ElementsDescriptor { list, kind }))?))
    }

    /// Declares a list that every instance receives in full.
    ///
    /// # Errors
    /// There is a state of this name, or the type has no snapshot.
    pub fn union_list<T: StateType>(&mut self, name: &str) -> Result<UnionList<T>, StateError> {
        self.union_list_state(ListStateDescriptor::new(name)?)
    }

    /// Declares a union list by its descriptor.
    ///
    /// # Errors
    /// As [`OperatorStates::split_list_state`].
    pub fn union_list_state<T: StateType>(&mut self, list: ListStateDescriptor<T>) -> Result<UnionList<T>, StateError> {
        let kind = StateKind::UnionList;
        Ok(UnionList::new(self.operator.declare(Arc::new(ElementsDescriptor { list, kind }))?))
    }

    /// Declares a map that is the same in all instances. The program must apply every change to all instances: a
    /// savepoint of copies that differ is refused.
    ///
    /// # Errors
    /// There is a state of this name, or a type has no snapshot.
    pub fn broadcast<K: StateKey, V: StateType>(&mut self, name: &str) -> Result<BroadcastState<K, V>, StateError> {
        self.broadcast_state(MapStateDescriptor::new(name)?)
    }

    /// Declares broadcast state by its descriptor.
    ///
    /// # Errors
    /// As [`OperatorStates::split_list_state`].
    pub fn broadcast_state<K: StateKey, V: StateType>(
        &mut self,
        map: MapStateDescriptor<K, V>,
    ) -> Result<BroadcastState<K, V>, StateError> {
        Ok(BroadcastState::new(self.operator.declare(Arc::new(BroadcastDescriptor { map }))?))
    }

    /// Declares raw operator state: pieces of uninterpreted bytes that are split evenly among the instances.
    ///
    /// # Errors
    /// There is a state of this name.
    pub fn raw(&mut self, name: &str) -> Result<RawSplit, StateError> {
        let raw = Raw { common: Common::new(name), kind: StateKind::RawSplit };
        Ok(RawSplit { at: self.operator.declare(Arc::new(raw))? })
    }
}
