//! The operators of a program together: what becomes of everything that a savepoint holds, reported before any of it is
//! touched.

use std::collections::HashSet;
use std::fmt;

use typeser::StateKey;
use typeser::resolve::Compatibility;

use super::check::operators_not_declared;
use super::error::{Refusal, RestoreError};
use super::options::RestoreOptions;
use super::problem::Problem;
use super::state_plan::StatePlan;
use super::stored::stored_uid;
use crate::key_group::{KeyGroupRange, MaxParallelism};
use crate::keyed::Operator;
use crate::operator::OperatorStates;
use crate::savepoint::Savepoint;

/// All operators of a program, to be compared with a savepoint at once.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path().join("first");
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::restore::{Program, RestoreOptions};
/// use typeser_state::savepoint::Savepoint;
///
/// let mut flights = Operator::<String>::new("flights")?;
/// let departures = flights.value::<u32>("departures")?;
/// let alarms = Operator::<u16>::new("alarms")?;
/// # let savepoint = Savepoint::create(&directory)?
/// #     .operator(&flights.open(MemoryBackend::new())?)?
/// #     .operator(&alarms.open(MemoryBackend::new())?)?
/// #     .finish()?;
///
/// let program = Program::new().operator(&flights).operator(&alarms);
/// let options = RestoreOptions::new();
/// println!("{}", program.plan(&savepoint, &options)?);
///
/// // There are no problems: now each is restored.
/// let options = program.options(&options);
/// let flights = flights.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ())?;
/// let alarms = alarms.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ())?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Program<'a> {
    members: Vec<&'a dyn Member>,
}

/// What becomes of everything that a savepoint holds. There are no problems.
#[derive(Debug, Clone)]
pub struct ProgramPlan {
    pub(super) savepoint: String,
    pub(super) operators: Vec<OperatorPlan>,
    pub(super) left: Vec<LeftOperator>,
}

/// What becomes of an operator.
#[derive(Debug, Clone)]
pub struct OperatorPlan {
    pub(super) uid: String,
    keyed: bool,
    pub(super) is_stored: bool,
    pub(super) key: Option<Compatibility>,
    pub(super) states: Vec<StatePlan>,
}

/// A stored operator that the program does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOperator {
    pub(super) uid: String,
    pub(super) retained: bool,
}

/// An operator without its types.
trait Member {
    fn uid(&self) -> &str;
    fn earlier_uids(&self) -> &[String];
    /// The uid under which it is stored; if nothing is, its own.
    fn stored_uid<'a>(&'a self, savepoint: &'a Savepoint) -> &'a str;
    fn is_keyed(&self) -> bool;
    /// Which instance it is, of an operator with this many key groups; of operator state, with this many instances.
    fn instance(&self) -> (KeyGroupRange, MaxParallelism);
    fn plan_states(&self, savepoint: &Savepoint, options: &RestoreOptions) -> Result<OperatorPlan, RestoreError>;
}

impl<K: StateKey> Member for Operator<K> {
    fn uid(&self) -> &str {
        self.uid()
    }

    fn earlier_uids(&self) -> &[String] {
        &self.earlier_uids
    }

    fn stored_uid<'a>(&'a self, savepoint: &'a Savepoint) -> &'a str {
        stored_uid(self.stored_in(savepoint), self.uid())
    }

    fn is_keyed(&self) -> bool {
        true
    }

    fn instance(&self) -> (KeyGroupRange, MaxParallelism) {
        (self.key_groups(), self.max_parallelism)
    }

    fn plan_states(&self, savepoint: &Savepoint, options: &RestoreOptions) -> Result<OperatorPlan, RestoreError> {
        let plan = self.plan(savepoint, options)?;
        let (uid, is_stored) = (self.uid().to_owned(), plan.stored.is_some());
        Ok(OperatorPlan { uid, keyed: true, is_stored, key: plan.key(), states: plan.states().to_vec() })
    }
}

impl Member for OperatorStates {
    fn uid(&self) -> &str {
        self.uid()
    }

    fn earlier_uids(&self) -> &[String] {
        &self.operator.earlier_uids
    }

    fn stored_uid<'a>(&'a self, savepoint: &'a Savepoint) -> &'a str {
        stored_uid(self.stored_in(savepoint), self.uid())
    }

    fn is_keyed(&self) -> bool {
        false
    }

    fn instance(&self) -> (KeyGroupRange, MaxParallelism) {
        (self.instances(), self.operator.max_parallelism)
    }

    fn plan_states(&self, savepoint: &Savepoint, options: &RestoreOptions) -> Result<OperatorPlan, RestoreError> {
        let plan = self.plan(savepoint, options)?;
        let (uid, is_stored) = (self.uid().to_owned(), self.stored_in(savepoint).is_some());
        Ok(OperatorPlan { uid, keyed: false, is_stored, key: None, states: plan.states().to_vec() })
    }
}

impl<'a> Program<'a> {
    /// A program without operators yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The program has this operator. Several of one uid are instances of one operator, each with [key
    /// groups](Operator::with_key_groups) that no other one has.
    #[must_use]
    pub fn operator<K: StateKey>(mut self, operator: &'a Operator<K>) -> Self {
        self.members.push(operator);
        self
    }

    /// The program has this operator with operator state. Several of one uid are [instances](OperatorStates::with_instance)
    /// of one operator.
    #[must_use]
    pub fn operator_state(mut self, states: &'a OperatorStates) -> Self {
        self.members.push(states);
        self
    }

    /// These options, which know every operator of the program: with them, each is restored.
    #[must_use]
    pub fn options(&self, options: &RestoreOptions) -> RestoreOptions {
        let named = self.members.iter().flat_map(|member| {
            let uids = member.earlier_uids().iter().map(String::as_str).chain([member.uid()]);
            uids.map(|uid| (member.is_keyed(), uid))
        });
        named.fold(options.clone(), |options, (is_keyed, uid)| match is_keyed {
            true => options.with_operator(uid),
            false => options.with_operator_state(uid),
        })
    }

    /// Matches all operators with what is stored, and resolves every serializer of every state of each. Nothing is read
    /// but the manifest.
    ///
    /// # Errors
    /// Something that is stored has no place in the program, or two operators have one uid and are not instances of one
    /// operator: the error lists all problems of all operators at once.
    pub fn plan(&self, savepoint: &Savepoint, options: &RestoreOptions) -> Result<ProgramPlan, RestoreError> {
        let uids = |keyed: bool| {
            let members = self.members.iter().filter(move |member| member.is_keyed() == keyed);
            members.map(|member| member.stored_uid(savepoint)).collect::<Vec<&str>>()
        };
        let (keyed, own) = (uids(true), uids(false));
        let missing = operators_not_declared(savepoint, &keyed, &own, options);
        // What the program does not have is reported once, not by each of its operators.
        let stored = savepoint.operators().iter().map(|operator| operator.meta().uid());
        let stored = stored.chain(savepoint.operator_states().iter().map(|operator| operator.uid()));
        let known = stored.clone().fold(self.options(options), RestoreOptions::with_operator);
        let known = stored.fold(known, RestoreOptions::with_operator_state);
        let (mut operators, mut problems): (Vec<OperatorPlan>, Vec<Problem>) = (Vec::new(), Vec::new());
        for (number, member) in self.members.iter().enumerate() {
            let same = |other: &&&dyn Member| other.uid() == member.uid() && other.is_keyed() == member.is_keyed();
            let mut before = self.members[..number].iter().filter(same).peekable();
            let is_first = before.peek().is_none();
            let ((groups, of), mut before) = (member.instance(), before.map(|other| other.instance()));
            if let Some(other) = before.find(|(others, other_of)| *other_of != of || others.overlaps(groups)) {
                problems.push(Problem::DuplicateOperator {
                    operator: member.uid().to_owned(),
                    is_keyed: member.is_keyed(),
                    instances: [other, (groups, of)],
                });
            }
            let of_same_state = |other: &&&dyn Member| {
                other.uid() != member.uid()
                    && other.is_keyed() == member.is_keyed()
                    && other.stored_uid(savepoint) == member.stored_uid(savepoint)
            };
            if let Some(other) = self.members[..number].iter().find(of_same_state) {
                problems.push(Problem::EarlierUidTaken {
                    stored: member.stored_uid(savepoint).to_owned(),
                    operators: [other.uid().to_owned(), member.uid().to_owned()],
                });
            }
            match member.plan_states(savepoint, &known) {
                // The plan of the first instance represents all, but each can have further problems.
                Ok(plan) if is_first => operators.push(plan),
                Ok(_) => {}
                Err(RestoreError::Refused(refusal)) => problems.extend(refusal.problems),
                Err(other) => return Err(other),
            }
        }
        problems.extend(missing);
        // Each of the operators reports the options of all, and its instances report the same.
        let mut reported = HashSet::new();
        problems.retain(|problem| reported.insert(problem.to_string()));
        let path = savepoint.path().display().to_string();
        if !problems.is_empty() {
            let what = "the program".to_owned();
            return Err(RestoreError::Refused(Box::new(Refusal { what, stored_in: path, problems, help: None })));
        }
        let has = |uid: &str, members: &[&str]| members.contains(&uid);
        let left = savepoint.operators().iter().map(|stored| (stored.meta().uid(), &keyed));
        let left = left.chain(savepoint.operator_states().iter().map(|stored| (stored.uid(), &own)));
        let left = left.filter(|(uid, members)| {
            let named = options.operators.iter().chain(&options.operator_states).any(|named| named == uid);
            !has(uid, members) && !named
        });
        let mut left: Vec<LeftOperator> = left
            .map(|(uid, _)| LeftOperator {
                uid: uid.to_owned(),
                retained: options.retained_operators.iter().any(|retained| retained == uid),
            })
            .collect();
        left.dedup();
        Ok(ProgramPlan { savepoint: path, operators, left })
    }
}

impl ProgramPlan {
    /// What becomes of each operator of the program, in the order in which they were added.
    #[must_use]
    pub fn operators(&self) -> &[OperatorPlan] {
        &self.operators
    }

    /// The uids of stored operators that the program does not have and retains for the next savepoint.
    pub fn retained(&self) -> impl Iterator<Item = &str> {
        self.left.iter().filter(|left| left.retained).map(|left| left.uid.as_str())
    }

    /// The uids of stored operators that the program does not have and leaves out.
    pub fn dropped(&self) -> impl Iterator<Item = &str> {
        self.left.iter().filter(|left| !left.retained).map(|left| left.uid.as_str())
    }
}

impl OperatorPlan {
    /// The uid.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// Whether its state is scoped to keys.
    #[must_use]
    pub fn is_keyed(&self) -> bool {
        self.keyed
    }

    /// The verdict on its keys; `None` if it has none, or nothing of it is stored.
    #[must_use]
    pub fn key(&self) -> Option<Compatibility> {
        self.key
    }

    /// What becomes of each of its states: those that are stored first, then those that are new.
    #[must_use]
    pub fn states(&self) -> &[StatePlan] {
        &self.states
    }
}

impl fmt::Debug for Program<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uids: Vec<&str> = self.members.iter().map(|member| member.uid()).collect();
        f.debug_struct("Program").field("operators", &uids).finish()
    }
}
