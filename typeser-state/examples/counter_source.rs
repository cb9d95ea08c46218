//! A source on its own thread, which counts; and savepoints that come in between, but never between a number and
//! the offset behind it.
//!
//! ```sh
//! cargo run --example counter_source
//! ```

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use typeser_state::function::{Context, FunctionError, ListCheckpointed, ProcessFunction};
use typeser_state::harness::{Harness, HarnessError, HarnessSetup, ProcessOperator};
use typeser_state::restore::RestoreOptions;

/// Gives out 0, 1, 2 and so on.
#[derive(Default)]
struct CounterSource {
    /// The number that comes next.
    offset: i64,
}

impl ListCheckpointed for CounterSource {
    type Key = ();
    type Element = i64;

    /// The offset cannot be divided, so it is a list of one.
    fn snapshot_state(&mut self, _checkpoint_id: u64, _timestamp: i64) -> Result<Vec<i64>, FunctionError> {
        Ok(vec![self.offset])
    }

    fn restore_state(&mut self, list: Vec<i64>) -> Result<(), FunctionError> {
        for offset in list {
            self.offset = offset;
        }
        Ok(())
    }
}

impl ProcessFunction for CounterSource {
    /// A source gets nothing but its turn.
    type In = ();
    type Out = i64;

    /// Output and state change together: the caller holds the source.
    fn process_element(&mut self, (): (), context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        context.collect(self.offset);
        self.offset += 1;
        Ok(())
    }
}

type Source = Harness<ProcessOperator<CounterSource>>;

fn source() -> HarnessSetup<ProcessOperator<CounterSource>> {
    Harness::of(ProcessOperator::new("counter", |_states| Ok(CounterSource::default())))
}

/// The checkpoint lock. If a thread panics while it holds the lock, its scope reports the panic.
fn lock(source: &Mutex<Source>) -> MutexGuard<'_, Source> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets a source run on its own thread until `until` has enough, and hands out the source again.
fn run(source: Source, until: impl FnOnce(&Mutex<Source>) -> Result<(), HarnessError>) -> Result<Source, HarnessError> {
    let source = Mutex::new(source);
    let cancelled = AtomicBool::new(false);
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            while !cancelled.load(Ordering::Relaxed) {
                lock(&source).process(())?;
            }
            Ok(())
        });
        let outcome = until(&source);
        cancelled.store(true, Ordering::Relaxed);
        match running.join() {
            Ok(ran) => outcome.and(ran),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    Ok(source.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Waits until the source has given this many numbers, and takes them.
fn numbers(source: &Mutex<Source>, at_least: usize) -> Vec<i64> {
    let mut numbers = Vec::new();
    while numbers.len() < at_least {
        numbers.extend(lock(source).take_output());
        thread::yield_now();
    }
    numbers
}

/// Runs the example and writes its output to `out`.
pub fn story(directory: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let mut before = Vec::new();
    let mut savepoint = None;
    let mut stopped = run(source().open()?, |source| {
        before = numbers(source, 1_000);
        // While this holds the lock, the source is paused.
        let mut source = lock(source);
        savepoint = Some(source.take_savepoint(directory)?);
        before.extend(source.take_output());
        Ok(())
    })?;
    let savepoint = savepoint.ok_or("no savepoint was taken")?;
    let lost = stopped.take_output();
    writeln!(out, "A source counted until a savepoint was taken, and for a while after it.")?;

    let mut after = Vec::new();
    let mut restored = run(source().restore(&savepoint, &RestoreOptions::new())?, |source| {
        after = numbers(source, 1_000 + lost.len());
        Ok(())
    })?;
    after.extend(restored.take_output());
    writeln!(out, "Another one was restored, and went on.")?;

    let exactly_once = before.iter().chain(&after).copied().eq(0..(before.len() + after.len()) as i64);
    writeln!(out, "What was given before the savepoint and what was given after the restore:")?;
    writeln!(out, "  at least 1000 numbers each: {}", before.len() >= 1_000 && after.len() >= 1_000)?;
    writeln!(out, "  every number from 0 on, once and in order: {exactly_once}")?;
    writeln!(out, "  what the first source gave after the savepoint is given again: {}", after.starts_with(&lost))?;
    Ok(())
}

#[allow(dead_code, reason = "the test of this example includes it as a module, and calls the story")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    story(&folder.path().join("savepoint"), &mut std::io::stdout().lock())
}
