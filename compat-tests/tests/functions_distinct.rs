//! Functions that are declared `injective` and are not: a set or map that would hold an element or key twice is not
//! written.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use typeser::migrate::{MigrateError, Scratch, Trust};
use typeser::resolve::{Policy, Role};
use typeser::schema::IntegerEncoding;
use typeser::{Serializer, StateType, TypeSerializer, resolve};

const ENCODINGS: [IntegerEncoding; 2] = [IntegerEncoding::Fixed, IntegerEncoding::Variable];

mod old {
    use super::*;

    #[derive(StateType, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Seat {
        pub row: String,
        pub number: u32,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub struct Train {
        pub name: String,
        pub taken: BTreeSet<Seat>,
        pub by_seat: BTreeMap<Seat, BTreeSet<Seat>>,
        pub groups: BTreeSet<BTreeSet<Seat>>,
        pub tours: BTreeSet<BTreeMap<Seat, u8>>,
    }
}

mod new {
    use super::*;

    #[derive(StateType, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Seat {
        #[state(convert(u32, with = last_digit, injective))]
        pub number: u8,
        pub row: String,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub struct Train {
        pub by_seat: BTreeMap<Seat, BTreeSet<Seat>>,
        pub tours: BTreeSet<BTreeMap<Seat, u8>>,
        pub groups: BTreeSet<BTreeSet<Seat>>,
        pub taken: BTreeSet<Seat>,
        pub name: String,
    }

    fn last_digit(number: u32) -> u8 {
        (number % 10) as u8
    }
}

fn seat(number: u32) -> old::Seat {
    old::Seat { row: "window".to_owned(), number }
}

fn converted(number: u8) -> new::Seat {
    new::Seat { row: "window".to_owned(), number }
}

fn train() -> old::Train {
    old::Train {
        name: "night".to_owned(),
        taken: BTreeSet::new(),
        by_seat: BTreeMap::new(),
        groups: BTreeSet::new(),
        tours: BTreeSet::new(),
    }
}

/// Migrates between all integer encodings and at both levels of trust.
fn outcomes(train: &old::Train) -> Vec<Result<new::Train, MigrateError>> {
    let (mut scratch, mut outcomes) = (Scratch::default(), Vec::new());
    for (from, to) in ENCODINGS.iter().flat_map(|from| ENCODINGS.map(|to| (*from, to))) {
        let stored = Serializer::<old::Train>::with_integers(from).unwrap();
        let new = Serializer::<new::Train>::with_integers(to).unwrap();
        let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        let migration = resolution.migration(new.conversions()).unwrap();
        let mut bytes = Vec::new();
        stored.serialize(train, &mut bytes).unwrap();
        for trust in [Trust::Verified, Trust::Foreign] {
            let mut migrated = b"before".to_vec();
            let outcome = migration.run(&bytes, trust, &mut scratch, &mut migrated);
            outcomes.push(match outcome {
                Ok(()) => Ok(new.deserialize(&migrated[6..]).unwrap()),
                Err(error) => {
                    assert_eq!(migrated, b"before");
                    Err(error)
                }
            });
        }
    }
    outcomes
}

#[track_caller]
fn becomes(train: &old::Train, wanted: &new::Train) {
    outcomes(train).iter().for_each(|outcome| assert_eq!(outcome.as_ref(), Ok(wanted)));
}

/// The error for fixed integers. The offset and the bytes are others for variable ones.
#[track_caller]
fn refused(train: &old::Train) -> String {
    let errors: Vec<String> = outcomes(train).into_iter().map(|outcome| outcome.unwrap_err().to_string()).collect();
    assert_eq!(errors[0], errors[1]);
    errors.iter().for_each(|error| assert!(error.contains("declared `injective`"), "{error}"));
    errors[0].clone()
}

#[test]
fn different_results_pass_in_whatever_order_they_come() {
    let seats: BTreeSet<_> = [19, 28, 37].map(seat).into();
    let stored = old::Train {
        taken: seats.clone(),
        by_seat: seats.iter().map(|seat| (seat.clone(), seats.clone())).collect(),
        groups: [seats.clone(), [seat(19)].into(), BTreeSet::new()].into(),
        tours: [[(seat(1), 1), (seat(12), 2)].into(), [(seat(2), 1), (seat(11), 2)].into()].into(),
        ..train()
    };
    let seats: BTreeSet<_> = [9, 8, 7].map(converted).into();
    let wanted = new::Train {
        name: "night".to_owned(),
        taken: seats.clone(),
        by_seat: seats.iter().map(|seat| (seat.clone(), seats.clone())).collect(),
        groups: [seats, [converted(9)].into(), BTreeSet::new()].into(),
        tours: [[(converted(1), 1), (converted(2), 2)].into(), [(converted(2), 1), (converted(1), 2)].into()].into(),
    };
    becomes(&stored, &wanted);
}

#[test]
fn elements_that_become_equal_are_refused_and_both_are_named() {
    let taken = [3, 17, 27].map(seat).into();
    insta::assert_snapshot!(refused(&old::Train { taken, ..train() }));
}

#[test]
fn keys_that_become_equal_are_refused_and_both_are_named() {
    let by_seat = [3, 17, 27].map(|number| (seat(number), BTreeSet::new())).into();
    insta::assert_snapshot!(refused(&old::Train { by_seat, ..train() }));
    // Also those within a value of a map.
    let by_seat = [(seat(3), [seat(4), seat(14)].into())].into();
    insta::assert_snapshot!("within_a_value", refused(&old::Train { by_seat, ..train() }));
}

#[test]
fn sets_within_sets_are_compared_whatever_their_order() {
    // Each of the sets keeps its elements, and the two become one: in another order.
    let groups = [[seat(1), seat(12)].into(), [seat(2), seat(11)].into()].into();
    insta::assert_snapshot!(refused(&old::Train { groups, ..train() }));
    let tours = [[(seat(1), 8), (seat(12), 9)].into(), [(seat(2), 9), (seat(11), 8)].into()].into();
    insta::assert_snapshot!("maps", refused(&old::Train { tours, ..train() }));
}

#[test]
fn all_of_many_elements_are_compared() {
    mod old {
        #[derive(typeser::StateType, PartialEq, Eq, PartialOrd, Ord)]
        pub struct Id {
            pub number: u32,
        }
    }
    mod new {
        #[derive(typeser::StateType, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct Id {
            #[state(convert(u32, with = mixed, injective))]
            pub number: u64,
        }

        fn mixed(number: u32) -> u64 {
            u64::from(if number == 7_777 { 123 } else { number }).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        }
    }
    let (stored, new) =
        (Serializer::<BTreeSet<old::Id>>::new().unwrap(), Serializer::<BTreeSet<new::Id>>::new().unwrap());
    let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    let migration = resolution.migration(new.conversions()).unwrap();
    let run = |numbers: std::ops::Range<u32>| {
        let (mut bytes, mut migrated) = (Vec::new(), Vec::new());
        stored.serialize(&numbers.map(|number| old::Id { number }).collect(), &mut bytes).unwrap();
        migration.run(&bytes, Trust::Verified, &mut Scratch::default(), &mut migrated)?;
        Ok::<_, MigrateError>(new.deserialize(&migrated).unwrap().len())
    };
    assert_eq!(run(0..7_777), Ok(7_777));
    assert_eq!(run(124..10_000), Ok(9_876));
    insta::assert_snapshot!(run(0..10_000).unwrap_err());
}
