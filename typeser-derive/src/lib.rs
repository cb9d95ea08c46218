//! The derive macro of typeser: `#[derive(StateType)]`.

mod advice;
mod ast;
mod attr;
mod check;
mod ctxt;
mod derive;
mod expand;
mod fallback;
mod symbol;

use proc_macro::TokenStream;

/// Derives `StateType`.
#[proc_macro_derive(StateType, attributes(state))]
pub fn derive_state_type(input: TokenStream) -> TokenStream {
    derive::derive(input.into()).into()
}
