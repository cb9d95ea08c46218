//! Migrates values from one release to another, directly and through the releases in between.

use std::collections::BTreeSet;

use super::cover::cover;
use super::difference::{Difference, differences};
use super::outcome::{Divergence, Reason};
use crate::migrate::{Migration, Reconfigured, Scratch, Trust};
use crate::resolve::rules::HISTORY_DIVERGES;
use crate::resolve::{Compatibility, Finding, Fix, Link, Policy, Release, Role, Side, resolve};
use crate::schema::{NodeId, Path};
use crate::serializer::Conversions;
use crate::snapshot::SerializerSnapshot;
use crate::value::Value;

/// Whether the first of these releases and the last agree with those between.
pub(super) struct Comparison<'a> {
    pub(super) releases: &'a [Release],
    pub(super) role: Role,
    pub(super) policy: &'a Policy,
    pub(super) with: &'a Conversions,
}

/// The way from one release to another.
enum Leg {
    /// The bytes stay unchanged.
    Kept,
    /// What stays in the stored layout is read in the new one.
    Reconfigured(Box<Reconfigured>),
    /// What is rewritten.
    Migrated(Migration),
}

impl Comparison<'_> {
    /// What differs, and how many places of the stored layout no value could be compared for.
    pub(super) fn divergences(&self) -> Result<(Vec<Divergence>, usize), Reason> {
        let ([oldest, between @ .., newest], role) = (self.releases, self.role) else { return Ok((Vec::new(), 0)) };
        let direct = [self.leg(oldest, newest)?];
        let chain: Vec<Leg> =
            self.releases.windows(2).map(|pair| self.leg(&pair[0], &pair[1])).collect::<Result<_, _>>()?;
        let through: Vec<String> = between.iter().map(|release| release.name().to_owned()).collect();
        let mut divergences = Vec::new();
        let mut seen: BTreeSet<Path> = BTreeSet::new();
        let mut missed = 0;
        for place in cover(oldest.snapshot()).ok_or(Reason::TooManyPlaces)? {
            let mut is_compared = false;
            for (stored, bytes) in place {
                let migrated = |legs: &[Leg]| migrate(legs, &bytes, newest.snapshot());
                let (Some(direct), Some(chained)) = (migrated(&direct), migrated(&chain)) else { continue };
                is_compared = true;
                for difference in differences(&direct, &chained) {
                    if !seen.insert(difference.path.clone()) {
                        continue;
                    }
                    divergences.push(Divergence {
                        from: oldest.name().to_owned(),
                        through: through.clone(),
                        to: newest.name().to_owned(),
                        finding: finding(role, [oldest, newest], &through, difference),
                        stored: stored.clone(),
                        direct: direct.clone(),
                        chained: chained.clone(),
                    });
                }
            }
            missed += usize::from(!is_compared);
        }
        Ok((divergences, missed))
    }

    fn leg(&self, from: &Release, to: &Release) -> Result<Leg, Reason> {
        let (writer, reader) = (from.name().to_owned(), to.name().to_owned());
        let resolution = resolve(from.snapshot(), to.snapshot(), self.role, self.policy);
        match resolution.compatibility() {
            Compatibility::Compatible => Ok(Leg::Kept),
            Compatibility::AfterReconfigure => resolution
                .adopted()
                .and_then(|adopted| Reconfigured::new(adopted, to.snapshot()))
                .map(|reconfigured| Leg::Reconfigured(Box::new(reconfigured)))
                .ok_or(Reason::Incompatible { writer, reader }),
            Compatibility::RequiresMigration => resolution
                .migration(self.with)
                .map(Leg::Migrated)
                .map_err(|error| Reason::NoMigration { writer, reader, error }),
            Compatibility::Incompatible => Err(Reason::Incompatible { writer, reader }),
        }
    }
}

/// What bytes become; `None` where a function refuses the value.
fn migrate(legs: &[Leg], stored: &[u8], newest: &SerializerSnapshot) -> Option<Value> {
    let mut bytes = stored.to_vec();
    let mut scratch = Scratch::default();
    for leg in legs {
        let mut migrated = Vec::new();
        match leg {
            Leg::Kept => continue,
            Leg::Reconfigured(reconfigured) => reconfigured.read(&bytes, &mut scratch, &mut migrated).ok()?,
            Leg::Migrated(migration) => migration.run(&bytes, Trust::Foreign, &mut scratch, &mut migrated).ok()?,
        }
        bytes = migrated;
    }
    Value::decode(newest, &bytes).ok()
}

fn finding(role: Role, [oldest, newest]: [&Release; 2], through: &[String], difference: Difference) -> Finding {
    let Difference { path, direct, chained } = difference;
    let side = |release: &Release| Side {
        type_name: release.snapshot().name().into(),
        version: Some(release.snapshot().version()),
        location: release.snapshot().location(NodeId::ROOT),
    };
    let [from, to] = [oldest, newest].map(Release::name);
    let between = through.join(", ");
    Finding {
        rule: &HISTORY_DIVERGES,
        role,
        path,
        chain: vec![Link { depth: 0, stored: NodeId::ROOT, new: NodeId::ROOT }],
        stored: side(oldest),
        new: side(newest),
        detail: format!(
            "a value stored by {from} becomes `{direct}` in {to} directly, and `{chained}` through {between}"
        ),
        also: Vec::new(),
        note: None,
        fixes: vec![
            Fix::Advice(format!("keep the default and the names of {between}")),
            Fix::Advice(String::from("increase the version, and migrate the older versions with a function")),
        ],
    }
}
