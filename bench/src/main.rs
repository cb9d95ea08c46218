//! typeser compared with other codecs: encode, decode, size, and evolution of stored bytes. The figures are in
//! `README.md`.

use std::process::ExitCode;

use typeser_bench::codec::{self, Case, Subject};
use typeser_bench::data::{log, mesh, minecraft_savedata, mk48};
use typeser_bench::evolve::{EachOld, Evolution, Reconfigured};
use typeser_bench::race::{Contender, Length, Time, race};
use typeser_bench::{instructions, versions, wide};

const USAGE: &str = "\
typeser-bench [--quick] [DATA]
    races on all data sets, or on those whose name begins with DATA
typeser-bench profile DATA RACE CONTENDER TIMES
    one contender alone, repeated, for a profiler; RACE is encode, fresh, decode, evolve, widen,
    reconfigured, reconfigured-each, old-each or old-each-widened. DATA may be `wide` or `versions`, with RACE resolve or values
typeser-bench instructions [--bless]
    counts the instructions of typeser's hot paths by callgrind, and compares them with `instructions.txt`, or
    writes that file";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["profile", data, race, contender, times] => match times.parse() {
            Ok(times) => profile(data, race, contender, times),
            Err(_) => fail(),
        },
        ["instructions"] => instructions::compare(),
        ["instructions", "--bless"] => instructions::bless(),
        ["--quick"] => all("", Length { passes: 3, calls: 1 }),
        ["--quick", data] => all(data, Length { passes: 3, calls: 1 }),
        [] => all("", Length { passes: 60, calls: 3 }),
        [data] if !data.starts_with('-') => all(data, Length { passes: 60, calls: 3 }),
        _ => fail(),
    }
}

fn fail() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::FAILURE
}

fn all(data: &str, length: Length) -> ExitCode {
    let mut sets = 0;
    let mut wanted = |name: &str| {
        let wanted = name.starts_with(data);
        sets += usize::from(wanted);
        wanted
    };
    if wanted("log") {
        let case = Case::new(log::generate());
        codecs("log", &case, length);
        let added = Evolution::<log::Log, log::next::Log>::new(&case.value);
        print("log, evolved: a middle string dropped, a string with a default appended", added.contenders(), length);
        let widened = Evolution::<log::Log, log::widened::Log>::new(&case.value);
        print("log, evolved: u16 to u32", widened.contenders(), length);
        print("log, old values: a string dropped, a string appended, each alone", old_logs().contenders(), length);
        print("log, old values: u16 to u32, each alone", old_logs_widened().contenders(), length);
        print("log, reconfigured: fields in another order, one value per record", log_in_many().contenders(), length);
    }
    if wanted("mesh") {
        let case = Case::new(mesh::generate());
        codecs("mesh", &case, length);
        let widened = Evolution::<mesh::Triangle, mesh::widened::Triangle>::new(&case.value);
        print("mesh, evolved: f32 to f64", widened.contenders(), length);
        print(
            "mesh, reconfigured: fields in another order, all triangles in one value",
            mesh_in_one().contenders(),
            length,
        );
        print(
            "mesh, reconfigured: fields in another order, one value per triangle",
            mesh_in_many().contenders(),
            length,
        );
    }
    if wanted("minecraft_savedata") {
        codecs("minecraft_savedata", &Case::new(minecraft_savedata::generate()), length);
    }
    if wanted("mk48") {
        codecs("mk48", &Case::new(mk48::generate()), length);
    }
    if sets == 0 { fail() } else { ExitCode::SUCCESS }
}

fn mesh_in_one() -> Reconfigured<Vec<mesh::permuted::Triangle>> {
    Reconfigured::new(vec![mesh::generate()], |list| list.into_iter().map(Into::into).collect())
}

fn mesh_in_many() -> Reconfigured<mesh::permuted::Triangle> {
    Reconfigured::new(mesh::generate(), Into::into)
}

fn log_in_many() -> Reconfigured<log::permuted::Log> {
    Reconfigured::new(log::generate(), Into::into)
}

/// As many values as a cache holds: what is measured is the work, not the memory.
fn some_logs() -> Vec<log::Log> {
    log::generate().into_iter().take(1_000).collect()
}

fn old_logs() -> EachOld<log::next::Log> {
    EachOld::new(some_logs(), Into::into)
}

fn old_logs_widened() -> EachOld<log::widened::Log> {
    EachOld::new(some_logs(), Into::into)
}

fn codecs<T: Subject>(name: &str, case: &Case<T>, length: Length)
where
    Vec<T>: Subject,
{
    let reused = race(case.encode_reused(), length);
    let fresh = race(case.encode_fresh(), length);
    let decode = race(case.decode(), length);
    let wincode = |times: &[Time]| micros(times.iter().find(|time| time.name == codec::WINCODE));
    let (best_reused, best_fresh, best_decode) = (wincode(&reused), wincode(&fresh), wincode(&decode));
    println!("\n### {name}\n");
    println!("| | encode, reused buffer | encode, fresh buffer | decode and drop | bytes |");
    println!("| --- | --- | --- | --- | --- |");
    for ((reused, fresh), decode) in reused.iter().zip(&fresh).zip(&decode) {
        let bytes = match reused.name {
            codec::TYPESER_VARIABLE | codec::BINCODE_2_STANDARD => case.variable.len(),
            _ => case.fixed.len(),
        };
        println!(
            "| {} | {} | {} | {} | {bytes} |",
            reused.name,
            cell(reused, best_reused),
            cell(fresh, best_fresh),
            cell(decode, best_decode)
        );
    }
}

fn print(title: &str, contenders: Vec<Contender<'_>>, length: Length) {
    let times = race(contenders, length);
    let first = micros(times.first());
    println!("\n### {title}\n\n| | |\n| --- | --- |");
    for time in &times {
        println!("| {} | {} |", time.name, cell(time, first));
    }
}

/// Minimum, median, and the minimum's ratio to that of another.
fn cell(time: &Time, to: f64) -> String {
    let median = time.median.as_secs_f64() * 1e6;
    format!("{:.0} ({median:.0}) {:.2}x", micros(Some(time)), micros(Some(time)) / to)
}

fn micros(time: Option<&Time>) -> f64 {
    time.map_or(f64::NAN, |time| time.least.as_secs_f64() * 1e6)
}

fn profile(data: &str, race: &str, contender: &str, times: usize) -> ExitCode {
    let alone = |contenders: Vec<Contender<'_>>| {
        let mut found = contenders.into_iter().filter(|known| known.name.starts_with(contender));
        found.next().map(|mut found| found.repeat(times)).map_or_else(fail, |()| ExitCode::SUCCESS)
    };
    match (data, race) {
        ("log", "evolve") => alone(Evolution::<_, log::next::Log>::new(&log::generate()).contenders()),
        ("log", "widen") => alone(Evolution::<_, log::widened::Log>::new(&log::generate()).contenders()),
        ("mesh", "widen") => alone(Evolution::<_, mesh::widened::Triangle>::new(&mesh::generate()).contenders()),
        ("mesh", "reconfigured") => alone(mesh_in_one().contenders()),
        ("mesh", "reconfigured-each") => alone(mesh_in_many().contenders()),
        ("log", "old-each") => alone(old_logs().contenders()),
        ("log", "old-each-widened") => alone(old_logs_widened().contenders()),
        ("log", "reconfigured-each") => alone(log_in_many().contenders()),
        ("wide", "resolve") => alone(wide::contenders()),
        ("versions", "values") => versions::Subject::new(1_000).alone(contender, times),
        ("log", race) => codec(&Case::new(log::generate()), race, alone),
        ("mesh", race) => codec(&Case::new(mesh::generate()), race, alone),
        ("minecraft_savedata", race) => codec(&Case::new(minecraft_savedata::generate()), race, alone),
        ("mk48", race) => codec(&Case::new(mk48::generate()), race, alone),
        _ => fail(),
    }
}

fn codec<T: Subject>(case: &Case<T>, race: &str, alone: impl FnOnce(Vec<Contender<'_>>) -> ExitCode) -> ExitCode
where
    Vec<T>: Subject,
{
    match race {
        "encode" => alone(case.encode_reused()),
        "fresh" => alone(case.encode_fresh()),
        "decode" => alone(case.decode()),
        _ => fail(),
    }
}
