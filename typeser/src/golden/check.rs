//! The check: all states against all releases that recorded them.

use super::dropped::dropped;
use super::goldens::sort_states;
use super::name::TODAY;
use super::outcome::subject;
use super::{
    Accepted, CheckedDivergence, Date, Goldens, LedgerProblem, OptionProblem, Options, Outcome, Pair, Pin, Standing,
    StateOutcome, Status, Today,
};
use crate::history::{self, Divergence, History};
use crate::report::{FindingId, Report};
use crate::resolve::{Compatibility, Direction, Matrix, Reach, Release, Role};
use crate::serializer::Conversions;

/// Holds today's types against every recorded release; without them, the newest release against those before it.
///
/// Total and without side effects: it reads no file and asks no clock. `date` is the day that entries of the ledger are
/// held against.
///
/// ```
/// use typeser::golden::{Current, Date, Golden, Goldens, Options, RecordedRelease, Status, Today, check};
/// use typeser::resolve::Role;
/// use typeser::{Serializer, TypeSerializer};
///
/// let state = || "limits".to_owned();
/// let snapshot = Serializer::<u32>::new()?.snapshot().clone();
/// let golden = Golden { state: state(), role: Role::Value, snapshot, samples: Vec::new() };
/// let goldens = Goldens {
///     releases: vec![RecordedRelease { name: "1.0.0".into(), goldens: vec![golden] }],
///     ..Goldens::default()
/// };
/// let serializer = Serializer::<u16>::new()?;
/// let (snapshot, conversions) = (serializer.snapshot().clone(), serializer.conversions().clone());
/// let today = Today { states: vec![Current { state: state(), role: Role::Value, snapshot, conversions }] };
///
/// let outcome = check(&goldens, Some(&today), &Options::default(), Date::today());
/// assert!(!outcome.passed());
/// assert_eq!(outcome.compared(), "checked 1 state against 1 release (1.0.0)");
/// assert_eq!(
///     outcome.reports(Status::Failed).short(),
///     "error[primitive-changed] limits / value: `u32` was stored, `u16` is used now\n",
/// );
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[must_use]
pub fn check(goldens: &Goldens, today: Option<&Today>, options: &Options, date: Date) -> Outcome {
    let mut check = Check { goldens, today, options, date, used: vec![false; goldens.ledger.entries.len()] };
    let states: Vec<StateOutcome> = check.states().into_iter().map(|(state, role)| check.state(state, role)).collect();
    let entries = goldens.ledger.entries.iter().zip(&check.used);
    let ledger =
        entries.filter(|(entry, _)| !check.is_elsewhere(&entry.state, entry.role)).filter_map(|(entry, used)| {
            let problem = match (used, entry.is_expired(date)) {
                (false, _) => LedgerProblem::Stale,
                (true, true) => LedgerProblem::Expired,
                (true, false) => return None,
            };
            Some(problem(entry.clone()))
        });
    let newest = goldens.newest().map(|release| release.name.clone());
    Outcome {
        releases: goldens.releases.iter().map(|release| release.name.clone()).collect(),
        newest: if today.is_some() { Some(TODAY.to_owned()) } else { newest },
        ledger: ledger.collect(),
        options: check.option_problems(&states),
        states,
    }
}

struct Check<'a> {
    goldens: &'a Goldens,
    today: Option<&'a Today>,
    options: &'a Options,
    date: Date,
    /// For each entry of the ledger, whether there is what it accepted.
    used: Vec<bool>,
}

impl<'a> Check<'a> {
    /// All states that are recorded or listed, but for those that are held elsewhere.
    fn states(&self) -> Vec<(&'a str, Role)> {
        let mut states = self.goldens.states();
        let listed = self.today.into_iter().flat_map(|today| &today.states);
        states.extend(listed.map(|current| (current.state.as_str(), current.role)));
        sort_states(&mut states);
        states.dedup();
        states.retain(|(state, role)| !self.is_elsewhere(state, *role));
        states
    }

    fn is_elsewhere(&self, state: &str, role: Role) -> bool {
        self.options.elsewhere.iter().any(|(other, other_role)| other == state && *other_role == role)
    }

    fn state(&mut self, state: &str, role: Role) -> StateOutcome {
        let recorded: Vec<_> = self.goldens.of_state(state, role).collect();
        let current = self.today.and_then(|today| today.state(state, role));
        let is_listed = match self.today {
            Some(_) => current.is_some(),
            None => self.goldens.newest().is_some_and(|newest| newest.golden(state, role).is_some()),
        };
        let is_new = match self.today {
            Some(_) => recorded.is_empty(),
            // The newest release is held against those before it, if there are any.
            None => is_listed && recorded.len() == 1 && self.goldens.releases.len() > 1,
        };
        let standing = match recorded.last() {
            Some((last, _)) if !is_listed => Standing::Removed {
                last: last.name.clone(),
                retired: self.options.retired.iter().find(|retired| retired.state == state).cloned(),
            },
            Some(_) if !is_new => Standing::Held,
            _ => Standing::New,
        };
        let mut releases: Vec<Release> =
            recorded.iter().map(|(release, golden)| Release::new(&release.name, golden.snapshot.clone())).collect();
        releases.extend(current.map(|current| Release::new(TODAY, current.snapshot.clone())));
        let matrix = Matrix::new(releases, role, &self.options.policy);
        let pairs: Vec<Pair> = self.pairs(state, role, &matrix, is_listed);
        let history = match is_listed && self.asks_for_histories() {
            true => {
                const NONE: &Conversions = &Conversions::new();
                let functions = current.map_or(NONE, |current| &current.conversions);
                history::compare(matrix.releases(), role, &self.options.policy, functions)
            }
            false => History::default(),
        };
        let divergences = history.divergences.iter().map(|divergence| self.divergence(divergence, state, &pairs));
        let divergences = divergences.collect::<Vec<_>>();
        let dropped = if is_listed { dropped(matrix.releases()) } else { Vec::new() };
        StateOutcome { state: state.to_owned(), role, standing, matrix, pairs, history, divergences, dropped }
    }

    fn asks_for_histories(&self) -> bool {
        self.options.direction != Direction::Forward && self.options.reach == Reach::All
    }

    fn pairs(&mut self, state: &str, role: Role, matrix: &Matrix, is_listed: bool) -> Vec<Pair> {
        let asked: Vec<(usize, usize)> = match is_listed {
            true => matrix
                .checked(self.options.direction, self.options.reach)
                .map(|cell| (cell.writer(), cell.reader()))
                .collect(),
            false => Vec::new(),
        };
        let mut pairs = Vec::with_capacity(matrix.cells().len());
        for cell in matrix.cells() {
            let name = |place: usize| matrix.releases().get(place).map(|release| release.name().to_owned());
            let (writer, reader) = (name(cell.writer()).unwrap_or_default(), name(cell.reader()).unwrap_or_default());
            let origin = if writer == TODAY { "the types of today".to_owned() } else { format!("release {writer}") };
            // A rollback that fails is another finding than the upgrade between the same types.
            let about = match cell.is_rollback() {
                true => format!("rollback of the {}", subject(state, role)),
                false => subject(state, role),
            };
            let report = Report::new(about, cell.resolution()).with_state(state).with_origin(origin);
            let place = (cell.writer(), cell.reader());
            let pair =
                Pair { writer, reader, cell: place, report, status: Status::NotAsked, accepted: Vec::new(), pin: None };
            pairs.push(self.judged(pair, state, role, asked.contains(&place)));
        }
        pairs
    }

    /// The pair with its status. Pairs that were not requested use entries of the ledger, too: they may have been
    /// made for a check that asks more.
    fn judged(&mut self, mut pair: Pair, state: &str, role: Role, is_asked: bool) -> Pair {
        let found: Vec<FindingId> = pair.report.findings().iter().map(|finding| pair.report.id(finding)).collect();
        pair.accepted = self.accepted(state, role, (&pair.writer, &pair.reader), &found);
        let verdict = pair.report.compatibility();
        pair.pin = self.pin(state, role, &pair).cloned();
        let is_excused = |id: FindingId| pair.accepted.iter().any(|entry| entry.finding == id);
        let fails_on = self.options.fails_on;
        pair.status = match &pair.pin {
            Some(pin) if pin.compatibility == verdict => Status::Passed,
            Some(_) => Status::Failed,
            None if !is_asked => Status::NotAsked,
            // Where even compatible fails, there may be no finding that could be accepted.
            None if verdict < fails_on => Status::Passed,
            None if verdict > Compatibility::Compatible && pair.failing(fails_on).all(|(id, ..)| is_excused(id)) => {
                Status::Accepted
            }
            None => Status::Failed,
        };
        pair
    }

    fn pin(&self, state: &str, role: Role, pair: &Pair) -> Option<&'a Pin> {
        let is_about =
            |pin: &&Pin| pin.state == state && pin.role == role && pin.release == pair.writer && pair.reader == TODAY;
        self.options.pins.iter().find(is_about)
    }

    /// The entries that hold on this day, of all that are about these findings.
    fn accepted(&mut self, state: &str, role: Role, pair: (&str, &str), found: &[FindingId]) -> Vec<Accepted> {
        let mut accepted = Vec::new();
        for (entry, used) in self.goldens.ledger.entries.iter().zip(&mut self.used) {
            let is_about = entry.state == state
                && entry.role == role
                && (entry.from.as_str(), entry.to.as_str()) == pair
                && found.contains(&entry.finding);
            *used |= is_about;
            if is_about && !entry.is_expired(self.date) {
                accepted.push(entry.clone());
            }
        }
        accepted
    }

    fn divergence(&mut self, divergence: &Divergence, state: &str, pairs: &[Pair]) -> CheckedDivergence {
        let (from, to) = (divergence.from.as_str(), divergence.to.as_str());
        let report = pairs.iter().find(|pair| pair.writer == from && pair.reader == to).map(|pair| &pair.report);
        let id = report.map_or(FindingId(0), |report| report.id(&divergence.finding));
        let accepted = self.accepted(state, divergence.finding.role, (from, to), &[id]).pop();
        let is_below = divergence.finding.rule.verdict < self.options.fails_on;
        let status = match accepted {
            Some(_) => Status::Accepted,
            None if is_below => Status::Passed,
            None => Status::Failed,
        };
        CheckedDivergence { id, status, accepted, divergence: divergence.clone() }
    }

    fn option_problems(&self, states: &[StateOutcome]) -> Vec<OptionProblem> {
        let mut problems = Vec::new();
        for pin in &self.options.pins {
            let state = states.iter().find(|state| state.state == pin.state && state.role == pin.role);
            let reason = match state {
                None => "no release recorded the state",
                Some(state) if state.pair(&pin.release, TODAY).is_some() => continue,
                Some(_) if self.goldens.release(&pin.release).is_none() => "that release is not recorded",
                Some(state) if matches!(state.standing, Standing::Removed { .. }) => "the state is not listed any more",
                Some(_) => "that release did not record the state",
            };
            problems.push(OptionProblem::Pin(pin.clone(), reason.to_owned()));
        }
        for retired in &self.options.retired {
            let of_name = || states.iter().filter(|state| state.state == retired.state);
            if of_name().any(|state| matches!(state.standing, Standing::Removed { .. })) {
                continue;
            }
            let reason = match of_name().next() {
                None => "no release recorded it",
                Some(_) => "it is listed",
            };
            problems.push(OptionProblem::Retired(retired.clone(), reason.to_owned()));
        }
        problems
    }
}
