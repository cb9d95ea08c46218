//! The layouts that stored values may have: each with the releases that wrote it, and a reader.

use std::collections::HashMap;

use super::error::BuildVersionsError;
use super::reader::{NotReadable, ValueReader};
use super::tag::Tag;
use crate::migrate::Trust;
use crate::report::{Report, Reports};
use crate::resolve::{Compatibility, Policy, Role, resolve};
use crate::schema::Fingerprint;
use crate::serializer::{Serializer, StateType, TypeSerializer};
use crate::snapshot::SerializerSnapshot;

/// A layout, and how its values are read.
#[derive(Debug)]
pub(super) struct Layout<T> {
    pub(super) releases: Vec<String>,
    /// One of those that wrote it. They differ in hints only, of which the bytes of a value know nothing.
    pub(super) snapshot: SerializerSnapshot,
    /// Every set of hints.
    pub(super) snapshots: Vec<SerializerSnapshot>,
    compatibility: Compatibility,
    pub(super) reader: ValueReader<T>,
}

impl<T: StateType> Layout<T> {
    /// The layout of one snapshot.
    pub(super) fn new(
        stored: &SerializerSnapshot,
        today: &Serializer<T>,
        policy: &Policy,
        trust: Trust,
    ) -> Result<Self, NotReadable> {
        let resolution = resolve(stored, today.snapshot(), Role::Value, policy);
        Ok(Self {
            releases: Vec::new(),
            snapshot: stored.clone(),
            snapshots: vec![stored.clone()],
            compatibility: resolution.compatibility(),
            reader: resolution.reader(today)?.with_trust(trust),
        })
    }
}

/// The known layouts. The first is today's.
#[derive(Debug)]
pub(super) struct Layouts<T> {
    all: Vec<Layout<T>>,
    of_fingerprint: HashMap<Fingerprint, usize>,
    of_tag: HashMap<Tag, usize>,
}

impl<T: StateType> Layouts<T> {
    /// Resolves every snapshot once. The first one is today's.
    pub(super) fn new(
        releases: &[(String, SerializerSnapshot)],
        today: &Serializer<T>,
        policy: &Policy,
        trust: Trust,
    ) -> Result<Self, BuildVersionsError> {
        let mut layouts = Self { all: Vec::new(), of_fingerprint: HashMap::new(), of_tag: HashMap::new() };
        let mut refused = Reports::new();
        for (release, snapshot) in releases {
            match layouts.add(release, snapshot, today, policy, trust) {
                Err(NotReadable::Incompatible(report)) => {
                    refused.push(named(*report, release));
                }
                Err(error) => {
                    return Err(BuildVersionsError::Release { release: release.clone(), error: Box::new(error) });
                }
                Ok(()) => {}
            }
        }
        if !refused.reports().is_empty() {
            return Err(BuildVersionsError::Incompatible(Box::new(refused)));
        }
        let tags = layouts.all.iter().map(|layout| (layout.releases[0].as_str(), layout.snapshot.fingerprint()));
        layouts.of_tag = tags_of(tags)?;
        Ok(layouts)
    }

    /// Adds a release to the layout that it wrote.
    ///
    /// Its hints are resolved as well, although its layout may be known: they say which names were removed and which
    /// functions ran, and so whether its values can be read. They never change how: the reader of the worst verdict
    /// reads the values of all.
    fn add(
        &mut self,
        release: &str,
        snapshot: &SerializerSnapshot,
        today: &Serializer<T>,
        policy: &Policy,
        trust: Trust,
    ) -> Result<(), NotReadable> {
        let known = self.of_fingerprint.get(&snapshot.fingerprint()).copied();
        let at = match known {
            Some(at) if self.all[at].snapshots.contains(snapshot) => at,
            Some(at) => {
                let (layout, other) = (&mut self.all[at], Layout::new(snapshot, today, policy, trust)?);
                if other.compatibility > layout.compatibility {
                    (layout.compatibility, layout.reader) = (other.compatibility, other.reader);
                }
                layout.snapshots.push(snapshot.clone());
                at
            }
            None => {
                self.all.push(Layout::new(snapshot, today, policy, trust)?);
                self.of_fingerprint.insert(snapshot.fingerprint(), self.all.len() - 1);
                self.all.len() - 1
            }
        };
        let releases = &mut self.all[at].releases;
        if !releases.iter().any(|known| known == release) {
            releases.push(release.to_owned());
        }
        Ok(())
    }
}

impl<T> Layouts<T> {
    /// Today's.
    pub(super) fn today(&self) -> &Layout<T> {
        &self.all[0]
    }

    /// All of them, today's first.
    pub(super) fn all(&self) -> &[Layout<T>] {
        &self.all
    }

    pub(super) fn of_tag(&self, tag: Tag) -> Option<&Layout<T>> {
        self.of_tag.get(&tag).map(|at| &self.all[*at])
    }

    pub(super) fn of_fingerprint(&self, fingerprint: Fingerprint) -> Option<&Layout<T>> {
        self.of_fingerprint.get(&fingerprint).map(|at| &self.all[*at])
    }
}

/// The report on one release.
fn named(report: Report, release: &str) -> Report {
    report.with_origin(format!("release {release}"))
}

/// The tag of every layout.
fn tags_of<'a>(
    layouts: impl Iterator<Item = (&'a str, Fingerprint)> + Clone,
) -> Result<HashMap<Tag, usize>, BuildVersionsError> {
    let mut tags: HashMap<Tag, usize> = HashMap::new();
    for (at, (two, fingerprint)) in layouts.clone().enumerate() {
        if let Some(other) = tags.insert(Tag::of(fingerprint), at) {
            let (one, first) = layouts.clone().nth(other).unwrap_or((two, fingerprint));
            let fingerprints = [first, fingerprint];
            return Err(BuildVersionsError::SameTag { one: one.to_owned(), two: two.to_owned(), fingerprints });
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_of_one_tag_are_refused() {
        let fingerprints = [Fingerprint(7 << 64), Fingerprint(8 << 64), Fingerprint((7 << 64) | 1)];
        let layouts = || ["1.0.0", "2.0.0", "3.0.0"].into_iter().zip(fingerprints);
        assert_eq!(tags_of(layouts().take(2)).map(|tags| tags.len()), Ok(2));
        let refused = BuildVersionsError::SameTag {
            one: "1.0.0".to_owned(),
            two: "3.0.0".to_owned(),
            fingerprints: [fingerprints[0], fingerprints[2]],
        };
        assert_eq!(tags_of(layouts()), Err(refused));
    }
}
