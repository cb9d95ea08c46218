//! Tokens for a field that several parts of the output use.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use crate::ast::{Field, Input, Shape};

/// The only stored field of a transparent struct, whose layout is that of the struct.
pub(super) fn inner<'a>(input: &'a Input<'_>) -> Option<&'a Field<'a>> {
    match &input.shape {
        Shape::Struct(fields) if input.attributes.transparent.is_some() => {
            fields.iter().find(|field| field.is_stored())
        }
        _ => None,
    }
}

/// The field's type as a `StateType`. If it is not one, the compiler points at the type.
pub(super) fn stored(field: &Field<'_>, krate: &TokenStream) -> TokenStream {
    let ty = field.ty;
    match &field.attributes.leaf {
        Some(leaf) => leaf.stored(ty, krate),
        None => quote_spanned!(ty.span()=> <#ty as #krate::StateType>),
    }
}

/// The value that an attribute names, or the type's own default.
pub(super) fn default_value(field: &Field<'_>, value: Option<&Expr>) -> TokenStream {
    let ty = field.ty;
    match value {
        Some(value) => value.to_token_stream(),
        None => quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default()),
    }
}
