//! The matrix of all pairs of releases, with all findings.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use typeser::resolve::Compatibility::{Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Direction, Matrix, Policy, Reach, Release, Remark, Role, resolve};
use typeser::{Serializer, StateType, TypeSerializer};

mod v1 {
    #[derive(typeser::StateType)]
    pub enum Status {
        Open,
        Lost,
    }
}

mod v2 {
    #[derive(typeser::StateType)]
    pub enum Status {
        Open,
        Lost,
        Found,
    }
}

mod v3 {
    #[derive(typeser::StateType)]
    pub enum Status {
        Found,
        Open,
        #[state(alias = "Lost")]
        Gone,
    }
}

mod v4 {
    #[derive(typeser::StateType)]
    #[state(removed("Gone", becomes = Status::Open))]
    pub enum Status {
        Found { by: Option<String> },
        Open,
    }
}

fn release<T: StateType>(name: &str) -> Release {
    Release::new(name, Serializer::<T>::new().unwrap().snapshot().clone())
}

fn statuses() -> Vec<Release> {
    vec![
        release::<v1::Status>("1.0"),
        release::<v2::Status>("1.1"),
        release::<v3::Status>("2.0"),
        release::<v4::Status>("today"),
    ]
}

#[test]
fn the_whole_matrix_is_rendered_and_marks_what_depends_on_data() {
    let matrix = Matrix::new(statuses(), Role::Value, &Policy::default());
    assert_eq!(matrix.cells().len(), 12);
    insta::assert_snapshot!(matrix);
}

#[test]
fn a_direction_is_a_view_of_the_matrix_and_each_cell_one_resolution() {
    let matrix = Matrix::new(statuses(), Role::Value, &Policy::default());
    let pairs = |direction, reach| -> Vec<(&str, &str)> {
        let name = |release: Option<&'_ Release>| release.map(|release| release.name().to_owned()).unwrap();
        matrix
            .checked(direction, reach)
            .map(|cell| {
                assert_eq!(name(matrix.writer(cell)), matrix.releases()[cell.writer()].name());
                (matrix.releases()[cell.writer()].name(), matrix.releases()[cell.reader()].name())
            })
            .collect()
    };
    assert_eq!(pairs(Direction::Backward, Reach::Last), [("2.0", "today")]);
    assert_eq!(pairs(Direction::Forward, Reach::Last), [("today", "2.0")]);
    assert_eq!(pairs(Direction::Full, Reach::Last), [("2.0", "today"), ("today", "2.0")]);
    assert_eq!(pairs(Direction::Backward, Reach::All), [("1.0", "today"), ("1.1", "today"), ("2.0", "today")]);
    assert_eq!(pairs(Direction::Forward, Reach::All), [("today", "1.0"), ("today", "1.1"), ("today", "2.0")]);
    assert_eq!(pairs(Direction::Full, Reach::All).len(), 6);

    for cell in matrix.cells() {
        let [writer, reader] = [cell.writer(), cell.reader()].map(|place| matrix.releases()[place].snapshot());
        let alone = resolve(writer, reader, Role::Value, &Policy::default());
        assert_eq!(cell.resolution().findings(), alone.findings());
        assert_eq!(cell.is_rollback(), cell.reader() < cell.writer());
        assert!(std::ptr::eq(matrix.cell(cell.writer(), cell.reader()).unwrap(), cell));
    }
    for (direction, reach, expected) in [
        (Direction::Backward, Reach::Last, RequiresMigration),
        (Direction::Backward, Reach::All, Incompatible),
        (Direction::Forward, Reach::Last, Incompatible),
        (Direction::Full, Reach::All, Incompatible),
    ] {
        assert_eq!(matrix.compatibility(direction, reach), expected, "{direction:?} {reach:?}");
    }
}

#[test]
fn comparisons_with_itself_or_with_nothing_are_marked() {
    let matrix = |releases| Matrix::new(releases, Role::Value, &Policy::default());
    let same = matrix(vec![release::<u8>("1.0"), release::<u16>("1.1"), release::<u16>("today")]);
    let (baseline, newest) = ("1.1".to_owned(), "today".to_owned());
    assert_eq!(same.remarks(), [Remark::SameSnapshot { baseline, newest }]);
    assert_eq!(same.compatibility(Direction::Full, Reach::Last), Compatible);
    // The same bytes, but other hints: something did change since.
    let hints = matrix(vec![release::<hints::Before>("1.0"), release::<hints::Now>("today")]);
    assert_eq!(hints.cells()[0].resolution().compatibility(), Compatible);
    assert_eq!(hints.remarks(), []);
    let twice = matrix(vec![release::<u8>("1.0"), release::<u16>("1.0"), release::<u32>("1.0")]);
    let alone = matrix(vec![release::<u8>("today")]);
    let nothing = matrix(vec![]);
    assert_eq!(nothing.compatibility(Direction::Full, Reach::All), Compatible);
    let rendered = [same, hints, twice, alone, nothing].map(|matrix| matrix.to_string());
    insta::assert_snapshot!(rendered.join("\n"));
}

mod hints {
    #[derive(typeser::StateType)]
    #[state(name = "T")]
    pub struct Before {
        pub a: u8,
    }

    #[derive(typeser::StateType)]
    #[state(name = "T")]
    pub struct Now {
        #[state(alias = "x")]
        pub a: u8,
    }
}

#[test]
fn keys_are_compared_as_keys() {
    let releases = vec![release::<u32>("1.0"), release::<u64>("today")];
    let matrix = Matrix::new(releases, Role::Key, &Policy::default());
    assert_eq!(matrix.compatibility(Direction::Backward, Reach::Last), Incompatible);
    assert!(!matrix.cells()[0].depends_on_data());
}
