//! A release as a process: it opens the file, then adds and takes jobs until it is killed, and says what is durable.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

/// What every release of the queue does.
pub trait Service {
    /// Adds a job. It is durable when this returns.
    fn push(&self, id: u64, priority: u8, due: i64) -> Result<(), Box<dyn Error>>;
    /// Takes the next job. It is durable when this returns.
    fn take(&self) -> Result<Option<u64>, Box<dyn Error>>;
}

/// Whether a started process writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// It adds and takes jobs.
    Write,
    /// It only has the file open.
    Wait,
}

/// Says `open`, then `pushed ID` and `took ID` after each transaction, until the process is killed. The ids begin at
/// `first`.
pub fn run(service: &impl Service, work: Work, first: u64) -> Result<(), Box<dyn Error>> {
    say("open")?;
    if work == Work::Wait {
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    for id in first.. {
        let (priority, due) = place(id);
        service.push(id, priority, due)?;
        say(&format!("pushed {id}"))?;
        if id % 3 == 0
            && let Some(id) = service.take()?
        {
            say(&format!("took {id}"))?;
        }
    }
    Ok(())
}

/// Where a job stands in the queue: neighbours are far apart.
pub fn place(id: u64) -> (u8, i64) {
    let mixed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 62) as u8, (mixed >> 40) as i64 % 1_000 - 500)
}

/// One line, which its reader gets at once.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
