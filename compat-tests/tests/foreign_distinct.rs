//! Keys of maps and elements of sets that are stored alike are refused when they are written: they could not be read back.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use typeser::schema::IntegerEncoding;
use typeser::{Serializer, StateType, TypeSerializer};

/// A number of which the text and the stand-in keep the whole part only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level(u8, u8);

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Level {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.parse()?, 0))
    }
}

impl From<&Level> for u8 {
    fn from(level: &Level) -> Self {
        level.0
    }
}

impl From<u8> for Level {
    fn from(whole: u8) -> Self {
        Self(whole, 0)
    }
}

#[derive(Debug, Default, PartialEq, StateType)]
struct Levels {
    #[state(text(Level))]
    counts: HashMap<Level, u32>,
    #[state(text)]
    seen: BTreeSet<Level>,
    #[state(as = BTreeMap<u8, _>)]
    limits: BTreeMap<Level, String>,
    #[state(as = HashSet<u8>)]
    known: HashSet<Level>,
}

#[test]
fn what_is_stored_alike_is_not_written() {
    let (one, other, two) = (Level(1, 0), Level(1, 5), Level(2, 0));
    let refused = |levels: &Levels| {
        [IntegerEncoding::Fixed, IntegerEncoding::Variable].map(|integers| {
            let serializer = Serializer::<Levels>::with_integers(integers).unwrap();
            let mut bytes = b"before".to_vec();
            let error = serializer.serialize(levels, &mut bytes).unwrap_err().to_string();
            assert_eq!(bytes, b"before");
            error
        })
    };
    let all = [(two.clone(), 0), (one.clone(), 1), (other.clone(), 2)];
    let counts = refused(&Levels { counts: all.into(), ..Levels::default() });
    assert_eq!(
        counts[0],
        "cannot encode: two keys of a map are stored alike, as \"1\" in `Levels.counts`, so the value could not be read back and was \
         not written; different keys of a map need different texts or stand-ins"
    );
    assert_eq!(counts[0], counts[1]);
    let seen = refused(&Levels { seen: [two, one.clone(), other.clone()].into(), ..Levels::default() });
    assert!(
        seen[0].starts_with("cannot encode: two elements of a set are stored alike, as \"1\" in `Levels.seen`, so"),
        "{}",
        seen[0]
    );
    let limits = [(one.clone(), "a".to_owned()), (other.clone(), "b".to_owned())];
    let limits = refused(&Levels { limits: limits.into(), ..Levels::default() });
    assert!(
        limits[0].starts_with("cannot encode: two keys of a map are stored alike, so the value could not"),
        "{}",
        limits[0]
    );
    let known = refused(&Levels { known: [one, other].into(), ..Levels::default() });
    assert!(
        known[0].starts_with("cannot encode: two elements of a set are stored alike, so the value could not"),
        "{}",
        known[0]
    );
}

#[test]
fn what_is_stored_differently_comes_back() {
    let all = [Level(1, 0), Level(2, 0), Level(30, 0)];
    let levels = Levels {
        counts: all.iter().cloned().zip(0..).collect(),
        seen: all.iter().cloned().collect(),
        limits: all.iter().map(|level| (level.clone(), "same".to_owned())).collect(),
        known: all.into(),
    };
    for integers in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
        let serializer = Serializer::<Levels>::with_integers(integers).unwrap();
        let mut bytes = Vec::new();
        serializer.serialize(&levels, &mut bytes).unwrap();
        assert_eq!(serializer.deserialize(&bytes).unwrap(), levels);
    }
}
