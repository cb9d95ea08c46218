//! Doubts: signs that a comparison is not the one that was meant.

use std::fmt;

use super::Release;

/// A sign that a comparison is not the one that was meant. It changes no verdict: it is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// There is no earlier release, so nothing was compared.
    NothingEarlier,
    /// Two releases have one name.
    SameName {
        /// The name.
        name: String,
    },
    /// An earlier release has the layout and the hints of today's: a comparison of a snapshot with itself.
    SameSnapshot {
        /// The name of the earlier release.
        earlier: String,
        /// The name of today's.
        today: String,
    },
}

pub(super) fn doubts(earlier: &[Release], today: &Release) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if earlier.is_empty() {
        doubts.push(Doubt::NothingEarlier);
    }
    let mut names: Vec<&str> = earlier.iter().chain([today]).map(|release| release.name.as_str()).collect();
    names.sort_unstable();
    let mut doubles: Vec<&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    doubles.dedup();
    doubts.extend(doubles.into_iter().map(|name| Doubt::SameName { name: name.to_owned() }));
    let is_same = |release: &&Release| {
        let (one, other) = (&release.snapshot, &today.snapshot);
        one.fingerprint() == other.fingerprint() && one.hints() == other.hints()
    };
    doubts.extend(
        earlier
            .iter()
            .filter(is_same)
            .map(|release| Doubt::SameSnapshot { earlier: release.name.clone(), today: today.name.clone() }),
    );
    doubts
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingEarlier => {
                f.write_str("nothing was compared: there is no earlier release; record one when it is released")
            }
            Self::SameName { name } => {
                write!(f, "two releases are called `{name}`; a release may stand against itself here")
            }
            Self::SameSnapshot { earlier, today } => write!(
                f,
                "`{earlier}` and `{today}` are equal in layout and hints: either nothing changed between them, or \
                 `{earlier}` was recorded from the code of `{today}` and says nothing of what is stored"
            ),
        }
    }
}
