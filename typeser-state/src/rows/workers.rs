//! Worker threads over batches, which are finished in order.
//!
//! ```text
//! read --(one thread at a time)--> batch 0, 1, 2 ... --(each thread its own)--> work
//!      --(the calling thread, by number)--> finish
//! ```
//!
//! Batches are few and used again, so memory does not depend on how many there are.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

/// How many batches there are for each thread: one that it works on, one that waits to be finished.
const BATCHES: usize = 2;

/// A batch on its way.
struct Numbered<B, E> {
    number: u64,
    batch: B,
    failure: Option<Failure<E>>,
}

enum Failure<E> {
    Error(E),
    /// A function of the program panicked, in a thread that is not the program's.
    Panic(Box<dyn Any + Send>),
}

/// Reads batches, one after the other.
struct Source<R> {
    read: R,
    next: u64,
    ended: bool,
}

/// Reads batches and works on them in this many threads; the calling thread gives them to `finish` in order. With 0
/// threads, the calling thread does everything.
///
/// `read` says whether there was anything left, `worker` makes what works in one thread. The first error ends it all.
pub(crate) fn in_order<B: Send, E: Send, W: FnMut(&mut B) -> Result<(), E>>(
    threads: usize,
    new: impl Fn() -> B,
    read: impl FnMut(&mut B) -> Result<bool, E> + Send,
    worker: impl Fn() -> W + Sync,
    mut finish: impl FnMut(&mut B) -> Result<(), E>,
) -> Result<(), E> {
    let mut read = read;
    if threads == 0 {
        let (mut batch, mut work) = (new(), worker());
        while read(&mut batch)? {
            work(&mut batch)?;
            finish(&mut batch)?;
        }
        return Ok(());
    }
    let source = Mutex::new(Source { read, next: 0, ended: false });
    let (free, spare) = channel();
    let (finished, mut arriving) = channel();
    for _ in 0..threads * BATCHES {
        // The other end is at hand.
        let _ = free.send(Numbered { number: 0, batch: new(), failure: None });
    }
    let spare = Mutex::new(spare);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (source, spare, worker, finished) = (&source, &spare, &worker, finished.clone());
            scope.spawn(move || work_on(source, spare, &finished, worker()));
        }
        drop(finished);
        // Dropped with both ends when this fails, so that no thread waits for what never comes.
        finish_in_order(free, &mut arriving, &mut finish)
    })
}

/// What each thread does until nothing is left, or the calling thread has stopped.
fn work_on<B, E, R: FnMut(&mut B) -> Result<bool, E>>(
    source: &Mutex<Source<R>>,
    spare: &Mutex<Receiver<Numbered<B, E>>>,
    finished: &Sender<Numbered<B, E>>,
    mut work: impl FnMut(&mut B) -> Result<(), E>,
) {
    loop {
        // The thread that reads has a batch in hand, so a thread always has the batch that is to be finished next.
        let next = spare.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut next) = next else { return };
        {
            let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
            if source.ended {
                return;
            }
            match (source.read)(&mut next.batch) {
                Ok(true) => {}
                Ok(false) => {
                    source.ended = true;
                    return;
                }
                Err(error) => {
                    source.ended = true;
                    next.failure = Some(Failure::Error(error));
                }
            }
            next.number = source.next;
            source.next += 1;
        }
        if next.failure.is_none() {
            next.failure = match catch_unwind(AssertUnwindSafe(|| work(&mut next.batch))) {
                Ok(done) => done.err().map(Failure::Error),
                Err(panic) => Some(Failure::Panic(panic)),
            };
        }
        if finished.send(next).is_err() {
            return;
        }
    }
}

fn finish_in_order<B, E>(
    free: Sender<Numbered<B, E>>,
    arriving: &mut Receiver<Numbered<B, E>>,
    finish: &mut impl FnMut(&mut B) -> Result<(), E>,
) -> Result<(), E> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0u64);
    for arrived in arriving.iter() {
        waiting.insert(arrived.number, arrived);
        while let Some(mut done) = waiting.remove(&next) {
            match done.failure.take() {
                Some(Failure::Error(error)) => return Err(error),
                Some(Failure::Panic(panic)) => resume_unwind(panic),
                None => finish(&mut done.batch)?,
            }
            next += 1;
            // No thread may be left to take it: then there is nothing left to read.
            let _ = free.send(done);
        }
    }
    Ok(())
}
