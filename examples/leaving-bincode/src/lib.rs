//! A box office that stored bincode, in three releases, each as a module, and what happens to its data between them.

#![allow(missing_docs, reason = "fields and methods are what their names say")]

pub mod log;
pub mod release1;
pub mod release2;
pub mod release3;
pub mod story;
