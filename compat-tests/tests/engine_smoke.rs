//! Each verdict on one type, end to end: stored bytes become bytes of the new type.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use typeser::migrate::{Cost, Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Resolution, Role};
use typeser::schema::IntegerEncoding;
use typeser::serializer::Conversions;
use typeser::{Serializer, StateType, TypeSerializer, resolve};

mod v1 {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Order {
        pub id: u32,
        pub note: String,
        pub legacy: Vec<u16>,
        pub status: Status,
        pub tree: Tree,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub enum Status {
        Placed,
        Shipped { carrier: String, weight: u32 },
        Lost(u8),
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Tree {
        pub name: String,
        pub children: Vec<Tree>,
        pub size: u16,
    }
}

mod v2 {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Order {
        pub status: Status,
        pub legacy: Vec<u16>,
        pub id: u32,
        pub tree: Tree,
        pub note: String,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub enum Status {
        Lost(u8),
        Placed,
        Returned,
        Shipped { weight: u32, carrier: String },
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Tree {
        pub size: u16,
        pub children: Vec<Tree>,
        pub name: String,
    }
}

mod v3 {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(removed("legacy"))]
    pub struct Order {
        pub id: u64,
        #[state(alias = "note")]
        pub remark: Option<String>,
        #[state(default = 7)]
        pub priority: u8,
        pub status: Status,
        pub tree: Tree,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(removed("Lost", becomes = Status::Placed))]
    pub enum Status {
        Placed,
        Shipped { weight: u64, carrier: String },
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Tree {
        pub size: u32,
        pub name: String,
        pub children: Vec<Tree>,
    }
}

fn old() -> v1::Order {
    let leaf = |name: &str, size| v1::Tree { name: name.into(), children: vec![], size };
    v1::Order {
        id: 42,
        note: "fragile".into(),
        legacy: vec![1, 2, 3],
        status: v1::Status::Shipped { carrier: "snail".into(), weight: 9 },
        tree: v1::Tree {
            name: "root".into(),
            children: vec![
                leaf("a", 1),
                v1::Tree { name: "b".into(), children: vec![leaf("c", 3), leaf("dd", 4)], size: 2 },
            ],
            size: 0,
        },
    }
}

fn resolution<A: StateType, B: StateType>(from: IntegerEncoding, to: IntegerEncoding) -> Resolution {
    let stored = Serializer::<A>::with_integers(from).unwrap();
    let new = Serializer::<B>::with_integers(to).unwrap();
    resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default())
}

fn bytes<T: StateType>(value: &T, integers: IntegerEncoding) -> Vec<u8> {
    let mut bytes = Vec::new();
    Serializer::<T>::with_integers(integers).unwrap().serialize(value, &mut bytes).unwrap();
    bytes
}

#[test]
fn reordered_types_keep_every_byte() {
    for integers in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
        let stored = bytes(&old(), integers);
        let resolution = resolution::<v1::Order, v2::Order>(integers, integers);
        assert_eq!(resolution.compatibility(), Compatibility::AfterReconfigure, "{:#?}", resolution.findings());
        let plain = Serializer::<v2::Order>::with_integers(integers).unwrap();
        let adopted = resolution.adopt(&plain).unwrap();
        let value = adopted.deserialize(&stored).unwrap();
        assert_eq!(value.id, 42);
        assert_eq!(value.note, "fragile");
        assert_eq!(value.status, v2::Status::Shipped { weight: 9, carrier: "snail".into() });
        assert_eq!(value.tree.children[1].children[1].name, "dd");
        let mut again = Vec::new();
        adopted.serialize(&value, &mut again).unwrap();
        assert_eq!(again, stored);
        let mut returned = value.clone();
        returned.status = v2::Status::Returned;
        again.clear();
        adopted.serialize(&returned, &mut again).unwrap();
        assert_eq!(adopted.deserialize(&again).unwrap(), returned);
    }
}

#[test]
fn changed_types_are_migrated_to_the_bytes_of_the_new_value() {
    let tree = |name: &str, size, children| v3::Tree { size, name: name.into(), children };
    let new = v3::Order {
        id: 42,
        remark: Some("fragile".into()),
        priority: 7,
        status: v3::Status::Shipped { weight: 9, carrier: "snail".into() },
        tree: tree(
            "root",
            0,
            vec![tree("a", 1, vec![]), tree("b", 2, vec![tree("c", 3, vec![]), tree("dd", 4, vec![])])],
        ),
    };
    for from in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
        for to in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
            let resolution = resolution::<v1::Order, v3::Order>(from, to);
            assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration, "{:#?}", resolution.findings());
            let migration = resolution.migration(&Conversions::new()).unwrap();
            assert_eq!(migration.cost(), Cost::Copy);
            for trust in [Trust::Verified, Trust::Foreign] {
                let mut migrated = Vec::new();
                migration.run(&bytes(&old(), from), trust, &mut Scratch::default(), &mut migrated).unwrap();
                assert_eq!(migrated, bytes(&new, to), "{from} to {to}, {trust:?}");
                let mut lost = old();
                lost.status = v1::Status::Lost(3);
                migrated.clear();
                migration.run(&bytes(&lost, from), trust, &mut Scratch::default(), &mut migrated).unwrap();
                let placed = v3::Order { status: v3::Status::Placed, ..new.clone() };
                assert_eq!(migrated, bytes(&placed, to), "{from} to {to}, {trust:?}");
            }
        }
    }
}

#[test]
fn incompatible_types_are_refused_with_every_reason() {
    let resolution = resolution::<v3::Order, v1::Order>(IntegerEncoding::Fixed, IntegerEncoding::Fixed);
    assert_eq!(resolution.compatibility(), Compatibility::Incompatible);
    assert!(resolution.migration(&Conversions::new()).is_err());
    let report = typeser::report::Report::new("value of state `orders`", &resolution);
    insta::assert_snapshot!(report);
}
