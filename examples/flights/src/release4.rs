//! Release 4: the key becomes a tuple with one element, as when a key becomes "a list of columns". Its bytes would be
//! the same, but a string and a tuple are different types: the stored state is refused before anything is changed.

use typeser::resolve::Compatibility;

use crate::program::{Months, Release};
use crate::release3::{Delay, Destination, Totals};

pub struct Release4;

impl Release for Release4 {
    const NEWS: &'static [&'static str] = &["the key is a `(String,)`, no longer a `String`"];
    const UPGRADE: Compatibility = Compatibility::Incompatible;
    const MONTHS: Months = Months { name: "what comes next", from: "2014-02", until: "9999-99" };

    type Key = (String,);
    type Totals = Totals;
    type Delay = Delay;
    type Destination = Destination;

    fn key(tail: &str) -> (String,) {
        (tail.to_owned(),)
    }
}
