//! Release 3: the due time counts before the priority, and a job counts its attempts.

use std::error::Error;
use std::sync::Arc;

use redb::Database;
use typeser::StateType;
use typeser_state::typed_table::{OwnedOrderedTable, OwnedTable, TableDryRun, TableError, TableOptions, TableSet};

use crate::service::Service;

/// When a job is to run: the due time comes first now, so every stored key moves.
#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
pub struct Due {
    pub due: i64,
    pub priority: u8,
    pub id: u64,
}

/// What is to be done, and how often it was tried.
#[derive(Debug, Clone, StateType, PartialEq)]
pub struct Job {
    pub task: String,
    #[state(default)]
    pub attempts: u8,
}

/// A build that forgot to say what stored jobs have for their attempts.
pub mod faulty {
    use typeser::StateType;

    /// Without `default`.
    #[derive(Debug, StateType)]
    pub struct Job {
        pub task: String,
        pub attempts: u8,
    }
}

/// The tables of the service.
pub struct Queue {
    database: Arc<Database>,
    pub jobs: OwnedOrderedTable<Due, Job>,
    pub done: OwnedTable<u64, String>,
}

impl Queue {
    /// Opens both tables or none, and keeps those that migrate under the name of the release before.
    pub fn open(database: &Arc<Database>) -> Result<Self, TableError> {
        Self::open_with(database, &TableOptions::new())
    }

    /// The same, with options.
    pub fn open_with(database: &Arc<Database>, options: &TableOptions) -> Result<Self, TableError> {
        let options = options.clone().keep_previous("2");
        let tables = set::<Job>().open_with(database, &options, &mut |_| ())?;
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
}

/// What opening would do. Nothing is written.
pub fn dry_run(database: &Database) -> Result<Vec<TableDryRun>, TableError> {
    set::<Job>().dry_run(database, &TableOptions::new())
}

/// Starts the faulty build.
pub fn open_faulty(database: &Database) -> Result<(), TableError> {
    set::<faulty::Job>().open(database).map(|_| ())
}

fn set<J: StateType>() -> TableSet {
    let mut set = TableSet::new();
    set.add_ordered::<Due, J>("jobs").add::<u64, String>("done");
    set
}

impl Service for Queue {
    fn push(&self, id: u64, priority: u8, due: i64) -> Result<(), Box<dyn Error>> {
        let job = Job { task: format!("task {id}"), attempts: 0 };
        Ok(self.jobs.insert(&Due { due, priority, id }, &job)?)
    }

    fn take(&self) -> Result<Option<u64>, Box<dyn Error>> {
        Ok(self.take()?.map(|(due, _)| due.id))
    }
}
