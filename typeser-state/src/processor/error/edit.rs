//! Problems of an edit of a savepoint.

use std::fmt;
use std::path::PathBuf;

use typeser::report::Report;

use super::names;
use super::read::ReadStateError;
use super::refused::Refused;
use crate::descriptor::StateError;
use crate::key_group::KeyGroupRange;

/// Something in an edit that does not fit its base.
#[derive(Debug)]
pub struct EditProblem(pub(crate) Conflict);

/// What does not fit.
#[derive(Debug)]
pub(crate) enum Conflict {
    /// The base holds no such operator.
    NoSuchOperator { operator: String, what: &'static str, known: Vec<String> },
    /// The operator has no such state.
    NoSuchState { operator: String, state: String, known: Vec<String> },
    /// Two operators would have one uid.
    OperatorTaken { operator: String },
    /// Two states of an operator would have one name.
    StateTaken { operator: String, state: String },
    /// Two things are to be done with an operator that cannot be done at once.
    Combined { operator: String, first: &'static str, second: &'static str },
    /// A state would go to an operator of other keys.
    KeysDiffer { state: String, from: String, to: String, report: Box<Report> },
    /// The state of an operator itself would go to one of another parallelism.
    ParallelismDiffers { state: String, from: String, to: String, parallelism: (u16, u16) },
    /// Rows would move, and bytes that only the program understands could not.
    RawState { operator: String, state: String },
    /// Rows would move to key groups that the base does not hold.
    KeyGroupsMissing { operator: String, missing: Vec<KeyGroupRange> },
    /// An operator would have more states than there are numbers for them.
    TooManyStates { operator: String, state: String },
    /// A name that no operator or state can have.
    Name(StateError),
    /// Serializers that were given are incompatible, or need functions of the program.
    Refused(Box<Refused>),
    /// What a function is to change does not fit what is stored: the same report as on a restore.
    Modify(Box<ReadStateError>),
}

/// All problems of an edit. Nothing was written.
pub struct EditRefused {
    pub(crate) base: PathBuf,
    pub(crate) problems: Vec<EditProblem>,
}

impl EditRefused {
    /// All problems, in the order in which the edit was written.
    #[must_use]
    pub fn problems(&self) -> &[EditProblem] {
        &self.problems
    }
}

impl std::error::Error for EditRefused {}

typeser::text::debug_as_display!(EditRefused);

impl fmt::Display for EditRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let problems = if count == 1 { "problem" } else { "problems" };
        let base = self.base.display();
        writeln!(f, "the edit does not fit the savepoint {base}: {count} {problems}; nothing was written")?;
        for problem in &self.problems {
            write!(f, "\n{}\n", problem.to_string().trim_end())?;
        }
        Ok(())
    }
}

impl EditProblem {
    /// What a function is to change does not fit what is stored: the same report as on a restore.
    #[must_use]
    pub fn modify(&self) -> Option<&ReadStateError> {
        match &self.0 {
            Conflict::Modify(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for EditProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchOperator { operator, what, known } => write!(
                f,
                "error: the savepoint holds no {what} of operator `{operator}`\n   \
                 = it holds {}\n\
                 help: operators are named as in the base, whatever else the edit does with them; uids are compared exactly",
                names(known)
            ),
            Self::NoSuchState { operator, state, known } => write!(
                f,
                "error: operator `{operator}` has no state `{state}`\n   \
                 = it has {}\n\
                 help: states are named as in the base, whatever else the edit does with them; names are compared exactly",
                names(known)
            ),
            Self::OperatorTaken { operator } => write!(
                f,
                "error: two operators would have the uid `{operator}`\n\
                 help: remove the one of the base, which the other one then replaces, or choose another uid"
            ),
            Self::StateTaken { operator, state } => write!(
                f,
                "error: two states of operator `{operator}` would have the name `{state}`\n\
                 help: remove one of them, or rename it"
            ),
            Self::Combined { operator, first, second } => write!(
                f,
                "error: operator `{operator}` cannot be {first} and {second} at once\n\
                 help: do it in two edits, the second one on what the first one wrote"
            ),
            Self::KeysDiffer { state, from, to, report } => write!(
                f,
                "error: state `{state}` of operator `{from}` cannot go to operator `{to}`: their keys differ\n{}\n\
                 help: give the operators the same keys first, with a re-key",
                report.to_string().trim_end()
            ),
            Self::ParallelismDiffers { state, from, to, parallelism: (has, other) } => write!(
                f,
                "error: state `{state}` of operator `{from}` cannot go to operator `{to}`: it has {has} instances, that \
                 one {other}\n\
                 help: read both with `OperatorStates::read`, which brings all instances together, and add what comes of \
                 it in their place"
            ),
            Self::RawState { operator, state } => write!(
                f,
                "error: the rows of operator `{operator}` would move, and the raw keyed state `{state}` could not\n   \
                 = its bytes belong to key groups, and only the program that wrote them knows their keys\n\
                 help: remove that state in the same edit, or let the program write it again for the new key groups"
            ),
            Self::KeyGroupsMissing { operator, missing } => write!(
                f,
                "error: the rows of operator `{operator}` would move between all key groups, and the savepoint lacks {}\n\
                 help: edit a savepoint of all instances",
                KeyGroupRange::list(missing)
            ),
            Self::TooManyStates { operator, state } => write!(
                f,
                "error: operator `{operator}` has as many states as there are numbers for them, and no place for `{state}`\n\
                 help: in an edit before this one, remove states that are not needed, or move some to another operator"
            ),
            Self::Name(error) => write!(f, "error: {error}"),
            Self::Refused(refused) => write!(f, "{}", refused.to_string().trim_end()),
            Self::Modify(error) => write!(f, "{}", error.to_string().trim_end()),
        }
    }
}
