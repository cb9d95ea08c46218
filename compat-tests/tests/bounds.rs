//! The limits on cost and depth of one value are the same for every type that reads the same bytes.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use std::collections::BTreeMap;

use typeser::migrate::{MigrateError, MigrateErrorKind, Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Resolution, Role};
use typeser::serializer::Conversions;
use typeser::serializer::{decode_bytes, encode_bytes};
use typeser::wire::{DecodeErrorKind, Fixed, Reader};
use typeser::{Serializer, StateType, TypeSerializer, resolve};

mod plain {
    #[derive(Debug, PartialEq, typeser::StateType)]
    pub struct Tree {
        pub children: Vec<Tree>,
    }
}

mod boxed {
    #[derive(Debug, PartialEq, typeser::StateType)]
    #[allow(clippy::vec_box, reason = "the box is what is tested")]
    pub struct Tree {
        pub children: Vec<Box<Tree>>,
    }
}

mod optional {
    #[derive(Debug, PartialEq, typeser::StateType)]
    pub struct Tree {
        pub children: Vec<Option<Tree>>,
    }
}

mod wrapped {
    #[derive(Debug, PartialEq, typeser::StateType)]
    pub struct Tree {
        pub children: Option<Children>,
    }

    #[derive(Debug, PartialEq, typeser::StateType)]
    pub struct Children {
        pub trees: Vec<Tree>,
    }
}

/// In each level, one place has an option less, another one an option more.
mod unwrapped {
    #[derive(Debug, PartialEq, typeser::StateType)]
    pub struct Tree {
        #[state(none = Children { trees: Vec::new() })]
        pub children: Children,
    }

    #[derive(Debug, PartialEq, typeser::StateType)]
    pub struct Children {
        pub trees: Vec<Option<Tree>>,
    }
}

/// Runs with a stack for the deepest values in unoptimized code.
fn with_room(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(64 << 20).spawn(run).unwrap().join().unwrap();
}

/// This many trees inside the outermost one; the empty list of the innermost is one more level.
fn tree(levels: usize) -> plain::Tree {
    (0..levels).fold(plain::Tree { children: vec![] }, |child, _| plain::Tree { children: vec![child] })
}

fn bytes<T: StateType>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_bytes::<T, Fixed>(value, &mut bytes).unwrap();
    bytes
}

fn resolution<A: StateType, B: StateType>() -> Resolution {
    let (stored, new) = (Serializer::<A>::new().unwrap(), Serializer::<B>::new().unwrap());
    resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default())
}

#[test]
fn boxes_in_other_places_read_the_deepest_value() {
    assert_eq!(resolution::<plain::Tree, boxed::Tree>().compatibility(), Compatibility::Compatible);
    with_room(|| {
        let stored = bytes(&tree(511));
        let read: boxed::Tree = decode_bytes::<_, Fixed>(&stored).unwrap();
        assert_eq!(bytes(&read), stored);
        let mut deeper = Vec::new();
        let error = encode_bytes::<_, Fixed>(&tree(512), &mut deeper).unwrap_err();
        assert_eq!(error.to_string(), "cannot encode: the value is more than 512 levels deep");
        assert!(deeper.is_empty());
    });
}

#[test]
fn a_migration_never_writes_what_is_too_deep_to_be_read() {
    let resolution = resolution::<plain::Tree, optional::Tree>();
    assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
    let migration = resolution.migration(&Conversions::new()).unwrap();
    with_room(move || {
        for (levels, fits) in [(100, true), (250, true), (300, false), (511, false)] {
            let mut migrated = Vec::new();
            let outcome = migration.run(&bytes(&tree(levels)), Trust::Verified, &mut Scratch::default(), &mut migrated);
            match outcome {
                Ok(()) => {
                    assert!(fits, "{levels} levels fit");
                    decode_bytes::<optional::Tree, Fixed>(&migrated).unwrap();
                }
                Err(error) => {
                    assert!(!fits, "{levels} levels: {error}");
                    let MigrateError::Stored(error) = &error else { panic!("{error}") };
                    assert_eq!(error.kind(), &MigrateErrorKind::TooDeep);
                    assert!(migrated.is_empty());
                }
            }
        }
    });
}

#[test]
fn levels_of_what_is_stored_and_of_what_is_written_are_counted_apart() {
    let resolution = resolution::<wrapped::Tree, unwrapped::Tree>();
    assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
    let migration = resolution.migration(&Conversions::new()).unwrap();
    with_room(move || {
        let leaf = wrapped::Tree { children: None };
        let above = |tree, _| wrapped::Tree { children: Some(wrapped::Children { trees: vec![tree] }) };
        // 510 levels of each, 765 of both together.
        let stored = bytes(&(0..255).fold(leaf, above));
        let leaf = unwrapped::Tree { children: unwrapped::Children { trees: Vec::new() } };
        let above = |tree, _| unwrapped::Tree { children: unwrapped::Children { trees: vec![Some(tree)] } };
        let new = bytes(&(0..255).fold(leaf, above));
        for trust in [Trust::Verified, Trust::Foreign] {
            let mut migrated = Vec::new();
            migration.run(&stored, trust, &mut Scratch::default(), &mut migrated).unwrap();
            assert!(migrated == new);
        }
    });
}

#[test]
fn nested_lengths_reserve_once_what_the_bytes_can_back_once() {
    let stored = vec![0; 1 << 16];
    let mut reader = Reader::<Fixed>::new(&stored);
    let granted: usize = (0..512).map(|_| reader.reserve::<[u64; 4]>(1 << 13) * 32).sum();
    assert!(granted <= 4 << 16, "{granted} bytes for {}", stored.len());
    assert_eq!(Reader::<Fixed>::new(&stored).reserve::<u64>(1 << 13), 1 << 13, "an honest length is granted");
}

#[test]
fn elements_without_bytes_are_counted_over_the_whole_value() {
    // 10,000 lists, each of which claims as many elements as there are bytes.
    let mut hostile = 10_000u64.to_le_bytes().to_vec();
    for list in 0..10_000u64 {
        hostile.extend_from_slice(&(80_000 - 8 * list).to_le_bytes());
    }
    let error = decode_bytes::<Vec<Vec<Box<()>>>, Fixed>(&hostile).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::TooManyEmptyElements);

    let honest = vec![vec![(); 60_000], vec![(); 5_536]];
    assert_eq!(decode_bytes::<Vec<Vec<()>>, Fixed>(&bytes(&honest)).unwrap(), honest);
    let beyond = vec![vec![(); 60_000], vec![(); 5_537]];
    let error = encode_bytes::<_, Fixed>(&beyond, &mut Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot encode: the collections of a value hold more than 65536 elements that take no bytes"
    );
    // Bytes of other values do not extend the limit: every value that can be read can be written.
    let beside = (vec![(); 65_537], vec![0u8; 50_000]);
    assert!(encode_bytes::<_, Fixed>(&beside, &mut Vec::new()).is_err());
}

#[test]
fn foreign_maps_with_a_key_twice_are_refused() {
    let migration = resolution::<BTreeMap<u8, u8>, BTreeMap<u8, u16>>().migration(&Conversions::new()).unwrap();
    let twice = [2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
    let mut out = Vec::new();
    let error = migration.run(&twice, Trust::Foreign, &mut Scratch::default(), &mut out).unwrap_err();
    assert_eq!(error.to_string(), "cannot migrate stored bytes, at offset 10: a map holds the same key twice");
    let once = [2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2];
    migration.run(&once, Trust::Foreign, &mut Scratch::default(), &mut out).unwrap();
    assert_eq!(decode_bytes::<BTreeMap<u8, u16>, Fixed>(&out).unwrap(), BTreeMap::from([(1, 1), (2, 2)]));
}
