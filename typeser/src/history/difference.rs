//! The differences between two values of one layout.

use crate::schema::{Path, PathSegment};
use crate::value::{Record, Value};

/// A place where two values differ, and what each has there, printed.
pub(crate) struct Difference {
    pub(crate) path: Path,
    pub(crate) direct: String,
    pub(crate) chained: String,
}

/// All the innermost places where two values differ.
pub(crate) fn differences(direct: &Value, chained: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut open = vec![(Path::top(), direct, chained)];
    while let Some((path, one, two)) = open.pop() {
        if one == two {
            continue;
        }
        match parts(one, two) {
            Some(parts) => {
                // The last one pushed is compared first.
                open.extend(parts.into_iter().rev().map(|(step, one, two)| {
                    (step.into_iter().fold(path.clone(), |path, segment| path.join(segment)), one, two)
                }));
            }
            None => found.push(Difference { path, direct: one.to_string(), chained: two.to_string() }),
        }
    }
    found
}

/// A part of each of two values, and the steps to it.
type Part<'a> = (Vec<PathSegment>, &'a Value, &'a Value);

/// The corresponding parts of two values; `None` if the values differ as a whole.
fn parts<'a>(one: &'a Value, two: &'a Value) -> Option<Vec<Part<'a>>> {
    match (one, two) {
        (Value::Struct(one), Value::Struct(two)) => Some(fields(one, two, None)),
        (Value::Enum(one), Value::Enum(two)) if one.variant_name() == two.variant_name() => {
            Some(fields(one, two, one.variant_name()))
        }
        (Value::Option(Some(one)), Value::Option(Some(two))) => Some(vec![(vec![PathSegment::Some], one, two)]),
        (Value::List(one), Value::List(two)) | (Value::Array(one), Value::Array(two)) => {
            in_pairs(one.iter().collect(), two.iter().collect(), |_| PathSegment::Element)
        }
        (Value::Tuple(one), Value::Tuple(two)) => {
            in_pairs(one.iter().collect(), two.iter().collect(), PathSegment::Index)
        }
        (Value::Set(one), Value::Set(two)) => in_pairs(sorted(one), sorted(two), |_| PathSegment::SetElement),
        (Value::Map(one), Value::Map(two)) if one.len() == two.len() => {
            let [one, two] = [one, two].map(|entries| {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_by_cached_key(|(key, _)| format!("{key:?}"));
                entries
            });
            let entries = one.into_iter().zip(two).flat_map(|(one, two)| {
                [(vec![PathSegment::MapKey], &one.0, &two.0), (vec![PathSegment::MapValue], &one.1, &two.1)]
            });
            Some(entries.collect())
        }
        _ => None,
    }
}

fn fields<'a>(one: &'a Record, two: &'a Record, variant: Option<&str>) -> Vec<Part<'a>> {
    let parts = one.fields().zip(two.fields()).map(|((name, one), (_, two))| {
        let steps = variant.map(PathSegment::variant).into_iter().chain([PathSegment::field(name)]);
        (steps.collect(), one, two)
    });
    parts.collect()
}

fn in_pairs<'a>(
    one: Vec<&'a Value>,
    two: Vec<&'a Value>,
    step: impl Fn(usize) -> PathSegment,
) -> Option<Vec<Part<'a>>> {
    let pairs = || one.iter().zip(&two).enumerate().map(|(at, (one, two))| (vec![step(at)], *one, *two)).collect();
    (one.len() == two.len()).then(pairs)
}

/// The elements of a set in an order that does not depend on how they are stored.
fn sorted(elements: &[Value]) -> Vec<&Value> {
    let mut elements: Vec<&Value> = elements.iter().collect();
    elements.sort_by_cached_key(|element| format!("{element:?}"));
    elements
}
