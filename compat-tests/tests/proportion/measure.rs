//! Measures what a piece of work takes at two sizes of its input.

use std::sync::Mutex;

use typeser::SerializerSnapshot;
use typeser::resolve::{Policy, Resolution, Role, resolve};

use super::ALLOCATOR;
use super::layouts::Layouts;

/// The allocator counts for all threads, so one test measures at a time.
static ONE: Mutex<()> = Mutex::new(());

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
        let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let [small, large] = self.sizes.each_ref().map(|(stored, new, bytes)| {
            ALLOCATOR.reset_peak_usage();
            let before = ALLOCATOR.current_usage();
            let written = work(stored, new);
            (ALLOCATOR.peak_usage() - before, written, *bytes)
        });
        let kind = self.kind;
        eprintln!(
            "{kind}: {} -> {} bytes take {} -> {}, write {} -> {}",
            small.2, large.2, small.0, large.0, small.1, large.1
        );
        for (what, one, four) in [("memory", small.0, large.0), ("output", small.1, large.1)] {
            assert!(four <= 5 * one + allowed, "{kind}: {what} grows from {one} to {four}");
            assert!(four <= allowed + FOR_EACH_BYTE * large.2, "{kind}: {what} is {four} for {} bytes", large.2);
        }
    }
}

pub(crate) fn resolved(stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Resolution {
    resolve(stored, new, Role::Value, &Policy::default())
}
