//! What can be wrong with a declaration.

use typeser::schema::Limits;
use typeser::serializer::DescribeError;

use crate::key_group::{KeyGroupRange, MaxParallelism};

/// Why an operator or a state cannot be declared so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeclareError {
    /// A type has no snapshot.
    #[error("`{name}`: {source}")]
    Type {
        /// The state, or the operator whose key it is.
        name: String,
        /// Why.
        source: DescribeError,
    },
    /// Two states of one operator have the same name.
    #[error(
        "operator `{operator}` declares two states named `{name}`: {} and {}; \
         stored state is found by its name, so give one of them another",
        with_article(first),
        with_article(second)
    )]
    DuplicateState {
        /// The operator's uid.
        operator: String,
        /// The name.
        name: String,
        /// What was declared first.
        first: String,
        /// What was declared then.
        second: String,
    },
    /// Namespaces or a time to live for what has no keys.
    #[error(
        "`{name}`, {} of operator `{operator}` itself, cannot have namespaces or a time to live: only keyed state has \
         them; leave them out of the descriptor",
        with_article(kind)
    )]
    OnlyKeyed {
        /// The operator's uid.
        operator: String,
        /// The state.
        name: String,
        /// Its kind.
        kind: String,
    },
    /// A name or uid without a character.
    #[error("{what} needs a name: stored state is found by it")]
    EmptyName {
        /// `an operator` or `a state`.
        what: &'static str,
    },
    /// A name or uid that is too long.
    #[error("the name of {what} takes {length} bytes; names may have {}: choose a shorter one", Limits::NAME_BYTES)]
    NameTooLong {
        /// `an operator` or `a state`.
        what: &'static str,
        /// The length in bytes.
        length: usize,
    },
    /// An instance cannot own key groups that do not exist.
    #[error(
        "operator `{operator}`: an instance of key groups {range} does not fit a max parallelism of {max_parallelism}, \
         whose last group is {}; give it others, or declare a larger max parallelism first",
        max_parallelism.groups() - 1
    )]
    KeyGroups {
        /// The operator's uid.
        operator: String,
        /// What the instance was to own.
        range: KeyGroupRange,
        /// How many key groups there are.
        max_parallelism: MaxParallelism,
    },
}

/// In the words of a message: "a value state", "an aggregating state".
pub(crate) fn with_article(what: &str) -> String {
    let article = if what.starts_with('a') { "an" } else { "a" };
    format!("{article} {what}")
}
