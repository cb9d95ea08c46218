//! The whole macro: reads, checks and expands the input, or expands a fallback if that failed.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::ast::Input;
use crate::ctxt::Ctxt;
use crate::{check, expand, fallback};

/// The output for these tokens of a type.
pub(crate) fn derive(tokens: TokenStream) -> TokenStream {
    match syn::parse2::<DeriveInput>(tokens) {
        Ok(input) => try_derive(&input).unwrap_or_else(|error| fallback::expand(&input, &error)),
        Err(error) => error.into_compile_error(),
    }
}

fn try_derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let cx = Ctxt::default();
    let read = Input::read(&cx, input);
    if let Some(read) = &read {
        check::check(&cx, read);
    }
    cx.check()?;
    Ok(read.as_ref().map(expand::expand).unwrap_or_default())
}
