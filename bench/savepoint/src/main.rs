//! A savepoint of millions of entries: how long writing, restoring, migrating, re-keying, reading and editing take, and in
//! how much memory, compared with the same bytes streamed through redb alone.

mod entries;
mod measure;
mod raw;

use std::error::Error;
use std::path::{Path, PathBuf};

use typeser::resolve::Role;
use typeser::{Serializer, TypeSerializer};
use typeser_state::backend::{MemoryBackend, RedbBackend};
use typeser_state::key_group::MaxParallelism;
use typeser_state::keyed::Operator;
use typeser_state::processor::{KeyEntries, MigrationPlan, ProcessOptions, Query, RekeyPlan, SavepointEdit, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use entries::{STATE, UID, new, old};
use measure::Measured;

#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| -> Outcome<u64> {
        let at = arguments.iter().position(|argument| argument == name);
        Ok(at.and_then(|at| arguments.get(at + 1)).map_or(Ok(default), |text| text.replace('_', "").parse())?)
    };
    let (rows, passes) = (number("--rows", 5_000_000)?, number("--passes", 1)?);
    let only = arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(format!("work-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = run(&folder, rows, passes, only.map(String::as_str));
    std::fs::remove_dir_all(&folder)?;
    outcome
}

/// The measured steps, each with the step of redb alone that it is compared with.
const STEPS: [(&str, &str); 14] = [
    ("redb alone: load", ""),
    ("redb alone: dump", ""),
    ("restore without change", "redb alone: load"),
    ("write", "redb alone: dump"),
    ("restore with migration", "redb alone: load"),
    ("migrate to a savepoint", "redb alone: load"),
    ("re-key, rows move", "redb alone: load"),
    ("re-key, metadata only", "redb alone: load"),
    ("bootstrap in memory, and write", "redb alone: load"),
    ("read every key", "redb alone: load"),
    ("read every key without types", "redb alone: load"),
    ("modify every key", "redb alone: load"),
    ("rename the operator", "redb alone: load"),
    ("another max parallelism", "redb alone: load"),
];

fn run(folder: &Path, rows: u64, passes: u64, only: Option<&str>) -> Outcome<()> {
    let at = |name: &str| folder.join(name);
    println!("{rows} entries; {passes} passes, the fastest counts");
    let (savepoint, _) = Measured::of(|| bootstrap(&at("first"), rows))?;
    let stored = savepoint.operators()[0].files().iter().flat_map(|file| file.states()).map(|size| size.bytes);
    let bytes: u64 = stored.sum();
    println!("{bytes} bytes of keys and values, {} a row\n", bytes / rows.max(1));
    raw::write_plain(&savepoint, &at("plain"))?;

    let mut best: Vec<(&str, Measured)> = Vec::new();
    for pass in 0..passes {
        for (name, _) in STEPS {
            if only.is_some_and(|only| !name.contains(only) && !name.starts_with("redb alone")) {
                continue;
            }
            let measured = step(name, folder, &savepoint)?;
            println!("pass {pass}: {name}: {measured}");
            match best.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = known.min(measured),
                None => best.push((name, measured)),
            }
        }
        for name in ["raw.redb", "state.redb"] {
            std::fs::remove_file(at(name)).or_else(|_| Ok::<_, std::io::Error>(()))?;
        }
    }

    println!(
        "\n| step | seconds | MB/s | peak heap, MiB | MB written | beside redb alone |\n| --- | --- | --- | --- | --- | --- |"
    );
    for (name, measured) in &best {
        let beside = STEPS.iter().find(|(known, _)| known == name).map_or("", |(_, beside)| beside);
        let raw = best.iter().find(|(known, _)| *known == beside).map(|(_, raw)| raw.seconds / measured.seconds);
        let raw = raw.map_or(String::new(), |raw| format!("{:.0} % of {beside}", raw * 100.0));
        println!(
            "| {name} | {:.2} | {:.0} | {:.1} | {:.0} | {raw} |",
            measured.seconds,
            bytes as f64 / measured.seconds / 1e6,
            measured.peak as f64 / f64::from(1 << 20),
            measured.written as f64 / 1e6
        );
    }
    Ok(())
}

fn step(name: &str, folder: &Path, savepoint: &Savepoint) -> Outcome<Measured> {
    let at = |name: &str| folder.join(name);
    let new_folder = at("new");
    let (raw_file, state_file) = (at("raw.redb"), at("state.redb"));
    let options = RestoreOptions::new();
    let process = ProcessOptions::new();
    let result: (PathBuf, Measured) = match name {
        "redb alone: load" => {
            let (_, measured) = Measured::of(|| raw::load(&at("plain"), &raw_file))?;
            return Ok(measured.writing(&raw_file)?);
        }
        "redb alone: dump" => {
            let (_, measured) = Measured::of(|| raw::dump(&raw_file, &at("dump")))?;
            (at("dump"), measured)
        }
        "restore without change" => {
            let (operator, _) = old::operator()?;
            let (_, measured) = Measured::of(|| {
                operator.restore(savepoint, RedbBackend::open(&state_file)?, &options, &mut |_| ())?;
                Ok(())
            })?;
            return Ok(measured.writing(&state_file)?);
        }
        "write" => {
            let (operator, _) = old::operator()?;
            if !state_file.exists() {
                // It was not asked for, and is not measured.
                operator.restore(savepoint, RedbBackend::open(&state_file)?, &options, &mut |_| ())?;
            }
            let state = operator.open(RedbBackend::open(&state_file)?)?;
            let (_, measured) = Measured::of(|| Ok(Savepoint::create(&new_folder)?.operator(&state)?.finish()?))?;
            (new_folder, measured)
        }
        "restore with migration" => {
            let (operator, _) = new::operator()?;
            let file = at("migrated.redb");
            let (_, measured) = Measured::of(|| {
                operator.restore(savepoint, RedbBackend::open(&file)?, &options, &mut |_| ())?;
                Ok(())
            })?;
            (file, measured)
        }
        "migrate to a savepoint" => {
            let mut targets = Targets::new();
            targets.add_serializer(UID, STATE, Role::Value, &Serializer::<new::Account>::new()?);
            let plan = MigrationPlan::new(savepoint, &targets, &process)?;
            let (_, measured) = Measured::of(|| Ok(plan.run(&new_folder, &mut |_| ())?))?;
            (new_folder, measured)
        }
        "bootstrap in memory, and write" => {
            let rows = savepoint.operators()[0].files()[0].states()[0].entries;
            let (_, measured) = Measured::of(|| bootstrap(&new_folder, rows))?;
            (new_folder, measured)
        }
        "read every key" => {
            let (operator, accounts) = old::operator()?;
            let mut sum = 0i64;
            let (_, measured) = Measured::of(|| {
                let read = |_: &u32, state: &mut _, out: &mut dyn FnMut(i64)| {
                    accounts.get(state)?.into_iter().for_each(|account| out(account.balance));
                    Ok(())
                };
                let visit = |balance: i64| {
                    sum = sum.wrapping_add(balance);
                    Ok(())
                };
                Ok(operator.read(savepoint, &process, read, visit)?)
            })?;
            println!("the sum of balances is {sum}");
            return Ok(measured);
        }
        "read every key without types" => {
            let mut sum = 0i64;
            let (_, measured) = Measured::of(|| {
                let read = |key: &KeyEntries<'_>, out: &mut dyn FnMut(i64)| {
                    if let Some(account) = key.value(STATE) {
                        out(account.get("balance")?.as_i64()?);
                    }
                    Ok(())
                };
                let visit = |balance: i64| {
                    sum = sum.wrapping_add(balance);
                    Ok(())
                };
                Ok(Query::new().read_keys(savepoint, &process, read, visit)?)
            })?;
            println!("the sum of balances is {sum}");
            return Ok(measured);
        }
        "modify every key" => {
            let (operator, accounts) = old::operator()?;
            let edit = SavepointEdit::of(savepoint).modify(&operator, |_, state| {
                if let Some(mut account) = accounts.get(state)? {
                    account.limit += 1;
                    accounts.update(state, &account)?;
                }
                Ok(())
            });
            let (_, measured) = Measured::of(|| Ok(edit.write(&new_folder, &process, &mut |_| ())?))?;
            (new_folder, measured)
        }
        "rename the operator" => {
            let edit = SavepointEdit::of(savepoint).rename_operator(UID, "renamed");
            let (_, measured) = Measured::of(|| Ok(edit.write(&new_folder, &process, &mut |_| ())?))?;
            (new_folder, measured)
        }
        "another max parallelism" => {
            let edit = SavepointEdit::of(savepoint).with_max_parallelism(UID, MaxParallelism::new(512)?);
            let (_, measured) = Measured::of(|| Ok(edit.write(&new_folder, &process, &mut |_| ())?))?;
            (new_folder, measured)
        }
        "re-key, rows move" => rekey(savepoint, &Serializer::<u64>::new()?, &new_folder)?,
        _ => rekey(savepoint, &Serializer::<(u32,)>::new()?, &new_folder)?,
    };
    let (output, measured) = result;
    let measured = measured.writing(&output)?;
    if output.is_dir() {
        std::fs::remove_dir_all(output)?
    } else {
        std::fs::remove_file(output)?
    }
    Ok(measured)
}

fn rekey<S: TypeSerializer>(savepoint: &Savepoint, key: &S, output: &Path) -> Outcome<(PathBuf, Measured)> {
    let mut targets = Targets::new();
    targets.add_key(UID, key.snapshot().clone());
    let plan = RekeyPlan::new(savepoint, &targets, &ProcessOptions::new())?;
    let (_, measured) = Measured::of(|| Ok(plan.run(output, &mut |_| ())?))?;
    Ok((output.to_owned(), measured))
}

/// The first savepoint, written from memory.
fn bootstrap(directory: &Path, rows: u64) -> Outcome<Savepoint> {
    let (operator, accounts) = old::operator()?;
    let mut state = Operator::open(&operator, MemoryBackend::new())?;
    let fill = |row, state: &mut _| Ok(accounts.update(state, &entries::account(row))?);
    state.bootstrap(0..rows, |row| entries::key(*row), fill)?;
    Ok(Savepoint::create(directory)?.operator(&state)?.finish()?)
}
