//! Types in Rust syntax, for messages and for code to paste.

use crate::schema::{Field, Node, NodeId, Schema, Variant};

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
