//! The text form, for people and diffs: the canonical text of the layout with a header, and the hints below their
//! places.
//!
//! Hints are on separate lines that begin with `@`, so all other lines are the layout.

mod lines;
mod read;
mod write;
