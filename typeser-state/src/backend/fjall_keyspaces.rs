//! The fjall keyspaces of tables, created and deleted so that no keyspace is confused with another.
//!
//! fjall numbers its keyspaces, continuing from the greatest number in its folder. If the keyspace with the greatest
//! number was deleted, the next run reuses that number, and the run after it may mistake the new keyspace for the
//! deleted one (observed with 3.1.13). Therefore the newest keyspace is never deleted: another one is created first,
//! and is used for the next table.

use fjall::{Database, Keyspace, KeyspaceCreateOptions};

/// The keyspaces of tables. Their names are consecutive numbers, in fjall's order.
#[derive(Default)]
pub(super) struct Keyspaces {
    next: u64,
    /// An empty keyspace, which is the newest.
    spare: Option<Keyspace>,
}

const ROWS: &str = "typeser.rows.";

impl Keyspaces {
    /// Lists the keyspaces and deletes those that are not `named`, which a run without a flush has left.
    pub(super) fn open(database: &Database, named: impl Fn(&str) -> bool) -> Result<Self, fjall::Error> {
        let mut keyspaces = Self::default();
        let mut left_over = Vec::new();
        for name in database.list_keyspace_names() {
            let Some(number) = number(&name) else { continue };
            keyspaces.next = keyspaces.next.max(number.saturating_add(1));
            if !named(&name) {
                left_over.push((number, database.keyspace(&name, KeyspaceCreateOptions::default)?));
            }
        }
        for (number, keyspace) in left_over {
            if number + 1 == keyspaces.next && keyspace.is_empty()? {
                keyspaces.spare = Some(keyspace);
            } else {
                keyspaces.delete(database, keyspace)?;
            }
        }
        Ok(keyspaces)
    }

    /// An empty keyspace.
    pub(super) fn make(&mut self, database: &Database) -> Result<Keyspace, fjall::Error> {
        if let Some(spare) = self.spare.take() {
            return Ok(spare);
        }
        let name = format!("{ROWS}{}", self.next);
        self.next += 1;
        database.keyspace(&name, KeyspaceCreateOptions::default)
    }

    /// Deletes a keyspace. Its files are removed once no reader uses them.
    pub(super) fn delete(&mut self, database: &Database, keyspace: Keyspace) -> Result<(), fjall::Error> {
        if number(keyspace.name()).is_some_and(|number| number + 1 == self.next) {
            self.spare = Some(self.make(database)?);
        }
        database.delete_keyspace(keyspace)
    }
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix(ROWS)?.parse().ok().filter(|number| *number < u64::MAX)
}
