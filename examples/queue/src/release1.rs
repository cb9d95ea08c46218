//! Release 1: serde, bincode and redb, as many services begin.

use std::error::Error;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

/// When a job is to run, and its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Due {
    pub priority: u8,
    pub due: i64,
    pub id: u64,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub task: String,
}

const JOBS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("jobs");

/// Adds jobs.
pub fn push(database: &Database, jobs: &[(Due, Job)]) -> Result<(), Box<dyn Error>> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(JOBS)?;
        for (due, job) in jobs {
            table.insert(&*bincode1::serialize(due)?, &*bincode1::serialize(job)?)?;
        }
    }
    Ok(transaction.commit()?)
}

/// The row that redb has first: by the bytes of bincode, which say nothing of the order of jobs.
pub fn first_row(database: &Database) -> Result<Option<Due>, Box<dyn Error>> {
    let transaction = database.begin_read()?;
    let table = transaction.open_table(JOBS)?;
    let first = table.first()?;
    Ok(first.map(|(due, _)| bincode1::deserialize(due.value())).transpose()?)
}

/// The job that is due next: every row is read to find it.
pub fn next(database: &Database) -> Result<Option<Due>, Box<dyn Error>> {
    let transaction = database.begin_read()?;
    let table = transaction.open_table(JOBS)?;
    let mut next: Option<Due> = None;
    for row in table.iter()? {
        let due: Due = bincode1::deserialize(row?.0.value())?;
        if next.as_ref().is_none_or(|next| due < *next) {
            next = Some(due);
        }
    }
    Ok(next)
}
