//! A job queue in three releases, each as a module, and what happens to its file between them.

#![allow(missing_docs, reason = "fields and methods are what their names say")]

pub mod release1;
pub mod release2;
pub mod release3;
pub mod service;
pub mod story;
