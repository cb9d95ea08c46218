//! What can go wrong when a program reads or writes its state.

use typeser::wire::{DecodeError, EncodeError};

use crate::backend::BackendError;
use crate::descriptor::SerializerPart;
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::row::{RowKeyError, RowTooLarge};

/// Why state cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Nobody said whose state is meant.
    #[error("operator `{operator}` has no current key: call `set_current_key` before state is read or written")]
    NoCurrentKey {
        /// The operator's uid.
        operator: String,
    },
    /// The handle of another operator.
    #[error(
        "operator `{operator}` did not give out this handle: handles work with the operator that declared them, not \
         with another one of the same uid; declare, open and access with one `Operator`"
    )]
    ForeignHandle {
        /// The operator's uid.
        operator: String,
    },
    /// A key of another instance.
    #[error(
        "the key belongs to key group {key_group}, this instance of operator `{operator}` owns {owned}: \
         the element was sent to the wrong instance; `KeyedStateBackend::partitioner` says to which one a key belongs"
    )]
    ForeignKey {
        /// The operator's uid.
        operator: String,
        /// The group of the key.
        key_group: KeyGroup,
        /// What the instance owns.
        owned: KeyGroupRange,
    },
    /// A key group of another instance.
    #[error(
        "key group {key_group} is not among {owned}, which this instance of operator `{operator}` owns: raw state goes \
         where its key group goes"
    )]
    ForeignKeyGroup {
        /// The operator's uid.
        operator: String,
        /// The group.
        key_group: KeyGroup,
        /// What the instance owns.
        owned: KeyGroupRange,
    },
    /// Nobody said which namespace is meant.
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
    /// A namespace of a type that no state was declared with.
    #[error(
        "no state of operator `{operator}` was declared with namespaces of type `{found}`: declare one with \
         `with_namespace::<{found}>()`, or set a namespace of the type that was declared"
    )]
    NoSuchNamespace {
        /// The operator's uid.
        operator: String,
        /// The type that was given.
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
        "a stored namespace of operator `{operator}`: {source}; the backend was changed or damaged: restore the last savepoint into an empty one"
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
        "a stored key of operator `{operator}`: {source}; the backend was changed or damaged: restore the last savepoint into an empty one"
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
        "a stored {part} of state `{state}` of operator `{operator}`: {source}; the backend was changed or damaged: restore the last savepoint into an empty one"
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
    /// A row whose key no release of typeser wrote.
    #[error(
        "operator `{operator}` has a damaged row in its backend: {source}; restore the last savepoint into an empty one"
    )]
    Row {
        /// The operator's uid.
        operator: String,
        /// What is wrong with it.
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
    #[error("state `{state}` of operator `{operator}` holds as many elements as a list can: clear or update it")]
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
