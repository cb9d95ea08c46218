//! Text for people: invisible characters, display width, hexadecimal digits, errors, and suggestions for misspelled
//! words.
//!
//! The lowest layer, which the tools of typeser share. Not for other crates: it changes without notice.

mod error;
pub mod hex;
mod nearest;
mod visible;
mod width;

pub use error::{debug_as_display, write_error};
pub use nearest::{did_you_mean, nearest};
pub use visible::{clean, is_unseen, json_without_unseen, without_commands};
pub use width::{middle, pad, shortened, width, wrap, wrap_at};
