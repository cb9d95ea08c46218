//! The error on two stored keys, or map keys, that become one: the stored rows are read again to name both.

use typeser::resolve::Role;

use super::job::{Job, OperatorJob, Source};
use crate::descriptor::SerializerPart;
use crate::keyed::RowKey;
use crate::processor::error::process::ProcessError;
use crate::rows::collisions::Colliding;
use crate::rows::display::{shown, shown_with_bytes};
use crate::rows::transform::{NewRow, Transformer};
use crate::savepoint::{Row, WriteSavepointError};

/// The error on two keys of an operator that become this one.
#[cold]
pub(super) fn of_key(job: &Job<'_>, operator: &OperatorJob<'_>, new: &[u8]) -> ProcessError {
    let mut colliding = Colliding::new(new);
    let keys = stored(job, operator, |source, row, new| {
        let keys = colliding.take(row.key.key, new.key)?;
        Some(keys.map(|key| shown_with_bytes(Some(source.stored().meta().key()), &key)))
    });
    let key = shown(Some(&operator.meta.key), new);
    keys.map_or_else(|error| error, |keys| error(operator, None, (Role::Key, key), keys))
}

/// The error on two rows of an operator that become the one with this key: their keys become one, or their map keys.
#[cold]
pub(super) fn of_row(job: &Job<'_>, operator: &OperatorJob<'_>, row_key: &[u8]) -> ProcessError {
    let new = match RowKey::parse(row_key) {
        Ok(new) => new,
        Err(source) => return WriteSavepointError::Row { operator: operator.uid().to_owned(), source }.into(),
    };
    let mut colliding = Colliding::new(row_key);
    let rows = stored(job, operator, |source, row, new| {
        let rows = colliding.take(row.key_bytes, new.row_key)?;
        let [first, second] = rows.each_ref().map(|row_key| RowKey::parse(row_key).ok());
        let (first, second) = (first?, second?);
        let map_key = row.state.serializer(SerializerPart::UserKey);
        Some(match first.key == second.key {
            true => (Role::MapKey, [first.rest, second.rest].map(|key| shown_with_bytes(map_key, key))),
            false => {
                let snapshot = source.stored().meta().key();
                (Role::Key, [first.key, second.key].map(|key| shown_with_bytes(Some(snapshot), key)))
            }
        })
    });
    let state = operator.meta.states.iter().find(|state| state.id == new.state_id);
    let map_key = state.and_then(|state| state.serializer(SerializerPart::UserKey));
    match rows {
        Err(error) => error,
        Ok(Some((Role::Key, keys))) => {
            error(operator, None, (Role::Key, shown(Some(&operator.meta.key), new.key)), Some(keys))
        }
        Ok(rows) => {
            let state = state.map(|state| state.name().to_owned());
            error(operator, state, (Role::MapKey, shown(map_key, new.rest)), rows.map(|(_, keys)| keys))
        }
    }
}

/// What is found in the stored rows of an operator and what becomes of them.
fn stored<T>(
    job: &Job<'_>,
    operator: &OperatorJob<'_>,
    mut find: impl FnMut(Source<'_>, &Row<'_>, NewRow<'_>) -> Option<T>,
) -> Result<Option<T>, ProcessError> {
    let mut transformer = Transformer::new(operator.keys(), job.options.trust, 0);
    for source in operator.sources() {
        let mut rows = job.savepoint.rows_like(source.stored().meta())?;
        while let Some(row) = rows.next_row()? {
            let state = source.state(row.key.state_id).filter(|(_, state)| !state.dropped);
            if let Some((_, state)) = state
                && let Ok(Some(new)) = transformer.transform(&state.rows, &row, false)
                && let Some(found) = find(source, &row, new)
            {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// A function whose result varies may give other ones now: then the stored keys are unknown.
fn error(
    operator: &OperatorJob<'_>,
    state: Option<String>,
    (role, key): (Role, String),
    keys: Option<[String; 2]>,
) -> ProcessError {
    let keys = Box::new(keys.unwrap_or_else(|| std::array::from_fn(|_| "unknown".to_owned())));
    ProcessError::Collision { operator: operator.uid().to_owned(), state, role, key, keys }
}
