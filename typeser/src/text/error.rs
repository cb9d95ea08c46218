//! Errors as `unwrap` and a `main` that returns one print them.

use std::error::Error;
use std::fmt;

/// Implements [`Debug`](fmt::Debug) for errors: their text and that of their sources.
///
/// `fn main() -> Result<(), Box<dyn Error>>`, `unwrap` and `expect` print errors with `Debug`, and the derived form of a
/// report buries its sentences in thousands of lines. `{:#?}` prints the same text: a derived form beside it would need
/// a second definition of each type, and the fields of an error are public where they are of use.
#[doc(hidden)]
#[macro_export]
macro_rules! debug_as_display {
    ($($error:ty),* $(,)?) => { $(
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::text::write_error(self, f)
            }
        }
    )* };
}

pub use debug_as_display;

/// Writes the text of an error, and below it that of each source which the text above does not contain.
pub fn write_error(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{}\ncaused by: {cause_text}", text.trim_end());
        }
        source = cause.source();
    }
    f.write_str(&text)
}
