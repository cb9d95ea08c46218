//! Tables that are migrated lazily through four releases agree with a map, over every backend and in handles.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use redb::Database;
use typeser::StateType;
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::typed_table::{OrderedBackendTable, OrderedTable, TableError, TableOptions};

/// What a row says in every release.
#[derive(Debug, Clone, PartialEq)]
struct Order {
    id: u32,
    note: String,
    priority: u8,
}

trait Release: StateType + Clone + Debug + PartialEq {
    /// Releases before the third have no priority: theirs is 3.
    const HAS_PRIORITY: bool;

    fn of(order: &Order) -> Self;

    fn note(&mut self) -> &mut String;
}

macro_rules! release {
    ($module:ident, $has_priority:expr, { $($(#[$attribute:meta])* $field:ident: $type:ty),* }) => {
        mod $module {
            #[derive(typeser::StateType, Debug, Clone, PartialEq)]
            pub struct Order {
                $($(#[$attribute])* pub $field: $type),*
            }

            impl super::Release for Order {
                const HAS_PRIORITY: bool = $has_priority;

                fn of(order: &super::Order) -> Self {
                    Self { $($field: order.$field.clone().into()),* }
                }

                fn note(&mut self) -> &mut String {
                    &mut self.note
                }
            }
        }
    };
}

release!(v1, false, { id: u32, note: String });
release!(v2, false, { note: String, id: u64 });
release!(v3, true, { id: u64, #[state(default = 3)] priority: u8, note: String });
release!(v4, true, { note: String, #[state(default = 3)] priority: u16, id: u64 });

/// A table as a release opens it.
trait Orders<V> {
    fn get(&self, key: u16) -> Result<Option<V>, TableError>;
    fn insert(&mut self, key: u16, value: &V) -> Result<(), TableError>;
    fn update(&mut self, key: u16, change: impl FnOnce(&mut V)) -> Result<Option<()>, TableError>;
    fn remove(&mut self, key: u16) -> Result<bool, TableError>;
    fn between(&self, from: u16, until: u16) -> Result<Vec<(u16, V)>, TableError>;
    /// From both ends, a row in turn.
    fn alternating_ends(&self) -> Result<Vec<(u16, V)>, TableError>;
    fn len(&self) -> Result<u64, TableError>;
    fn is_empty(&self) -> Result<bool, TableError>;
    fn migrate_some(&mut self, rows: u64) -> Result<u64, TableError>;
    fn unmigrated_rows(&self) -> Result<u64, TableError>;
}

/// Where a table is.
trait Store {
    type Table<'a, V: StateType>: Orders<V>
    where
        Self: 'a;

    fn open<V: StateType>(&mut self, options: &TableOptions) -> Result<Self::Table<'_, V>, TableError>;
}

macro_rules! orders {
    ([$($generics:tt)*] $table:ty) => {
        impl<$($generics)*, V: StateType> Orders<V> for $table {
            fn get(&self, key: u16) -> Result<Option<V>, TableError> {
                self.get(&key)
            }
            fn insert(&mut self, key: u16, value: &V) -> Result<(), TableError> {
                (*self).insert(&key, value)
            }
            fn update(&mut self, key: u16, change: impl FnOnce(&mut V)) -> Result<Option<()>, TableError> {
                (*self).update(&key, change)
            }
            fn remove(&mut self, key: u16) -> Result<bool, TableError> {
                (*self).remove(&key)
            }
            fn between(&self, from: u16, until: u16) -> Result<Vec<(u16, V)>, TableError> {
                self.range(from..until)?.collect()
            }
            fn alternating_ends(&self) -> Result<Vec<(u16, V)>, TableError> {
                let (mut rows, mut front, mut back) = (self.iter()?, Vec::new(), Vec::new());
                while let Some(row) = rows.next() {
                    front.push(row?);
                    back.extend(rows.next_back().transpose()?);
                }
                front.extend(back.into_iter().rev());
                Ok(front)
            }
            fn len(&self) -> Result<u64, TableError> {
                self.len()
            }
            fn is_empty(&self) -> Result<bool, TableError> {
                self.is_empty()
            }
            fn migrate_some(&mut self, rows: u64) -> Result<u64, TableError> {
                (*self).migrate_some(rows)
            }
            fn unmigrated_rows(&self) -> Result<u64, TableError> {
                self.unmigrated_rows()
            }
        }
    };
}

orders!([B: Backend] OrderedBackendTable<u16, V, B>);
orders!(['db] OrderedTable<'db, u16, V>);

impl<B: Backend> Store for B {
    type Table<'a, V: StateType>
        = OrderedBackendTable<u16, V, &'a mut B>
    where
        B: 'a;

    fn open<V: StateType>(&mut self, options: &TableOptions) -> Result<Self::Table<'_, V>, TableError> {
        OrderedBackendTable::open_with(self, "orders", options, &mut |_| ())
    }
}

/// A database of the program.
struct Shop(Database);

impl Store for Shop {
    type Table<'a, V: StateType> = OrderedTable<'a, u16, V>;

    fn open<V: StateType>(&mut self, options: &TableOptions) -> Result<Self::Table<'_, V>, TableError> {
        OrderedTable::open_with(&self.0, "orders", options, &mut |_| ())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert(u16, u32, u8),
    Update(u16),
    Remove(u16),
    Get(u16),
    Between(u16, u16),
    MigrateSome(u64),
    Reopen,
}

/// What happens in a release, and whether it opens the table lazily.
type Life = (bool, Vec<Step>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0u16..40, 0u32..1000, 0u8..9).prop_map(|(key, id, priority)| Step::Insert(key, id, priority)),
        2 => (0u16..40).prop_map(Step::Update),
        2 => (0u16..40).prop_map(Step::Remove),
        1 => (0u16..40).prop_map(Step::Get),
        1 => (0u16..40, 0u16..40).prop_map(|(from, until)| Step::Between(from, until)),
        1 => (0u64..9).prop_map(Step::MigrateSome),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 0..25)
}

fn lives() -> impl Strategy<Value = [Life; 4]> {
    let life = || (proptest::bool::weighted(0.8), steps());
    [life(), life(), life(), life()]
}

fn live<S: Store, V: Release>(store: &mut S, (lazy, steps): &Life, model: &mut BTreeMap<u16, Order>) {
    let options = if *lazy { TableOptions::new().migrate_lazily() } else { TableOptions::new() };
    let mut orders = store.open::<V>(&options).unwrap();
    agrees(&orders, model);
    for step in steps {
        let left = orders.unmigrated_rows().unwrap();
        match *step {
            Step::Insert(key, id, priority) => {
                let priority = if V::HAS_PRIORITY { priority } else { 3 };
                let order = Order { id, note: format!("note {id}"), priority };
                orders.insert(key, &V::of(&order)).unwrap();
                model.insert(key, order);
            }
            Step::Update(key) => {
                let updated = orders.update(key, |order| order.note().push('!')).unwrap();
                assert_eq!(updated, model.get_mut(&key).map(|order| order.note.push('!')));
            }
            Step::Remove(key) => assert_eq!(orders.remove(key).unwrap(), model.remove(&key).is_some()),
            Step::Get(key) => {
                assert_eq!(orders.get(key).unwrap(), model.get(&key).map(V::of));
                assert_eq!(orders.unmigrated_rows().unwrap(), left);
            }
            Step::Between(from, until) => {
                let until = from.max(until);
                let expected: Vec<_> = model.range(from..until).map(|(key, order)| (*key, V::of(order))).collect();
                assert_eq!(orders.between(from, until).unwrap(), expected);
                assert_eq!(orders.unmigrated_rows().unwrap(), left);
            }
            Step::MigrateSome(rows) => {
                assert_eq!(orders.migrate_some(rows).unwrap(), left.saturating_sub(rows));
            }
            Step::Reopen => {
                drop(orders);
                orders = store.open::<V>(&options).unwrap();
                assert_eq!(orders.unmigrated_rows().unwrap(), left);
            }
        }
        if !lazy {
            assert_eq!(orders.unmigrated_rows().unwrap(), 0);
        }
    }
    agrees(&orders, model);
}

fn agrees<V: Release>(orders: &impl Orders<V>, model: &BTreeMap<u16, Order>) {
    let expected: Vec<_> = model.iter().map(|(key, order)| (*key, V::of(order))).collect();
    assert_eq!(orders.alternating_ends().unwrap(), expected);
    assert_eq!((orders.len().unwrap(), orders.is_empty().unwrap()), (model.len() as u64, model.is_empty()));
}

fn four_releases(mut store: impl Store, [one, two, three, four]: &[Life; 4]) {
    let mut model = BTreeMap::new();
    live::<_, v1::Order>(&mut store, one, &mut model);
    live::<_, v2::Order>(&mut store, two, &mut model);
    live::<_, v3::Order>(&mut store, three, &mut model);
    live::<_, v4::Order>(&mut store, four, &mut model);
    let mut orders = store.open::<v4::Order>(&TableOptions::new().migrate_lazily()).unwrap();
    while orders.migrate_some(7).unwrap() > 0 {}
    agrees(&orders, &model);
    drop(orders);
    let orders = store.open::<v4::Order>(&TableOptions::new().without_migration()).unwrap();
    agrees(&orders, &model);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 128 }))]

    #[test]
    fn a_table_agrees_with_a_map_in_every_release(lives in lives()) {
        four_releases(MemoryBackend::new(), &lives);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_table_in_redb_agrees_with_a_map_in_every_release(lives in lives()) {
        let folder = tempfile::tempdir().unwrap();
        four_releases(RedbBackend::open(folder.path().join("shop.redb")).unwrap(), &lives);
    }

    #[cfg(feature = "fjall")]
    #[test]
    fn a_table_in_fjall_agrees_with_a_map_in_every_release(lives in lives()) {
        let folder = tempfile::tempdir().unwrap();
        four_releases(typeser_state::backend::FjallBackend::open(folder.path()).unwrap(), &lives);
    }

    #[test]
    fn handles_agree_with_a_map_in_every_release(lives in lives()) {
        let folder = tempfile::tempdir().unwrap();
        four_releases(Shop(Database::create(folder.path().join("shop.redb")).unwrap()), &lives);
    }
}

/// The rows of a batch that a backend reads at a time do not end where those of another table do.
#[test]
fn many_rows_of_two_releases_are_read_in_order() {
    let mut backend = MemoryBackend::new();
    let order = |key: u16| Order { id: key.into(), note: String::new(), priority: 3 };
    let mut orders = backend.open::<v1::Order>(&TableOptions::new()).unwrap();
    (0..3000).for_each(|key| Orders::insert(&mut orders, key, &v1::Order::of(&order(key))).unwrap());
    let mut orders = backend.open::<v2::Order>(&TableOptions::new().migrate_lazily()).unwrap();
    (1000..1700).for_each(|key| Orders::insert(&mut orders, key, &v2::Order::of(&order(key))).unwrap());
    assert_eq!(orders.unmigrated_rows().unwrap(), 2300);
    let keys: Vec<u16> = orders.iter().unwrap().map(|row| row.unwrap().0).collect();
    assert_eq!(keys, (0..3000).collect::<Vec<_>>());
    let mut visited = 0;
    orders
        .visit(500..2500, |key, _| {
            assert_eq!(key, 500 + visited);
            visited += 1;
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(visited, 2000);
}
