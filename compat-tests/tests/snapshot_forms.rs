//! The text and JSON forms of snapshots, canonical text and fingerprints: laws over random layouts, and hostile input.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::time::{Duration, Instant};

use compat_tests::schemas::{Entropy, Unfolding, entropy, same_unfolding, schemas, snapshots, unshared};
use proptest::prelude::*;
use typeser::SerializerSnapshot;
use typeser::schema::{Field, IntegerEncoding, Node, NodeId, OpaqueNode, Primitive, Schema, SchemaError, StructNode};
use typeser::snapshot::{Configuration, NodeHints};

fn layout(schema: &Schema) -> Unfolding<'_> {
    Unfolding { schema, hints: None, at: NodeId::ROOT }
}

fn all_of(snapshot: &SerializerSnapshot) -> Unfolding<'_> {
    Unfolding { schema: snapshot.schema(), hints: Some(snapshot.hints()), at: NodeId::ROOT }
}

fn without_hints(schema: Schema) -> SerializerSnapshot {
    let hints = schema.nodes().iter().map(NodeHints::empty).collect();
    SerializerSnapshot::new("n".to_owned(), 1, Configuration::default(), schema, hints).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn text_and_json_hold_the_whole_snapshot_and_give_the_smallest_graph(snapshot in snapshots()) {
        let text = snapshot.to_text();
        let read = SerializerSnapshot::from_text(&text).unwrap();
        prop_assert!(same_unfolding(all_of(&snapshot), all_of(&read)), "{}", text);
        prop_assert_eq!((read.name(), read.version()), (snapshot.name(), snapshot.version()));
        prop_assert_eq!(read.configuration(), snapshot.configuration());
        prop_assert_eq!(read.fingerprint(), snapshot.fingerprint());
        for (place, a) in read.schema().ids().enumerate() {
            for b in read.schema().ids().skip(place + 1) {
                let whole = all_of(&read);
                let twice = same_unfolding(Unfolding { at: a, ..whole }, Unfolding { at: b, ..whole });
                prop_assert!(!twice, "nodes {:?} and {:?} are one", a, b);
            }
        }
        prop_assert_eq!(&SerializerSnapshot::from_json(&snapshot.to_json()).unwrap(), &read);
        prop_assert_eq!(&SerializerSnapshot::from_text(&read.to_text()).unwrap(), &read);
        prop_assert_eq!(&SerializerSnapshot::from_json(&read.to_json()).unwrap(), &read);
        prop_assert_eq!(&SerializerSnapshot::from_bytes(&read.to_bytes().unwrap()).unwrap(), &read);
        serde_json::from_str::<serde_json::Value>(&snapshot.to_json()).unwrap();
    }

    #[test]
    fn the_text_without_its_hints_and_header_is_canonical(snapshot in snapshots()) {
        let bare = without_hints(SerializerSnapshot::from_text(&snapshot.to_text()).unwrap().schema().clone());
        let bare = SerializerSnapshot::from_text(&bare.to_text()).unwrap();
        let text: Vec<&str> = bare.to_text().leak().split_inclusive('\n').skip(3).collect();
        prop_assert_eq!(text.concat(), bare.schema().canonical_text(IntegerEncoding::Fixed));
    }

    #[test]
    fn canonical_text_is_equal_if_and_only_if_layouts_are(bytes in entropy(), at in any::<prop::sample::Index>(), to: u8) {
        let one = Entropy::new(&bytes).schema(6);
        let mut changed = bytes;
        if !changed.is_empty() {
            let at = at.index(changed.len());
            changed[at] = to;
        }
        let other = Entropy::new(&changed).schema(6);
        let fixed = IntegerEncoding::Fixed;
        prop_assert_eq!(
            one.canonical_text(fixed) == other.canonical_text(fixed),
            same_unfolding(layout(&one), layout(&other)),
            "{}\n{}", one.canonical_text(fixed), other.canonical_text(fixed)
        );
    }

    #[test]
    fn sharing_and_numbering_do_not_change_the_fingerprint(schema in schemas(), choices in entropy()) {
        let other = unshared(&schema, &mut Entropy::new(&choices));
        for integers in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
            prop_assert_eq!(schema.canonical_text(integers), other.canonical_text(integers));
            prop_assert_eq!(schema.fingerprint(integers), other.fingerprint(integers));
        }
        prop_assert_ne!(schema.fingerprint(IntegerEncoding::Fixed), schema.fingerprint(IntegerEncoding::Variable));
    }

    #[test]
    fn nodes_are_numbered_as_a_depth_first_walk_meets_them(schema in schemas()) {
        fn walk(schema: &Schema, id: NodeId, met: &mut Vec<NodeId>) {
            if !met.contains(&id) {
                met.push(id);
                schema.get(id).unwrap().children().for_each(|child| walk(schema, child, met));
            }
        }
        let mut met = Vec::new();
        walk(&schema, NodeId::ROOT, &mut met);
        prop_assert_eq!(met, schema.ids().collect::<Vec<_>>());
        prop_assert_eq!(&Schema::new(schema.nodes().to_vec()).unwrap(), &schema);
    }

    #[test]
    fn a_type_is_infinite_if_and_only_if_it_must_hold_itself(bytes in entropy()) {
        let mut nodes = Entropy::new(&bytes).nodes(8);
        for node in &mut nodes {
            if let Node::NonZero(child) = *node {
                *node = Node::Array { element: child, length: 1 };
            }
        }
        // Collect what each node must contain, transitively.
        let mut holds: Vec<Vec<bool>> = vec![vec![false; nodes.len()]; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            if matches!(node, Node::Struct(_) | Node::Tuple(_) | Node::Logical(_) | Node::Array { length: 1.., .. }) {
                node.children().for_each(|child| holds[at][child.index()] = true);
            }
        }
        for through in 0..nodes.len() {
            for from in 0..nodes.len() {
                for to in 0..nodes.len() {
                    holds[from][to] |= holds[from][through] && holds[through][to];
                }
            }
        }
        match Schema::numbered(nodes.clone(), NodeId::ROOT) {
            Err(SchemaError::Infinite { node }) => prop_assert!(holds[node as usize][node as usize]),
            Err(error) => prop_assert!(false, "{}", error),
            Ok(_) => prop_assert!((0..nodes.len()).all(|node| !holds[node][node])),
        }
    }

    #[test]
    fn changed_text_is_an_error_or_a_snapshot(
        snapshot in snapshots(),
        at in any::<prop::sample::Index>(),
        with in prop::sample::select(vec!["", " ", "\n", "\"", "<", ">", "(", ",", "#", "$", "@", "{", "[", "\\", "0", "é", "  x u64\n"]),
        cut: bool,
    ) {
        for (text, read) in [
            (snapshot.to_text(), SerializerSnapshot::from_text as fn(&str) -> _),
            (snapshot.to_json(), SerializerSnapshot::from_json),
        ] {
            let mut at = at.index(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let rest = if cut { "" } else { &text[at..] };
            match read(&[&text[..at], with, rest].concat()) {
                Ok(read) => prop_assert_eq!(&SerializerSnapshot::from_text(&read.to_text()).unwrap(), &read),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn sizes_never_promise_more_than_the_smallest_value_takes(schema in schemas()) {
        for (integers, pick) in [(IntegerEncoding::Fixed, 0), (IntegerEncoding::Variable, 1)] {
            let sizes = schema.sizes();
            for id in schema.ids() {
                let Some(smallest) = smallest(&schema, id, integers, 0) else { continue };
                let size = [sizes[id.index()].fixed, sizes[id.index()].variable][pick];
                prop_assert!(size.min as u128 <= smallest, "{id:?} of {schema:?}: {size:?}, {smallest}");
                prop_assert!(!size.exact || size.min as u128 == smallest, "{id:?} of {schema:?}: {size:?}, {smallest}");
            }
        }
    }
}

/// The number of bytes of the smallest value, by the definition; `None` if it is too deep to compute.
fn smallest(schema: &Schema, id: NodeId, integers: IntegerEncoding, depth: u32) -> Option<u128> {
    if depth > 6 {
        return None;
    }
    let fixed = integers == IntegerEncoding::Fixed;
    let of = |child: NodeId| smallest(schema, child, integers, depth + 1);
    let sum = |children: &mut dyn Iterator<Item = NodeId>| children.map(of).try_fold(0, |sum, size| Some(sum + size?));
    let length = if fixed { 8 } else { 1 };
    match schema.get(id).unwrap() {
        Node::Primitive(primitive) => Some(match primitive {
            Primitive::Unit => 0,
            Primitive::Char => 1,
            Primitive::Bool => 1,
            Primitive::String => length,
            number if number.is_float() || fixed => number.width().unwrap() as u128,
            _ => 1,
        }),
        Node::Struct(node) => sum(&mut node.fields.iter().map(|field| field.node)),
        Node::Tuple(elements) => sum(&mut elements.iter().copied()),
        Node::Enum(node) => {
            let variants = node.variants.iter().map(|variant| {
                let tag = match variant.tag {
                    _ if fixed => 4,
                    0..=250 => 1,
                    251..=65_535 => 3,
                    _ => 5,
                };
                Some(tag + sum(&mut variant.fields.iter().map(|field| field.node))?)
            });
            variants.collect::<Option<Vec<u128>>>()?.into_iter().min()
        }
        Node::Option(_) => Some(1),
        Node::List(_) | Node::Set(_) | Node::Map { .. } => Some(length),
        Node::Array { length: 0, .. } => Some(0),
        Node::Array { element, length } => of(*element)?.checked_mul(u128::from(*length)),
        Node::NonZero(child) => of(*child),
        Node::Logical(node) => of(node.representation),
        Node::Opaque(node) => Some(if node.framed { length } else { 0 }),
    }
}

/// Checks that reading hostile input ends within this time, even on a busy machine.
fn soon<T>(what: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let outcome = what();
    assert!(begin.elapsed() < Duration::from_secs(20), "took {:?}", begin.elapsed());
    outcome
}

fn text_of(root: &str) -> String {
    format!("typeser-snapshot 1\nroot {root}\n")
}

#[test]
fn deep_nesting_is_refused_in_text_and_json() {
    for open in ["list<", "(", "[", "map<u8, ", "logical d<", "option<option<"] {
        let root = open.repeat(100_000);
        let error = soon(|| SerializerSnapshot::from_text(&text_of(&root)).unwrap_err().to_string());
        assert!(error.contains("types are nested more than 64 deep; define an inner type on its own"), "{error}");
        let json = format!("{{\"typeser-snapshot\": 1, \"root\": \"{root}\"}}");
        let error = soon(|| SerializerSnapshot::from_json(&json).unwrap_err().to_string());
        assert!(error.contains("types are nested more than 64 deep"), "{error}");
    }
    let error = SerializerSnapshot::from_json(&"[".repeat(1_000_000)).unwrap_err().to_string();
    assert_eq!(error, "line 1, column 66: JSON nested more than 64 deep");
}

#[test]
fn layouts_nested_as_deep_as_there_are_nodes_have_all_forms() {
    let last = 65_535;
    let mut nodes: Vec<Node> = (1..=last).map(|child| Node::List(NodeId::new(child))).collect();
    nodes.push(Node::Primitive(Primitive::U8));
    let snapshot = soon(|| without_hints(Schema::new(nodes.clone()).unwrap()));
    assert_eq!(soon(|| SerializerSnapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap()), snapshot);
    assert_eq!(soon(|| SerializerSnapshot::from_text(&snapshot.to_text()).unwrap()), snapshot);
    assert_eq!(soon(|| SerializerSnapshot::from_json(&snapshot.to_json()).unwrap()), snapshot);
    // A chain that ends in a cycle has a very short text.
    nodes[last as usize] = Node::List(NodeId::ROOT);
    let text = soon(|| Schema::new(nodes.clone()).unwrap().canonical_text(IntegerEncoding::Fixed));
    assert_eq!(text, "integers fixed\nroot $1\n\ntype $1 = list<$1>\n");
    nodes.push(Node::Primitive(Primitive::U8));
    assert_eq!(Schema::new(nodes).unwrap_err(), SchemaError::TooManyNodes { count: 65_537 });
}

#[test]
fn large_shapes_that_are_shared_are_printed_once() {
    // Each tuple contains the next one 50 times: expanded, the text would have 50^20 parts.
    let mut nodes: Vec<Node> = (1..20).map(|child| Node::Tuple(vec![NodeId::new(child); 50])).collect();
    nodes.push(Node::Primitive(Primitive::U8));
    let snapshot = soon(|| without_hints(Schema::new(nodes).unwrap()));
    assert!(snapshot.to_text().len() < 20_000, "{}", snapshot.to_text().len());
    assert_eq!(SerializerSnapshot::from_text(&snapshot.to_text()).unwrap(), snapshot);
    assert_eq!(SerializerSnapshot::from_json(&snapshot.to_json()).unwrap(), snapshot);
    assert!(snapshot.schema().type_name(NodeId::ROOT).len() <= 1_024);
}

#[test]
fn a_long_name_that_is_used_a_million_times_is_refused() {
    let uses = 1_000_000;
    let field = |_| Field { name: String::new(), node: NodeId::new(1) };
    let record = |child| {
        let fields = (0..uses).map(field).collect();
        vec![Node::Struct(StructNode { name: "many".to_owned(), version: 1, fields }), child]
    };
    let name = "n".repeat(1_024);
    let named = record(Node::Struct(StructNode { name: name.clone(), version: 1, fields: Vec::new() }));
    assert_eq!(Schema::new(named).unwrap_err(), SchemaError::TooHeavy { weight: 4 + 1_024 + uses * (8 + 1_024) });
    let opaque = record(Node::Opaque(OpaqueNode { name, version: 1, framed: true, parameters: Vec::new() }));
    let text = soon(|| Schema::new(opaque).unwrap().canonical_text(IntegerEncoding::Fixed));
    assert!(text.len() < uses * 16, "{}", text.len());
}

#[test]
fn a_type_with_the_name_of_a_primitive_is_another_type() {
    let layout = |first: u32, second: u32| {
        let fields =
            [("a", first), ("b", second)].map(|(name, node)| Field { name: name.to_owned(), node: NodeId::new(node) });
        let structure =
            |name: &str, fields: Vec<Field>| Node::Struct(StructNode { name: name.to_owned(), version: 1, fields });
        let nodes =
            vec![structure("S", fields.to_vec()), Node::Primitive(Primitive::U64), structure("u64", Vec::new())];
        Schema::numbered(nodes, NodeId::ROOT).unwrap().0.canonical_text(IntegerEncoding::Fixed)
    };
    assert_ne!(layout(1, 2), layout(2, 1));
}

#[test]
fn parts_without_a_name_count_towards_the_length_of_a_type_name() {
    // Four levels of tuples, each of 250 times the next: 250^4 units, which no name holds.
    let tuple = |of: &str| format!("({})", vec![of; 250].join(", "));
    let [one, two, three, four] = ["$2", "$3", "$4", "()"].map(tuple);
    let text = format!(
        "typeser-snapshot 1\nroot $1\n\ntype $1 = {one}\n\ntype $2 = {two}\n\ntype $3 = {three}\n\ntype $4 = {four}\n"
    );
    let snapshot = SerializerSnapshot::from_text(&text).unwrap();
    assert_eq!(snapshot.schema().type_name(NodeId::ROOT), "...");
    let few = SerializerSnapshot::from_text("typeser-snapshot 1\nroot ((), (u8, ()), ())\n").unwrap();
    assert_eq!(few.schema().type_name(NodeId::ROOT), "((), (u8, ()), ())");
}
