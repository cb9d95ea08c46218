//! Runs the oracle for as many cases as asked: `oracle --cases 1000000 --seed 7`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use compat_tests::oracle;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut cases, mut seed) = (100_000, 1);
    for pair in arguments.chunks(2) {
        let slot = match pair[0].as_str() {
            "--cases" => &mut cases,
            "--seed" => &mut seed,
            _ => return usage(),
        };
        match pair.get(1).map(|number| number.parse()) {
            Some(Ok(number)) => *slot = number,
            _ => return usage(),
        }
    }
    let (mut out, begin) = (std::io::stdout(), Instant::now());
    let outcome = oracle::run(cases, seed, |_| ());
    let (summary, violation) = match outcome {
        Ok(summary) => (summary, None),
        Err(found) => (found.0, Some(found.1)),
    };
    let violations = usize::from(violation.is_some());
    let seconds = begin.elapsed().as_secs_f64();
    let mut told = format!("{summary}\n{violations} violations\nseed {seed}\n{seconds:.1} s\n");
    if let Some(violation) = &violation {
        told.push_str(&format!("\nthe case of seed {} (--cases 1), made small:\n{}", violation.seed, violation.told));
    }
    match out.write_all(told.as_bytes()) {
        Ok(()) if violation.is_none() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn usage() -> ExitCode {
    drop(std::io::stderr().write_all(b"usage: oracle [--cases NUMBER] [--seed NUMBER]\n"));
    ExitCode::from(2)
}
