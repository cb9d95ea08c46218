//! The output: the implementations, each part in a file of its own.
//!
//! The output knows no rule of compatibility. What attributes say about other releases ends up in `describe` and
//! nowhere else. Every path is written in full, since the user's names may shadow any other; the lint against that
//! would see a path which the user gave by `crate = path`.

mod bounds;
mod decode;
mod describe;
mod encode;
mod functions;
mod key;
mod sizes;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ast::{Field, Input, Shape};
use crate::leaf;

/// The implementations for a type that passed all checks.
pub(crate) fn expand(input: &Input<'_>) -> TokenStream {
    let krate = &input.krate();
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bounds::where_clause(input, &quote!(#krate::StateType));
    let (sizes, describe, encode, decode) = match &input.attributes.leaf {
        Some(leaf) => {
            let stored = leaf.stored(&quote!(Self), krate);
            let [sizes, describe] = [quote!(#stored::SIZES), quote!(#stored::describe(__to))];
            (sizes, describe, quote!(#stored::encode(self, __to)), quote!(#stored::decode(__from)))
        }
        None => (
            sizes::expand(input, krate),
            describe::expand(input, krate),
            encode::expand(input, krate),
            decode::expand(input, krate),
        ),
    };
    let key = input.attributes.key.as_ref().map(|_| key::expand(input, krate));
    let implementations = quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #krate::StateType for #ident #type_generics #where_clause {
            const SIZES: #krate::__private::Sizes = #sizes;

            fn describe(__to: &mut #krate::__private::Describer) -> #krate::__private::NodeId {
                #describe
            }

            #[inline]
            fn encode<__W: #krate::__private::Writer>(
                &self,
                __to: &mut __W,
            ) -> ::core::result::Result<(), #krate::__private::EncodeError> {
                #encode
            }

            #[inline]
            fn decode<__E: #krate::__private::Integers>(
                __from: &mut #krate::__private::Reader<'_, __E>,
            ) -> ::core::result::Result<Self, #krate::__private::DecodeError> {
                #decode
            }
        }

        #key
    };
    leaf::enclose(input, implementations, krate)
}

/// The only stored field of a transparent struct, whose layout is that of the struct.
fn inner<'a>(input: &'a Input<'_>) -> Option<&'a Field<'a>> {
    match &input.shape {
        Shape::Struct(fields) if input.attributes.transparent.is_some() => {
            fields.iter().find(|field| field.is_stored())
        }
        _ => None,
    }
}

/// The field's type as a `StateType`; if it is none, the compiler points at the type.
fn stored(field: &Field<'_>, krate: &TokenStream) -> TokenStream {
    let ty = field.ty;
    match &field.attributes.leaf {
        Some(leaf) => leaf.stored(ty, krate),
        None => quote_spanned!(ty.span()=> <#ty as #krate::StateType>),
    }
}
