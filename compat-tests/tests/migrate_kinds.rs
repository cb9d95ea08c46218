//! `migrate` where the stored part and the type are of different kinds: a struct that became an enum, an enum that
//! became a struct, a plain part or an opaque leaf that became a type. Migrated values are compared, under both
//! encodings and both trust levels.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::{BTreeMap, BTreeSet};

use compat_tests::evolution::expect;
use compat_tests::evolutions;
use typeser::resolve::Compatibility::{Incompatible, RequiresMigration};
use typeser::resolve::{Policy, Role, resolve};
use typeser::serializer::{Custom, CustomError, CustomSerializer};
use typeser::value::{Value, ValueError};
use typeser::{Serializer, SerializerSnapshot, StateType};

/// What earlier releases stored.
mod old {
    use std::collections::BTreeMap;

    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Account {
        pub(super) amount: u128,
        pub(super) locked: u128,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) enum Versioned {
        V1 { x: u32 },
        V2 { x: u64, y: String },
    }

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
    #[state(key)]
    pub(super) struct Status {
        pub(super) done: bool,
        pub(super) error: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Jobs {
        pub(super) list: Vec<Status>,
        pub(super) by_name: BTreeMap<String, Status>,
        pub(super) last: Option<Box<Status>>,
        pub(super) pair: (Status, u8),
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Places {
        pub(super) first: Account,
        pub(super) after: u16,
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct AccountV1 {
    amount: u128,
    locked: u128,
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(version = 2, migrate(1 => wrapped))]
enum Account {
    V1(AccountV1),
    V2 { amount: u128 },
}

fn wrapped(old: old::Account) -> Account {
    match old.locked {
        0 => Account::V2 { amount: old.amount },
        locked => Account::V1(AccountV1 { amount: old.amount, locked }),
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(name = "Versioned", version = 2, migrate(1 => flat))]
struct State {
    x: u64,
    y: String,
}

fn flat(old: old::Versioned) -> State {
    match old {
        old::Versioned::V1 { x } => State { x: x.into(), y: String::new() },
        old::Versioned::V2 { x, y } => State { x, y },
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
#[state(version = 2, migrate(1 => status), key)]
enum Status {
    Open,
    Done,
    Failed(String),
}

fn status(old: old::Status) -> Status {
    match (old.done, old.error) {
        (_, Some(error)) => Status::Failed(error),
        (true, None) => Status::Done,
        (false, None) => Status::Open,
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Jobs {
    list: Vec<Status>,
    by_name: BTreeMap<String, Status>,
    last: Option<Box<Status>>,
    pair: (Status, u8),
}

fn old_status(done: bool, error: Option<&str>) -> old::Status {
    old::Status { done, error: error.map(str::to_owned) }
}

/// The whole value is of another kind, and takes its old type or a dynamic value.
mod dynamic {
    use super::*;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => wrapped))]
    pub(super) enum Account {
        Open { amount: u128 },
        Locked,
    }

    fn wrapped(old: Value) -> Result<Account, ValueError> {
        Ok(match old.read::<u128>("locked")? {
            0 => Account::Open { amount: old.read("amount")? },
            _ => Account::Locked,
        })
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Places {
        pub(super) first: Account,
        pub(super) after: u16,
    }
}

/// A struct, then another struct, then an enum; the last one takes what the function before it made.
mod chain {
    use super::*;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Account", version = 2)]
    pub(super) struct Account2 {
        pub(super) amount: u64,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Account", version = 3)]
    pub(super) enum Account3 {
        Some(u64),
        None,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 4, migrate(1 => narrowed, 2 => optional, 3 => full))]
    pub(super) enum Account {
        Full { amount: u64 },
        Empty,
    }

    fn narrowed(old: old::Account) -> Result<Account2, std::num::TryFromIntError> {
        Ok(Account2 { amount: old.amount.try_into()? })
    }

    fn optional(old: Account2) -> Account3 {
        if old.amount == 0 { Account3::None } else { Account3::Some(old.amount) }
    }

    fn full(old: Account3) -> Account {
        match old {
            Account3::Some(amount) => Account::Full { amount },
            Account3::None => Account::Empty,
        }
    }
}

/// The type was renamed as well.
mod renamed {
    use super::*;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(alias = "Account", version = 2, migrate(1 => wrapped))]
    pub(super) enum Wallet {
        Coins(u128),
    }

    fn wrapped(old: old::Account) -> Wallet {
        Wallet::Coins(old.amount + old.locked)
    }
}

/// An opaque leaf, and what it became.
mod leaf {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    pub(super) struct Point(pub(super) u8, pub(super) u8);

    pub(super) struct Bytes;

    impl CustomSerializer for Bytes {
        type Value = Point;
        const NAME: &'static str = "Point";
        const VERSION: u32 = 3;

        fn write(value: &Point, to: &mut Vec<u8>) -> Result<(), CustomError> {
            to.extend([value.0, value.1]);
            Ok(())
        }

        fn read(from: &[u8]) -> Result<Point, CustomError> {
            let [x, y] = from else { return Err("no point".into()) };
            Ok(Point(*x, *y))
        }
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Stored {
        #[state(with = Bytes)]
        pub(super) at: Point,
        pub(super) other: u8,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Stored")]
    pub(super) struct Typed {
        pub(super) at: TypedPoint,
        pub(super) other: u8,
    }

    /// The number of the leaf does not count: the function reads exactly that leaf.
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Spot", version = 2, migrate(1 => of_leaf))]
    pub(super) struct TypedPoint {
        pub(super) x: u32,
        pub(super) y: u32,
    }

    fn of_leaf(old: Custom<Bytes>) -> TypedPoint {
        TypedPoint { x: old.0.0.into(), y: old.0.1.into() }
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Stored")]
    pub(super) struct Dynamic {
        pub(super) at: DynamicPoint,
        pub(super) other: u8,
    }

    /// A dynamic value is taken by the name and the version of the leaf.
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Point", version = 4, migrate(3 => of_bytes))]
    pub(super) struct DynamicPoint {
        pub(super) x: u32,
        pub(super) y: u32,
    }

    fn of_bytes(old: Value) -> Result<DynamicPoint, &'static str> {
        let Value::Opaque(bytes) = &old else { return Err("no leaf") };
        let [x, y] = bytes[..] else { return Err("no point") };
        Ok(DynamicPoint { x: x.into(), y: y.into() })
    }
}

/// Parts without a name.
mod plain {
    use super::*;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 3, migrate(1 => of_number, 2 => of_struct))]
    pub(super) struct Count {
        pub(super) n: u64,
        pub(super) steps: u8,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Count", version = 2)]
    pub(super) struct Count2 {
        pub(super) n: u64,
    }

    fn of_number(old: u64) -> Count2 {
        Count2 { n: old * 10 }
    }

    fn of_struct(old: Count2) -> Count {
        Count { n: old.n + 1, steps: 1 }
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => of_list))]
    pub(super) enum Tags {
        None,
        Some { first: String, more: Vec<String> },
    }

    fn of_list(old: Vec<String>) -> Tags {
        let mut tags = old.into_iter();
        match tags.next() {
            Some(first) => Tags::Some { first, more: tags.collect() },
            None => Tags::None,
        }
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => of_option))]
    pub(super) enum Choice {
        No,
        Yes(u8),
    }

    fn of_option(old: Option<u8>) -> Choice {
        old.map_or(Choice::No, Choice::Yes)
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => anything))]
    pub(super) struct Anything {
        pub(super) n: u64,
    }

    fn anything(_: Value) -> Anything {
        Anything { n: 1 }
    }
}

evolutions! {
    a_struct_becomes_an_enum_of_versions {
        expect(RequiresMigration, &["type-migrated"]).check(&[
            (old::Account { amount: 7, locked: 1 }, Account::V1(AccountV1 { amount: 7, locked: 1 })),
            (old::Account { amount: 7, locked: 0 }, Account::V2 { amount: 7 }),
        ])
    }

    an_enum_becomes_a_struct {
        expect(RequiresMigration, &["type-migrated"]).check(&[
            (old::Versioned::V1 { x: 3 }, State { x: 3, y: String::new() }),
            (old::Versioned::V2 { x: 4, y: "y".to_owned() }, State { x: 4, y: "y".to_owned() }),
        ])
    }

    in_lists_maps_options_and_tuples {
        let (open, failed) = (old_status(false, None), old_status(true, Some("late")));
        let stored = old::Jobs {
            list: vec![open.clone(), old_status(true, None), failed.clone()],
            by_name: BTreeMap::from([("a".to_owned(), failed.clone()), ("b".to_owned(), open.clone())]),
            last: Some(Box::new(failed)),
            pair: (open, 9),
        };
        let late = || Status::Failed("late".to_owned());
        let new = Jobs {
            list: vec![Status::Open, Status::Done, late()],
            by_name: BTreeMap::from([("a".to_owned(), late()), ("b".to_owned(), Status::Open)]),
            last: Some(Box::new(late())),
            pair: (Status::Open, 9),
        };
        expect(RequiresMigration, &["type-migrated"]).check(&[(stored, new)])
    }

    nested_from_a_dynamic_value {
        let places = |locked| old::Places { first: old::Account { amount: 5, locked }, after: 8 };
        let open = dynamic::Account::Open { amount: 5 };
        expect(RequiresMigration, &["type-migrated"]).check(&[
            (places(0), dynamic::Places { first: open, after: 8 }),
            (places(1), dynamic::Places { first: dynamic::Account::Locked, after: 8 }),
        ])
    }

    a_chain_from_its_first_version {
        expect(RequiresMigration, &["type-migrated"]).check(&[
            (old::Account { amount: 7, locked: 1 }, chain::Account::Full { amount: 7 }),
            (old::Account { amount: 0, locked: 1 }, chain::Account::Empty),
        ])
    }

    a_chain_from_its_second_version {
        expect(RequiresMigration, &["type-migrated"]).check(&[
            (chain::Account2 { amount: 7 }, chain::Account::Full { amount: 7 }),
            (chain::Account2 { amount: 0 }, chain::Account::Empty),
        ])
    }

    a_chain_from_its_third_version_of_the_same_kind {
        expect(RequiresMigration, &["type-migrated"]).check(&[
            (chain::Account3::Some(2), chain::Account::Full { amount: 2 }),
            (chain::Account3::None, chain::Account::Empty),
        ])
    }

    with_another_name {
        expect(RequiresMigration, &["type-renamed", "type-migrated"])
            .check(&[(old::Account { amount: 7, locked: 1 }, renamed::Wallet::Coins(8))])
    }

    a_leaf_by_its_layout {
        let stored = leaf::Stored { at: leaf::Point(1, 2), other: 3 };
        let new = leaf::Typed { at: leaf::TypedPoint { x: 1, y: 2 }, other: 3 };
        expect(RequiresMigration, &["type-migrated"]).check(&[(stored, new)])
    }

    a_leaf_as_a_dynamic_value {
        let stored = leaf::Stored { at: leaf::Point(1, 2), other: 3 };
        let new = leaf::Dynamic { at: leaf::DynamicPoint { x: 1, y: 2 }, other: 3 };
        expect(RequiresMigration, &["type-migrated"]).check(&[(stored, new)])
    }

    a_number_becomes_a_struct {
        expect(RequiresMigration, &["type-migrated"]).check(&[(4u64, plain::Count { n: 41, steps: 1 })])
    }

    numbers_in_a_map_become_structs {
        let stored = BTreeMap::from([("a".to_owned(), 0u64), ("b".to_owned(), 1)]);
        let count = |n| plain::Count { n, steps: 1 };
        let new = BTreeMap::from([("a".to_owned(), count(1)), ("b".to_owned(), count(11))]);
        expect(RequiresMigration, &["type-migrated"]).check(&[(stored, new)])
    }

    a_list_becomes_an_enum {
        let more = plain::Tags::Some { first: "a".to_owned(), more: vec!["b".to_owned()] };
        let list = vec!["a".to_owned(), "b".to_owned()];
        expect(RequiresMigration, &["type-migrated"]).check(&[(Vec::<String>::new(), plain::Tags::None), (list, more)])
    }

    an_option_becomes_an_enum {
        let values = [(None, plain::Choice::No), (Some(2u8), plain::Choice::Yes(2))];
        expect(RequiresMigration, &["type-migrated"]).check(&values)
    }

    a_newtype_of_an_option_becomes_an_optional_enum {
        #[derive(Debug, PartialEq, StateType)]
        #[state(name = "Level")]
        struct Old(Option<u8>);
        #[derive(Debug, PartialEq, StateType)]
        #[state(version = 2, migrate(1 => level))]
        enum Level { None, Some(u8) }
        fn level(old: Old) -> Level { old.0.map_or(Level::None, Level::Some) }
        expect(RequiresMigration, &["wrapped-in-option", "type-migrated"])
            .check(&[(Old(Some(1)), Some(Level::Some(1))), (Old(None), Some(Level::None))])
    }

    a_part_without_a_name_is_no_dynamic_value_of_the_type {
        expect(Incompatible, &["kind-changed"]).check::<u64, plain::Anything>(&[])
    }

    a_number_that_a_rule_widens_is_what_the_function_reads {
        expect(RequiresMigration, &["type-migrated", "integer-widened"])
            .check(&[(4u32, plain::Count { n: 41, steps: 1 })])
    }

    a_number_that_no_rule_widens_is_not {
        expect(Incompatible, &["kind-changed"]).check::<i32, plain::Count>(&[])
    }

    another_name_without_an_alias_is_another_type {
        #[derive(Debug, PartialEq, StateType)]
        #[state(version = 2, migrate(1 => wallet))]
        enum Wallet { Coins(u128) }
        fn wallet(old: old::Account) -> Wallet { Wallet::Coins(old.amount) }
        expect(Incompatible, &["kind-changed"]).check::<old::Account, Wallet>(&[])
    }

    a_version_without_a_function {
        #[derive(Debug, PartialEq, StateType)]
        #[state(version = 3, migrate(2 => of_2))]
        enum Account { Coins(u64) }
        fn of_2(old: chain::Account2) -> Account { Account::Coins(old.amount) }
        expect(Incompatible, &["migration-missing"]).check::<old::Account, Account>(&[])
    }

    a_function_of_another_layout {
        #[derive(Debug, PartialEq, StateType)]
        #[state(name = "Account")]
        struct Other { amount: u64 }
        #[derive(Debug, PartialEq, StateType)]
        #[state(version = 2, migrate(1 => of_other))]
        enum Account { Coins(u64) }
        fn of_other(old: Other) -> Account { Account::Coins(old.amount) }
        expect(Incompatible, &["migration-reads-another-layout"]).check::<old::Account, Account>(&[])
    }

    no_function_at_all {
        #[derive(Debug, PartialEq, StateType)]
        enum Account { Coins(u64) }
        expect(Incompatible, &["kind-changed"]).check::<old::Account, Account>(&[])
    }

    no_function_for_a_plain_field {
        #[derive(Debug, PartialEq, StateType)]
        #[state(name = "Places")]
        struct Old { after: u16 }
        #[derive(Debug, PartialEq, StateType)]
        enum After { Some(u16) }
        #[derive(Debug, PartialEq, StateType)]
        struct Places { after: After }
        expect(Incompatible, &["kind-changed"]).check::<Old, Places>(&[])
    }

    back_over_the_function {
        expect(Incompatible, &["version-went-back-over-function"]).check::<Account, old::Account>(&[])
    }

    back_without_a_function {
        expect(Incompatible, &["version-went-back", "kind-changed"]).check::<chain::Account2, old_enum::Account>(&[])
    }

    in_set_elements_and_map_keys {
        expect(Incompatible, &["type-migrated", "not-injective"])
            .check::<BTreeSet<old::Status>, BTreeSet<Status>>(&[]);
        expect(Incompatible, &["type-migrated", "not-injective"])
            .check::<BTreeMap<old::Status, u8>, BTreeMap<Status, u8>>(&[])
    }

    in_a_key {
        expect(Incompatible, &["type-migrated", "key-migration-refused"])
            .role(Role::Key)
            .check::<old::Status, Status>(&[])
    }
}

#[test]
fn two_functions_of_one_layout_are_refused() {
    #[derive(StateType)]
    #[state(version = 3, migrate(1 => doubled, 2 => counted))]
    struct Count {
        n: u64,
    }
    fn doubled(old: u64) -> Box<u64> {
        Box::new(old * 2)
    }
    #[allow(clippy::boxed_local, reason = "a box is another type of the same layout")]
    fn counted(old: Box<u64>) -> Count {
        Count { n: *old }
    }
    let refused = Serializer::<Count>::new().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`Count v1: doubled` and `Count v2: counted` read the same stored layout, so nothing could tell which of the \
         two a stored value is for; leave out one of them"
    );
}

/// Functions of files decide as those of types do.
#[test]
fn hand_written_snapshots_decide_as_types_do() {
    let file = |text: &str| SerializerSnapshot::from_text(&format!("typeser-snapshot 1\nroot {text}")).unwrap();
    let number = file("u64\n");
    let plain = file("Count\n\nstruct Count v1\n  n u64\n");
    let found = |stored: &SerializerSnapshot, hints: &str| {
        let new = file(&format!("Count\n\nenum Count v2\n{hints}  0 Some\n    0 u64\n"));
        let resolution = resolve(stored, &new, Role::Value, &Policy::default());
        resolution.findings().iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&plain, ""), ["kind-changed"]);
    assert_eq!(found(&plain, "  @migrate 1 wrapped\n"), ["type-migrated"]);
    // A function of a dynamic value is found by a name, which a number does not have.
    assert_eq!(found(&number, "  @migrate 1 wrapped\n"), ["kind-changed"]);
    assert_eq!(found(&number, "  @migrate 1 counted\n    root u64\n"), ["type-migrated"]);
    assert_eq!(found(&number, "  @migrate 1 counted\n    root u32\n"), ["kind-changed"]);
    assert_eq!(found(&plain, "  @migrate 1 counted\n    root u64\n"), ["migration-reads-another-layout"]);
}

mod old_enum {
    #[derive(Debug, PartialEq, super::StateType)]
    pub(super) enum Account {
        Coins(u64),
    }
}
