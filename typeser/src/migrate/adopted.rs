//! The serializer for stored bytes that stay unchanged: the plain one, or one that translates layouts.

use std::sync::Arc;

use super::memory::Memory;
use super::reconfigured::Reconfigured;
use crate::resolve::{Compatibility, Resolution};
use crate::serializer::{AsKey, Serializer, StateKey, StateType, TypeSerializer};
use crate::snapshot::SerializerSnapshot;
use crate::wire::{DecodeError, EncodeError};

/// A serializer that reads stored bytes without a migration: the plain serializer, or a reconfigured one.
///
/// A reconfigured serializer reads and writes the stored layout. Its snapshot is the adopted one, which the next
/// savepoint stores. Flink calls this `compatibleWithReconfiguredSerializer`.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use typeser::resolve::{Compatibility, Policy, Role};
/// use typeser::{Serializer, StateType, TypeSerializer, resolve};
///
/// #[derive(StateType)]
/// #[state(name = "Point")]
/// struct Stored { x: u8, y: u8 }
///
/// #[derive(StateType, Debug, PartialEq)]
/// struct Point { y: u8, x: u8 }
///
/// let (stored, plain) = (Serializer::<Stored>::new()?, Serializer::<Point>::new()?);
/// let resolution = resolve(stored.snapshot(), plain.snapshot(), Role::Value, &Policy::default());
/// assert_eq!(resolution.compatibility(), Compatibility::AfterReconfigure);
///
/// // The stored layout stays: x comes first, for old values and for new ones.
/// let adopted = resolution.adopt(&plain)?;
/// assert_eq!(adopted.deserialize(&[1, 2])?, Point { x: 1, y: 2 });
/// let mut bytes = Vec::new();
/// adopted.serialize(&Point { x: 3, y: 4 }, &mut bytes)?;
/// assert_eq!(bytes, [3, 4]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Adopted<T> {
    plain: Serializer<T>,
    reconfigured: Option<Arc<Reconfigured>>,
}

/// Requires no `T: Clone`.
impl<T> Clone for Adopted<T> {
    fn clone(&self) -> Self {
        Self { plain: self.plain.clone(), reconfigured: self.reconfigured.clone() }
    }
}

/// Why stored bytes cannot be used without a migration.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdoptable {
    /// The verdict does not allow it.
    #[error("`{stored}` cannot be used as it is stored: the verdict is \"{verdict}\"")]
    Verdict {
        /// The stored serializer.
        stored: String,
        /// The verdict.
        verdict: Compatibility,
    },
    /// The resolution was made for another serializer.
    #[error("the resolution was made for `{resolved}`, not for `{serializer}`")]
    OtherSerializer {
        /// The serializer that was resolved.
        resolved: String,
        /// The one that was given.
        serializer: String,
    },
}

crate::text::debug_as_display!(NotAdoptable);

impl Resolution {
    /// The serializer under which stored bytes stay unchanged.
    ///
    /// # Errors
    /// The verdict is neither [`Compatibility::Compatible`] nor [`Compatibility::AfterReconfigure`], or `plain` is not
    /// the serializer that was resolved.
    pub fn adopt<T: StateType>(&self, plain: &Serializer<T>) -> Result<Adopted<T>, NotAdoptable> {
        let new = plain.snapshot();
        if new.fingerprint() != self.new_snapshot().fingerprint() {
            return Err(NotAdoptable::OtherSerializer {
                resolved: self.new_serializer().to_string(),
                serializer: format!("{} v{} ({})", new.name(), new.version(), new.fingerprint().short()),
            });
        }
        let refused = || NotAdoptable::Verdict { stored: self.stored().to_string(), verdict: self.compatibility() };
        let adopted = self.adopted().ok_or_else(refused)?;
        if self.compatibility() == Compatibility::Compatible {
            return Ok(Adopted::plain(plain.clone()));
        }
        let reconfigured = Reconfigured::new(adopted, new).ok_or_else(refused)?;
        Ok(Adopted { plain: plain.clone(), reconfigured: Some(Arc::new(reconfigured)) })
    }
}

impl<T: StateType> Adopted<T> {
    /// A serializer that took over nothing: the plain one.
    #[must_use]
    pub fn plain(plain: Serializer<T>) -> Self {
        Self { plain, reconfigured: None }
    }

    /// The plain serializer inside, which reads and writes the layout that its type has today.
    #[doc(hidden)]
    #[must_use]
    pub fn into_plain(self) -> Serializer<T> {
        self.plain
    }

    /// Whether it reads and writes another layout than its type has today.
    #[must_use]
    pub fn is_reconfigured(&self) -> bool {
        self.reconfigured.is_some()
    }
}

impl<T: StateKey> Adopted<T> {
    /// Appends the stored bytes of a key, given in any [form](AsKey).
    ///
    /// # Errors
    /// The layout cannot hold the key. Then `to` is as it was before.
    pub fn serialize_key<Q: AsKey<T> + ?Sized>(&self, key: &Q, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.write(|plain, to| plain.serialize_key(key, to), to)
    }
}

impl<T> Adopted<T> {
    /// Writes what `serialize` writes in today's layout, in the stored one.
    #[inline]
    fn write(
        &self,
        serialize: impl FnOnce(&Serializer<T>, &mut Vec<u8>) -> Result<(), EncodeError>,
        to: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let Some(reconfigured) = &self.reconfigured else { return serialize(&self.plain, to) };
        Memory::with(|memory| {
            serialize(&self.plain, &mut memory.bytes)?;
            reconfigured
                .run_write(&memory.bytes, &mut memory.scratch, to)
                .map_err(|error| EncodeError::custom(format!("the stored layout does not take the value: {error}")))
        })
    }
}

impl<T: StateType> TypeSerializer for Adopted<T> {
    type Value = T;

    fn snapshot(&self) -> &SerializerSnapshot {
        match &self.reconfigured {
            None => self.plain.snapshot(),
            Some(reconfigured) => reconfigured.snapshot(),
        }
    }

    fn serialize(&self, value: &T, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.write(|plain, to| plain.serialize(value, to), to)
    }

    fn deserialize(&self, from: &[u8]) -> Result<T, DecodeError> {
        let Some(reconfigured) = &self.reconfigured else { return self.plain.deserialize(from) };
        Memory::with(|memory| {
            reconfigured.run_read(from, &mut memory.scratch, &mut memory.bytes)?;
            self.plain.deserialize(&memory.bytes)
        })
    }
}
