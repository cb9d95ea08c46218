//! Types in Rust syntax, for messages and for code to paste.

use crate::schema::{Field, Node, NodeId, Primitive, Schema, Variant};

/// A type's name with the words of Rust in place of those of schemas. Maps and sets keep theirs: Rust has several.
pub(super) fn rust_type(name: &str) -> String {
    words(name)
        .map(|word| match word {
            "string" => "String",
            "unit" => "()",
            "list" => "Vec",
            "option" => "Option",
            "nonzero" => "NonZero",
            other => other,
        })
        .collect()
}

/// A field with its type, as in a declaration; `..` for a type that has several forms in Rust.
pub(super) fn field(field: &Field, type_name: &str) -> String {
    let unclear = |word: &str| matches!(word, "map" | "set" | "logical" | "opaque");
    let is_known = !type_name.contains("...") && !words(type_name).any(unclear);
    let ty = if is_known { rust_type(type_name) } else { String::from("..") };
    match field.name.parse::<usize>() {
        // The fields of tuples have no names to write.
        Ok(_) => format!("{ty},"),
        Err(_) => format!("{}: {ty},", written(&field.name)),
    }
}

/// The beginning of a variant, as in a declaration.
pub(super) fn variant(variant: &Variant) -> String {
    let name = written(&variant.name);
    match variant.fields.first() {
        None => format!("{name},"),
        Some(field) if field.name.parse::<usize>().is_ok() => format!("{name}(..),"),
        Some(_) => format!("{name} {{ .. }},"),
    }
}

/// A type that is made of those of the language alone, as Rust has it; `None` if there is another one in it.
pub(super) fn plain_type(schema: &Schema, id: NodeId) -> Option<String> {
    /// The most nodes of a type. Larger types are not written out.
    const MOST: usize = 16;
    let mut open = vec![id];
    let mut seen = 0;
    while let Some(id) = open.pop() {
        seen += 1;
        let node = schema.node(id);
        match node {
            Node::Primitive(_) | Node::Option(_) | Node::List(_) | Node::Array { .. } | Node::Tuple(_) => {}
            Node::NonZero(_) => {}
            _ => return None,
        }
        if seen > MOST {
            return None;
        }
        open.extend(node.children());
    }
    Some(rust_type(&schema.type_name(id)))
}

/// A stored type as the source of the new release has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredType {
    /// The type.
    pub name: String,
    /// The declarations that keep the stored structs and enums in it.
    pub kept: Vec<String>,
}

/// A stored type as the source of the new release has it: its structs and enums are kept under names with their
/// versions. `None` if that is too much to write, or if a part has no form in Rust that is known.
pub(super) fn stored_type(schema: &Schema, id: NodeId) -> Option<StoredType> {
    /// The most nodes of a type that is written out.
    const MOST: usize = 24;
    let mut kept = Vec::new();
    let mut left = MOST;
    let name = write_stored(schema, id, &mut kept, &mut left)?;
    Some(StoredType { name, kept })
}

fn write_stored(schema: &Schema, id: NodeId, kept: &mut Vec<String>, left: &mut usize) -> Option<String> {
    *left = left.checked_sub(1)?;
    let node = schema.node(id);
    let mut keep = |name: &str, version: u32| {
        let kept_name = format!("{}V{version}", written(name));
        let version = if version == 1 { String::new() } else { format!(", version = {version}") };
        let declaration =
            format!("#[state(name = {}{version})]\n{} {kept_name} {{ .. }}", quoted(name), declares(node));
        if !kept.contains(&declaration) {
            kept.push(declaration);
        }
        kept_name
    };
    Some(match node {
        Node::Struct(node) => keep(&node.name, node.version),
        Node::Enum(node) => keep(&node.name, node.version),
        Node::Primitive(_) => rust_type(&schema.type_name(id)),
        Node::Option(inner) => format!("Option<{}>", write_stored(schema, *inner, kept, left)?),
        Node::List(inner) => format!("Vec<{}>", write_stored(schema, *inner, kept, left)?),
        Node::NonZero(inner) => format!("NonZero<{}>", write_stored(schema, *inner, kept, left)?),
        Node::Set(inner) => format!("HashSet<{}>", write_stored(schema, *inner, kept, left)?),
        Node::Array { element, length } => format!("[{}; {length}]", write_stored(schema, *element, kept, left)?),
        Node::Map { key, value } => {
            let key = write_stored(schema, *key, kept, left)?;
            format!("HashMap<{key}, {}>", write_stored(schema, *value, kept, left)?)
        }
        Node::Tuple(elements) => {
            let elements = elements.iter().map(|element| write_stored(schema, *element, kept, left));
            let elements: Option<Vec<String>> = elements.collect();
            match elements?.as_slice() {
                [only] => format!("({only},)"),
                all => format!("({})", all.join(", ")),
            }
        }
        Node::Logical(_) | Node::Opaque(_) => return None,
    })
}

/// The word that declares a type of this kind.
pub(super) fn declares(node: &Node) -> &'static str {
    if matches!(node, Node::Enum(_)) { "enum" } else { "struct" }
}

/// A name for code, on one line whatever it contains.
pub(super) fn written(name: &str) -> String {
    name.chars().fold(String::new(), |mut text, c| {
        if c.is_control() {
            text.extend(c.escape_unicode())
        } else {
            text.push(c)
        }
        text
    })
}

/// A name as the text that an attribute takes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", written(&name.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// A primitive, as Rust has it.
pub(super) fn primitive(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::String => "String",
        Primitive::Unit => "()",
        other => other.name(),
    }
}

/// How the declaration of a struct begins, or that of a variant (`Status::Shipped`).
pub(super) fn begin_of(owner: &str) -> String {
    match owner.rsplit_once("::") {
        None => format!("struct {} {{ .. }}", written(owner)),
        Some((_, variant)) => format!("{} {{ .. }},", written(variant)),
    }
}

/// The words, and the text between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c: char| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (word, more) = rest.split_at(end);
        rest = more;
        Some(word)
    })
}
