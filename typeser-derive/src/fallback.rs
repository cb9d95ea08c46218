//! The output after an error: implementations without content, so that no further errors follow.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::ast::krate;
use crate::attr::Attributes;
use crate::ctxt::Ctxt;
use crate::symbol::Place;

/// The errors, and implementations that satisfy all code that uses the type.
pub(crate) fn expand(input: &DeriveInput, error: &syn::Error) -> TokenStream {
    let attributes = quietly(input);
    let krate = krate(attributes.krate.as_ref());
    let errors = error.to_compile_error();
    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let predicates = where_clause.map(|clause| clause.predicates.iter()).into_iter().flatten();
    // The bound holds for the types that the user has, and satisfies the trait for those that cannot be stored.
    let bounds = quote!(where #(#predicates,)* #ident #type_generics: 'static);
    // `for<'any>` defers a bound that the compiler would otherwise check immediately.
    let key = attributes.key.map(|_| {
        quote! {
            #[automatically_derived]
            impl #impl_generics #krate::StateKey for #ident #type_generics
            #bounds, for<'any> #ident #type_generics: ::core::cmp::Eq + ::core::hash::Hash {}
        }
    });
    let ordered = attributes.ordered.map(|_| {
        quote! {
            #[automatically_derived]
            impl #impl_generics #krate::OrderedKey for #ident #type_generics
            #bounds, for<'any> #ident #type_generics: ::core::cmp::Ord + ::core::hash::Hash {}
        }
    });
    quote! {
        #errors

        #[automatically_derived]
        impl #impl_generics #krate::StateType for #ident #type_generics #bounds {
            const SIZES: #krate::__private::Sizes = #krate::__private::Sizes::UNKNOWN;

            fn describe(_: &mut #krate::__private::Describer) -> #krate::__private::NodeId {
                ::core::unreachable!()
            }

            fn encode<__W: #krate::__private::Writer>(
                &self,
                _: &mut __W,
            ) -> ::core::result::Result<(), #krate::__private::EncodeError> {
                ::core::unreachable!()
            }

            fn decode<__E: #krate::__private::Integers>(
                _: &mut #krate::__private::Reader<'_, __E>,
            ) -> ::core::result::Result<Self, #krate::__private::DecodeError> {
                ::core::unreachable!()
            }
        }

        #key

        #ordered
    }
}

/// The attributes that can be read. Their errors are already reported.
fn quietly(input: &DeriveInput) -> Attributes {
    let cx = Ctxt::default();
    let attributes = Attributes::read(&cx, &input.attrs, Place::Struct);
    _ = cx.check();
    attributes
}
