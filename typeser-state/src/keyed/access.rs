//! Access to one state of the current key.

use typeser::wire::{DecodeError, EncodeError};

use super::lifetime::Lifetime;
use crate::backend::{Batch, Table};
use crate::descriptor::SerializerPart;
use crate::descriptor::StateError;
use crate::row::RowKeyError;

/// Buffers that are reused from one access to the next.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) value: Vec<u8>,
    pub(crate) end: Vec<u8>,
    pub(crate) batch: Batch,
}

/// Access to one state of the current key.
pub(crate) struct Access<'a, S, B> {
    pub(crate) serializers: &'a S,
    pub(crate) backend: &'a mut B,
    pub(crate) rows: Table,
    /// The key of a row. Its first `prefix` bytes are shared by all rows of this state, key and namespace.
    pub(crate) row: &'a mut Vec<u8>,
    pub(crate) prefix: usize,
    pub(crate) scratch: &'a mut Scratch,
    /// `None` if rows never expire.
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) timers: Table,
    pub(crate) operator: &'a str,
    pub(crate) state: &'a str,
}

impl<S, B> Access<'_, S, B> {
    #[cold]
    pub(crate) fn encode_error(&self, part: SerializerPart, source: EncodeError) -> StateError {
        let (operator, state) = (self.operator.to_owned(), self.state.to_owned());
        StateError::Encode { operator, state, part, source }
    }

    #[cold]
    pub(crate) fn decode_error(&self, part: SerializerPart, source: DecodeError) -> StateError {
        let (operator, state) = (self.operator.to_owned(), self.state.to_owned());
        StateError::Decode { operator, state, part, source }
    }

    #[cold]
    pub(crate) fn row_error(&self, expected: &'static str) -> StateError {
        let source = RowKeyError { offset: self.prefix, length: self.prefix, expected };
        StateError::Row { operator: self.operator.to_owned(), source }
    }

    #[cold]
    pub(crate) fn list_full(&self) -> StateError {
        StateError::ListFull { operator: self.operator.to_owned(), state: self.state.to_owned() }
    }
}
