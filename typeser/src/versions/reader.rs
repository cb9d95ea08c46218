//! The reader of one resolution: stored bytes in, values of today's type out, whatever the verdict was.

use crate::migrate::{Cost, Memory, MigrateError, Migration, NoMigration, Scratch, Trust};
use crate::report::Report;
use crate::resolve::{Compatibility, Resolution, SerializerName};
use crate::schema::NodeId;
use crate::serializer::{Serializer, StateType, TypeSerializer};
use crate::snapshot::SerializerSnapshot;
use crate::wire::{DecodeError, validate};

/// Reads stored bytes of one other release as values of today's type.
///
/// Whether the bytes are compatible, compatible after reconfigure, or require a migration makes no difference to the
/// caller. Cheap to clone, and safe to share between threads.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use typeser::resolve::{Policy, Role};
/// use typeser::{Serializer, StateType, TypeSerializer, resolve};
///
/// #[derive(StateType)]
/// #[state(name = "Point")]
/// struct Stored { x: u8, y: u8 }
///
/// #[derive(StateType, Debug, PartialEq)]
/// struct Point { y: u8, x: u8 }
///
/// let (stored, today) = (Serializer::<Stored>::new()?, Serializer::<Point>::new()?);
/// let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
/// let reader = resolution.reader(&today)?;
/// assert_eq!(reader.read(&[1, 2])?, Point { x: 1, y: 2 });
/// // The serializer alone reads its own layout, in which `y` comes first.
/// assert_eq!(today.deserialize(&[1, 2])?, Point { y: 1, x: 2 });
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ValueReader<T> {
    today: Serializer<T>,
    /// From the stored bytes to today's; `None` if they are the same.
    translation: Option<Migration>,
    trust: Trust,
    /// Whether today's bytes lack something of the stored ones.
    read_only: bool,
}

/// Requires no `T: Clone`.
impl<T> Clone for ValueReader<T> {
    fn clone(&self) -> Self {
        let (today, translation) = (self.today.clone(), self.translation.clone());
        Self { today, translation, trust: self.trust, read_only: self.read_only }
    }
}

impl<T> std::fmt::Debug for ValueReader<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ValueReader")
            .field("today", &self.today)
            .field("translation", &self.translation)
            .field("trust", &self.trust)
            .finish()
    }
}

/// Why stored bytes cannot be read as values of today's type.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotReadable {
    /// The verdict is incompatible. It displays the whole report.
    #[error("{0}")]
    Incompatible(Box<Report>),
    /// The resolution was made for another serializer.
    #[error(
        "the resolution was made for `{resolved}`, not for `{serializer}`: pass the serializer whose snapshot was resolved, with the same attributes and configuration"
    )]
    OtherSerializer {
        /// The serializer that was resolved.
        resolved: String,
        /// The one that was given.
        serializer: String,
    },
    /// The stored bytes are keys in their ordered form.
    #[error(
        "the stored snapshot describes keys of an ordered table, whose bytes are not those of `{0}` itself: read them \
         with `OrderedTable`, or restore the bytes with `OrderedForm::decode` and resolve the snapshot of `{0}`"
    )]
    Ordered(String),
    /// There is no way from the stored bytes to the new ones.
    #[error(transparent)]
    NoMigration(#[from] NoMigration),
}

crate::text::debug_as_display!(NotReadable);

/// Why the stored bytes of a value cannot be read.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The stored serializer does not write such bytes, or a function of the program refused a part of them.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The bytes are not those of a value of today's type.
    ///
    /// Where a migration ran before, the offset is one in the migrated bytes.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The bytes in today's layout would lack what a newer release added. The value can be read.
    #[error(
        "the value was read downwards, and its bytes in this release's layout would lack what a newer release added; \
         to give them up, resolve with `Policy {{ losses: Losses::Any, downwards: true }}`"
    )]
    ReadOnly,
}

crate::text::debug_as_display!(ReadError);

impl Resolution {
    /// The reader of stored bytes as values of today's type, right for every verdict but incompatible.
    ///
    /// ```
    /// use typeser::resolve::{Policy, Role};
    /// use typeser::{Serializer, TypeSerializer, resolve};
    ///
    /// let (stored, today) = (Serializer::<Vec<u32>>::new()?, Serializer::<Vec<u64>>::new()?);
    /// let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
    /// let mut bytes = Vec::new();
    /// stored.serialize(&vec![1, 2], &mut bytes)?;
    /// assert_eq!(resolution.reader(&today)?.read(&bytes)?, [1, 2]);
    ///
    /// // The error displays the report.
    /// let today = Serializer::<Vec<bool>>::new()?;
    /// let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
    /// assert!(resolution.reader(&today).unwrap_err().to_string().starts_with("error[primitive-changed]"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The verdict is [`Compatibility::Incompatible`], `today` is not the serializer that was resolved, or the stored
    /// bytes are keys in their [ordered form](crate::ordered).
    pub fn reader<T: StateType>(&self, today: &Serializer<T>) -> Result<ValueReader<T>, NotReadable> {
        // Not the fingerprint alone: defaults and functions come from the hints.
        if today.snapshot() != self.new_snapshot() {
            let name = |snapshot: &SerializerSnapshot| SerializerName::of(snapshot).to_string();
            let (resolved, serializer) = (name(self.new_snapshot()), name(today.snapshot()));
            return Err(NotReadable::OtherSerializer { resolved, serializer });
        }
        let stored = self.stored_snapshot();
        if stored.configuration().ordered {
            return Err(NotReadable::Ordered(stored.name().to_owned()));
        }
        if self.compatibility() == Compatibility::Incompatible {
            let subject = format!("{} of `{}`", self.role(), self.new_snapshot().name());
            return Err(NotReadable::Incompatible(Box::new(Report::new(subject, self))));
        }
        let translation = self.translation(today.conversions())?;
        let read_only = self.is_read_only();
        Ok(ValueReader { today: today.clone(), translation, trust: Trust::Foreign, read_only })
    }
}

impl<T: StateType> ValueReader<T> {
    /// The same reader for bytes that are trusted this far. Without it they are [`Trust::Foreign`]: fully checked.
    ///
    /// [`Trust::Verified`] saves the checks of parts that a migration copies or drops. Pass it only for bytes that
    /// typeser wrote and whose checksum matched.
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Reads the value that takes up all of these stored bytes.
    ///
    /// # Errors
    /// The stored serializer does not write such bytes, a function of the program refused a part of them, or today's
    /// type cannot hold the value.
    #[inline]
    pub fn read(&self, stored: &[u8]) -> Result<T, ReadError> {
        match &self.translation {
            None => Ok(self.today.deserialize(stored)?),
            Some(migration) => self.read_translated(migration, stored),
        }
    }

    // In the caller, so that the value is moved once less: a move right after it was written waits for the memory.
    #[inline(always)]
    fn read_translated(&self, migration: &Migration, stored: &[u8]) -> Result<T, ReadError> {
        let mut lent = Memory::lend();
        let Memory { bytes, scratch } = lent.memory();
        if let Err(error) = migration.run_before_decoding(stored, self.trust, scratch, bytes) {
            return Err(self.first_error(migration, stored, error.into()));
        }
        match self.today.deserialize(bytes) {
            Ok(value) => Ok(value),
            Err(error) => Err(self.first_error(migration, stored, error.into())),
        }
    }

    /// The first error in the stored bytes, which says where it is there: damaged text was passed over before another
    /// error, or until it was decoded.
    #[cold]
    #[inline(never)]
    fn first_error(&self, migration: &Migration, stored: &[u8], error: ReadError) -> ReadError {
        if !migration.defers_text(self.trust) {
            return error;
        }
        let checked = migration.run(stored, self.trust, &mut Scratch::default(), &mut Vec::new());
        checked.err().map_or(error, ReadError::from)
    }

    /// Appends the bytes of the same value in today's layout, without creating a `T`.
    ///
    /// ```
    /// use typeser::resolve::{Policy, Role};
    /// use typeser::{Serializer, TypeSerializer, resolve};
    ///
    /// let (stored, today) = (Serializer::<u16>::new()?, Serializer::<u32>::new()?);
    /// let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
    /// let mut bytes = Vec::new();
    /// resolution.reader(&today)?.upgrade(&[7, 0], &mut bytes)?;
    /// assert_eq!(bytes, [7, 0, 0, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The stored serializer does not write such bytes, a function of the program refused a part of them, or the reader
    /// is [read-only](ValueReader::is_read_only). Then `to` is unchanged.
    pub fn upgrade(&self, stored: &[u8], to: &mut Vec<u8>) -> Result<(), ReadError> {
        if self.read_only {
            return Err(ReadError::ReadOnly);
        }
        match &self.translation {
            Some(migration) => Memory::with(|memory| Ok(migration.run(stored, self.trust, &mut memory.scratch, to)?)),
            None => {
                self.check(self.today.snapshot(), stored)?;
                to.extend_from_slice(stored);
                Ok(())
            }
        }
    }

    /// Checks bytes of a layout, unless they are trusted.
    pub(super) fn check(&self, layout: &SerializerSnapshot, stored: &[u8]) -> Result<(), ReadError> {
        if self.trust == Trust::Foreign {
            validate(layout.schema(), NodeId::ROOT, layout.configuration().integers, stored)?;
        }
        Ok(())
    }

    /// Whether values can only be read: see [`Resolution::is_read_only`].
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The cost of reading, beside decoding the value: [`Cost::Metadata`] if the stored bytes are in today's layout.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.translation.as_ref().map_or(Cost::Metadata, Migration::cost)
    }

    /// Today's serializer, which writes the values of this type.
    #[must_use]
    pub fn serializer(&self) -> &Serializer<T> {
        &self.today
    }
}
