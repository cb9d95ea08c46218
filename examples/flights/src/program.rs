//! The program: it counts departures by the tail number of the aircraft. Every release is this; only its types differ.

use typeser::resolve::Compatibility;
use typeser::{StateKey, StateType};
use typeser_state::backend::Backend;
use typeser_state::keyed::{KeyedStateBackend, ListState, MapState, Operator, StateError, ValueState};

use crate::data::Flight;

/// The operator's uid and the names of its states, by which each release finds the state of another one.
pub const OPERATOR: &str = "flights-by-tail";
pub const TOTALS: &str = "totals";
pub const RECENT_DELAYS: &str = "recent-delays";
pub const DESTINATIONS: &str = "destinations";

/// The key of departures without a tail number.
pub const NO_TAIL_NUMBER: &str = "(no tail number)";

/// The number of recent delays per aircraft.
pub const RECENT: usize = 5;

/// What distinguishes a release: its types, and its part in the story.
pub trait Release: Sized {
    /// What is new in it.
    const NEWS: &'static [&'static str];
    /// The verdict on the state of the previous release.
    const UPGRADE: Compatibility;
    /// The months that it reads.
    const MONTHS: Months;

    type Key: StateKey;
    type Totals: Totals;
    type Delay: StateType + for<'a> From<&'a Flight<'a>>;
    type Destination: Count;

    fn key(tail: &str) -> Self::Key;
}

/// A value that counts departures.
pub trait Count: StateType + Default {
    fn count(&mut self, flight: &Flight<'_>);
}

/// The figures of an aircraft.
pub trait Totals: Count {
    fn counts(&self) -> Counts;
}

/// Whole months in UTC, from one up to, but not including, another.
#[derive(Debug, Clone, Copy)]
pub struct Months {
    pub name: &'static str,
    pub from: &'static str,
    pub until: &'static str,
}

/// Counts that must be equal in data and state, so that no departure is lost or counted twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub departures: u64,
    pub cancelled: u64,
    pub not_arrived: u64,
    pub no_air_time: u64,
    pub no_tail_number: u64,
}

/// A release of the program: its operator, and a handle for each state.
pub struct Program<R: Release> {
    pub operator: Operator<R::Key>,
    pub totals: ValueState<R::Totals>,
    pub recent_delays: ListState<R::Delay>,
    pub destinations: MapState<String, R::Destination>,
}

impl<R: Release> Program<R> {
    /// Declares everything, without accessing any state.
    pub fn new() -> Result<Self, StateError> {
        let mut operator = Operator::new(OPERATOR)?;
        let totals = operator.value(TOTALS)?;
        let recent_delays = operator.list(RECENT_DELAYS)?;
        let destinations = operator.map(DESTINATIONS)?;
        Ok(Self { operator, totals, recent_delays, destinations })
    }

    /// Counts a departure.
    pub fn count(
        &self,
        state: &mut KeyedStateBackend<R::Key, impl Backend>,
        flight: &Flight<'_>,
    ) -> Result<(), StateError> {
        state.set_current_key(&R::key(flight.tail.unwrap_or(NO_TAIL_NUMBER)))?;

        let mut totals = self.totals.get(state)?.unwrap_or_default();
        totals.count(flight);
        self.totals.update(state, &totals)?;

        let delay = R::Delay::from(flight);
        let recent = self.recent_delays.get(state)?;
        if recent.len() < RECENT {
            self.recent_delays.add(state, &delay)?;
        } else {
            self.recent_delays.update(state, recent.iter().skip(1).chain([&delay]))?;
        }

        let airport = flight.destination.to_owned();
        let mut destination = self.destinations.get(state, &airport)?.unwrap_or_default();
        destination.count(flight);
        self.destinations.put(state, &airport, &destination)
    }

    /// The sums over the state, and the number of aircraft.
    pub fn counts(&self, state: &mut KeyedStateBackend<R::Key, impl Backend>) -> Result<(Counts, usize), StateError> {
        let mut sum = Counts::default();
        let keys = state.keys()?;
        let no_tail_number = R::key(NO_TAIL_NUMBER);
        let mut aircraft = 0;
        for key in keys {
            state.set_current_key(&key)?;
            let counts = self.totals.get(state)?.unwrap_or_default().counts();
            if key == no_tail_number {
                sum = sum + Counts { no_tail_number: counts.departures, ..counts };
            } else {
                sum = sum + counts;
                aircraft += 1;
            }
        }
        Ok((sum, aircraft))
    }
}

impl Months {
    pub fn contains(&self, flight: &Flight<'_>) -> bool {
        (self.from..self.until).contains(&flight.month)
    }
}

impl Counts {
    /// The counts of one departure.
    pub fn of(flight: &Flight<'_>) -> Self {
        Self {
            departures: 1,
            cancelled: flight.departure_delay.is_none().into(),
            not_arrived: flight.arrival_delay.is_none().into(),
            no_air_time: flight.air_time.is_none().into(),
            no_tail_number: flight.tail.is_none().into(),
        }
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            departures: self.departures + other.departures,
            cancelled: self.cancelled + other.cancelled,
            not_arrived: self.not_arrived + other.not_arrived,
            no_air_time: self.no_air_time + other.no_air_time,
            no_tail_number: self.no_tail_number + other.no_tail_number,
        }
    }
}
