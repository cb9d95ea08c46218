//! Changes that simulate faults with versions, and faulty witnesses.

use typeser::SerializerSnapshot;
use typeser::report::Witness;
use typeser::schema::{IntegerEncoding, Node, NodeId};
use typeser::snapshot::NodeHints;
use typeser::value::Value as Decoded;

use super::super::parts::Parts;
use super::super::value::{Layout, Value};

pub(super) fn what_functions_read_is_not_compared(_: &mut Parts, new: &mut Parts) {
    for (_, _, migrations) in new.versions() {
        migrations.iter_mut().for_each(|migration| migration.source = None);
    }
}

pub(super) fn missing_functions_are_passed_over(stored: &mut Parts, new: &mut Parts) {
    let known: Vec<(String, u32)> = stored.versions().map(|(name, version, _)| (name.to_owned(), version)).collect();
    for (name, _, migrations) in new.versions() {
        let missing = known
            .iter()
            .filter(|(known, _)| known == name)
            .any(|(_, version)| migrations.iter().all(|migration| migration.from != *version));
        if missing {
            migrations.clear();
        }
    }
}

pub(super) fn functions_read_their_own_kind(stored: &mut Parts, new: &mut Parts) {
    let is_stored = |name: &str, is_enum: bool| {
        stored.nodes.iter().any(|node| match node {
            Node::Struct(node) => !is_enum && node.name == name,
            Node::Enum(node) => is_enum && node.name == name,
            _ => false,
        })
    };
    for (node, hints) in new.nodes.iter().zip(&mut new.hints) {
        match (node, hints) {
            (Node::Struct(node), NodeHints::Struct(hints)) if !is_stored(&node.name, false) => hints.migrations.clear(),
            (Node::Enum(node), NodeHints::Enum(hints)) if !is_stored(&node.name, true) => hints.migrations.clear(),
            _ => {}
        }
    }
}

pub(super) fn the_last_function_is_left_out(_: &mut Parts, new: &mut Parts) {
    for (_, _, migrations) in new.versions().filter(|(_, _, migrations)| migrations.len() > 1) {
        migrations.pop();
    }
}

/// Ignores changes of a version that keep the layout.
pub(super) fn equal_layouts_need_no_function(stored: &mut Parts, new: &mut Parts) {
    let known: Vec<Vec<String>> =
        stored.records().map(|(fields, _)| fields.iter().map(|field| field.name.clone()).collect()).collect();
    let names: Vec<Vec<String>> = (new.nodes.iter())
        .map(|node| match node {
            Node::Struct(node) => node.fields.iter().map(|field| field.name.clone()).collect(),
            _ => vec![],
        })
        .collect();
    for (hints, names) in new.hints.iter_mut().zip(names) {
        if let NodeHints::Struct(hints) = hints
            && known.contains(&names)
        {
            hints.migrations.clear();
        }
    }
}

pub(super) fn what_was_read_as_it_was_is_forgotten(stored: &mut Parts, _: &mut Parts) {
    stored.leaves().for_each(|(_, hints)| hints.reads.clear());
}

pub(super) fn a_version_that_is_read_is_the_same(stored: &mut Parts, new: &mut Parts) {
    for (now, said) in new.leaves() {
        for (was, _) in stored.leaves().filter(|(was, _)| was.name == now.name && said.reads.contains(&was.version)) {
            was.version = now.version;
        }
    }
}

pub(super) fn what_functions_read_stays_as_it_was(_: &mut Parts, new: &mut Parts) {
    for (_, hints) in new.leaves() {
        let earlier: Vec<u32> = hints.migrates.drain(..).map(|migration| migration.from).collect();
        hints.reads.extend(earlier);
    }
}

/// Decrements every number, as if the largest one that fits did not fit.
pub(super) fn off_by_one(stored: &SerializerSnapshot, witness: &mut Witness) {
    changed(stored, witness, |value| match value {
        Value::Unsigned(number @ 1..) => *number -= 1,
        Value::Signed(number @ 1..) => *number -= 1,
        _ => {}
    });
}

pub(super) fn with_empty_lists(stored: &SerializerSnapshot, witness: &mut Witness) {
    changed(stored, witness, |value| {
        if let Value::List(elements) = value {
            elements.clear();
        }
    });
}

pub(super) fn of_the_first_variant(stored: &SerializerSnapshot, witness: &mut Witness) {
    changed(stored, witness, |value| {
        if matches!(value, Value::Variant(1.., _)) {
            *value = Value::Variant(0, vec![]);
        }
    });
}

/// Encodes with the integer encoding that is not the stored one.
pub(super) fn of_the_other_encoding(stored: &SerializerSnapshot, witness: &mut Witness) {
    let right = Layout::of(stored);
    let integers = match right.integers {
        IntegerEncoding::Fixed => IntegerEncoding::Variable,
        IntegerEncoding::Variable => IntegerEncoding::Fixed,
    };
    for example in &mut witness.examples {
        let value = right.decode(NodeId::ROOT, &example.bytes).ok();
        if let Some(bytes) = value.and_then(|value| Layout { integers, ..right }.encode(NodeId::ROOT, &value)) {
            example.bytes = bytes;
        }
    }
}

/// Changes the values of the examples, if the results are values.
fn changed(stored: &SerializerSnapshot, witness: &mut Witness, change: fn(&mut Value)) {
    let layout = Layout::of(stored);
    for example in &mut witness.examples {
        let Ok(mut value) = layout.decode(NodeId::ROOT, &example.bytes) else { continue };
        value.each(&mut |value| change(value));
        let Some(bytes) = layout.encode(NodeId::ROOT, &value) else { continue };
        if let Ok(value) = Decoded::decode(stored, &bytes) {
            (example.value, example.bytes) = (value, bytes);
        }
    }
}
