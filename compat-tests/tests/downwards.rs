//! State that a newer release wrote, met by an older one: the report says so, and the policy can read it downwards.

#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "the names of tests document them")]

use typeser::report::Report;
use typeser::resolve::{Compatibility, Losses, Policy, Resolution, Role, resolve};
use typeser::serializer::Serializer;
use typeser::versions::{ReadError, Versions};
use typeser::{SerializerSnapshot, StateType, TypeSerializer};

/// What the older release and the newer one make of one name.
macro_rules! releases {
    ({ $($older:item)* } { $($newer:item)* }) => {
        pub(super) mod older {
            use typeser::StateType;
            $($older)*
        }
        pub(super) mod newer {
            use typeser::StateType;
            $($newer)*
        }
    };
}

fn resolved<Newer: StateType, Older: StateType>(role: Role, policy: Policy) -> Resolution {
    let (newer, older) = (Serializer::<Newer>::new().unwrap(), Serializer::<Older>::new().unwrap());
    resolve(newer.snapshot(), older.snapshot(), role, &policy)
}

fn downwards<Newer: StateType, Older: StateType>() -> Resolution {
    resolved::<Newer, Older>(Role::Value, Policy { downwards: true, ..Policy::default() })
}

fn rules(resolution: &Resolution) -> Vec<&'static str> {
    resolution.findings().iter().map(|finding| finding.rule.id).collect()
}

fn stored<T: StateType>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Serializer::<T>::new().unwrap().serialize(value, &mut bytes).unwrap();
    bytes
}

fn report<Newer: StateType, Older: StateType>() -> String {
    Report::new("state `orders`", &resolved::<Newer, Older>(Role::Value, Policy::default())).to_string()
}

mod shop {
    releases! {
        {
            #[derive(StateType, Debug, PartialEq)]
            pub(crate) enum Status { Open, Paid(u32) }
            #[derive(StateType, Debug, PartialEq)]
            pub(crate) struct Order {
                pub(crate) id: u32,
                pub(crate) note: String,
                #[state(default = 7)]
                pub(crate) rank: u8,
                pub(crate) status: Status,
            }
        }
        {
            #[derive(StateType)]
            #[state(alias = "Status")]
            pub(crate) enum State { #[state(alias = "Open")] New, Paid(u32), Returned { reason: String } }
            #[derive(StateType)]
            #[state(removed("rank"))]
            pub(crate) struct Order {
                pub(crate) status: State,
                #[state(alias = "note")]
                pub(crate) remark: String,
                pub(crate) id: u32,
                #[state(default)]
                pub(crate) urgent: Vec<bool>,
            }
        }
    }
}

#[test]
fn a_report_on_state_of_a_newer_release_says_so_and_does_not_advise_to_edit_types() {
    let report = report::<shop::newer::Order, shop::older::Order>();
    let mut help = report.lines().filter(|line| line.starts_with("help:"));
    assert!(help.all(|help| !help.contains("declare")), "{report}");
    insta::assert_snapshot!(report);
}

#[test]
fn state_of_a_newer_release_is_read_by_the_names_and_without_the_fields_that_it_added() {
    use shop::{newer, older};

    let resolution = downwards::<newer::Order, older::Order>();
    assert_eq!(
        rules(&resolution),
        [
            "read-by-earlier-name",
            "field-of-newer-release",
            "field-added",
            "fields-reordered",
            "read-by-earlier-name",
            "read-by-earlier-name",
            "variant-of-newer-release",
        ]
    );
    assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
    let reader = resolution.reader(&Serializer::<older::Order>::new().unwrap()).unwrap();
    let order = |status| newer::Order { status, remark: "fragile".to_owned(), id: 1, urgent: vec![true, false] };
    for (wrote, reads) in [(newer::State::New, older::Status::Open), (newer::State::Paid(40), older::Status::Paid(40))]
    {
        let read = reader.read(&stored(&order(wrote))).unwrap();
        assert_eq!(read, older::Order { id: 1, note: "fragile".to_owned(), rank: 7, status: reads });
    }
    // A variant that was added depends on the data.
    let returned = stored(&order(newer::State::Returned { reason: "broken".to_owned() }));
    let error = reader.read(&returned).unwrap_err().to_string();
    assert!(error.contains("a variant (tag 2) that a newer release added"), "{error}");
}

#[test]
fn what_is_read_without_a_field_is_read_only_unless_losses_are_allowed() {
    use shop::{newer, older};

    let order = newer::Order { status: newer::State::New, remark: String::new(), id: 1, urgent: vec![] };
    let bytes = stored(&order);
    let today = Serializer::<older::Order>::new().unwrap();
    for (losses, read_only) in [(Losses::Declared, true), (Losses::Any, false)] {
        let policy = Policy { losses, downwards: true };
        let resolution = resolved::<newer::Order, older::Order>(Role::Value, policy);
        assert_eq!(resolution.is_read_only(), read_only);
        let reader = resolution.reader(&today).unwrap();
        assert_eq!(reader.is_read_only(), read_only);
        assert_eq!(reader.read(&bytes).unwrap().rank, 7);
        let mut upgraded = Vec::new();
        let outcome = reader.upgrade(&bytes, &mut upgraded);
        assert_eq!(outcome.err(), read_only.then_some(ReadError::ReadOnly));
        assert_eq!(upgraded.is_empty(), read_only);

        let newer = Serializer::<newer::Order>::new().unwrap();
        let framed = Versions::builder(newer.clone()).build().unwrap().encode(&order).unwrap();
        let versions = Versions::builder(today.clone()).release("2.0.0", newer.snapshot().clone()).policy(policy);
        let versions = versions.build().unwrap();
        assert_eq!(versions.decode(&framed).unwrap().id, 1);
        assert_eq!(versions.upgrade(&framed, &mut upgraded).is_err(), read_only);
    }
}

/// What the newer release calls it would be lost if the value were written back.
#[test]
fn a_variant_that_becomes_the_fallback_is_read_only_unless_losses_are_allowed() {
    mod older {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub(super) enum Status {
            Open,
            #[state(other)]
            Unknown,
        }
    }
    mod newer {
        #[derive(typeser::StateType, Debug)]
        pub(super) enum Status {
            Open,
            Unknown,
            Held,
        }
    }
    let today = Serializer::<older::Status>::new().unwrap();
    let bytes = stored(&newer::Status::Held);
    for (losses, read_only) in [(Losses::Declared, true), (Losses::Any, false)] {
        let resolution = resolved::<newer::Status, older::Status>(Role::Value, Policy { losses, downwards: true });
        assert_eq!(resolution.is_read_only(), read_only);
        let reader = resolution.reader(&today).unwrap();
        assert_eq!(reader.read(&bytes).unwrap(), older::Status::Unknown);
        let outcome = reader.upgrade(&bytes, &mut Vec::new());
        assert_eq!(outcome.err(), read_only.then_some(ReadError::ReadOnly));
    }
    let usual = resolved::<newer::Status, older::Status>(Role::Value, Policy::default());
    assert!(!usual.is_read_only());
}

mod renamed {
    releases! {
        {
            #[derive(StateType, Debug, PartialEq)]
            pub(crate) struct Point { pub(crate) x: u8, pub(crate) y: u8 }
        }
        {
            #[derive(StateType)]
            #[state(alias = "Point")]
            pub(crate) struct Place { #[state(alias = "y")] pub(crate) north: u8, #[state(alias = "x")] pub(crate) east: u8 }
        }
    }
}

#[test]
fn names_alone_need_no_migration_and_lose_nothing() {
    use renamed::{newer, older};

    let resolution = downwards::<newer::Place, older::Point>();
    assert_eq!(resolution.compatibility(), Compatibility::AfterReconfigure);
    assert!(!resolution.is_read_only());
    let today = Serializer::<older::Point>::new().unwrap();
    let adopted = resolution.adopt(&today).unwrap();
    let bytes = stored(&newer::Place { north: 2, east: 1 });
    assert_eq!(adopted.deserialize(&bytes).unwrap(), older::Point { x: 1, y: 2 });
    // What the older release stores from then on, the newer one reads by its aliases.
    let back = resolve(
        adopted.snapshot(),
        Serializer::<newer::Place>::new().unwrap().snapshot(),
        Role::Key,
        &Policy::default(),
    );
    assert_eq!(back.compatibility(), Compatibility::Compatible);
}

mod converted {
    releases! {
        {
            #[derive(StateType)]
            pub(crate) struct Height { pub(crate) value: u64 }
            #[derive(StateType)]
            pub(crate) struct Length { pub(crate) value: u32 }
        }
        {
            #[derive(StateType)]
            pub(crate) struct Height {
                #[state(convert(u64, with = feet))]
                pub(crate) value: u32,
            }
            #[derive(StateType)]
            #[state(version = 2, migrate(1 => length))]
            pub(crate) struct Length { pub(crate) value: u32 }

            fn feet(metres: u64) -> u32 { metres as u32 * 3 }
            fn length(old: super::older::Length) -> Length { Length { value: old.value * 3 } }
        }
    }
}

#[test]
fn a_conversion_on_the_way_is_incompatible() {
    let height = downwards::<converted::newer::Height, converted::older::Height>();
    assert_eq!(rules(&height), ["version-went-back-over-function"]);
    let detail = &height.findings()[0].detail;
    assert!(detail.contains("`value` holds what") && detail.contains("feet"), "{detail}");
    let length = downwards::<converted::newer::Length, converted::older::Length>();
    assert_eq!(rules(&length), ["version-went-back-over-function"]);
    // The same of a value as a whole, although the rules would widen it.
    let [newer, older] = ["root u32\n  @convert \"feet\"\n    root u64\n", "root u64\n"]
        .map(|text| SerializerSnapshot::from_text(&format!("typeser-snapshot 2\nintegers fixed\n{text}")).unwrap());
    let whole = resolve(&newer, &older, Role::Value, &Policy { downwards: true, ..Policy::default() });
    assert_eq!(rules(&whole), ["version-went-back-over-function"]);
}

mod merged {
    releases! {
        {
            #[derive(StateType, Debug, PartialEq)]
            pub(crate) enum Status { Open, Deleted, Removed }
        }
        {
            #[derive(StateType)]
            pub(crate) enum Status { Open, #[state(alias("Deleted", "Removed"))] Gone }
        }
    }
}

#[test]
fn a_merge_is_not_guessed_back() {
    use merged::{newer, older};

    let resolution = downwards::<newer::Status, older::Status>();
    assert_eq!(rules(&resolution), ["variant-of-newer-release", "variant-added", "variant-added"]);
    let reader = resolution.reader(&Serializer::<older::Status>::new().unwrap()).unwrap();
    assert_eq!(reader.read(&stored(&newer::Status::Open)).unwrap(), older::Status::Open);
    reader.read(&stored(&newer::Status::Gone)).unwrap_err();
}

#[test]
fn keys_leave_nothing_out() {
    let policy = Policy { downwards: true, losses: Losses::Any };
    for role in [Role::MapKey, Role::Key] {
        let resolution = resolved::<shop::newer::Order, shop::older::Order>(role, policy);
        assert_eq!(resolution.compatibility(), Compatibility::Incompatible);
    }
}

mod returning {
    releases! {
        {
            #[derive(StateType)]
            #[state(removed("b"))]
            pub(crate) struct State { pub(crate) a: u8 }
        }
        {
            #[derive(StateType)]
            pub(crate) struct State { pub(crate) c: u8, #[state(alias = "a")] pub(crate) b: u8 }
        }
    }
}

#[test]
fn a_program_that_declares_what_became_of_stored_names_is_not_taken_for_an_older_one() {
    let report = report::<returning::newer::State, returning::older::State>();
    assert!(!report.contains("a newer release wrote this"), "{report}");
}
