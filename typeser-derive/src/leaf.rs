//! Opaque leaves: fields and types that are stored by a custom serializer or by serde.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Type};

use crate::arguments::{Argument, Item, Number, Usage, items};
use crate::ctxt::Ctxt;
use crate::functions::{self, Migration};
use crate::symbol::{CANONICAL, Symbol};

/// The serializer of a field or type.
pub(crate) enum Leaf {
    /// `with = path`.
    With(With),
    /// `serde(name = "...", version = 1)`.
    Serde(Serde),
}

/// `with = path`.
pub(crate) struct With {
    pub(crate) word: Ident,
    pub(crate) serializer: Type,
}

/// `serde(name = "...", version = 2, canonical, migrate(1 => path))`.
pub(crate) struct Serde {
    pub(crate) word: Ident,
    pub(crate) name: LitStr,
    pub(crate) version: Number,
    pub(crate) canonical: bool,
    pub(crate) migrations: Vec<Migration>,
    /// The number of this serializer within the type, so that each has its own name.
    pub(crate) number: usize,
}

/// Reads the arguments of `serde`. Errors go to `cx`.
pub(crate) fn serde(cx: &Ctxt, word: &Ident, arguments: TokenStream) -> Option<Leaf> {
    check_feature(cx, word, cfg!(feature = "serde"))?;
    let read = |input: ParseStream<'_>| items(cx, input);
    let items = read.parse2(arguments).map_err(|error| cx.push(error)).ok()?;
    let (mut name, mut version, mut canonical, mut migrations) = (None, None, false, Vec::new());
    let mut complete = true;
    for Item { word, argument } in items {
        let usage = |symbol| Usage { cx, symbol, word: &word };
        match word.unraw().to_string().as_str() {
            "name" => {
                usage(Symbol::Name).once(&mut name, usage(Symbol::Name).text(argument));
                complete &= name.is_some();
            }
            "version" => {
                usage(Symbol::Version).once(&mut version, usage(Symbol::Version).number(argument));
                complete &= version.is_some();
            }
            CANONICAL => match argument {
                Argument::None if !canonical => canonical = true,
                Argument::None => cx.error(&word, "`canonical` is given twice: remove one of the two"),
                _ => cx.error(&word, "`canonical` takes no value: write `canonical` alone"),
            },
            "migrate" => {
                let arguments = usage(Symbol::Migrate).arguments(argument);
                migrations.extend(arguments.into_iter().flat_map(|tokens| functions::migrations(cx, &word, tokens)));
            }
            _ => {
                complete = false;
                let known = "`name = \"...\"`, `version = 1`, `canonical` and `migrate(1 => path)`";
                cx.error(&word, format!("unknown argument `{word}`: `serde` takes {known}"));
            }
        }
    }
    match (name, version) {
        (Some(name), Some(version)) => {
            let (word, number) = (word.clone(), cx.number());
            Some(Leaf::Serde(Serde { word, name, version, canonical, migrations, number }))
        }
        _ if !complete => None,
        (None, _) => {
            let message = "a value stored by serde needs a name: write `serde(name = \"...\", version = 1)`";
            cx.error(word, message);
            None
        }
        (Some(name), None) => {
            let message =
                "a value stored by serde needs a version, which you increment whenever its stored form changes";
            cx.error(word, format!("{message}: write `serde(name = \"{}\", version = 1)`", name.value()));
            None
        }
    }
}

/// Refuses `serde(..)` without the feature of the library.
pub(crate) fn check_feature(cx: &Ctxt, word: &Ident, is_on: bool) -> Option<()> {
    if !is_on {
        let message = "`serde(..)` needs the feature `serde` of typeser: write `features = [\"serde\"]` where Cargo.toml names typeser";
        cx.error(word, message);
    }
    is_on.then_some(())
}

impl Leaf {
    /// The word of the attribute.
    pub(crate) fn word(&self) -> &Ident {
        match self {
            Self::With(with) => &with.word,
            Self::Serde(serde) => &serde.word,
        }
    }

    /// The serializer of a field or type of type `ty`.
    pub(crate) fn serializer(&self, ty: &impl ToTokens) -> TokenStream {
        match self {
            Self::With(with) => with.serializer.to_token_stream(),
            Self::Serde(serde) => {
                let ident = serde.ident();
                quote_spanned!(serde.name.span()=> #ident<#ty>)
            }
        }
    }

    /// The value of this type as if it were a `StateType`.
    pub(crate) fn stored(&self, ty: &impl ToTokens, krate: &TokenStream) -> TokenStream {
        let serializer = self.serializer(ty);
        let span = match self {
            Self::With(with) => with.serializer.span(),
            Self::Serde(serde) => serde.name.span(),
        };
        quote_spanned!(span=> <#serializer as #krate::__private::Leaf<#ty>>)
    }

    /// The type that implements `StateType` in place of this one, and its constructor.
    pub(crate) fn custom(&self, ty: &impl ToTokens, krate: &TokenStream) -> (TokenStream, TokenStream) {
        let serializer = self.serializer(ty);
        (quote!(#krate::__private::Custom<#serializer>), quote!(#krate::__private::Custom::<#serializer>))
    }

    /// The bound of a field or type with type parameters.
    pub(crate) fn bound(&self, ty: &impl ToTokens, krate: &TokenStream) -> TokenStream {
        match self {
            Self::With(With { serializer, .. }) => {
                quote!(#serializer: #krate::__private::CustomSerializer<Value = #ty>)
            }
            Self::Serde(_) => {
                quote!(#ty: #krate::__private::Serialize + #krate::__private::DeserializeOwned + 'static)
            }
        }
    }
}

impl Serde {
    fn ident(&self) -> Ident {
        format_ident!("__Serde{}", self.number, span = self.name.span())
    }

    /// Declares the serializer of this leaf: generic, or for this type alone if functions name the type.
    pub(crate) fn declaration(&self, ty: &TokenStream, krate: &TokenStream) -> TokenStream {
        let (ident, name, canonical) = (self.ident(), &self.name, self.canonical);
        let version = self.version.value;
        let (parameters, of) = match self.migrations.is_empty() {
            true => {
                let any = quote!(__T: #krate::__private::Serialize + #krate::__private::DeserializeOwned + 'static);
                (quote!(<#any>), quote!(__T))
            }
            false => (quote!(), ty.clone()),
        };
        let migrations = self.migrations.iter().map(|migration| {
            let (from, path) = (migration.from.value, &migration.function.path);
            // With the span of this macro, even if the name of the function comes from another macro.
            let (bytes, span) = (quote!(__from), migration.function.span());
            let read = quote_spanned!(span=> #krate::__private::serde_bridge::convert(#bytes, #path));
            quote!(#krate::__private::OldVersion { version: #from, read: |#bytes| #read })
        });
        quote! {
            struct #ident<__T>(::core::marker::PhantomData<__T>);

            #[automatically_derived]
            impl #parameters #krate::__private::CustomSerializer for #ident<#of> {
                type Value = #of;
                const NAME: &'static str = #name;
                const VERSION: u32 = #version;
                const CANONICAL: bool = #canonical;
                const MIGRATES: &'static [#krate::__private::OldVersion<#of>] = &[#(#migrations),*];

                fn write(
                    __value: &#of,
                    __to: &mut #krate::__private::Vec<u8>,
                ) -> ::core::result::Result<(), #krate::__private::CustomError> {
                    #krate::__private::serde_bridge::write(__value, __to)
                }

                fn read(__from: &[u8]) -> ::core::result::Result<#of, #krate::__private::CustomError> {
                    #krate::__private::serde_bridge::read(__from)
                }
            }
        }
    }
}
