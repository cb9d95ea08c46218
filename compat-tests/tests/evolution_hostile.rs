//! Hand-made snapshots that no compiler checked: their cost is bounded, they cause no panics, and they are validated.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use compat_tests::evolution::report;
use typeser::SerializerSnapshot;
use typeser::migrate::{Reconfigured, Scratch, Trust};
use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Policy, Resolution, Role, resolve};
use typeser::schema::{
    EnumNode, Field, IntegerEncoding, Node, NodeId, OpaqueNode, Primitive, Schema, StructNode, Variant,
};
use typeser::serializer::Conversions;
use typeser::snapshot::{Configuration, NodeHints, RemovedVariant};

/// A snapshot of nodes in any order, the root first, with hints for the root.
fn snapshot(nodes: Vec<Node>, hint: impl FnOnce(&mut NodeHints)) -> SerializerSnapshot {
    let (schema, _) = Schema::numbered(nodes, NodeId::ROOT).unwrap();
    let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
    hint(&mut hints[0]);
    let configuration = Configuration::from(IntegerEncoding::Fixed);
    SerializerSnapshot::new("hostile".to_owned(), 1, configuration, schema, hints).unwrap()
}

fn field(name: &str, node: u32) -> Field {
    Field { name: name.to_owned(), node: NodeId::new(node) }
}

fn record(fields: Vec<Field>) -> Node {
    Node::Struct(StructNode { name: "T".to_owned(), version: 1, fields })
}

fn choice(variants: &[(&str, u32)]) -> Node {
    let variants = variants.iter().map(|(name, tag)| Variant { name: (*name).to_owned(), tag: *tag, fields: vec![] });
    Node::Enum(EnumNode { name: "T".to_owned(), version: 1, variants: variants.collect() })
}

fn resolved(stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Resolution {
    resolve(stored, new, Role::Value, &Policy::default())
}

const U8: Node = Node::Primitive(Primitive::U8);
const U16: Node = Node::Primitive(Primitive::U16);
const UNIT: Node = Node::Primitive(Primitive::Unit);

#[test]
fn any_number_of_strings_is_reordered() {
    for count in [2u32, 10, 11, 32, 33, 40] {
        let of = |numbers: &mut dyn Iterator<Item = u32>| {
            let fields = numbers.map(|number| field(&format!("f{number}"), 1)).collect();
            snapshot(vec![record(fields), Node::Primitive(Primitive::String)], |_| ())
        };
        let (stored, new) = (of(&mut (0..count)), of(&mut (0..count).rev()));
        let resolution = resolved(&stored, &new);
        assert_eq!(resolution.compatibility(), AfterReconfigure);
        let reconfigured = Reconfigured::new(resolution.adopted().unwrap(), &new).unwrap();
        // Empty strings, and strings longer than any short copy.
        let text = |number: u32| {
            let length = (number * 37) % 300;
            [&u64::from(length).to_le_bytes()[..], &vec![number as u8; length as usize]].concat()
        };
        let bytes = (0..count).flat_map(text).collect::<Vec<u8>>();
        let expected = (0..count).rev().flat_map(text).collect::<Vec<u8>>();
        let (mut scratch, mut read, mut written) = (Scratch::default(), b"before".to_vec(), Vec::new());
        reconfigured.read(&bytes, &mut scratch, &mut read).unwrap();
        assert_eq!(read, [b"before", &expected[..]].concat(), "{count}");
        reconfigured.write(&expected, &mut scratch, &mut written).unwrap();
        assert_eq!(written, bytes, "{count}");
        for end in 0..bytes.len() {
            reconfigured.read(&bytes[..end], &mut scratch, &mut written).unwrap_err();
        }
        assert_eq!(written, bytes, "a failure adds nothing");
    }
}

#[test]
fn parts_without_bytes_cost_nothing_however_often_they_are_shared() {
    // 100 times 100 times ... nothing: 24 levels of it.
    let nodes = |last: Node| {
        let mut nodes = vec![record(vec![field("a", 2), field("b", 1)]), last];
        nodes.extend((3..27).map(|next| Node::Tuple(vec![NodeId::new(next); 100])));
        nodes.push(UNIT);
        snapshot(nodes, |_| ())
    };
    let resolution = resolved(&nodes(U8), &nodes(U16));
    let migration = resolution.migration(&Conversions::new()).unwrap();
    for trust in [Trust::Verified, Trust::Foreign] {
        let mut out = Vec::new();
        migration.run(&[7], trust, &mut Scratch::default(), &mut out).unwrap();
        assert_eq!(out, [7, 0]);
    }
}

#[test]
fn arrays_larger_than_memory_are_not_laid_out() {
    for length in [1 << 40, 1 << 62, u64::MAX / 2, u64::MAX] {
        let huge = Node::Array { element: NodeId::new(1), length };
        let side = |order: [(&str, u32); 4]| {
            let fields = order.iter().map(|(name, node)| field(name, *node)).collect();
            snapshot(vec![record(fields), U8, huge.clone(), huge.clone()], |_| ())
        };
        let stored = side([("a", 1), ("b", 2), ("c", 3), ("d", 1)]);
        let new = side([("c", 3), ("d", 1), ("b", 2), ("a", 1)]);
        let resolution = resolved(&stored, &new);
        assert_eq!(resolution.compatibility(), AfterReconfigure);
        let programs = Reconfigured::new(resolution.adopted().unwrap(), &new).unwrap();
        let mut out = Vec::new();
        programs.read(&[1; 100], &mut Scratch::default(), &mut out).unwrap_err();
        programs.write(&[1; 100], &mut Scratch::default(), &mut out).unwrap_err();
        assert_eq!(out, [0u8; 0]);

        let changed = snapshot(vec![record(vec![field("b", 2)]), U8, huge.clone()], |_| ());
        let wider = snapshot(vec![record(vec![field("b", 2)]), U16, huge], |_| ());
        let resolution = resolved(&changed, &wider);
        assert_eq!(resolution.compatibility(), RequiresMigration);
        let migration = resolution.migration(&Conversions::new()).unwrap();
        for trust in [Trust::Verified, Trust::Foreign] {
            migration.run(&[1; 100], trust, &mut Scratch::default(), &mut out).unwrap_err();
        }
    }
}

#[test]
fn leaves_without_a_marked_end_are_not_skipped() {
    let opaque = Node::Opaque(OpaqueNode { name: "o".to_owned(), version: 1, framed: false, parameters: Vec::new() });
    let side = |fields: Vec<Field>| snapshot(vec![record(fields), U8, UNIT, opaque.clone()], |_| ());
    let stored = side(vec![field("a", 1), field("b", 2), field("o", 3)]);
    let renamed =
        snapshot(vec![record(vec![field("x", 1), field("b", 2), field("o", 3)]), U8, UNIT, opaque.clone()], |hints| {
            let NodeHints::Struct(hints) = hints else { return };
            hints.record.fields[0].aliases.push("a".to_owned());
        });
    assert_eq!(resolved(&stored, &renamed).compatibility(), Compatible);
    // A move needs the end of the leaf, even if the leaf is empty.
    for moved in [
        side(vec![field("o", 3), field("a", 1), field("b", 2)]),
        side(vec![field("b", 2), field("a", 1), field("o", 3)]),
    ] {
        let resolution = resolved(&stored, &moved);
        assert_eq!(resolution.compatibility(), Incompatible);
        assert_eq!(resolution.findings().last().unwrap().rule.id, "opaque-unframed");
        assert!(resolution.adopted().is_none());
    }
}

#[test]
fn arrays_of_too_many_elements_without_bytes_are_not_walked() {
    let array =
        |length, element: Node| snapshot(vec![Node::Array { element: NodeId::new(1), length }, element, UNIT], |_| ());
    let list = |element: Node| snapshot(vec![Node::List(NodeId::new(1)), element, UNIT], |_| ());
    let option = || Node::Option(NodeId::new(2));
    for (stored, new, wanted) in [
        (array(70_000, UNIT), array(70_000, option()), Some("array-too-long")),
        (array(70_000, UNIT), list(option()), Some("array-too-long")),
        (array(70_000, UNIT), list(UNIT), Some("array-too-long")),
        (array(70_000, UNIT), array(70_000, U8), Some("array-too-long")),
        (array(65_536, UNIT), array(65_536, option()), None),
        (array(65_536, UNIT), list(UNIT), None),
        (array(70_000, U8), list(U16), None),
    ] {
        let resolution = resolved(&stored, &new);
        let rendered = report(&resolution);
        let rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
        assert_eq!(rules.iter().find(|rule| **rule == "array-too-long"), wanted.as_ref(), "{rendered}");
        assert_eq!(
            resolution.compatibility(),
            if wanted.is_some() { Incompatible } else { RequiresMigration },
            "{rendered}"
        );
        let Ok(migration) = resolution.migration(&Conversions::new()) else { continue };
        let bytes = if stored.schema().nodes()[1] == U8 { vec![1; 70_000] } else { vec![] };
        for trust in [Trust::Verified, Trust::Foreign] {
            migration.run(&bytes, trust, &mut Scratch::default(), &mut Vec::new()).unwrap();
        }
    }
}

#[test]
fn long_paths_are_shortened_to_their_ends() {
    // Structs inside structs, with the fields of each in another order.
    let chain = |length: u32, last: Node, names: [&str; 2]| {
        let mut nodes: Vec<Node> = (0..length)
            .map(|at| {
                let node = |name: &str| field(name, if name == "x" { length } else { at + 1 });
                record(names.map(node).to_vec())
            })
            .collect();
        nodes.push(last);
        snapshot(nodes, |_| ())
    };
    for (length, wanted) in [
        (65, "value".to_owned() + &".n".repeat(64)),
        (66, "value".to_owned() + &".n".repeat(16) + "..." + &".n".repeat(47)),
        (4000, "value".to_owned() + &".n".repeat(16) + "..." + &".n".repeat(47)),
    ] {
        let resolution =
            resolved(&chain(length, U8, ["x", "n"]), &chain(length, Node::Primitive(Primitive::I8), ["n", "x"]));
        let paths: Vec<String> = resolution
            .findings()
            .iter()
            .filter(|finding| finding.rule.id == "primitive-changed")
            .map(|finding| format!("value{}", finding.path))
            .collect();
        // Each level has the leaf, and each place is reported.
        assert_eq!((paths[0].as_str(), paths[1].as_str()), ("value.x", "value.n.x"), "{length}");
        assert!(paths.len() >= length as usize, "{length}: {}", paths.len());
        let longest = resolution.findings().iter().map(|finding| finding.path.segments().len()).max();
        assert!(longest <= Some(64), "{length}: {longest:?}");
        let last = resolution.findings().iter().rfind(|finding| finding.rule.id == "fields-reordered").unwrap();
        assert_eq!(format!("value{}", last.path), wanted, "{length}");
    }
}

#[test]
fn the_number_of_findings_is_limited() {
    let side = |node: Node, count: u32| {
        let fields = (0..count).map(|at| field(&format!("f{at}"), 1)).collect();
        snapshot(vec![record(fields), node], |_| ())
    };
    let resolution = resolved(&side(U8, 30_000), &side(U8, 1));
    assert_eq!(resolution.compatibility(), Incompatible);
    assert_eq!(resolution.findings().len(), 10_001);
    assert_eq!(resolution.findings().last().unwrap().rule.id, "too-many-findings");
    assert!(resolution.migration(&Conversions::new()).is_err());
}

#[test]
fn a_constant_is_validated_once_for_all_stored_types() {
    // 400 stored types that match one new type with a large default.
    const TYPES: u32 = 400;
    let large = [vec![0x40, 0x0D, 3, 0, 0, 0, 0, 0], vec![7; 200_000]].concat();
    let stored = {
        let mut nodes = vec![Node::Tuple((1..=TYPES).map(NodeId::new).collect())];
        nodes.extend((0..TYPES).map(|at| {
            let removed = field(&format!("was{at}"), TYPES + 1);
            record(vec![removed])
        }));
        nodes.push(U8);
        snapshot(nodes, |_| ())
    };
    let new = {
        let nodes = vec![
            Node::Tuple(vec![NodeId::new(1); TYPES as usize]),
            record(vec![field("large", 2)]),
            Node::List(NodeId::new(3)),
            U8,
        ];
        let (schema, _) = Schema::numbered(nodes, NodeId::ROOT).unwrap();
        let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
        let NodeHints::Struct(of_record) = &mut hints[1] else { panic!("{schema:?}") };
        of_record.record.removed = (0..TYPES).map(|at| format!("was{at}")).collect();
        of_record.record.fields[0].default = Some(large);
        let configuration = Configuration::from(IntegerEncoding::Fixed);
        SerializerSnapshot::new("hostile".to_owned(), 1, configuration, schema, hints).unwrap()
    };
    let begun = std::time::Instant::now();
    let resolution = resolved(&stored, &new);
    assert_eq!(resolution.compatibility(), RequiresMigration);
    assert_eq!(resolution.findings().len(), 2 * TYPES as usize);
    assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn an_adopted_snapshot_holds_no_constants() {
    // The default is `A` in the new layout; in the stored layout, the same bytes are `B`.
    let side = |variants: [(&str, u32); 2], default: Option<Vec<u8>>| {
        snapshot(vec![record(vec![field("s", 1), field("t", 1)]), choice(&variants)], |hints| {
            let NodeHints::Struct(hints) = hints else { return };
            hints.record.fields[0].default = default.clone();
            hints.record.fields[1].none = default;
        })
    };
    let stored = side([("A", 0), ("B", 1)], None);
    let new = side([("B", 0), ("A", 1)], Some(vec![1, 0, 0, 0]));
    let resolution = resolved(&stored, &new);
    assert_eq!(resolution.compatibility(), AfterReconfigure);
    let adopted = resolution.adopted().unwrap();
    let NodeHints::Struct(hints) = &adopted.hints()[0] else { panic!("{adopted:?}") };
    assert!(hints.record.fields.iter().all(|field| field.default.is_none() && field.none.is_none()), "{hints:?}");

    // The same for the replacement of a removed variant; the removed name is kept.
    let stored = snapshot(vec![choice(&[("A", 0), ("B", 1)])], |_| ());
    let new = snapshot(vec![choice(&[("B", 0), ("A", 1)])], |hints| {
        let NodeHints::Enum(hints) = hints else { return };
        hints.removed.push(RemovedVariant { name: "C".to_owned(), becomes: Some(vec![1, 0, 0, 0]) });
    });
    let resolution = resolved(&stored, &new);
    let NodeHints::Enum(hints) = &resolution.adopted().unwrap().hints()[0] else { panic!("no enum") };
    assert_eq!(hints.removed, [RemovedVariant { name: "C".to_owned(), becomes: None }]);
}

#[test]
fn faults_in_snapshots_are_reported() {
    let stored = snapshot(vec![record(vec![field("a", 1)]), U8], |_| ());
    let stored_enum = snapshot(vec![choice(&[("A", 0), ("B", 1)])], |_| ());
    let with_default = |node: Node, default: &[u8]| {
        snapshot(vec![record(vec![field("a", 1), field("b", 2)]), U8, node, U8, U16], |hints| {
            let NodeHints::Struct(hints) = hints else { return };
            hints.record.fields[1].default = Some(default.to_vec());
        })
    };
    let becomes = |becomes: &[u8]| {
        snapshot(vec![choice(&[("A", 0)])], |hints| {
            let NodeHints::Enum(hints) = hints else { return };
            hints.removed.push(RemovedVariant { name: "B".to_owned(), becomes: Some(becomes.to_vec()) });
        })
    };
    let set = Node::Set(NodeId::new(3));
    let map = Node::Map { key: NodeId::new(3), value: NodeId::new(4) };
    let text = Node::Primitive(Primitive::String);
    let cases = [
        ("a default that ends too early", &stored, with_default(U16, &[1])),
        ("a default with bytes behind it", &stored, with_default(U16, &[1, 0, 0])),
        ("a default that is not a bool", &stored, with_default(Node::Primitive(Primitive::Bool), &[2])),
        ("a default that is not UTF-8", &stored, with_default(text, &[1, 0, 0, 0, 0, 0, 0, 0, 0xFF])),
        ("a default of zero", &stored, with_default(Node::NonZero(NodeId::new(3)), &[0])),
        ("a default of far too many", &stored, with_default(Node::List(NodeId::new(3)), &[255; 8])),
        ("a default with an element twice", &stored, with_default(set, &[2, 0, 0, 0, 0, 0, 0, 0, 5, 5])),
        ("a default with a key twice", &stored, with_default(map, &[2, 0, 0, 0, 0, 0, 0, 0, 5, 1, 0, 5, 2, 0])),
        ("a replacement of no variant", &stored_enum, becomes(&[9, 0, 0, 0])),
        ("a replacement with bytes behind it", &stored_enum, becomes(&[0, 0, 0, 0, 0])),
    ];
    let rendered = cases.map(|(name, stored, new)| {
        let resolution = resolved(stored, &new);
        assert_eq!(resolution.compatibility(), Incompatible, "{name}");
        assert!(resolution.migration(&Conversions::new()).is_err() && resolution.adopted().is_none(), "{name}");
        format!("# {name}\n{}\n", report(&resolution))
    });
    insta::assert_snapshot!(rendered.join("\n"));
    // The same constants, well-formed.
    for (new, stored_value, wanted) in [
        (with_default(U16, &[1, 2]), vec![9], vec![9, 1, 2]),
        (
            with_default(Node::Set(NodeId::new(3)), &[1, 0, 0, 0, 0, 0, 0, 0, 5]),
            vec![9],
            vec![9, 1, 0, 0, 0, 0, 0, 0, 0, 5],
        ),
    ] {
        let migration = resolved(&stored, &new).migration(&Conversions::new()).unwrap();
        let mut out = Vec::new();
        migration.run(&stored_value, Trust::Foreign, &mut Scratch::default(), &mut out).unwrap();
        assert_eq!(out, wanted);
    }
}
