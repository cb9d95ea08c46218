//! Looking at every row as if it were carried over, without writing anything.

use typeser::migrate::Migration;
use typeser::resolve::Role;
use typeser::value::Value;

use super::forecast::{Forecast, StateForecast};
use super::job::{Failure, Job, Lane, OperatorJob, Source, Transformer};
use crate::descriptor::SerializerPart;
use crate::processor::error::process::ProcessError;
use crate::rows::collisions::Distinct;
use crate::rows::display::shown;
use crate::rows::dropped_data::{Loss, held};
use crate::rows::failure::RowFailure;
use crate::rows::progress::{Meter, Phase, Watcher};
use crate::savepoint::{Row, RowsFile};

/// Says what would become of every row.
pub(crate) fn forecast(job: &Job<'_>, watcher: &mut Watcher<'_>) -> Result<Forecast, ProcessError> {
    let mut surveys: Vec<Survey<'_>> = job.operators.iter().map(|operator| Survey::new(job, operator)).collect();
    let mut meter = Meter::new(Phase::Looking, watcher);
    surveys.iter().for_each(|survey| survey.expect(&mut meter));
    for survey in &mut surveys {
        for pass in 0..survey.distinct.passes() {
            survey.pass(pass, pass == 0, &mut meter, &mut |survey, lane, row, failure| {
                let (key, role, reason) = survey.told(row, failure);
                let (file, offset) = (row.file.to_owned(), row.offset);
                survey.states[lane].fail(|| RowFailure { key, role, reason, file, offset });
                Ok(())
            })?;
        }
    }
    Ok(Forecast { states: surveys.into_iter().flat_map(Survey::told_states).collect() })
}

/// Makes sure that keys of which functions make others can all be migrated, and that no two become one. Values are not
/// looked at, nor keys that rules carry over.
pub(crate) fn check_keys(job: &Job<'_>, watcher: &mut Watcher<'_>) -> Result<(), ProcessError> {
    let moving = job.operators.iter().filter(|operator| operator.key.as_ref().is_some_and(may_collide));
    let mut surveys: Vec<Survey<'_>> = moving.map(|operator| Survey::new(job, operator)).collect();
    let mut meter = Meter::new(Phase::Looking, watcher);
    surveys.iter().for_each(|survey| survey.expect(&mut meter));
    for survey in &mut surveys {
        for pass in 0..survey.distinct.passes() {
            survey.pass(pass, false, &mut meter, &mut |survey, _, row, failure| Err(survey.error(row, failure)))?;
        }
    }
    Ok(())
}

/// Whether different keys may become one: the rules keep them apart, but functions of the program only promise to.
fn may_collide(keys: &Migration) -> bool {
    !keys.functions().is_empty()
}

/// A look at the rows of an operator.
struct Survey<'a> {
    job: &'a Job<'a>,
    operator: &'a OperatorJob<'a>,
    states: Vec<StateForecast>,
    distinct: Distinct,
}

/// What a look at all rows keeps from one to the next.
struct Pass {
    number: u64,
    values: bool,
    transformer: Transformer,
    /// What the map keys that were looked at belong to.
    prefix: Vec<u8>,
}

/// What is wrong with a row.
enum Wrong {
    Failure(Failure),
    /// Its key, or map key, becomes these bytes, and so does another.
    Double(Role, Vec<u8>),
}

type Tell<'t> = dyn FnMut(&mut Survey<'_>, usize, &Row<'_>, Wrong) -> Result<(), ProcessError> + 't;

impl<'a> Survey<'a> {
    fn new(job: &'a Job<'a>, operator: &'a OperatorJob<'a>) -> Self {
        let own = operator.stored.meta().states().iter().zip(&operator.lanes);
        let joined = operator.joined.iter().filter_map(|joined| {
            let state = joined.stored.meta().states().iter().find(|state| state.id() == joined.state_id);
            Some((state?, &joined.lane))
        });
        let states: Vec<StateForecast> = own
            .chain(joined)
            .map(|(state, lane)| StateForecast {
                operator: operator.uid().to_owned(),
                state: state.name().to_owned(),
                kind: state.kind(),
                verdict: lane.verdict.into_iter().chain(operator.key_verdict).max(),
                cost: operator.cost(lane),
                entries: 0,
                bytes: 0,
                new_bytes: 0,
                moved: 0,
                losses: lane.losses.iter().map(Loss::forecast).collect(),
                failed: 0,
                failures: Vec::new(),
            })
            .collect();
        let sizes = |wanted: &dyn Fn(u16) -> bool| {
            let sizes = operator.stored.files().iter().flat_map(RowsFile::states);
            sizes.filter(|size| wanted(size.state_id)).map(|size| size.entries).sum()
        };
        let keys = match &operator.key {
            Some(keys) if may_collide(keys) => sizes(&|_| true),
            _ => sizes(&|id| {
                let lane = operator.lane(id).map(|lane| &operator.lanes[lane]);
                lane.and_then(|lane| lane.user_key.as_ref()).is_some_and(may_collide)
            }),
        };
        Self { job, operator, states, distinct: Distinct::new(keys, job.options.memory) }
    }

    /// All states but those of which another operator tells.
    fn told_states(self) -> impl Iterator<Item = StateForecast> {
        let own = self.operator.lanes.iter().map(|lane| !lane.elsewhere).chain(std::iter::repeat(true));
        self.states.into_iter().zip(own).filter_map(|(state, told)| told.then_some(state))
    }

    fn expect(&self, meter: &mut Meter<'_>) {
        for _ in 0..self.distinct.passes() {
            for source in self.operator.sources() {
                let sizes = source.stored().files().iter().flat_map(RowsFile::states);
                sizes.for_each(|size| meter.expect(size.entries, size.bytes));
            }
        }
    }

    /// Looks at every row once. In the first pass everything is counted; later ones only look for keys that become one.
    fn pass(
        &mut self,
        pass: u64,
        values: bool,
        meter: &mut Meter<'_>,
        tell: &mut Tell<'_>,
    ) -> Result<(), ProcessError> {
        let operator = self.operator;
        self.distinct.begin(pass);
        let mut pass = Pass { number: pass, values, transformer: Transformer::default(), prefix: Vec::new() };
        for (number, source) in operator.sources().enumerate() {
            let mut rows = self.job.savepoint.rows_like(source.stored().meta())?;
            while let Some(row) = rows.next_row()? {
                let (index, lane) = match source {
                    Source::Own(_) => match operator.lane(row.key.state_id) {
                        Some(index) => (index, &operator.lanes[index]),
                        None => continue,
                    },
                    Source::Joined(joined) if joined.state_id == row.key.state_id => {
                        (operator.lanes.len() + number - 1, &joined.lane)
                    }
                    Source::Joined(_) => continue,
                };
                let bytes = (row.key_bytes.len() + row.value.len()) as u64;
                meter.done(operator.uid(), Some(row.state.name()), 1, bytes);
                self.row(&mut pass, (index, lane), &row, bytes, tell)?;
            }
        }
        Ok(())
    }

    fn row(
        &mut self,
        pass: &mut Pass,
        (index, lane): (usize, &Lane),
        row: &Row<'_>,
        bytes: u64,
        tell: &mut Tell<'_>,
    ) -> Result<(), ProcessError> {
        let (operator, first) = (self.operator, pass.number == 0);
        if first {
            self.states[index].entries += 1;
            self.states[index].bytes += bytes;
            if pass.values {
                self.look_for_losses(index, lane, row);
            }
        }
        if lane.dropped {
            return Ok(());
        }
        let new = match pass.transformer.transform(operator, lane, row, self.job.options.trust, pass.values) {
            Ok(new) => new,
            Err(failure) if first => return tell(self, index, row, Wrong::Failure(failure)),
            Err(_) => return Ok(()),
        };
        let double = if operator.key.as_ref().is_some_and(may_collide) {
            self.distinct.collides(row.key.key, new.key).then(|| (Role::Key, new.key.to_vec()))
        } else if lane.user_key.as_ref().is_some_and(may_collide) {
            // Map keys are held against those of the same key, which lie together.
            let before = &row.key_bytes[..row.key_bytes.len() - row.key.rest.len()];
            if pass.prefix != before {
                pass.prefix.clear();
                pass.prefix.extend_from_slice(before);
                self.distinct.forget();
            }
            self.distinct.collides(row.key.rest, new.rest).then(|| (Role::MapKey, new.rest.to_vec()))
        } else {
            None
        };
        if first {
            let state = &mut self.states[index];
            state.new_bytes += (new.row_key.len() + new.value.len()) as u64;
            state.moved += u64::from(new.key_group != row.key.key_group);
        }
        match double {
            Some((role, key)) => tell(self, index, row, Wrong::Double(role, key)),
            None => Ok(()),
        }
    }

    fn look_for_losses(&mut self, index: usize, lane: &Lane, row: &Row<'_>) {
        let Some(resolution) = lane.resolution.as_ref().filter(|_| !lane.losses.is_empty()) else { return };
        let Some(snapshot) = row.state.serializer(SerializerPart::Value) else { return };
        // A row that cannot be decoded cannot be migrated either, or is of no type that can lose anything.
        let Some(Ok(value)) = row.state.value_of(row.value).map(|value| Value::decode(snapshot, value)) else { return };
        for (loss, held) in self.states[index].losses.iter_mut().zip(held(&lane.losses, resolution, &value)) {
            loss.rows += u64::from(held);
        }
    }

    /// The key, the part and the reason, for people.
    fn told(&self, row: &Row<'_>, wrong: Wrong) -> (String, Role, String) {
        let key = self.operator.shown_key(row);
        match wrong {
            Wrong::Failure(Failure::Migrate(role, error)) => (key, role, error.to_string()),
            Wrong::Failure(Failure::TooLarge(error)) => (key, Role::Value, error.to_string()),
            Wrong::Double(role, bytes) => {
                let reason = format!("another {role} becomes {} as well", self.shown_new(row, role, &bytes));
                (key, role, reason)
            }
        }
    }

    fn error(&self, row: &Row<'_>, wrong: Wrong) -> ProcessError {
        match wrong {
            Wrong::Failure(failure) => self.operator.row_error(row, failure),
            Wrong::Double(role, bytes) => ProcessError::Collision {
                operator: self.operator.uid().to_owned(),
                state: (role == Role::MapKey).then(|| row.state.name().to_owned()),
                role,
                key: self.shown_new(row, role, &bytes),
            },
        }
    }

    fn shown_new(&self, row: &Row<'_>, role: Role, bytes: &[u8]) -> String {
        let meta = &self.operator.meta;
        let snapshot = match role {
            Role::Key => Some(meta.key()),
            _ => meta.state(row.state.name()).and_then(|state| state.serializer(SerializerPart::UserKey)),
        };
        shown(snapshot, bytes)
    }
}
