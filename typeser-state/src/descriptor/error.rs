//! The errors of declaring, reading and writing state.

use typeser::schema::Limits;
use typeser::serializer::DescribeError;
use typeser::wire::{DecodeError, EncodeError};

use super::meta::SerializerPart;
use crate::backend::BackendError;
use crate::key_group::{KeyGroup, KeyGroupRange, MaxParallelism};
use crate::row::{RowKeyError, RowTooLarge};

/// Why state cannot be declared, read or written.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// A type without a snapshot.
    #[error("`{name}`: {source}")]
    Type {
        /// The state, or the operator if it is the type of its keys.
        name: String,
        /// Why.
        source: DescribeError,
    },
    /// Two states of one operator have the same name.
    #[error(
        "operator `{operator}` declares two states named `{name}`: {} and {}; \
         stored state is found by its name, so give one of them a different name",
        with_article(first),
        with_article(second)
    )]
    DuplicateState {
        /// The operator's uid.
        operator: String,
        /// The name.
        name: String,
        /// The first declaration.
        first: String,
        /// The second declaration.
        second: String,
    },
    /// A name that a state had earlier belongs to another state as well.
    #[error(
        "operator `{operator}`: `{}` and `{}` both have the name `{name}`, now or earlier, so a stored state of this \
         name could be either; remove `with_earlier_name({name:?})` from one of them",
        states[0],
        states[1]
    )]
    EarlierNameTaken {
        /// The operator's uid.
        operator: String,
        /// The name.
        name: String,
        /// The names of the two states.
        states: [String; 2],
    },
    /// Namespaces or a time to live for operator state.
    #[error(
        "`{name}`, {} in the operator state of `{operator}`, cannot have namespaces or a time to live: only keyed \
         state \
         can; remove them from the descriptor",
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
    /// An empty name or uid.
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
    /// Key groups that do not exist.
    #[error(
        "operator `{operator}`: an instance cannot own key groups {range}: with a max parallelism of \
         {max_parallelism} the last group is {}; give it other key groups, or declare a larger max parallelism first",
        max_parallelism.groups() - 1
    )]
    KeyGroups {
        /// The operator's uid.
        operator: String,
        /// The key groups of the instance.
        range: KeyGroupRange,
        /// The number of key groups.
        max_parallelism: MaxParallelism,
    },
    /// No key is the current one.
    #[error(
        "operator `{operator}` has no current key: call `set_current_key` before state is read or written; calls for no \
         key, such as those of an element for all instances, of `initialize_state` and of `snapshot_state`, begin \
         without one"
    )]
    NoCurrentKey {
        /// The operator's uid.
        operator: String,
    },
    /// A key other than the one that a function of the state processor is called for.
    #[error(
        "operator `{operator}`: the function is called for one key at a time, and the state of other keys is not \
         accessible in that call: read and write the state of each key when the function is called for it"
    )]
    OtherKey {
        /// The operator's uid.
        operator: String,
    },
    /// A handle of another operator.
    #[error(
        "operator `{operator}` did not create this handle: a handle works only with the `Operator` that declared it, \
         not \
         with another one of the same uid; use one `Operator` to declare, open and access state"
    )]
    ForeignHandle {
        /// The operator's uid.
        operator: String,
    },
    /// A key that another instance owns.
    #[error(
        "the key belongs to key group {key_group}, but this instance of operator `{operator}` owns {owned}: \
         the element was sent to the wrong instance; `KeyedStateBackend::partitioner` tells which one owns a key"
    )]
    ForeignKey {
        /// The operator's uid.
        operator: String,
        /// The group of the key.
        key_group: KeyGroup,
        /// The key groups of the instance.
        owned: KeyGroupRange,
    },
    /// A key group that another instance owns.
    #[error(
        "key group {key_group} is not among {owned}, which this instance of operator `{operator}` owns: raw state \
         belongs to the instance that owns its key group"
    )]
    ForeignKeyGroup {
        /// The operator's uid.
        operator: String,
        /// The group.
        key_group: KeyGroup,
        /// The key groups of the instance.
        owned: KeyGroupRange,
    },
    /// No namespace is the current one.
    #[error(
        "state `{state}` of operator `{operator}` has namespaces, and none is the current one: call \
         `set_current_namespace` before the state is read or written"
    )]
    NoCurrentNamespace {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
    },
    /// A namespace of a type that no declared state has.
    #[error(
        "no state of operator `{operator}` was declared with namespaces of type `{found}`: declare one with \
         `with_namespace::<{found}>()`, or set a namespace of the type that was declared"
    )]
    NoSuchNamespace {
        /// The operator's uid.
        operator: String,
        /// The given type.
        found: &'static str,
    },
    /// The namespace cannot be written.
    #[error("the namespace of operator `{operator}`: {source}")]
    EncodeNamespace {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: EncodeError,
    },
    /// A stored namespace cannot be read.
    #[error(
        "a stored namespace of operator `{operator}`: {source}; the backend was changed or damaged: restore the last \
         savepoint into an empty one"
    )]
    DecodeNamespace {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: DecodeError,
    },
    /// A namespace that is too large.
    #[error("the namespace of operator `{operator}`: {source}; use a shorter one, such as a hash of it")]
    NamespaceTooLarge {
        /// The operator's uid.
        operator: String,
        /// How large.
        source: RowTooLarge,
    },
    /// The key cannot be written.
    #[error("the key of operator `{operator}`: {source}")]
    EncodeKey {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: EncodeError,
    },
    /// A stored key cannot be read.
    #[error(
        "a stored key of operator `{operator}`: {source}; the backend was changed or damaged: restore the last \
         savepoint into an empty one"
    )]
    DecodeKey {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: DecodeError,
    },
    /// A value cannot be written.
    #[error("a {part} of state `{state}` of operator `{operator}`: {source}")]
    Encode {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Which part.
        part: SerializerPart,
        /// Why.
        source: EncodeError,
    },
    /// A stored value cannot be read.
    #[error(
        "a stored {part} of state `{state}` of operator `{operator}`: {source}; the backend was changed or damaged: \
         restore the last savepoint into an empty one"
    )]
    Decode {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Which part.
        part: SerializerPart,
        /// Why.
        source: DecodeError,
    },
    /// A row whose key is malformed.
    #[error(
        "operator `{operator}` has a damaged row in its backend: {source}; restore the last savepoint into an empty one"
    )]
    Row {
        /// The operator's uid.
        operator: String,
        /// What is malformed.
        source: RowKeyError,
    },
    /// A key that is too large.
    #[error("the key of operator `{operator}`: {source}; use a shorter key, such as a hash of it")]
    KeyTooLarge {
        /// The operator's uid.
        operator: String,
        /// How large.
        source: RowTooLarge,
    },
    /// A list of 2^64 - 1 elements.
    #[error("state `{state}` of operator `{operator}` has the largest possible number of elements: clear or update it")]
    ListFull {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
    },
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

typeser::text::debug_as_display!(StateError);

/// Adds the article for a message: "a value state", "an aggregating state".
pub(crate) fn with_article(what: &str) -> String {
    let article = if what.starts_with('a') { "an" } else { "a" };
    format!("{article} {what}")
}
