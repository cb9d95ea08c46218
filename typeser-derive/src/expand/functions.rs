//! The functions that attributes name, as entries of the tables. Each has a link that connects it with its types.
//!
//! A link has the span of the function's name, so that the compiler points there if the types do not fit.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use crate::ast::{Field, Input};
use crate::functions::Migration;

/// The conversions of a field.
pub(super) fn conversions(field: &Field<'_>, krate: &TokenStream) -> TokenStream {
    let tables = field.attributes.conversions.iter().map(|conversion| {
        let (source, ty, injective) = (&conversion.source, field.ty, conversion.injective);
        let (path, text) = (&conversion.function.path, conversion.function.as_rust());
        let span = conversion.function.span();
        let link = match &field.attributes.leaf {
            None => quote_spanned!(span=> #krate::__private::link_field::<#source, #ty, _, _>(#path)),
            Some(leaf) => {
                let ((custom, _), wrap) = (leaf.custom(ty, krate), leaf.wrap(ty, krate));
                // With the span of this macro, even if the name of the function comes from another macro.
                let stored = quote!(__stored);
                let wrapped = quote_spanned!(span=> #wrap(#path(#stored)));
                quote_spanned!(span=> #krate::__private::link_field::<#source, #custom, _, _>(|#stored: #source| #wrapped))
            }
        };
        quote! {
            #krate::__private::ConversionTable { path: #text, injective: #injective, link: || #link }
        }
    });
    quote!(&[#(#tables),*])
}

/// The migrations of a type, each of which returns what the next one takes.
pub(super) fn migrations(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    let mut migrations: Vec<&Migration> = input.attributes.migrations.iter().collect();
    migrations.sort_by_key(|migration| migration.from.value);
    let tables = migrations.iter().enumerate().map(|(at, migration)| {
        let from = Literal::u32_unsuffixed(migration.from.value);
        let (path, text) = (&migration.function.path, migration.function.as_rust());
        let span = migration.function.span();
        let link = match migrations.get(at + 1) {
            Some(next) => {
                let next = &next.function.path;
                quote_spanned!(span=> #krate::__private::link_chained::<_, _, _, _, _, _>(#path, #next))
            }
            None => quote_spanned!(span=> #krate::__private::link::<_, Self, _, _>(#path)),
        };
        let injective = migration.injective.is_some();
        quote! {
            #krate::__private::MigrationTable { from: #from, path: #text, injective: #injective, link: || #link }
        }
    });
    quote!(&[#(#tables),*])
}
