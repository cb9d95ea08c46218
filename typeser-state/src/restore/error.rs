//! What can go wrong when an operator is opened or restored.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;

use typeser::migrate::{FunctionFailure, MigrateError, NoMigration, NotAdoptable};
use typeser::report::Report;
use typeser::snapshot::WriteSnapshotError;

use crate::backend::BackendError;
use crate::descriptor::{SerializerPart, StateKind, with_article};
use crate::key_group::{KeyGroupRange, MaxParallelism};
use crate::savepoint::ReadSavepointError;

/// Something that is stored and has no place in the program as it is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Problem {
    /// The stored serializer and the new one are incompatible.
    Incompatible(Box<Report>),
    /// The same of a state that the program did not declare itself: its types are derived from those of an operator's
    /// inputs and outputs.
    InternalState {
        /// Which of them changed.
        cause: String,
        /// What that means for the state.
        report: Box<Report>,
    },
    /// A state of this name has another kind now.
    StateKindChanged {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// What it was.
        stored: StateKind,
        /// What it is declared as now.
        new: StateKind,
    },
    /// A state had namespaces and has none any more, or the other way round.
    NamespacesChanged {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// What it is.
        kind: StateKind,
        /// The type of the namespaces that it had.
        stored: Option<String>,
        /// The type of those that it has now.
        new: Option<String>,
    },
    /// A state was given a time to live, or has none any more: only a restore stamps rows or takes the stamps off.
    TimeToLiveChanged {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Whether it has one now.
        turned_on: bool,
    },
    /// A stored state that the operator does not declare any more.
    StateNotDeclared {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// What it is.
        kind: StateKind,
        /// How many rows it has; `None` where they were not counted.
        entries: Option<u64>,
    },
    /// A stored operator that the program does not have any more.
    OperatorNotDeclared {
        /// The operator's uid.
        operator: String,
        /// How many rows they have.
        entries: u64,
    },
    /// A stored operator with operator state that the program does not have any more.
    OperatorStatesNotDeclared {
        /// The operator's uid.
        operator: String,
        /// How many elements, entries and pieces there are.
        entries: u64,
    },
    /// The savepoint does not hold the state of all instances that is needed.
    InstancesMissing {
        /// The operator's uid.
        operator: String,
        /// How many instances there were.
        parallelism: u16,
        /// Which of them no file of the savepoint holds, in order.
        missing: Vec<KeyGroupRange>,
    },
    /// The key groups are others.
    MaxParallelismChanged {
        /// The operator's uid.
        operator: String,
        /// What it was.
        stored: MaxParallelism,
        /// What it is declared as now.
        new: MaxParallelism,
    },
    /// The savepoint does not hold all key groups that the instance owns.
    KeyGroupsMissing {
        /// The operator's uid.
        operator: String,
        /// What the instance owns.
        owned: KeyGroupRange,
        /// What of it no file of the savepoint holds, in order.
        missing: Vec<KeyGroupRange>,
    },
    /// The state has to be migrated, which only a restore does.
    NeedsRestore(Box<Report>),
    /// There are as many stored states as there are numbers for them.
    TooManyStates {
        /// The operator's uid.
        operator: String,
        /// The state that has no number.
        state: String,
    },
}

/// All problems of an operator, or of a program. Nothing was written, and what is stored is as it was.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub(super) what: String,
    pub(super) stored_in: String,
    pub(super) problems: Vec<Problem>,
    /// What else helps, whatever the problem is.
    pub(super) help: Option<&'static str>,
}

/// Why an operator was not opened or restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// What is stored has no place in the program as it is.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The savepoint cannot be read.
    #[error(transparent)]
    Savepoint(#[from] ReadSavepointError),
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A restore did not come to its end.
    #[error(
        "the backend holds an unfinished restore from {savepoint}: restore again: what was killed goes on where it was, \
         what failed or is another one begins afresh; or choose another backend"
    )]
    Unfinished {
        /// The savepoint from which it was restored.
        savepoint: String,
    },
    /// The state of another operator.
    #[error(
        "the backend holds the state of operator `{stored}`, not of `{asked}`: give each operator a backend of its own, or, \
         if the uid was changed, change it back"
    )]
    OtherOperator {
        /// Whose state it holds.
        stored: String,
        /// Who wanted to open it.
        asked: String,
    },
    /// The state of another instance.
    #[error(
        "the backend holds key groups {stored} of operator `{operator}`; this instance owns {asked}: to share state out \
         anew, take a savepoint of all instances as they were, and restore from it"
    )]
    OtherKeyGroups {
        /// The operator's uid.
        operator: String,
        /// What it holds.
        stored: KeyGroupRange,
        /// What the instance owns.
        asked: KeyGroupRange,
    },
    /// What the backend says of its state cannot be read.
    #[error(
        "the backend holds state that this release of typeser cannot read: {reason}; open it with the release that wrote \
         it, or restore the last savepoint into an empty backend"
    )]
    Unreadable {
        /// What is wrong.
        reason: String,
    },
    /// The backend has state already.
    #[error(
        "the backend holds state already ({found}): a restore needs an empty one; open it instead, or choose another"
    )]
    NotEmpty {
        /// Whose.
        found: String,
    },
    /// A stored row is not what its snapshot says.
    #[error(
        "{}: at offset {offset}: the {part} of state `{state}` of operator `{operator}`: {source}; \
         the stored bytes are not what their snapshot says: restore another savepoint; the backend holds an unfinished \
         restore, and the next one begins afresh",
        file.display()
    )]
    Migrate {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Which part of the row.
        part: SerializerPart,
        /// The file of the savepoint.
        file: PathBuf,
        /// Where in it the row begins.
        offset: u64,
        /// What is wrong.
        source: MigrateError,
    },
    /// A function of the program did not convert a stored value.
    #[error(
        "{}: at offset {offset}: the {part} of state `{state}` of operator `{operator}` under key {key}: {source}; \
         nothing is lost: the savepoint is as it was; correct the function or repair the value in the savepoint, and \
         restore again, or leave the state out with `RestoreOptions::new().drop_state({state:?})`; the backend holds an \
         unfinished restore, and the next one begins afresh",
        file.display()
    )]
    Function {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Which part of the row.
        part: SerializerPart,
        /// The key, as text, and the map key of an entry of a map; shortened if they are long.
        key: String,
        /// The file of the savepoint.
        file: PathBuf,
        /// Where in it the row begins.
        offset: u64,
        /// Which function, where in the value, and why.
        source: Box<FunctionFailure>,
    },
    /// The verdict asks for a migration that there is none of. Nothing was written.
    #[error(
        "{part} of state `{state}` of operator `{operator}`: {source}; or leave the state out with \
         `RestoreOptions::new().drop_state({state:?})`; nothing was written"
    )]
    NoMigration {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Which part of its rows.
        part: SerializerPart,
        /// Why not.
        source: NoMigration,
    },
    /// Two stored rows would become one.
    #[error(
        "{}: at offset {offset}: the map key of this row of state `{state}` of operator `{operator}` migrates to the \
         same bytes as that of a row before it, so one of the two would be lost: keep the stored type of the map key, or \
         leave the state out with `RestoreOptions::new().drop_state({state:?})`; the backend holds an unfinished \
         restore, and the next one begins afresh",
        file.display()
    )]
    Collision {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// The file of the savepoint.
        file: PathBuf,
        /// Where in it the row begins.
        offset: u64,
    },
    /// A serializer does not take over what the resolver says it can.
    #[error(transparent)]
    NotAdoptable(#[from] NotAdoptable),
    /// A snapshot cannot be stored.
    #[error(transparent)]
    Snapshot(#[from] WriteSnapshotError),
}

impl Refusal {
    /// Several refusals as one of the whole program. A problem of several operators is reported once.
    pub(crate) fn join(refusals: Vec<Self>) -> Option<Self> {
        let stored_in = refusals.first()?.stored_in.clone();
        let mut reported = HashSet::new();
        let problems = refusals.into_iter().flat_map(|refusal| refusal.problems);
        let problems = problems.filter(|problem| reported.insert(problem.to_string())).collect();
        Some(Self { what: "the program".to_owned(), stored_in, problems, help: None })
    }

    /// All problems, in the order of what is stored.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let problems = if count == 1 { "problem" } else { "problems" };
        writeln!(
            f,
            "{} does not fit what is stored in {}: {count} {problems}; nothing was written, all is as it was",
            self.what, self.stored_in
        )?;
        for problem in &self.problems {
            write!(f, "\n{}\n", problem.to_string().trim_end())?;
        }
        self.help.map_or(Ok(()), |help| write!(f, "\nhelp: {help}\n"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incompatible(report) | Self::NeedsRestore(report) => write!(f, "{report}"),
            Self::InternalState { cause, report } => write!(f, "{cause}:\n{report}"),
            Self::StateKindChanged { operator, state, stored, new } => write!(
                f,
                "error[state-kind-changed]: state `{state}` of operator `{operator}` was stored as {} and is \
                 declared as {}\n   \
                 = the rows of the two are laid out differently, so none could be read\n\
                 help: declare the {new} under another name, and keep the {stored} as it was\n\
                 help: to begin with an empty {new}: `RestoreOptions::new().drop_state({state:?})`",
                with_article(&stored.to_string()),
                with_article(&new.to_string())
            ),
            Self::NamespacesChanged { operator, state, kind, stored, new } => {
                let side = |name: &Option<String>| match name {
                    Some(name) => format!("in namespaces of `{name}`"),
                    None => "without namespaces".to_owned(),
                };
                write!(
                    f,
                    "error[namespaces-changed]: the {kind} `{state}` of operator `{operator}` was stored {} and is \
                     declared {}\n   \
                     = the namespace is a part of where a row lies, so nothing would be found again\n\
                     help: declare the state as it was, and another one under another name\n\
                     help: to begin with an empty one: `RestoreOptions::new().drop_state({state:?})`",
                    side(stored),
                    side(new)
                )
            }
            Self::TimeToLiveChanged { operator, state, turned_on } => {
                let (was, now) = if *turned_on { ("without", "with") } else { ("with", "without") };
                write!(
                    f,
                    "error[time-to-live-changed]: state `{state}` of operator `{operator}` was stored {was} a time to \
                     live and is declared {now} one\n   \
                     = with one, every stored value begins with the time of its last write\n\
                     help: take a savepoint and restore it: that is a migration, which loses nothing that has not expired"
                )
            }
            Self::StateNotDeclared { operator, state, kind, entries } => {
                write!(
                    f,
                    "error[state-not-declared]: operator `{operator}` does not declare `{state}`, {} that is \
                     stored",
                    with_article(&kind.to_string())
                )?;
                if let Some(entries) = entries {
                    write!(f, "\n   = {} would be lost", rows(*entries))?;
                }
                write!(
                    f,
                    "\nhelp: declare the state again\n\
                     help: to keep its bytes for the next savepoint: `RestoreOptions::new().retain_state({state:?})`\n\
                     help: to leave it out: `RestoreOptions::new().drop_state({state:?})`"
                )
            }
            Self::OperatorNotDeclared { operator, entries } => write!(
                f,
                "error[operator-not-declared]: operator `{operator}` is stored, but the program does not have it\n   \
                 = {} would be lost\n\
                 help: if the program restores it on its own: `RestoreOptions::new().with_operator({operator:?})`\n\
                 help: if its uid was changed, change it back: stored state is found by the uid\n\
                 help: to keep its bytes for the next savepoint: `RestoreOptions::new().retain_operator({operator:?})`\n\
                 help: to leave it out: `RestoreOptions::new().drop_operator({operator:?})`",
                rows(*entries)
            ),
            Self::OperatorStatesNotDeclared { operator, entries } => write!(
                f,
                "error[operator-not-declared]: state of operator `{operator}` itself is stored, but the program does not \
                 restore it\n   \
                 = {} would be lost\n\
                 help: if the program restores it on its own: \
                 `RestoreOptions::new().with_operator_state({operator:?})`\n\
                 help: if its uid was changed, change it back: stored state is found by the uid\n\
                 help: to keep its bytes for the next savepoint: `RestoreOptions::new().retain_operator({operator:?})`\n\
                 help: to leave it out: `RestoreOptions::new().drop_operator({operator:?})`",
                rows(*entries)
            ),
            Self::InstancesMissing { operator, parallelism, missing } => write!(
                f,
                "error[instances-missing]: the savepoint lacks instances {} of operator `{operator}`, of which there \
                 were {parallelism}\n   \
                 = not all instances were in the savepoint when it was taken; their elements would be lost\n\
                 help: take the savepoint again, of every instance\n\
                 help: to go on with a part: at a parallelism of {parallelism}, an instance needs nothing but its own \
                 state; only union lists need all, so leave those out with `RestoreOptions::new().drop_state(..)`",
                KeyGroupRange::list(missing)
            ),
            Self::MaxParallelismChanged { operator, stored, new } => write!(
                f,
                "error[max-parallelism-changed]: operator `{operator}` was stored in {stored} key groups and is \
                 declared with {new}\n   \
                 = a key's group decides where its state lies, so nothing would be found again\n\
                 help: declare `with_max_parallelism(MaxParallelism::new({stored})?)?`\n\
                 help: to go on with {new}, edit the savepoint, where every row moves to its new key group, and restore \
                 what comes of it\n \
                 |\n \
                 | typeser state edit SAVEPOINT --max-parallelism {} {new} --output NEW-SAVEPOINT\n \
                 |\n\
                 help: or do the same in a program: `SavepointEdit::of(&savepoint).with_max_parallelism({operator:?}, \
                 MaxParallelism::new({new})?)`",
                shell_word(operator)
            ),
            Self::KeyGroupsMissing { operator, owned, missing } => write!(
                f,
                "error[key-groups-missing]: the savepoint lacks key groups {} of operator `{operator}`; this instance \
                 owns {owned}\n   \
                 = not all instances were in the savepoint when it was taken; their keys would start empty\n\
                 help: take the savepoint again, of every instance\n\
                 help: if the other instances wrote savepoints of their own, restore those with the key groups that \
                 they hold\n\
                 help: to restore a part: `with_key_groups` with groups that the savepoint holds",
                KeyGroupRange::list(missing)
            ),
            Self::TooManyStates { operator, state } => {
                write!(
                    f,
                    "error[too-many-states]: operator `{operator}` has no number left for state `{state}`: it can have \
                     65536 states, stored ones among them\n\
                     help: leave out stored states that are not needed: `RestoreOptions::new().drop_state(..)`, then \
                     take a savepoint and restore from that\n\
                     help: declare fewer states: what differs by name alone fits into one map state"
                )
            }
        }
    }
}

fn rows(count: u64) -> String {
    match count {
        0 => "no row".to_owned(),
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

/// A name as it is typed into a shell.
fn shell_word(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/@".contains(c);
    let quoted = || format!("'{}'", name.replace('\'', "'\\''"));
    if name.chars().all(plain) { name.to_owned() } else { quoted() }
}
