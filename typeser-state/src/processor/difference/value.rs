//! Whether two stored values are the same.

use typeser::SerializerSnapshot;
use typeser::migrate::{Migration, Scratch, Trust};
use typeser::resolve::Role;
use typeser::schema::Node;
use typeser::serializer::Conversions;
use typeser::value::{Record, Value};

use crate::descriptor::{SerializerPart, StateMeta};
use crate::rows::comparison::resolution_of;

/// How many containers may lie around a set or map that is compared without its order.
const MOST_SORTED: u32 = 128;

/// How the values of two states are compared.
pub(super) enum Values {
    /// By their bytes: those after, and those before after a migration if the layouts have other bytes.
    Bytes {
        migration: Option<Migration>,
        /// Whether equal values may have different bytes, since a set or map in them has no order.
        unordered: bool,
    },
    /// As they are, since there is no migration without a function.
    Decoded,
}

impl Values {
    pub(super) fn of(before: &StateMeta, after: &StateMeta) -> Self {
        let (Some(stored), Some(new)) = (snapshot(before), snapshot(after)) else {
            return Self::Bytes { migration: None, unordered: false };
        };
        let unordered = new.schema().nodes().iter().any(|node| matches!(node, Node::Set(_) | Node::Map { .. }));
        match resolution_of((stored, new), Role::Value).translation(&Conversions::new()) {
            Ok(migration) => Self::Bytes { migration, unordered },
            Err(_) => Self::Decoded,
        }
    }

    /// Compares the values of two rows, without the times of their last writes. Bytes that are not those of a value
    /// differ from all others: the error comes where they are decoded.
    pub(super) fn are_same(&self, (before, stored): (&StateMeta, &[u8]), (after, new): (&StateMeta, &[u8])) -> bool {
        let (Some(stored), Some(new)) = (before.value_of(stored), after.value_of(new)) else { return false };
        let mut migrated = Vec::new();
        let (stored, unordered) = match self {
            Self::Bytes { migration: None, unordered } => (stored, *unordered),
            Self::Bytes { migration: Some(migration), unordered } => {
                if migration.run(stored, Trust::Foreign, &mut Scratch::default(), &mut migrated).is_err() {
                    return false;
                }
                (migrated.as_slice(), *unordered)
            }
            Self::Decoded => return same_decoded((before, stored), (after, new)),
        };
        stored == new || unordered && same_decoded((after, stored), (after, new))
    }
}

fn snapshot(state: &StateMeta) -> Option<&SerializerSnapshot> {
    state.serializer(SerializerPart::Value)
}

fn same_decoded(before: (&StateMeta, &[u8]), after: (&StateMeta, &[u8])) -> bool {
    let value = |(state, bytes): (&StateMeta, &[u8])| {
        let mut value = Value::decode(snapshot(state)?, bytes).ok()?;
        sort(&mut value, MOST_SORTED);
        Some(value)
    };
    value(before).is_some_and(|before| value(after) == Some(before))
}

/// Puts the elements of sets and the entries of maps into one order.
fn sort(value: &mut Value, depth: u32) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Set(elements) => {
            elements.iter_mut().for_each(|element| sort(element, depth));
            elements.sort_by_cached_key(Value::to_json);
        }
        Value::Map(entries) => {
            for (key, value) in &mut *entries {
                sort(key, depth);
                sort(value, depth);
            }
            entries.sort_by_cached_key(|(key, _)| key.to_json());
        }
        Value::List(values) | Value::Array(values) | Value::Tuple(values) => {
            values.iter_mut().for_each(|value| sort(value, depth));
        }
        Value::Option(Some(value)) => sort(value, depth),
        Value::Struct(record) | Value::Enum(record) => sort_fields(record, depth),
        _ => {}
    }
}

fn sort_fields(record: &mut Record, depth: u32) {
    let names: Vec<String> = record.fields().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        if let Some(field) = record.get_mut(&name) {
            sort(field, depth);
        }
    }
}
