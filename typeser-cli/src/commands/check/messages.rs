//! The answer of a check in the words of the command: what was compared, and everything that stands in the way.

use typeser::golden::{
    Accepted, CheckedDivergence, Current, LedgerProblem, OptionProblem, Options, Outcome, Pair as Checked, Standing,
    StateOutcome, Status, TODAY,
};
use typeser::history::Reason;
use typeser::migrate::NoMigration;
use typeser::resolve::Reach;

use super::inputs::Inputs;
use crate::choices::word;
use crate::output::{Acceptance, Comparison, Pair, Place, Problem, Side, count, in_repository};

/// The comparison that an outcome tells of.
pub(super) fn comparison(inputs: Inputs, outcome: &Outcome, options: &Options) -> Comparison {
    let messages = Messages { inputs: &inputs, outcome, reach: options.reach };
    let mut remarks = inputs.remarks.clone();
    remarks.extend(says_nothing_new(outcome, &inputs));
    remarks.extend(outcome.states.iter().flat_map(|state| messages.remarks(state)));
    remarks.extend(messages.untried());
    let (ledger, unasked) = messages.ledger();
    remarks.extend(unasked);
    let mut problems = inputs.problems.clone();
    problems.extend(outcome.states.iter().flat_map(|state| messages.problems(state)));
    problems.extend(ledger);
    problems.extend(outcome.options.iter().map(option_problem));
    let pairs = outcome.states.iter().flat_map(|state| state.pairs.iter().map(|pair| messages.pair(state, pair)));
    let mut releases: Vec<String> = inputs.releases.iter().map(|release| release.name.clone()).collect();
    releases.push(inputs.reader.clone());
    Comparison {
        command: "check",
        compared: messages.compared(),
        about: inputs.dir.about(),
        releases,
        fail_on: options.fails_on,
        tells_safe: false,
        pairs: pairs.collect(),
        problems,
        remarks,
        today: (inputs.reader == TODAY).then(|| inputs.dir.source.to_string()),
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

    /// A release as people know it.
    fn name<'n>(&'n self, name: &'n str) -> &'n str {
        if name == TODAY { &self.inputs.reader } else { name }
    }

    fn side(&self, state: &StateOutcome, name: &str) -> Side {
        let (dir, base) = (&self.inputs.dir, self.inputs.base.as_ref());
        let is_today = name == TODAY;
        let release = Some(self.name(name)).filter(|name| *name != TODAY);
        let own = || dir.file(release, &state.state, state.role);
        // What lies in the folder itself can be opened; what is in another revision may not be.
        let other = || base.filter(|_| !is_today)?.file(release, &state.state, state.role);
        Side { release: self.name(name).to_owned(), file: own().or_else(other) }
    }

    fn pair(&self, state: &StateOutcome, pair: &Checked) -> Pair {
        let (writer, reader) = (self.side(state, &pair.writer), self.side(state, &pair.reader));
        let origin = if writer.release == TODAY {
            String::from("the types of today")
        } else {
            format!("release {}", writer.release)
        };
        Pair {
            state: state.state.clone(),
            role: state.role,
            is_rollback: pair.cell.1 < pair.cell.0,
            is_asked: pair.status != Status::NotAsked,
            report: pair.report.clone().with_origin(origin),
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
            Standing::Removed { gone: Some(gone), .. } => {
                remarks.push(format!("{} was given up: {}", state.subject(), gone.reason));
            }
            _ => {}
        }
        for skipped in &state.history.skipped {
            let (what, reason) = match &skipped.reason {
                // A pair that is incompatible is told anyway.
                Reason::Incompatible { .. } => continue,
                // Told of all states at once.
                Reason::NoMigration { error: NoMigration::Unlinked { .. }, .. } => continue,
                Reason::NoMigration { writer, reader, error } => {
                    ("not", format!("from {} to {}, {error}", self.name(writer), self.name(reader)))
                }
                Reason::Missed(_) => ("in part", skipped.reason.to_string()),
                Reason::TooManyPlaces => ("not", skipped.reason.to_string()),
            };
            remarks.push(format!(
                "{}: whether {} carries the values of {} over as the releases between do was {what} tried: {reason}",
                state.subject(),
                self.name(&skipped.to),
                skipped.from,
            ));
        }
        remarks
    }

    /// The states whose migrations call functions of the program, which files do not have: what they become was not tried.
    fn untried(&self) -> Option<String> {
        let is_unlinked =
            |reason: &Reason| matches!(reason, Reason::NoMigration { error: NoMigration::Unlinked { .. }, .. });
        let calls = |state: &&StateOutcome| state.history.skipped.iter().any(|skipped| is_unlinked(&skipped.reason));
        let states: Vec<String> = self.outcome.states.iter().filter(calls).map(StateOutcome::subject).collect();
        (!states.is_empty()).then(|| {
            format!(
                "migrations call functions of the program for {}; whether values become the same directly and through \
                 the releases between is tried by the golden test, which has them",
                states.join(", ")
            )
        })
    }

    fn problems(&self, state: &StateOutcome) -> Vec<Problem> {
        let about = Some((state.state.clone(), state.role));
        let mut problems = Vec::new();
        if let Standing::Removed { last, gone: None } = &state.standing {
            problems.push(Problem {
                kind: "state-removed",
                state: about.clone(),
                message: format!("{last} recorded it, and {} does not list it", self.inputs.reader),
                help: format!(
                    "list it in the golden test; if its data was given up, say so in the test and in typeser.toml: \
                     `[[gone]]`, `state = {:?}`, `reason = \"..\"`",
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
                    "the verdict from {} to {} is pinned as `{}`, and is {way}: `{}`",
                    pair.writer,
                    self.inputs.reader,
                    word(pin.compatibility),
                    word(found)
                ),
                help: String::from("mend the type, or change the pin where it was made"),
                place: self.side(state, TODAY).file.map(|file| Place { file: file.path, line: 1, column: None }),
                ..Problem::default()
            });
        }
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
            kind: divergence.finding.rule.id,
            state: Some((state.state.clone(), state.role)),
            // Inside, what reads is always called today.
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

    /// Entries of the ledger that do not hold, and a remark on those that are about what was not compared.
    fn ledger(&self) -> (Vec<Problem>, Option<String>) {
        let (path, text) = self.inputs.ledger_at();
        let place = |entry: &Accepted| {
            let line = text.as_ref().and_then(|text| line_of(text, entry)).unwrap_or(1);
            path.as_ref().map(|path| Place { file: in_repository(path), line, column: None })
        };
        let mut unasked = 0;
        let mut problems = Vec::new();
        for problem in &self.outcome.ledger {
            let (LedgerProblem::Stale(entry) | LedgerProblem::Expired(entry)) = problem;
            let entry = self.as_written(entry);
            let pair = format!("from {} to {}", entry.from, entry.to);
            let what = format!("the accepted finding {} ({}) {pair}", entry.finding, entry.rule);
            let (kind, message, help) = match problem {
                LedgerProblem::Stale(_) if self.is_unasked(&entry) => {
                    unasked += 1;
                    continue;
                }
                LedgerProblem::Expired(_) => (
                    "expired-acceptance",
                    format!(
                        "{what} was accepted until {} only",
                        entry.until.map_or_else(String::new, |day| day.to_string())
                    ),
                    format!("mend it, or accept it anew: typeser accept {} --reason WHY --until DATE", entry.finding),
                ),
                _ => (
                    "stale-acceptance",
                    format!("{what} is not found any more"),
                    format!("take it out of the ledger: typeser accept --remove {}", entry.finding),
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
        let remark = (unasked > 0).then(|| {
            format!(
                "{} about today's types, which are not compared here, {} left alone",
                count(unasked, "accepted finding"),
                if unasked == 1 { "is" } else { "are" }
            )
        });
        (problems, remark)
    }

    /// Whether an entry is about today's types, where goldens alone are compared.
    fn is_unasked(&self, entry: &Accepted) -> bool {
        self.inputs.reader != TODAY && [&entry.from, &entry.to].iter().any(|name| name.as_str() == TODAY)
    }

    /// The entry as it stands in the ledger.
    fn as_written(&self, entry: &Accepted) -> Accepted {
        let written = |name: &String| self.name(name).to_owned();
        let named = Accepted { from: written(&entry.from), to: written(&entry.to), ..entry.clone() };
        if self.inputs.ledger.entries.contains(&named) { named } else { entry.clone() }
    }
}

/// What the outcome says is asked of the releases that read.
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

fn option_problem(problem: &OptionProblem) -> Problem {
    let message = problem.to_string();
    let help = String::from("mend typeser.toml");
    let kind = match problem {
        OptionProblem::Pin(..) => "pin-without-pair",
        OptionProblem::Gone(..) => "gone-without-state",
    };
    Problem { kind, message, help, ..Problem::default() }
}

/// An entry of the ledger, as formats tell it.
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
    // One finding may be accepted for several pairs: the one whose next lines name this pair.
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
