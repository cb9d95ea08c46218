//! The state processor with the types of a program: reading, bootstrapping and changing savepoints.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

mod bootstrap;
mod edit;
mod keys;
mod my_app;
mod problems;
mod read;
