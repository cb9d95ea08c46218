//! Keyed state, key groups, backends and savepoints on top of typeser.
