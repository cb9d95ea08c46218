//! `remote`: the code of the type once more, for the values of the foreign type that it mirrors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use super::{bounds, decode, encode};
use crate::ast::Input;
use crate::foreign::constructor;

pub(super) fn expand(input: &Input<'_>, remote: &Path, krate: &TokenStream) -> TokenStream {
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bounds::where_clause(input, &quote!(#krate::StateType));
    let path = constructor(remote);
    let encode = encode::expand(input, &quote!(__value), &path, krate);
    let decode = decode::expand(input, &path, krate);
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #krate::__private::Mirrors<#remote> for #ident #type_generics #where_clause {
            #[inline]
            fn encode_remote<__W: #krate::__private::Writer>(
                __value: &#remote,
                __to: &mut __W,
            ) -> ::core::result::Result<(), #krate::__private::EncodeError> {
                #encode
            }

            #[inline]
            fn decode_remote<__E: #krate::__private::Integers>(
                __from: &mut #krate::__private::Reader<'_, __E>,
            ) -> ::core::result::Result<#remote, #krate::__private::DecodeError> {
                #decode
            }
        }
    }
}
