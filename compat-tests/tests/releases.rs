//! Releases against each other: the whole matrix, in every direction, and the comparisons that nobody meant.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests say what they mean in their names")]

use typeser::releases::{Cell, Direction, Doubt, Matrix, Reach, Release};
use typeser::resolve::{Compatibility, Policy, Role, resolve};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

mod first {
    #[derive(typeser::StateType)]
    #[allow(dead_code)]
    pub(crate) enum Status {
        Open,
        Sent,
    }

    #[derive(typeser::StateType)]
    pub(crate) struct Order {
        pub(crate) id: u32,
        pub(crate) status: Status,
    }
}

mod second {
    #[derive(typeser::StateType)]
    #[allow(dead_code)]
    pub(crate) enum Status {
        Open,
        Sent,
        Lost { at: u64 },
    }

    #[derive(typeser::StateType)]
    pub(crate) struct Order {
        pub(crate) id: u32,
        pub(crate) status: Status,
    }
}

mod third {
    #[derive(typeser::StateType)]
    pub(crate) struct Order {
        pub(crate) status: super::second::Status,
        pub(crate) id: u64,
    }
}

fn release<T: StateType>(name: &str) -> Release {
    Release::new(name, snapshot::<T>())
}

fn snapshot<T: StateType>() -> SerializerSnapshot {
    Serializer::<T>::new().unwrap().snapshot().clone()
}

fn orders(direction: Direction, reach: Reach) -> Matrix {
    let earlier = [release::<first::Order>("1.0"), release::<second::Order>("1.1")];
    Matrix::new(&earlier, &release::<third::Order>("today"), direction, reach, Role::Value, &Policy::default())
}

#[test]
fn the_table_reads_well_in_every_direction() {
    let told = [Direction::Backward, Direction::Forward, Direction::Full].map(|direction| {
        let told = orders(direction, Reach::All);
        format!("# {direction:?}, all\n{told}")
    });
    let last = format!("# Full, last, with all that was found\n{:#}", orders(Direction::Full, Reach::Last));
    insta::assert_snapshot!(format!("{}\n{last}", told.join("\n")));
}

#[test]
fn every_pair_of_two_releases_has_a_cell_with_the_answer_of_the_resolver() {
    let matrix = orders(Direction::Backward, Reach::Last);
    assert_eq!(matrix.cells().len(), 6);
    for (writer, stored) in matrix.releases().iter().enumerate() {
        for (reader, new) in matrix.releases().iter().enumerate() {
            let Some(cell) = matrix.cell(writer, reader) else {
                assert_eq!(writer, reader);
                continue;
            };
            let answer = resolve(&stored.snapshot, &new.snapshot, Role::Value, &Policy::default());
            assert_eq!(cell.compatibility(), answer.compatibility());
            assert_eq!(cell.resolution().findings(), answer.findings());
            assert_eq!(cell.is_forward(), reader < writer);
        }
    }
}

#[test]
fn direction_and_reach_choose_the_pairs_that_count() {
    let asked = |direction, reach| {
        let matrix = orders(direction, reach);
        let pairs = matrix.cells().iter().filter(|cell| cell.is_asked()).map(|cell| (cell.writer(), cell.reader()));
        (pairs.collect::<Vec<_>>(), matrix.compatibility())
    };
    let (migration, incompatible) = (Compatibility::RequiresMigration, Compatibility::Incompatible);
    assert_eq!(asked(Direction::Backward, Reach::Last), (vec![(1, 2)], migration));
    assert_eq!(asked(Direction::Backward, Reach::All), (vec![(0, 2), (1, 2)], migration));
    assert_eq!(asked(Direction::Forward, Reach::Last), (vec![(2, 1)], incompatible));
    assert_eq!(asked(Direction::Forward, Reach::All), (vec![(2, 0), (2, 1)], incompatible));
    assert_eq!(asked(Direction::Full, Reach::Last), (vec![(1, 2), (2, 1)], incompatible));
    assert_eq!(asked(Direction::Full, Reach::All), (vec![(0, 2), (1, 2), (2, 0), (2, 1)], incompatible));
}

#[test]
fn a_rollback_over_an_added_variant_depends_on_the_data_and_an_upgrade_never_does() {
    let rules = |cell: &Cell| cell.data_dependent().iter().map(|finding| finding.rule.id).collect::<Vec<_>>();
    let matrix = orders(Direction::Full, Reach::All);
    assert_eq!(rules(matrix.cell(1, 0).unwrap()), ["variant-removed-undeclared"]);
    assert_eq!(rules(matrix.cell(0, 1).unwrap()), [""; 0]);
    // Here `id` became narrower as well, whatever the values.
    assert_eq!(rules(matrix.cell(2, 0).unwrap()), [""; 0]);

    // The same pair of types as an upgrade: the variant is gone for good, and the report asks for a declaration.
    let backward = Matrix::new(
        &[release::<second::Order>("1.0")],
        &release::<first::Order>("today"),
        Direction::Backward,
        Reach::All,
        Role::Value,
        &Policy::default(),
    );
    assert_eq!(backward.compatibility(), Compatibility::Incompatible);
    assert_eq!(rules(&backward.cells()[0]), [""; 0]);
}

#[test]
fn a_comparison_of_a_snapshot_with_itself_is_noticed() {
    let doubts = |earlier: &[Release], today: &Release| {
        let matrix = Matrix::new(earlier, today, Direction::Backward, Reach::All, Role::Value, &Policy::default());
        assert!(matrix.doubts().iter().all(|doubt| matrix.to_string().contains(&format!("warning: {doubt}\n"))));
        matrix.doubts().to_vec()
    };
    let (first, second) = (release::<first::Order>("1.0"), release::<second::Order>("1.1"));
    let same = |earlier: &str, today: &str| Doubt::SameSnapshot { earlier: earlier.into(), today: today.into() };
    let named = |name: &str| Doubt::SameName { name: name.into() };

    assert_eq!(doubts(std::slice::from_ref(&first), &second), []);
    assert_eq!(doubts(&[], &second), [Doubt::NothingEarlier]);
    assert_eq!(doubts(std::slice::from_ref(&second), &second), [named("1.1"), same("1.1", "1.1")]);
    let today = Release { name: "today".into(), ..second.clone() };
    assert_eq!(doubts(&[first.clone(), second], &today), [same("1.1", "today")]);
    assert_eq!(
        doubts(&[first.clone(), release::<second::Order>("1.0")], &release::<third::Order>("today")),
        [named("1.0")]
    );
    // Read back from storage it is the same all the same.
    let stored = SerializerSnapshot::from_bytes(&first.snapshot.to_bytes().unwrap()).unwrap();
    assert_eq!(doubts(&[Release::new("golden", stored)], &first), [same("golden", "1.0")]);
}

#[test]
fn other_hints_make_another_release_though_no_byte_differs() {
    mod named {
        #[derive(typeser::StateType)]
        #[state(removed("note"))]
        pub(crate) struct Order {
            pub(crate) id: u32,
            pub(crate) status: super::first::Status,
        }
    }
    let (plain, hinted) = (release::<first::Order>("1.0"), release::<named::Order>("today"));
    assert_eq!(plain.snapshot.fingerprint(), hinted.snapshot.fingerprint());
    let matrix = Matrix::new(&[plain], &hinted, Direction::Full, Reach::All, Role::Value, &Policy::default());
    assert_eq!(matrix.doubts(), []);
    assert_eq!(matrix.compatibility(), Compatibility::Compatible);
}
