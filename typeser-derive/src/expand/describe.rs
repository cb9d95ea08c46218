//! `describe`: one call with a static table, which is cheap to compile however large the type is.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Type};

use super::field::{default_value, inner, stored};
use super::functions;
use crate::ast::{Field, Input, Shape, Variant};
use crate::attr::{Removed, Was};

pub(super) fn expand(input: &Input<'_>, krate: &TokenStream) -> TokenStream {
    if let Some(field) = inner(input) {
        let ty = stored(field, krate);
        return quote!(#ty::describe(__to));
    }
    let name = &input.name.value;
    let version = Literal::u32_unsuffixed(input.attributes.version.as_ref().map_or(1, |version| version.value));
    let aliases = strings(&input.attributes.aliases);
    let migrations = functions::migrations(input, krate);
    let was = was(&input.attributes.was, krate);
    // With the span of the type's name, so that the compiler fills in the location of that name.
    let location = quote_spanned! {input.ident.span()=>
        #krate::__private::Location { file: ::core::file!(), line: ::core::line!(), column: ::core::column!() }
    };
    match &input.shape {
        Shape::Struct(stored) => {
            let removed = names(&input.attributes.removed);
            let fields = fields(stored, krate);
            quote! {
                #krate::__private::Describer::structure::<Self>(__to, const {
                    &#krate::__private::StructTable {
                        name: #name,
                        version: #version,
                        aliases: #aliases,
                        migrations: #migrations,
                        was: #was,
                        removed: #removed,
                        fields: #fields,
                        location: #location,
                    }
                })
            }
        }
        Shape::Enum(variants) => {
            let removed =
                input.attributes.removed.iter().flat_map(|removed| removed_variants(removed, input.ident, krate));
            let fallback = match variants.iter().find(|variant| variant.attributes.other.is_some()) {
                None => quote!(::core::option::Option::None),
                Some(variant) => {
                    let name = &variant.name.value;
                    quote!(::core::option::Option::Some(#name))
                }
            };
            let variants = variants.iter().map(|variant| variant_table(variant, krate));
            quote! {
                #krate::__private::Describer::enumeration::<Self>(__to, const {
                    &#krate::__private::EnumTable {
                        name: #name,
                        version: #version,
                        aliases: #aliases,
                        migrations: #migrations,
                        was: #was,
                        fallback: #fallback,
                        removed: &[#(#removed),*],
                        variants: &[#(#variants),*],
                        location: #location,
                    }
                })
            }
        }
    }
}

/// The layouts that the type was before. The span is that of the type, so that the compiler points there.
fn was(was: &[Was], krate: &TokenStream) -> TokenStream {
    let tables = was.iter().map(|was| {
        let ty = &was.ty;
        let layout = quote_spanned!(ty.span()=> #krate::__private::layout_of::<#ty>);
        quote!(#krate::__private::WasTable { layout: #layout })
    });
    quote!(&[#(#tables),*])
}

fn variant_table(variant: &Variant<'_>, krate: &TokenStream) -> TokenStream {
    let name = &variant.name.value;
    let tag = Literal::u32_unsuffixed(variant.tag);
    let aliases = strings(&variant.attributes.aliases);
    let removed = names(&variant.attributes.removed);
    let fields = fields(&variant.fields, krate);
    quote! {
        #krate::__private::VariantTable {
            name: #name,
            tag: #tag,
            aliases: #aliases,
            removed: #removed,
            fields: #fields,
        }
    }
}

fn fields(fields: &[Field<'_>], krate: &TokenStream) -> TokenStream {
    let tables = fields.iter().filter(|field| field.is_stored()).map(|field| {
        let name = &field.name.value;
        let ty = stored(field, krate);
        let aliases = strings(&field.attributes.aliases);
        let default = match &field.attributes.default {
            None => quote!(::core::option::Option::None),
            Some(default) => field_constant(field, default_value(field, default.value.as_ref()), krate),
        };
        let none = match &field.attributes.none {
            None => quote!(::core::option::Option::None),
            Some(none) => field_constant(field, none.value.to_token_stream(), krate),
        };
        let conversions = functions::conversions(field, krate);
        quote! {
            #krate::__private::FieldTable {
                name: #name,
                describe: #ty::describe,
                aliases: #aliases,
                default: #default,
                none: #none,
                conversions: #conversions,
            }
        }
    });
    quote!(&[#(#tables),*])
}

fn removed_variants<'a>(
    removed: &'a Removed,
    ident: &'a Ident,
    krate: &'a TokenStream,
) -> impl Iterator<Item = TokenStream> + 'a {
    removed.names.iter().map(move |name| {
        let becomes = match &removed.becomes {
            None => quote!(::core::option::Option::None),
            Some(becomes) => {
                let own = Type::Verbatim(quote_spanned!(ident.span()=> Self));
                constant(&own, becomes.value.to_token_stream(), krate)
            }
        };
        quote!(#krate::__private::RemovedVariantTable { name: #name, becomes: #becomes })
    })
}

/// A function that encodes a value. The value is made when a snapshot is, so it may allocate.
fn constant(ty: &Type, value: TokenStream, krate: &TokenStream) -> TokenStream {
    quote! {
        ::core::option::Option::Some(|__integers| {
            let __value: #ty = #value;
            #krate::__private::constant::<#ty>(__integers, &__value)
        })
    }
}

/// The same for the value of a field, which may have its own serializer.
fn field_constant(field: &Field<'_>, value: TokenStream, krate: &TokenStream) -> TokenStream {
    let ty = field.ty;
    let Some(leaf) = &field.attributes.leaf else { return constant(ty, value, krate) };
    let (custom, wrap) = leaf.custom(ty, krate);
    constant(&Type::Verbatim(custom), quote!(#wrap({ let __value: #ty = #value; __value })), krate)
}

fn names(removed: &[Removed]) -> TokenStream {
    strings(removed.iter().flat_map(|removed| &removed.names))
}

fn strings<'a>(texts: impl IntoIterator<Item = &'a LitStr>) -> TokenStream {
    let texts = texts.into_iter();
    quote!(&[#(#texts),*])
}
