//! `SIZES`: joined from those of the stored fields.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{inner, stored};
use crate::ast::{Field, Input, Shape};

pub(super) fn expand(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    if let Some(field) = inner(input) {
        let ty = stored(field, krate);
        return quote!(#ty::SIZES);
    }
    match &input.shape {
        Shape::Struct(fields) => in_a_row(quote!(#krate::__private::Sizes::NOTHING), fields, krate),
        Shape::Enum(variants) => variants
            .iter()
            .map(|variant| {
                let tag = Literal::u32_unsuffixed(variant.tag);
                in_a_row(quote!(#krate::__private::Sizes::tag(#tag)), &variant.fields, krate)
            })
            .reduce(|sizes, next| quote!(#sizes.or(#next)))
            .unwrap_or_else(|| quote!(#krate::__private::Sizes::tag(0))),
    }
}

fn in_a_row(start: TokenStream, fields: &[Field<'_>], krate: &TokenStream) -> TokenStream {
    fields.iter().filter(|field| field.is_stored()).fold(start, |sizes, field| {
        let ty = stored(field, krate);
        quote!(#sizes.then(#ty::SIZES))
    })
}
