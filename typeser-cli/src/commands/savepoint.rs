//! What the commands that write a new savepoint share: options, progress, dry runs, refusals.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use typeser::migrate::{Cost, Trust};
use typeser::report::Reports;
use typeser_state::processor::{Forecast, Phase, ProcessError, ProcessOptions, Progress, StateForecast};
use typeser_state::savepoint::Savepoint;

use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::stderr::say;
use crate::stdout::print;
use crate::table::Table;
use crate::terminal::width_of_stderr;

/// A plan for a new savepoint.
pub(super) trait Plan {
    fn reports(&self) -> &Reports;
    fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Forecast, ProcessError>;
    fn run(&self, output: &Path, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Savepoint, ProcessError>;
}

/// Where to write the new savepoint, or that this is a dry run.
#[derive(Debug, clap::Args)]
pub(super) struct Outcome {
    /// The new savepoint or file, which must not exist yet
    #[arg(long, value_name = "NEW", required_unless_present = "dry_run")]
    pub(super) output: Option<std::path::PathBuf>,
    /// Report the result for every state and row without writing anything
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// How bytes are checked and files are copied.
#[derive(Debug, clap::Args)]
pub(super) struct Handling {
    /// Fully validate all bytes, because something other than typeser wrote or edited the savepoint
    #[arg(long)]
    foreign: bool,
    /// Hard-link unchanged files instead of copying them
    #[arg(long)]
    hard_links: bool,
}

impl Handling {
    pub(super) fn options(&self) -> ProcessOptions {
        let trust = if self.foreign { Trust::Foreign } else { Trust::Verified };
        let options = ProcessOptions::new().with_trust(trust);
        if self.hard_links { options.with_hard_links() } else { options }
    }
}

/// Runs a plan, or its dry run. `Err` of the plan is why there is none.
pub(super) fn run<P: Plan>(plan: Result<P, ProcessError>, outcome: &Outcome) -> Result<Exit, Failure> {
    let plan = match plan {
        Ok(plan) => plan,
        Err(ProcessError::Refused(refused)) => {
            let reports = rendered(refused.reports());
            drop(write!(anstream::stderr(), "{}\n\n", reports.trim_end()));
            say(refused.rest().to_string().trim_end());
            return Ok(Exit::Findings);
        }
        Err(error) => return Err(error.into()),
    };
    report_changes(plan.reports());
    if outcome.dry_run {
        let forecast = with_bar(|progress| plan.dry_run(progress))?;
        print(table(&forecast))?;
        let failed = forecast.failed();
        let result = match failed {
            0 => "no problems; nothing was written".to_owned(),
            failed => format!("{} cannot be migrated; nothing was written", rows(failed)),
        };
        say(result);
        return Ok(if failed > 0 { Exit::Findings } else { Exit::Fine });
    }
    let Some(output) = &outcome.output else {
        return Err(Usage("name the folder of the new savepoint with `--output NEW`".to_owned()).into());
    };
    let savepoint = with_bar(|progress| plan.run(output, progress))?;
    let states = savepoint.operator_states().iter().flat_map(|operator| operator.instances().map(|(_, file)| file));
    let files = savepoint.operators().iter().flat_map(|operator| operator.files()).chain(states);
    let (entries, bytes) = files.fold((0, 0), |(entries, bytes), file| {
        (entries + file.states().iter().map(|size| size.entries).sum::<u64>(), bytes + file.length())
    });
    say(format_args!("wrote {}: {}, {bytes} bytes", savepoint.path().display(), rows(entries)));
    Ok(Exit::Fine)
}

/// Prints the changes of all serializers to standard error.
pub(super) fn report_changes(reports: &Reports) {
    let changes = reports.reports().iter().any(|report| !report.findings().is_empty());
    if changes {
        drop(write!(anstream::stderr(), "{}\n\n", rendered(reports).trim_end()));
    }
}

/// Reports as text for standard error.
fn rendered(reports: &Reports) -> String {
    reports.clone().with_width(width_of_stderr()).styled()
}

/// Shows a progress bar while the work is done, on a terminal.
fn with_bar<T>(work: impl FnOnce(&mut dyn FnMut(&Progress<'_>)) -> Result<T, ProcessError>) -> Result<T, ProcessError> {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let template = "{msg} [{bar:30}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta}";
    // The template is a constant. If it were invalid, the default style would remain.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let done = work(&mut |progress| {
        bar.set_length(progress.total_bytes);
        bar.set_position(progress.bytes);
        bar.set_message(message(progress));
    });
    bar.finish_and_clear();
    done
}

/// The text before the bar.
fn message(progress: &Progress<'_>) -> String {
    let what = match progress.phase {
        Phase::Scanning => "scanning",
        Phase::Writing => "writing",
    };
    let state = progress.state.map_or(String::new(), |state| format!(" / {state}"));
    format!("{what} {}{state}, {} of {}", progress.operator, progress.entries, rows(progress.total_entries))
}

/// The result of a dry run, for people.
fn table(forecast: &Forecast) -> String {
    let header = ["operator", "state", "verdict", "cost", "rows", "moved", "bytes", "new bytes", "failed"];
    let mut table = Table::new(header, &[4, 5, 6, 7, 8]);
    for state in &forecast.states {
        table.add_row([
            state.operator.clone(),
            state.state.clone(),
            state.verdict.map_or_else(|| "unchanged".to_owned(), |verdict| verdict.to_string()),
            cost(state.cost).to_owned(),
            state.entries.to_string(),
            state.moved.to_string(),
            state.bytes.to_string(),
            state.new_bytes.to_string(),
            state.failed.to_string(),
        ]);
    }
    let mut text = table.text();
    for state in &forecast.states {
        text.push_str(&details(state));
    }
    text
}

fn details(state: &StateForecast) -> String {
    let whose = format!("{} / {}", state.operator, state.state);
    let mut text = String::new();
    for loss in &state.dropped_data {
        let what = format!("loss [{}] {whose} / {}", loss.rule, loss.path);
        text.push_str(&format!("{what}: {} of {} have data there\n", rows(loss.rows), state.entries));
    }
    for failure in &state.failures {
        text.push_str(&format!(
            "failed {whose} / {}, key {}: {} ({}, offset {})\n",
            failure.role,
            failure.key,
            failure.reason,
            failure.file.display(),
            failure.offset
        ));
    }
    let more = state.failed - state.failures.len() as u64;
    if more > 0 {
        text.push_str(&format!("failed {whose}: {} more\n", rows(more)));
    }
    text
}

pub(super) fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn cost(cost: Cost) -> &'static str {
    match cost {
        Cost::Metadata => "metadata",
        Cost::Copy => "copy",
        Cost::Convert => "convert",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_the_phase_the_state_and_the_rows() {
        let progress = Progress {
            phase: Phase::Scanning,
            operator: "flights",
            state: Some("totals"),
            entries: 17,
            total_entries: 5_000_000,
            bytes: 340,
            total_bytes: 500_000_000,
        };
        assert_eq!(message(&progress), "scanning flights / totals, 17 of 5000000 rows");
        let whole = Progress { phase: Phase::Writing, state: None, entries: 1, total_entries: 1, ..progress };
        assert_eq!(message(&whole), "writing flights, 1 of 1 row");
    }
}
