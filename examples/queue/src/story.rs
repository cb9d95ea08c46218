//! The life of one file: written by release 1, adopted by 2, refused to a faulty build, migrated by 3, rolled back to 2.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use redb::Database;
use typeser_state::typed_table::{Newer, TableCatalog, TableError};

use crate::{release1, release2, release3};

/// Runs all of it, and writes what happens.
pub fn run(path: &Path, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let database = Arc::new(Database::create(path)?);
    bincode(&database, to)?;
    adopted(&database, to)?;
    refused(&database, to)?;
    migrated(&database, to)?;
    rolled_back(&database, to)
}

fn bincode(database: &Database, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let job =
        |priority, due, id, task: &str| (release1::Due { priority, due, id }, release1::Job { task: task.to_owned() });
    let jobs = [job(1, 300, 1, "mail"), job(1, -20, 2, "index"), job(2, 7, 3, "backup"), job(1, 256, 4, "report")];
    release1::push(database, &jobs)?;
    let (first, next) = (release1::first_row(database)?, release1::next(database)?);
    let id = |due: Option<release1::Due>| due.map_or(0, |due| due.id);
    writeln!(to, "release 1: job {} is due next, and job {} is the first row", id(next), id(first))?;
    Ok(())
}

fn adopted(database: &Arc<Database>, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    // A second start finds what the first one made.
    release2::Queue::open(database)?;
    let queue = release2::Queue::open(database)?;
    writeln!(to, "release 2: the jobs of priority 1 are {:?}", queue.of_priority(1)?)?;
    if let Some((due, job)) = queue.take()? {
        writeln!(to, "release 2: takes job {}, {}", due.id, job.task)?;
    }
    Ok(())
}

fn refused(database: &Database, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    match release3::open_faulty(database) {
        Ok(()) => Err("the faulty build was not refused".into()),
        Err(error) => {
            let text = error.to_string();
            let found = text.lines().find(|line| line.contains("attempts")).unwrap_or_default();
            writeln!(to, "a faulty build is refused: {}", found.trim())?;
            Ok(())
        }
    }
}

fn migrated(database: &Arc<Database>, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    for run in release3::dry_run(database)? {
        writeln!(to, "release 3 would: {} {:?}, {} rows", run.table, run.action, run.rows)?;
    }
    let queue = release3::Queue::open(database)?;
    let order = queue.jobs.iter()?.map(|row| Ok(row?.0.id)).collect::<Result<Vec<_>, TableError>>()?;
    writeln!(to, "release 3: the jobs are {order:?}, and {} is done", queue.done.len()?)?;
    let due = release3::Due { due: 1, priority: 9, id: 5 };
    queue.jobs.insert(&due, &release3::Job { task: "audit".to_owned(), attempts: 1 })?;
    Ok(())
}

fn rolled_back(database: &Arc<Database>, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut catalog = TableCatalog::of(database)?;
    match catalog.roll_back("2", Newer::Refuse) {
        Err(TableError::WouldLose { changes, .. }) => {
            writeln!(to, "a rollback would lose {} new job, and is refused", changes[0].added)?;
        }
        other => return Err(format!("the rollback was not refused: {other:?}").into()),
    }
    catalog.roll_back("2", Newer::Discard)?;
    drop(catalog);
    let queue = release2::Queue::open(database)?;
    writeln!(to, "release 2 again: the jobs of priority 1 are {:?}", queue.of_priority(1)?)?;
    Ok(())
}
