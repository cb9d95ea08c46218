//! `Versions` beside plain `serialize` and `deserialize`: what the frame and the choice of the layout cost for a value of
//! today's release and for older ones, with few and with many releases known, and what building the set takes.

use std::time::Instant;

use peak_alloc::PeakAlloc;
use typeser_bench::versions::{Subject, WORKS, build, older};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Nanoseconds of each kind of work: the minimum of 200 passes of 1,000 values; the works take turns.
fn main() {
    println!("| older releases known | build, ms | heap, KiB | {} |", WORKS.join(" | "));
    println!("| --- | --- | --- |{}", " --- |".repeat(WORKS.len()));
    for releases in [1, 10, 100, 1000] {
        let snapshots = older(releases);
        let mut least = f64::INFINITY;
        let mut heap = 0;
        for _ in 0..5 {
            let (before, start) = (ALLOCATOR.current_usage(), Instant::now());
            let set = build(&snapshots);
            least = least.min(start.elapsed().as_secs_f64() * 1e3);
            heap = ALLOCATOR.current_usage() - before;
            drop(set);
        }
        let mut subject = Subject::new(releases);
        let mut times = [f64::INFINITY; WORKS.len()];
        for _ in 0..200 {
            for (time, work) in times.iter_mut().zip(WORKS) {
                let start = Instant::now();
                subject.work(work, 1000);
                *time = time.min(start.elapsed().as_secs_f64() * 1e6);
            }
        }
        let times: Vec<String> = times.iter().map(|time| format!("{time:.1}")).collect();
        println!("| {releases} | {least:.2} | {} | {} |", heap / 1024, times.join(" | "));
    }
}
