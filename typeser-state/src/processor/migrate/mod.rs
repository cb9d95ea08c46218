//! Planning a migration of values, or new keys.

pub(crate) mod plan;
pub(crate) mod planner;
pub(crate) mod rekey;
pub(crate) mod targets;
pub(crate) mod targets_folder;
pub(crate) mod targets_known;
