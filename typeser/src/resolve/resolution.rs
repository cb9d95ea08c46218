//! The resolver's function and its result.

use std::sync::OnceLock;

use super::adopted::adopt;
use super::compatibility::Compatibility;
use super::finding::{Finding, SerializerName};
use super::fix::Fix;
use super::plan::Plan;
use super::policy::{Losses, Policy};
use super::rewrap::{rewrapped, wrappers};
use super::role::{Role, Zone};
use super::rules::ids;
use super::walk::{forgets, walk};
use crate::snapshot::SerializerSnapshot;

/// The answer of the resolver.
///
/// ```
/// use typeser::resolve::{Compatibility, Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<u32>::new()?, Serializer::<u64>::new()?);
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
/// let rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
/// assert_eq!(rules, ["integer-widened"]);
/// // The verdict says what to ask for next: `migration` here, `adopt` where no byte has to change.
/// assert!(resolution.migration(new.conversions()).is_ok());
/// assert!(resolution.adopt(&new).is_err());
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
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
    read_only: bool,
    downwards: bool,
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
    let mut resolution = answer(stored, new, role, role.zone(), policy);
    let is_rekey = |fix: &Fix| matches!(fix, Fix::Rekey { .. });
    if resolution.findings.iter().any(|finding| finding.fixes.iter().any(is_rekey)) {
        let lacking = promises(&moved(stored, new, policy));
        for finding in &mut resolution.findings {
            match &lacking {
                Some(lacking) => finding.fixes.iter_mut().for_each(|fix| {
                    if let Fix::Rekey { promises, .. } = fix {
                        promises.clone_from(lacking);
                    }
                }),
                None => finding.fixes.retain(|fix| !is_rekey(fix)),
            }
        }
    }
    let is_newer = |finding: &Finding| finding.fixes.contains(&Fix::NewerRelease);
    if !policy.downwards && resolution.findings.iter().any(is_newer) {
        let downwards = Policy { downwards: true, ..*policy };
        if answer(stored, new, role, role.zone(), &downwards).compatibility < Compatibility::Incompatible {
            let newer = resolution.findings.iter_mut().filter(|finding| is_newer(finding));
            newer.for_each(|finding| finding.fixes.push(Fix::ReadDownwards));
        }
    }
    resolution
}

/// The answer for keys of operators where every entry may move; see [`rekey`](super::rekey()).
pub(super) fn moved(stored: &SerializerSnapshot, new: &SerializerSnapshot, policy: &Policy) -> Resolution {
    let moved = answer(stored, new, Role::Key, Zone::Distinct, policy);
    // What is declared of whole keys goes before the pairing of 1-tuples, also where it is refused.
    let is_declared = moved.findings.iter().any(|finding| finding.rule.is_declared());
    let knows_of_functions = policy.downwards && !stored.root_hints().is_empty();
    let by_rules = !is_declared && !knows_of_functions;
    match rewrapped(stored, wrappers(new)) {
        Some(wrapped) if by_rules && moved.compatibility == Compatibility::Incompatible => {
            answer(&wrapped, new, Role::Key, Zone::Distinct, policy)
        }
        _ => moved,
    }
}

/// What has to be declared of functions so that a re-key is not refused: nothing if it is not; `None` if nothing helps.
fn promises(moved: &Resolution) -> Option<Vec<Fix>> {
    let is_promise =
        |fix: &Fix| matches!(fix, Fix::Injective { .. } | Fix::InjectiveMigration(_) | Fix::InjectiveWhole { .. });
    let mut promises = Vec::new();
    for finding in moved.findings.iter().filter(|finding| finding.rule.verdict == Compatibility::Incompatible) {
        let mut fixes = finding.fixes.iter();
        let promise = fixes.find(|fix| is_promise(fix))?;
        if !promises.contains(promise) {
            promises.push(promise.clone());
        }
    }
    Some(promises)
}

fn answer(
    stored: &SerializerSnapshot,
    new: &SerializerSnapshot,
    role: Role,
    zone: Zone,
    policy: &Policy,
) -> Resolution {
    let equal = stored.fingerprint() == new.fingerprint() && !forgets(stored, new);
    let (findings, plan) = if equal { (Vec::new(), None) } else { walk(stored, new, role, zone, policy) };
    let compatibility =
        findings.iter().map(|finding| finding.rule.verdict).fold(Compatibility::Compatible, Compatibility::join);
    let adopted = match compatibility {
        Compatibility::Compatible => Some(new.clone()),
        Compatibility::AfterReconfigure => adopt(stored, new, policy.downwards),
        Compatibility::RequiresMigration | Compatibility::Incompatible => None,
    };
    let mut left_out = findings.iter().filter(|finding| is_left_out(finding, policy.downwards));
    let read_only = policy.losses == Losses::Declared && left_out.next().is_some();
    Resolution {
        read_only,
        downwards: policy.downwards,
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

/// Whether it is about what a newer release added, or may have added, and what is not kept.
fn is_left_out(finding: &Finding, downwards: bool) -> bool {
    finding.rule.id == ids::FIELD_OF_NEWER_RELEASE || (downwards && finding.rule.id == ids::VARIANT_TO_FALLBACK)
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

    /// The snapshot to store from now on beside bytes that stay unchanged: the new one if they are compatible; the
    /// stored layout under new names if they are after reconfigure.
    #[must_use]
    pub fn adopted(&self) -> Option<&SerializerSnapshot> {
        self.adopted.as_ref()
    }

    /// Whether values that are read must not be written back: they were read [downwards](Policy::downwards) without
    /// what a newer release added, and the policy does not allow any loss.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The findings on what a newer release added, or may have added, and what is not kept.
    #[doc(hidden)]
    pub fn left_out(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| is_left_out(finding, self.downwards))
    }

    /// How stored bytes become new ones; `None` for incompatible, and where fingerprints are equal.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }
}
