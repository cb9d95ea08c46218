//! The layouts that stored values may have: each with the releases that wrote it, and a reader.

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
    /// How many parts of what a newer release wrote are left out.
    left_out: usize,
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
            left_out: resolution.left_out().count(),
            reader: resolution.reader(today)?.with_trust(trust),
        })
    }
}

/// The known layouts. The first is today's.
#[derive(Debug)]
pub(super) struct Layouts<T> {
    all: Vec<Layout<T>>,
    /// Where each is, in the order of fingerprints, which is that of tags too.
    places: Vec<(Fingerprint, usize)>,
    buckets: Buckets,
}

impl<T: StateType> Layouts<T> {
    /// Resolves every snapshot once. The first one is today's.
    pub(super) fn new(
        releases: &[(String, SerializerSnapshot)],
        today: &Serializer<T>,
        policy: &Policy,
        trust: Trust,
    ) -> Result<Self, BuildVersionsError> {
        let mut layouts = Self { all: Vec::new(), places: Vec::new(), buckets: Buckets::default() };
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
        check_tags(&layouts.places, |at| &layouts.all[at].releases[0])?;
        layouts.buckets = Buckets::of(&layouts.places);
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
        let fingerprint = snapshot.fingerprint();
        let at = match self.places.binary_search_by_key(&fingerprint, |(known, _)| *known) {
            Ok(place) if self.all[self.places[place].1].snapshots.contains(snapshot) => self.places[place].1,
            Ok(place) => {
                let at = self.places[place].1;
                let (layout, other) = (&mut self.all[at], Layout::new(snapshot, today, policy, trust)?);
                // Downwards, the snapshot that knows more of the earlier names leaves less out, whether or not the policy
                // allows that.
                let knows_more = other.left_out < layout.left_out;
                let knows_as_much = other.left_out <= layout.left_out && !other.reader.is_read_only();
                if knows_more || (other.compatibility > layout.compatibility && knows_as_much) {
                    (layout.compatibility, layout.left_out) = (other.compatibility, other.left_out);
                    layout.reader = other.reader;
                }
                layout.snapshots.push(snapshot.clone());
                at
            }
            Err(place) => {
                self.all.push(Layout::new(snapshot, today, policy, trust)?);
                self.places.insert(place, (fingerprint, self.all.len() - 1));
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
        let bucket = self.places.get(self.buckets.places(tag))?;
        let place = bucket.binary_search_by_key(&tag, |(fingerprint, _)| Tag::of(*fingerprint)).ok()?;
        Some(&self.all[bucket[place].1])
    }

    pub(super) fn of_fingerprint(&self, fingerprint: Fingerprint) -> Option<&Layout<T>> {
        let place = self.places.binary_search_by_key(&fingerprint, |(known, _)| *known).ok()?;
        Some(&self.all[self.places[place].1])
    }
}

/// Where the layouts of the tags that begin with the same bits are. Fingerprints are spread evenly, so that a bucket has
/// one or two.
#[derive(Debug, Default)]
struct Buckets {
    /// Where each begins, and at the end where the last one ends.
    starts: Vec<u32>,
    /// By how many bits a tag is shifted to give its bucket.
    shift: u32,
}

impl Buckets {
    fn of(places: &[(Fingerprint, usize)]) -> Self {
        let bits = places.len().max(2).next_power_of_two().ilog2();
        let shift = u64::BITS - bits;
        let begins =
            |bucket: u64| places.partition_point(|(fingerprint, _)| number(Tag::of(*fingerprint)) >> shift < bucket);
        let starts = (0..=1 << bits).map(|bucket| u32::try_from(begins(bucket)).unwrap_or(u32::MAX)).collect();
        Self { starts, shift }
    }

    #[inline]
    fn places(&self, tag: Tag) -> std::ops::Range<usize> {
        let bucket = (number(tag) >> self.shift) as usize;
        match self.starts.get(bucket..bucket + 2) {
            Some([start, end]) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }
}

fn number(tag: Tag) -> u64 {
    u64::from_be_bytes(tag.0)
}

/// The report on one release.
fn named(report: Report, release: &str) -> Report {
    report.with_origin(format!("release {release}"))
}

/// Layouts of one tag are neighbours in the order of fingerprints.
fn check_tags<'a>(
    places: &[(Fingerprint, usize)],
    release: impl Fn(usize) -> &'a String,
) -> Result<(), BuildVersionsError> {
    match places.windows(2).find(|pair| Tag::of(pair[0].0) == Tag::of(pair[1].0)) {
        None => Ok(()),
        Some(pair) => Err(BuildVersionsError::SameTag {
            one: release(pair[0].1).clone(),
            two: release(pair[1].1).clone(),
            fingerprints: [pair[0].0, pair[1].0],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_of_one_tag_are_refused() {
        let releases = ["1.0.0", "2.0.0", "3.0.0"].map(str::to_owned);
        let of = |places: &[(u128, usize)]| {
            let places: Vec<_> = places.iter().map(|(fingerprint, at)| (Fingerprint(*fingerprint), *at)).collect();
            check_tags(&places, |at| &releases[at])
        };
        assert_eq!(of(&[(7 << 64, 0), (8 << 64, 1)]), Ok(()));
        let refused = BuildVersionsError::SameTag {
            one: "1.0.0".to_owned(),
            two: "3.0.0".to_owned(),
            fingerprints: [Fingerprint(7 << 64), Fingerprint((7 << 64) | 1)],
        };
        assert_eq!(of(&[(7 << 64, 0), ((7 << 64) | 1, 2), (8 << 64, 1)]), Err(refused));
    }
}
