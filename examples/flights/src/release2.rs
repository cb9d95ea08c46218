//! Release 2: fields and variants are sorted. No byte of stored state has to change.

use typeser::StateType;
use typeser::resolve::Compatibility;

use crate::data::Flight;
use crate::program::{self, Count, Counts, Months, Release};

/// The value: figures of an aircraft. `NA` in the data is counted as well.
#[derive(Debug, Clone, PartialEq, Default, StateType)]
pub struct Totals {
    last: Punctuality,
    departures: u16,
    cancelled: u16,
    not_arrived: u16,
    no_air_time: u16,
    miles: u32,
    minutes_in_air: u32,
    minutes_late: u32,
    worst_delay: i16,
}

/// The punctuality of the last departure.
#[derive(Debug, Clone, PartialEq, Default, StateType)]
pub enum Punctuality {
    OnTime,
    Late {
        minutes: i16,
    },
    Cancelled,
    #[default]
    Unknown,
}

/// The list: delays of the last departures, in minutes.
#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Delay {
    arrival: Option<i16>,
    departure: Option<i16>,
}

/// The map: figures of an aircraft and an airport.
#[derive(Debug, Clone, PartialEq, Default, StateType)]
pub struct Destination {
    minutes_late: u32,
    departures: u16,
    cancelled: u16,
}

pub struct Release2;

impl Release for Release2 {
    const NEWS: &'static [&'static str] = &["fields and enum variants are in another order"];
    const UPGRADE: Compatibility = Compatibility::AfterReconfigure;
    const MONTHS: Months = Months { name: "July to September", from: "2013-07", until: "2013-10" };

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
                self.minutes_late += u32::from(minutes.unsigned_abs());
                self.worst_delay = self.worst_delay.max(minutes);
                Punctuality::Late { minutes }
            }
            Some(_) => Punctuality::OnTime,
        };
        match flight.arrival_delay {
            None => self.not_arrived += 1,
            Some(_) => self.miles += u32::from(flight.distance),
        }
        match flight.air_time {
            None => self.no_air_time += 1,
            Some(minutes) => self.minutes_in_air += u32::from(minutes),
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
        Self { departure: flight.departure_delay, arrival: flight.arrival_delay }
    }
}

impl Count for Destination {
    fn count(&mut self, flight: &Flight<'_>) {
        self.departures += 1;
        match flight.departure_delay {
            None => self.cancelled += 1,
            Some(minutes @ 1..) => self.minutes_late += u32::from(minutes.unsigned_abs()),
            Some(_) => {}
        }
    }
}
