//! Release 2 as a process: `release2 FILE write|wait|back FIRST_ID`.
//!
//! `back` returns from release 3 first, and is refused if that release has written anything.

use std::error::Error;
use std::sync::Arc;

use queue::release2::Queue;
use queue::service::{self, Work};
use redb::Database;
use typeser_state::typed_table::{Newer, TableCatalog};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, work, first] = &arguments[..] else { return Err("release2 FILE write|wait|back FIRST_ID".into()) };
    let database = Arc::new(Database::create(file)?);
    if work == "back" {
        TableCatalog::of(&database)?.roll_back("2", Newer::Refuse)?;
    }
    let work = if work == "wait" { Work::Wait } else { Work::Write };
    service::run(&Queue::open(&database)?, work, first.parse()?)
}
