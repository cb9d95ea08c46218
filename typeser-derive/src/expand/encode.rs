//! `encode`: the stored fields in order, after the tag of an enum.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use super::field::{inner, stored};
use crate::ast::{Field, Input, Shape, Variant};

/// The code for `value`, which is of the type at `path`: the type itself, or the foreign one that it mirrors.
pub(super) fn expand(input: &Input<'_>, value: &TokenStream, path: &TokenStream, krate: &TokenStream) -> TokenStream {
    if let Some(field) = inner(input) {
        let (ty, member) = (stored(field, krate), &field.member);
        return quote!(#ty::encode(&#value.#member, __to));
    }
    let body = match &input.shape {
        Shape::Struct(fields) => {
            let fields = fields.iter().filter(|field| field.is_stored()).map(|field| {
                let (ty, member) = (stored(field, krate), &field.member);
                quote!(#ty::encode_field(&#value.#member, __to)?;)
            });
            quote!(#(#fields)*)
        }
        Shape::Enum(variants) => {
            let arms = variants.iter().map(|variant| arm(variant, path, krate));
            quote!(match #value { #(#arms)* })
        }
    };
    quote! {
        #body
        ::core::result::Result::Ok(())
    }
}

fn arm(variant: &Variant<'_>, path: &TokenStream, krate: &TokenStream) -> TokenStream {
    let ident = &variant.original.ident;
    let tag = Literal::u32_unsuffixed(variant.tag);
    let stored: Vec<(&Field<'_>, Ident)> = variant
        .fields
        .iter()
        .filter(|field| field.is_stored())
        .enumerate()
        .map(|(index, field)| (field, format_ident!("__field_{index}", span = Span::mixed_site())))
        .collect();
    let members = stored.iter().map(|(field, _)| &field.member);
    let bindings = stored.iter().map(|(_, binding)| binding);
    let fields = stored.iter().map(|(field, binding)| {
        let ty = super::field::stored(field, krate);
        quote!(#ty::encode_field(#binding, __to)?;)
    });
    let fields = quote!(#(#fields)*);
    let payload = match stored.is_empty() {
        true => fields,
        false => quote! {
            #krate::__private::enter_writer::<Self, _>(__to)?;
            #fields
            #krate::__private::leave_writer::<Self, _>(__to);
        },
    };
    quote! {
        #path::#ident { #(#members: #bindings,)* .. } => {
            #krate::__private::Writer::put_tag(__to, #tag);
            #payload
        }
    }
}
