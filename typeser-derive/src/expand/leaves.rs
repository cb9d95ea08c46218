//! What leaves add to the output: their serializers, and checks that run at compile time.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ast::Input;
use crate::leaf::Leaf;

/// The output with everything that its leaves need; unchanged if there are none.
pub(super) fn enclose(input: &Input<'_>, implementations: TokenStream, krate: &TokenStream) -> TokenStream {
    let own: Vec<(&Leaf, TokenStream)> = match &input.attributes.leaf {
        Some(leaf) => {
            let ident = input.ident;
            vec![(leaf, ident.to_token_stream())]
        }
        None => input
            .stored()
            .filter_map(|field| field.attributes.leaf.as_ref().map(|leaf| (leaf, field.ty.to_token_stream())))
            .collect(),
    };
    let declarations = own.iter().filter_map(|(leaf, ty)| match leaf {
        Leaf::Serde(serde) => Some(serde.declaration(ty, krate)),
        Leaf::With(_) => None,
    });
    // Checks that depend on type parameters run where the type is used.
    let generic = input.generics.type_params().next().is_some();
    let checks = own.iter().filter(|_| !generic).map(|(leaf, ty)| {
        let stored = leaf.stored(ty, krate);
        let span = match leaf {
            Leaf::With(with) => with.serializer.span(),
            Leaf::Serde(serde) => serde.name.span(),
        };
        let key = input.attributes.key.as_ref().map(|_| {
            let serializer = leaf.serializer(ty);
            let canonical = quote!(<#serializer as #krate::__private::CustomSerializer>::CANONICAL);
            quote_spanned!(span=> const _: () = <#serializer as #krate::__private::Promised<{ #canonical }>>::HELD;)
        });
        quote_spanned! {span=>
            const _: () = #stored::DECLARED;
            #key
        }
    });
    let parts: Vec<TokenStream> = declarations.chain(checks).collect();
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
