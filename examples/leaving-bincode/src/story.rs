//! What happens to the data, from release to release.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use redb::{Database, ReadableDatabase, ReadableTable};
use uuid::Uuid;

use crate::{log, release1, release2, release3};

/// Runs all releases over the files of a folder.
///
/// # Errors
/// A file cannot be read or written, or a release does not read what it should.
pub fn run(folder: &Path, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let log_of_bincode = folder.join("tickets.log");
    let noon = DateTime::from_timestamp(1_709_208_000, 500_000_000).ok_or("no such time")?;
    let database = Database::create(folder.join("customers.redb"))?;

    let stored = store_with_bincode(&log_of_bincode, &database, noon)?;
    writeln!(output, "release 1: stores {} tickets and {} customers with bincode", stored.0, stored.1)?;

    let (tickets, customers) = (log::read(&log_of_bincode)?, values_of(&database)?);
    let same = (release2::same(&release2::tickets()?, &tickets), release2::same(&release2::customers()?, &customers));
    writeln!(
        output,
        "release 2: {} of {} tickets and {} of {} customers would be written as the same bytes",
        same.0,
        tickets.len(),
        same.1,
        customers.len(),
    )?;
    release2::adopt(&database)?;
    let payment = release2::Payment::Card { last_digits: 1234 };
    let ticket = release2::Ticket { id: Uuid::from_u128(4), seat: 14, sold: noon, payment };
    release2::sell(&log_of_bincode, &ticket)?;
    writeln!(output, "release 2: adopts the table, and sells ticket 4 into the same log")?;

    let before = fs::read(&log_of_bincode)?;
    let tickets = release3::Tickets::open(folder)?;
    let read = tickets.read()?;
    writeln!(output, "release 3: reads {} tickets of release 1 and 2; sells the fifth into a new log", read.len())?;
    let payment = release3::Payment::Voucher("spring".into());
    let ticket = release3::Ticket { id: Uuid::from_u128(5), seat: 70_000, sold: noon, discount: None, payment };
    tickets.sell(&ticket)?;
    let read = tickets.read()?;
    if read.last().map(|(ticket, _)| ticket) != Some(&ticket) {
        return Err("the last ticket is not the one that was sold".into());
    }
    let today = read.iter().filter(|(_, release)| release == "today").count();
    writeln!(
        output,
        "release 3: reads {} tickets: {} \"before 3.0.0\", {today} \"today\"",
        read.len(),
        read.len() - today
    )?;
    let customers = release3::customers(&database)?;
    let mut names = Vec::new();
    for row in customers.iter()? {
        names.push(row?.0);
    }
    names.sort();
    writeln!(output, "release 3: {} customers are migrated, [{}]", names.len(), names.join(", "))?;

    if fs::read(&log_of_bincode)? != before {
        return Err("the log of bincode was changed".into());
    }
    writeln!(output, "the first log has the bytes it had before release 3")?;
    Ok(())
}

/// Writes the data that the later releases find; returns the numbers of tickets and of customers.
fn store_with_bincode(log: &Path, database: &Database, noon: DateTime<Utc>) -> Result<(u16, usize), Box<dyn Error>> {
    use release1::{Customer, Payment, Ticket};

    for (seat, payment) in [(1, Payment::Cash), (2, Payment::Card { last_digits: 99 }), (3, Payment::Cash)] {
        let sold = noon + TimeDelta::milliseconds(i64::from(seat) * 1001);
        release1::sell(log, &Ticket { id: Uuid::from_u128(seat.into()), seat, sold, payment })?;
    }
    let ids: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
    let ann = Customer { since: noon, tickets: ids, mail: None };
    let bob = Customer { since: noon, tickets: Vec::new(), mail: Some("bob@example.org".into()) };
    let customers = [("ann", ann), ("bob", bob)];
    for (name, customer) in &customers {
        release1::register(database, name, customer)?;
    }
    Ok((3, customers.len()))
}

/// The stored values of the table, as redb has them.
fn values_of(database: &Database) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let transaction = database.begin_read()?;
    let table = transaction.open_table(release1::CUSTOMERS)?;
    table.iter()?.map(|row| Ok(row?.1.value().to_vec())).collect()
}
