//! What a check compares: the folder that reads, and the releases that wrote.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use typeser::golden::{Current, Goldens, Ledger, RecordedRelease, TODAY, Today};

use super::recorded::{Holds, Recorded};
use crate::config::Config;
use crate::failure::{Failure, Usage};
use crate::output::{Place, Problem};

/// What a check compares.
#[derive(Debug)]
pub(super) struct Inputs {
    /// The folder that reads.
    pub(super) dir: Recorded,
    /// The folder that wrote, if it is another one.
    pub(super) base: Option<Recorded>,
    /// The releases that wrote.
    pub(super) releases: Vec<RecordedRelease>,
    /// The types that read.
    pub(super) today: Today,
    /// Its name: a release, or `today`.
    pub(super) reader: String,
    pub(super) ledger: Ledger,
    pub(super) remarks: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

impl Inputs {
    /// Reads the folder that was named, else that of the settings, and the goldens that it is checked against.
    pub(super) fn read(dir: Option<&OsStr>, against: Option<&OsStr>, config: &Config) -> Result<Self, Failure> {
        let golden = || config.default_golden_folder();
        if dir.is_none() && !Path::new(&golden()).exists() {
            return Err(format!(
                "there are no goldens here: the folder `{}` does not exist\nhelp: change to the folder of the project, name \
                 another with `typeser check DIR`, or record the release in use with `typeser golden record \
                 --release X`",
                golden().to_string_lossy()
            )
            .into());
        }
        let dir = Recorded::read(&dir.map_or_else(golden, OsStr::to_owned))?;
        let base = against.map(Recorded::read).transpose()?;
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

    /// Where the ledger is, and its text.
    pub(super) fn ledger_at(&self) -> (Option<PathBuf>, Option<String>) {
        match (&self.dir.holds, &self.base) {
            (Holds::Today(_), Some(base)) => base.ledger(),
            _ => self.dir.ledger(),
        }
    }
}

/// Goldens: their newest release reads.
fn of_goldens(dir: Recorded, base: Option<Recorded>, goldens: Goldens) -> Result<Inputs, Failure> {
    let Some((newest, older)) = goldens.releases.split_last() else {
        return Err(format!(
            "no release is recorded in `{}`\nhelp: record the release in use with `typeser golden record --release X`",
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
                    "`--against` takes goldens, and `{}` holds today's snapshots\nhelp: swap the two: \
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
                        "`{}`, the newest release of `{}`, is recorded in `{}` too, so it is compared with the releases \
                         before it, not with itself; to check a new release, record it first",
                        newest.name, dir.source, base.source
                    ));
                    recorded.releases.iter().take(place).cloned().collect()
                }
            }
        }
    };
    if releases.is_empty() {
        remarks.push(format!("there is no release before `{}`, so nothing is compared", newest.name));
    }
    let states = newest.goldens.iter().map(|golden| Current {
        state: golden.state.clone(),
        role: golden.role,
        snapshot: golden.snapshot.clone(),
        conversions: typeser::serializer::Conversions::new(),
    });
    let today = Today { states: states.collect() };
    Ok(Inputs { today, reader: newest.name.clone(), ledger: goldens.ledger, dir, base, releases, remarks, problems })
}

/// Today's snapshots, which read what releases recorded.
fn of_today(dir: Recorded, base: Recorded, today: Today) -> Result<Inputs, Failure> {
    let Holds::Goldens(goldens) = &base.holds else {
        return Err(Usage(format!(
            "`{}` and `{}` both hold today's snapshots, so there is no release to compare with\nhelp: name goldens \
             with `--against`",
            dir.source, base.source
        ))
        .into());
    };
    let (releases, ledger) = (goldens.releases.clone(), goldens.ledger.clone());
    let reader = TODAY.to_owned();
    let (remarks, problems) = (Vec::new(), Vec::new());
    Ok(Inputs { today, reader, ledger, releases, remarks, problems, dir, base: Some(base) })
}

/// Releases of the base that are missing or different in the folder. Goldens are added, never edited.
fn changed(dir: &Recorded, goldens: &Goldens, base: &Recorded, recorded: &Goldens) -> Vec<Problem> {
    let problem = |release: &RecordedRelease| {
        let (kind, message, help) = match goldens.release(&release.name) {
            Some(same) if same == release => return None,
            Some(_) => (
                "golden-changed",
                format!("release {} in `{}` differs from that in `{}`", release.name, dir.source, base.source),
                format!("goldens are added, never edited: restore {} from `{}`", release.name, base.source),
            ),
            None => (
                "golden-missing",
                format!("release {} is in `{}`, but not in `{}`", release.name, base.source, dir.source),
                String::from("goldens are added, never deleted: restore it, or merge the newer state first"),
            ),
        };
        let place = Some(Place { file: dir.about(), line: 1, column: None });
        Some(Problem { kind, message, help, place, ..Problem::default() })
    };
    recorded.releases.iter().filter_map(problem).collect()
}
