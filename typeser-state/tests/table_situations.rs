//! Tables that people got into: rows of two layouts in one table, and variants that releases inserted in different orders.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::fmt::Debug;
use std::path::Path;

use redb::{Database, TableDefinition};
use typeser::StateType;
use typeser::schema::IntegerEncoding;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::typed_table::{TableError, TypedTable};

mod rows_of_two_layouts {
    use super::*;

    const META: TableDefinition<u64, &[u8]> = TableDefinition::new("meta");
    const BYTES: TableDefinition<&[u8], &[u8]> = TableDefinition::new("meta");

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Before {
        fee: u64,
        pre: Vec<u64>,
    }

    #[derive(StateType, serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    struct Meta {
        fee: u64,
        pre: Vec<u64>,
        inner: Option<Vec<u8>>,
    }

    fn old(fee: u64) -> Vec<u8> {
        bincode1::serialize(&Before { fee, pre: vec![fee, 2] }).unwrap()
    }

    fn meta(fee: u64, inner: Option<Vec<u8>>) -> Meta {
        Meta { fee, pre: vec![fee, 2], inner }
    }

    /// The bytes of a row in the later layout: those of an earlier one, with an option at the end.
    fn later(value: &[u8]) -> Result<Vec<u8>, bincode1::Error> {
        if bincode1::deserialize::<Meta>(value).is_ok() {
            return Ok(value.to_vec());
        }
        let Before { fee, pre } = bincode1::deserialize(value)?;
        bincode1::serialize(&Meta { fee, pre, inner: None })
    }

    #[test]
    fn are_refused_as_they_are_and_adopted_by_a_function_that_knows_both() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path().join("meta.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut rows = transaction.open_table(META).unwrap();
            rows.insert(1, &*old(10)).unwrap();
            rows.insert(2, &*bincode1::serialize(&meta(20, Some(vec![7]))).unwrap()).unwrap();
            rows.insert(3, &*bincode1::serialize(&meta(30, None)).unwrap()).unwrap();
        }
        transaction.commit().unwrap();

        let row = |key: u64, value: &[u8]| Ok(Some((key.to_be_bytes(), later(value)?)));
        let integers = IntegerEncoding::Fixed;
        let table = TypedTable::<[u8; 8], Meta>::adopt_copy(&database, META, "typed", integers, row).unwrap();
        let found = |key: u64| table.get(&key.to_be_bytes()).unwrap().unwrap();
        assert_eq!([found(1), found(2), found(3)], [meta(10, None), meta(20, Some(vec![7])), meta(30, None)]);

        // The function may fail, and may leave a row out.
        let row = |key: u64, value: &[u8]| match key {
            1 => Err("row 1 is damaged".into()),
            _ => Ok(Some((key.to_be_bytes(), later(value)?))),
        };
        let failed = TypedTable::<[u8; 8], Meta>::adopt_copy(&database, META, "other", integers, row).unwrap_err();
        assert!(failed.to_string().contains("row 1 is damaged"), "{failed}");
        let row = |key: u64, value: &[u8]| Ok((key != 1).then_some((key.to_be_bytes(), later(value)?)));
        let table = TypedTable::<[u8; 8], Meta>::adopt_copy(&database, META, "other", integers, row).unwrap();
        assert_eq!(table.len().unwrap(), 2);
    }

    #[test]
    fn are_refused_by_the_row() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path().join("meta.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut rows = transaction.open_table(BYTES).unwrap();
            rows.insert(&1u64.to_le_bytes()[..], &*bincode1::serialize(&meta(20, None)).unwrap()).unwrap();
            rows.insert(&2u64.to_le_bytes()[..], &*old(10)).unwrap();
        }
        transaction.commit().unwrap();
        let refused = TypedTable::<u64, Meta>::adopt(&database, "meta", IntegerEncoding::Fixed).unwrap_err();
        let TableError::Disagree { rows: 2, disagreeing: 1, first, .. } = &refused else { panic!("{refused}") };
        assert_eq!((&*first[0].key, &*first[0].stored), (&2u64.to_le_bytes()[..], &*old(10)));
        assert!(refused.to_string().contains("key 2"), "{refused}");
    }
}

mod variants_inserted_in_different_orders {
    use super::*;

    /// A release of the enum, in its own module.
    macro_rules! release {
        ($module:ident: $($variants:tt)*) => {
            mod $module {
                #[derive(typeser::StateType, Debug, Clone, PartialEq)]
                pub enum Event { $($variants)* }
            }
        };
    }

    release! { r1: A, B(u8) }
    release! { r2: X { v: u32 }, A, B(u8) }
    release! { r3: Y { v: u32 }, B(u8), X { v: u32 }, A }
    release! { r2b: A, Y { v: u32 }, B(u8) }

    fn refused<T>(result: Result<T, impl ToString>, variant: &str) {
        let error = result.err().unwrap().to_string();
        assert!(error.contains("error[variant-removed-undeclared]"), "{error}");
        assert!(error.contains(&format!("`{variant}`")), "{error}");
    }

    fn events<T: StateType + Debug + PartialEq>(database: &Database, expected: &[T]) {
        let table = TypedTable::<u32, T>::open(database, "events").unwrap();
        for (key, event) in (0u32..).zip(expected) {
            assert_eq!(table.get(&key).unwrap().as_ref(), Some(event));
        }
        assert_eq!(table.len().unwrap(), expected.len() as u64);
    }

    fn put<T: StateType>(database: &Database, key: u32, event: &T) {
        TypedTable::<u32, T>::open(database, "events").unwrap().insert(&key, event).unwrap();
    }

    #[test]
    fn keep_their_meaning_in_a_table_or_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path().join("events.redb")).unwrap();
        put(&database, 0, &r1::Event::A);
        put(&database, 1, &r1::Event::B(7));
        put(&database, 2, &r2::Event::X { v: 9 });
        events(&database, &[r2::Event::A, r2::Event::B(7), r2::Event::X { v: 9 }]);
        refused(TypedTable::<u32, r1::Event>::open(&database, "events"), "X");
        refused(TypedTable::<u32, r2b::Event>::open(&database, "events"), "X");

        use r3::Event::{A, B, X, Y};
        put(&database, 3, &Y { v: 4 });
        events(&database, &[A, B(7), X { v: 9 }, Y { v: 4 }]);
        refused(TypedTable::<u32, r1::Event>::open(&database, "events"), "X");
        refused(TypedTable::<u32, r2::Event>::open(&database, "events"), "Y");
        refused(TypedTable::<u32, r2b::Event>::open(&database, "events"), "X");
        // The refusals have changed nothing.
        events(&database, &[A, B(7), X { v: 9 }, Y { v: 4 }]);
    }

    /// The events of a savepoint, and one more, in the next savepoint.
    fn next<T: StateType + Debug + PartialEq>(from: &Savepoint, to: &Path, expected: &[T], more: &T) -> Savepoint {
        let mut operator = Operator::<u32>::new("events").unwrap();
        let event = operator.value::<T>("event").unwrap();
        let options = RestoreOptions::new();
        let mut state = operator.restore(from, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
        for (key, value) in (0u32..).zip(expected) {
            state.set_current_key(&key).unwrap();
            assert_eq!(event.get(&mut state).unwrap().as_ref(), Some(value));
        }
        state.set_current_key(&(expected.len() as u32)).unwrap();
        event.update(&mut state, more).unwrap();
        Savepoint::create(to).unwrap().operator(&state).unwrap().finish().unwrap()
    }

    fn restored<T: StateType>(from: &Savepoint) -> Result<(), impl ToString> {
        let mut operator = Operator::<u32>::new("events").unwrap();
        operator.value::<T>("event").unwrap();
        operator.restore(from, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).map(drop)
    }

    #[test]
    fn keep_their_meaning_in_savepoints_or_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut operator = Operator::<u32>::new("events").unwrap();
        let event = operator.value::<r1::Event>("event").unwrap();
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        state.set_current_key(&0).unwrap();
        event.update(&mut state, &r1::Event::B(7)).unwrap();
        let first = Savepoint::create(path("first")).unwrap().operator(&state).unwrap().finish().unwrap();

        let second = next(&first, &path("second"), &[r2::Event::B(7)], &r2::Event::X { v: 9 });
        let branch = next(&first, &path("branch"), &[r2b::Event::B(7)], &r2b::Event::Y { v: 4 });
        use r3::Event::{A, B, X, Y};
        let third = next(&second, &path("third"), &[B(7), X { v: 9 }], &A);
        let fourth = next(&third, &path("fourth"), &[B(7), X { v: 9 }, A], &Y { v: 4 });
        next(&branch, &path("merged"), &[B(7), Y { v: 4 }], &X { v: 1 });

        refused(restored::<r1::Event>(&fourth), "X");
        refused(restored::<r2::Event>(&fourth), "Y");
        refused(restored::<r2b::Event>(&fourth), "X");
        refused(restored::<r2::Event>(&branch), "Y");
        refused(restored::<r2b::Event>(&second), "X");
    }
}
