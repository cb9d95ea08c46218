//! `StateKey`: the implementation, and a check that each field is a key too.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::bounds;
use crate::ast::Input;

pub(super) fn expand(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bounds::where_clause(input, &quote!(#krate::StateKey));
    // Whether a leaf is canonical is a constant, which is checked beside the implementations.
    let own = input.attributes.leaf.is_some();
    let checks = input.stored().filter(|field| !own && field.attributes.leaf.is_none()).map(|field| {
        let ty = field.ty;
        quote_spanned!(ty.span()=> #krate::__private::check_key::<#ty>();)
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #krate::StateKey for #ident #type_generics #where_clause {
            fn check_parts() {
                #(#checks)*
            }
        }
    }
}
