//! Values written in the layout of an older release, under every frame.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use typeser::resolve::Losses;
use typeser::versions::{BuildVersionsError, Frame, Ids, Stored, Versions};
use typeser::{Serializer, StateType, TypeSerializer};

mod before {
    #[derive(typeser::StateType, Debug, PartialEq)]
    pub(super) struct Order {
        pub(super) id: u32,
        pub(super) note: String,
    }
}

#[derive(StateType, Debug, PartialEq)]
struct Order {
    #[state(alias = "note")]
    remark: String,
    id: u32,
}

fn order() -> Order {
    Order { remark: "fragile".to_owned(), id: 7 }
}

fn older(frame: Frame) -> Versions<before::Order> {
    Versions::builder(Serializer::new().unwrap()).frame(frame).build().unwrap()
}

fn versions(frame: Frame, encode_as: Option<&str>) -> Result<Versions<Order>, BuildVersionsError> {
    let before = Serializer::<before::Order>::new().unwrap().snapshot().clone();
    let builder = Versions::builder(Serializer::new().unwrap()).frame(frame).release("1.0.0", before);
    match encode_as {
        Some(release) => builder.encode_as(release, Losses::Declared).build(),
        None => builder.build(),
    }
}

fn ids() -> Ids {
    let before = Serializer::<before::Order>::new().unwrap().snapshot().fingerprint();
    let today = Serializer::<Order>::new().unwrap().snapshot().fingerprint();
    [(1, before), (300, today)].into_iter().collect()
}

#[test]
fn are_those_of_the_older_release_under_every_frame() {
    let note = "fragile".to_owned();
    for frame in [Frame::Fingerprint, Frame::Short(ids()), Frame::Confluent(ids()), Frame::SelfDescribing] {
        let expected = older(frame.clone()).encode(&before::Order { id: 7, note: note.clone() }).unwrap();
        let writes = versions(frame.clone(), Some("1.0.0")).unwrap();
        let mut stored = vec![0xAA];
        writes.encode_to(&order(), &mut stored).unwrap();
        assert_eq!(stored[1..], expected, "{frame:?}");
        assert_eq!(writes.which(&expected).unwrap(), ["1.0.0"]);
        assert_eq!(writes.decode(&expected).unwrap(), order());

        // Today's values and the older ones are rewritten as the older release writes them.
        let today = versions(frame, None).unwrap().encode(&order()).unwrap();
        for bytes in [&today, &expected] {
            let mut rewritten = vec![0xAA];
            writes.upgrade(bytes, &mut rewritten).unwrap();
            assert_eq!(rewritten[1..], expected);
        }
    }
}

#[test]
fn have_the_tag_of_the_older_release_beside_them() {
    let writes = versions(Frame::OutOfBand, Some("1.0.0")).unwrap();
    let older = older(Frame::OutOfBand);
    assert_eq!(writes.tag(), older.tag());
    let value = writes.encode(&order()).unwrap();
    let read = older.decode(Stored::Tagged { tag: &writes.tag().0, value: &value }).unwrap();
    assert_eq!(read, before::Order { id: 7, note: "fragile".to_owned() });
}

#[test]
fn need_a_release_that_was_added_and_a_number() {
    let error = versions(Frame::Fingerprint, Some("0.9.0")).unwrap_err();
    let known = vec!["1.0.0".to_owned()];
    assert_eq!(error, BuildVersionsError::NotAdded { release: "0.9.0".to_owned(), known });
    let today = Serializer::<Order>::new().unwrap().snapshot().fingerprint();
    let error = versions(Frame::Short([(1, today)].into_iter().collect()), Some("1.0.0")).unwrap_err();
    assert!(matches!(error, BuildVersionsError::NoId { fingerprint } if fingerprint != today), "{error}");
}

/// What a release declares of those before it is not for today's values.
#[test]
fn are_not_made_by_what_the_older_release_declares() {
    mod older {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub(super) enum State {
            Open,
            #[state(other)]
            Unknown,
        }
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub(super) struct Level {
            #[state(none = 0)]
            pub(super) level: u32,
        }
    }
    #[derive(StateType, Debug, PartialEq)]
    enum State {
        Open,
        Unknown,
        Held,
    }
    #[derive(StateType, Debug, PartialEq)]
    struct Level {
        level: Option<u32>,
    }

    let before = Serializer::<older::State>::new().unwrap().snapshot().clone();
    let builder = Versions::builder(Serializer::<State>::new().unwrap()).release("1.0.0", before);
    let writes = builder.encode_as("1.0.0", Losses::Declared).build().unwrap();
    assert_eq!(writes.decode(&writes.encode(&State::Unknown).unwrap()).unwrap(), State::Unknown);
    let error = writes.encode(&State::Held).unwrap_err().to_string();
    assert!(error.contains("it holds a variant (tag 2) that the release does not have"), "{error}");

    let before = Serializer::<older::Level>::new().unwrap().snapshot().clone();
    let builder = Versions::builder(Serializer::<Level>::new().unwrap()).release("1.0.0", before);
    let error = builder.encode_as("1.0.0", Losses::Any).build().unwrap_err().to_string();
    assert!(error.contains("\n  [unwrapped-option] value.level: "), "{error}");
}

#[test]
fn are_refused_where_the_older_type_needs_what_nobody_declared() {
    #[derive(StateType, Debug)]
    #[state(name = "Order", removed("note"))]
    struct Without {
        id: u32,
    }
    let before = Serializer::<before::Order>::new().unwrap().snapshot().clone();
    let builder = Versions::builder(Serializer::<Without>::new().unwrap()).release("1.0.0", before);
    let error = builder.encode_as("1.0.0", Losses::Any).build().unwrap_err().to_string();
    assert!(error.contains("\n  [field-added-without-default] value.note: "), "{error}");
}
