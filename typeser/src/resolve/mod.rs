//! The resolver: decides whether a new serializer can use stored bytes, and how to migrate them.
//!
//! [`resolve`] compares two snapshots, both plain data. It sees no type, no value, no clock and no user code. One
//! walker meets every pair of nodes once and writes findings and a plan side by side; findings name rules, and only
//! the rule table knows verdicts.

mod adopted;
mod as_rust;
mod compatibility;
mod finding;
mod fix;
mod matrix;
mod names;
mod plan;
mod policy;
mod rekey;
mod resolution;
mod rewrap;
mod role;
pub(crate) mod rules;
mod steps;
mod walk;

pub use compatibility::Compatibility;
pub use finding::{Finding, Link, Place, SerializerName, Side};
pub use fix::{
    ConvertToo, FileForm, Fix, InjectiveMigration, Kept, Migrate, MigrateBecause, NoneToo, Site, StoredType,
};
pub use matrix::{Cell, Direction, Matrix, Reach, Release, Remark};
pub use policy::{Losses, Policy};
pub use rekey::rekey;
pub use resolution::{Resolution, resolve};
pub use role::Role;
pub use rules::{ALL as RULES, Rule};

pub(crate) use plan::{Arm, ArmAction, FunctionsStep, Plan, RecordStep, ShapeId, ShapeKind, Step, StepId, Target};
pub(crate) use walk::widens;
