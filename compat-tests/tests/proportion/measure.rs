//! Measures what a piece of work takes at two sizes of its input.

use std::sync::{Mutex, MutexGuard, PoisonError};

use typeser::SerializerSnapshot;
use typeser::resolve::{Policy, Resolution, Role, resolve};

use super::ALLOCATOR;
use super::layouts::Layouts;

/// The allocator counts for all threads, so one test runs at a time.
static ONE: Mutex<()> = Mutex::new(());

/// Waits until no other test of this program runs.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The most memory that each byte of input may take.
const FOR_EACH_BYTE: usize = 256;

/// One kind of input, at a size and at four times that size.
pub(crate) struct Growth {
    kind: &'static str,
    sizes: [(SerializerSnapshot, SerializerSnapshot, usize); 2],
}

impl Growth {
    pub(crate) fn of(kind: &'static str, small: usize, layouts: Layouts) -> Self {
        let snapshots = |count: usize| {
            let [stored, new] = layouts(count);
            let read =
                |text: &str| SerializerSnapshot::from_text(text).unwrap_or_else(|error| panic!("{kind}: {error}"));
            (read(&stored), read(&new), stored.len() + new.len())
        };
        Self { kind, sizes: [snapshots(small), snapshots(4 * small)] }
    }

    /// Checks the memory that some work takes at its peak, and what it writes. `allowed` may be taken by any input.
    pub(crate) fn check(&self, allowed: usize, work: impl Fn(&SerializerSnapshot, &SerializerSnapshot) -> usize) {
        let [small, large] = &self.sizes;
        grows(self.kind, allowed, [small.2, large.2], |at| {
            let (stored, new, _) = &self.sizes[at];
            work(stored, new)
        });
    }
}

/// Checks the memory that some work takes at its peak for two inputs of these sizes, and what it writes. `allowed` may
/// be taken by any input.
pub(crate) fn grows(kind: &str, allowed: usize, bytes: [usize; 2], work: impl Fn(usize) -> usize) {
    let [small, large] = [0, 1].map(|at| {
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let written = work(at);
        (ALLOCATOR.peak_usage() - before, written)
    });
    let [few, many] = bytes;
    eprintln!("{kind}: {few} -> {many} bytes take {} -> {}, give {} -> {}", small.0, large.0, small.1, large.1);
    for (what, one, four) in [("memory", small.0, large.0), ("output", small.1, large.1)] {
        assert!(four <= 5 * one + allowed, "{kind}: {what} grows from {one} to {four}");
        assert!(four <= allowed + FOR_EACH_BYTE * many, "{kind}: {what} is {four} for {many} bytes");
    }
}

pub(crate) fn resolved(stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Resolution {
    resolve(stored, new, Role::Value, &Policy::default())
}
