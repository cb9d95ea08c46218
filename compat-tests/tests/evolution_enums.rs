//! Enums: reordered, removed and added variants, and payloads that change like structs.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use compat_tests::evolution::expect;
use compat_tests::{evolutions, versions};
use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};
use typeser::resolve::Role;

fn text(text: &str) -> String {
    text.to_owned()
}

evolutions! {
    a_variant_appended {
        versions! {
            enum Old { A, B(u8) }
            enum New { A, B(u8), C { x: String } }
        }
        expect(Compatible, &["variant-added"]).check(&[(Old::A, New::A), (Old::B(4), New::B(4))])
    }

    explicit_tags_keep_the_stored_ones {
        versions! {
            enum Old { A, B }
            enum New { #[state(tag = 2)] C, #[state(tag = 1)] B, #[state(tag = 0)] A }
        }
        expect(Compatible, &["variant-added"]).check(&[(Old::A, New::A), (Old::B, New::B)])
    }

    variants_reordered {
        versions! {
            enum Old { A, B(u8), C { x: String, y: u32 } }
            enum New { C { y: u32, x: String }, A, B(u8) }
        }
        let values = [
            (Old::A, New::A),
            (Old::B(1), New::B(1)),
            (Old::C { x: text("x"), y: 9 }, New::C { x: text("x"), y: 9 }),
        ];
        expect(AfterReconfigure, &["fields-reordered", "variants-reordered"]).check(&values)
    }

    a_variant_added_in_the_middle {
        versions! {
            enum Old { A, B(u8) }
            enum New { A, Middle(String), B(u8) }
        }
        expect(AfterReconfigure, &["variants-reordered", "variant-added"])
            .check(&[(Old::A, New::A), (Old::B(1), New::B(1))])
    }

    a_variant_added_behind_the_highest_tag {
        versions! {
            enum Old { A, #[state(tag = 4294967295)] B }
            enum New { B, A, C }
        }
        expect(AfterReconfigure, &["variants-reordered", "variant-added"])
            .check(&[(Old::A, New::A), (Old::B, New::B)])
    }

    a_variant_renamed_with_alias {
        versions! {
            enum Old { A, Send(u8) }
            enum New { A, #[state(alias = "Send")] Sent(u8) }
        }
        expect(Compatible, &["variant-renamed"]).check(&[(Old::A, New::A), (Old::Send(4), New::Sent(4))])
    }

    a_variant_renamed_without_alias {
        versions! {
            enum Old { A, Send(u8) }
            enum New { A, Sent(u8) }
        }
        expect(Incompatible, &["variant-removed-undeclared", "variant-added"]).check::<Old, New>(&[])
    }

    a_variant_removed_that_becomes_another {
        versions! {
            enum Old { A, Gone(Vec<String>), B(u16) }
            #[state(removed("Gone", becomes = New::B(700)))]
            enum New { A, B(u16) }
        }
        let values = [
            (Old::A, New::A),
            (Old::Gone(vec![text("lost")]), New::B(700)),
            (Old::B(3), New::B(3)),
        ];
        expect(RequiresMigration, &["variant-removed", "variants-reordered"]).check(&values)
    }

    a_variant_removed_that_becomes_a_new_one {
        versions! {
            enum Old { A, Gone }
            #[state(removed("Gone", becomes = New::Fresh))]
            enum New { A, Fresh }
        }
        expect(RequiresMigration, &["variant-replaced", "variant-added"])
            .check(&[(Old::A, New::A), (Old::Gone, New::Fresh)])
    }

    a_variant_removed_and_not_declared {
        versions! {
            enum Old { A, Gone }
            enum New { A }
        }
        expect(Incompatible, &["variant-removed-undeclared"]).check::<Old, New>(&[])
    }

    a_removed_variant_name_returns {
        versions! {
            #[state(removed("C"))]
            enum Old { A }
            enum New { A, C }
        }
        expect(Incompatible, &["removed-name-returns"]).check::<Old, New>(&[])
    }

    a_removed_variant_name_returns_by_a_rename {
        versions! {
            #[state(removed("C"))]
            enum Old { A }
            enum New { #[state(alias = "A")] C }
        }
        expect(Incompatible, &["removed-name-returns", "variant-renamed"]).check::<Old, New>(&[])
    }

    a_unit_variant_and_an_empty_one_are_one {
        versions! {
            enum Old { V }
            enum New { V {} }
        }
        expect(Compatible, &[]).check(&[(Old::V, New::V {})])
    }

    a_payload_that_gains_a_field {
        versions! {
            enum Old { V }
            enum New { V(#[state(default = 3)] u8) }
        }
        expect(RequiresMigration, &["field-added"]).check(&[(Old::V, New::V(3))])
    }

    a_payload_that_gains_a_field_without_default {
        versions! {
            enum Old { V }
            enum New { V(u8) }
        }
        expect(Incompatible, &["field-added-without-default"]).check::<Old, New>(&[])
    }

    a_payload_that_loses_and_permutes {
        versions! {
            enum Old { V { a: String, b: u8, c: Vec<u16> }, W }
            enum New { W, #[state(removed("b"))] V { c: Vec<u32>, a: String } }
        }
        let old = Old::V { a: text("a"), b: 1, c: vec![2, 3] };
        let values = [(old, New::V { c: vec![2, 3], a: text("a") }), (Old::W, New::W)];
        let rules = ["field-removed", "fields-reordered", "variants-reordered", "integer-widened"];
        expect(RequiresMigration, &rules).check(&values)
    }

    an_enum_in_a_reordered_struct {
        versions! {
            enum OldKind { A, B(String) }
            enum NewKind { B(String), A }
        }
        #[derive(Debug, Clone, PartialEq, typeser::StateType)]
        #[state(name = "S")]
        struct Old { kind: OldKind, more: Vec<OldKind>, n: u8 }
        #[derive(Debug, Clone, PartialEq, typeser::StateType)]
        #[state(name = "S")]
        struct New { n: u8, more: Vec<NewKind>, kind: NewKind }
        let old = Old { kind: OldKind::B(text("b")), more: vec![OldKind::A, OldKind::B(text("c"))], n: 1 };
        let new = New { n: 1, more: vec![NewKind::A, NewKind::B(text("c"))], kind: NewKind::B(text("b")) };
        expect(AfterReconfigure, &["fields-reordered", "variants-reordered"]).check(&[(old, new)])
    }

    as_a_key_a_variant_may_become_a_new_one {
        versions! {
            enum Old { A, Gone }
            #[state(removed("Gone", becomes = New::Fresh))]
            enum New { A, Fresh }
        }
        expect(RequiresMigration, &["variant-replaced", "variant-added"])
            .role(Role::MapKey)
            .check(&[(Old::A, New::A), (Old::Gone, New::Fresh)])
    }

    as_a_map_key_a_variant_may_not_become_one_that_is_there {
        versions! {
            enum Old { A, Gone }
            #[state(removed("Gone", becomes = New::A))]
            enum New { A }
        }
        expect(Incompatible, &["variant-removed", "not-injective"]).role(Role::MapKey).check::<Old, New>(&[])
    }

    as_a_map_key_two_variants_may_not_become_one {
        versions! {
            enum Old { A, X, Y }
            #[state(removed("X", becomes = New::Fresh), removed("Y", becomes = New::Fresh))]
            enum New { A, Fresh }
        }
        let rules = ["variant-removed", "not-injective", "variant-removed", "not-injective", "variant-added"];
        expect(Incompatible, &rules).role(Role::MapKey).check::<Old, New>(&[])
    }

    as_a_map_key_a_payload_may_not_go {
        versions! {
            enum Old { A, Gone(u8) }
            #[state(removed("Gone", becomes = New::Fresh))]
            enum New { A, Fresh }
        }
        expect(Incompatible, &["variant-removed", "not-injective", "variant-added"])
            .role(Role::MapKey)
            .check::<Old, New>(&[])
    }
}
