//! Planted faults: subjects that are wrong on purpose, each in one place, and each as small as a real mistake.
//!
//! They wrap the public functions: a fault changes their arguments or their results. The library has no switch for
//! this.

mod alter;
mod faults;
mod later;

use typeser::SerializerSnapshot;
use typeser::migrate::{Scratch, Trust};
use typeser::report::{Witness, witness};
use typeser::resolve::{Compatibility, Finding, Policy, Role, resolve};
use typeser::schema::NodeId;
use typeser::versions::{BuildVersionsError, Stored, StoredValueError, Versions};

use super::history::{AnyBytes, History};
use super::parts::Parts;
pub use faults::FAULTS;

use super::subject::{Answer, Halves, Program, Subject};
use super::value::{Layout, Value};

/// Each fault must be found within this many cases, fewer than continuous integration runs.
pub const CASES: u64 = 100_000;

/// A subject with one fault.
#[derive(Debug)]
pub struct Fault {
    /// A description of the mistake.
    pub name: &'static str,
    made: Made,
}

/// Where a fault is.
#[derive(Debug)]
enum Made {
    /// In the join.
    Join(fn(Compatibility, Compatibility) -> Compatibility),
    /// In the rule table: the verdict of a rule in a role, or `None` if it is not reported.
    Table(fn(&'static str, Role, Compatibility) -> Option<Compatibility>),
    /// In the walker: it compares changed snapshots.
    Walker(fn(&mut Parts, &mut Parts)),
    /// In the plan: verdict and findings are right, but the plan is for changed snapshots.
    Plan(fn(&mut Parts, &mut Parts)),
    /// In the adopted snapshot, which is the last argument.
    Adopted(fn(&SerializerSnapshot, &SerializerSnapshot, &mut Parts)),
    /// In the values that programs write.
    Value(fn(&mut Value)),
    /// In the execution of a migration.
    Run(fn(&Program, &[u8], Trust, &mut Scratch, &mut Vec<u8>) -> bool),
    /// In a reconfigured serializer.
    Halves(fn(Halves) -> Halves),
    /// In the witness of a finding.
    Witness(fn(&SerializerSnapshot, &mut Witness)),
    /// In the releases of a set of versions.
    Releases(fn(&mut History)),
    /// In reading a value of several releases: what is read instead of what is right, if anything.
    Read(fn(&Versions<AnyBytes>, Stored<'_>) -> Option<AnyBytes>),
}

impl Subject for Fault {
    fn join(&self, one: Compatibility, other: Compatibility) -> Compatibility {
        match self.made {
            Made::Join(join) => join(one, other),
            _ => one.join(other),
        }
    }

    fn resolve(&self, stored: &SerializerSnapshot, new: &SerializerSnapshot, role: Role, policy: &Policy) -> Answer {
        let mut answer = Answer::of(&resolve(stored, new, role, policy));
        match self.made {
            Made::Join(_) | Made::Halves(_) | Made::Witness(_) | Made::Releases(_) | Made::Read(_) => {}
            Made::Table(table) => {
                let checked =
                    answer.findings.iter().filter_map(|(id, verdict)| Some((*id, table(id, role, *verdict)?)));
                let findings: Vec<_> = checked.collect();
                let verdict = findings.iter().fold(Compatibility::Compatible, |sum, found| sum.join(found.1));
                if findings != answer.findings {
                    answer = Answer { compatibility: verdict, findings, ..answer }.keeping_promises(stored, new);
                }
            }
            Made::Walker(alter) => {
                if let Some((stored_as, new_as)) = altered(stored, new, alter) {
                    let seen = Answer::of(&resolve(&stored_as, &new_as, role, policy));
                    // Parts of the answer that do not depend on the mistake stay right.
                    let same = seen.compatibility == answer.compatibility;
                    let (adopted, migration) = (answer.adopted.take(), answer.migration.take());
                    answer = if same { Answer { adopted, migration, ..seen } } else { seen };
                    answer = answer.keeping_promises(stored, new);
                }
            }
            Made::Plan(alter) => {
                if let Some((stored_as, new_as)) = altered(stored, new, alter) {
                    let seen = Answer::of(&resolve(&stored_as, &new_as, role, policy));
                    answer.migration = answer.migration.take().map(|right| seen.migration.unwrap_or(right));
                }
            }
            Made::Adopted(alter) => {
                if let Some(adopted) = &mut answer.adopted
                    && answer.compatibility == Compatibility::AfterReconfigure
                {
                    let mut parts = Parts::of(adopted);
                    alter(stored, new, &mut parts);
                    *adopted = parts.snapshot().unwrap_or_else(|| adopted.clone());
                }
            }
            Made::Value(change) => {
                answer.migration = answer.migration.map(|right| changing(right, new.clone(), change));
            }
            Made::Run(run) => {
                answer.migration = answer.migration.map(|right| -> Program {
                    Box::new(move |stored, trust, scratch, to| match run(&right, stored, trust, scratch, to) {
                        true => Ok(()),
                        false => right(stored, trust, scratch, to),
                    })
                });
            }
        }
        answer
    }

    fn reconfigure(&self, adopted: &SerializerSnapshot, new: &SerializerSnapshot) -> Option<Halves> {
        let right = Halves::of(adopted, new)?;
        Some(match self.made {
            Made::Halves(change) => change(right),
            Made::Plan(alter) => match altered(adopted, new, alter) {
                Some((adopted, new)) => Halves::of(&adopted, &new).unwrap_or(right),
                None => right,
            },
            Made::Value(change) => Halves { read: changing(right.read, new.clone(), change), write: right.write },
            _ => right,
        })
    }

    fn witness(&self, stored: &SerializerSnapshot, new: &SerializerSnapshot, finding: &Finding) -> Option<Witness> {
        let mut witness = witness(stored, new, finding)?;
        if let Made::Witness(change) = self.made {
            change(stored, &mut witness);
        }
        Some(witness)
    }

    fn versions(&self, history: &History) -> Result<Versions<AnyBytes>, BuildVersionsError> {
        let mut history = history.clone();
        if let Made::Releases(change) = self.made {
            change(&mut history);
        }
        history.build()
    }

    fn read(&self, versions: &Versions<AnyBytes>, stored: Stored<'_>) -> Result<AnyBytes, StoredValueError> {
        match self.made {
            Made::Read(read) => read(versions, stored).map_or_else(|| versions.decode(stored), Ok),
            _ => versions.decode(stored),
        }
    }
}

impl Answer {
    /// The answer with everything that its verdict promises; missing parts are made up.
    fn keeping_promises(mut self, stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Self {
        let copy = || -> Program {
            Box::new(|stored, _, _, to| {
                to.extend_from_slice(stored);
                Ok(())
            })
        };
        (self.adopted, self.migration) = match self.compatibility {
            Compatibility::Compatible => (Some(new.clone()), None),
            Compatibility::AfterReconfigure => (self.adopted.or_else(|| Some(stored.clone())), None),
            Compatibility::RequiresMigration => (None, self.migration.or_else(|| Some(copy()))),
            Compatibility::Incompatible => (None, None),
        };
        self
    }
}

/// Both snapshots after a change of either; `None` if they are unchanged or invalid.
fn altered(
    stored: &SerializerSnapshot,
    new: &SerializerSnapshot,
    alter: fn(&mut Parts, &mut Parts),
) -> Option<(SerializerSnapshot, SerializerSnapshot)> {
    let (mut stored_parts, mut new_parts) = (Parts::of(stored), Parts::of(new));
    alter(&mut stored_parts, &mut new_parts);
    let (stored_as, new_as) = (stored_parts.snapshot()?, new_parts.snapshot()?);
    (stored_as != *stored || new_as != *new).then_some((stored_as, new_as))
}

/// A program that writes changed values.
fn changing(right: Program, new: SerializerSnapshot, change: fn(&mut Value)) -> Program {
    Box::new(move |stored, trust, scratch, to| {
        let before = to.len();
        right(stored, trust, scratch, to)?;
        let layout = Layout::of(&new);
        if let Ok(mut value) = layout.decode(NodeId::ROOT, &to[before..]) {
            value.each(&mut |value| change(value));
            if let Some(bytes) = layout.encode(NodeId::ROOT, &value) {
                to.truncate(before);
                to.extend(bytes);
            }
        }
        Ok(())
    })
}
