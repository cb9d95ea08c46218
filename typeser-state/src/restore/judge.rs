//! The one place that asks the resolver, for restores and for tools alike.

use typeser::SerializerSnapshot;
use typeser::report::Report;
use typeser::resolve::{Policy, Resolution, Role, rekey, resolve};

/// Asks the resolver, and writes the report.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    policy: &'a Policy,
    /// Where the stored serializers came from.
    origin: &'a str,
}

/// What the resolver says of a stored and a new serializer.
pub(crate) struct Judged {
    pub(crate) resolution: Resolution,
    pub(crate) report: Report,
}

/// A stored snapshot and the new one.
pub(crate) type Sides<'a> = (&'a SerializerSnapshot, &'a SerializerSnapshot);

impl<'a> Judge<'a> {
    pub(crate) fn new(policy: &'a Policy, origin: &'a str) -> Self {
        Self { policy, origin }
    }

    /// What it means to go on with another serializer in this role.
    pub(crate) fn resolve(self, subject: String, (stored, new): Sides<'_>, role: Role) -> Judged {
        let resolution = resolve(stored, new, role, self.policy);
        let report = Report::new(subject, &resolution).with_origin(self.origin);
        Judged { resolution, report }
    }

    /// What it means to move every entry to where a key of another serializer belongs.
    pub(crate) fn rekey(self, subject: String, (stored, new): Sides<'_>) -> Judged {
        let resolution = rekey(stored, new, self.policy);
        let origin = match resolution.stored_snapshot() == stored {
            true => self.origin.to_owned(),
            // The bytes are equal, so this is no more than another way to look at them.
            false => format!("{}, wrapped as the new key is", self.origin),
        };
        let report = Report::new(subject, &resolution).with_origin(origin);
        Judged { resolution, report }
    }
}
