//! The options of a check.

use crate::resolve::{Compatibility, Direction, Policy, Reach, Role};

/// What a check asks, and what it lets pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Upgrades, rollbacks or both; upgrades if nothing else is said.
    pub direction: Direction,
    /// The last release, or all; all if nothing else is said.
    pub reach: Reach,
    /// Which losses of stored data pass.
    pub policy: Policy,
    /// The least verdict that fails; incompatible if nothing else is said. Compatible as the least lets nothing pass
    /// but what is pinned or accepted.
    pub fails_on: Compatibility,
    /// Verdicts that must be just so.
    pub pins: Vec<Pin>,
    /// States that were given up: the name, and why.
    pub retired: Vec<Retired>,
    /// States that another suite holds: releases recorded them into the same folder, and this check leaves them alone.
    pub elsewhere: Vec<(String, Role)>,
}

/// The verdict from a release to today, which must be just this one.
///
/// What is pinned passes if it is so, whatever else would fail, and fails if it is not, be it worse or better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The state.
    pub state: String,
    /// The role of the state.
    pub role: Role,
    /// The release that wrote.
    pub release: String,
    /// The verdict.
    pub compatibility: Compatibility,
}

/// A state that was given up, in every role that is not listed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The name of the state.
    pub state: String,
    /// Why, and what becomes of what is stored of it.
    pub reason: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            direction: Direction::Backward,
            reach: Reach::All,
            policy: Policy::default(),
            fails_on: Compatibility::Incompatible,
            pins: Vec::new(),
            retired: Vec::new(),
            elsewhere: Vec::new(),
        }
    }
}
