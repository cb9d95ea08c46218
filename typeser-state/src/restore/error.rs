//! What can go wrong when an operator is opened or restored.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;

use typeser::migrate::{FunctionFailure, MigrateError, NoMigration, NotAdoptable};
use typeser::snapshot::WriteSnapshotError;

use super::problem::Problem;
use crate::backend::BackendError;
use crate::descriptor::SerializerPart;
use crate::key_group::KeyGroupRange;
use crate::savepoint::ReadSavepointError;

/// All problems of an operator, or of a program. Nothing was written, and what is stored is as it was.
#[derive(Clone)]
pub struct Refusal {
    pub(super) what: String,
    pub(super) stored_in: String,
    pub(super) problems: Vec<Problem>,
    /// What else helps, whatever the problem is.
    pub(super) help: Option<&'static str>,
}

/// Why an operator was not opened or restored.
#[derive(thiserror::Error)]
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
        "the backend holds an unfinished restore from {savepoint}: run the restore again (a killed one continues where it \
         stopped, a failed one or another one starts over), or choose another backend"
    )]
    Unfinished {
        /// The savepoint from which it was restored.
        savepoint: String,
    },
    /// The state of another operator.
    #[error(
        "the backend holds the state of operator `{stored}`, not of `{asked}`: give each operator a separate backend, or, \
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
        "the backend holds key groups {stored} of operator `{operator}`; this instance owns {asked}: to redistribute \
         state, take a savepoint of all instances as they were, and restore from it"
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
         restore, and the next one starts over",
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
         restore again, or empty the state with `RestoreOptions::new().reset_state({operator:?}, {state:?})`; the \
         backend holds an unfinished restore, and the next one starts over",
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
        "{part} of state `{state}` of operator `{operator}`: {source}; or empty the state with \
         `RestoreOptions::new().reset_state({operator:?}, {state:?})`; nothing was written"
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
        "{}: at offset {offset}: the map keys {} and {} of state `{state}` of operator `{operator}` migrate to the same \
         bytes, so one of the two would be lost: correct the function that converts the map key, which must give \
         different results for different keys, or keep the stored type of the map key, or empty the \
         state with `RestoreOptions::new().reset_state({operator:?}, {state:?})`; the backend holds an unfinished \
         restore, and the next one starts over",
        file.display(), keys[0], keys[1]
    )]
    Collision {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// The two stored map keys, as values and as bytes; shortened if they are long.
        keys: Box<[String; 2]>,
        /// The file of the savepoint.
        file: PathBuf,
        /// Where in it the second one's row begins.
        offset: u64,
    },
    /// A serializer does not take over what the resolver says it can.
    #[error(transparent)]
    NotAdoptable(#[from] NotAdoptable),
    /// A snapshot cannot be stored.
    #[error(transparent)]
    Snapshot(#[from] WriteSnapshotError),
}

typeser::text::debug_as_display!(RestoreError);

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

typeser::text::debug_as_display!(Refusal);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let problems = if count == 1 { "problem" } else { "problems" };
        writeln!(
            f,
            "{} does not fit what is stored in {}: {count} {problems}; nothing was written or changed",
            self.what, self.stored_in
        )?;
        for problem in &self.problems {
            write!(f, "\n{}\n", problem.to_string().trim_end())?;
        }
        self.help.map_or(Ok(()), |help| write!(f, "\nhelp: {help}\n"))
    }
}
