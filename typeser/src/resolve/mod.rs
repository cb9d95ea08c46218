//! The resolver: what stored bytes are worth to a new serializer, and how to carry them over.
//!
//! [`resolve`] compares two snapshots, both plain data. It sees no type, no value, no clock and no user code. One
//! walker meets every pair of nodes once and writes findings and a plan side by side; findings name rules, and only
//! the rule table knows verdicts.

mod adopted;
mod compatibility;
mod finding;
mod matrix;
mod plan;
mod rekey;
mod role;
pub(crate) mod rules;
mod walk;

pub use compatibility::Compatibility;
pub use finding::{Finding, Fix, Link, SerializerName, Side};
pub use matrix::{Cell, Direction, Matrix, Reach, Release, Remark};
pub use rekey::rekey;
pub use role::Role;
pub use rules::{ALL as RULES, Rule};

pub(crate) use plan::{
    Arm, ArmAction, FunctionsStep, Plan, RecordStep, Shape, ShapeId, ShapeKind, Step, StepId, Target,
};

use std::sync::OnceLock;

use crate::snapshot::SerializerSnapshot;

/// What the caller allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Policy {
    /// Which losses of stored data pass.
    pub losses: Losses,
}

/// Which losses of stored data pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Losses {
    /// Only those that the new type declares with `removed`.
    #[default]
    Declared,
    /// Removed fields need no declaration.
    Any,
}

/// The answer of the resolver.
#[derive(Debug, Clone)]
pub struct Resolution {
    stored: SerializerSnapshot,
    new: SerializerSnapshot,
    /// How the two are named, from when somebody asks.
    names: [OnceLock<SerializerName>; 2],
    role: Role,
    compatibility: Compatibility,
    findings: Vec<Finding>,
    plan: Option<Plan>,
    adopted: Option<SerializerSnapshot>,
}

/// Compares the snapshot of the serializer that wrote bytes with that of the serializer that will read them.
///
/// Total and pure: it always answers, with every finding. `resolve(s, s)` has none. Equal fingerprints are compatible
/// without a walk, which takes the same short time for every layout.
///
/// ```
/// use typeser::resolve::{resolve, Compatibility, Policy, Role};
/// use typeser::{Serializer, TypeSerializer};
///
/// let stored = Serializer::<Vec<u32>>::new()?;
/// let new = Serializer::<Vec<u64>>::new()?;
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
/// assert_eq!(
///     resolution.findings()[0].to_string(),
///     "requires migration [integer-widened] value[]: `u32` was stored, `u64` is used now",
/// );
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[must_use]
pub fn resolve(stored: &SerializerSnapshot, new: &SerializerSnapshot, role: Role, policy: &Policy) -> Resolution {
    answer(stored, new, role, role.zone(), policy)
}

fn answer(
    stored: &SerializerSnapshot,
    new: &SerializerSnapshot,
    role: Role,
    zone: role::Zone,
    policy: &Policy,
) -> Resolution {
    let equal = stored.fingerprint() == new.fingerprint() && !walk::forgets(stored, new);
    let (findings, plan) = if equal { (Vec::new(), None) } else { walk::walk(stored, new, role, zone, policy) };
    let compatibility =
        findings.iter().map(|finding| finding.rule.verdict).fold(Compatibility::Compatible, Compatibility::join);
    let adopted = match compatibility {
        Compatibility::Compatible => Some(new.clone()),
        Compatibility::AfterReconfigure => adopted::adopt(stored, new),
        Compatibility::RequiresMigration | Compatibility::Incompatible => None,
    };
    Resolution {
        stored: stored.clone(),
        new: new.clone(),
        names: [const { OnceLock::new() }; 2],
        role,
        compatibility,
        findings,
        plan: plan.filter(|_| compatibility < Compatibility::Incompatible),
        adopted,
    }
}

impl Resolution {
    /// The verdict: the worst of the findings'.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        self.compatibility
    }

    /// Every finding, safe ones too, in the order of the stored value.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the serializers are used for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The serializer that wrote the bytes.
    #[must_use]
    pub fn stored(&self) -> &SerializerName {
        self.names[0].get_or_init(|| SerializerName::of(&self.stored))
    }

    /// The serializer that the program has now.
    #[must_use]
    pub fn new_serializer(&self) -> &SerializerName {
        self.names[1].get_or_init(|| SerializerName::of(&self.new))
    }

    /// The snapshot of the serializer that wrote the bytes.
    #[must_use]
    pub fn stored_snapshot(&self) -> &SerializerSnapshot {
        &self.stored
    }

    /// The snapshot of the serializer that the program has now.
    #[must_use]
    pub fn new_snapshot(&self) -> &SerializerSnapshot {
        &self.new
    }

    /// The snapshot to store from now on beside bytes that stay as they are: the new one if they are compatible; the
    /// stored layout under new names if they are after reconfigure.
    #[must_use]
    pub fn adopted(&self) -> Option<&SerializerSnapshot> {
        self.adopted.as_ref()
    }

    /// How stored bytes become new ones; `None` for incompatible, and where fingerprints are equal.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }
}

impl SerializerName {
    pub(crate) fn of(snapshot: &SerializerSnapshot) -> Self {
        Self { name: snapshot.name().to_owned(), version: snapshot.version(), fingerprint: snapshot.fingerprint() }
    }
}
