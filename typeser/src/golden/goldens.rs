//! What releases recorded, as plain data.

use super::Ledger;
use super::name::stem;
use crate::resolve::Role;
use crate::snapshot::SerializerSnapshot;

/// What all releases recorded: the folder of goldens, read and checked.
///
/// [`Goldens::read`] reads the folder, [`Goldens::from_files`] takes the files from anywhere, such as an old commit.
///
/// ```
/// use typeser::golden::{Goldens, Suite};
///
/// # // Nothing is recorded in CI.
/// # if std::env::var_os("CI").is_some() { return Ok(()); }
/// let folder = tempfile::tempdir()?;
/// # std::fs::create_dir(folder.path().join("src"))?;
/// Suite::new(folder.path()).value("counts", [7u32, 8]).record("1.0.0")?;
///
/// let goldens = Goldens::read(folder.path().join("golden"))?;
/// let release = goldens.newest().expect("1.0.0 was recorded");
/// assert_eq!(release.name, "1.0.0");
/// assert_eq!(release.goldens[0].samples[0].bytes, 7u32.to_le_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goldens {
    /// In the order of recording, the oldest first.
    pub releases: Vec<RecordedRelease>,
    /// The findings that were accepted.
    pub ledger: Ledger,
}

/// What one release recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRelease {
    /// The name, such as `1.4.0`.
    pub name: String,
    /// One for each state and role, by the names of their files.
    pub goldens: Vec<Golden>,
}

/// What one release recorded of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Golden {
    /// The name of the state.
    pub state: String,
    /// What the values are used for. Key and value of one state are two goldens.
    pub role: Role,
    /// The serializer of that release.
    pub snapshot: SerializerSnapshot,
    /// Values that it wrote.
    pub samples: Vec<Sample>,
}

/// A value that a release wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The bytes, as they would be stored.
    pub bytes: Vec<u8>,
    /// What they say, as [`Value`](crate::value::Value) displays it; `None` if they hold an opaque leaf without a
    /// length.
    pub value: Option<String>,
    /// Whether the library made it because no sample was given.
    pub generated: bool,
}

impl Goldens {
    /// What a release recorded.
    #[must_use]
    pub fn release(&self, name: &str) -> Option<&RecordedRelease> {
        self.releases.iter().find(|release| release.name == name)
    }

    /// The last release that was recorded.
    #[must_use]
    pub fn newest(&self) -> Option<&RecordedRelease> {
        self.releases.last()
    }

    /// The releases that recorded a state, with what they recorded of it, the oldest first.
    pub fn of_state(&self, state: &str, role: Role) -> impl Iterator<Item = (&RecordedRelease, &Golden)> {
        self.releases.iter().filter_map(move |release| Some((release, release.golden(state, role)?)))
    }

    /// Every state that any release recorded, sorted by name and then by role as the files are.
    #[must_use]
    pub fn states(&self) -> Vec<(&str, Role)> {
        let goldens = self.releases.iter().flat_map(|release| &release.goldens);
        let mut states: Vec<(&str, Role)> = goldens.map(|golden| (golden.state.as_str(), golden.role)).collect();
        sort_states(&mut states);
        states.dedup();
        states
    }
}

/// Sorts states by name and then by the word of their role.
pub(super) fn sort_states(states: &mut [(&str, Role)]) {
    states.sort_by(|(one, one_role), (two, two_role)| one.cmp(two).then(one_role.word().cmp(two_role.word())));
}

impl RecordedRelease {
    /// What it recorded of a state.
    #[must_use]
    pub fn golden(&self, state: &str, role: Role) -> Option<&Golden> {
        self.goldens.iter().find(|golden| golden.state == state && golden.role == role)
    }
}

impl Golden {
    /// How the files of the golden begin: `orders.value`.
    #[doc(hidden)]
    #[must_use]
    pub fn stem(&self) -> String {
        stem(&self.state, self.role)
    }
}
