//! The output: the implementations, one file for each part.
//!
//! The output contains no rule of compatibility: attributes about other releases affect `describe` alone. Every path is
//! absolute, because names of the user may shadow any other. `unused_qualifications` is allowed because the path in
//! `crate = path` is the user's.

mod bounds;
mod decode;
mod describe;
mod encode;
mod field;
mod forms;
mod functions;
mod hints;
mod key;
mod leaves;
mod mirror;
mod ordered;
mod sizes;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::Input;

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
            encode::expand(input, &quote!(self), &quote!(Self), krate),
            decode::expand(input, &quote!(Self), krate),
        ),
    };
    let mirror = input.attributes.remote.as_ref().map(|remote| mirror::expand(input, remote, krate));
    let key = input.attributes.key.as_ref().map(|_| key::expand(input, krate));
    let ordered = input.attributes.ordered.as_ref().map(|_| ordered::expand(input, krate));
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

        #mirror

        #key

        #ordered
    };
    let hints = hints::expand(input);
    let enclosed = leaves::enclose(input, implementations, krate);
    quote!(#hints #enclosed)
}
