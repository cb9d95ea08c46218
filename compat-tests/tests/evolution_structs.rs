//! Structs: reordered, removed, added and renamed fields.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use compat_tests::evolution::expect;
use compat_tests::{evolutions, versions};
use typeser::StateType;
use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};

fn text(text: &str) -> String {
    text.to_owned()
}

/// A type of zero bytes.
#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Nothing;

evolutions! {
    the_same_type {
        versions! {
            struct Old { a: u8, b: String }
            struct New { a: u8, b: String }
        }
        expect(Compatible, &[]).check(&[(Old { a: 1, b: text("b") }, New { a: 1, b: text("b") })])
    }

    a_type_renamed_with_alias {
        #[derive(Debug, Clone, PartialEq, StateType)]
        struct Order { a: u8 }
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(alias = "Order")]
        struct Purchase { a: u8 }
        expect(Compatible, &["type-renamed"]).check(&[(Order { a: 1 }, Purchase { a: 1 })])
    }

    another_type_of_the_same_shape {
        #[derive(Debug, Clone, PartialEq, StateType)]
        struct Euro { amount: u64 }
        #[derive(Debug, Clone, PartialEq, StateType)]
        struct Metre { amount: u64 }
        expect(Incompatible, &["type-changed"]).check::<Euro, Metre>(&[])
    }

    fields_reordered {
        versions! {
            struct Old { a: u8, b: String, c: i64 }
            struct New { c: i64, a: u8, b: String }
        }
        let old = Old { a: 1, b: text("two"), c: -3 };
        expect(AfterReconfigure, &["fields-reordered"]).check(&[(old, New { c: -3, a: 1, b: text("two") })])
    }

    fields_of_known_size_reordered {
        versions! {
            struct Old { a: u8, b: bool, c: i64, d: f32 }
            struct New { c: i64, d: f32, b: bool, a: u8 }
        }
        let new = New { c: i64::MIN, d: 0.5, b: true, a: 9 };
        expect(AfterReconfigure, &["fields-reordered"]).check(&[(Old { a: 9, b: true, c: i64::MIN, d: 0.5 }, new)])
    }

    fields_of_all_lengths_reordered {
        versions! {
            struct Old { a: String, b: Vec<u32>, c: Option<u64>, d: u16, e: Vec<u8>, f: [u8; 3] }
            struct New { e: Vec<u8>, d: u16, f: [u8; 3], a: String, c: Option<u64>, b: Vec<u32> }
        }
        let value = |length: usize, c| {
            let (a, b, d, e, f) = ("é".repeat(length), vec![7; length], 300, vec![9; length], [1, 2, 3]);
            let old = Old { a: a.clone(), b: b.clone(), c, d, e: e.clone(), f };
            (old, New { e, d, f, a, c, b })
        };
        let values = [value(0, None), value(1, Some(u64::MAX)), value(16, Some(1)), value(60, None), value(1_000, Some(2))];
        expect(AfterReconfigure, &["fields-reordered"]).check(&values)
    }

    fields_reordered_removed_and_added {
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "Versioned")]
        struct Old { a: String, b: Vec<u32>, c: Option<u8>, d: u16 }
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "Versioned", removed("b"))]
        struct New { d: u16, #[state(default = text("none"))] e: String, c: Option<u8>, a: String }
        let old = Old { a: text("a"), b: vec![1, 2], c: Some(3), d: 4 };
        let new = New { d: 4, e: text("none"), c: Some(3), a: text("a") };
        expect(RequiresMigration, &["field-removed", "field-added", "fields-reordered"]).check(&[(old, new)])
    }

    fields_without_bytes_reordered {
        versions! {
            struct Old { a: (), b: u8, c: [u64; 0] }
            struct New { c: [u64; 0], b: u8, a: () }
        }
        let old = Old { a: (), b: 4, c: [] };
        expect(AfterReconfigure, &["fields-reordered"]).check(&[(old, New { a: (), b: 4, c: [] })])
    }

    tuple_fields_are_named_by_number {
        versions! {
            struct Old(u8, String);
            struct New { #[state(name = "1")] text: String, #[state(name = "0")] number: u8 }
        }
        let new = New { number: 7, text: text("x") };
        expect(AfterReconfigure, &["fields-reordered"]).check(&[(Old(7, text("x")), new)])
    }

    a_field_renamed_with_alias {
        versions! {
            struct Old { count: u32, b: u8 }
            struct New { #[state(alias = "count")] total: u32, b: u8 }
        }
        expect(Compatible, &["field-renamed"]).check(&[(Old { count: 3, b: 1 }, New { total: 3, b: 1 })])
    }

    a_field_renamed_without_alias {
        versions! {
            struct Old { count: u32, b: u8 }
            struct New { total: u32, b: u8 }
        }
        expect(Incompatible, &["field-removed-undeclared", "field-added-without-default"]).check::<Old, New>(&[])
    }

    two_fields_swap_their_names {
        versions! {
            struct Old { a: u8, b: u8 }
            struct New { b: u8, a: u8 }
        }
        expect(AfterReconfigure, &["fields-reordered"]).check(&[(Old { a: 1, b: 2 }, New { a: 1, b: 2 })])
    }

    a_field_added_with_default {
        versions! {
            struct Old { a: u8 }
            struct New { #[state(default = 7)] first: u16, a: u8, #[state(default = "none".to_owned())] last: String }
        }
        let new = New { first: 7, a: 1, last: text("none") };
        expect(RequiresMigration, &["field-added", "field-added"]).check(&[(Old { a: 1 }, new)])
    }

    a_field_without_bytes_added_with_default {
        versions! {
            struct Old { a: u8 }
            struct New { a: u8, #[state(default)] nothing: () }
        }
        expect(RequiresMigration, &["field-added"]).check(&[(Old { a: 1 }, New { a: 1, nothing: () })])
    }

    a_field_added_without_default {
        versions! {
            struct Old { a: u8 }
            struct New { a: u8, b: u16 }
        }
        expect(Incompatible, &["field-added-without-default"]).check::<Old, New>(&[])
    }

    a_field_without_bytes_added_without_default {
        versions! {
            struct Old { a: u8 }
            struct New { a: u8, b: () }
        }
        expect(Incompatible, &["field-added-without-default"]).check::<Old, New>(&[])
    }

    an_option_field_added {
        versions! {
            struct Old { a: u8 }
            struct New { note: Option<String>, a: u8 }
        }
        expect(RequiresMigration, &["option-field-added"]).check(&[(Old { a: 1 }, New { a: 1, note: None })])
    }

    an_option_field_added_with_default {
        versions! {
            struct Old { a: u8 }
            struct New { a: u8, #[state(default = Some("so".to_owned()))] note: Option<String> }
        }
        expect(RequiresMigration, &["field-added"]).check(&[(Old { a: 1 }, New { a: 1, note: Some(text("so")) })])
    }

    a_field_removed_and_declared {
        versions! {
            struct Old { a: u8, b: Vec<String>, c: u16 }
            #[state(removed("b"))]
            struct New { a: u8, c: u16 }
        }
        let old = Old { a: 1, b: vec![text("x"), text("yy")], c: 2 };
        expect(RequiresMigration, &["field-removed"]).check(&[(old, New { a: 1, c: 2 })])
    }

    a_field_without_bytes_removed {
        versions! {
            struct Old { a: u8, b: Nothing }
            #[state(removed("b"))]
            struct New { a: u8 }
        }
        expect(RequiresMigration, &["field-removed"]).check(&[(Old { a: 1, b: Nothing }, New { a: 1 })])
    }

    every_field_removed {
        versions! {
            struct Old { a: Vec<u8> }
            #[state(removed("a"))]
            struct New {}
        }
        expect(RequiresMigration, &["field-removed"]).check(&[(Old { a: vec![1] }, New {})])
    }

    a_field_removed_and_not_declared {
        versions! {
            struct Old { a: u8, b: String }
            struct New { a: u8 }
        }
        expect(Incompatible, &["field-removed-undeclared"]).check::<Old, New>(&[])
    }

    a_field_became_skip {
        versions! {
            struct Old { a: u8, b: u16 }
            #[state(removed("b"))]
            struct New { a: u8, #[state(skip)] b: u16 }
        }
        expect(RequiresMigration, &["field-removed"]).check(&[(Old { a: 1, b: 2 }, New { a: 1, b: 0 })])
    }

    all_at_once {
        versions! {
            struct Old { a: u8, b: String, c: Vec<u16>, d: i32, e: (u8, String) }
            #[state(removed("b"))]
            struct New {
                e: (u16, String),
                #[state(default = 5)]
                x: u32,
                #[state(alias = "a")]
                first: u64,
                d: Option<i64>,
                y: Option<u8>,
                c: Vec<u32>,
            }
        }
        let old = Old { a: 250, b: text("gone"), c: vec![1, 300], d: -70_000, e: (9, text("e")) };
        let new = New { e: (9, text("e")), x: 5, first: 250, d: Some(-70_000), y: None, c: vec![1, 300] };
        let rules = [
            "field-renamed", "field-removed", "field-added", "option-field-added", "fields-reordered",
            "integer-widened", "integer-widened", "wrapped-in-option", "integer-widened", "integer-widened",
        ];
        expect(RequiresMigration, &rules).check(&[(old, new)])
    }

    unit_vs_empty_struct {
        #[derive(Debug, Clone, PartialEq, StateType)]
        struct Empty {}
        expect(Incompatible, &["kind-changed"]).check::<(), Empty>(&[])
    }

    tuple_vs_struct {
        versions! {
            struct New { a: u8, b: u8 }
        }
        expect(Incompatible, &["kind-changed"]).check::<(u8, u8), New>(&[])
    }

    an_empty_struct_and_a_unit_struct_are_one {
        versions! {
            struct Old;
            struct New {}
        }
        expect(Compatible, &[]).check(&[(Old, New {})])
    }

    newtype_vs_inner {
        versions! {
            struct Old(u64);
        }
        expect(Incompatible, &["newtype-vs-inner"]).check::<Old, u64>(&[])
    }

    inner_vs_newtype {
        versions! {
            struct New(u64);
        }
        expect(Incompatible, &["newtype-vs-inner"]).check::<u64, New>(&[])
    }

    newtype_vs_something_else {
        versions! {
            struct Old(u64);
        }
        expect(Incompatible, &["kind-changed"]).check::<Old, Vec<u8>>(&[])
    }

    inner_vs_transparent_newtype {
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(transparent)]
        struct New(u64);
        expect(Compatible, &[]).check(&[(5u64, New(5))])
    }

    newtype_vs_one_tuple {
        versions! {
            struct Old(u64);
        }
        expect(Incompatible, &["kind-changed"]).check::<Old, (u64,)>(&[])
    }

    a_higher_version_says_nothing {
        versions! {
            struct Old { a: u8 }
            #[state(version = 2)]
            struct New { a: u8 }
        }
        expect(Compatible, &[]).check(&[(Old { a: 1 }, New { a: 1 })])
    }

    a_lower_version_is_noted {
        versions! {
            #[state(version = 3)]
            struct Old { a: u8 }
            #[state(version = 2)]
            struct New { a: u8 }
        }
        expect(Compatible, &["version-went-back"]).check(&[(Old { a: 1 }, New { a: 1 })])
    }

    a_removed_name_returns {
        versions! {
            #[state(removed("b"))]
            struct Old { a: u8 }
            struct New { a: u8, #[state(default)] b: u8 }
        }
        expect(Incompatible, &["removed-name-returns"]).check::<Old, New>(&[])
    }

    a_removed_name_returns_by_a_rename {
        versions! {
            #[state(removed("b"))]
            struct Old { a: u8 }
            struct New { #[state(alias = "a")] b: u8 }
        }
        expect(Incompatible, &["field-renamed", "removed-name-returns"]).check::<Old, New>(&[])
    }
}
