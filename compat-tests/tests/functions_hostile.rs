//! Functions and fallbacks in hand-made snapshots: their cost is bounded, they cause no panics, and they are validated.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::time::{Duration, Instant};

use typeser::SerializerSnapshot;
use typeser::resolve::Compatibility::{Incompatible, RequiresMigration};
use typeser::resolve::{Policy, Resolution, Role, resolve};
use typeser::schema::{EnumNode, Field, IntegerEncoding, Node, NodeId, Primitive, Schema, StructNode, Variant};
use typeser::snapshot::{Configuration, FieldHints, NodeHints, TypeMigration};

/// A snapshot of nodes in any order, the root first, with hints for each.
fn snapshot(nodes: Vec<Node>, hint: impl Fn(&Node, &mut NodeHints)) -> SerializerSnapshot {
    let (schema, _) = Schema::numbered(nodes, NodeId::ROOT).unwrap();
    let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
    schema.nodes().iter().zip(&mut hints).for_each(|(node, hints)| hint(node, hints));
    let configuration = Configuration::from(IntegerEncoding::Fixed);
    SerializerSnapshot::new("hostile".to_owned(), 1, configuration, schema, hints).unwrap()
}

fn schema(nodes: Vec<Node>) -> Schema {
    Schema::numbered(nodes, NodeId::ROOT).unwrap().0
}

fn field(name: impl Into<String>, node: u32) -> Field {
    Field { name: name.into(), node: NodeId::new(node) }
}

fn record(name: &str, version: u32, fields: Vec<Field>) -> Node {
    Node::Struct(StructNode { name: name.to_owned(), version, fields })
}

fn with_fields(hints: &mut NodeHints, set: impl Fn(&mut FieldHints)) {
    if let NodeHints::Struct(hints) = hints {
        hints.record.fields.iter_mut().for_each(set);
    }
}

fn resolved(stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Resolution {
    let since = Instant::now();
    let resolution = resolve(stored, new, Role::Value, &Policy::default());
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
    resolution
}

fn rules(resolution: &Resolution) -> Vec<&'static str> {
    let mut rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
    rules.dedup();
    rules
}

const U8: Node = Node::Primitive(Primitive::U8);
const U16: Node = Node::Primitive(Primitive::U16);

#[test]
fn endless_options_are_not_unwrapped() {
    let new = snapshot(vec![record("T", 1, vec![field("a", 1)]), U8], |_, hints| {
        with_fields(hints, |field| field.none = Some(vec![7]));
    });
    // An option of itself.
    let endless = snapshot(vec![record("T", 1, vec![field("a", 1)]), Node::Option(NodeId::new(1))], |_, _| ());
    let resolution = resolved(&endless, &new);
    assert_eq!(resolution.compatibility(), Incompatible);
    assert_eq!(rules(&resolution), ["none-replaced", "unwrapped-option"]);
    // And a very long chain of them.
    let mut nodes = vec![record("T", 1, vec![field("a", 1)])];
    nodes.extend((2..60_000).map(|next| Node::Option(NodeId::new(next))));
    nodes.push(U8);
    let resolution = resolved(&snapshot(nodes, |_, _| ()), &new);
    assert_eq!(resolution.compatibility(), Incompatible);
    assert_eq!(rules(&resolution), ["none-replaced", "unwrapped-option"]);
}

#[test]
fn a_malformed_value_for_none_is_reported() {
    let stored = snapshot(vec![record("T", 1, vec![field("a", 1)]), Node::Option(NodeId::new(2)), U8], |_, _| ());
    for bytes in [vec![], vec![1, 2]] {
        let new = snapshot(vec![record("T", 1, vec![field("a", 1)]), U8], |_, hints| {
            with_fields(hints, |field| field.none = Some(bytes.clone()));
        });
        let resolution = resolved(&stored, &new);
        assert_eq!((resolution.compatibility(), rules(&resolution)), (Incompatible, vec!["constant-malformed"]));
    }
}

#[test]
fn comparing_inputs_of_functions_is_bounded() {
    // Many stored types, each with a different place of one long chain, and a function that reads a chain of the same
    // length with another end.
    const TYPES: u32 = 9_000;
    const CHAIN: u32 = 30_000;
    let chain = |first: u32, last: Node| {
        let mut nodes: Vec<Node> = (0..CHAIN).map(|at| Node::Option(NodeId::new(first + at + 1))).collect();
        nodes.push(last);
        nodes
    };
    let mut nodes = vec![Node::Tuple((0..TYPES).map(|at| NodeId::new(at + 1)).collect())];
    nodes.extend((0..TYPES).map(|at| record("T", 1, vec![field("x", TYPES + 1 + at)])));
    nodes.extend(chain(TYPES + 1, U8));
    let stored = snapshot(nodes, |_, _| ());
    let mut nodes = vec![record("T", 1, vec![field("x", 1)])];
    nodes.extend(chain(1, U16));
    let source = schema(nodes);
    let nodes = vec![Node::Tuple(vec![NodeId::new(1); TYPES as usize]), record("T", 2, vec![])];
    let new = snapshot(nodes, |_, hints| {
        let NodeHints::Struct(hints) = hints else { return };
        hints.migrations = vec![TypeMigration {
            from: 1,
            id: "f".to_owned(),
            injective: false,
            exact: false,
            source: Some(source.clone().into()),
        }];
    });
    let resolution = resolved(&stored, &new);
    assert_eq!(resolution.compatibility(), Incompatible);
    assert!(rules(&resolution).contains(&"too-many-pairs"), "{:?}", rules(&resolution));
}

#[test]
fn copying_inputs_of_functions_is_bounded() {
    // Many stored types that contain one type with long names.
    const TYPES: u32 = 9_000;
    let mut nodes = vec![Node::Tuple((0..TYPES).map(|at| NodeId::new(at + 1)).collect())];
    nodes.extend((0..TYPES).map(|at| record("T", 1, vec![field(format!("f{at}"), TYPES + 1)])));
    nodes.push(record("W", 1, (0..8_000).map(|at| field(format!("{at:01000}"), TYPES + 2)).collect()));
    nodes.push(U8);
    let stored = snapshot(nodes, |_, _| ());
    let nodes = vec![Node::Tuple(vec![NodeId::new(1); TYPES as usize]), record("T", 2, vec![])];
    let new = snapshot(nodes, |_, hints| {
        let NodeHints::Struct(hints) = hints else { return };
        hints.migrations =
            vec![TypeMigration { from: 1, id: "f".to_owned(), injective: false, exact: false, source: None }];
    });
    let resolution = resolved(&stored, &new);
    assert_eq!(resolution.compatibility(), Incompatible);
    assert!(rules(&resolution).contains(&"too-many-pairs"), "{:?}", rules(&resolution));
}

#[test]
fn replacements_of_removed_variants_are_built_once() {
    let variant = |name: String, tag, fields| Variant { name, tag, fields };
    let choice = |variants| Node::Enum(EnumNode { name: "E".to_owned(), version: 1, variants });
    let gone = (0..5_000).map(|tag| variant(format!("v{tag}"), tag, vec![])).collect();
    let stored = snapshot(vec![choice(gone)], |_, _| ());
    let kept = vec![variant("other".to_owned(), 0, vec![field("payload", 1)])];
    let mut default = (1u64 << 20).to_le_bytes().to_vec();
    default.resize((1 << 20) + 8, 7);
    let new = snapshot(vec![choice(kept), Node::List(NodeId::new(2)), U8], |_, hints| {
        let NodeHints::Enum(hints) = hints else { return };
        hints.fallback = Some("other".to_owned());
        hints.variants[0].record.fields[0].default = Some(default.clone());
    });
    let resolution = resolved(&stored, &new);
    assert_eq!(
        (resolution.compatibility(), rules(&resolution)),
        (RequiresMigration, vec!["variant-to-fallback", "variant-added"])
    );
    let migration = resolution.migration(&typeser::serializer::Conversions::new()).unwrap();
    let mut out = Vec::new();
    let mut scratch = typeser::migrate::Scratch::default();
    migration.run(&4_321u32.to_le_bytes(), typeser::migrate::Trust::Foreign, &mut scratch, &mut out).unwrap();
    assert_eq!(out[..4], [0; 4]);
    assert_eq!(out[4..], default);
}

#[test]
fn a_fallback_without_a_value_is_reported() {
    let variant = |name: &str, tag, fields| Variant { name: name.to_owned(), tag, fields };
    let choice = |variants| Node::Enum(EnumNode { name: "E".to_owned(), version: 1, variants });
    let stored = snapshot(vec![choice(vec![variant("a", 0, vec![]), variant("b", 1, vec![])])], |_, _| ());
    // One whose payload is the enum itself and has no default; one with a malformed default.
    for default in [None, Some(vec![9, 9])] {
        let new = snapshot(vec![choice(vec![variant("a", 0, vec![field("deep", 0)])])], |_, hints| {
            let NodeHints::Enum(hints) = hints else { return };
            hints.fallback = Some("a".to_owned());
            hints.variants[0].record.fields[0].default = default.clone();
        });
        let resolution = resolved(&stored, &new);
        assert_eq!(resolution.compatibility(), Incompatible);
        assert!(rules(&resolution).contains(&"constant-malformed"), "{:?}", rules(&resolution));
    }
}

#[test]
fn very_long_chains_of_functions_are_bounded() {
    const TYPES: u32 = 9_000;
    const CHAIN: u32 = 100_000;
    let mut nodes = vec![Node::Tuple((0..TYPES).map(|at| NodeId::new(at + 1)).collect())];
    nodes.extend((0..TYPES).map(|at| record("T", 1, vec![field(format!("f{at}"), TYPES + 1)])));
    nodes.push(U8);
    let stored = snapshot(nodes, |_, _| ());
    let nodes = vec![Node::Tuple(vec![NodeId::new(1); TYPES as usize]), record("T", u32::MAX, vec![])];
    let new = snapshot(nodes, |_, hints| {
        let NodeHints::Struct(hints) = hints else { return };
        let migration =
            |from| TypeMigration { from, id: format!("f{from}"), injective: false, exact: false, source: None };
        hints.migrations = (1..=CHAIN).map(migration).collect();
    });
    let resolution = resolved(&stored, &new);
    assert_eq!(resolution.compatibility(), Incompatible);
    assert!(rules(&resolution).contains(&"too-many-pairs"), "{:?}", rules(&resolution));
}

#[test]
fn what_is_dropped_before_a_function_is_found_however_deep_it_lies() {
    const DEEP: usize = 100;
    let text = |leaf: &str| {
        let chain: String = (0..DEEP).map(|at| format!("struct T{at} v1\n  n T{}\n\n", at + 1)).collect();
        let chain = chain.replace(&format!("n T{DEEP}\n"), "n Leaf\n");
        let header = "typeser-snapshot 2\nname T0\nversion 1\nintegers fixed\nroot T0\n\n";
        SerializerSnapshot::from_text(&format!("{header}{chain}{leaf}")).unwrap()
    };
    let stored = text("struct Leaf v1\n  a u8\n  inner Inner\n\nstruct Inner v1\n  b u8\n  gone u8\n");
    let source = "    root Leaf\n\n    struct Leaf v1\n      a u8\n      inner Inner\n\n    struct Inner v1\n      @removed gone\n      b u8\n";
    let new = text(&format!("struct Leaf v2\n  @migrate 1 f\n{source}  c u16\n"));
    let resolution = resolved(&stored, &new);
    assert_eq!(resolution.compatibility(), RequiresMigration);
    let removed = resolution.findings().iter().find(|finding| finding.rule.id == "field-removed").unwrap();
    let last = removed.chain.last().unwrap();
    let below: String = removed.path.segments()[last.depth..].iter().map(ToString::to_string).collect();
    // So many segments were kept that the field is among them, and the chain says where its type begins.
    assert_eq!((removed.path.segments().len(), below.as_str()), (64, ".gone"));
}
