//! Atomics, cells and locks: as the value inside, read at one moment.
//!
//! None of them is a key: what they hold changes while they are one.

use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};
use std::sync::{Mutex, RwLock};

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, StateType, encode_value};
use crate::wire::{DecodeError, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

macro_rules! atomics {
    ($($atomic:ident $plain:ident;)*) => { $(
        /// Loaded with `Relaxed`: what other threads wrote before is not ordered with it.
        impl StateType for $atomic {
            const SIZES: Sizes = $plain::SIZES;

            fn describe(to: &mut Describer) -> NodeId {
                $plain::describe(to)
            }

            #[inline(always)]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                self.load(Relaxed).encode(to)
            }

            #[inline(always)]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                $plain::decode(from).map(Self::new)
            }
        }
    )* };
}

atomics! {
    AtomicBool bool;
    AtomicI8 i8;
    AtomicI16 i16;
    AtomicI32 i32;
    AtomicI64 i64;
    AtomicIsize isize;
    AtomicU8 u8;
    AtomicU16 u16;
    AtomicU32 u32;
    AtomicU64 u64;
    AtomicUsize usize;
}

macro_rules! cells {
    ($($cell:ident $(+ $bound:ident)?, $this:ident => $value:expr;)*) => { $(
        impl<T: StateType $(+ $bound)?> StateType for $cell<T> {
            const SIZES: Sizes = T::SIZES;

            fn describe(to: &mut Describer) -> NodeId {
                T::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                let $this = self;
                let value = $value;
                encode_value::<T, W>(&value, to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                T::decode(from).map(Self::new)
            }
        }
    )* };
}

cells! {
    Cell + Copy, cell => cell.get();
    RefCell, cell => cell.try_borrow().map_err(|_| busy("RefCell", "it is borrowed mutably"))?;
    Mutex, lock => lock.lock().map_err(|_| busy("Mutex", POISONED))?;
    RwLock, lock => lock.read().map_err(|_| busy("RwLock", POISONED))?;
}

/// The value may be half changed.
const POISONED: &str = "a thread panicked while it held the lock";

#[cold]
fn busy(type_name: &'static str, why: &'static str) -> EncodeError {
    EncodeErrorKind::NoForm { what: "the value".to_owned(), type_name, why }.into()
}
