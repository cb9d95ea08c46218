//! The declarations behind `text` and `as`: one for each foreign type in the type of a field.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::foreign::{StandIn, Text};
use crate::form::Foreign;
use crate::leaf::Leaf;
use crate::tokens::as_rust;

/// The declarations of a leaf on a field or type of type `ty`, which messages call `place`.
pub(super) fn declarations(leaf: &Leaf, ty: &TokenStream, place: &str, krate: &TokenStream) -> TokenStream {
    let Some(form) = leaf.form(ty) else { return TokenStream::new() };
    form.foreign()
        .into_iter()
        .enumerate()
        .map(|(number, foreign)| match (leaf, &foreign.stored) {
            (Leaf::Text(text), _) => as_text(text, number, foreign, place, krate),
            (Leaf::StandIn(leaf), Some(stored)) => as_stand_in(leaf, number, foreign, stored, place, krate),
            _ => TokenStream::new(),
        })
        .collect()
}

fn as_text(text: &Text, number: usize, foreign: &Foreign, place: &str, krate: &TokenStream) -> TokenStream {
    let ident = Foreign::ident(text.number, number);
    let name = text.name.as_ref().map_or_else(|| foreign.name(), syn::LitStr::value);
    quote! {
        struct #ident;

        #[automatically_derived]
        impl #krate::__private::TextForm for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            const PART: &'static ::core::primitive::str = #place;
        }
    }
}

fn as_stand_in(
    leaf: &StandIn,
    number: usize,
    foreign: &Foreign,
    stored: &syn::Type,
    place: &str,
    krate: &TokenStream,
) -> TokenStream {
    let (ident, value) = (Foreign::ident(leaf.number, number), &foreign.value);
    let type_name = as_rust(value);
    let origin = quote!(#krate::__private::Origin { part: #place, type_name: #type_name });
    if leaf.generic {
        return quote! {
            struct #ident;

            #[automatically_derived]
            impl #krate::__private::HasOrigin for #ident {
                const ORIGIN: #krate::__private::Origin = #origin;
            }
        };
    }
    let as_state = quote_spanned!(stored.span()=> <#stored as #krate::StateType>);
    // With the span of this macro, even if the name of a function comes from another macro.
    let (from, to, given, probe) = (quote!(__from), quote!(__to), quote!(__value), quote!(__probe));
    let (encode, decode) = match &leaf.functions {
        Some(functions) => {
            let (into, back) = (&functions.into.path, &functions.from.path);
            let (into_span, back_span) = (functions.into.span(), functions.from.span());
            (
                quote_spanned!(into_span=> #krate::__private::give::<#stored, _>(#into(#given), #origin, #to)),
                quote_spanned!(back_span=> #krate::__private::give_back::<#stored, #value, _, _>(#back, #origin, #from)),
            )
        }
        None => {
            let prepare = quote! {
                #[allow(unused_imports)]
                use #krate::__private::{ByMirror as _, ByReference as _, ByValue as _};
                let #probe = #krate::__private::Probe::<#value, #stored>::new(#origin);
            };
            let span = stored.span();
            let (encode, decode) = (
                quote_spanned!(span=> (&&&#probe).encode_stand_in(#given, #to)),
                quote_spanned!(span=> (&&&#probe).decode_stand_in(#from)),
            );
            (quote!(#prepare #encode), quote!(#prepare #decode))
        }
    };
    quote! {
        struct #ident;

        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #krate::__private::Form<#value> for #ident {
            const SIZES: #krate::__private::Sizes = #as_state::SIZES;

            fn describe(#to: &mut #krate::__private::Describer) -> #krate::__private::NodeId {
                #as_state::describe(#to)
            }

            #[inline]
            fn encode<__W: #krate::__private::Writer>(
                #given: &#value,
                #to: &mut __W,
            ) -> ::core::result::Result<(), #krate::__private::EncodeError> {
                #encode
            }

            #[inline]
            fn decode<__E: #krate::__private::Integers>(
                #from: &mut #krate::__private::Reader<'_, __E>,
            ) -> ::core::result::Result<#value, #krate::__private::DecodeError> {
                #decode
            }
        }
    }
}
