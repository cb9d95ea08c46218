//! What is asked of a savepoint: which rows, and what happens where some cannot be read.

use typeser::SerializerSnapshot;
use typeser::value::Value;

use crate::descriptor::{OperatorMeta, StateKind, StateMeta};
use crate::key_group::KeyGroup;
use crate::processor::error::read::ReadStateError;
use crate::processor::operators::all_operators;
use crate::savepoint::{Row, Savepoint, SavepointOperator};

/// Which rows of a savepoint to read: all of them, unless a condition is set.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::processor::Query;
/// use typeser_state::savepoint::Savepoint;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// for (tail, count) in [("N14228", 111), ("N24211", 130)] {
///     state.set_current_key(&tail.to_owned())?;
///     departures.update(&mut state, &count)?;
/// }
/// let savepoint = Savepoint::create(folder.path().join("last"))?.operator(&state)?.finish()?;
///
/// let query = Query::new().operator("flights-by-tail").state("departures").key("N24211");
/// for entry in query.run(&savepoint)? {
///     assert_eq!(entry?.value.to_string(), "130");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub(crate) operator: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) kind: Option<StateKind>,
    pub(crate) key: Option<String>,
    pub(crate) key_group: Option<KeyGroup>,
    pub(crate) continue_on_error: bool,
}

impl Query {
    /// All rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those of the operator of this uid.
    #[must_use]
    pub fn operator(mut self, uid: impl Into<String>) -> Self {
        self.operator = Some(uid.into());
        self
    }

    /// Only those of states of this name.
    #[must_use]
    pub fn state(mut self, name: impl Into<String>) -> Self {
        self.state = Some(name.into());
        self
    }

    /// Only those of states of this kind. Files that hold none of them are not opened.
    #[must_use]
    pub fn of_kind(mut self, kind: StateKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Only those of the key that reads so: as text, as JSON, or, of a string, without quotes. Rows without a key are
    /// left out.
    #[must_use]
    pub fn key(mut self, text: impl Into<String>) -> Self {
        self.key = Some(text.into());
        self
    }

    /// Only those of this key group. Files that do not hold it are not opened; the state of operators themselves is
    /// left out.
    #[must_use]
    pub fn key_group(mut self, key_group: KeyGroup) -> Self {
        self.key_group = Some(key_group);
        self
    }

    /// Goes on behind rows that are damaged or cannot be decoded: each gives an error, and then the next rows follow.
    #[must_use]
    pub fn go_on_behind_errors(mut self) -> Self {
        self.continue_on_error = true;
        self
    }

    /// Whether rows of this state are asked for.
    pub(crate) fn wants(&self, state: &StateMeta) -> bool {
        let named = self.state.as_ref().is_none_or(|name| name == state.name());
        named && self.kind.is_none_or(|kind| kind == state.kind())
    }

    /// The operators that are asked for.
    pub(crate) fn operators<'a>(&self, savepoint: &'a Savepoint) -> Result<Vec<&'a SavepointOperator>, ReadStateError> {
        let wanted = |uid: &str| self.operator.as_ref().is_none_or(|operator| operator == uid);
        let operators = all_operators(savepoint).filter(|operator| wanted(operator.meta().uid()));
        let operators: Vec<_> = operators.collect();
        if let Some(uid) = &self.operator
            && operators.is_empty()
        {
            let mut known: Vec<_> = all_operators(savepoint).map(|operator| operator.meta().uid().to_owned()).collect();
            let mut seen = std::collections::HashSet::new();
            known.retain(|uid| seen.insert(uid.clone()));
            return Err(ReadStateError::NoSuchOperator {
                savepoint: savepoint.path().to_owned(),
                uid: uid.clone(),
                known,
            });
        }
        if let Some(name) = &self.state
            && !operators.iter().any(|operator| operator.meta().state(name).is_some())
        {
            let states = operators.iter().flat_map(|operator| operator.meta().states());
            let known = states.map(|state| state.name().to_owned()).collect();
            return Err(ReadStateError::NoSuchState {
                savepoint: savepoint.path().to_owned(),
                name: name.clone(),
                known,
            });
        }
        if let Some(found) = self.key_group
            && let keyed = operators.iter().map(|operator| operator.meta()).filter(|meta| meta.keyed)
            && let Some(most) = keyed.map(OperatorMeta::max_parallelism).max()
            && found >= most.groups()
        {
            return Err(ReadStateError::NoSuchKeyGroup { savepoint: savepoint.path().to_owned(), found, most });
        }
        Ok(operators)
    }
}

impl Query {
    /// Whether the row has a key that is asked for, in a key group that is.
    pub(crate) fn wants_key(&self, operator: &OperatorMeta, row: &Row<'_>, last: &mut Option<(Vec<u8>, bool)>) -> bool {
        let of_group = self.key_group.is_none_or(|group| group == row.key.key_group);
        let of_key = |wanted: &String| row.state.kind().has_keys() && is_key(wanted, operator.key(), row.key.key, last);
        of_group && self.key.as_ref().is_none_or(of_key)
    }
}

/// Whether the key reads as it was asked for. Rows of a key lie together, so the last answer is kept.
fn is_key(wanted: &str, snapshot: &SerializerSnapshot, key: &[u8], last: &mut Option<(Vec<u8>, bool)>) -> bool {
    if let Some((bytes, answer)) = last
        && bytes == key
    {
        return *answer;
    }
    let answer = Value::decode(snapshot, key).is_ok_and(|value| value.reads_as(wanted));
    *last = Some((key.to_vec(), answer));
    answer
}
