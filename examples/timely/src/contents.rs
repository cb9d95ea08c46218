//! The content of a savepoint, read with one release by one instance that owns all key groups.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use typeser_state::backend::MemoryBackend;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use crate::Outcome;
use crate::program::{Program, Release};
use crate::worker::SOURCE;

/// The whole state, by aircraft.
#[derive(PartialEq)]
pub struct Contents<T, D, A>(BTreeMap<String, (Option<T>, Vec<D>, BTreeMap<String, A>)>);

impl<T, D, A> fmt::Display for Contents<T, D, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.0.values().filter(|(totals, ..)| totals.is_some()).count();
        let delays: usize = self.0.values().map(|(_, delays, _)| delays.len()).sum();
        let destinations: usize = self.0.values().map(|(.., destinations)| destinations.len()).sum();
        write!(f, "{totals} totals, {delays} recent delays, {destinations} destinations")
    }
}

pub fn of<R: Release<Key = String>, T>(
    savepoint: &Path,
    of: &impl Fn(R::Totals) -> T,
) -> Outcome<Contents<T, R::Delay, R::Destination>> {
    let program = Program::<R>::new()?;
    let options = RestoreOptions::new().with_operator_state(SOURCE);
    let savepoint = Savepoint::open(savepoint)?;
    let mut state = program.operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ())?;
    let mut contents = BTreeMap::new();
    for key in state.keys()? {
        state.set_current_key(&key)?;
        let totals = program.totals.get(&mut state)?.map(of);
        let delays = program.recent_delays.get(&mut state)?;
        let destinations = program.destinations.entries(&mut state)?.into_iter().collect();
        contents.insert(key, (totals, delays, destinations));
    }
    Ok(Contents(contents))
}
