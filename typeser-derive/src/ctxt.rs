//! Collects all errors in a type, so that they are reported together.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use quote::ToTokens;

/// The errors found so far. It must end in [`Ctxt::check`]; tests panic if it does not.
#[derive(Debug, Default)]
pub(crate) struct Ctxt {
    error: RefCell<Option<syn::Error>>,
    numbers: Cell<usize>,
    #[cfg(test)]
    checked: bool,
}

impl Ctxt {
    /// Reports an error at these tokens.
    pub(crate) fn error(&self, at: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    /// Reports an error that a parser returned.
    pub(crate) fn push(&self, error: syn::Error) {
        match &mut *self.error.borrow_mut() {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    /// A number that was not given before.
    pub(crate) fn number(&self) -> usize {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// All errors as one.
    #[cfg_attr(not(test), expect(unused_mut, reason = "tests note that it was called"))]
    pub(crate) fn check(mut self) -> syn::Result<()> {
        #[cfg(test)]
        {
            self.checked = true;
        }
        self.error.take().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
impl Drop for Ctxt {
    fn drop(&mut self) {
        assert!(self.checked || std::thread::panicking(), "errors were collected and not reported");
    }
}
