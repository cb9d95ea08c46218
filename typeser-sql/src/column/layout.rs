//! The Arrow type of a layout, decided from the snapshot alone.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Fields};
use typeser::SerializerSnapshot;
use typeser::schema::{self, Node, NodeId, Primitive, Schema};

use super::logical::Logical;

/// The field of a nested option that holds its value.
pub(super) const SOME: &str = "some";
/// The field of an enum that names the variant.
const VARIANT: &str = "variant";
/// Layouts nested deeper are read as JSON: Arrow types are walked by recursion.
const DEEPEST: usize = 48;
/// A layout with more columns than these has JSON in place of the others: shared parts of a layout can be so many.
const MOST_COLUMNS: usize = 4096;

/// A column of a table, or a field, element or payload within one.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(super) data_type: DataType,
    pub(crate) kind: Kind,
}

/// How values become elements of an array.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A leaf other than `()`.
    Primitive(Primitive),
    /// `()` and structs without fields: true.
    Unit,
    /// Lists and arrays of `u8`, and opaque leaves.
    Bytes,
    /// A part of a recursive type, as JSON.
    Json,
    /// An option whose value is never null.
    Option(Box<Column>),
    /// An option whose value may itself be null: a struct with the field `some`.
    Some(Box<Column>),
    /// A struct or tuple: its fields, by position.
    Fields(Vec<Column>),
    /// A struct with one unnamed field: what the field is.
    Newtype(Box<Column>),
    /// A list, set or array.
    List(Box<Column>),
    /// A map whose keys are never null.
    Map(Box<Column>, Box<Column>),
    /// Any other map: a list of structs.
    Pairs(Box<Column>, Box<Column>),
    /// An enum without payloads: the names of its variants.
    Names(Vec<String>),
    /// An enum: the names of its variants, and the payloads of those that have one.
    Variants(Vec<String>, Vec<Option<Column>>),
    /// A logical type.
    Logical(Logical),
}

impl Column {
    /// The column for values of a serializer.
    pub(crate) fn of(snapshot: &SerializerSnapshot) -> Self {
        let mut compiler = Compiler { schema: snapshot.schema(), enclosing: Vec::new(), columns: 0 };
        compiler.column(NodeId::ROOT)
    }

    /// The column for lists of these values.
    pub(crate) fn list_of(element: Self) -> Self {
        Self::new(DataType::List(Arc::new(element.field("item"))), Kind::List(Box::new(element)))
    }

    /// The column for maps from keys to values.
    pub(crate) fn map_of(key: Self, value: Self) -> Self {
        let [keys, values] = [("key", &key), ("value", &value)].map(|(name, column)| column.field(name));
        if key.is_nullable() {
            let entry = DataType::Struct(Fields::from(vec![keys, values]));
            let list = DataType::List(Arc::new(Field::new("item", entry, true)));
            return Self::new(list, Kind::Pairs(Box::new(key), Box::new(value)));
        }
        let entry = DataType::Struct(Fields::from(vec![keys.with_nullable(false), values]));
        let entries = Arc::new(Field::new("entries", entry, false));
        Self::new(DataType::Map(entries, false), Kind::Map(Box::new(key), Box::new(value)))
    }

    /// The column for tuples of these fields.
    pub(crate) fn fields_of(fields: Vec<(String, Self)>) -> Self {
        let mut names = Vec::new();
        let mut columns = Vec::new();
        let mut arrow = Vec::new();
        for (name, column) in fields {
            let name = free_name(name, &names);
            arrow.push(column.field(&name));
            names.push(name);
            columns.push(column);
        }
        Self::new(DataType::Struct(Fields::from(arrow)), Kind::Fields(columns))
    }

    /// The column for a leaf.
    pub(crate) fn primitive(primitive: Primitive) -> Self {
        let data_type = match primitive {
            Primitive::Unit => return Self::new(DataType::Boolean, Kind::Unit),
            Primitive::Bool => DataType::Boolean,
            Primitive::U8 => DataType::UInt8,
            Primitive::U16 => DataType::UInt16,
            Primitive::U32 => DataType::UInt32,
            Primitive::U64 => DataType::UInt64,
            Primitive::I8 => DataType::Int8,
            Primitive::I16 => DataType::Int16,
            Primitive::I32 => DataType::Int32,
            Primitive::I64 => DataType::Int64,
            Primitive::F32 => DataType::Float32,
            Primitive::F64 => DataType::Float64,
            // 128 bits have 39 decimal digits; `Decimal128` has 38.
            Primitive::U128 | Primitive::I128 => DataType::Decimal256(39, 0),
            Primitive::Char | Primitive::String => DataType::Utf8,
        };
        Self::new(data_type, Kind::Primitive(primitive))
    }

    pub(super) fn new(data_type: DataType, kind: Kind) -> Self {
        Self { data_type, kind }
    }

    /// The Arrow field of this name. Every field can be null: a struct that holds it may be.
    pub(crate) fn field(&self, name: &str) -> Field {
        Field::new(name, self.data_type.clone(), true)
    }

    /// Whether a value may be null although it is there.
    fn is_nullable(&self) -> bool {
        match &self.kind {
            Kind::Option(_) | Kind::Some(_) => true,
            Kind::Newtype(inner) => inner.is_nullable(),
            _ => false,
        }
    }
}

/// The name, with as many `_` behind it as make it differ from those that are taken.
pub(crate) fn free_name(mut name: String, taken: &[String]) -> String {
    while taken.contains(&name) {
        name.push('_');
    }
    name
}

struct Compiler<'a> {
    schema: &'a Schema,
    /// The nodes from the root to the current one.
    enclosing: Vec<NodeId>,
    columns: usize,
}

impl Compiler<'_> {
    fn column(&mut self, id: NodeId) -> Column {
        self.columns += 1;
        let too_much = self.enclosing.len() >= DEEPEST || self.columns > MOST_COLUMNS;
        let node = match self.schema.get(id) {
            Some(node) if !too_much && !self.enclosing.contains(&id) => node,
            _ => return Column::new(DataType::Utf8, Kind::Json),
        };
        self.enclosing.push(id);
        let column = self.of_node(node);
        self.enclosing.pop();
        column
    }

    fn of_node(&mut self, node: &Node) -> Column {
        match node {
            Node::Primitive(primitive) => Column::primitive(*primitive),
            Node::NonZero(inner) => self.column(*inner),
            Node::Struct(node) => self.of_fields(&node.fields),
            Node::Tuple(elements) => {
                let fields = elements.iter().enumerate();
                let fields = fields.map(|(place, element)| (place.to_string(), self.column(*element))).collect();
                Column::fields_of(fields)
            }
            Node::Enum(node) => self.of_variants(&node.variants),
            Node::Option(inner) => {
                let inner = Box::new(self.column(*inner));
                if inner.is_nullable() {
                    let fields = Fields::from(vec![inner.field(SOME)]);
                    Column::new(DataType::Struct(fields), Kind::Some(inner))
                } else {
                    Column::new(inner.data_type.clone(), Kind::Option(inner))
                }
            }
            Node::List(element) | Node::Array { element, .. } => match self.schema.get(*element) {
                Some(Node::Primitive(Primitive::U8)) => Column::new(DataType::Binary, Kind::Bytes),
                _ => Column::list_of(self.column(*element)),
            },
            Node::Set(element) => Column::list_of(self.column(*element)),
            Node::Map { key, value } => {
                let key = self.column(*key);
                Column::map_of(key, self.column(*value))
            }
            Node::Opaque(_) => Column::new(DataType::Binary, Kind::Bytes),
            Node::Logical(node) => match Logical::of(self.schema, node) {
                Some(logical) => Column::new(logical.data_type(), Kind::Logical(logical)),
                None if matches!(node.name.as_str(), "range" | "range-inclusive") => {
                    self.of_bounds(node.representation, &["start", "end"])
                }
                None if node.name == "range-from" => self.of_bounds(node.representation, &["start"]),
                None if matches!(node.name.as_str(), "range-to" | "range-to-inclusive") => {
                    self.of_bounds(node.representation, &["end"])
                }
                None => self.column(node.representation),
            },
        }
    }

    /// A tuple whose parts have these names.
    fn of_bounds(&mut self, tuple: NodeId, names: &[&str]) -> Column {
        match self.schema.get(tuple) {
            Some(Node::Tuple(parts)) if parts.len() == names.len() => {
                let fields = names.iter().zip(parts);
                Column::fields_of(fields.map(|(name, part)| ((*name).to_owned(), self.column(*part))).collect())
            }
            _ => self.column(tuple),
        }
    }

    fn of_fields(&mut self, fields: &[schema::Field]) -> Column {
        match fields {
            [] => Column::primitive(Primitive::Unit),
            [only] if only.name == "0" => {
                let inner = Box::new(self.column(only.node));
                Column::new(inner.data_type.clone(), Kind::Newtype(inner))
            }
            fields => {
                let fields = fields.iter().map(|field| (field.name.clone(), self.column(field.node))).collect();
                Column::fields_of(fields)
            }
        }
    }

    fn of_variants(&mut self, variants: &[schema::Variant]) -> Column {
        let names: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        if variants.iter().all(|variant| variant.fields.is_empty()) {
            return Column::new(dictionary, Kind::Names(names));
        }
        let mut taken = Vec::new();
        let mut payloads = Vec::new();
        let mut fields = vec![Field::new(free_name(VARIANT.to_owned(), &names), dictionary, true)];
        for variant in variants {
            let payload = (!variant.fields.is_empty()).then(|| self.of_fields(&variant.fields));
            if let Some(payload) = &payload {
                let name = free_name(variant.name.clone(), &taken);
                fields.push(payload.field(&name));
                taken.push(name);
            }
            payloads.push(payload);
        }
        Column::new(DataType::Struct(Fields::from(fields)), Kind::Variants(names, payloads))
    }
}
