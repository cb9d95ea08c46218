//! A dry run: every row is read and migrated, and counted instead of written.

use typeser::migrate::Migration;
use typeser::resolve::Role;

use super::collision;
use super::forecast::{Forecast, StateForecast};
use super::job::{Job, OperatorJob, StateJob};
use super::run::{Run, Sink};
use crate::descriptor::{OperatorMeta, SerializerPart, StateMeta};
use crate::processor::error::process::ProcessError;
use crate::rows::collisions::Distinct;
use crate::rows::counts::{Findings, RowCounts};
use crate::rows::display::{shown, shown_key};
use crate::rows::failure::RowFailure;
use crate::rows::progress::{Callback, Phase, ProgressCounter};
use crate::rows::transform::{NewRow, RowError};
use crate::savepoint::{Row, RowsFile};

/// Says what would become of every row.
pub(crate) fn forecast(job: &Job<'_>, callback: &mut Callback<'_>) -> Result<Forecast, ProcessError> {
    let mut checks: Vec<Check<'_>> = job.operators.iter().map(|operator| Check::new(job, operator, true)).collect();
    let mut progress_counter = ProgressCounter::new(Phase::Scanning, callback);
    checks.iter().for_each(|check| check.expect(&mut progress_counter));
    let mut states = Vec::new();
    for check in &mut checks {
        let counts = check.run(job, &mut progress_counter)?;
        states.extend(check.forecasts(counts));
    }
    Ok(Forecast { states })
}

/// Makes sure that keys of which functions make others can all be migrated, and that no two become one. Values are left
/// alone, as are keys that rules migrate.
pub(crate) fn check_keys(job: &Job<'_>, callback: &mut Callback<'_>) -> Result<(), ProcessError> {
    let moving = job.operators.iter().filter(|operator| operator.key.as_ref().is_some_and(may_collide));
    let mut checks: Vec<Check<'_>> = moving.map(|operator| Check::new(job, operator, false)).collect();
    let mut progress_counter = ProgressCounter::new(Phase::Scanning, callback);
    checks.iter().for_each(|check| check.expect(&mut progress_counter));
    checks.iter_mut().try_for_each(|check| check.run(job, &mut progress_counter).map(|_| ()))
}

/// Whether different keys may become one: the rules keep them apart, but functions of the program only promise to.
fn may_collide(keys: &Migration) -> bool {
    !keys.functions().is_empty()
}

/// A scan of the rows of an operator.
struct Check<'a> {
    operator: &'a OperatorJob<'a>,
    /// For each state of the operator, then for each that joins it; `None` where the first failure ends it all.
    findings: Option<Vec<Findings>>,
    job: &'a Job<'a>,
    distinct: Distinct,
    /// In the first pass everything is counted; later ones only search for keys that become one.
    pass: u64,
    /// Which map the last map keys belong to.
    map: Vec<u8>,
}

impl<'a> Check<'a> {
    fn new(job: &'a Job<'a>, operator: &'a OperatorJob<'a>, counts: bool) -> Self {
        let sizes = |wanted: &dyn Fn(u16) -> bool| {
            let sizes = operator.stored.files().iter().flat_map(RowsFile::states);
            sizes.filter(|size| wanted(size.state_id)).map(|size| size.entries).sum()
        };
        let keys = match &operator.key {
            Some(keys) if may_collide(keys) => sizes(&|_| true),
            _ => sizes(&|id| {
                operator.state(id).and_then(|(_, state)| state.rows.user_key.as_ref()).is_some_and(may_collide)
            }),
        };
        let findings = states(operator).map(|(_, state)| Findings::new(&state.dropped_data));
        let findings = counts.then(|| findings.collect());
        Self { operator, findings, job, distinct: Distinct::new(keys, job.options.memory), pass: 0, map: Vec::new() }
    }

    fn expect(&self, progress_counter: &mut ProgressCounter<'_>) {
        for _ in 0..self.distinct.passes() {
            for source in self.operator.sources() {
                let sizes = source.stored().files().iter().flat_map(RowsFile::states);
                sizes.for_each(|size| progress_counter.expect(size.entries, size.bytes));
            }
        }
    }

    /// Reads every row, as often as it takes; gives the counts of one time.
    fn run(
        &mut self,
        job: &Job<'_>,
        progress_counter: &mut ProgressCounter<'_>,
    ) -> Result<Vec<RowCounts>, ProcessError> {
        let mut counts = Vec::new();
        for pass in 0..self.distinct.passes() {
            self.distinct.begin(pass);
            self.pass = pass;
            self.map.clear();
            let values = pass == 0 && self.findings.is_some();
            let mut run = Run::new(job, self.operator, values, progress_counter);
            run.all(self)?;
            if pass == 0 {
                counts = run.counts;
            }
        }
        Ok(counts)
    }

    /// All states but those that another operator forecasts.
    fn forecasts(&mut self, counts: Vec<RowCounts>) -> impl Iterator<Item = StateForecast> {
        let operator = self.operator;
        let found = self.findings.take().unwrap_or_default();
        let found = states(operator).zip(counts).zip(found).filter(|(((_, state), _), _)| !state.elsewhere);
        found.map(|(((meta, state), counts), findings)| StateForecast {
            operator: operator.uid().to_owned(),
            state: meta.name().to_owned(),
            kind: meta.kind(),
            verdict: state.verdict.into_iter().chain(operator.key_verdict).max(),
            cost: operator.cost(state),
            entries: counts.entries,
            bytes: counts.bytes,
            new_bytes: counts.new_bytes,
            moved: counts.moved,
            dropped_data: findings.dropped,
            failed: findings.failed,
            failures: findings.failures,
        })
    }

    /// Whether the key or map key that a row gets is that of another one, too.
    fn collides(&mut self, state: &StateJob, row: &Row<'_>, new: &NewRow<'_>) -> Option<Role> {
        if self.operator.key.as_ref().is_some_and(may_collide) {
            return self.distinct.collides(row.key.key, new.key).then_some(Role::Key);
        }
        if !state.rows.user_key.as_ref().is_some_and(may_collide) {
            return None;
        }
        // Map keys are compared with those of the same map, which lie together.
        let map = &row.key_bytes[..row.key_bytes.len() - row.key.rest.len()];
        if self.map != map {
            self.map.clear();
            self.map.extend_from_slice(map);
            self.distinct.forget();
        }
        self.distinct.collides(row.key.rest, new.rest).then_some(Role::MapKey)
    }
}

impl Sink for Check<'_> {
    fn stored(&mut self, (index, state): (usize, &StateJob), row: &Row<'_>) {
        if let Some(findings) = self.findings.as_mut().filter(|_| self.pass == 0) {
            state.dropped_data.count(row, &mut findings[index].dropped);
        }
    }

    fn made(&mut self, (index, state): (usize, &StateJob), row: &Row<'_>, new: NewRow<'_>) -> Result<(), ProcessError> {
        let Some(role) = self.collides(state, row, &new) else { return Ok(()) };
        let Some(findings) = &mut self.findings else {
            return Err(match role {
                Role::Key => collision::of_key(self.job, self.operator, new.key),
                _ => collision::of_row(self.job, self.operator, new.row_key),
            });
        };
        let key = shown_new(&self.operator.meta, row, role, if role == Role::Key { new.key } else { new.rest });
        findings[index].fail(|| {
            let reason = format!("another {role} becomes {key} as well");
            failure(self.operator.stored.meta(), row, role, reason)
        });
        Ok(())
    }

    fn failed(&mut self, index: usize, row: &Row<'_>, error: RowError) -> Result<(), ProcessError> {
        match &mut self.findings {
            // It was counted in the first pass.
            _ if self.pass > 0 => {}
            Some(findings) => findings[index]
                .fail(|| failure(self.operator.stored.meta(), row, error.role(row.state.kind()), error.reason())),
            None => return Err(self.operator.row_error(row, error)),
        }
        Ok(())
    }
}

/// The states of an operator, then those that join it.
fn states<'a>(operator: &'a OperatorJob<'_>) -> impl Iterator<Item = (&'a StateMeta, &'a StateJob)> {
    let own = operator.stored.meta().states().iter().zip(&operator.states);
    let joined = operator.joined.iter().filter_map(|joined| {
        let state = joined.stored.meta().states().iter().find(|state| state.id() == joined.state_id);
        Some((state?, &joined.state))
    });
    own.chain(joined)
}

fn failure(operator: &OperatorMeta, row: &Row<'_>, role: Role, reason: String) -> RowFailure {
    RowFailure { key: shown_key(operator, row), role, reason, file: row.file.to_owned(), offset: row.offset }
}

/// A new key or map key as text.
fn shown_new(operator: &OperatorMeta, row: &Row<'_>, role: Role, bytes: &[u8]) -> String {
    let snapshot = match role {
        Role::Key => Some(operator.key()),
        _ => operator.state(row.state.name()).and_then(|state| state.serializer(SerializerPart::UserKey)),
    };
    shown(snapshot, bytes)
}
