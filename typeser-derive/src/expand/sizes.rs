//! `SIZES`: joined from those of the stored fields.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, TypePath};

use super::field::{inner, stored};
use crate::ast::{Field, Input, Shape};

pub(super) fn expand(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    if let Some(field) = inner(input) {
        let ty = stored(field, krate);
        return quote!(#ty::SIZES);
    }
    match &input.shape {
        Shape::Struct(fields) => in_a_row(quote!(#krate::__private::Sizes::NOTHING), fields, input.ident, krate),
        Shape::Enum(variants) => variants
            .iter()
            .map(|variant| {
                let tag = Literal::u32_unsuffixed(variant.tag);
                in_a_row(quote!(#krate::__private::Sizes::tag(#tag)), &variant.fields, input.ident, krate)
            })
            .reduce(|sizes, next| quote!(#sizes.or(#next)))
            .unwrap_or_else(|| quote!(#krate::__private::Sizes::tag(0))),
    }
}

fn in_a_row(start: TokenStream, fields: &[Field<'_>], own: &Ident, krate: &TokenStream) -> TokenStream {
    fields.iter().filter(|field| field.is_stored()).fold(start, |sizes, field| {
        if field.attributes.leaf.is_none() && holds_directly(field, own) {
            return quote!(#sizes.then(#krate::__private::Sizes::UNKNOWN));
        }
        let ty = stored(field, krate);
        quote!(#sizes.then(#ty::SIZES))
    })
}

/// Whether a field contains the type itself without an indirection. The compiler reports such a type clearly; using its
/// size would add a long error about a cycle.
fn holds_directly(field: &Field<'_>, own: &Ident) -> bool {
    let mut search = Search { own, found: false };
    search.visit_type_mut(&mut field.ty.clone());
    search.found
}

struct Search<'a> {
    own: &'a Ident,
    found: bool,
}

impl VisitMut for Search<'_> {
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        let Some(last) = path.path.segments.last() else { return };
        if path.path.segments.len() == 1 && (last.ident == *self.own || last.ident == "Self") {
            self.found = true;
        } else if last.ident == "Option" {
            visit_mut::visit_type_path_mut(self, path);
        }
    }
}
