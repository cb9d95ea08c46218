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
    /// What no value uses now. A value within another, which is rare, gets memory of its own.
    static IDLE: Cell<Option<Box<Memory>>> = const { Cell::new(None) };
}

impl Memory {
    /// The most bytes that a thread keeps for later values.
    const KEPT: usize = 1 << 20;

    /// Lends memory of this thread.
    #[inline]
    pub(crate) fn with<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        work(Self::lend().memory())
    }

    /// The same, until what is returned is dropped.
    #[inline]
    pub(crate) fn lend() -> Lent {
        Lent(IDLE.try_with(Cell::take).ok().flatten())
    }
}

/// Memory of the thread, which goes back when it is dropped.
pub(crate) struct Lent(Option<Box<Memory>>);

impl Lent {
    /// The memory, with nothing in it.
    #[inline]
    pub(crate) fn memory(&mut self) -> &mut Memory {
        let memory = self.0.get_or_insert_default();
        memory.bytes.clear();
        memory
    }
}

impl Drop for Lent {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(memory) = self.0.take_if(|memory| memory.bytes.capacity() <= Memory::KEPT) {
            // Once the thread has dropped its memory, there is none to keep.
            _ = IDLE.try_with(|idle| idle.replace(Some(memory)));
        }
    }
}
