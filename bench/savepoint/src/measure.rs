//! Time, peak heap and bytes written of a step.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use crate::{ALLOCATOR, Outcome};

/// The cost of a step.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub seconds: f64,
    /// The peak of the heap above its size before the step, in bytes.
    pub peak: usize,
    /// The total size of the files that it wrote, in bytes.
    pub written: u64,
}

impl Measured {
    pub fn of<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(T, Self)> {
        ALLOCATOR.reset_peak_usage();
        let (before, begin) = (ALLOCATOR.current_usage(), Instant::now());
        let done = work()?;
        let seconds = begin.elapsed().as_secs_f64();
        Ok((done, Self { seconds, peak: ALLOCATOR.peak_usage().saturating_sub(before), written: 0 }))
    }

    pub fn writing(self, output: &Path) -> io::Result<Self> {
        let written = match output.is_dir() {
            true => fs::read_dir(output)?.map(|entry| Ok(entry?.metadata()?.len())).sum::<io::Result<u64>>()?,
            false => fs::metadata(output)?.len(),
        };
        Ok(Self { written, ..self })
    }

    /// The minimum of both passes.
    pub fn min(self, other: Self) -> Self {
        let seconds = self.seconds.min(other.seconds);
        Self { seconds, peak: self.peak.min(other.peak), written: other.written }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, peak, written } = self;
        write!(f, "{seconds:.2} s, peak {:.1} MiB, {written} bytes written", *peak as f64 / f64::from(1 << 20))
    }
}
