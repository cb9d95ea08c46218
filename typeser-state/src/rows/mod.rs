//! The engine for stored rows, which restores, the state processor and typed tables share.

pub(crate) mod collisions;
pub(crate) mod comparison;
pub(crate) mod counts;
pub(crate) mod display;
pub(crate) mod dropped_data;
pub(crate) mod failure;
pub(crate) mod groups;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod stored;
pub(crate) mod time_to_live;
pub(crate) mod transform;
pub(crate) mod workers;
