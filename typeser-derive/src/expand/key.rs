//! `StateKey`: the promise, and for each field the question whether it keeps it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::bounds;
use crate::ast::Input;

pub(super) fn expand(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bounds::where_clause(input, &quote!(#krate::StateKey));
    let demands = input.stored().map(|field| {
        let ty = field.ty;
        quote_spanned!(ty.span()=> #krate::__private::demand_key::<#ty>();)
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #krate::StateKey for #ident #type_generics #where_clause {
            fn demand_parts() {
                #(#demands)*
            }
        }
    }
}
