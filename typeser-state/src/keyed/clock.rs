//! The clock of states with a time to live.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of processing time for state.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> u64;
}

/// The system clock. A time before 1970 counts as 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A clock that is set by hand, for tests.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use std::time::Duration;
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::descriptor::{TimeToLive, ValueStateDescriptor};
/// use typeser_state::keyed::{ManualClock, Operator};
///
/// let clock = Arc::new(ManualClock::new(0));
/// let mut operator = Operator::<u8>::new("sessions")?.with_clock(Arc::clone(&clock));
/// let seen = ValueStateDescriptor::<bool>::new("seen")?.with_time_to_live(TimeToLive::new(Duration::from_secs(1)));
/// let seen = operator.value_state(seen)?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&1)?;
/// seen.update(&mut state, &true)?;
/// clock.set(1_000);
/// assert_eq!(seen.get(&mut state)?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// Creates a clock that shows `now`, in milliseconds since 1970.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self(AtomicU64::new(now))
    }

    /// Sets the time, in milliseconds since 1970.
    pub fn set(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }
}

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> u64 {
        (**self).now()
    }
}
