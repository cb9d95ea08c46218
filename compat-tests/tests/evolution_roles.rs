//! Roles: changes that are accepted for values but not for keys, and those that are accepted for keys of maps if
//! nothing can collide.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use compat_tests::evolution::{ROLES, expect};
use compat_tests::{evolutions, versions};
use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Compatibility, Losses, Policy, Role};
use typeser::serializer::Conversions;
use typeser::{Serializer, StateType, TypeSerializer, resolve};

const FREE: [Role; 3] = [Role::Value, Role::ListElement, Role::Aggregate];
const FIXED: [Role; 3] = [Role::Key, Role::Namespace, Role::Timer];
const DISTINCT: [Role; 2] = [Role::MapKey, Role::SetElement];

/// The verdict on a pair in each role, one line per role.
fn verdicts<Old: StateType, New: StateType>() -> String {
    let (old, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let lines = ROLES.map(|role| {
        let verdict = resolve(old.snapshot(), new.snapshot(), role, &Policy::default()).compatibility();
        format!("{role}: {verdict}")
    });
    lines.join("\n")
}

/// A pair of types whose migration keeps different values different.
fn injective<Old: StateType, New: StateType + PartialEq + std::fmt::Debug>(
    rules: &[&str],
    values: &[(Old, New)],
) -> String {
    for role in FREE.into_iter().chain(DISTINCT) {
        expect(RequiresMigration, rules).role(role).check(values);
    }
    let refused = [rules, &["key-migration-refused"]].concat();
    for role in FIXED {
        expect(Incompatible, &refused).role(role).check::<Old, New>(&[]);
    }
    verdicts::<Old, New>()
}

/// A pair of types whose migration can make different values equal.
fn lossy<Old: StateType, New: StateType + PartialEq + std::fmt::Debug>(rule: &str, values: &[(Old, New)]) -> String {
    for role in FREE {
        expect(RequiresMigration, &[rule]).role(role).check(values);
    }
    for role in FIXED {
        expect(Incompatible, &[rule, "key-migration-refused"]).role(role).check::<Old, New>(&[]);
    }
    for role in DISTINCT {
        expect(Incompatible, &[rule, "not-injective"]).role(role).check::<Old, New>(&[]);
    }
    verdicts::<Old, New>()
}

evolutions! {
    a_key_may_be_reconfigured {
        versions! {
            struct Old { a: u8, b: String }
            struct New { b: String, a: u8 }
        }
        let mut rendered = String::new();
        for role in ROLES {
            rendered = expect(AfterReconfigure, &["fields-reordered"])
                .role(role)
                .check(&[(Old { a: 1, b: "b".to_owned() }, New { a: 1, b: "b".to_owned() })]);
        }
        rendered
    }

    a_key_may_be_renamed {
        versions! {
            struct Old { a: u8 }
            struct New { #[state(alias = "a")] b: u8 }
        }
        let mut rendered = String::new();
        for role in ROLES {
            rendered = expect(Compatible, &["field-renamed"]).role(role).check(&[(Old { a: 1 }, New { b: 1 })]);
        }
        rendered
    }

    a_wider_key_is_refused {
        expect(Incompatible, &["integer-widened", "key-migration-refused"]).role(Role::Key).check::<u32, u64>(&[])
    }

    a_key_that_became_a_one_tuple {
        expect(Incompatible, &["tuple-vs-concrete"]).role(Role::Key).check::<String, (String,)>(&[])
    }

    a_map_in_a_key_is_as_fixed_as_the_key {
        expect(Incompatible, &["integer-widened", "key-migration-refused"])
            .role(Role::Key)
            .check::<BTreeSet<u8>, BTreeSet<u16>>(&[])
    }

    widening_is_injective { injective(&["integer-widened"], &[(1u8, 1u16), (2, 2)]) }
    an_option_around_is_injective { injective(&["wrapped-in-option"], &[(1u8, Some(1u8))]) }
    an_array_to_a_list_is_injective { injective(&["array-to-list"], &[([1u8], vec![1u8])]) }
    a_character_to_a_string_is_injective { injective(&["char-to-string"], &[('a', "a".to_owned())]) }
    a_string_to_bytes_is_injective { injective(&["string-to-bytes"], &[("a".to_owned(), vec![b'a'])]) }
    an_added_field_is_injective {
        versions! {
            struct Old { a: u8 }
            struct New { #[state(default = 7)] b: u16, a: u8 }
        }
        injective(&["field-added"], &[(Old { a: 1 }, New { b: 7, a: 1 })])
    }
    floats_are_not_injective { lossy("integer-to-float", &[(1u8, 1f32)]) }
    wider_floats_are_not_injective { lossy("float-widened", &[(1f32, 1f64)]) }
    a_removed_field_is_not_injective {
        versions! {
            struct Old { a: u8, b: u8 }
            #[state(removed("b"))]
            struct New { a: u8 }
        }
        lossy("field-removed", &[(Old { a: 1, b: 2 }, New { a: 1 })])
    }
    a_set_to_a_list_is_not_injective { lossy("set-to-list", &[(BTreeSet::from([1u8]), vec![1u8])]) }
}

#[test]
fn the_policy_can_allow_dropped_data() {
    versions! {
        struct Old { a: u8, b: u8 }
        struct New { a: u8 }
    }
    let (old, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let any = Policy { losses: Losses::Any, ..Policy::default() };
    for role in ROLES {
        let resolution = resolve(old.snapshot(), new.snapshot(), role, &any);
        let expected = if FREE.contains(&role) { RequiresMigration } else { Incompatible };
        assert_eq!(resolution.compatibility(), expected, "{role}");
        assert_eq!(resolution.findings()[0].rule.id, "field-removed-by-policy");
        assert_eq!(resolution.migration(&Conversions::new()).is_ok(), expected == RequiresMigration);
    }
}

#[test]
fn the_join_is_the_worst() {
    let all = Compatibility::ALL;
    for a in all {
        assert_eq!(a.join(a), a);
        assert_eq!(a.join(Compatible), a);
        assert_eq!(a.join(Incompatible), Incompatible);
        for b in all {
            assert_eq!(a.join(b), b.join(a));
            assert!(a.join(b) >= a && a.join(b) >= b && (a.join(b) == a || a.join(b) == b));
            for c in all {
                assert_eq!(a.join(b).join(c), a.join(b.join(c)));
            }
        }
    }
}

#[test]
fn the_report_on_a_key_says_why_it_is_not_rewritten() {
    let (stored, new) = (Serializer::<(u64,)>::new().unwrap(), Serializer::<u64>::new().unwrap());
    let rendered = |role| {
        let resolution = resolve(stored.snapshot(), new.snapshot(), role, &Policy::default());
        typeser::report::Report::new("it", &resolution).to_string()
    };
    let note = " = note: a key is never migrated on restore, because its bytes decide where an entry is stored;";
    assert!(rendered(Role::Key).contains(note), "{}", rendered(Role::Key));
    assert!(rendered(Role::Value).contains(" = note: the element is the same"), "{}", rendered(Role::Value));
}
