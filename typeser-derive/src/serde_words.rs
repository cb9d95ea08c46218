//! What `#[serde(...)]` says beside `#[state(...)]`, as far as both have a word for it.

use proc_macro2::{Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, Lit, Token};

use crate::tokens::literal;

/// A word of `#[serde(...)]` with the text of its value.
pub(crate) struct SerdeWord {
    pub(crate) word: String,
    pub(crate) value: Option<String>,
    pub(crate) span: Span,
}

/// The words in these attributes. What cannot be read is for serde to report.
pub(crate) fn serde_words(attributes: &[Attribute]) -> Vec<SerdeWord> {
    let mut words = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        _ = attribute.parse_nested_meta(|meta| {
            words.extend(read(&meta)?);
            Ok(())
        });
    }
    words
}

fn read(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<SerdeWord>> {
    let mut value = None;
    if meta.input.peek(Token![=]) {
        if let Some(Lit::Str(text)) = literal(&meta.value()?.parse::<Expr>()?) {
            value = Some(text.value());
        }
    } else if meta.input.peek(syn::token::Paren) {
        // Names that differ between reading and writing have no counterpart, so there is no value.
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<TokenStream>()?;
    }
    Ok(meta.path.get_ident().map(|ident| SerdeWord { word: ident.to_string(), value, span: ident.span() }))
}

/// The word of this name.
pub(crate) fn find<'a>(words: &'a [SerdeWord], name: &str) -> Option<&'a SerdeWord> {
    words.iter().find(|word| word.word == name)
}

/// What `rename_all` renames.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renamed {
    Fields,
    Variants,
}

/// The name that serde gives to a field or variant by this rule of `rename_all`; `None` if there is no such rule.
pub(crate) fn by_rule(rule: &str, renamed: Renamed, name: &str) -> Option<String> {
    let words = match renamed {
        Renamed::Fields => name.to_owned(),
        Renamed::Variants => snake(name),
    };
    Some(match (rule, renamed) {
        ("lowercase", Renamed::Variants) => name.to_ascii_lowercase(),
        ("UPPERCASE", Renamed::Variants) => name.to_ascii_uppercase(),
        ("lowercase" | "snake_case", _) => words,
        ("UPPERCASE" | "SCREAMING_SNAKE_CASE", _) => words.to_ascii_uppercase(),
        ("kebab-case", _) => words.replace('_', "-"),
        ("SCREAMING-KEBAB-CASE", _) => words.to_ascii_uppercase().replace('_', "-"),
        ("PascalCase", _) => words.split('_').map(capitalized).collect(),
        ("camelCase", _) => {
            let pascal: String = words.split('_').map(capitalized).collect();
            let mut letters = pascal.chars();
            letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
        }
        _ => return None,
    })
}

/// `InTransit` as `in_transit`.
fn snake(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::{Renamed, by_rule};

    #[test]
    fn the_rules_are_those_of_serde() {
        let renamed = |rule| {
            let of = |renamed, name| by_rule(rule, renamed, name).unwrap_or_default();
            (of(Renamed::Fields, "shipped_to"), of(Renamed::Variants, "InTransit"))
        };
        let pair = |field: &str, variant: &str| (field.to_owned(), variant.to_owned());
        assert_eq!(renamed("lowercase"), pair("shipped_to", "intransit"));
        assert_eq!(renamed("UPPERCASE"), pair("SHIPPED_TO", "INTRANSIT"));
        assert_eq!(renamed("PascalCase"), pair("ShippedTo", "InTransit"));
        assert_eq!(renamed("camelCase"), pair("shippedTo", "inTransit"));
        assert_eq!(renamed("snake_case"), pair("shipped_to", "in_transit"));
        assert_eq!(renamed("SCREAMING_SNAKE_CASE"), pair("SHIPPED_TO", "IN_TRANSIT"));
        assert_eq!(renamed("kebab-case"), pair("shipped-to", "in-transit"));
        assert_eq!(renamed("SCREAMING-KEBAB-CASE"), pair("SHIPPED-TO", "IN-TRANSIT"));
        assert_eq!(by_rule("Title Case", Renamed::Fields, "shipped_to"), None);
    }
}
