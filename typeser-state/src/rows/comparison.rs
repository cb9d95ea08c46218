//! Compares a stored serializer with a new one: the only file of this crate that calls the resolver.

use typeser::SerializerSnapshot;
use typeser::report::Report;
use typeser::resolve::{Policy, Resolution, Role, rekey, resolve};

/// Compares serializers under a policy, and names where the stored ones came from.
#[derive(Clone, Copy)]
pub(crate) struct Comparer<'a> {
    policy: &'a Policy,
    /// Where the stored serializers came from.
    origin: &'a str,
}

/// The outcome of comparing a stored serializer with a new one.
pub(crate) struct Comparison {
    pub(crate) resolution: Resolution,
    pub(crate) report: Report,
}

/// A stored snapshot and the new one.
pub(crate) type Sides<'a> = (&'a SerializerSnapshot, &'a SerializerSnapshot);

/// Compares serializers of this role without a report, and without giving anything up.
pub(crate) fn resolution_of((stored, new): Sides<'_>, role: Role) -> Resolution {
    resolve(stored, new, role, &Policy::default())
}

impl<'a> Comparer<'a> {
    pub(crate) fn new(policy: &'a Policy, origin: &'a str) -> Self {
        Self { policy, origin }
    }

    /// Compares serializers of this role.
    pub(crate) fn compare(self, subject: String, (stored, new): Sides<'_>, role: Role) -> Comparison {
        let resolution = resolve(stored, new, role, self.policy);
        let report = Report::new(subject, &resolution).with_origin(self.origin);
        Comparison { resolution, report }
    }

    /// Compares the serializers of keys for a re-key, which moves every entry to where its new key belongs.
    pub(crate) fn compare_keys(self, subject: String, (stored, new): Sides<'_>) -> Comparison {
        let resolution = rekey(stored, new, self.policy);
        let origin = match resolution.stored_snapshot() == stored {
            true => self.origin.to_owned(),
            // A 1-tuple and its element have equal bytes, so the stored key is reported as what the new one is.
            false => format!("{}, wrapped as the new key is", self.origin),
        };
        let report = Report::new(subject, &resolution).with_origin(origin);
        Comparison { resolution, report }
    }
}
