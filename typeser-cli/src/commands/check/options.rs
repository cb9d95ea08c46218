//! The options of a check: which folders and states are compared, in which direction, and what fails.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use typeser::golden::{self, Accepted, Date, Goldens, Ledger, TODAY, Today};
use typeser::resolve::{Compatibility, Direction, Losses, Policy, Reach, Role};
use typeser::text::nearest;

use super::inputs::Inputs;
use super::{messages, semver};
use crate::choices::{DirectionChoice, LossesChoice, ReachChoice, VerdictChoice, word};
use crate::config::Config;
use crate::failure::{Failure, Usage};
use crate::output::{Comparison, count};

/// The options that decide what is compared, and what fails.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckOptions {
    /// Goldens to compare with: a folder, or `REV:dir` from git
    #[arg(long, value_name = "BASE")]
    against: Option<OsString>,
    /// Which releases read what others wrote [default: backward]
    #[arg(long, value_enum, value_name = "WAY")]
    direction: Option<DirectionChoice>,
    /// How many releases to compare with [default: all]
    #[arg(long, value_enum)]
    reach: Option<ReachChoice>,
    /// Fail on this verdict or a worse one [default: incompatible]
    #[arg(long, value_enum, value_name = "VERDICT")]
    fail_on: Option<VerdictChoice>,
    /// Which stored data may be dropped [default: declared]
    #[arg(long, value_enum)]
    losses: Option<LossesChoice>,
    /// Compare only with this release
    #[arg(long, value_name = "X", conflicts_with = "oldest")]
    pub(super) release: Option<String>,
    /// The oldest supported release: earlier ones are not compared
    #[arg(long, value_name = "X")]
    oldest: Option<String>,
    /// Fail if the types equal those of the last release
    #[arg(long)]
    refuse_identical: bool,
    /// Print which version number the change needs: major, minor or patch
    #[arg(long)]
    semver: bool,
    /// Check only this state; may be repeated
    #[arg(long, value_name = "NAME")]
    state: Vec<String>,
    /// The settings file, instead of the nearest typeser.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The result of a check.
#[derive(Debug)]
pub(crate) struct CheckResult {
    pub(crate) comparison: Comparison,
    /// The ledger, and its file, if that can be written.
    pub(crate) ledger: Ledger,
    pub(crate) ledger_file: Option<PathBuf>,
}

impl CheckOptions {
    /// The settings of the project that the checked folder belongs to.
    pub(crate) fn config(&self, dir: Option<&OsStr>) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref(), dir.map(Path::new))?)
    }

    /// Checks a folder, by default the goldens of the project.
    pub(crate) fn check(&self, dir: Option<&OsStr>, config: &Config) -> Result<CheckResult, Failure> {
        let fail_on = self.fail_on.or(config.fail_on).map_or(Compatibility::Incompatible, |choice| choice.0);
        let mut options = golden::Options {
            direction: self.direction.or(config.direction).map_or(Direction::Backward, |choice| choice.0),
            reach: self.reach.or(config.reach).map_or(Reach::All, |choice| choice.0),
            policy: Policy {
                losses: self.losses.or(config.losses).map_or(Losses::Declared, |choice| choice.0),
                ..Policy::default()
            },
            fails_on: fail_on,
            pins: config.pins.clone(),
            retired: config.retired.clone(),
            elsewhere: Vec::new(),
        };
        let mut inputs = Inputs::read(dir, self.against.as_deref(), config)?;
        self.select(&mut inputs, config)?;
        // The library calls the side that reads `today`, whatever its release, and so do pins and the ledger.
        let internal = |name: &str| if name == inputs.reader { TODAY.to_owned() } else { name.to_owned() };
        let entries = inputs.ledger.entries.iter().map(|entry| Accepted {
            from: internal(&entry.from),
            to: internal(&entry.to),
            ..entry.clone()
        });
        let ledger = Ledger { entries: entries.collect() };
        let goldens = Goldens { releases: inputs.releases.clone(), ledger };
        options.elsewhere = self.left_out(&goldens, &inputs.today)?;
        let is_everything_checked = self.state.is_empty();
        if !is_everything_checked {
            // Pins and retired states of other states do not apply.
            options.pins.retain(|pin| self.state.contains(&pin.state));
            options.retired.retain(|retired| self.state.contains(&retired.state));
        }
        let outcome = golden::check(&goldens, Some(&inputs.today), &options, Date::today());
        let settings = self.settings(dir, config);
        let (ledger_file, _) = inputs.ledger_at();
        let ledger = inputs.ledger.clone();
        let refuses = self.refuse_identical || config.refuse_identical == Some(true);
        let levels = config.levels.clone();
        let mut comparison =
            Comparison { settings, ..messages::comparison(inputs, &outcome, &options, levels, refuses) };
        comparison.remarks.extend(self.semver.then(|| semver::remark(&comparison)));
        comparison.remarks.extend(config.notes.iter().cloned());
        Ok(CheckResult { comparison, ledger, ledger_file })
    }

    /// Leaves out the releases that are not to be compared, and what was accepted of them.
    fn select(&self, inputs: &mut Inputs, config: &Config) -> Result<(), Failure> {
        let names: Vec<String> = inputs.releases.iter().map(|release| release.name.clone()).collect();
        let place = |name: &String, what: &str| {
            let near = nearest(name, names.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
            names.iter().position(|known| known == name).ok_or_else(|| {
                Usage(format!(
                    "{what}: there is no release `{name}` to compare with{near}\nhelp: the releases are {}",
                    names.join(", ")
                ))
            })
        };
        let kept = match (&self.release, &self.oldest, &config.oldest) {
            (Some(release), ..) => {
                let place = place(release, "--release")?;
                place..place + 1
            }
            (None, Some(oldest), _) => place(oldest, "--oldest")?..names.len(),
            (None, None, Some(oldest)) => place(oldest, "`oldest` in the settings")?..names.len(),
            (None, None, None) => return Ok(()),
        };
        inputs.releases = inputs.releases.drain(kept.clone()).collect();
        let left_out: Vec<&String> =
            names.iter().enumerate().filter(|(place, _)| !kept.contains(place)).map(|(_, name)| name).collect();
        inputs.ledger.entries.retain(|entry| !left_out.contains(&&entry.from) && !left_out.contains(&&entry.to));
        Ok(())
    }

    /// Every state that `--state` excludes.
    fn left_out(&self, goldens: &Goldens, today: &Today) -> Result<Vec<(String, Role)>, Failure> {
        if self.state.is_empty() {
            return Ok(Vec::new());
        }
        let mut states: Vec<(String, Role)> =
            goldens.states().into_iter().map(|(state, role)| (state.to_owned(), role)).collect();
        states.extend(today.states.iter().map(|current| (current.state.clone(), current.role)));
        for asked in &self.state {
            if !states.iter().any(|(state, _)| state == asked) {
                let near = nearest(asked, states.iter().map(|(state, _)| state.as_str()));
                let near = near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
                let mut names: Vec<&str> = states.iter().map(|(state, _)| state.as_str()).collect();
                names.sort_unstable();
                names.dedup();
                return Err(Usage(format!(
                    "there is no recorded state `{asked}`{near}\nhelp: the states are {}",
                    names.join(", ")
                ))
                .into());
            }
        }
        states.retain(|(state, _)| !self.state.contains(state));
        Ok(states)
    }

    /// The settings that were used, where no option took precedence.
    fn settings(&self, dir: Option<&OsStr>, config: &Config) -> Option<String> {
        let file = config.file.as_ref()?;
        let mut used: Vec<String> = Vec::new();
        if let (None, Some(golden)) = (dir, &config.golden) {
            used.push(format!("golden = {}", golden.display()));
        }
        used.extend(config.preset.map(|preset| format!("preset = {}", preset.word())));
        used.extend(
            config.oldest.as_ref().filter(|_| self.oldest.is_none()).map(|oldest| format!("oldest = {oldest}")),
        );
        let mut choice = |name: &str, is_given: bool, word: Option<String>| {
            used.extend(word.filter(|_| !is_given).map(|word| format!("{name} = {word}")));
        };
        let direction = config.direction.map(|choice| format!("{:?}", choice.0).to_lowercase());
        choice("direction", self.direction.is_some(), direction);
        choice("reach", self.reach.is_some(), config.reach.map(|choice| format!("{:?}", choice.0).to_lowercase()));
        choice("losses", self.losses.is_some(), config.losses.map(|choice| format!("{:?}", choice.0).to_lowercase()));
        choice("fail-on", self.fail_on.is_some(), config.fail_on.map(|choice| word(choice.0).to_owned()));
        if !config.pins.is_empty() {
            used.push(count(config.pins.len(), "pin"));
        }
        if !config.levels.rules.is_empty() {
            used.push(count(config.levels.rules.len(), "level"));
        }
        if !config.levels.ignored.is_empty() {
            used.push(count(config.levels.ignored.len(), "ignored path"));
        }
        if !config.retired.is_empty() {
            used.push(count(config.retired.len(), "retired state"));
        }
        (!used.is_empty()).then(|| format!("settings from {}: {}", file.display(), used.join(", ")))
    }
}
