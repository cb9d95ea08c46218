//! Opaque leaves: a field or type that a serializer of the user's own stores, or serde's bridge.

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

/// What stores a part.
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
    /// Which of the type's bridges this is, so that each has a serializer of its own.
    pub(crate) number: usize,
}

/// Reads what stands in the parentheses of `serde`; mistakes go to `cx`.
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
                cx.error(&word, format!("`serde` knows {known}, `{word}` is not known here"));
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
            let message = "what serde stores needs a name of its own: write `serde(name = \"...\", version = 1)`";
            cx.error(word, message);
            None
        }
        (Some(name), None) => {
            let message = "what serde stores needs a version, to be counted up whenever its stored form changes";
            cx.error(word, format!("{message}: write `serde(name = \"{}\", version = 1)`", name.value()));
            None
        }
    }
}

/// Refuses `serde(..)` where the library has no bridge.
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

    /// The serializer of a part of this type.
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

    /// The type that is a `StateType` in place of this one, and what makes it of a value.
    pub(crate) fn custom(&self, ty: &impl ToTokens, krate: &TokenStream) -> (TokenStream, TokenStream) {
        let serializer = self.serializer(ty);
        (quote!(#krate::__private::Custom<#serializer>), quote!(#krate::__private::Custom::<#serializer>))
    }

    /// What has to hold if the part has type parameters.
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

    /// The serializer of this leaf: of every type, or of its own where functions name that.
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
            // Of the macro's own, also where the function's name comes from another macro.
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
