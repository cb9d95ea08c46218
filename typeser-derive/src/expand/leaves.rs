//! What leaves add to the output: their serializers and forms, and checks that run at compile time.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use super::forms;
use crate::ast::Input;
use crate::leaf::Leaf;

/// The output with everything that its leaves need; unchanged if there are none.
pub(super) fn enclose(input: &Input<'_>, implementations: TokenStream, krate: &TokenStream) -> TokenStream {
    let own: Vec<(&Leaf, TokenStream, String)> = match &input.attributes.leaf {
        Some(leaf) => {
            let ident = input.ident;
            vec![(leaf, ident.to_token_stream(), ident.unraw().to_string())]
        }
        None => input
            .places()
            .filter_map(|(place, field)| {
                field.attributes.leaf.as_ref().map(|leaf| (leaf, field.ty.to_token_stream(), place))
            })
            .collect(),
    };
    let declarations = own.iter().map(|(leaf, ty, place)| match leaf {
        Leaf::Serde(serde) => serde.declaration(ty, krate),
        Leaf::With(_) => TokenStream::new(),
        Leaf::Text(_) | Leaf::StandIn(_) => forms::declarations(leaf, ty, place, krate),
    });
    // Checks that depend on type parameters run where the type is used.
    let generic = input.generics.type_params().next().is_some();
    let checks = own.iter().filter(|_| !generic).filter_map(|(leaf, ty, _)| {
        let (stored, span) = (leaf.stored(ty, krate), leaf.span());
        let serializer = leaf.serializer(ty)?;
        let key = input.attributes.key.as_ref().map(|_| {
            let canonical = quote!(<#serializer as #krate::__private::CustomSerializer>::CANONICAL);
            quote_spanned!(span=> const _: () = <#serializer as #krate::__private::Promised<{ #canonical }>>::HELD;)
        });
        Some(quote_spanned! {span=>
            const _: () = #stored::DECLARED;
            #key
        })
    });
    let parts: Vec<TokenStream> = declarations.chain(checks).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return implementations;
    }
    quote! {
        const _: () = {
            #(#parts)*
            #implementations
        };
    }
}
