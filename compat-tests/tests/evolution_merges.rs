//! Two stored variants or fields that one new one names by `alias`: the report names both, and never guesses.

#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "the names of tests document them")]

use compat_tests::evolution::expect;
use compat_tests::{evolutions, versions};
use typeser::resolve::Compatibility::{Incompatible, RequiresMigration};

evolutions! {
    two_variants_become_one {
        versions! {
            enum Old { Open, Deleted, Removed }
            enum New { Open, #[state(alias("Deleted", "Removed"))] Gone }
        }
        let rules = ["variant-renamed", "variant-removed-undeclared"];
        let report = expect(Incompatible, &rules).check::<Old, New>(&[]);
        assert!(report.contains("`Deleted`") && !report.contains("T::Open"), "{report}");
        report
    }

    what_the_report_says_repairs_it {
        versions! {
            enum Old { Open, Deleted, Removed }
            #[state(removed("Removed", becomes = New::Gone))]
            enum New { Open, #[state(alias("Deleted"))] Gone }
        }
        expect(RequiresMigration, &["variant-renamed", "variant-removed"])
            .check(&[(Old::Open, New::Open), (Old::Deleted, New::Gone), (Old::Removed, New::Gone)])
    }

    two_variants_with_payloads_become_one {
        versions! {
            enum Old { Card(String), Debit(String), Cash }
            enum New { #[state(alias("Card", "Debit"))] Plastic(String), Cash }
        }
        let rules = ["variant-renamed", "variant-removed-undeclared", "variants-reordered"];
        let report = expect(Incompatible, &rules).check::<Old, New>(&[]);
        assert!(report.contains("migrate(1 => merged)") && !report.contains("T::Cash"), "{report}");
        report
    }

    a_variant_becomes_one_that_was_stored {
        versions! {
            enum Old { V1 { x: u32 }, V2 { x: u64, y: String } }
            enum New { #[state(alias = "V1")] V2 { x: u64, y: String } }
        }
        let rules = ["variant-removed-undeclared", "variants-reordered"];
        let report = expect(Incompatible, &rules).check::<Old, New>(&[]);
        assert!(report.contains("migrate(1 => merged)"), "{report}");
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
