//! Functions that are declared `injective` and are not: nothing is lost, and the error names two inputs that collide.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

#[path = "lying_functions/savepoints.rs"]
mod savepoints;
#[path = "lying_functions/seats.rs"]
mod seats;
#[path = "lying_functions/tables.rs"]
mod tables;
