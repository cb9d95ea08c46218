//! Keyed state, key groups, backends and savepoints on top of typeser.

pub mod backend;
pub mod key_group;
