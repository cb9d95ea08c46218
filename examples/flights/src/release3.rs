//! Release 3: wider counters, one field renamed, one removed, and two added. Stored state must be migrated.

use typeser::StateType;
use typeser::resolve::Compatibility;

use crate::data::Flight;
use crate::program::{self, Count, Counts, Months, Release};

/// The value: figures of an aircraft. `NA` in the data is counted as well.
#[derive(Debug, Clone, PartialEq, Default, StateType)]
#[state(removed("worst_delay"))]
pub struct Totals {
    last: Punctuality,
    departures: u32,
    cancelled: u32,
    not_arrived: u32,
    no_air_time: u32,
    #[state(alias = "miles")]
    miles_flown: u64,
    minutes_in_air: u64,
    minutes_late: u64,
    #[state(default)]
    early: u32,
    #[state(default)]
    longest: Flown,
}

/// The longest flight of an aircraft: a struct that releases 1 and 2 did not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, StateType)]
pub struct Flown {
    miles: u16,
    minutes: u16,
}

/// The punctuality of the last departure.
#[derive(Debug, Clone, PartialEq, Default, StateType)]
pub enum Punctuality {
    OnTime,
    Late {
        minutes: i32,
    },
    Cancelled,
    #[default]
    Unknown,
}

/// The list: delays of the last departures, in minutes.
#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Delay {
    arrival: Option<i32>,
    departure: Option<i32>,
}

/// The map: figures of an aircraft and an airport.
#[derive(Debug, Clone, PartialEq, Default, StateType)]
pub struct Destination {
    minutes_late: u64,
    departures: u32,
    cancelled: u32,
}

pub struct Release3;

impl Release for Release3 {
    const NEWS: &'static [&'static str] = &[
        "counters are wider; `miles` is called `miles_flown`; `worst_delay` is gone;",
        "`early` and `longest`, a struct, are new",
    ];
    const UPGRADE: Compatibility = Compatibility::RequiresMigration;
    const MONTHS: Months = Months { name: "October to January 2014", from: "2013-10", until: "9999-99" };

    type Key = String;
    type Totals = Totals;
    type Delay = Delay;
    type Destination = Destination;

    fn key(tail: &str) -> String {
        tail.to_owned()
    }
}

impl Count for Totals {
    fn count(&mut self, flight: &Flight<'_>) {
        self.departures += 1;
        self.last = match flight.departure_delay {
            None => {
                self.cancelled += 1;
                Punctuality::Cancelled
            }
            Some(minutes @ 1..) => {
                self.minutes_late += u64::from(minutes.unsigned_abs());
                Punctuality::Late { minutes: minutes.into() }
            }
            Some(minutes) => {
                self.early += u32::from(minutes < 0);
                Punctuality::OnTime
            }
        };
        match flight.arrival_delay {
            None => self.not_arrived += 1,
            Some(_) => self.miles_flown += u64::from(flight.distance),
        }
        match flight.air_time {
            None => self.no_air_time += 1,
            Some(minutes) => {
                self.minutes_in_air += u64::from(minutes);
                self.longest = self.longest.clone().max(Flown { miles: flight.distance, minutes });
            }
        }
    }
}

impl program::Totals for Totals {
    fn counts(&self) -> Counts {
        Counts {
            departures: self.departures.into(),
            cancelled: self.cancelled.into(),
            not_arrived: self.not_arrived.into(),
            no_air_time: self.no_air_time.into(),
            no_tail_number: 0,
        }
    }
}

impl From<&Flight<'_>> for Delay {
    fn from(flight: &Flight<'_>) -> Self {
        Self { departure: flight.departure_delay.map(i32::from), arrival: flight.arrival_delay.map(i32::from) }
    }
}

impl Count for Destination {
    fn count(&mut self, flight: &Flight<'_>) {
        self.departures += 1;
        match flight.departure_delay {
            None => self.cancelled += 1,
            Some(minutes @ 1..) => self.minutes_late += u64::from(minutes.unsigned_abs()),
            Some(_) => {}
        }
    }
}

/// The fields that only release 3 counts. Restored state has no such counts for earlier months.
impl Totals {
    pub const NEW_FIELDS: [&str; 2] = ["early", "longest"];

    /// Splits the new fields from all others.
    pub fn split(self) -> (Self, (u32, Flown)) {
        let new = (self.early, self.longest);
        (Self { early: 0, longest: Flown::default(), ..self }, new)
    }
}
