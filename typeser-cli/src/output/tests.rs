//! Every format on the same comparisons: the whole output, and an independent reader of it.

use super::Format;
use super::fixture;
use clap::ValueEnum as _;

#[test]
fn every_format_reads_well() {
    for (name, comparison) in fixture::all() {
        for format in Format::value_variants() {
            let text = format.write(&comparison, false).unwrap();
            insta::assert_snapshot!(format!("{name}_{}", format.word()), text);
        }
    }
}
