//! Plans as text: what becomes of each operator and each of its states, with rows and bytes.

use std::fmt;

use typeser::resolve::Compatibility;

use super::plan::RestorePlan;
use super::program::{OperatorPlan, ProgramPlan};
use super::redistribute::OperatorStatesPlan;
use super::state_plan::StatePlan;
use crate::rows::time_to_live::TimeToLiveChange;

/// A line for each operator, and one for each of its states.
impl fmt::Display for ProgramPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "savepoint {}: no problem prevents a restore", self.savepoint)?;
        for operator in &self.operators {
            write!(f, "{operator}")?;
        }
        for left in &self.left {
            let action = if left.retained { "retained" } else { "dropped" };
            writeln!(f, "operator `{}`: {action}, the program does not have it", left.uid)?;
        }
        Ok(())
    }
}

/// A line for the operator, and one for each of its states.
impl fmt::Display for OperatorPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_operator(f, &self.uid, self.is_stored.then_some(self.key), &self.states)
    }
}

/// A line for the operator, one for each of its states, and one for each change of a state.
impl<K> fmt::Display for RestorePlan<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "savepoint {}: no problem prevents a restore", self.savepoint.path().display())?;
        let key = self.key().filter(|_| self.operator.keyed);
        write_operator(f, &self.operator.uid, self.stored.map(|_| key), self.states())?;
        for state in self.states() {
            for finding in state.findings() {
                writeln!(f, "change of `{}`: {finding}", state.name())?;
            }
        }
        for retained in &self.retained_operators {
            writeln!(f, "operator `{}`: retained, the program does not have it", retained.uid)?;
        }
        Ok(())
    }
}

/// As [`RestorePlan`] is shown.
impl fmt::Display for OperatorStatesPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The operator and its states. `key` is `None` if nothing is stored of it, and holds the verdict on its keys if it has
/// any.
fn write_operator(
    f: &mut fmt::Formatter<'_>,
    uid: &str,
    key: Option<Option<Compatibility>>,
    states: &[StatePlan],
) -> fmt::Result {
    match key {
        None => writeln!(f, "operator `{uid}`: new")?,
        Some(Some(key)) => writeln!(f, "operator `{uid}`: keys {key}")?,
        Some(None) => writeln!(f, "operator `{uid}`: operator state")?,
    }
    let width = states.iter().map(|state| state.name().len()).max().unwrap_or(0);
    for state in states {
        write!(f, "  {:width$}  {:29}", state.name(), state.verdict().to_string())?;
        let dropped = if state.verdict().drops_all() { ", all dropped" } else { "" };
        writeln!(f, " {} rows, {} bytes{dropped}", state.entries(), state.bytes())?;
        let time_to_live = match state.time_to_live() {
            TimeToLiveChange::None | TimeToLiveChange::Kept { .. } => None,
            TimeToLiveChange::TurnedOn => Some("the time to live of every row begins with the restore"),
            TimeToLiveChange::TurnedOff { .. } => Some("rows no longer expire; those that have expired are dropped"),
        };
        for line in state.cause().into_iter().chain(time_to_live) {
            writeln!(f, "  {:width$}  {line}", "")?;
        }
    }
    Ok(())
}
