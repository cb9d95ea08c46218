//! Memory and output are proportional to the input, for layouts that were made to be expensive: four times the input
//! takes at most five times as much, beyond a fixed allowance. Counted by the allocator.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, reason = "the tests print their figures")]

#[path = "proportion/layouts.rs"]
mod layouts;
#[path = "proportion/measure.rs"]
mod measure;

use layouts::*;
use measure::{Growth, alone, grows, resolved};
use typeser::SerializerSnapshot;
use typeser::migrate::{Reconfigured, Scratch};
use typeser::report::Report;
use typeser::serializer::{Conversions, decode_bytes};
use typeser::value::Value;
use typeser::wire::Variable;

#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// What a report may hold whatever the layouts: its witnesses, chains and findings.
const REPORT: usize = 24 << 20;
/// What a comparison may hold whatever the layouts: 2^18 fields and variants, and the findings.
const COMPARISON: usize = 64 << 20;
/// What the programs of a migration may hold whatever the layouts: their kernels.
const PROGRAMS: usize = 40 << 20;

#[test]
fn a_json_report_is_proportional_to_the_layouts() {
    let _alone = alone();
    for (kind, layouts, small) in [
        ("fields of another type", changed as Layouts, 4096),
        ("fields without a counterpart", renamed, 2048),
        ("records beside many others", many_records, 1024),
        ("functions of fields", converted, 1024),
        ("a deep chain", chain, 1024),
        ("a tuple of arrays", arrays, 1024),
    ] {
        Growth::of(kind, small, layouts)
            .check(REPORT, |stored, new| Report::new("state `s`", &resolved(stored, new)).to_json().len());
    }
}

#[test]
fn a_text_report_is_proportional_to_the_layouts() {
    let _alone = alone();
    for (kind, layouts, small) in [
        ("fields of another type", changed as Layouts, 4096),
        ("fields without a counterpart", renamed, 2048),
        ("units of units", units, 1024),
        ("a tuple of arrays", arrays, 1024),
    ] {
        Growth::of(kind, small, layouts).check(REPORT, |stored, new| {
            let report = Report::new("state `s`", &resolved(stored, new));
            report.to_string().len() + format!("{report:#}").len()
        });
    }
}

#[test]
fn a_comparison_is_proportional_to_the_layouts() {
    let _alone = alone();
    for (kind, layouts, small) in [
        ("fields without a counterpart", renamed as Layouts, 2048),
        ("every type with every other", every_pair, 4096),
        ("a deep chain", chain, 1024),
        ("versions of leaves", leaves, 1024),
        ("variants that become one", merged, 1024),
        ("functions that read one large layout", large_sources, 1024),
    ] {
        Growth::of(kind, small, layouts).check(COMPARISON, |stored, new| resolved(stored, new).findings().len());
    }
}

#[test]
fn the_programs_of_a_migration_are_proportional_to_the_layouts() {
    let _alone = alone();
    for (kind, layouts, small) in [
        ("wide records with a default", wide_defaults as Layouts, 512),
        ("wide records in another order", wide_records, 512),
        ("strings in another order", reversed, 2048),
        ("variants that become one", merged, 1024),
    ] {
        Growth::of(kind, small, layouts).check(PROGRAMS, |stored, new| {
            let resolution = resolved(stored, new);
            let reconfigured = resolution.adopted().map(|adopted| Reconfigured::new(adopted, new).unwrap());
            let migration = resolution.migration(&Conversions::new());
            assert!(reconfigured.is_some() || migration.is_ok(), "{:?}", resolution.compatibility());
            0
        });
    }
}

/// What a value may hold whatever its bytes: 2^20 parts.
const VALUE: usize = 80 << 20;

fn layout(root: &str, definitions: &str) -> SerializerSnapshot {
    let text = format!("typeser-snapshot 1\nname T\nversion 1\nintegers variable\nroot {root}\n\n{definitions}");
    SerializerSnapshot::from_text(&text).unwrap()
}

/// A list of as many elements, each of one byte.
fn ones(count: usize) -> Vec<u8> {
    let mut bytes = vec![252];
    bytes.extend(u32::try_from(count).unwrap().to_le_bytes());
    bytes.resize(5 + count, 1);
    bytes
}

#[test]
fn a_dynamic_value_is_proportional_to_its_bytes() {
    let _alone = alone();
    let units = vec!["unit"; 14].join(", ");
    // Parts that take no bytes are counted.
    let wide = layout(&format!("list<({units}, u8)>"), "");
    assert!(Value::decode(&wide, &ones(1_000_000)).unwrap_err().to_string().contains("more than 4 parts"));
    for (kind, snapshot) in [
        ("bytes", layout("list<u8>", "")),
        ("a byte and units", layout("list<(unit, unit, u8)>", "")),
        ("tuples in tuples", layout("list<((u8,),)>", "")),
        ("records", layout("list<R>", "struct R v1\n  a u8\n")),
        ("lists in a list", layout("list<list<unit>>", "")),
    ] {
        const SMALL: usize = 70_000;
        let bytes = [ones(SMALL), ones(4 * SMALL)];
        grows(kind, VALUE, [SMALL, 4 * SMALL], |at| match Value::decode(&snapshot, &bytes[at]) {
            Ok(value) => value.items().unwrap().len(),
            Err(error) => {
                assert!(error.to_string().contains("take no bytes"), "{kind}: {error}");
                0
            }
        });
    }
}

#[test]
fn elements_without_bytes_are_counted_as_typed_code_counts_them() {
    let _alone = alone();
    let snapshot = layout("list<list<unit>>", "");
    // Lists of one unit: 65,536 of them are read, and no more.
    for (count, is_read) in [(65_536, true), (65_537, false)] {
        let typed = decode_bytes::<Vec<Vec<()>>, Variable>(&ones(count));
        let dynamic = Value::decode(&snapshot, &ones(count));
        assert_eq!((typed.is_ok(), dynamic.is_ok()), (is_read, is_read), "{count}");
        let Ok(value) = dynamic else { continue };
        let mut bytes = Vec::new();
        value.encode(&snapshot, &mut bytes).unwrap();
        assert_eq!(bytes, ones(count));
    }
    let too_many = Value::List(vec![Value::List(vec![Value::Unit]); 65_537]);
    assert!(too_many.encode(&snapshot, &mut Vec::new()).is_err());
}

#[test]
fn variants_are_found_by_their_tags_however_many_there_are() {
    let _alone = alone();
    // 20,000 variants whose tags are not 0, 1, 2, ...: 200,000 values of the last one would take 4 * 10^9 comparisons.
    let variants: String = (0..20_000).map(|at| format!("  {} V{at}\n", at + 100_000)).collect();
    let snapshot = layout("list<E>", &format!("enum E v1\n{variants}"));
    let mut bytes = ones(200_000);
    bytes.truncate(5);
    (0..200_000).for_each(|_| bytes.extend([&[252][..], &119_999u32.to_le_bytes()].concat()));
    let value = Value::decode(&snapshot, &bytes).unwrap();
    let mut again = Vec::new();
    value.encode(&snapshot, &mut again).unwrap();
    assert!(again == bytes);
}

#[test]
fn the_notes_of_a_migration_are_proportional_to_the_value() {
    let _alone = alone();
    // Records with very many fields that take no bytes, in a list in a record whose fields are in another order.
    const FIELDS: usize = 10_000;
    const RECORDS: usize = 200;
    let of = |is_new: bool| {
        let units: String = (0..FIELDS).map(|at| format!("  u{at} unit\n")).collect();
        let [first, last] = if is_new { ["  l list<T>\n", "  s string\n"] } else { ["  s string\n", "  l list<T>\n"] };
        layout("T", &format!("struct T v1\n{first}{units}{last}"))
    };
    let (stored, new) = (of(false), of(true));
    let reconfigured = Reconfigured::new(resolved(&stored, &new).adopted().unwrap(), &new).unwrap();
    // No text, then so many records with no text and no records.
    let bytes = |records: usize| {
        [&[0, 251][..], &u16::try_from(records).unwrap().to_le_bytes(), &vec![0; 2 * records]].concat()
    };
    let values = [bytes(2 * RECORDS), bytes(8 * RECORDS)];
    grows("fields without bytes", 4 << 20, [values[0].len(), values[1].len()], |at| {
        let mut read = Vec::new();
        reconfigured.read(&values[at], &mut Scratch::default(), &mut read).unwrap();
        read.len()
    });
}

/// What reading a snapshot may hold whatever its bytes.
const SNAPSHOT: usize = 4 << 20;

#[test]
fn a_snapshot_is_proportional_to_its_bytes_in_each_form() {
    let _alone = alone();
    for (kind, layouts, small) in [
        ("fields", changed as Layouts, 4096),
        ("types", many_records, 1024),
        ("a deep chain", chain, 1024),
        ("enums", every_pair, 4096),
        ("units of units", units, 1024),
        ("versions of leaves", leaves, 1024),
        ("variants with aliases", merged, 1024),
        ("functions", converted, 1024),
        ("layouts that functions read", large_sources, 1024),
    ] {
        let read =
            [small, 4 * small].map(|count| layouts(count).map(|text| SerializerSnapshot::from_text(&text).unwrap()));
        for side in [0, 1] {
            let text = read.each_ref().map(|pair| pair[side].to_text());
            let json = read.each_ref().map(|pair| pair[side].to_json());
            let binary = read.each_ref().map(|pair| pair[side].to_bytes().unwrap());
            grows(kind, SNAPSHOT, [text[0].len(), text[1].len()], |at| {
                SerializerSnapshot::from_text(&text[at]).unwrap().schema().len()
            });
            grows(kind, SNAPSHOT, [json[0].len(), json[1].len()], |at| {
                SerializerSnapshot::from_json(&json[at]).unwrap().schema().len()
            });
            grows(kind, SNAPSHOT, [binary[0].len(), binary[1].len()], |at| {
                SerializerSnapshot::from_bytes(&binary[at]).unwrap().schema().len()
            });
        }
    }
}

#[test]
fn a_constant_is_checked_in_steps_of_its_bytes_and_not_of_its_variants() {
    let _alone = alone();
    // 8,192 values of an enum with as many variants: one search after the other would take more steps than are allowed.
    const COUNT: usize = 8192;
    let number = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let last = number(&u32::try_from(COUNT + 99).unwrap().to_le_bytes());
    let variants: String = (0..COUNT).map(|at| format!("  {} V{at}\n", at + 100)).collect();
    let length = number(&(COUNT as u64).to_le_bytes());
    let default = format!("0x{length}{}", last.repeat(COUNT));
    let fields = format!("struct T v1\n  b list<E>\n    @default {default}\n\nenum E v1\n{variants}");
    let text = format!("typeser-snapshot 2\nname T\nversion 1\nintegers fixed\nroot T\n\n{fields}");
    assert_eq!(SerializerSnapshot::from_text(&text).map(|snapshot| snapshot.schema().len()), Ok(3));
}
