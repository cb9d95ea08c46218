//! The ten edits of a newcomer's first afternoon. Each goes from the report to a type that reads what was stored, by
//! what the report says and nothing else.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};

use typeser::report::Report;
use typeser::resolve::{Compatibility, Role};
use typeser::{Serializer, StateKey, StateType, TypeSerializer};

use super::printed::holds;
use super::situations::{migrated, resolved};

/// One edit: the report on it, and what the report asks for.
struct Edit {
    /// What the person does.
    does: &'static str,
    /// The lines that the person copies from the report. Nothing has to be done if there are none.
    copies: &'static [&'static str],
}

impl Edit {
    /// Compares the edited type with the released one, and adds the report to the page. Then the type with the copied
    /// lines has to read the stored value.
    #[track_caller]
    fn follow<Old: StateType, Red: StateType, Green>(&self, page: &mut String, old: &Old, green: &Green)
    where
        Green: StateType + PartialEq + Debug,
    {
        let red = self.report::<Old, Red>(Role::Value, page);
        let is_red = red == Compatibility::Incompatible;
        assert_eq!(is_red, !self.copies.is_empty(), "{}", self.does);
        let repaired = Report::new("value of state `orders`", &resolved::<Old, Green>(Role::Value));
        assert!(repaired.compatibility() < Compatibility::Incompatible, "{}: {repaired}", self.does);
        assert_eq!(migrated::<Old, Green>(old).as_ref(), Ok(green), "{}", self.does);
    }

    /// Adds the report to the page, and finds the copied lines in it and in this file.
    #[track_caller]
    fn report<Old: StateType, Red: StateType>(&self, role: Role, page: &mut String) -> Compatibility {
        let report = Report::new(format!("{role} of state `orders`"), &resolved::<Old, Red>(role));
        let report = report.with_state("orders").with_origin("release 1.0.0");
        let text = report.to_string();
        _ = writeln!(page, "==== {}\n\n{text}", self.does);
        for line in self.copies {
            let printed = text.lines().filter_map(|printed| Some(printed.split_once("| ")?.1.trim()));
            let is_it = |printed: &str| printed.get(..6) == line.get(..6) && holds(printed, line);
            assert!(printed.into_iter().any(is_it), "{}: `{line}` in\n{text}", self.does);
        }
        report.compatibility()
    }
}

#[test]
fn ten_edits_go_from_red_to_green_by_what_the_report_says() {
    let mut page = String::new();
    rename::follow(&mut page);
    swap::follow(&mut page);
    remove_a_variant::follow(&mut page);
    add_a_variant_in_the_middle::follow(&mut page);
    widen::follow(&mut page);
    wrap_in_option::follow(&mut page);
    string_to_enum::follow(&mut page);
    split_into_a_nested_struct::follow(&mut page);
    vec_to_map::follow(&mut page);
    change_the_key_type::follow(&mut page);
    insta::assert_snapshot!(page);
}

mod rename {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u64,
        note: String,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Red {
        id: u64,
        remark: String,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Order")]
    struct Green {
        id: u64,
        #[state(alias = "note")]
        remark: String,
    }

    pub(super) fn follow(page: &mut String) {
        let edit = Edit { does: "rename a field", copies: &["#[state(alias = \"note\")]"] };
        let old = Old { id: 1, note: String::from("fragile") };
        edit.follow::<Old, Red, Green>(page, &old, &Green { id: 1, remark: String::from("fragile") });
    }
}

mod swap {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        paid: u64,
        owed: u64,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Order")]
    struct Swapped {
        owed: u64,
        paid: u64,
    }

    pub(super) fn follow(page: &mut String) {
        let edit = Edit { does: "swap two fields of one type", copies: &[] };
        edit.follow::<Old, Swapped, Swapped>(page, &Old { paid: 1, owed: 2 }, &Swapped { owed: 2, paid: 1 });
    }
}

mod remove_a_variant {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Status")]
    enum Old {
        Open,
        Held,
        Closed,
    }

    #[derive(StateType)]
    #[state(name = "Status")]
    enum Red {
        Open,
        Closed,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Status", removed("Held", becomes = Self::Open))]
    enum Green {
        Open,
        Closed,
    }

    pub(super) fn follow(page: &mut String) {
        let edit = Edit { does: "remove a variant", copies: &["#[state(removed(\"Held\", becomes = ..))]"] };
        edit.follow::<Old, Red, Green>(page, &Old::Held, &Green::Open);
        assert_eq!(migrated::<Old, Green>(&Old::Closed), Ok(Green::Closed));
        assert_eq!(migrated::<Old, Green>(&Old::Open), Ok(Green::Open));
    }
}

mod add_a_variant_in_the_middle {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Status")]
    enum Old {
        Open,
        Closed,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Status")]
    enum Added {
        Open,
        Held,
        Closed,
    }

    pub(super) fn follow(page: &mut String) {
        let edit = Edit { does: "add a variant in the middle", copies: &[] };
        edit.follow::<Old, Added, Added>(page, &Old::Closed, &Added::Closed);
        assert_eq!(migrated::<Old, Added>(&Old::Open), Ok(Added::Open));
    }
}

mod widen {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u32,
        amount: i16,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Order")]
    struct Wide {
        id: u64,
        amount: i64,
    }

    pub(super) fn follow(page: &mut String) {
        let edit = Edit { does: "widen integers", copies: &[] };
        edit.follow::<Old, Wide, Wide>(page, &Old { id: u32::MAX, amount: -1 }, &Wide { id: 0xffff_ffff, amount: -1 });
    }
}

mod wrap_in_option {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u64,
        note: String,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Order")]
    struct Wrapped {
        id: u64,
        note: Option<String>,
    }

    pub(super) fn follow(page: &mut String) {
        let edit = Edit { does: "wrap a field in `Option`", copies: &[] };
        let old = Old { id: 1, note: String::from("fragile") };
        edit.follow::<Old, Wrapped, Wrapped>(page, &old, &Wrapped { id: 1, note: Some(String::from("fragile")) });
    }
}

mod string_to_enum {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u64,
        status: String,
    }

    #[derive(StateType)]
    enum Status {
        Open,
        Closed,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Red {
        id: u64,
        status: Status,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(version = 2, migrate(1 => from_stored))]
    #[state(name = "Status")]
    enum GreenStatus {
        Open,
        Closed,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Order")]
    struct Green {
        id: u64,
        status: GreenStatus,
    }

    fn from_stored(old: String) -> GreenStatus {
        if old == "closed" { GreenStatus::Closed } else { GreenStatus::Open }
    }

    pub(super) fn follow(page: &mut String) {
        let copies =
            &["#[state(version = 2, migrate(1 => from_stored))]", "fn from_stored(old: String) -> Status { .. }"];
        let edit = Edit { does: "turn a `String` into an enum", copies };
        let old = |status: &str| Old { id: 1, status: status.to_owned() };
        edit.follow::<Old, Red, Green>(page, &old("closed"), &Green { id: 1, status: GreenStatus::Closed });
        assert_eq!(migrated::<Old, Green>(&old("open")), Ok(Green { id: 1, status: GreenStatus::Open }));
    }
}

mod split_into_a_nested_struct {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u64,
        street: String,
        zip: u32,
    }

    #[derive(StateType, PartialEq, Debug)]
    struct Address {
        street: String,
        zip: u32,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Red {
        id: u64,
        address: Address,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct OrderV1 {
        id: u64,
        street: String,
        zip: u32,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(version = 2, migrate(1 => from_stored))]
    #[state(name = "Order")]
    struct Green {
        id: u64,
        address: Address,
    }

    fn from_stored(old: OrderV1) -> Green {
        Green { id: old.id, address: Address { street: old.street, zip: old.zip } }
    }

    pub(super) fn follow(page: &mut String) {
        let copies = &[
            "#[state(version = 2, migrate(1 => from_stored))]",
            "#[state(name = \"Order\")]",
            "struct OrderV1 { .. }",
            "fn from_stored(old: OrderV1) -> Order { .. }",
        ];
        let edit = Edit { does: "move fields into a struct", copies };
        let old = Old { id: 1, street: String::from("Main St"), zip: 7 };
        let address = Address { street: String::from("Main St"), zip: 7 };
        edit.follow::<Old, Red, Green>(page, &old, &Green { id: 1, address });
    }
}

mod vec_to_map {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u64,
        items: Vec<(String, u32)>,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Red {
        id: u64,
        items: BTreeMap<String, u32>,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Order")]
    struct Green {
        id: u64,
        #[state(convert(Vec<(String, u32)>, with = by_name))]
        items: BTreeMap<String, u32>,
    }

    fn by_name(old: Vec<(String, u32)>) -> BTreeMap<String, u32> {
        old.into_iter().collect()
    }

    pub(super) fn follow(page: &mut String) {
        let copies = &["#[state(convert(Vec<(String, u32)>, with = by_name))]"];
        let edit = Edit { does: "turn a `Vec` into a `BTreeMap`", copies };
        let items = || [(String::from("nail"), 8), (String::from("hook"), 2)];
        let old = Old { id: 1, items: items().into() };
        edit.follow::<Old, Red, Green>(page, &old, &Green { id: 1, items: BTreeMap::from(items()) });
    }
}

mod change_the_key_type {
    use typeser_state::backend::MemoryBackend;
    use typeser_state::keyed::Operator;
    use typeser_state::processor::{ProcessOptions, RekeyPlan, Targets};
    use typeser_state::restore::RestoreOptions;
    use typeser_state::savepoint::Savepoint;

    use super::*;

    /// What the operator has for a key.
    fn of<K: StateKey>(savepoint: &Savepoint, key: &K) -> Option<u64> {
        let mut operator = Operator::<K>::new("orders").unwrap();
        let amount = operator.value::<u64>("amount").unwrap();
        let options = RestoreOptions::new();
        let mut state = operator.restore(savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
        state.set_current_key(key).unwrap();
        amount.get(&mut state).unwrap()
    }

    /// The command that the report prints is what [`RekeyPlan`] does; the tests of the command run it.
    pub(super) fn follow(page: &mut String) {
        let copies = &["typeser rekey SAVEPOINT --operator UID --to KEY.json --output NEW-SAVEPOINT"];
        let edit = Edit { does: "change the type of keys", copies };
        assert_eq!(edit.report::<u32, u64>(Role::Key, page), Compatibility::Incompatible);
        let folder = tempfile::tempdir().unwrap();
        let mut operator = Operator::<u32>::new("orders").unwrap();
        let amount = operator.value::<u64>("amount").unwrap();
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        for key in 0..50_u32 {
            state.set_current_key(&key).unwrap();
            amount.update(&mut state, &(u64::from(key) * 3)).unwrap();
        }
        let stored =
            Savepoint::create(folder.path().join("stored")).unwrap().operator(&state).unwrap().finish().unwrap();
        let mut targets = Targets::new();
        targets.add_key("orders", Serializer::<u64>::new().unwrap().snapshot().clone());
        let plan = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap();
        let rekeyed = plan.run(folder.path().join("rekeyed"), &mut |_| ()).unwrap();
        for key in 0..50_u32 {
            assert_eq!(of(&stored, &key), of(&rekeyed, &u64::from(key)));
            assert_eq!(of(&rekeyed, &u64::from(key)), Some(u64::from(key) * 3));
        }
    }
}
