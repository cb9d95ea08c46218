//! Byte stability: samples of old releases come out as the verdict promises.

use super::listed::{Codec, Listed, NotAgain, short_bytes};
use super::merge::are_the_same;
use super::problem::Problem;
use super::{Goldens, Outcome, Sample, TODAY};
use crate::migrate::{Migration, Reconfigured, Scratch, Trust};
use crate::resolve::{Compatibility, Resolution};
use crate::snapshot::SerializerSnapshot;

/// Reads every sample of every release of a listed state by the way of its verdict, and writes it again.
pub(super) fn unstable(goldens: &Goldens, outcome: &Outcome, listed: &Listed) -> Vec<Problem> {
    let (state, role) = (listed.current.state.as_str(), listed.current.role);
    let Some(checked) = outcome.state(state, role) else { return Vec::new() };
    let mut problems = Vec::new();
    for (release, golden) in goldens.of_state(state, role) {
        let pair = checked.pair(&release.name, TODAY);
        let cell = pair.and_then(|pair| checked.matrix.cell(pair.cell.0, pair.cell.1));
        let Some(resolution) = cell.map(|cell| cell.resolution()) else { continue };
        let way = match Way::of(resolution, listed) {
            Ok(Some(way)) => Ok(way),
            // The report says why.
            Ok(None) => continue,
            Err(reason) => Err(reason),
        };
        for (number, sample) in (1..).zip(&golden.samples) {
            let outcome = way.as_ref().map_err(Clone::clone).and_then(|way| way.go(sample, &golden.snapshot, listed));
            let Err(reason) = outcome else { continue };
            problems.push(Problem::Unstable {
                subject: listed.subject(),
                release: release.name.clone(),
                number,
                reason,
                value: sample.value.clone().unwrap_or_else(|| "only its type can read it".to_owned()),
                bytes: short_bytes(&sample.bytes),
            });
        }
    }
    problems
}

/// How bytes of an old release get to today's code.
enum Way {
    Kept,
    Reconfigured(Box<Reconfigured>),
    Migrated(Migration),
}

impl Way {
    /// `None` if there is none.
    fn of(resolution: &Resolution, listed: &Listed) -> Result<Option<Self>, String> {
        Ok(match resolution.compatibility() {
            Compatibility::Compatible => Some(Self::Kept),
            Compatibility::AfterReconfigure => {
                let adopted = resolution.adopted();
                let reconfigured = adopted.and_then(|adopted| Reconfigured::new(adopted, &listed.current.snapshot));
                let refused = || "the verdict says that it can be taken over as it is, but it cannot".to_owned();
                Some(Self::Reconfigured(Box::new(reconfigured.ok_or_else(refused)?)))
            }
            Compatibility::RequiresMigration => {
                let migration = resolution.migration(&listed.current.conversions);
                Some(Self::Migrated(migration.map_err(|error| error.to_string())?))
            }
            Compatibility::Incompatible => None,
        })
    }

    fn go(&self, sample: &Sample, written: &SerializerSnapshot, listed: &Listed) -> Result<(), String> {
        let (stored, today) = (&sample.bytes, &listed.current.snapshot);
        let mut scratch = Scratch::default();
        let mut bytes = Vec::new();
        let again = |bytes: &[u8], what: &str| again(&*listed.codec, bytes, what);
        match self {
            Self::Kept => {
                let kept = again(stored, "the bytes")?;
                same(written, stored, &kept, "reading and writing it gave other bytes")
            }
            Self::Reconfigured(reconfigured) => {
                reconfigured.read(stored, &mut scratch, &mut bytes).map_err(|error| error.to_string())?;
                let new = again(&bytes, "the bytes in today's layout")?;
                let mut kept = Vec::new();
                reconfigured.write(&new, &mut scratch, &mut kept).map_err(|error| error.to_string())?;
                same(
                    reconfigured.snapshot(),
                    stored,
                    &kept,
                    "reading it, and writing it in its own layout, gave other bytes",
                )
            }
            Self::Migrated(migration) => {
                migration.run(stored, Trust::Foreign, &mut scratch, &mut bytes).map_err(|error| error.to_string())?;
                let new = again(&bytes, "the migrated bytes")?;
                same(today, &bytes, &new, "reading and writing the migrated value gave other bytes")
            }
        }
    }
}

fn again(codec: &dyn Codec, bytes: &[u8], what: &str) -> Result<Vec<u8>, String> {
    codec.again(bytes).map_err(|error| match error {
        NotAgain::Read(reason) => format!("today's code cannot read {what} {}: {reason}", short_bytes(bytes)),
        NotAgain::Write(reason) => format!("today's code reads {what}, but cannot write the value any more: {reason}"),
    })
}

fn same(snapshot: &SerializerSnapshot, before: &[u8], after: &[u8], what: &str) -> Result<(), String> {
    match are_the_same(snapshot, before, after) {
        true => Ok(()),
        false => Err(format!("{what}: {} became {}", short_bytes(before), short_bytes(after))),
    }
}
