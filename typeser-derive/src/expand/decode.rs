//! `decode`: the stored fields in order, after the tag of an enum. Other fields get their default.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::field::{default_value, inner, stored};
use crate::ast::{Field, Input, Shape};

/// The code for a value of the type at `path`: the type itself, or the foreign one that it mirrors.
pub(super) fn expand(input: &Input<'_>, path: &TokenStream, krate: &TokenStream) -> TokenStream {
    match &input.shape {
        Shape::Struct(all) => {
            let fields = match inner(input) {
                Some(field) => {
                    let ty = stored(field, krate);
                    fields(all, |_| quote!(#ty::decode(__from)?))
                }
                None => fields(all, |field| read(field, krate)),
            };
            quote!(::core::result::Result::Ok(#path { #fields }))
        }
        Shape::Enum(variants) => {
            let name = &input.name.value;
            let arms = variants.iter().map(|variant| {
                let ident = &variant.original.ident;
                let tag = Literal::u32_unsuffixed(variant.tag);
                let has_payload = variant.fields.iter().any(Field::is_stored);
                let fields = fields(&variant.fields, |field| read(field, krate));
                if !has_payload {
                    return quote!(#tag => ::core::result::Result::Ok(#path::#ident { #fields }),);
                }
                quote! {
                    #tag => {
                        #krate::__private::enter_reader::<Self, _>(__from)?;
                        let __value = #path::#ident { #fields };
                        #krate::__private::leave_reader::<Self, _>(__from);
                        ::core::result::Result::Ok(__value)
                    }
                }
            });
            quote! {
                match #krate::__private::Reader::take_tag(__from)? {
                    #(#arms)*
                    __tag => ::core::result::Result::Err(#krate::__private::unknown_tag(__from, #name, __tag)),
                }
            }
        }
    }
}

fn read(field: &Field<'_>, krate: &TokenStream) -> TokenStream {
    let ty = stored(field, krate);
    quote!(#ty::decode_field(__from)?)
}

fn fields(fields: &[Field<'_>], read: impl Fn(&Field<'_>) -> TokenStream) -> TokenStream {
    let values = fields.iter().map(|field| {
        let (member, ty) = (&field.member, field.ty);
        if field.is_stored() {
            let value = read(field);
            quote!(#member: #value,)
        } else {
            let default = field.attributes.default.as_ref().and_then(|default| default.value.as_ref());
            let value = default_value(field, default);
            quote!(#member: { let __value: #ty = #value; __value },)
        }
    });
    quote!(#(#values)*)
}
