//! The story: every release is a separate process, and they share only the state directory.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use typeser::{Serializer, TypeSerializer};
use typeser_state::savepoint::Savepoint;

use crate::REFUSED;
use crate::args::Options;
use crate::check::{self, Contents};
use crate::print::{bold, number, say, size, time};
use crate::program::{DESTINATIONS, Months, OPERATOR, RECENT, RECENT_DELAYS, Release, TOTALS};
use crate::release::{Outcome, Task, run};
use crate::release1::Release1;
use crate::release2::Release2;
use crate::release3::{Delay, Destination, Release3, Totals};
use crate::release4::Release4;

const WHOLE_YEAR: Months = Months { name: "the whole year", from: "2013-01", until: "9999-99" };

/// The savepoints in the state directory.
const AFTER_1: &str = "after-release-1";
const AFTER_2: &str = "after-release-2";
const AFTER_3: &str = "after-release-3";
const WHOLE_YEAR_3: &str = "release-3-over-the-whole-year";
const OWN_MONTHS_3: &str = "release-3-over-its-own-months";

/// Runs one release, in this process.
pub fn release(number: u8, options: &Options) -> Outcome<()> {
    let directory = options.state.clone().unwrap_or_default();
    let task = |news, months, from: Option<&str>, to: &str| Task {
        title: format!("Release {number}"),
        news,
        data: options.data.clone(),
        months,
        from: from.map(|from| directory.join(from)),
        to: directory.join(to),
        redb: None,
    };
    let scratch = |months: Months, to| Task {
        title: format!("Release 3 from scratch, over {}", months.name),
        ..task(&[], months, None, to)
    };
    match (number, options.from_scratch.as_deref()) {
        (1, _) => run::<Release1>(&task(Release1::NEWS, Release1::MONTHS, None, AFTER_1)),
        (2, _) => run::<Release2>(&Task {
            redb: Some(directory.join("release-2.redb")),
            ..task(Release2::NEWS, Release2::MONTHS, Some(AFTER_1), AFTER_2)
        }),
        (3, None) => run::<Release3>(&task(Release3::NEWS, Release3::MONTHS, Some(AFTER_2), AFTER_3)),
        (3, Some(month)) if month == WHOLE_YEAR.from => run::<Release3>(&scratch(WHOLE_YEAR, WHOLE_YEAR_3)),
        (3, Some(month)) if month == Release3::MONTHS.from => run::<Release3>(&scratch(Release3::MONTHS, OWN_MONTHS_3)),
        (3, Some(month)) => Err(format!("`--from-scratch` takes 2013-01 or 2013-10, not `{month}`").into()),
        _ => run::<Release4>(&task(Release4::NEWS, Release4::MONTHS, Some(AFTER_3), "after-release-4")),
    }
}

/// Runs all releases and prints the story.
pub fn run_story(options: &Options) -> Outcome<()> {
    let started = Instant::now();
    let summary = check::summary(&options.data, &[Release1::MONTHS, Release2::MONTHS, Release3::MONTHS])?;
    let temporary;
    let directory = match &options.state {
        Some(directory) => {
            fs::create_dir_all(directory)?;
            directory.as_path()
        }
        None => {
            temporary = tempfile::Builder::new().prefix("flights-").tempdir()?;
            temporary.path()
        }
    };
    if fs::read_dir(directory)?.next().is_some() {
        return Err(format!("{} is not empty; give `--state DIR` a new directory", directory.display()).into());
    }
    let stage = Stage { program: env::current_exe()?, data: &options.data, directory };
    let at = |name: &str| directory.join(name);

    say!("{}", bold("Four releases of one program, and the state that survives them"));
    say!("  {:10} {}: {} departures", "data", options.data.display(), number(summary.counts.departures));
    say!("  {:10} what is known of each aircraft, by its tail number: {TOTALS} (a value),", "state");
    say!("  {:10} {RECENT_DELAYS} (a list of {RECENT}), {DESTINATIONS} (a map from airports)", "");
    say!("  {:10} {}", "kept in", directory.display());
    say!("  {:10} each release is a separate process; they share only this directory\n", "");

    stage.play(&["release", "1"])?;
    say!("");

    stage.play(&["release", "2"])?;
    let untouched = check::untouched(&at(AFTER_1), &at(AFTER_2), &summary)?;
    if untouched.aircraft == 0 {
        return Err("every aircraft flew from July to September, so nothing shows that untouched values stay".into());
    }
    say!("  {:10} {} values that nothing touched have the very bytes of release 1:", "checked", number(untouched.rows));
    say!(
        "  {:10} all of {} aircraft without a flight, and the destinations that the others did not visit\n",
        "",
        number(untouched.aircraft)
    );

    stage.play(&["release", "3"])?;
    let counts = check::counts(&at(AFTER_3))?;
    if counts != summary.counts {
        return Err(format!("the data has {:?}, the state {counts:?}", summary.counts).into());
    }
    say!("  {:10} its state has every departure of the data, once\n", "checked");

    stage.play(&["release", "3", "--from-scratch", WHOLE_YEAR.from])?;
    say!("");
    stage.play(&["release", "3", "--from-scratch", Release3::MONTHS.from])?;
    let comparison = check::compare(&at(AFTER_3), &at(WHOLE_YEAR_3), &at(OWN_MONTHS_3))?;
    say!("");

    say!("{}", bold("Release 3 after two upgrades, and from scratch"));
    let compared = [
        (TOTALS, comparison.totals, check::fields::<Totals>(&Totals::NEW_FIELDS)?),
        (RECENT_DELAYS, comparison.recent_delays, check::fields::<Delay>(&[])?),
        (DESTINATIONS, comparison.destinations, check::fields::<Destination>(&[])?),
    ];
    for (index, (state, count, fields)) in compared.iter().enumerate() {
        let label = if index == 0 { "compares" } else { "" };
        say!("  {label:10} {} {state}: {fields}", number(*count));
    }
    let new = Totals::NEW_FIELDS.join("` and `");
    say!("  {:10} with those of the whole year; and `{new}`, which releases 1 and 2", "");
    say!("  {:10} did not count yet, with those of release 3 over its own months", "");
    for difference in comparison.differences.iter().take(5) {
        say!("  {:10} {difference}", "differs");
    }
    say!("");

    stage.refuse()?;

    match &options.state {
        Some(directory) => {
            say!("All of it took {}; the state stays in {}.", time(started.elapsed()), directory.display())
        }
        None => say!("All of it took {}.", time(started.elapsed())),
    }
    let equal = comparison.differences.is_empty();
    say!("release 3 after two upgrades equals release 3 from scratch: {equal}");
    if equal { Ok(()) } else { Err(format!("{} values differ", comparison.differences.len()).into()) }
}

/// The environment of the releases.
struct Stage<'a> {
    program: PathBuf,
    data: &'a Path,
    directory: &'a Path,
}

impl Stage<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).arg("--state").arg(self.directory).arg("--data").arg(self.data).stdin(Stdio::null());
        command
    }

    /// Runs a release that must succeed.
    fn play(&self, args: &[&str]) -> Outcome<()> {
        let status = self.command(args).status()?;
        if status.success() { Ok(()) } else { Err(format!("`flights {}` failed ({status})", args.join(" ")).into()) }
    }

    /// Runs release 4, which must refuse the state and not change it.
    fn refuse(&self) -> Outcome<()> {
        let before = Contents::of(self.directory)?;
        let Output { status, stdout, stderr } = self.command(&["release", "4"]).output()?;
        let after = Contents::of(self.directory)?;
        say!("{}", String::from_utf8_lossy(&stdout).trim_end());
        let report = String::from_utf8_lossy(&stderr);
        for line in report.lines() {
            say!("{}", format!("  | {line}").trim_end());
        }
        if status.code() != Some(REFUSED.into()) {
            return Err(format!(
                "release 4 should refuse the state with exit code {REFUSED}, but it ended with {status}"
            )
            .into());
        }
        let stored = Savepoint::open(self.directory.join(AFTER_3))?;
        let stored =
            stored.operator(OPERATOR).ok_or("the savepoint of release 3 has no operator")?.meta().key().clone();
        let new = Serializer::<<Release4 as Release>::Key>::new()?.snapshot().clone();
        for serializer in [stored, new] {
            let fingerprint = serializer.fingerprint().short();
            let name = format!("{} v{} ({fingerprint})", serializer.name(), serializer.version());
            if !report.contains(&name) {
                return Err(format!("the report of release 4 does not name the key serializer {name}").into());
            }
        }
        if report.matches("help: ").count() < 2 {
            return Err("the report of release 4 does not say what to do in two ways".into());
        }
        if before != after {
            return Err(format!("release 4 changed what is on the disk: {before:x?} became {after:x?}").into());
        }
        let (files, bytes) = (after.files, size(after.bytes));
        say!(
            "  {:10} nothing on the disk has changed: {files} files, {bytes}, the hash of their contents is",
            "checked"
        );
        say!("  {:10} {:032x} before and {:032x} after\n", "", before.hash, after.hash);
        Ok(())
    }
}
