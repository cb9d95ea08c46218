//! What is asked: which folders, which of their states, how far and which way.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use typeser::golden::{self, Accepted, Current, Date, Goldens, Ledger, Outcome, RecordedRelease, TODAY, Today};
use typeser::resolve::{Compatibility, Direction, Losses, Policy, Reach, Role};

use super::Failure;
use super::recorded::{Holds, Recorded};
use super::tell;
use crate::choices::{DirectionChoice, LossesChoice, ReachChoice, VerdictChoice, word};
use crate::commands::Usage;
use crate::config::Config;
use crate::near::nearest;
use crate::output::{Comparison, Problem, count};

/// The options that decide what is compared, and what fails.
#[derive(Debug, clap::Args)]
pub(crate) struct Question {
    /// Other goldens to hold it against: a folder, or `REV:dir` from git
    #[arg(long, value_name = "BASE")]
    against: Option<OsString>,
    /// Which way data flows [default: backward]
    #[arg(long, value_enum, value_name = "WAY")]
    direction: Option<DirectionChoice>,
    /// How many releases are held against [default: all]
    #[arg(long, value_enum)]
    reach: Option<ReachChoice>,
    /// From which verdict on it fails [default: incompatible]
    #[arg(long, value_enum, value_name = "VERDICT")]
    fail_on: Option<VerdictChoice>,
    /// Which losses of stored data may be [default: declared]
    #[arg(long, value_enum)]
    losses: Option<LossesChoice>,
    /// Only this state; may be given several times
    #[arg(long, value_name = "NAME")]
    state: Vec<String>,
    /// The settings, instead of the nearest typeser.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What was asked, and the answer.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) comparison: Comparison,
    /// The ledger, and the file it is or would be in, if that can be written.
    pub(crate) ledger: Ledger,
    pub(crate) ledger_file: Option<PathBuf>,
}

/// What is compared with what.
#[derive(Debug)]
pub(super) struct Sides {
    /// The folder that reads.
    pub(super) dir: Recorded,
    /// The folder that wrote, where it is another.
    pub(super) base: Option<Recorded>,
    /// The releases that wrote.
    pub(super) releases: Vec<RecordedRelease>,
    /// What reads.
    pub(super) today: Today,
    /// Its name: a release, or `today`.
    pub(super) reader: String,
    pub(super) ledger: Ledger,
    pub(super) remarks: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

impl Question {
    /// The settings of the project.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref())?)
    }

    /// The answer about a folder; without one, about the goldens of the project.
    pub(crate) fn ask(&self, dir: Option<&OsStr>, config: &Config) -> Result<Asked, Failure> {
        let fail_on = self.fail_on.or(config.fail_on).map_or(Compatibility::Incompatible, |choice| choice.0);
        let mut options = golden::Options {
            direction: self.direction.or(config.direction).map_or(Direction::Backward, |choice| choice.0),
            reach: self.reach.or(config.reach).map_or(Reach::All, |choice| choice.0),
            policy: Policy { losses: self.losses.or(config.losses).map_or(Losses::Declared, |choice| choice.0) },
            fails_on: fail_on,
            pins: config.pins.clone(),
            gone: config.gone.clone(),
            elsewhere: Vec::new(),
        };
        let sides = self.sides(dir, config)?;
        // Inside, what reads is always called today: so pins and the ledger are about it, whatever its release.
        let internal = |name: &str| if name == sides.reader { TODAY.to_owned() } else { name.to_owned() };
        let entries = sides.ledger.entries.iter().map(|entry| Accepted {
            from: internal(&entry.from),
            to: internal(&entry.to),
            ..entry.clone()
        });
        let ledger = Ledger { entries: entries.collect() };
        let goldens = Goldens { releases: sides.releases.clone(), ledger };
        options.elsewhere = self.left_out(&goldens, &sides.today)?;
        let asks_for_all = self.state.is_empty();
        if !asks_for_all {
            // What is said of other states is not asked about either.
            options.pins.retain(|pin| self.state.contains(&pin.state));
            options.gone.retain(|gone| self.state.contains(&gone.state));
        }
        let outcome = golden::check(&goldens, Some(&sides.today), &options, Date::today());
        let settings = self.settings(dir, config);
        let (ledger_file, _) = sides.ledger_at();
        let ledger = sides.ledger.clone();
        let comparison = Comparison { settings, ..tell::comparison(sides, &outcome, &options) };
        Ok(Asked { comparison, ledger, ledger_file })
    }

    /// Every state that was not asked about.
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
                    "no release recorded a state `{asked}`{near}\nhelp: there are {}",
                    names.join(", ")
                ))
                .into());
            }
        }
        states.retain(|(state, _)| !self.state.contains(state));
        Ok(states)
    }

    fn sides(&self, dir: Option<&OsStr>, config: &Config) -> Result<Sides, Failure> {
        let golden = || config.golden.clone().map_or_else(|| OsString::from("golden"), PathBuf::into_os_string);
        if dir.is_none() && !Path::new(&golden()).exists() {
            return Err(format!(
                "there are no goldens here: the folder `{}` is not there\nhelp: go to the folder of the project, name \
                 another with `typeser check DIR`, or record the release that is in use with `typeser golden record \
                 --release X`",
                golden().to_string_lossy()
            )
            .into());
        }
        let dir = Recorded::read(&dir.map_or_else(golden, OsStr::to_owned))?;
        let base = self.against.as_deref().map(Recorded::read).transpose()?;
        match &dir.holds {
            Holds::Goldens(goldens) => {
                let goldens = goldens.clone();
                of_goldens(dir, base, goldens)
            }
            Holds::Today(today) => {
                let today = today.clone();
                let base = base.map_or_else(|| Recorded::read(&golden()), Ok)?;
                of_today(dir, base, today)
            }
        }
    }

    /// What of the settings was used, as far as no option won over it.
    fn settings(&self, dir: Option<&OsStr>, config: &Config) -> Option<String> {
        let file = config.file.as_ref()?;
        let mut used: Vec<String> = Vec::new();
        if let (None, Some(golden)) = (dir, &config.golden) {
            used.push(format!("golden = {}", golden.display()));
        }
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
        if !config.gone.is_empty() {
            used.push(format!("{} gone", count(config.gone.len(), "state")));
        }
        (!used.is_empty()).then(|| format!("settings of {}: {}", file.display(), used.join(", ")))
    }
}

impl Sides {
    /// Where the ledger is, and its text.
    pub(super) fn ledger_at(&self) -> (Option<PathBuf>, Option<String>) {
        match (&self.dir.holds, &self.base) {
            (Holds::Today(_), Some(base)) => base.ledger(),
            _ => self.dir.ledger(),
        }
    }
}

/// Goldens: their newest release reads.
fn of_goldens(dir: Recorded, base: Option<Recorded>, goldens: Goldens) -> Result<Sides, Failure> {
    let Some((newest, older)) = goldens.releases.split_last() else {
        return Err(format!(
            "no release is recorded in `{}`\nhelp: record the one that is in use with `typeser golden record --release X`",
            dir.source
        )
        .into());
    };
    let mut remarks = Vec::new();
    let mut problems = Vec::new();
    let releases = match &base {
        None => older.to_vec(),
        Some(base) => {
            let Holds::Goldens(recorded) = &base.holds else {
                return Err(Usage(format!(
                    "`--against` takes goldens, and `{}` holds today's snapshots\nhelp: name them the other way round: \
                     typeser check {} --against {}",
                    base.source, base.source, dir.source
                ))
                .into());
            };
            problems = changed(&dir, &goldens, base, recorded);
            match recorded.releases.iter().position(|release| release.name == newest.name) {
                None => recorded.releases.clone(),
                Some(place) => {
                    remarks.push(format!(
                        "`{}`, the newest release of `{}`, is recorded in `{}` too: it is held against the releases \
                         before it, not against itself; record the new release first, if that was meant",
                        newest.name, dir.source, base.source
                    ));
                    recorded.releases.iter().take(place).cloned().collect()
                }
            }
        }
    };
    if releases.is_empty() {
        remarks.push(format!("there is no release before `{}`: nothing is compared", newest.name));
    }
    let states = newest.goldens.iter().map(|golden| Current {
        state: golden.state.clone(),
        role: golden.role,
        snapshot: golden.snapshot.clone(),
        conversions: typeser::serializer::Conversions::new(),
    });
    let today = Today { states: states.collect() };
    Ok(Sides { today, reader: newest.name.clone(), ledger: goldens.ledger, dir, base, releases, remarks, problems })
}

/// Today's snapshots, which read what releases recorded.
fn of_today(dir: Recorded, base: Recorded, today: Today) -> Result<Sides, Failure> {
    let Holds::Goldens(goldens) = &base.holds else {
        return Err(Usage(format!(
            "`{}` and `{}` both hold today's snapshots: nothing is recorded to hold them against\nhelp: name goldens \
             with `--against`",
            dir.source, base.source
        ))
        .into());
    };
    let (releases, ledger) = (goldens.releases.clone(), goldens.ledger.clone());
    let reader = TODAY.to_owned();
    let (remarks, problems) = (Vec::new(), Vec::new());
    Ok(Sides { today, reader, ledger, releases, remarks, problems, dir, base: Some(base) })
}

/// Releases that the base has, and that are gone or other ones in the folder: goldens are added, never edited.
fn changed(dir: &Recorded, goldens: &Goldens, base: &Recorded, recorded: &Goldens) -> Vec<Problem> {
    let problem = |release: &RecordedRelease| {
        let (kind, message, help) = match goldens.release(&release.name) {
            Some(same) if same == release => return None,
            Some(_) => (
                "golden-changed",
                format!("release {} is another one in `{}` than in `{}`", release.name, dir.source, base.source),
                format!("goldens are added, never edited: take {} as `{}` has it", release.name, base.source),
            ),
            None => (
                "golden-missing",
                format!("release {} is in `{}` and not in `{}`", release.name, base.source, dir.source),
                String::from("goldens are added, never deleted: bring it back, or merge the newer state first"),
            ),
        };
        let place = Some(crate::output::Place { file: dir.about(), line: 1, column: None });
        Some(Problem { kind, message, help, place, ..Problem::default() })
    };
    recorded.releases.iter().filter_map(problem).collect()
}

/// What the outcome says is asked of the releases that read.
pub(super) fn says_nothing_new(outcome: &Outcome, sides: &Sides) -> Option<String> {
    let last = sides.releases.last()?;
    let is_same = |current: &Current| {
        last.golden(&current.state, current.role).is_some_and(|golden| golden.snapshot == current.snapshot)
    };
    let is_all = !outcome.states.is_empty()
        && sides.today.states.len() == last.goldens.len()
        && sides.today.states.iter().all(is_same);
    is_all.then(|| match sides.reader.as_str() {
        TODAY => format!(
            "today's types are exactly what `{0}` recorded: either nothing changed since, or they were recorded as `{0}` \
             and are compared with themselves",
            last.name
        ),
        reader => format!(
            "`{reader}` is exactly what `{}` recorded: either nothing changed, or one code was recorded twice",
            last.name
        ),
    })
}
