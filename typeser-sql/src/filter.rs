//! Which rows a query wants, as far as that is decided before a row is decoded: by key groups and by whole keys.

use std::collections::BTreeMap;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use typeser::SerializerSnapshot;
use typeser::schema::{Node, NodeId, Primitive};
use typeser::value::{Record, Value};
use typeser_state::key_group::{KeyGroup, MaxParallelism};

use crate::source::Source;

/// The wanted rows: all, unless a condition is set. A row that it keeps is wanted for certain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// The first and the last wanted key group; none if the first is behind the last.
    pub(crate) key_groups: Option<(KeyGroup, KeyGroup)>,
    /// The bytes of the wanted keys, each with its key group.
    pub(crate) keys: Option<BTreeMap<Vec<u8>, KeyGroup>>,
}

/// The name of the column of key groups, or of instances.
pub(crate) const KEY_GROUP: &str = "key_group";
pub(crate) const INSTANCE: &str = "instance";
pub(crate) const KEY: &str = "key";

impl Filter {
    /// The filter that an expression is; `None` if it needs more than key groups and whole keys.
    pub(crate) fn of(expression: &Expr, source: &Source) -> Option<Self> {
        match expression {
            Expr::Alias(alias) => Self::of(&alias.expr, source),
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                Some(Self::of(left, source)?.and(Self::of(right, source)?))
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                let (mut left, right) = (Self::of(left, source)?, Self::of(right, source)?);
                // Only sets of keys have a union that is a filter again.
                let (None, None) = (left.key_groups, right.key_groups) else { return None };
                left.keys.as_mut()?.extend(right.keys?);
                Some(left)
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (left.as_ref(), right.as_ref()) {
                (Expr::Column(column), Expr::Literal(literal, _)) => Self::comparison(column, *op, literal, source),
                (Expr::Literal(literal, _), Expr::Column(column)) => {
                    Self::comparison(column, op.swap()?, literal, source)
                }
                _ => None,
            },
            Expr::InList(InList { expr, list, negated: false }) => {
                let Expr::Column(Column { name, .. }) = expr.as_ref() else { return None };
                let mut keys = BTreeMap::new();
                for item in list {
                    let Expr::Literal(literal, _) = item else { return None };
                    keys.extend(key(name, literal, source)?);
                }
                Some(Self { keys: Some(keys), ..Self::default() })
            }
            _ => None,
        }
    }

    fn comparison(column: &Column, operator: Operator, literal: &ScalarValue, source: &Source) -> Option<Self> {
        // A keyed state may be called `instance`, and then `keyed` has a column of this name.
        if column.name == if source.keyed { KEY_GROUP } else { INSTANCE } {
            let ScalarValue::UInt16(Some(number)) = literal else { return None };
            let none = (1, 0);
            let key_groups = match operator {
                Operator::Eq => (*number, *number),
                Operator::Lt => number.checked_sub(1).map_or(none, |last| (0, last)),
                Operator::LtEq => (0, *number),
                Operator::Gt => number.checked_add(1).map_or(none, |first| (first, KeyGroup::MAX)),
                Operator::GtEq => (*number, KeyGroup::MAX),
                _ => return None,
            };
            return Some(Self { key_groups: Some(key_groups), keys: None });
        }
        if operator != Operator::Eq {
            return None;
        }
        let keys = key(&column.name, literal, source)?.into_iter().collect();
        Some(Self { keys: Some(keys), key_groups: None })
    }

    /// The rows that both filters keep.
    pub(crate) fn and(self, other: Self) -> Self {
        let key_groups = match (self.key_groups, other.key_groups) {
            (Some((first, last)), Some((other_first, other_last))) => {
                Some((first.max(other_first), last.min(other_last)))
            }
            (one, other) => one.or(other),
        };
        let keys = match (self.keys, other.keys) {
            (Some(mut keys), Some(others)) => {
                keys.retain(|key, _| others.contains_key(key));
                Some(keys)
            }
            (one, other) => one.or(other),
        };
        Self { key_groups, keys }
    }

    pub(crate) fn is_all(&self) -> bool {
        self.key_groups.is_none() && self.keys.is_none()
    }

    /// The first and the last key group that hold wanted rows; `None` if no row is wanted.
    pub(crate) fn bounds(&self) -> Option<(KeyGroup, KeyGroup)> {
        let (mut first, mut last) = self.key_groups.unwrap_or((0, KeyGroup::MAX));
        if let Some(keys) = &self.keys {
            first = first.max(*keys.values().min()?);
            last = last.min(*keys.values().max()?);
        }
        (first <= last).then_some((first, last))
    }

    /// Whether a file with these key groups may hold wanted rows.
    pub(crate) fn wants_file(&self, first: KeyGroup, last: KeyGroup) -> bool {
        let overlaps = |(wanted_first, wanted_last): (KeyGroup, KeyGroup)| wanted_first <= last && first <= wanted_last;
        let holds_key = |keys: &BTreeMap<Vec<u8>, KeyGroup>| keys.values().any(|group| (first..=last).contains(group));
        self.bounds().is_some_and(overlaps) && self.keys.as_ref().is_none_or(holds_key)
    }

    /// Whether a row is wanted.
    pub(crate) fn wants(&self, key_group: KeyGroup, key: &[u8]) -> bool {
        self.key_groups.is_none_or(|(first, last)| (first..=last).contains(&key_group))
            && self.keys.as_ref().is_none_or(|keys| keys.contains_key(key))
    }
}

/// The stored bytes of a key and its key group; an inner `None` if no key can be stored that equals the literal, and an
/// outer one if that cannot be decided here.
fn key(column: &str, literal: &ScalarValue, source: &Source) -> Option<Option<(Vec<u8>, KeyGroup)>> {
    if column != KEY {
        return None;
    }
    let (snapshot, max_parallelism): (&SerializerSnapshot, MaxParallelism) = source.keys()?;
    let value = value(snapshot, NodeId::ROOT, literal)?;
    let mut bytes = Vec::new();
    // A zero where zero is excluded cannot be written, so no key equals it.
    if value.encode(snapshot, &mut bytes).is_err() {
        return Some(None);
    }
    let key_group = max_parallelism.group_of(&bytes);
    Some(Some((bytes, key_group)))
}

/// The value of a key that equals a literal of the column's type.
fn value(snapshot: &SerializerSnapshot, mut id: NodeId, literal: &ScalarValue) -> Option<Value> {
    let mut names = Vec::new();
    let primitive = loop {
        match snapshot.schema().get(id)? {
            Node::Primitive(primitive) => break *primitive,
            Node::NonZero(inner) => id = *inner,
            Node::Struct(node) => match node.fields.as_slice() {
                [only] if only.name == "0" && names.len() < 8 => {
                    names.push(&node.name);
                    id = only.node;
                }
                _ => return None,
            },
            _ => return None,
        }
    };
    let leaf = match (primitive, literal) {
        (Primitive::Bool, ScalarValue::Boolean(Some(value))) => Value::Bool(*value),
        (Primitive::U8, ScalarValue::UInt8(Some(value))) => Value::U8(*value),
        (Primitive::U16, ScalarValue::UInt16(Some(value))) => Value::U16(*value),
        (Primitive::U32, ScalarValue::UInt32(Some(value))) => Value::U32(*value),
        (Primitive::U64, ScalarValue::UInt64(Some(value))) => Value::U64(*value),
        (Primitive::I8, ScalarValue::Int8(Some(value))) => Value::I8(*value),
        (Primitive::I16, ScalarValue::Int16(Some(value))) => Value::I16(*value),
        (Primitive::I32, ScalarValue::Int32(Some(value))) => Value::I32(*value),
        (Primitive::I64, ScalarValue::Int64(Some(value))) => Value::I64(*value),
        (Primitive::String, literal) => Value::String(literal.try_as_str()??.to_owned()),
        _ => return None,
    };
    Some(names.into_iter().rev().fold(leaf, |inner, name| Record::structure(name.clone()).with("0", inner).into()))
}
