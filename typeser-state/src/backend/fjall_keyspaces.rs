//! The keyspaces of fjall in which tables are, made and deleted so that none is ever lost.
//!
//! fjall numbers its keyspaces, and counts on from the greatest number that it finds in its folder. If the keyspace of
//! the greatest number was deleted, the next run gives that number again, and the run after it may take the new keyspace
//! for the deleted one (seen with 3.1.13). So the keyspace that was made last is never deleted: another one is made
//! before, and kept to be used for the next table.

use fjall::{Database, Keyspace, KeyspaceCreateOptions};

/// The keyspaces of tables: names that count up, in the order in which fjall numbers them.
#[derive(Default)]
pub(super) struct Keyspaces {
    next: u64,
    /// Empty, and made after all others.
    spare: Option<Keyspace>,
}

const ROWS: &str = "typeser.rows.";

impl Keyspaces {
    /// Looks at what there is, and deletes what is not `named`: a run has left it that came to no flush.
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

    /// Deletes a keyspace. Its files go once nobody reads them any more.
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
