//! The model's implementation of the program's functions, by their ids.

use std::borrow::Cow;

use typeser::schema::{EnumNode, Field, IntegerEncoding, Node, NodeId, Primitive, StructNode, Variant};

use super::super::value::{Layout, Value};

/// A function for a field.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The id.
    pub id: &'static str,
    /// The type of its argument.
    pub from: Primitive,
    /// The type of its result.
    pub to: Primitive,
    /// Whether different values stay different.
    pub injective: bool,
}

const fn function(id: &'static str, from: Primitive, to: Primitive, injective: bool) -> Function {
    Function { id, from, to, injective }
}

/// All of them.
pub const FUNCTIONS: [Function; 4] = [
    function("Functions.a: spelled", Primitive::U32, Primitive::String, true),
    function("Functions.b: length", Primitive::String, Primitive::U64, false),
    function("Functions.c: negative", Primitive::I64, Primitive::Bool, false),
    function("Functions.d: narrowed", Primitive::U64, Primitive::U32, false),
];

/// The function for a field of a struct: it takes [`Kind::Mirrored`] and returns [`Kind::Point`].
pub const STRAIGHT: &str = "Functions.e: straight";

/// The result of a function for a field; `None` if it refuses the value.
pub(super) fn call(id: &str, value: &Value) -> Option<Value> {
    Some(match (id, value) {
        ("Functions.a: spelled", Value::Unsigned(number)) => Value::String(format!("{number}")),
        ("Functions.b: length", Value::String(text)) => Value::Unsigned(text.chars().fold(0, |sum, _| sum + 1)),
        ("Functions.c: negative", Value::Signed(number)) => Value::Bool(*number <= -1),
        ("Functions.d: narrowed", Value::Unsigned(number @ 0..=0xFFFF_FFFF)) => Value::Unsigned(*number),
        (STRAIGHT, Value::Record(parts)) => match &parts[..] {
            [x, Value::Unsigned(y)] => Value::Record(vec![Value::Unsigned((*y + 1) % (1 << 16)), x.clone()]),
            _ => return None,
        },
        _ => return None,
    })
}

/// The functions for opaque leaves: of version 1, and of version 2.
pub const NOTES: [&str; 2] = ["opaque Note v1", "opaque Note v2"];

/// The result of a function for an opaque leaf; `None` if it refuses the content.
pub(super) fn call_opaque(id: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut content: Vec<u8> = bytes.to_vec();
    match id {
        "opaque Note v1" if bytes.len() < 4 => content.reverse(),
        "opaque Note v2" => content.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1)),
        _ => return None,
    }
    content.insert(0, b'*');
    Some(content)
}

/// The types that functions for whole values take and return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first version of a trip.
    Trip1,
    /// The second version.
    Trip2,
    /// The third version, which no function takes under its own type.
    Trip3,
    /// The current version.
    Trip4,
    /// Names and numbers in any value.
    Measured,
    /// The same, as an enum.
    Sorted,
    /// A value of any layout.
    Dynamic,
    /// A plain number.
    Number,
    /// A number and what is known of it.
    Tally2,
    /// The same, as an enum.
    Tally3,
    /// A number and a mark.
    Label1,
    /// The same, as one text.
    Label2,
    /// A point with its first names.
    Corner,
    /// A point as a function for a field reads it: a corner with the current names.
    Mirrored,
    /// The current point.
    Point,
}

/// A function for whole values.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The id.
    pub id: &'static str,
    /// The kind of its argument.
    pub takes: Kind,
    /// The kind of its result.
    pub gives: Kind,
    /// Whether different values stay different.
    pub injective: bool,
}

const fn migration(id: &'static str, takes: Kind, gives: Kind) -> Migration {
    Migration { id, takes, gives, injective: false }
}

/// All of them.
pub const MIGRATIONS: [Migration; 9] = [
    migration("Trip v1: longer", Kind::Trip1, Kind::Trip2),
    migration("Trip v2: named", Kind::Trip2, Kind::Dynamic),
    migration("Trip v3: in_feet", Kind::Dynamic, Kind::Trip4),
    migration("Measured v1: kept", Kind::Dynamic, Kind::Dynamic),
    migration("Measured v2: measured", Kind::Dynamic, Kind::Measured),
    migration("Sorted v1: sorted", Kind::Dynamic, Kind::Sorted),
    migration("Tally v1: of_number", Kind::Number, Kind::Tally2),
    migration("Tally v2: of_tally", Kind::Tally2, Kind::Tally3),
    Migration { injective: true, ..migration("Label v1: joined", Kind::Label1, Kind::Label2) },
];

impl Kind {
    /// The layout, root first; empty for [`Kind::Dynamic`].
    #[must_use]
    pub fn nodes(self) -> Vec<Node> {
        let record = |version: u32, fields: &[(&str, u32)]| {
            let fields = fields.iter().map(|(name, node)| field(name, *node)).collect();
            Node::Struct(StructNode { name: "Trip".to_owned(), version, fields })
        };
        let plain = Node::Primitive;
        let list = |element| Node::List(NodeId::new(element));
        let trip = |version| record(version, &[("length", 1), ("name", 3), ("places", 2)]);
        match self {
            Self::Trip1 => {
                vec![
                    record(1, &[("metres", 1), ("places", 2)]),
                    plain(Primitive::U32),
                    list(3),
                    plain(Primitive::String),
                ]
            }
            Self::Trip2 => {
                vec![
                    record(2, &[("metres", 1), ("places", 2)]),
                    plain(Primitive::U64),
                    list(3),
                    plain(Primitive::String),
                ]
            }
            Self::Trip3 => vec![trip(3), plain(Primitive::U64), list(3), plain(Primitive::String)],
            Self::Trip4 => vec![trip(4), plain(Primitive::U64), list(3), plain(Primitive::String)],
            Self::Measured => {
                vec![record(3, &[("words", 2), ("sum", 1)]), plain(Primitive::U64), plain(Primitive::String)]
            }
            Self::Sorted => {
                let something = vec![field("sum", 1), field("words", 2)];
                let variants = vec![
                    Variant { name: "Nothing".to_owned(), tag: 0, fields: vec![] },
                    Variant { name: "Something".to_owned(), tag: 1, fields: something },
                ];
                let node = Node::Enum(EnumNode { name: "Trip".to_owned(), version: 2, variants });
                vec![node, plain(Primitive::U64), Node::Option(NodeId::new(3)), plain(Primitive::String)]
            }
            Self::Dynamic => vec![],
            Self::Number => vec![plain(Primitive::U32)],
            Self::Tally2 => {
                let fields = vec![field("even", 1), field("number", 2)];
                let node = Node::Struct(StructNode { name: "Tally".to_owned(), version: 2, fields });
                vec![node, plain(Primitive::Bool), plain(Primitive::U64)]
            }
            Self::Tally3 => {
                let more = vec![field("number", 2), field("even", 1)];
                let variants = vec![
                    Variant { name: "Zero".to_owned(), tag: 0, fields: vec![] },
                    Variant { name: "More".to_owned(), tag: 1, fields: more },
                ];
                let node = Node::Enum(EnumNode { name: "Tally".to_owned(), version: 3, variants });
                vec![node, plain(Primitive::Bool), plain(Primitive::U64)]
            }
            Self::Label1 => {
                let fields = vec![field("number", 1), field("mark", 2)];
                let node = Node::Struct(StructNode { name: "Label".to_owned(), version: 1, fields });
                vec![node, plain(Primitive::U32), plain(Primitive::Bool)]
            }
            Self::Label2 => {
                let fields = vec![field("text", 1)];
                let node = Node::Struct(StructNode { name: "Label".to_owned(), version: 2, fields });
                vec![node, plain(Primitive::String)]
            }
            Self::Corner => point([("a", 1), ("b", 2)]),
            Self::Mirrored => point([("x", 1), ("y", 2)]),
            Self::Point => point([("y", 2), ("x", 1)]),
        }
    }
}

fn point(fields: [(&str, u32); 2]) -> Vec<Node> {
    let fields = fields.iter().map(|(name, node)| field(name, *node)).collect();
    let top = Node::Struct(StructNode { name: "Point".to_owned(), version: 1, fields });
    vec![top, Node::Primitive(Primitive::U8), Node::Primitive(Primitive::U16)]
}

fn field(name: &str, node: u32) -> Field {
    Field { name: name.to_owned(), node: NodeId::new(node) }
}

/// A value on its way through a chain of functions.
pub(super) struct Passed<'a> {
    kind: Kind,
    nodes: Cow<'a, [Node]>,
    at: NodeId,
    value: Value,
}

impl<'a> Passed<'a> {
    /// A stored value, as the first function takes it.
    pub(super) fn stored(layout: Layout<'a>, at: NodeId, value: &Value, id: &str) -> Option<Self> {
        let kind = MIGRATIONS.iter().find(|known| known.id == id)?.takes;
        Some(Self { kind, nodes: Cow::Borrowed(layout.nodes), at, value: value.clone() })
    }

    /// A value that the rules have made for the first function.
    pub(super) fn read(nodes: Vec<Node>, value: Value, id: &str) -> Option<Self> {
        let kind = MIGRATIONS.iter().find(|known| known.id == id)?.takes;
        Some(Self { kind, nodes: Cow::Owned(nodes), at: NodeId::ROOT, value })
    }

    pub(super) fn into_value(self) -> Value {
        self.value
    }

    /// The result of a function; `None` if it refuses the value.
    pub(super) fn through(self, id: &str) -> Option<Self> {
        let function = MIGRATIONS.iter().find(|known| known.id == id).filter(|known| known.takes == self.kind)?;
        let made = |kind: Kind, value| {
            let nodes = if kind == Kind::Dynamic { Kind::Trip3.nodes() } else { kind.nodes() };
            Some(Self { kind, nodes: Cow::Owned(nodes), at: NodeId::ROOT, value })
        };
        let given = match (id, &self.value) {
            ("Measured v1: kept", _) => return Some(self),
            ("Trip v1: longer", value) => value.clone(),
            ("Trip v2: named", Value::Record(parts)) => match &parts[..] {
                [metres, Value::List(places)] => {
                    Value::Record(vec![metres.clone(), places.last()?.clone(), Value::List(places.clone())])
                }
                _ => return None,
            },
            ("Trip v3: in_feet", _) => {
                let length = match self.part("length")? {
                    (_, Value::Unsigned(length)) => u64::try_from(*length).ok()?,
                    (_, Value::Signed(length)) => u64::try_from(*length).ok()?,
                    _ => return None,
                };
                let ((_, name @ Value::String(_)), (places, Value::List(names))) =
                    (self.part("name")?, self.part("places")?)
                else {
                    return None;
                };
                if !matches!(places, Node::List(_)) || !names.iter().all(|name| matches!(name, Value::String(_))) {
                    return None;
                }
                let length = Value::Unsigned((u128::from(length) * 3) % (1 << 64));
                Value::Record(vec![length, name.clone(), Value::List(names.clone())])
            }
            ("Measured v2: measured", _) => match self.measured() {
                (_, sum) if sum % 8 == 7 => return None,
                (words, sum) => Value::Record(vec![Value::String(words), Value::Unsigned(sum.into())]),
            },
            ("Sorted v1: sorted", _) => match self.measured() {
                (_, 0) => Value::Variant(0, vec![]),
                (words, sum) => {
                    let words =
                        Some(Box::new(Value::String(words))).filter(|words| **words != Value::String(String::new()));
                    Value::Variant(1, vec![Value::Unsigned(sum.into()), Value::Option(words)])
                }
            },
            ("Tally v1: of_number", Value::Unsigned(number)) => {
                Value::Record(vec![Value::Bool(number % 2 == 0), Value::Unsigned(number + number + number)])
            }
            ("Tally v2: of_tally", Value::Record(parts)) => match &parts[..] {
                [_, Value::Unsigned(0)] => Value::Variant(0, vec![]),
                [Value::Bool(false), Value::Unsigned(0xFFFF_FFFF_FFFF_FFFF)] => return None,
                [even, number] => Value::Variant(1, vec![number.clone(), even.clone()]),
                _ => return None,
            },
            ("Label v1: joined", Value::Record(parts)) => match &parts[..] {
                [Value::Unsigned(number), Value::Bool(mark)] => {
                    let mark = ["", "!"][usize::from(*mark)];
                    Value::Record(vec![Value::String(number.to_string() + mark)])
                }
                _ => return None,
            },
            _ => return None,
        };
        made(function.gives, given)
    }

    /// A field of a struct or of the payload of a variant, and its node without transparent wrappers.
    fn part(&self, name: &str) -> Option<(&Node, &Value)> {
        let layout = Layout::new(&self.nodes, IntegerEncoding::Fixed);
        let (fields, values) = match (layout.node(self.at), &self.value) {
            (Node::Struct(node), Value::Record(values)) => (&node.fields, values),
            (Node::Enum(node), Value::Variant(place, values)) => (&node.variants[*place].fields, values),
            _ => return None,
        };
        let at = fields.iter().position(|field| field.name == name)?;
        let mut node = &self.nodes[fields[at].node.index()];
        while let Node::Logical(_) | Node::NonZero(_) = node {
            node = &self.nodes[node.children().next()?.index()];
        }
        Some((node, &values[at]))
    }

    /// The names of fields and variants in their order, and the sum of numbers and lengths.
    fn measured(&self) -> (String, u64) {
        let mut all = (String::new(), 0u64);
        self.measure(self.at, &self.value, &mut all);
        all
    }

    fn measure(&self, at: NodeId, value: &Value, all: &mut (String, u64)) {
        let word = |word: &str, all: &mut (String, u64)| {
            if all.0.len() < 40 {
                all.0.push_str(word);
            }
        };
        let fields = |fields: &[Field], values: &[Value], all: &mut (String, u64)| {
            for (field, value) in fields.iter().zip(values) {
                word(&field.name, all);
                self.measure(field.node, value, all);
            }
        };
        match (&self.nodes[at.index()], value) {
            (Node::Struct(node), Value::Record(values)) => fields(&node.fields, values, all),
            (Node::Enum(node), Value::Variant(place, values)) => {
                word(&node.variants[*place].name, all);
                fields(&node.variants[*place].fields, values, all);
            }
            (Node::Option(inner), Value::Option(Some(value))) => self.measure(*inner, value, all),
            (Node::List(element) | Node::Set(element), Value::List(values))
            | (Node::Array { element, .. }, Value::Record(values)) => {
                values.iter().for_each(|value| self.measure(*element, value, all));
            }
            (Node::Tuple(elements), Value::Record(values)) => {
                elements.iter().zip(values).for_each(|(element, value)| self.measure(*element, value, all));
            }
            (Node::Map { key, value }, Value::Map(entries)) => entries.iter().for_each(|(a_key, a_value)| {
                self.measure(*key, a_key, all);
                self.measure(*value, a_value, all);
            }),
            (Node::NonZero(inner), value) => self.measure(*inner, value, all),
            (Node::Logical(node), value) => self.measure(node.representation, value, all),
            (_, Value::Unsigned(number)) => all.1 = all.1.wrapping_add(*number as u64),
            (_, Value::Signed(number)) => all.1 = all.1.wrapping_add(*number as u64),
            (_, Value::String(text)) => all.1 = all.1.wrapping_add(text.len() as u64),
            (_, Value::Opaque(bytes)) => all.1 = all.1.wrapping_add(bytes.len() as u64),
            _ => {}
        }
    }
}
