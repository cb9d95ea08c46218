//! Release 3 as a process: `release3 FILE write|wait FIRST_ID`. Its batches are small, so that a migration takes long.

use std::error::Error;
use std::sync::Arc;

use queue::release3::Queue;
use queue::service::{self, Work};
use redb::Database;
use typeser_state::typed_table::TableOptions;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, work, first] = &arguments[..] else { return Err("release3 FILE write|wait FIRST_ID".into()) };
    let database = Arc::new(Database::create(file)?);
    let queue = Queue::open_with(&database, &TableOptions::new().with_batches(40, 1 << 20))?;
    service::run(&queue, if work == "wait" { Work::Wait } else { Work::Write }, first.parse()?)
}
