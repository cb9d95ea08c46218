//! Releases against each other: which of them read what which of them wrote.
//!
//! Backward (today's program reads what earlier releases stored), forward (an earlier release reads what today's stores,
//! as after a rollback) and full (both) are the same comparison with the sides swapped. The answer is always the whole
//! [`Matrix`], never the first failure.

mod doubt;
mod table;

pub use doubt::Doubt;

use crate::resolve::{Compatibility, Finding, Policy, Resolution, Role, resolve};
use crate::snapshot::SerializerSnapshot;

/// A release by its name, and the snapshot of its serializer. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// How people call it: `1.4.0`, `2024-05-01`, `working tree`.
    pub name: String,
    /// What its serializer writes and reads.
    pub snapshot: SerializerSnapshot,
}

impl Release {
    /// A release of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, snapshot: SerializerSnapshot) -> Self {
        Self { name: name.into(), snapshot }
    }
}

/// Who is to read what whom wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// Today's program reads what earlier releases wrote: an upgrade.
    #[default]
    Backward,
    /// Earlier releases read what today's program writes: a rollback, or a rolling deploy.
    Forward,
    /// Both.
    Full,
}

/// Against which of the earlier releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reach {
    /// The last one.
    Last,
    /// All of them: state may be of any release that ever ran.
    #[default]
    All,
}

/// Every release against every other one.
///
/// `{}` is a table with the findings of all pairs that were asked for; `{:#}` adds those of the other pairs.
///
/// ```
/// use typeser::releases::{Direction, Matrix, Reach, Release};
/// use typeser::resolve::{Compatibility, Policy, Role};
/// use typeser::{Serializer, TypeSerializer};
///
/// let first = Release::new("1.0", Serializer::<u16>::new()?.snapshot().clone());
/// let second = Release::new("1.1", Serializer::<u32>::new()?.snapshot().clone());
/// let today = Release::new("today", Serializer::<u64>::new()?.snapshot().clone());
/// let releases = [first, second];
///
/// let upgrade = Matrix::new(&releases, &today, Direction::Backward, Reach::All, Role::Value, &Policy::default());
/// assert_eq!(upgrade.compatibility(), Compatibility::RequiresMigration);
/// let rollback = Matrix::new(&releases, &today, Direction::Forward, Reach::Last, Role::Value, &Policy::default());
/// assert_eq!(rollback.compatibility(), Compatibility::Incompatible);
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Matrix {
    direction: Direction,
    reach: Reach,
    /// From the earliest to today's.
    releases: Vec<Release>,
    /// By writer, then by reader, without those of a release with itself.
    cells: Vec<Cell>,
    doubts: Vec<Doubt>,
}

/// One release reads what another one wrote.
#[derive(Debug, Clone)]
pub struct Cell {
    writer: usize,
    reader: usize,
    asked: bool,
    resolution: Resolution,
}

impl Matrix {
    /// Compares all releases with each other: the earlier ones, from the first to the last, and today's.
    ///
    /// `direction` and `reach` say which pairs are asked for, so that they count in the verdict. Total and pure.
    #[must_use]
    pub fn new(
        earlier: &[Release],
        today: &Release,
        direction: Direction,
        reach: Reach,
        role: Role,
        policy: &Policy,
    ) -> Self {
        let releases: Vec<Release> = earlier.iter().chain([today]).cloned().collect();
        let now = earlier.len();
        let first = match reach {
            Reach::Last => now.saturating_sub(1),
            Reach::All => 0,
        };
        let asked = |writer: usize, reader: usize| match direction {
            Direction::Backward => reader == now && writer >= first,
            Direction::Forward => writer == now && reader >= first,
            Direction::Full => writer.max(reader) == now && writer.min(reader) >= first,
        };
        let mut cells = Vec::new();
        for (writer, stored) in releases.iter().enumerate() {
            for (reader, new) in releases.iter().enumerate().filter(|(reader, _)| *reader != writer) {
                let resolution = resolve(&stored.snapshot, &new.snapshot, role, policy);
                cells.push(Cell { writer, reader, asked: asked(writer, reader), resolution });
            }
        }
        let doubts = doubt::doubts(earlier, today);
        Self { direction, reach, releases, cells, doubts }
    }

    /// The verdict: the worst of the pairs that were asked for.
    ///
    /// Without an earlier release nothing is asked, and nothing stands against it; [`doubts`](Self::doubts) says so.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        let asked = self.cells.iter().filter(|cell| cell.asked);
        asked.map(Cell::compatibility).fold(Compatibility::Compatible, Compatibility::join)
    }

    /// Which direction was asked for.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// How far back was asked for.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// All releases, from the earliest to today's.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// Every pair of two releases, by writer, then by reader, those that were not asked for too.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell of two releases by their places; `None` for a release with itself, and for places that are none.
    #[must_use]
    pub fn cell(&self, writer: usize, reader: usize) -> Option<&Cell> {
        self.cells.iter().find(|cell| (cell.writer, cell.reader) == (writer, reader))
    }

    /// What makes one doubt that the comparison is the one that was meant.
    #[must_use]
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }
}

impl Cell {
    /// The place of the release that wrote.
    #[must_use]
    pub fn writer(&self) -> usize {
        self.writer
    }

    /// The place of the release that reads.
    #[must_use]
    pub fn reader(&self) -> usize {
        self.reader
    }

    /// Whether direction and reach ask for this pair.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked
    }

    /// Whether an earlier release reads what a later one wrote.
    #[must_use]
    pub fn is_forward(&self) -> bool {
        self.reader < self.writer
    }

    /// The verdict.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        self.resolution.compatibility()
    }

    /// The answer of the resolver, with every finding.
    #[must_use]
    pub fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// The findings that only some values stand behind, if an earlier release reads what a later one wrote and nothing
    /// else is incompatible: variants that it does not know yet, zeros that it does not expect.
    ///
    /// As long as no such value was written, a rollback loses nothing. Whether that is so, only a look at the data says.
    #[must_use]
    pub fn data_dependent(&self) -> Vec<&Finding> {
        let incompatible = self.resolution.findings().iter();
        let incompatible: Vec<&Finding> =
            incompatible.filter(|finding| finding.rule.verdict == Compatibility::Incompatible).collect();
        let some_values =
            |finding: &&Finding| matches!(finding.rule.id, "variant-removed-undeclared" | "plain-to-nonzero");
        match self.is_forward() && incompatible.iter().all(some_values) {
            true => incompatible,
            false => Vec::new(),
        }
    }
}
