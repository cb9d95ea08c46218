//! Random values of a layout.

use std::collections::HashSet;

use typeser::schema::{Node, NodeId, Primitive};

use super::source::Source;
use super::value::{Layout, Value};

/// The usual depth of random values, in layers of the layout; some are deeper.
const DEPTH: u32 = 12;
const FAR: u32 = 120;
/// After this many parts, only small values are made; after many more, none.
const BUDGET: i32 = 200;
/// The largest number of parts of a lengthened list.
const MOST: usize = 50_000;
/// At more than this distance from the depth limit, a deep value nests wherever it can.
const STEERED: u32 = 200;

impl Layout<'_> {
    /// A random value of this node; `None` if no finite one was found.
    pub fn value(&self, id: NodeId, source: &mut Source) -> Option<Value> {
        let mut budget = BUDGET;
        let depth = if source.below(3) == 0 { FAR } else { DEPTH };
        self.make(id, source, depth, &mut budget)
    }

    /// A small random value. Constants are small because they are written wherever they are needed, possibly often.
    pub fn constant(&self, id: NodeId, source: &mut Source) -> Option<Value> {
        let mut budget = BUDGET / 8;
        self.make(id, source, DEPTH, &mut budget)
    }

    /// A value as deep as its type allows, up to and beyond the read limit.
    pub fn deep(&self, id: NodeId, source: &mut Source) -> Option<Value> {
        let mut budget = 20 * BUDGET;
        let depth = STEERED + [300, 900, 1_100, 1_900][source.below(4)];
        self.make(id, source, depth, &mut budget)
    }

    fn make(&self, id: NodeId, source: &mut Source, depth: u32, budget: &mut i32) -> Option<Value> {
        *budget -= 1;
        if *budget < -20 * BUDGET {
            return None;
        }
        // Once the depth or the budget is used up, make small values, or `None` for types without small values.
        let steered = depth > STEERED && *budget > 0;
        let small = depth < 4 || *budget <= 0;
        let size = |source: &mut Source, most| match (steered, small) {
            (true, _) => 1,
            (_, true) => 0,
            _ => source.below(most),
        };
        let less = depth.checked_sub(1)?;
        Some(match self.node(id) {
            Node::Primitive(primitive) => make_primitive(*primitive, source),
            Node::Struct(node) => {
                let fields = node.fields.iter();
                Value::Record(fields.map(|field| self.make(field.node, source, less, budget)).collect::<Option<_>>()?)
            }
            Node::Tuple(elements) => {
                let elements = elements.iter();
                Value::Record(elements.map(|element| self.make(*element, source, less, budget)).collect::<Option<_>>()?)
            }
            Node::Array { element, length } => {
                Value::Record((0..*length).map(|_| self.make(*element, source, less, budget)).collect::<Option<_>>()?)
            }
            Node::Enum(node) => {
                let count = node.variants.len();
                let mut first = if count == 0 { return None } else { source.below(count) };
                if steered && node.variants[first].fields.is_empty() {
                    first = node.variants.iter().position(|variant| !variant.fields.is_empty()).unwrap_or(first);
                }
                // The first finite one, starting at a random one.
                (0..count).find_map(|step| {
                    let place = (first + step) % count;
                    let fields = node.variants[place].fields.iter();
                    let values =
                        fields.map(|field| self.make(field.node, source, less, budget)).collect::<Option<_>>()?;
                    Some(Value::Variant(place, values))
                })?
            }
            Node::Option(inner) => match small || (!steered && source.below(3) == 0) {
                true => Value::Option(None),
                false => Value::Option(self.make(*inner, source, less, budget).map(Box::new)),
            },
            Node::List(element) => {
                let count = size(source, 5);
                let few: Vec<Value> = (0..count).map_while(|_| self.make(*element, source, less, budget)).collect();
                // A long list repeats a few values instead of choosing each of them.
                let long = few.len() > 1 && *budget > BUDGET / 8 && source.one_in(24);
                let length = if long { [20, 70, 300, 1_500][source.below(4)] } else { few.len() };
                let long = long && length * few.iter().map(Value::count).sum::<usize>() < MOST;
                if long {
                    // One long list per value is enough: lists of long lists would take too long.
                    *budget = (*budget).min(0);
                }
                Value::List(if long { few.iter().cycle().take(length + 1).cloned().collect() } else { few })
            }
            Node::Set(element) => {
                let count = size(source, 5);
                let mut seen = HashSet::new();
                let elements = (0..count).map_while(|_| self.make(*element, source, less, budget));
                Value::List(elements.filter(|element| seen.insert(element.clone())).collect())
            }
            Node::Map { key, value } => {
                let count = size(source, 4);
                let mut seen = HashSet::new();
                let entries = (0..count).map_while(|_| {
                    let key = self.make(*key, source, less, budget)?;
                    Some((key, self.make(*value, source, less, budget)?))
                });
                Value::Map(entries.filter(|(key, _)| seen.insert(key.clone())).collect())
            }
            Node::NonZero(inner) => match self.make(*inner, source, depth, budget)? {
                Value::Unsigned(value) => Value::Unsigned(value.max(1)),
                Value::Signed(0) => Value::Signed(-1),
                value => value,
            },
            Node::Logical(node) => match (self.make(node.representation, source, depth, budget)?, self.is_time(id)) {
                (Value::Record(mut parts), true) => {
                    if let Some(Value::Unsigned(nanoseconds)) = parts.get_mut(1) {
                        *nanoseconds %= 1_000_000_000;
                    }
                    Value::Record(parts)
                }
                (value, _) => value,
            },
            Node::Opaque(_) => {
                let length = source.below(5);
                Value::Opaque((0..length).map(|_| source.number() as u8).collect())
            }
        })
    }
}

const CHARACTERS: [char; 6] = ['a', '\0', '\u{7f}', '\u{e9}', '\u{20ac}', '\u{1f600}'];

fn make_primitive(primitive: Primitive, source: &mut Source) -> Value {
    match primitive {
        Primitive::Unit => Value::Unit,
        Primitive::Bool => Value::Bool(source.below(2) == 1),
        Primitive::F32 => {
            Value::F32([0, 0x8000_0000, 0x3F80_0000, 0x7F80_0000, 0x7FC0_0000, source.number()][source.below(6)])
        }
        Primitive::F64 => {
            Value::F64([0, 1 << 63, 0x3FF0_0000_0000_0000, u64::from(source.number()) << 20][source.below(4)])
        }
        Primitive::Char => Value::Char(*source.pick(&CHARACTERS)),
        Primitive::String => {
            let length = source.below(6);
            Value::String((0..length).map(|_| *source.pick(&CHARACTERS)).collect())
        }
        integer => {
            let bits = 8 * integer.width().unwrap_or(1) as u32;
            let raw = match source.below(6) {
                0 => 0,
                1 => 250 + source.below(3) as u128,
                2 => u128::MAX,
                3 => 1u128 << (bits - 1),
                4 => u128::from(source.number() % 0x1_0002),
                _ => (0..4).fold(0, |sum, _| sum << 32 | u128::from(source.number())),
            };
            let shift = 128 - bits;
            match integer.is_signed() {
                true => Value::Signed((raw << shift).cast_signed() >> shift),
                false => Value::Unsigned(raw << shift >> shift),
            }
        }
    }
}
