//! Keyed state without any type, a key at a time: all that is stored of the key, as dynamic values.

use std::collections::BTreeMap;

use typeser::value::Value;

use super::entry::{Entry, EntryPlace, decode};
use super::filter::Query;
use crate::key_group::KeyGroup;
use crate::processor::error::read::{BoxError, ReadStateError};
use crate::processor::options::ProcessOptions;
use crate::rows::groups::{Part, Parts, for_each_part};
use crate::rows::progress::{Progress, counter_of};
use crate::savepoint::{Savepoint, SavepointOperator};
use crate::timer::TimeDomain;

/// All that is stored of a key: a line of the table that the keyed states of an operator are, with a column for the key
/// and one for each state.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyEntries<'a> {
    /// The uid of the operator.
    pub operator: &'a str,
    /// The key group in which the key lives.
    pub key_group: KeyGroup,
    /// The key.
    pub key: Value,
    /// What is stored of it, timers among it, in the order in which it is stored.
    pub entries: Vec<Entry<'a>>,
}

impl<'a> KeyEntries<'a> {
    /// The value of a state that has one a key.
    #[must_use]
    pub fn value(&self, state: &str) -> Option<&Value> {
        self.of(state).next().map(|entry| &entry.value)
    }

    /// What there is of a state: the elements of a list in order, the entries of a map, a value for each namespace.
    pub fn of(&self, state: &str) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(move |entry| entry.state.name() == state)
    }

    /// The timers: the name of their service, which time they wait for, and until when.
    pub fn timers(&self) -> impl Iterator<Item = (&'a str, TimeDomain, i64)> {
        self.entries.iter().filter_map(|entry| match entry.place {
            EntryPlace::Timer { domain, time } => Some((entry.state.name(), domain, time)),
            _ => None,
        })
    }
}

impl Query {
    /// Reads keyed state a key at a time, without any type: what [`Operator::read`](crate::keyed::Operator::read) is
    /// where the types are at hand. `read` sees all that the query asks for of a key, and hands on what it makes of it;
    /// `visit` gets that, in the order of key groups.
    ///
    /// Several threads call `read`. One key group for each thread is decoded in memory at a time, or several small
    /// ones.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    /// use typeser_state::processor::{ProcessOptions, Query};
    /// use typeser_state::savepoint::Savepoint;
    ///
    /// # let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// # let delay = operator.value::<u32>("delay")?;
    /// # let recent = operator.list::<i16>("recent")?;
    /// # let mut state = operator.open(MemoryBackend::new())?;
    /// # state.set_current_key(&"N14228".to_owned())?;
    /// # delay.update(&mut state, &2)?;
    /// # recent.add_all(&mut state, &[7, -1])?;
    /// # let savepoint = Savepoint::create(folder.path().join("first"))?.operator(&state)?.finish()?;
    /// let mut lines = Vec::new();
    /// Query::new().operator("flights-by-tail").read_keys(
    ///     &savepoint,
    ///     &ProcessOptions::new(),
    ///     |key, out| {
    ///         let delay = key.value("delay").ok_or("no delay")?.as_u32()?;
    ///         out(format!("{}: {delay}, {} recent ones", key.key, key.of("recent").count()));
    ///         Ok(())
    ///     },
    ///     |line| {
    ///         lines.push(line);
    ///         Ok(())
    ///     },
    /// )?;
    /// assert_eq!(lines, [r#""N14228": 2, 2 recent ones"#]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The savepoint holds no such operator or state, a row cannot be read, or a function failed.
    pub fn read_keys<T: Send>(
        &self,
        savepoint: &Savepoint,
        options: &ProcessOptions,
        read: impl Fn(&KeyEntries<'_>, &mut dyn FnMut(T)) -> Result<(), BoxError> + Sync,
        mut visit: impl FnMut(T) -> Result<(), BoxError>,
    ) -> Result<(), ReadStateError> {
        let operators = self.operators(savepoint)?.into_iter().filter(|operator| operator.meta().keyed);
        for stored in operators {
            let mut silent = |_: &Progress<'_>| ();
            let mut progress_counter = counter_of(stored, &mut silent);
            let parts = Parts::new(savepoint, stored);
            let work = |part: &Part| -> Result<Vec<T>, ReadStateError> {
                let mut handed_on = Vec::new();
                for key in self.keys_of(stored, part)?.into_values() {
                    read(&key, &mut |item| handed_on.push(item)).map_err(|source| ReadStateError::Function {
                        operator: stored.meta().uid().to_owned(),
                        key: key.key.to_string(),
                        source,
                    })?;
                }
                Ok(handed_on)
            };
            for_each_part(parts, options.parallelism, &mut progress_counter, work, |handed_on, _| {
                handed_on.into_iter().try_for_each(&mut visit).map_err(ReadStateError::Visit)
            })?;
        }
        Ok(())
    }

    /// The keys of a part that are asked for, by key group and stored key.
    fn keys_of<'a>(
        &self,
        operator: &'a SavepointOperator,
        part: &Part,
    ) -> Result<BTreeMap<(KeyGroup, Vec<u8>), KeyEntries<'a>>, ReadStateError> {
        let mut keys: BTreeMap<(KeyGroup, Vec<u8>), KeyEntries<'a>> = BTreeMap::new();
        let mut last = None;
        for row in part.rows.rows(operator.meta()) {
            let (_, row) = row?;
            let state = operator.meta().states().iter().find(|state| state.id() == row.key.state_id);
            let Some(state) = state.filter(|state| state.kind().has_keys() && self.wants(state)) else { continue };
            if !self.wants_key(operator.meta(), &row, &mut last) {
                continue;
            }
            let entry = decode(operator, state, &row)?;
            let known = keys.entry((row.key.key_group, row.key.key.to_vec()));
            let known = known.or_insert_with(|| KeyEntries {
                operator: operator.meta().uid(),
                key_group: row.key.key_group,
                key: entry.key.clone().unwrap_or_default(),
                entries: Vec::new(),
            });
            known.entries.push(entry);
        }
        Ok(keys)
    }
}
