//! A golden test of a typed table and the opening of that table never disagree.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, dead_code, reason = "the names of tests document them")]

#[path = "golden/support.rs"]
mod support;

use support::{folder, golden, goldens, suite};
use typeser::resolve::Role;
use typeser::{StateKey, StateType};
use typeser_state::backend::MemoryBackend;
use typeser_state::typed_table::{BackendTable, TableError, TableOptions};

mod old {
    #[derive(typeser::StateType, PartialEq, Eq, Hash, Clone)]
    #[state(key)]
    pub struct Place {
        pub hall: char,
        pub shelf: u16,
    }

    #[derive(typeser::StateType, PartialEq, Eq, Hash, Clone)]
    #[state(key)]
    pub enum Side {
        Left,
        Right,
    }
}

mod renamed {
    #[derive(typeser::StateType, PartialEq, Eq, Hash)]
    #[state(key)]
    pub struct Place {
        pub shelf: u32,
        #[state(alias = "hall")]
        pub room: String,
    }
}

mod dropped {
    #[derive(typeser::StateType, PartialEq, Eq, Hash)]
    #[state(key, removed("shelf"))]
    pub struct Place {
        pub hall: char,
    }

    #[derive(typeser::StateType, PartialEq, Eq, Hash)]
    #[state(key, removed("Right", becomes = Self::Left))]
    pub enum Side {
        Left,
    }
}

/// Whether the golden test passes, and whether the table opens, where `K` replaced the stored keys and `V` the values.
fn both<Old: StateKey + Clone, OldValue: StateType + Clone, K: StateKey, V: StateType>(
    rows: &[(Old, OldValue)],
) -> [bool; 2] {
    let (keys, values): (Vec<Old>, Vec<OldValue>) = rows.iter().cloned().unzip();
    let recorded = [golden("stock", Role::MapKey, keys), golden("stock", Role::Value, values)];
    let folder = folder(&goldens([("1.0.0", recorded.into())]));
    let passes = suite(folder.path()).table::<K, V>("stock", []).outcome().is_ok();
    let mut backend = MemoryBackend::new();
    let mut table = BackendTable::<Old, OldValue, _>::open(&mut backend, "stock").unwrap();
    for (key, value) in rows {
        table.insert(key, value).unwrap();
    }
    drop(table);
    let options = TableOptions::new();
    let opens = match BackendTable::<K, V, _>::open_with(&mut backend, "stock", &options, &mut |_| ()) {
        Ok(_) => true,
        Err(TableError::Refused(_)) => false,
        Err(error) => panic!("{error}"),
    };
    [passes, opens]
}

#[test]
fn the_golden_test_passes_where_the_table_opens_and_fails_where_it_is_refused() {
    let places = [(old::Place { hall: 'A', shelf: 3 }, 8_u32), (old::Place { hall: 'B', shelf: 4 }, 0)];
    let sides = [(old::Side::Left, String::new()), (old::Side::Right, String::from("r"))];
    // What an operator refuses for its keys passes where rows may move.
    assert_eq!(both::<u32, u8, u64, u8>(&[(7, 1)]), [true, true]);
    assert_eq!(both::<_, _, renamed::Place, u64>(&places), [true, true]);
    // Two keys that would become one.
    assert_eq!(both::<_, _, dropped::Place, u32>(&places), [false, false]);
    assert_eq!(both::<_, _, dropped::Side, String>(&sides), [false, false]);
    assert_eq!(both::<u32, u8, i32, u8>(&[(7, 1)]), [false, false]);
    // Values.
    assert_eq!(both::<u32, u8, u32, Option<u16>>(&[(7, 1)]), [true, true]);
    assert_eq!(both::<u32, u8, u32, String>(&[(7, 1)]), [false, false]);
}
