//! The derive macro of typeser.

use proc_macro::TokenStream;

/// Derives `StateType`.
#[proc_macro_derive(StateType, attributes(state))]
pub fn derive_state_type(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}
