//! Two stored variants that one new one names by `alias` become it; of two stored fields the report names both, and never
//! guesses.

#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "the names of tests document them")]

use compat_tests::evolution::expect;
use compat_tests::{evolutions, versions};
use typeser::resolve::Compatibility::{Incompatible, RequiresMigration};
use typeser::resolve::Role;

evolutions! {
    two_variants_become_one {
        versions! {
            enum Old { Open, Deleted, Removed }
            enum New { Open, #[state(alias("Deleted", "Removed"))] Gone }
        }
        expect(RequiresMigration, &["variant-renamed", "variants-merged"])
            .check(&[(Old::Open, New::Open), (Old::Deleted, New::Gone), (Old::Removed, New::Gone)])
    }

    three_variants_with_payloads_become_one {
        versions! {
            enum Old { Card(String), Debit(String), Cash, Check { by: String, number: u32 } }
            enum New {
                Cash,
                #[state(alias("Card", "Debit", "Check"))]
                Plastic(#[state(alias = "by")] String, #[state(alias = "number", default)] u64),
            }
        }
        let text = |text: &str| text.to_owned();
        let rules = [
            "variant-renamed",
            "field-added",
            "variants-merged",
            "field-added",
            "variants-merged",
            "field-renamed",
            "field-renamed",
            "variants-reordered",
            "integer-widened",
        ];
        expect(RequiresMigration, &rules).check(&[
            (Old::Card(text("a")), New::Plastic(text("a"), 0)),
            (Old::Debit(text("b")), New::Plastic(text("b"), 0)),
            (Old::Check { by: text("c"), number: 7 }, New::Plastic(text("c"), 7)),
            (Old::Cash, New::Cash),
        ])
    }

    a_variant_becomes_one_that_was_stored {
        versions! {
            enum Old { V1 { x: u32 }, V2 { x: u64, y: String } }
            enum New { #[state(alias = "V1")] V2 { x: u64, #[state(default)] y: String } }
        }
        expect(RequiresMigration, &["variants-merged", "field-added", "variants-reordered", "integer-widened"]).check(&[
            (Old::V1 { x: 5 }, New::V2 { x: 5, y: String::new() }),
            (Old::V2 { x: 6, y: "y".to_owned() }, New::V2 { x: 6, y: "y".to_owned() }),
        ])
    }

    payloads_that_do_not_fit_are_reported {
        versions! {
            enum Old { V1 { x: u32 }, V2 { x: u64, y: String } }
            enum New { #[state(alias = "V1")] V2 { x: u64, y: String } }
        }
        let rules = ["variants-merged", "field-added-without-default", "variants-reordered", "integer-widened"];
        let report = expect(Incompatible, &rules).check::<Old, New>(&[]);
        assert!(report.contains("V1.y"), "{report}");
        report
    }

    a_map_key_must_not_become_another {
        versions! {
            enum Old { Open, Deleted, Removed }
            enum New { Open, #[state(alias("Deleted", "Removed"))] Gone }
        }
        let report = expect(Incompatible, &["variant-renamed", "variants-merged", "not-injective"])
            .role(Role::MapKey)
            .check::<Old, New>(&[]);
        assert!(report.contains("Deleted") && report.contains("Removed"), "{report}");
        report
    }

    two_fields_become_one {
        versions! {
            struct Old { phone: String, mobile: String }
            struct New { #[state(alias = "mobile")] phone: String }
        }
        let report = expect(Incompatible, &["field-removed-undeclared"]).check::<Old, New>(&[]);
        assert!(report.contains("migrate(1 => merged)") && report.contains("`phone`"), "{report}");
        report
    }
}
