//! The same rows through redb alone: from a plain file into a table, and from the table into a plain file.
//!
//! Without checksums, sorting or interpretation: the cost of the disk and of redb that every user has.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::ops::Bound;
use std::path::Path;

use redb::{Database, ReadableDatabase, TableDefinition};
use typeser_state::savepoint::Savepoint;

use crate::Outcome;

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
/// The number of bytes per transaction: the same as in a restore.
const TRANSACTION: usize = 64 * 1024 * 1024;

/// Writes the rows of a savepoint, each with two length prefixes, and nothing else.
pub fn write_plain(savepoint: &Savepoint, to: &Path) -> Outcome<()> {
    let mut file = BufWriter::with_capacity(256 * 1024, File::create(to)?);
    let mut rows = savepoint.rows(crate::UID)?;
    while let Some(row) = rows.next_row()? {
        put(&mut file, row.key_bytes, row.value)?;
    }
    Ok(file.into_inner()?.sync_all()?)
}

fn put(file: &mut BufWriter<File>, key: &[u8], value: &[u8]) -> io::Result<()> {
    file.write_all(&(key.len() as u32).to_le_bytes())?;
    file.write_all(&(value.len() as u32).to_le_bytes())?;
    file.write_all(key)?;
    file.write_all(value)
}

/// Loads sorted rows into a table in the fastest way of redb: with a cursor after the last row.
pub fn load(from: &Path, to: &Path) -> Outcome<()> {
    let database = Database::create(to)?;
    let mut file = BufReader::with_capacity(256 * 1024, File::open(from)?);
    let (mut row, mut more) = (Vec::new(), true);
    while more {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(ROWS)?;
            let mut cursor = table.upper_bound_mut(Bound::<&[u8]>::Unbounded)?;
            let mut bytes = 0;
            while bytes < TRANSACTION {
                let mut lengths = [0; 8];
                if let Err(error) = file.read_exact(&mut lengths) {
                    if error.kind() != io::ErrorKind::UnexpectedEof {
                        return Err(error.into());
                    }
                    more = false;
                    break;
                }
                let [a, b, c, d, e, f, g, h] = lengths;
                let (key, value) =
                    (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]) as usize);
                row.resize(key + value, 0);
                file.read_exact(&mut row)?;
                cursor.insert_before(&row[..key], &row[key..])?;
                bytes += row.len();
            }
            cursor.close()?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Writes every row of the table into a plain file and syncs it.
pub fn dump(from: &Path, to: &Path) -> Outcome<()> {
    let database = Database::create(from)?;
    let table = database.begin_read()?.open_table(ROWS)?;
    let mut file = BufWriter::with_capacity(256 * 1024, File::create(to)?);
    for row in table.range::<&[u8]>(..)? {
        let (key, value) = row?;
        put(&mut file, key.value(), value.value())?;
    }
    Ok(file.into_inner()?.sync_all()?)
}
