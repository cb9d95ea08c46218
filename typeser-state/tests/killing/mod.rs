//! A child process that works until it is killed: the test program itself, started again for one task.
#![allow(dead_code, reason = "no test uses all of it")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What the child does, and where.
const TASK: &str = "TYPESER_KILL_TASK";
const FOLDER: &str = "TYPESER_KILL_FOLDER";

/// How many children are killed in each test.
pub fn rounds() -> u32 {
    std::env::var("TYPESER_KILLS").map_or(20, |rounds| rounds.parse().unwrap())
}

/// Splitmix64 from a seed that is printed: moments are random enough without a better one.
pub struct Random(u64);

impl Random {
    pub fn new(test: &str) -> Self {
        let clock = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        let seed = std::env::var("TYPESER_KILL_SEED").map_or(clock, |seed| seed.parse().unwrap());
        eprintln!("{test}: TYPESER_KILL_SEED={seed}");
        Self(seed)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33) % bound.max(1)
    }

    /// A moment before this time has passed.
    pub fn within(&mut self, time: Duration) -> Duration {
        Duration::from_micros(self.below(time.as_micros() as u64))
    }
}

/// What became of a child.
pub struct Child {
    /// How long it ran after it had begun.
    pub took: Duration,
    /// The lines `done ..` that it printed.
    pub done: Vec<String>,
}

/// Starts a child, and kills it so long after it has begun, or waits for its end. It may end before it is killed.
pub fn run(task: &str, folder: &Path, kill_after: Option<Duration>) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--ignored", "--nocapture"])
        .env(TASK, task)
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The harness of tests prints first.
    assert!(lines.any(|line| line == "begun"), "the child did not begin");
    let begin = Instant::now();
    let reader = std::thread::spawn(move || lines.filter(|line| line.starts_with("done ")).collect::<Vec<_>>());
    if let Some(after) = kill_after {
        std::thread::sleep(after);
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(status.success() || (kill_after.is_some() && status.code().is_none()), "the child failed: {status}");
    Child { took: begin.elapsed(), done: reader.join().unwrap() }
}

/// The task and the folder of this process, if it is a child.
pub fn task() -> Option<(String, PathBuf)> {
    Some((std::env::var(TASK).ok()?, std::env::var(FOLDER).ok()?.into()))
}

/// Prints a line at once: a pipe keeps what was written to it when the writer is killed.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}
