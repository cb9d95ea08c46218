//! Tables with indexes agree with a map through four releases, whose indexed parts and functions change, over every
//! backend and in handles.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use proptest::prelude::*;
use redb::Database;
use typeser::{OrderedKey, StateType};
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::typed_table::{IndexError, OrderedBackendTable, OrderedTable, TableError, TableIndex, TableOptions};

/// What a row says in every release.
#[derive(Debug, Clone, PartialEq)]
struct Item {
    level: u8,
    code: u8,
}

type Index<V, I> = TableIndex<u16, V, I>;

trait Release: StateType + Clone + Debug + PartialEq {
    type Level: OrderedKey + Clone + Debug;
    type Code: OrderedKey + Clone + Debug;
    const BY_LEVEL: Index<Self, Self::Level>;
    const BY_CODE: Index<Self, Self::Code>;

    fn of(item: &Item) -> Self;
    fn change(&mut self, level: u8, code: u8);
    /// What the indexes have of a row.
    fn level(key: u16, item: &Item) -> Self::Level;
    fn code(item: &Item) -> Self::Code;
}

macro_rules! release {
    ($module:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* }
        level: $level:ty = $of_level:expr, version $version:literal;
        code: $code:ty = $of_code:expr;
    ) => {
        mod $module {
            use typeser_state::typed_table::TableIndex;

            #[derive(typeser::StateType, Debug, Clone, PartialEq)]
            pub struct Item {
                $($(#[$attribute])* pub $field: $type),*
            }

            impl super::Release for Item {
                type Level = $level;
                type Code = $code;
                const BY_LEVEL: super::Index<Self, Self::Level> =
                    TableIndex::new("by level", $version, |key, item| $of_level(*key, item.level as u8));
                const BY_CODE: super::Index<Self, Self::Code> =
                    TableIndex::unique("by code", 1, |_, item| $of_code(item.code as u8));

                fn of(item: &super::Item) -> Self {
                    let mut new = Self::default();
                    new.change(item.level, item.code);
                    new
                }
                fn change(&mut self, level: u8, code: u8) {
                    (self.level, self.code) = (level.into(), code.into());
                }
                fn level(key: u16, item: &super::Item) -> Self::Level {
                    $of_level(key, item.level)
                }
                fn code(item: &super::Item) -> Self::Code {
                    $of_code(item.code)
                }
            }

            impl Default for Item {
                fn default() -> Self {
                    Self { $($field: Default::default()),* }
                }
            }
        }
    };
}

release!(v1 { level: u8, code: u16 }
    level: u8 = |_key: u16, level: u8| level, version 1;
    code: u16 = |code: u8| u16::from(code) * 300;
);
// The indexed parts of other types.
release!(v2 { code: u16, level: u32 }
    level: u32 = |_key: u16, level: u8| u32::from(level), version 1;
    code: (u8, String) = |code: u8| (code % 3, format!("{code}\0"));
);
// A function that gives another result of the same type, in a release that does not migrate the rows.
release!(v3 { code: u16, level: u32 }
    level: u32 = |_key: u16, level: u8| 1_000 - u32::from(level), version 2;
    code: (u8, String) = |code: u8| (code % 3, format!("{code}\0"));
);
// The key is a part of it, and rows migrate.
release!(v4 { #[state(default = 0)] extra: u8, code: u32, level: u64 }
    level: (bool, i16) = |key: u16, level: u8| (key.is_multiple_of(2), -i16::from(level)), version 2;
    code: Option<u8> = |code: u8| Some(code);
);

type Rows<V> = Vec<(u16, V)>;

/// A table as a release opens it.
trait Items<V: Release> {
    fn insert(&mut self, key: u16, value: &V) -> Result<(), TableError>;
    fn update(&mut self, key: u16, change: impl FnOnce(&mut V)) -> Result<Option<()>, TableError>;
    fn remove(&mut self, key: u16) -> Result<bool, TableError>;
    fn rows(&self) -> Result<Rows<V>, TableError>;
    fn by_level(&self) -> Result<Rows<V>, TableError>;
    fn by_level_from_behind(&self) -> Result<Rows<V>, TableError>;
    fn between(&self, from: &V::Level, until: &V::Level) -> Result<Rows<V>, TableError>;
    fn by_code(&self, code: &V::Code) -> Result<Option<(u16, V)>, TableError>;
}

/// Where a table is.
trait Store {
    type Table<'a, V: Release>: Items<V>
    where
        Self: 'a;

    fn open<V: Release>(&mut self, options: &TableOptions) -> Result<Self::Table<'_, V>, TableError>;
}

macro_rules! items {
    ([$($generics:tt)*] $table:ty) => {
        impl<$($generics)*, V: Release> Items<V> for $table {
            fn insert(&mut self, key: u16, value: &V) -> Result<(), TableError> {
                (*self).insert(&key, value)
            }
            fn update(&mut self, key: u16, change: impl FnOnce(&mut V)) -> Result<Option<()>, TableError> {
                (*self).update(&key, change)
            }
            fn remove(&mut self, key: u16) -> Result<bool, TableError> {
                (*self).remove(&key)
            }
            fn rows(&self) -> Result<Rows<V>, TableError> {
                self.iter()?.collect()
            }
            fn by_level(&self) -> Result<Rows<V>, TableError> {
                self.by_index(&V::BY_LEVEL)?.iter().collect()
            }
            fn by_level_from_behind(&self) -> Result<Rows<V>, TableError> {
                self.by_index(&V::BY_LEVEL)?.rev().collect()
            }
            fn between(&self, from: &V::Level, until: &V::Level) -> Result<Rows<V>, TableError> {
                self.by_index(&V::BY_LEVEL)?.range(from.clone()..=until.clone())?.collect()
            }
            fn by_code(&self, code: &V::Code) -> Result<Option<(u16, V)>, TableError> {
                self.by_index(&V::BY_CODE)?.get(code)
            }
        }
    };
}

items!([B: Backend] OrderedBackendTable<u16, V, B>);
items!(['db] OrderedTable<'db, u16, V>);

impl<B: Backend> Store for B {
    type Table<'a, V: Release>
        = OrderedBackendTable<u16, V, &'a mut B>
    where
        B: 'a;

    fn open<V: Release>(&mut self, options: &TableOptions) -> Result<Self::Table<'_, V>, TableError> {
        OrderedBackendTable::open_with(self, "items", options, &mut |_| ())
    }
}

/// A database of the program.
struct Shop(Database);

impl Store for Shop {
    type Table<'a, V: Release> = OrderedTable<'a, u16, V>;

    fn open<V: Release>(&mut self, options: &TableOptions) -> Result<Self::Table<'_, V>, TableError> {
        OrderedTable::open_with(&self.0, "items", options, &mut |_| ())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert(u16, Item),
    Update(u16, Item),
    Remove(u16),
    Between(Item, Item),
    Reopen,
}

/// What happens in a release, and whether it declares the indexes.
type Life = (bool, Vec<Step>);

fn item() -> impl Strategy<Value = Item> {
    (0u8..8, 0u8..40).prop_map(|(level, code)| Item { level, code })
}

fn life() -> impl Strategy<Value = Life> {
    let step = prop_oneof![
        6 => (0u16..30, item()).prop_map(|(key, item)| Step::Insert(key, item)),
        3 => (0u16..30, item()).prop_map(|(key, item)| Step::Update(key, item)),
        2 => (0u16..30).prop_map(Step::Remove),
        1 => (item(), item()).prop_map(|(from, until)| Step::Between(from, until)),
        1 => Just(Step::Reopen),
    ];
    (proptest::bool::weighted(0.8), proptest::collection::vec(step, 0..25))
}

fn lives() -> impl Strategy<Value = [Life; 4]> {
    [life(), life(), life(), life()]
}

type Model = BTreeMap<u16, Item>;

fn conflicts(model: &Model, key: u16, item: &Item) -> bool {
    model.iter().any(|(other, stored)| *other != key && stored.code == item.code)
}

/// Checks that a write was refused exactly if two rows would have one code.
fn written<T>(result: Result<T, TableError>, refused: bool) -> Option<T> {
    match result {
        Err(TableError::Index(IndexError::NotUnique { index, .. })) if refused => assert_eq!(index, "by code"),
        Ok(written) if !refused => return Some(written),
        other => panic!("{refused}: {:?}", other.err()),
    }
    None
}

fn live<S: Store, V: Release>(store: &mut S, (indexed, steps): &Life, model: &mut Model) {
    let options = TableOptions::new().with_batches(3, usize::MAX);
    let with_indexes = options.clone().with_index(&V::BY_LEVEL).with_index(&V::BY_CODE);
    let codes: BTreeSet<u8> = model.values().map(|item| item.code).collect();
    if *indexed && codes.len() < model.len() {
        // Rows of a life without the index: they are refused, and one of each code stays.
        written(store.open::<V>(&with_indexes).map(|_| ()), true);
        let (mut items, mut kept) = (store.open::<V>(&options).unwrap(), BTreeSet::new());
        model.retain(|key, item| kept.insert(item.code) || !items.remove(*key).unwrap());
    }
    let options = if *indexed { with_indexes } else { options };
    let mut items = store.open::<V>(&options).unwrap();
    agrees(&items, model, *indexed);
    for step in steps {
        match step {
            Step::Insert(key, item) => {
                let refused = *indexed && conflicts(model, *key, item);
                if written(items.insert(*key, &V::of(item)), refused).is_some() {
                    model.insert(*key, item.clone());
                }
            }
            Step::Update(key, item) => {
                let refused = *indexed && model.contains_key(key) && conflicts(model, *key, item);
                let updated = items.update(*key, |stored| stored.change(item.level, item.code));
                if let Some(Some(())) = written(updated, refused) {
                    *model.get_mut(key).unwrap() = item.clone();
                }
            }
            Step::Remove(key) => assert_eq!(items.remove(*key).unwrap(), model.remove(key).is_some()),
            Step::Between(from, until) if *indexed => {
                let (from, until) = (V::level(0, from), V::level(1, until));
                let mut expected = sorted::<V>(model);
                expected.retain(|(level, ..)| from <= *level && *level <= until);
                let expected: Rows<V> = expected.into_iter().map(|(_, key, item)| (key, V::of(item))).collect();
                assert_eq!(items.between(&from, &until).unwrap(), expected);
            }
            Step::Between(..) => {}
            Step::Reopen => {
                drop(items);
                let without_build = options.clone().without_migration();
                items = store.open::<V>(&without_build).unwrap();
            }
        }
        agrees(&items, model, *indexed);
    }
}

/// The rows by level, then by key.
fn sorted<V: Release>(model: &Model) -> Vec<(V::Level, u16, &Item)> {
    let mut rows: Vec<_> = model.iter().map(|(key, item)| (V::level(*key, item), *key, item)).collect();
    rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    rows
}

fn agrees<V: Release>(items: &impl Items<V>, model: &Model, indexed: bool) {
    let expected: Rows<V> = model.iter().map(|(key, item)| (*key, V::of(item))).collect();
    assert_eq!(items.rows().unwrap(), expected);
    if !indexed {
        return;
    }
    let mut expected: Rows<V> = sorted::<V>(model).into_iter().map(|(_, key, item)| (key, V::of(item))).collect();
    assert_eq!(items.by_level().unwrap(), expected);
    expected.reverse();
    assert_eq!(items.by_level_from_behind().unwrap(), expected);
    for code in 0..40 {
        let item = model.iter().find(|(_, item)| item.code == code);
        let expected = item.map(|(key, item)| (*key, V::of(item)));
        assert_eq!(items.by_code(&V::code(&Item { level: 0, code })).unwrap(), expected);
    }
}

fn four_releases(mut store: impl Store, [one, two, three, four]: &[Life; 4]) {
    let mut model = Model::new();
    live::<_, v1::Item>(&mut store, one, &mut model);
    live::<_, v2::Item>(&mut store, two, &mut model);
    live::<_, v3::Item>(&mut store, three, &mut model);
    live::<_, v4::Item>(&mut store, four, &mut model);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn indexes_agree_with_a_map_in_every_release(lives in lives()) {
        four_releases(MemoryBackend::new(), &lives);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn indexes_in_redb_agree_with_a_map_in_every_release(lives in lives()) {
        let folder = tempfile::tempdir().unwrap();
        four_releases(RedbBackend::open(folder.path().join("shop.redb")).unwrap(), &lives);
    }

    #[cfg(feature = "fjall")]
    #[test]
    fn indexes_in_fjall_agree_with_a_map_in_every_release(lives in lives()) {
        let folder = tempfile::tempdir().unwrap();
        four_releases(typeser_state::backend::FjallBackend::open(folder.path()).unwrap(), &lives);
    }

    #[test]
    fn indexes_of_handles_agree_with_a_map_in_every_release(lives in lives()) {
        let folder = tempfile::tempdir().unwrap();
        four_releases(Shop(Database::create(folder.path().join("shop.redb")).unwrap()), &lives);
    }
}
