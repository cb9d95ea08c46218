//! The text form, for eyes and diffs: the canonical text of the layout with a header, and the hints below their places.
//!
//! Every hint stands on lines of its own that begin with `@`, so the rest is the layout alone.

mod read;
mod write;
