//! The snapshots that tables are compared with or migrated to: of the newest release of goldens, or of today's types.

use std::ffi::OsStr;

use typeser::SerializerSnapshot;
use typeser::golden::TODAY;
use typeser::resolve::Role;
use typeser::text::nearest;
use typeser_state::typed_table::TableTarget;

use crate::commands::check::{Holds, Recorded};
use crate::failure::{Failure, Usage};

/// Snapshots of types, by the names of their tables.
pub(super) struct Snapshots {
    pub(super) recorded: Recorded,
    /// The release that they are of; `None` for today's types.
    pub(super) release: Option<String>,
    states: Vec<(String, Role, SerializerSnapshot)>,
}

impl Snapshots {
    /// Reads a folder: goldens, of which the newest release counts or the one that was named, or today's snapshots.
    pub(super) fn read(typed: &OsStr, release: Option<&str>) -> Result<Self, Failure> {
        let recorded = Recorded::read(typed)?;
        let (release, states) = match &recorded.holds {
            Holds::Goldens(goldens) => {
                let found = match release {
                    None => goldens.newest(),
                    Some(release) => goldens.release(release),
                };
                let known = || goldens.releases.iter().map(|release| release.name.as_str());
                let found = found.ok_or_else(|| match release {
                    None => Failure::from(format!("no release is recorded in `{}`", recorded.source)),
                    Some(release) => no_such_release(release, known()).into(),
                })?;
                let states = found.goldens.iter();
                let states = states.map(|golden| (golden.state.clone(), golden.role, golden.snapshot.clone()));
                (Some(found.name.clone()), states.collect())
            }
            Holds::Today(today) => {
                if release.is_some() {
                    let message = format!("`--release`: `{}` has today's snapshots, and no releases", recorded.source);
                    return Err(Usage(message).into());
                }
                let states = today.states.iter();
                (None, states.map(|now| (now.state.clone(), now.role, now.snapshot.clone())).collect())
            }
        };
        Ok(Self { recorded, release, states })
    }

    /// What the rows of a table are to become; `None` if no snapshot has its name.
    pub(super) fn target(&self, table: &str) -> Option<TableTarget> {
        let of = |role: Role| {
            let found = self.states.iter().find(|(state, known, _)| state == table && *known == role);
            found.map(|(_, _, snapshot)| snapshot.clone())
        };
        let (key, value) = (of(Role::MapKey), of(Role::Value));
        (key.is_some() || value.is_some()).then(|| TableTarget::new(table, key, value))
    }

    /// The error that something has no snapshot.
    pub(super) fn missing(&self, what: &str) -> Usage {
        Usage(format!(
            "{} has no snapshot of {what}\nhelp: `typeser table ls` lists the tables; record their types with \
             `Suite::table`",
            self.described()
        ))
    }

    /// The release, or `today`.
    pub(super) fn reader(&self) -> &str {
        self.release.as_deref().unwrap_or(TODAY)
    }

    /// Where they come from, for people: `release 2.1.0 of golden`.
    pub(super) fn described(&self) -> String {
        match &self.release {
            Some(release) => format!("release {release} of {}", self.recorded.source),
            None => self.recorded.source.to_string(),
        }
    }
}

fn no_such_release<'a>(release: &str, known: impl Iterator<Item = &'a str> + Clone) -> Usage {
    let near = nearest(release, known.clone()).map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
    let known: Vec<&str> = known.collect();
    Usage(format!("there is no release `{release}`{near}\nhelp: the releases are {}", known.join(", ")))
}
