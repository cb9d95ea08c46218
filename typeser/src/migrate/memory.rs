//! The buffers between stored and new bytes, kept per thread so that values do not allocate them.

use std::cell::Cell;

use super::scratch::Scratch;

/// Memory for the bytes of one value on their way into another layout.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) scratch: Scratch,
}

thread_local! {
    static MEMORY: Cell<Memory> = Cell::default();
}

impl Memory {
    /// The most bytes that a thread keeps for later values.
    const KEPT: usize = 1 << 20;

    /// Lends the thread's memory. A value that serializes another one on the way gets fresh memory.
    pub(crate) fn with<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        let mut memory = MEMORY.take();
        memory.bytes.clear();
        let result = work(&mut memory);
        if memory.bytes.capacity() <= Self::KEPT {
            MEMORY.set(memory);
        }
        result
    }
}
