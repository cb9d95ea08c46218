//! The harness: contenders take turns, and each gets the same number of turns.
//!
//! The machine is shared, so a figure is the *minimum* over many short passes; the median beside it shows
//! how noisy the run was. Contenders take turns within a pass, so that a slow minute affects all of them equally, and
//! each pass begins with a different contender. A turn is one untimed call, which brings code and data back into
//! the caches, and a few timed ones.

use std::time::{Duration, Instant};

/// How long a race lasts.
#[derive(Clone, Copy)]
pub struct Length {
    pub passes: usize,
    pub calls: usize,
}

/// One contender.
pub struct Contender<'a> {
    pub name: &'static str,
    work: Box<dyn FnMut() + 'a>,
}

/// The times of one contender.
pub struct Time {
    pub name: &'static str,
    pub least: Duration,
    pub median: Duration,
}

impl<'a> Contender<'a> {
    pub fn new(name: &'static str, work: impl FnMut() + 'a) -> Self {
        Self { name, work: Box::new(work) }
    }

    /// Repeats the work, for a profiler.
    pub fn repeat(&mut self, times: usize) {
        (0..times).for_each(|_| (self.work)());
    }
}

/// Measures the contenders.
pub fn race(mut contenders: Vec<Contender<'_>>, length: Length) -> Vec<Time> {
    let mut times: Vec<Vec<Duration>> = contenders.iter().map(|_| Vec::new()).collect();
    let count = contenders.len();
    for pass in 0..length.passes {
        for turn in 0..count {
            let at = (pass + turn) % count;
            let work = &mut contenders[at].work;
            work();
            for _ in 0..length.calls {
                let start = Instant::now();
                work();
                times[at].push(start.elapsed());
            }
        }
    }
    contenders.iter().zip(times).map(|(contender, times)| Time::of(contender.name, times)).collect()
}

impl Time {
    fn of(name: &'static str, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { name, least: times[0], median: times[times.len() / 2] }
    }
}
