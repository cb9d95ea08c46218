//! Types as Rust spells them, for messages and for code to paste.

use crate::schema::{Field, Variant};

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

/// A field with its type, as it stands in a declaration; `..` for a type that has no one spelling.
pub(super) fn field(field: &Field, type_name: &str) -> String {
    let unclear = |word: &str| matches!(word, "map" | "set" | "logical" | "opaque");
    let is_known = !type_name.contains("...") && !words(type_name).any(unclear);
    let ty = if is_known { rust_type(type_name) } else { String::from("..") };
    match field.name.parse::<usize>() {
        // The fields of tuples have no names to write.
        Ok(_) => format!("{ty},"),
        Err(_) => format!("{}: {ty},", field.name),
    }
}

/// A variant as it begins in a declaration.
pub(super) fn variant(variant: &Variant) -> String {
    match variant.fields.first() {
        None => format!("{},", variant.name),
        Some(field) if field.name.parse::<usize>().is_ok() => format!("{}(..),", variant.name),
        Some(_) => format!("{} {{ .. }},", variant.name),
    }
}

/// The words and what stands between them.
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
