//! `OrderedKey`: the implementation, a check that each field is an ordered key too, and the prefixes of a struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Index, Type};

use super::bounds;
use crate::ast::{Field, Input, Shape};

pub(super) fn expand(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let where_clause = bounds::where_clause(input, &quote!(#krate::OrderedKey));
    let types = input.stored().map(|field| field.ty);
    let checks = types.map(|ty| quote_spanned!(ty.span()=> #krate::__private::check_ordered::<#ty>();));
    let prefixes = prefixes(input, &where_clause, krate);
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #krate::OrderedKey for #ident #type_generics #where_clause {
            fn check_ordered_parts() {
                #(#checks)*
            }
        }

        #prefixes
    }
}

/// As many fields as the tuples have that can be compared.
const MOST: usize = 12;

/// The tuples of the first fields of a struct.
fn prefixes(input: &Input<'_>, where_clause: &TokenStream, krate: &TokenStream) -> TokenStream {
    let Shape::Struct(fields) = &input.shape else { return TokenStream::new() };
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let stored: Vec<&Field<'_>> = fields.iter().filter(|field| field.is_stored()).collect();
    let lengths = 1..stored.len().min(MOST + 1);
    let prefix = |length: usize| {
        let types: Vec<&Type> = stored[..length].iter().map(|field| field.ty).collect();
        let places = (0..length).map(Index::from);
        quote! {
            #[automatically_derived]
            #[allow(unused_qualifications)]
            impl #impl_generics #krate::__private::KeyPrefix<#ident #type_generics> for (#(#types,)*) #where_clause {
                const OPEN: bool = false;

                fn encode_prefix<__W: #krate::__private::Writer>(
                    &self,
                    __to: &mut __W,
                ) -> ::core::result::Result<(), #krate::__private::EncodeError> {
                    #(#krate::__private::encode_value(&self.#places, __to)?;)*
                    ::core::result::Result::Ok(())
                }
            }
        }
    };
    lengths.map(prefix).collect()
}
