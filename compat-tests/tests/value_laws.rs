//! The laws of dynamic values, over random layouts, random values and invalid bytes.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use compat_tests::oracle::generate::{Draft, mutated};
use compat_tests::oracle::source::Source;
use compat_tests::oracle::value::{Layout, Value as Model};
use compat_tests::schemas;
use proptest::prelude::*;
use typeser::SerializerSnapshot;
use typeser::schema::{Node, NodeId};
use typeser::value::{DecodeValueErrorKind, Record, Value};
use typeser::wire::DecodeErrorKind;

/// Checks the laws of accepted bytes.
#[track_caller]
fn accepted(snapshot: &SerializerSnapshot, value: &Value, bytes: &[u8]) {
    let mut again = b"before".to_vec();
    value.encode(snapshot, &mut again).unwrap_or_else(|error| panic!("{error}: {value} from {bytes:?}"));
    assert_eq!(&again[6..], bytes, "{value}");
    assert_eq!(value.conforms(snapshot), Ok(()));
    assert_eq!(&value.clone(), value);
    assert_eq!(value.forms(), value.forms());
    for json in [value.to_json(), value.to_json_pretty()] {
        match Value::from_json(snapshot, &json) {
            Ok(again) => assert_eq!(&again, value, "{json}"),
            Err(error) => assert!(error.to_string().contains("nested"), "{error}: {json}"),
        }
        // serde_json limits nesting to 128 levels.
        if let Err(error) = serde_json::from_str::<serde_json::Value>(&json) {
            assert!(error.to_string().contains("recursion limit"), "{error}: {json}");
        }
    }
}

trait Forms {
    fn forms(&self) -> [String; 4];
}

impl Forms for Value {
    fn forms(&self) -> [String; 4] {
        [format!("{self}"), format!("{self:#}"), format!("{self:?}"), format!("{self:#?}")]
    }
}

/// Whether a dynamic value is the model's value of the same node.
fn same(layout: Layout<'_>, id: NodeId, model: &Model, value: &Value) -> bool {
    let all = |nodes: &mut dyn Iterator<Item = NodeId>, models: &[Model], values: &[Value]| {
        models.len() == values.len()
            && nodes.zip(models).zip(values).all(|((node, model), value)| same(layout, node, model, value))
    };
    let named = |fields: &[typeser::schema::Field], models: &[Model], record: &Record| {
        record.fields().len() == models.len()
            && fields
                .iter()
                .zip(models)
                .zip(record.fields())
                .all(|((field, model), (name, value))| field.name == name && same(layout, field.node, model, value))
    };
    match (layout.node(id), model, value) {
        (Node::Logical(node), model, value) => same(layout, node.representation, model, value),
        (Node::NonZero(inner), model, value) => same(layout, *inner, model, value),
        (Node::Struct(node), Model::Record(models), Value::Struct(record)) => {
            record.name() == node.name && named(&node.fields, models, record)
        }
        (Node::Enum(node), Model::Variant(place, models), Value::Enum(record)) => {
            let variant = &node.variants[*place];
            record.name() == node.name
                && record.variant_name() == Some(&variant.name)
                && named(&variant.fields, models, record)
        }
        (Node::Tuple(elements), Model::Record(models), Value::Tuple(values)) => {
            all(&mut elements.iter().copied(), models, values)
        }
        (Node::Array { element, .. }, Model::Record(models), Value::Array(values))
        | (Node::List(element), Model::List(models), Value::List(values))
        | (Node::Set(element), Model::List(models), Value::Set(values)) => {
            all(&mut std::iter::repeat(*element), models, values)
        }
        (Node::Map { key, value }, Model::Map(models), Value::Map(entries)) => {
            models.len() == entries.len()
                && models.iter().zip(entries).all(|(model, entry)| {
                    same(layout, *key, &model.0, &entry.0) && same(layout, *value, &model.1, &entry.1)
                })
        }
        (Node::Option(_), Model::Option(None), Value::Option(None)) => true,
        (Node::Option(inner), Model::Option(Some(model)), Value::Option(Some(value))) => {
            same(layout, *inner, model, value)
        }
        (Node::Opaque(_), Model::Opaque(one), Value::Opaque(other)) => one == other,
        (Node::Primitive(primitive), model, value) => {
            value.kind() == primitive.name()
                && match (model, value) {
                    (Model::Unit, Value::Unit) => true,
                    (Model::Bool(one), Value::Bool(other)) => one == other,
                    (Model::F32(bits), Value::F32(value)) => *bits == value.to_bits(),
                    (Model::F64(bits), Value::F64(value)) => *bits == value.to_bits(),
                    (Model::Char(one), Value::Char(other)) => one == other,
                    (Model::String(one), Value::String(other)) => one == other,
                    (Model::Unsigned(one), other) => other.as_u128() == Ok(*one),
                    (Model::Signed(one), other) => other.as_i128() == Ok(*one),
                    _ => false,
                }
        }
        _ => false,
    }
}

/// The number of random layouts.
const LAYOUTS: u64 = 4_000;

/// The model recurses.
#[test]
fn random_values_are_read_as_the_model_reads_them_and_written_back() {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    thread.spawn(random_values).unwrap().join().unwrap();
}

fn random_values() {
    let (mut values, mut refused, mut changed) = (0, 0, 0);
    for seed in 0..LAYOUTS {
        let mut source = Source::seeded(seed);
        let Some(snapshot) = Draft::random(&mut source).snapshot(&mut source) else { continue };
        let layout = Layout::of(&snapshot);
        let unframed = |node: &Node| matches!(node, Node::Opaque(node) if !node.framed);
        if snapshot.schema().nodes().iter().any(unframed) {
            // Nothing but the Rust type can read past such a leaf; what is said then is compared elsewhere.
            continue;
        }
        for _ in 0..3 {
            let Some(model) = layout.value(NodeId::ROOT, &mut source) else { break };
            let bytes = layout.encode(NodeId::ROOT, &model).unwrap();
            let value = Value::decode(&snapshot, &bytes).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert!(same(layout, NodeId::ROOT, &model, &value), "seed {seed}: {model:?} is not {value:?}");
            accepted(&snapshot, &value, &bytes);
            values += 1;
            for _ in 0..4 {
                let bytes = mutated(&bytes, &mut source);
                let model = layout.decode(NodeId::ROOT, &bytes);
                match Value::decode(&snapshot, &bytes) {
                    Ok(value) => {
                        let model = model.unwrap_or_else(|why| panic!("seed {seed}: {why}, but {value}"));
                        assert!(same(layout, NodeId::ROOT, &model, &value), "seed {seed}: {model:?} is not {value:?}");
                        accepted(&snapshot, &value, &bytes);
                        changed += 1;
                    }
                    Err(error) => {
                        // The model does not check for duplicate keys.
                        let twice =
                            matches!(error.kind(), DecodeValueErrorKind::Bytes(DecodeErrorKind::Duplicate { .. }));
                        assert!(model.is_err() || twice, "seed {seed}: {error}, but {model:?}");
                        assert!(error.offset() <= bytes.len());
                        refused += 1;
                    }
                }
            }
            for end in 0..bytes.len().min(64) {
                if let Ok(value) = Value::decode(&snapshot, &bytes[..end]) {
                    accepted(&snapshot, &value, &bytes[..end]);
                }
            }
        }
    }
    assert!(values > 8_000 && refused > 8_000 && changed > 4_000, "{values} {refused} {changed}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Hand-made layouts: duplicate tags and names, huge arrays, empty structs.
    #[test]
    fn any_bytes_under_any_layout_are_refused_or_come_back(
        snapshot in schemas::snapshots(),
        bytes in prop::collection::vec(prop_oneof![3 => 0u8..3, 1 => any::<u8>()], 0..80),
    ) {
        for length in [bytes.len(), bytes.len() / 2, 8, 1, 0] {
            let bytes = &bytes[..length.min(bytes.len())];
            if let Ok(value) = Value::decode(&snapshot, bytes) {
                accepted(&snapshot, &value, bytes);
            }
        }
    }
}
