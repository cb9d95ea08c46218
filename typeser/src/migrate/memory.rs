//! The buffers between stored and new bytes, kept per thread so that values do not allocate them.

use std::cell::RefCell;

use super::scratch::Scratch;

/// Memory for the bytes of one value on their way into another layout.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) scratch: Scratch,
}

thread_local! {
    /// What no value uses now. A value within another takes the next.
    static IDLE: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

impl Memory {
    /// The most bytes that a thread keeps for later values.
    const KEPT: usize = 1 << 20;

    /// How many of them a thread keeps: values are rarely nested deeper.
    const MOST: usize = 4;

    /// Lends memory of this thread.
    pub(crate) fn with<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        let mut memory = IDLE.with_borrow_mut(Vec::pop).unwrap_or_default();
        memory.bytes.clear();
        let result = work(&mut memory);
        if memory.bytes.capacity() <= Self::KEPT {
            IDLE.with_borrow_mut(|idle| {
                if idle.len() < Self::MOST {
                    idle.push(memory);
                }
            });
        }
        result
    }
}
