//! Queries of savepoints: by the command, by the library, and beside answers that plain programs compute.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod as_of;
mod cases;
mod export;
mod fixtures;
mod flights;
mod pushdown;
mod random;
mod redb_tables;

// The program of the flights example.
#[allow(dead_code, reason = "a part of the example is enough")]
#[path = "../../../examples/flights/src/data.rs"]
mod data;
#[allow(dead_code, reason = "a part of the example is enough")]
#[path = "../../../examples/flights/src/program.rs"]
mod program;
#[allow(dead_code, reason = "a part of the example is enough")]
#[path = "../../../examples/flights/src/release1.rs"]
mod release1;
#[allow(dead_code, reason = "a part of the example is enough")]
#[path = "../../../examples/flights/src/release2.rs"]
mod release2;
#[allow(dead_code, reason = "a part of the example is enough")]
#[path = "../../../examples/flights/src/release3.rs"]
mod release3;
