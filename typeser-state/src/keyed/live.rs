//! Reading and writing the rows of a state, with or without a time to live, so that handles need not know about it.

use std::ops::ControlFlow;

use typeser::TypeSerializer;

use super::access::{Access, Scratch};
use super::lifetime::Age;
use crate::backend::{Backend, RowRange};
use crate::descriptor::StateError;
use crate::descriptor::{STAMP, SerializerPart, split_stamp};
use crate::row::RowKeyError;

impl<S, B> Access<'_, S, B> {
    /// Encodes a value into the buffer, after a time stamp if the state has a time to live.
    #[inline]
    pub(crate) fn encode<T: TypeSerializer>(&mut self, serializer: &T, value: &T::Value) -> Result<(), StateError> {
        let bytes = &mut self.scratch.value;
        bytes.clear();
        if let Some(lifetime) = self.lifetime {
            bytes.extend_from_slice(&lifetime.now.to_le_bytes());
        }
        serializer.serialize(value, bytes).map_err(|source| self.encode_error(SerializerPart::Value, source))
    }
}

impl<S, B> Access<'_, S, B> {
    /// Adds to the batch a write of the value in the buffer.
    pub(crate) fn put_to_batch(&mut self) {
        let Scratch { value, batch, .. } = &mut *self.scratch;
        batch.put(self.rows, self.row, value);
    }
}

impl<S, B: Backend> Access<'_, S, B> {
    /// Writes the value in the buffer to the row.
    #[inline]
    pub(crate) fn put(&mut self) -> Result<(), StateError> {
        Ok(self.backend.put(self.rows, self.row, &self.scratch.value)?)
    }

    /// Calls `read` with the value of the row, if there is one that has not expired.
    #[inline]
    pub(crate) fn read<R>(&mut self, mut read: impl FnMut(&[u8]) -> R) -> Result<Option<R>, StateError> {
        let mut found = None;
        match self.lifetime {
            None => {
                self.backend.get(self.rows, self.row, &mut |bytes| found = Some(read(bytes)))?;
            }
            Some(lifetime) => {
                let mut age = None;
                let value = &mut self.scratch.value;
                let present = self.backend.get(self.rows, self.row, &mut |bytes| {
                    let Some((written, bytes)) = split_stamp(bytes) else { return };
                    let seen = lifetime.age(written);
                    if seen.visible {
                        found = Some(read(bytes));
                    }
                    if seen.refresh {
                        lifetime.restamped(bytes, value);
                    }
                    age = Some(seen);
                })?;
                match age {
                    None if present => return Err(self.stamp_error()),
                    Some(Age { expired: true, .. }) => self.backend.delete(self.rows, self.row)?,
                    Some(Age { refresh: true, .. }) => self.put()?,
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    /// Calls `read` with the value of the row, which is then combined with another one and overwritten. An expired
    /// value is ignored, and stays until it is overwritten.
    #[inline]
    pub(crate) fn read_to_combine<R>(&mut self, mut read: impl FnMut(&[u8]) -> R) -> Result<Option<R>, StateError> {
        let Some(lifetime) = self.lifetime else { return self.read(read) };
        let (mut found, mut damaged) = (None, false);
        self.backend.get(self.rows, self.row, &mut |bytes| match split_stamp(bytes) {
            Some((written, value)) if !lifetime.age(written).expired => found = Some(read(value)),
            Some(_) => {}
            None => damaged = true,
        })?;
        if damaged { Err(self.stamp_error()) } else { Ok(found) }
    }

    /// Calls `visit` with every row of this state, key and namespace that has not expired, as the rest of its key after
    /// the prefix and its value, until `visit` fails.
    pub(crate) fn scan(
        &mut self,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        let (mut failure, mut damaged) = (None, false);
        let (prefix, rows, lifetime) = (self.prefix, self.rows, self.lifetime);
        let Scratch { value: restamped, end, batch } = &mut *self.scratch;
        batch.clear();
        let range = RowRange::of_prefix(&self.row[..prefix], end);
        self.backend.scan(rows, range, &mut |key, stored| {
            let (age, value) = match lifetime {
                None => (Age { visible: true, expired: false, refresh: false }, stored),
                Some(lifetime) => match split_stamp(stored) {
                    Some((written, value)) => (lifetime.age(written), value),
                    None => {
                        damaged = true;
                        return ControlFlow::Break(());
                    }
                },
            };
            if age.expired {
                batch.delete(rows, key);
            }
            if let (true, Some(lifetime)) = (age.refresh, lifetime) {
                lifetime.restamped(value, restamped);
                batch.put(rows, key, restamped);
            }
            match if age.visible { visit(&key[prefix..], value) } else { Ok(()) } {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        match (failure, damaged) {
            (Some(error), _) => Err(error),
            (None, true) => Err(self.stamp_error()),
            (None, false) if self.scratch.batch.is_empty() => Ok(()),
            (None, false) => self.apply(),
        }
    }

    /// Whether a read of this state, key and namespace would return a row. Changes nothing.
    pub(crate) fn has_rows(&mut self) -> Result<bool, StateError> {
        let range = RowRange::of_prefix(&self.row[..self.prefix], &mut self.scratch.end);
        let Some(lifetime) = self.lifetime else {
            return Ok(self.backend.last(self.rows, range, &mut |_, _| ())?);
        };
        let mut visible = false;
        self.backend.scan(self.rows, range, &mut |_, stored| {
            visible = split_stamp(stored).is_some_and(|(written, _)| lifetime.age(written).visible);
            if visible { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(visible)
    }

    /// Fills the batch with the deletion of every row of this state, key and namespace.
    pub(crate) fn delete_all(&mut self) -> Result<(), StateError> {
        let Scratch { end, batch, .. } = &mut *self.scratch;
        batch.clear();
        let rows = self.rows;
        let range = RowRange::of_prefix(&self.row[..self.prefix], end);
        self.backend.scan(rows, range, &mut |key, _| {
            batch.delete(rows, key);
            ControlFlow::Continue(())
        })?;
        Ok(())
    }

    /// Applies the batch.
    pub(crate) fn apply(&mut self) -> Result<(), StateError> {
        Ok(self.backend.apply(&self.scratch.batch)?)
    }

    #[cold]
    fn stamp_error(&self) -> StateError {
        let source = RowKeyError { offset: 0, length: STAMP, expected: "the time of the last write" };
        StateError::Row { operator: self.operator.to_owned(), source }
    }
}
