//! Fields and types that are stored by something else than their own `StateType`: a custom serializer, serde, text, a
//! stand-in.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Type, TypePath};

use crate::arguments::{Argument, Item, Number, Usage, items};
use crate::ctxt::Ctxt;
use crate::foreign::{StandIn, Text};
use crate::form::{Foreign, Form};
use crate::functions::{self, Migration};
use crate::symbol::{CANONICAL, Symbol};

/// The serializer of a field or type.
pub(crate) enum Leaf {
    /// `with = path`.
    With(With),
    /// `serde(name = "...", version = 1)`.
    Serde(Serde),
    /// `text`.
    Text(Text),
    /// `as = type`.
    StandIn(StandIn),
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
            Self::Text(text) => &text.word,
            Self::StandIn(stand_in) => &stand_in.word,
        }
    }

    /// Where foreign values are in a type that is stored as text or by a stand-in.
    pub(crate) fn form(&self, ty: &impl ToTokens) -> Option<Form> {
        let ty = syn::parse2(ty.to_token_stream()).unwrap_or_else(|_| Type::Verbatim(ty.to_token_stream()));
        match self {
            Self::With(_) | Self::Serde(_) => None,
            Self::Text(text) => Some(Form::of_text(&ty, text)),
            Self::StandIn(stand_in) => Some(Form::of_stand_in(&ty, stand_in)),
        }
    }

    /// The serializer of a field or type of type `ty`, if an opaque leaf is stored.
    pub(crate) fn serializer(&self, ty: &impl ToTokens) -> Option<TokenStream> {
        match self {
            Self::With(with) => Some(with.serializer.to_token_stream()),
            Self::Serde(serde) => {
                let ident = serde.ident();
                Some(quote_spanned!(serde.name.span()=> #ident<#ty>))
            }
            Self::Text(_) | Self::StandIn(_) => None,
        }
    }

    /// The value of this type as if it were a `StateType`.
    pub(crate) fn stored(&self, ty: &impl ToTokens, krate: &TokenStream) -> TokenStream {
        if let Some(serializer) = self.serializer(ty) {
            return quote_spanned!(self.span()=> <#serializer as #krate::__private::Leaf<#ty>>);
        }
        let adapter = self.adapter(ty, krate);
        quote_spanned!(self.span()=> <#adapter as #krate::__private::Form<#ty>>)
    }

    /// The type that implements `StateType` in place of this one, and its constructor.
    pub(crate) fn custom(&self, ty: &impl ToTokens, krate: &TokenStream) -> (TokenStream, TokenStream) {
        if let Some(serializer) = self.serializer(ty) {
            return (quote!(#krate::__private::Custom<#serializer>), quote!(#krate::__private::Custom::<#serializer>));
        }
        let adapter = self.adapter(ty, krate);
        let stored = quote!(#krate::__private::Stored::<#adapter, #ty>);
        (stored.clone(), quote!(#stored::new))
    }

    /// The function that makes that type of the result of a user's function.
    pub(crate) fn wrap(&self, ty: &impl ToTokens, krate: &TokenStream) -> TokenStream {
        if let Some(serializer) = self.serializer(ty) {
            return quote!(#krate::__private::wrap::<#serializer, _>);
        }
        let adapter = self.adapter(ty, krate);
        quote!(#krate::__private::store::<#adapter, #ty, _>)
    }

    /// The bounds of a field or type with type parameters. `used` says whether a type needs one.
    pub(crate) fn bounds(
        &self,
        ty: &impl ToTokens,
        used: impl Fn(&Type) -> Vec<TypePath>,
        krate: &TokenStream,
    ) -> Vec<TokenStream> {
        let Some(form) = self.form(ty) else {
            return vec![match self {
                Self::With(With { serializer, .. }) => {
                    quote!(#serializer: #krate::__private::CustomSerializer<Value = #ty>)
                }
                _ => quote!(#ty: #krate::__private::Serialize + #krate::__private::DeserializeOwned + 'static),
            }];
        };
        let same = form.same().into_iter().flat_map(used).map(|found| quote!(#found: #krate::StateType));
        let foreign = form.foreign().into_iter().map(|Foreign { value, stored }| match stored {
            None => quote!(#value: #krate::__private::TextValue),
            Some(stored) => {
                let (stand_in, read_back) =
                    (quote!(#krate::__private::StandIn<#value>), quote!(#krate::__private::ReadBack<#value>));
                quote!(#stored: #krate::StateType + #stand_in + #read_back)
            }
        });
        same.chain(foreign).collect()
    }

    /// Where the compiler points if the type cannot be stored so.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::With(with) => with.serializer.span(),
            Self::Serde(serde) => serde.name.span(),
            Self::Text(text) => text.word.span(),
            Self::StandIn(stand_in) => stand_in.stored.span(),
        }
    }

    fn adapter(&self, ty: &impl ToTokens, krate: &TokenStream) -> TokenStream {
        let Some(form) = self.form(ty) else { return TokenStream::new() };
        form.adapter(krate, &|number, foreign| match (self, &foreign.stored) {
            (Self::Text(text), _) => {
                let own = Foreign::ident(text.number, number);
                quote_spanned!(text.word.span()=> #krate::__private::AsText<#own>)
            }
            (Self::StandIn(leaf), Some(stored)) if leaf.generic => {
                let own = Foreign::ident(leaf.number, number);
                quote!(#krate::__private::ValueStandIn<#own, #stored>)
            }
            (Self::StandIn(leaf), _) => Foreign::ident(leaf.number, number).to_token_stream(),
            (Self::With(_) | Self::Serde(_), _) => TokenStream::new(),
        })
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
