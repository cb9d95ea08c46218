//! Release 2: the same types, with an order that redb knows of. What bincode wrote is adopted at the first start.

use std::error::Error;
use std::sync::Arc;

use redb::Database;
use typeser::StateType;
use typeser::schema::IntegerEncoding;
use typeser_state::typed_table::{OwnedOrderedTable, OwnedTable, TableError, TableOptions, TableSet};

use crate::service::Service;

/// When a job is to run, and its number. Jobs are sorted by the fields in this order.
#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
pub struct Due {
    pub priority: u8,
    pub due: i64,
    pub id: u64,
}

/// What is to be done.
#[derive(Debug, Clone, StateType, PartialEq)]
pub struct Job {
    pub task: String,
}

/// The service: the database and its tables.
pub struct Queue {
    database: Arc<Database>,
    pub jobs: OwnedOrderedTable<Due, Job>,
    pub done: OwnedTable<u64, String>,
}

impl Queue {
    /// Opens both tables or none. The first start adopts what release 1 wrote, all others find it adopted.
    pub fn open(database: &Arc<Database>) -> Result<Self, TableError> {
        let mut set = TableSet::new();
        set.add_ordered::<Due, Job>("jobs").add::<u64, String>("done");
        let options = TableOptions::new().adopt(IntegerEncoding::Fixed);
        let tables = set.open_with(database, &options, &mut |_| ())?;
        let (jobs, done) = (tables.ordered_table("jobs")?, tables.table("done")?);
        Ok(Self { database: Arc::clone(database), jobs, done })
    }

    /// Takes the next job from the queue and notes it as done, or does neither.
    pub fn take(&self) -> Result<Option<(Due, Job)>, TableError> {
        let transaction = self.database.begin_write()?;
        let mut jobs = self.jobs.write_in(&transaction)?;
        let next = jobs.first()?;
        if let Some((due, job)) = &next {
            jobs.remove(due)?;
            self.done.write_in(&transaction)?.insert(&due.id, &job.task)?;
        }
        drop(jobs);
        transaction.commit()?;
        Ok(next)
    }

    /// Adds a job.
    pub fn push(&self, due: &Due, job: &Job) -> Result<(), TableError> {
        self.jobs.insert(due, job)
    }

    /// The jobs of a priority, the earliest first.
    pub fn of_priority(&self, priority: u8) -> Result<Vec<u64>, TableError> {
        self.jobs.prefix(&(priority,))?.map(|row| Ok(row?.0.id)).collect()
    }
}

impl Service for Queue {
    fn push(&self, id: u64, priority: u8, due: i64) -> Result<(), Box<dyn Error>> {
        Ok(self.push(&Due { priority, due, id }, &Job { task: format!("task {id}") })?)
    }

    fn take(&self) -> Result<Option<u64>, Box<dyn Error>> {
        Ok(self.take()?.map(|(due, _)| due.id))
    }
}
