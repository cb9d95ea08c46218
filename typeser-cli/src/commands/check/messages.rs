//! The messages of a check: what was compared, and every problem.

use typeser::golden::{
    Accepted, CheckedDivergence, Current, LedgerProblem, OptionProblem, Options, Outcome, Pair as Checked, Standing,
    StateOutcome, Status, TODAY,
};
use typeser::history::Reason;
use typeser::migrate::NoMigration;
use typeser::report::Level;
use typeser::resolve::{FileForm, Reach, Role};

use super::inputs::Inputs;
use super::recorded::Recorded;
use crate::choices::word;
use crate::declarations::{self, Change};
use crate::output::{Acceptance, Comparison, Levels, Pair, Place, Problem, Side, count, in_repository};

/// The comparison of an outcome.
pub(super) fn comparison(
    inputs: Inputs,
    outcome: &Outcome,
    options: &Options,
    levels: Levels,
    refuses_identical: bool,
) -> Comparison {
    let messages = Messages { inputs: &inputs, outcome, reach: options.reach };
    let mut remarks = inputs.remarks.clone();
    remarks.extend(outcome.states.iter().flat_map(|state| messages.remarks(state)));
    remarks.extend(messages.unchecked());
    let declared = messages.declared();
    remarks.extend(
        declared
            .iter()
            .filter_map(|(state, role, change)| Some(format!("{role} of state `{state}`: {}", change.remark()?))),
    );
    remarks.extend(inputs.today.states.iter().filter_map(|current| {
        let unseen = declarations::unseen(&current.snapshot)?;
        Some(format!("{} of state `{}`: {unseen}", current.role, current.state))
    }));
    let (ledger, unasked) = messages.ledger();
    remarks.extend(unasked);
    let mut problems = inputs.problems.clone();
    problems.extend(outcome.states.iter().flat_map(|state| messages.problems(state)));
    problems.extend(ledger);
    problems.extend(outcome.options.iter().map(option_problem));
    match says_nothing_new(outcome, &inputs) {
        Some(message) if refuses_identical => problems.push(Problem {
            kind: "identical",
            message,
            help: String::from("change the types before they are recorded, or check without `--refuse-identical`"),
            ..Problem::default()
        }),
        remark => remarks.extend(remark),
    }
    problems.extend(declared.iter().filter_map(|(state, role, change)| change.problem(Some((state.clone(), *role)))));
    problems.extend(unused(&levels, outcome));
    for problem in &mut problems {
        problem.level = levels.of(problem.kind).unwrap_or(problem.level);
    }
    let pairs = outcome.states.iter().flat_map(|state| state.pairs.iter().map(|pair| messages.pair(state, pair)));
    let mut releases: Vec<String> = inputs.releases.iter().map(|release| release.name.clone()).collect();
    releases.push(inputs.reader.clone());
    Comparison {
        command: "check",
        compared: messages.compared(),
        about: inputs.dir.about(),
        releases,
        fail_on: options.fails_on,
        levels,
        reports_safe: false,
        pairs: pairs.collect(),
        problems,
        remarks,
        today: (inputs.reader == TODAY).then(|| inputs.dir.source.to_string()),
        typed: [Some(&inputs.dir), inputs.base.as_ref()].into_iter().flatten().filter_map(Recorded::typed).collect(),
        settings: None,
    }
}

struct Messages<'a> {
    inputs: &'a Inputs,
    outcome: &'a Outcome,
    reach: Reach,
}

impl Messages<'_> {
    /// `checked 12 states against 5 releases (1.6.0 ... 2.1.0)`; of goldens alone, with the release that reads.
    fn compared(&self) -> String {
        let releases = match self.outcome.releases.as_slice() {
            [] => String::from("no release"),
            [only] => format!("1 release ({only})"),
            [.., last] if self.reach == Reach::Last => {
                format!("the last of {} ({last})", count(self.outcome.releases.len(), "release"))
            }
            [first, .., last] => format!("{} ({first} ... {last})", count(self.outcome.releases.len(), "release")),
        };
        let reader = if self.inputs.reader == TODAY { String::new() } else { format!(", {}", self.inputs.reader) };
        format!("checked {}{reader} against {releases}", count(self.outcome.states.len(), "state"))
    }

    /// What today's types declare differently from the last release, and tags of removed variants that are used again.
    fn declared(&self) -> Vec<(String, Role, Change)> {
        let mut found = Vec::new();
        for current in &self.inputs.today.states {
            let (state, role) = (&current.state, current.role);
            let goldens = self.inputs.releases.iter().rev().filter_map(|release| release.golden(state, role));
            for (place, golden) in goldens.enumerate() {
                for change in declarations::changes(&golden.snapshot, &current.snapshot) {
                    // Of earlier releases, the last one has said all else.
                    let is_asked = place == 0 || change.kind == Some(declarations::REMOVED_TAG_REUSED);
                    let entry = (state.clone(), role, change);
                    if is_asked && !found.contains(&entry) {
                        found.push(entry);
                    }
                }
            }
        }
        found
    }

    /// The name of a release for people.
    fn name<'n>(&'n self, name: &'n str) -> &'n str {
        if name == TODAY { &self.inputs.reader } else { name }
    }

    fn side(&self, state: &StateOutcome, name: &str) -> Side {
        let (dir, base) = (&self.inputs.dir, self.inputs.base.as_ref());
        let is_today = name == TODAY;
        let release = Some(self.name(name)).filter(|name| *name != TODAY);
        let own = || dir.file(release, &state.state, state.role);
        // A file of the folder itself can be opened; one of another revision may not exist on disk.
        let other = || base.filter(|_| !is_today)?.file(release, &state.state, state.role);
        Side { release: self.name(name).to_owned(), file: own().or_else(other) }
    }

    /// The form of the file that a person edits, if a person wrote the snapshots of both sides.
    fn form(&self, state: &StateOutcome, pair: &Checked) -> Option<FileForm> {
        let form = |name: &str| {
            let (dir, base) = (&self.inputs.dir, self.inputs.base.as_ref());
            let release = Some(self.name(name)).filter(|name| *name != TODAY);
            let form = |of: &Recorded| of.form(release, &state.state, state.role);
            form(dir).or_else(|| form(base.filter(|_| name != TODAY)?))
        };
        form(&pair.writer)?;
        form(&pair.reader)
    }

    fn pair(&self, state: &StateOutcome, pair: &Checked) -> Pair {
        let (writer, reader) = (self.side(state, &pair.writer), self.side(state, &pair.reader));
        let origin = if writer.release == TODAY {
            String::from("the types of today")
        } else {
            format!("release {}", writer.release)
        };
        let mut report = pair.report.clone().with_origin(origin);
        if let Some(form) = self.form(state, pair) {
            report = report.with_file_form(form);
        }
        Pair {
            state: state.state.clone(),
            role: state.role,
            is_rollback: pair.cell.1 < pair.cell.0,
            is_asked: pair.status != Status::NotAsked,
            report,
            accepted: pair.accepted.iter().map(acceptance).collect(),
            pin: pair.pin.as_ref().map(|pin| pin.compatibility),
            writer,
            reader,
        }
    }

    fn remarks(&self, state: &StateOutcome) -> Vec<String> {
        let mut remarks = Vec::new();
        match &state.standing {
            Standing::New if !self.inputs.releases.is_empty() => {
                remarks.push(format!("{} is new: no release recorded it", state.subject()));
            }
            Standing::Removed { retired: Some(retired), .. } => {
                remarks.push(format!("{} was retired: {}", state.subject(), retired.reason));
            }
            _ => {}
        }
        for skipped in &state.history.skipped {
            let (what, reason) = match &skipped.reason {
                // An incompatible pair is reported anyway.
                Reason::Incompatible { .. } => continue,
                // Reported for all states at once.
                Reason::NoMigration { error: NoMigration::Unlinked { .. }, .. } => continue,
                Reason::NoMigration { writer, reader, error } => {
                    ("", format!("from {} to {}, {error}", self.name(writer), self.name(reader)))
                }
                Reason::Missed(_) => (" in full", skipped.reason.to_string()),
                Reason::TooManyPlaces => ("", skipped.reason.to_string()),
            };
            remarks.push(format!(
                "{}: whether values of {} migrate to {} with the same result directly and through the releases between \
                 was not checked{what}: {reason}",
                state.subject(),
                skipped.from,
                self.name(&skipped.to),
            ));
        }
        remarks
    }

    /// The states whose migrations call functions of the program, which files do not have. Their values were not
    /// compared.
    fn unchecked(&self) -> Option<String> {
        let is_unlinked =
            |reason: &Reason| matches!(reason, Reason::NoMigration { error: NoMigration::Unlinked { .. }, .. });
        let calls = |state: &&StateOutcome| state.history.skipped.iter().any(|skipped| is_unlinked(&skipped.reason));
        let states: Vec<String> = self.outcome.states.iter().filter(calls).map(StateOutcome::subject).collect();
        (!states.is_empty()).then(|| {
            format!(
                "migrations of {} call functions of the program, so only the golden test can check whether values migrate \
                 to the same result directly and through the releases between",
                states.join(", ")
            )
        })
    }

    fn problems(&self, state: &StateOutcome) -> Vec<Problem> {
        let about = Some((state.state.clone(), state.role));
        let mut problems = Vec::new();
        if let Standing::Removed { last, retired: None } = &state.standing {
            problems.push(Problem {
                kind: "state-removed",
                state: about.clone(),
                message: format!("{last} recorded it, but {} does not list it", self.inputs.reader),
                help: format!(
                    "list it in the golden test; if it was removed on purpose, declare that in the test and in typeser.toml: \
                     `[[retired]]`, `state = {:?}`, `reason = \"..\"`",
                    state.state
                ),
                place: self.side(state, last).file.map(|file| Place { file: file.path, line: 1, column: None }),
                ..Problem::default()
            });
        }
        for pair in &state.pairs {
            let Some(pin) = pair.pin.as_ref().filter(|_| pair.status == Status::Failed) else { continue };
            let found = pair.report.compatibility();
            let way = if found > pin.compatibility { "worse" } else { "better" };
            problems.push(Problem {
                kind: "pin-broken",
                state: about.clone(),
                message: format!(
                    "the verdict from {} to {} is pinned as `{}`, but is {way}: `{}`",
                    pair.writer,
                    self.inputs.reader,
                    word(pin.compatibility),
                    word(found)
                ),
                help: String::from("fix the type, or change the pin"),
                place: self.side(state, TODAY).file.map(|file| Place { file: file.path, line: 1, column: None }),
                ..Problem::default()
            });
        }
        problems.extend(state.dropped.iter().map(|function| Problem {
            kind: "function-dropped",
            state: about.clone(),
            message: function.to_string(),
            help: function.help(),
            place: self.side(state, TODAY).file.map(|file| Place { file: file.path, line: 1, column: None }),
            ..Problem::default()
        }));
        problems.extend(state.divergences.iter().filter_map(|divergence| self.divergence(state, divergence)));
        problems
    }

    fn divergence(&self, state: &StateOutcome, checked: &CheckedDivergence) -> Option<Problem> {
        if checked.status == Status::Passed {
            return None;
        }
        let divergence = &checked.divergence;
        let (from, to) = (&divergence.from, self.name(&divergence.to));
        let through = divergence.through.join(", ");
        Some(Problem {
            level: Level::Error,
            kind: divergence.finding.rule.id,
            state: Some((state.state.clone(), state.role)),
            // The library calls the side that reads `today`.
            message: divergence.finding.detail.replace(" in today directly", &format!(" in {to} directly")),
            finding: Some(checked.id),
            pair: Some((from.clone(), to.to_owned())),
            accepted: checked.accepted.as_ref().map(acceptance),
            details: vec![
                format!("path: {}{}", state.role, divergence.finding.path),
                format!("stored by {from}: {}", divergence.stored),
                format!("in {to}, directly: {}", divergence.direct),
                format!("in {to}, through {through}: {}", divergence.chained),
            ],
            help: divergence.finding.rule.help.to_owned(),
            place: self.side(state, TODAY).file.map(|file| Place { file: file.path, line: 1, column: None }),
        })
    }

    /// Entries of the ledger that no longer apply, and a remark on those about types that were not compared.
    fn ledger(&self) -> (Vec<Problem>, Option<String>) {
        let (path, text) = self.inputs.ledger_at();
        let place = |entry: &Accepted| {
            let line = text.as_ref().and_then(|text| line_of(text, entry)).unwrap_or(1);
            path.as_ref().map(|path| Place { file: in_repository(path), line, column: None })
        };
        let mut not_compared = 0;
        let mut problems = Vec::new();
        for problem in &self.outcome.ledger {
            let (LedgerProblem::Stale(entry) | LedgerProblem::Expired(entry)) = problem;
            let entry = self.as_written(entry);
            let pair = format!("from {} to {}", entry.from, entry.to);
            let what = format!("the accepted finding {} ({}) {pair}", entry.finding, entry.rule);
            let (kind, message, help) = match problem {
                LedgerProblem::Stale(_) if self.is_about_today(&entry) => {
                    not_compared += 1;
                    continue;
                }
                LedgerProblem::Expired(_) => (
                    "expired-acceptance",
                    format!(
                        "{what} was accepted only until {}",
                        entry.until.map_or_else(String::new, |day| day.to_string())
                    ),
                    format!("fix it, or accept it again: typeser accept {} --reason WHY --until DATE", entry.finding),
                ),
                _ => (
                    "stale-acceptance",
                    format!("{what} is no longer found"),
                    format!("remove it from the ledger: typeser accept --remove {}", entry.finding),
                ),
            };
            problems.push(Problem {
                kind,
                state: Some((entry.state.clone(), entry.role)),
                message,
                help,
                details: vec![acceptance(&entry).words()],
                place: place(&entry),
                ..Problem::default()
            });
        }
        let remark = (not_compared > 0).then(|| {
            format!(
                "{} about today's types {} ignored, because today's types are not compared here",
                count(not_compared, "accepted finding"),
                if not_compared == 1 { "is" } else { "are" }
            )
        });
        (problems, remark)
    }

    /// Whether an entry is about today's types, and only goldens are compared.
    fn is_about_today(&self, entry: &Accepted) -> bool {
        self.inputs.reader != TODAY && [&entry.from, &entry.to].iter().any(|name| name.as_str() == TODAY)
    }

    /// The entry with the names that the ledger uses.
    fn as_written(&self, entry: &Accepted) -> Accepted {
        let written = |name: &String| self.name(name).to_owned();
        let named = Accepted { from: written(&entry.from), to: written(&entry.to), ..entry.clone() };
        if self.inputs.ledger.entries.contains(&named) { named } else { entry.clone() }
    }
}

/// A remark if the types that read are those of the last release.
fn says_nothing_new(outcome: &Outcome, inputs: &Inputs) -> Option<String> {
    let last = inputs.releases.last()?;
    let is_same = |current: &Current| {
        last.golden(&current.state, current.role).is_some_and(|golden| golden.snapshot == current.snapshot)
    };
    let is_all = !outcome.states.is_empty()
        && inputs.today.states.len() == last.goldens.len()
        && inputs.today.states.iter().all(is_same);
    is_all.then(|| match inputs.reader.as_str() {
        TODAY => format!(
            "today's types equal those of `{0}`: either nothing changed since, or they were recorded as `{0}` \
             and are compared with themselves",
            last.name
        ),
        reader => format!(
            "`{reader}` has the same types as `{}`: either nothing changed, or the same code was recorded twice",
            last.name
        ),
    })
}

/// The entries of the settings that ignore nothing.
fn unused(levels: &Levels, outcome: &Outcome) -> Vec<Problem> {
    let mut used = vec![false; levels.ignored.len()];
    for state in &outcome.states {
        let findings = state.pairs.iter().flat_map(|pair| pair.report.findings());
        for (place, _) in findings.filter_map(|finding| levels.ignoring(&state.state, finding)) {
            used[place] = true;
        }
    }
    let unused = levels.ignored.iter().zip(used).filter(|(_, used)| !used);
    unused
        .map(|(ignored, _)| Problem {
            level: Level::Warning,
            kind: "stale-ignore",
            message: format!("no finding is at `{}`, which the settings ignore: {}", ignored.path, ignored.reason),
            help: String::from("remove the entry from `[[ignores]]` in typeser.toml"),
            ..Problem::default()
        })
        .collect()
}

fn option_problem(problem: &OptionProblem) -> Problem {
    let message = problem.to_string();
    let help = String::from("correct typeser.toml");
    let kind = match problem {
        OptionProblem::Pin(..) => "pin-without-pair",
        OptionProblem::Retired(..) => "gone-without-state",
    };
    Problem { kind, message, help, ..Problem::default() }
}

/// An entry of the ledger, for reports.
pub(crate) fn acceptance(entry: &Accepted) -> Acceptance {
    Acceptance {
        finding: entry.finding,
        reason: entry.reason.clone(),
        author: entry.author.clone(),
        date: entry.date.to_string(),
        until: entry.until.map(|until| until.to_string()),
    }
}

/// The line of the ledger on which an entry begins, from 1.
fn line_of(text: &str, entry: &Accepted) -> Option<u32> {
    let finding = format!("\"{}\"", entry.finding);
    // A finding may be accepted for several pairs. The entry of this pair names it in the lines that follow.
    let lines: Vec<&str> = text.lines().collect();
    let names = |at: usize| {
        let near = lines.get(at..(at + 10).min(lines.len())).unwrap_or_default().join("\n");
        [("from", &entry.from), ("to", &entry.to)]
            .iter()
            .all(|(key, name)| near.contains(&format!("\"{key}\": \"{name}\"")))
    };
    let mut places = (0..lines.len()).filter(|at| lines[*at].contains(&finding));
    let first = places.clone().next();
    let place = places.find(|at| names(*at)).or(first)?;
    u32::try_from(place + 1).ok()
}
