//! Runs the oracle: `oracle --cases 1000000 --seed 7`, `oracle --seconds 600`, `oracle --keep-going`, or
//! `oracle --planted`.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use compat_tests::oracle::planted::{self, FAULTS};
use compat_tests::oracle::subject::Typeser;
use compat_tests::oracle::{self, Summary};

const USAGE: &str = "\
usage: oracle [--cases NUMBER] [--seconds NUMBER] [--seed NUMBER] [--keep-going | --planted]

Compares the library with the model on random evolutions of random layouts, until the given number of cases or seconds
is reached, whichever comes first (100000 cases if neither is given), and prints what was checked. A violation is
minimized and printed with its seed: `--cases 1 --seed SEED` reproduces it. With --keep-going, a violation does not end
the run: the seeds of all violations are listed by kind instead. With --planted, searches for each planted fault
instead. Every 50,000 cases, the seed of the remaining run is printed to standard error.
";

/// After this many cases a run prints its position: a killed process reports no violation.
const MILESTONE: u64 = 50_000;

struct Arguments {
    cases: Option<u64>,
    seconds: Option<u64>,
    seed: u64,
    keep_going: bool,
    planted: bool,
}

fn main() -> ExitCode {
    let Some(arguments) = arguments(std::env::args().skip(1)) else {
        drop(std::io::stderr().write_all(USAGE.as_bytes()));
        return ExitCode::from(2);
    };
    let (text, is_well) = if arguments.planted { planted(&arguments) } else { random(&arguments) };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) if is_well => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Option<Arguments> {
    let mut arguments = Arguments { cases: None, seconds: None, seed: 1, keep_going: false, planted: false };
    while let Some(name) = given.next() {
        let mut number = || given.next().and_then(|number| number.parse::<u64>().ok());
        match name.as_str() {
            "--cases" => arguments.cases = Some(number()?),
            "--seconds" => arguments.seconds = Some(number()?),
            "--seed" => arguments.seed = number()?,
            "--keep-going" => arguments.keep_going = true,
            "--planted" => arguments.planted = true,
            _ => return None,
        }
    }
    Some(arguments)
}

fn random(arguments: &Arguments) -> (String, bool) {
    let begin = Instant::now();
    let cases = arguments.cases.unwrap_or(if arguments.seconds.is_some() { u64::MAX } else { 100_000 });
    let end = arguments.seconds.map(|seconds| begin + Duration::from_secs(seconds));
    let more = |summary: &Summary| {
        if summary.cases > 0 && summary.cases.is_multiple_of(MILESTONE) {
            let rest = oracle::seed_of(arguments.seed, summary.cases);
            drop(writeln!(std::io::stderr(), "{} cases; continue with --seed {rest}", summary.cases));
        }
        summary.cases < cases && end.is_none_or(|end| Instant::now() < end)
    };
    if arguments.keep_going {
        let (summary, found) = oracle::survey(&Typeser, arguments.seed, more);
        let mut kinds: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        found.iter().for_each(|case| kinds.entry(&case.kind).or_default().push(case.seed));
        let seconds = begin.elapsed().as_secs_f64();
        let mut text = format!("{summary}\n{} violations\nseed {}\n{seconds:.1} s\n", found.len(), arguments.seed);
        for (kind, seeds) in kinds {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            text.push_str(&format!("{:>8} {kind}\n         {}\n", seeds.len(), seeds.join(" ")));
        }
        return (text, found.is_empty());
    }
    let (summary, violation) = match oracle::run(&Typeser, arguments.seed, more) {
        Ok(summary) => (summary, None),
        Err(found) => (found.0, Some(found.1)),
    };
    let (seconds, violations) = (begin.elapsed().as_secs_f64(), u64::from(violation.is_some()));
    let mut text = format!("{summary}\n{violations} violations\nseed {}\n{seconds:.1} s\n", arguments.seed);
    if let Some(violation) = &violation {
        text.push_str(&format!("\n--cases 1 --seed {}, minimized:\n{}", violation.seed, violation.text));
    }
    (text, violation.is_none())
}

/// Prints every planted fault and the number of cases after which it is found.
fn planted(arguments: &Arguments) -> (String, bool) {
    let cases = arguments.cases.unwrap_or(planted::CASES);
    let mut missed = 0;
    for fault in FAULTS {
        let line = match oracle::first_broken(fault, arguments.seed, cases) {
            Some((after, broken)) => format!("{after:>8}  {}: {}\n", fault.name, broken.law.words()),
            None => {
                missed += 1;
                format!("  missed  {}\n", fault.name)
            }
        };
        // Print each result at once. If standard output is closed, the exit code still gives the outcome.
        drop(std::io::stdout().write_all(line.as_bytes()));
    }
    let mut text = String::new();
    text.push_str(&format!(
        "{} faults planted, {missed} missed within {cases} cases, seed {}\n",
        FAULTS.len(),
        arguments.seed
    ));
    (text, missed == 0)
}
