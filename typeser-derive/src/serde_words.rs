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
        // Names that differ between reading and writing have no counterpart.
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<TokenStream>()?;
        return Ok(None);
    }
    Ok(meta.path.get_ident().map(|ident| SerdeWord { word: ident.to_string(), value, span: ident.span() }))
}
