//! The error that passes through serde, and what to do about it.

use std::fmt::{self, Display};

use crate::wire::{DecodeError, EncodeError};

/// What to do about a type that the bridge cannot store.
pub(super) const ADVICE: &str = "serde's `untagged`, `flatten`, `tag`, `skip_serializing`, `skip_serializing_if` and `skip_deserializing` cannot be stored this way: write a `CustomSerializer` for the type";

/// An error of this bridge or of the type that passes over it.
#[derive(Debug)]
pub(super) struct BridgeError(pub(super) String);

impl Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BridgeError {}

impl serde::ser::Error for BridgeError {
    fn custom<T: Display>(reason: T) -> Self {
        Self(reason.to_string())
    }
}

impl serde::de::Error for BridgeError {
    fn custom<T: Display>(reason: T) -> Self {
        Self(reason.to_string())
    }
}

impl From<EncodeError> for BridgeError {
    fn from(error: EncodeError) -> Self {
        Self(error.kind().to_string())
    }
}

impl From<DecodeError> for BridgeError {
    fn from(error: DecodeError) -> Self {
        Self(format!("at offset {} of them: {}", error.offset(), error.kind()))
    }
}
