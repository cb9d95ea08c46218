//! The instructions of typeser's hot paths, counted by callgrind and compared with `instructions.txt`.
//!
//! A path is run so often, and three times so often, each in a process of its own; the difference is what the further
//! runs cost. Cheap paths are run more often, since setting up costs a little more or less each time.
//! Counts depend on the compiler and, through the copying routines of the C library, on the processor. So the file
//! names both, and with others the differences are printed but are no failure.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, thread};

/// Arguments of `profile`: data, race, contender, and how often it is run.
const PATHS: [ProfiledPath; 26] = [
    ("log", "encode", "typeser fixed", 2),
    ("mesh", "encode", "typeser fixed", 2),
    ("minecraft_savedata", "encode", "typeser fixed", 2),
    ("mk48", "encode", "typeser fixed", 2),
    ("log", "encode", "typeser variable", 2),
    ("mk48", "encode", "typeser variable", 2),
    ("log", "decode", "typeser fixed", 2),
    ("mesh", "decode", "typeser fixed", 2),
    ("minecraft_savedata", "decode", "typeser fixed", 2),
    ("mk48", "decode", "typeser fixed", 2),
    ("log", "decode", "typeser variable", 2),
    ("mk48", "decode", "typeser variable", 2),
    ("log", "evolve", "typeser transcoder, verified", 2),
    ("log", "evolve", "typeser transcoder, foreign", 2),
    ("mesh", "widen", "typeser transcoder, verified", 2),
    ("log", "old-each", "old bytes, foreign", 2),
    ("log", "old-each-widened", "old bytes, foreign", 2),
    ("log", "reconfigured-each", "reconfigured, write", 2),
    ("log", "reconfigured-each", "reconfigured, write and read", 2),
    ("versions", "values", "encode", 20000),
    ("versions", "values", "decode", 20000),
    ("versions", "values", "decode-old", 20000),
    ("versions", "values", "upgrade-old", 20000),
    ("wide", "resolve", "evolved", 2),
    ("wide", "resolve", "equal", 2000),
    ("wide", "resolve", "stored", 2),
];

/// By how many thousandths a path may grow.
const ALLOWED: u64 = 20;

type ProfiledPath = (&'static str, &'static str, &'static str, u64);

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Compares with the stored counts. Fails if a path costs more than it may, counted by the same compiler on the same
/// processor.
pub fn compare() -> ExitCode {
    outcome(|| {
        let stored = fs::read_to_string(baseline())?;
        let (of_stored, same) = (stored.lines().next().unwrap_or_default().to_owned(), machine()?);
        let is_same = of_stored == same;
        let mut grown = 0;
        let mut table = String::from("| path | stored | now | change |\n| --- | --- | --- | --- |\n");
        for (path, now) in PATHS.iter().zip(count_all()?) {
            let name = name(path);
            let line = stored.lines().find_map(|line| line.strip_prefix(&name)?.strip_prefix(" = "));
            let Some(before) = line.map(str::parse::<u64>).transpose()? else {
                writeln!(table, "| {name} | | {now} | new |")?;
                continue;
            };
            let change = (now as f64 / before as f64 - 1.0) * 100.0;
            let too_much = now > before + before * ALLOWED / 1000;
            grown += usize::from(too_much);
            writeln!(table, "| {name} | {before} | {now} | {change:+.1} %{} |", if too_much { " !" } else { "" })?;
        }
        println!("{table}");
        Ok(match (grown, is_same) {
            (0, true) => ExitCode::SUCCESS,
            (_, false) => {
                println!("counted by\n  {same}\nthe stored counts by\n  {of_stored}\nso the change says nothing");
                ExitCode::SUCCESS
            }
            (_, true) => {
                println!(
                    "{grown} paths grew by more than {} %; if that is intended, run `typeser-bench instructions --bless`",
                    ALLOWED as f64 / 10.0
                );
                ExitCode::FAILURE
            }
        })
    })
}

/// Writes the counts of now.
pub fn bless() -> ExitCode {
    outcome(|| {
        let mut text = machine()? + "\n";
        for (path, count) in PATHS.iter().zip(count_all()?) {
            writeln!(text, "{} = {count}", name(path))?;
        }
        fs::write(baseline(), text)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn outcome(work: impl FnOnce() -> Result<ExitCode, Failed>) -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("valgrind is not installed, so no instructions are counted");
        return ExitCode::SUCCESS;
    }
    work().unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    })
}

fn baseline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// The compiler, its target and the processor.
fn machine() -> Result<String, Failed> {
    let version = Command::new("rustc").arg("-vV").output()?.stdout;
    let version = String::from_utf8(version)?;
    let value = |text: &str, key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.map_or_else(|| "unknown".to_owned(), |value| value.trim_start_matches([' ', '\t', ':']).to_owned())
    };
    let processor = value(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default(), "model name");
    Ok(format!("rustc {}, {}, {processor}", value(&version, "release"), value(&version, "host")))
}

/// The counts of all paths, two at a time.
fn count_all() -> Result<Vec<u64>, Failed> {
    let (first, second) = PATHS.split_at(PATHS.len() / 2);
    let count = |paths: &[ProfiledPath]| paths.iter().map(count).collect::<Result<Vec<_>, _>>();
    thread::scope(|scope| {
        let other = scope.spawn(|| count(second));
        let mut counts = count(first)?;
        counts.extend(other.join().map_err(|_| "counting panicked")??);
        Ok(counts)
    })
}

fn name((data, race, contender, _): &ProfiledPath) -> String {
    format!("{data}: {race}: {contender}")
}

/// The instructions of one run, rounded down.
fn count(path: &ProfiledPath) -> Result<u64, Failed> {
    let times = path.3;
    let (few, many) = (collected(path, times)?, collected(path, 3 * times)?);
    Ok(many.checked_sub(few).ok_or_else(|| format!("{}: more runs took fewer instructions", name(path)))? / (2 * times))
}

/// All instructions of a process that runs the path this often.
fn collected(path @ (data, race, contender, _): &ProfiledPath, times: u64) -> Result<u64, Failed> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(env::current_exe()?);
    let output = command.args(["profile", data, race, contender, &times.to_string()]).output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    let count = log.lines().find_map(|line| line.split_once("Collected :")?.1.split_whitespace().next()?.parse().ok());
    count.filter(|_| output.status.success()).ok_or_else(|| format!("{}: {log}", name(path)).into())
}
