//! What becomes of one stored row: nothing if it has expired, the same bytes, or migrated ones.

use typeser::migrate::{MigrateError, Migration, Scratch, Trust};
use typeser::resolve::Role;
use typeser::wire::DecodeError;

use super::plan::RowPlan;
use super::time_to_live::{TimeToLiveChange, aged};
use crate::descriptor::{STAMP, SerializerPart, StateKind};
use crate::key_group::{KeyGroup, MaxParallelism};
use crate::row::{RowTooLarge, put_sized};
use crate::savepoint::Row;

/// Makes new rows of stored ones, a row at a time.
pub(crate) struct Transformer<'p> {
    keys: KeyPlan<'p>,
    trust: Trust,
    /// The time by which rows expire and are stamped.
    now: u64,
    scratch: Scratch,
    /// The last stored key, what became of it (empty if that failed), and its key group: rows of a key lie together.
    stored_key: Vec<u8>,
    new_key: Vec<u8>,
    key_group: KeyGroup,
    row_key: Vec<u8>,
    value: Vec<u8>,
}

/// What becomes of the keys of an operator.
#[derive(Clone, Copy)]
pub(crate) struct KeyPlan<'p> {
    pub(crate) migration: Option<&'p Migration>,
    /// Into how many key groups rows are divided; `None` if each row stays in its own.
    pub(crate) regroup: Option<MaxParallelism>,
}

/// A row as it will be.
pub(crate) struct NewRow<'a> {
    pub(crate) key_group: KeyGroup,
    /// The user's key within the row's.
    pub(crate) key: &'a [u8],
    /// What follows key and namespace.
    pub(crate) rest: &'a [u8],
    /// The key of the row, whole.
    pub(crate) row_key: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// Why there is no new row.
pub(crate) enum RowError {
    Key(MigrateError),
    Part(SerializerPart, MigrateError),
    TooLarge(RowTooLarge),
}

/// A key and a value.
type Pair<'a> = (&'a [u8], &'a [u8]);

impl KeyPlan<'_> {
    /// Every key stays as it is, where it is.
    pub(crate) const UNCHANGED: Self = Self { migration: None, regroup: None };
}

impl RowError {
    /// What the bytes that could not be migrated are used for.
    pub(crate) fn role(&self, kind: StateKind) -> Role {
        match self {
            Self::Key(_) => Role::Key,
            Self::Part(part, _) => kind.role(*part),
            Self::TooLarge(_) => Role::Value,
        }
    }

    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Key(error) | Self::Part(_, error) => error.to_string(),
            Self::TooLarge(error) => error.to_string(),
        }
    }
}

impl NewRow<'_> {
    #[inline]
    pub(crate) fn bytes(&self) -> u64 {
        (self.row_key.len() + self.value.len()) as u64
    }
}

impl<'p> Transformer<'p> {
    pub(crate) fn new(keys: KeyPlan<'p>, trust: Trust, now: u64) -> Self {
        let (stored_key, new_key, row_key, value) = <(Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>)>::default();
        Self { keys, trust, now, scratch: Scratch::default(), stored_key, new_key, key_group: 0, row_key, value }
    }

    /// What becomes of a row; `None` if it has expired. Without `values`, its value stays as it is.
    #[inline(always)]
    pub(crate) fn transform<'s>(
        &'s mut self,
        plan: &RowPlan,
        row: &Row<'s>,
        values: bool,
    ) -> Result<Option<NewRow<'s>>, RowError> {
        if let Some(migration) = self.keys.migration
            && (self.new_key.is_empty() || self.stored_key != row.key.key)
        {
            self.migrate_key(migration, row.key.key)?;
        }
        let Some((stamp, stored)) = aged(plan.time_to_live, row.value, self.now) else { return Ok(None) };
        let value = match (&plan.value, plan.time_to_live) {
            (Some(migration), _) if values => {
                self.value.clear();
                self.value.extend_from_slice(stamp.as_ref().map_or(&[], <[u8; STAMP]>::as_slice));
                let migrated = migration.run(stored, self.trust, &mut self.scratch, &mut self.value);
                migrated.map_err(|error| RowError::Part(SerializerPart::Value, error))?;
                &self.value
            }
            (_, TimeToLiveChange::None | TimeToLiveChange::Kept { .. }) => row.value,
            (_, TimeToLiveChange::TurnedOff { .. }) => stored,
            (_, TimeToLiveChange::TurnedOn) => {
                self.value.clear();
                self.value.extend_from_slice(stamp.as_ref().map_or(&[], <[u8; STAMP]>::as_slice));
                self.value.extend_from_slice(stored);
                &self.value
            }
        };
        let (mut key_group, mut key, rest) = (row.key.key_group, row.key.key, row.key.rest);
        let moves = self.keys.regroup.is_some() || plan.id.is_some();
        if !moves && plan.user_key.is_none() {
            return Ok(Some(NewRow { key_group, key, rest, row_key: row.key_bytes, value }));
        }
        self.row_key.clear();
        if moves {
            if self.keys.migration.is_some() {
                (key_group, key) = (self.key_group, &self.new_key);
            } else if let Some(groups) = self.keys.regroup {
                key_group = groups.group_of(key);
            }
            self.row_key.extend_from_slice(&key_group.to_be_bytes());
            self.row_key.extend_from_slice(&plan.id.unwrap_or(row.key.state_id).to_be_bytes());
            put_sized(key, &mut self.row_key).map_err(RowError::TooLarge)?;
            put_sized(row.key.namespace, &mut self.row_key).map_err(RowError::TooLarge)?;
        } else {
            self.row_key.extend_from_slice(&row.key_bytes[..row.key_bytes.len() - rest.len()]);
        }
        let rest_at = self.row_key.len();
        match &plan.user_key {
            Some(migration) => {
                let migrated = migration.run(rest, self.trust, &mut self.scratch, &mut self.row_key);
                migrated.map_err(|error| RowError::Part(SerializerPart::UserKey, error))?;
            }
            None => self.row_key.extend_from_slice(rest),
        }
        Ok(Some(NewRow { key_group, key, rest: &self.row_key[rest_at..], row_key: &self.row_key, value }))
    }

    /// What becomes of the key and the value of a row that belongs to no operator.
    pub(crate) fn key_and_value<'s>(
        &'s mut self,
        plan: &RowPlan,
        key: &'s [u8],
        value: &'s [u8],
    ) -> Result<Pair<'s>, (SerializerPart, MigrateError)> {
        // The buffers of an operator's key are free here.
        let Self { trust, scratch, stored_key: fixed, new_key: migrated, row_key, value: new_value, .. } = self;
        let mut part = |part, migration: &Option<Migration>, stored, to: &'s mut Vec<u8>| {
            let Some(migration) = migration else { return Ok(stored) };
            to.clear();
            migration.run(stored, *trust, scratch, to).map_err(|error| (part, error))?;
            Ok(&**to)
        };
        let of_key = |error: DecodeError| (SerializerPart::UserKey, MigrateError::Stored(error));
        let key = match &plan.forms.stored {
            Some(form) => {
                fixed.clear();
                form.decode(key, fixed).map_err(of_key)?;
                &**fixed
            }
            None => key,
        };
        let key = part(SerializerPart::UserKey, &plan.user_key, key, migrated)?;
        let key = match &plan.forms.new {
            Some(form) => {
                row_key.clear();
                form.encode(key, row_key).map_err(of_key)?;
                &**row_key
            }
            None => key,
        };
        Ok((key, part(SerializerPart::Value, &plan.value, value, new_value)?))
    }

    fn migrate_key(&mut self, migration: &Migration, key: &[u8]) -> Result<(), RowError> {
        self.new_key.clear();
        if let Err(error) = migration.run(key, self.trust, &mut self.scratch, &mut self.new_key) {
            self.new_key.clear();
            return Err(RowError::Key(error));
        }
        self.key_group = self.keys.regroup.map_or(0, |groups| groups.group_of(&self.new_key));
        self.stored_key.clear();
        self.stored_key.extend_from_slice(key);
        Ok(())
    }
}
