//! Two releases run alternately over one file, and are killed at random moments: while they write, migrate or roll back.
//! Whatever they said is durable: every job is there once, queued or done, and the queue is in order.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]
#![allow(clippy::print_stderr, reason = "a failed run can be repeated by its seed")]

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use queue::{release2, release3, service};
use redb::Database;

const RELEASE_2: &str = env!("CARGO_BIN_EXE_release2");
const RELEASE_3: &str = env!("CARGO_BIN_EXE_release3");
/// How long the processes run in all.
const TIME: Duration = Duration::from_secs(20);
/// Enough for a migration of many batches.
const JOBS: u64 = 1_500;

/// What the processes have said.
#[derive(Default)]
struct Said {
    pushed: BTreeSet<u64>,
    taken: BTreeSet<u64>,
    /// Whether a rollback was refused.
    no_way_back: bool,
    /// How many were killed before and after they had said `open`, and how many were refused.
    unopened: u32,
    opened: u32,
    refused: u32,
}

#[test]
fn what_was_acknowledged_survives_killed_releases() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queue.redb");
    let mut said = Said::default();
    fill(&file, &mut said);
    let (started, mut random, mut ran) = (Instant::now(), Random(seed()), [0u32; 3]);
    let mut round = 1;
    while started.elapsed() < TIME {
        let (number, program, work) = match random.below(5) {
            0 => (0, RELEASE_2, "write"),
            1 => (1, RELEASE_2, "back"),
            2 => (2, RELEASE_3, "write"),
            _ => (2, RELEASE_3, "wait"),
        };
        let before = said.opened;
        run(program, &file, work, round * 1_000_000, random.below(250), &mut said);
        ran[number] += said.opened - before;
        round += 1;
        // Now and then the queue is looked at between the processes, as the release that can open it.
        if round % 8 == 0 {
            check(&file, &said);
        }
        // Once release 3 has written, there is no way back: the next file begins.
        if said.no_way_back && random.below(2) == 0 {
            check(&file, &said);
            std::fs::remove_file(&file).unwrap();
            said = Said { pushed: BTreeSet::new(), taken: BTreeSet::new(), no_way_back: false, ..said };
            fill(&file, &mut said);
        }
    }
    check(&file, &said);
    let Said { unopened, opened, refused, .. } = said;
    eprintln!("{round} processes: {opened} killed at work, {unopened} at their start, {refused} refused; {ran:?}");
    assert!(ran.iter().all(|ran| *ran > 0) && unopened > 0 && refused > 0, "too few processes ran: {ran:?}");
}

/// Begins a file, as release 2.
fn fill(file: &Path, said: &mut Said) {
    let database = Arc::new(Database::create(file).unwrap());
    let queue = release2::Queue::open(&database).unwrap();
    let transaction = database.begin_write().unwrap();
    let mut jobs = queue.jobs.write_in(&transaction).unwrap();
    for id in 0..JOBS {
        let (priority, due) = service::place(id);
        let job = release2::Job { task: format!("task {id}") };
        jobs.insert(&release2::Due { priority, due, id }, &job).unwrap();
        said.pushed.insert(id);
    }
    drop(jobs);
    transaction.commit().unwrap();
}

/// Lets a process work for so many milliseconds, kills it, and notes what it has said.
fn run(program: &str, file: &Path, work: &str, first: u64, millis: u64, said: &mut Said) {
    let mut command = Command::new(program);
    command.arg(file).arg(work).arg(first.to_string()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().unwrap();
    let (mut lines, mut errors) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut lines).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    let status = child.wait().unwrap();
    let is_refusal = errors.contains("does not fit the program")
        || errors.contains("cannot be opened, so none was")
        || errors.contains("would discard changes")
        || errors.contains("no table is kept");
    assert!(errors.is_empty() || is_refusal, "{program} {work}: {status}\n{errors}");
    said.refused += u32::from(is_refusal);
    said.no_way_back |= errors.contains("would discard changes");
    // The last line may be cut off.
    let whole = lines.rsplit_once('\n').map_or("", |(whole, _)| whole);
    match whole.lines().next() {
        Some("open") => said.opened += 1,
        Some(other) => panic!("{other}"),
        None => said.unopened += u32::from(!is_refusal),
    }
    for line in whole.lines().skip(1) {
        let (what, id) = line.split_once(' ').unwrap();
        let of = if what == "pushed" { &mut said.pushed } else { &mut said.taken };
        assert!(of.insert(id.parse().unwrap()), "{line} was said twice");
    }
}

/// The queue as either release finds it. It is opened as release 2 if that can, and else as release 3.
fn check(file: &Path, said: &Said) {
    let database = Arc::new(Database::create(file).unwrap());
    let (queued, done, is_sorted): (Vec<u64>, Vec<u64>, bool) = match release2::Queue::open(&database) {
        Ok(queue) => {
            let due: Vec<_> = queue.jobs.iter().unwrap().map(|row| row.unwrap().0).collect();
            let done = queue.done.iter().unwrap().map(|row| row.unwrap().0).collect();
            let is_sorted = due.is_sorted_by_key(|due| (due.priority, due.due, due.id));
            (due.iter().map(|due| due.id).collect(), done, is_sorted)
        }
        Err(_) => {
            let queue = release3::Queue::open(&database).unwrap();
            let due: Vec<_> = queue.jobs.iter().unwrap().map(|row| row.unwrap().0).collect();
            let done = queue.done.iter().unwrap().map(|row| row.unwrap().0).collect();
            let is_sorted = due.is_sorted_by_key(|due| (due.due, due.priority, due.id));
            (due.iter().map(|due| due.id).collect(), done, is_sorted)
        }
    };
    assert!(is_sorted, "the queue is not in order");
    let (waiting, done): (BTreeSet<u64>, BTreeSet<u64>) =
        (queued.iter().copied().collect(), done.into_iter().collect());
    assert_eq!(waiting.len(), queued.len(), "a job is queued twice");
    assert!(waiting.is_disjoint(&done), "a job is queued and done");
    assert!(said.taken.is_subset(&done), "a job that was taken is not done");
    let all: BTreeSet<u64> = waiting.union(&done).copied().collect();
    let lost: Vec<_> = said.pushed.difference(&all).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    // A process that was killed may have written one job of which it said nothing.
    let unsaid: BTreeSet<u64> = all.difference(&said.pushed).map(|id| id / 1_000_000).collect();
    assert_eq!(unsaid.len(), all.difference(&said.pushed).count(), "one process wrote several jobs in silence");
}

/// Other moments in each run. The seed is printed, and a run with it has the same order of processes.
fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = std::env::var("QUEUE_SEED").map_or(now.as_nanos() as u64, |seed| seed.parse().unwrap());
    eprintln!("QUEUE_SEED={seed}");
    seed
}

/// xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 |= 1;
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % most
    }
}
