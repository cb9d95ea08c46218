//! Whole outputs and exit codes of each command, for good and bad input.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests say what they mean in their names")]

mod accept;
mod cases;
mod check;
mod ci;
mod completions;
mod diff;
mod explain;
mod files;
mod foreign;
mod golden;
mod guide;
mod help;
mod input;
mod inspect;
mod page;
mod pages;
mod pasted;
mod preview;
mod rules;
mod runner;
mod savepoint;
mod state;
mod table;
mod widths;
mod zoo;
