//! Keyed state, key groups, backends and savepoints on top of typeser.

pub mod backend;
pub mod descriptor;
pub mod key_group;
pub mod keyed;
pub mod restore;
pub mod savepoint;
