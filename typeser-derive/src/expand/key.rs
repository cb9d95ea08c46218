//! `StateKey`: the implementation, and a check that each field is a key too.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::bounds;
use crate::ast::{Field, Input};
use crate::form::Form;

pub(super) fn expand(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bounds::where_clause(input, &quote!(#krate::StateKey));
    // Whether a serializer is canonical is a constant, which is checked beside the implementations.
    let parts: Vec<Type> = match &input.attributes.leaf {
        Some(leaf) => leaf.form(&quote!(Self)).map(|form| stored_parts(&form)).unwrap_or_default(),
        None => input.stored().flat_map(parts).collect(),
    };
    let checks = parts.iter().map(|ty| quote_spanned!(ty.span()=> #krate::__private::check_key::<#ty>();));
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

/// The types that have to be keys, so that the field is one: its own, or those that are stored in its place.
fn parts(field: &Field<'_>) -> Vec<Type> {
    match &field.attributes.leaf {
        None => vec![field.ty.clone()],
        Some(leaf) => leaf.form(field.ty).map(|form| stored_parts(&form)).unwrap_or_default(),
    }
}

fn stored_parts(form: &Form) -> Vec<Type> {
    let stored = form.foreign().into_iter().filter_map(|foreign| foreign.stored.clone());
    form.same().into_iter().cloned().chain(stored).collect()
}
