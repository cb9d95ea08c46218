//! The matrix of releases: whether each can read what each other one wrote.
//!
//! One call of [`resolve`] for each pair, whichever of the two is the older one: backward, forward and full checks,
//! against one release or all, are views of the same matrix.

use std::fmt;

use super::compatibility::Compatibility;
use super::policy::Policy;
use super::resolution::{Resolution, resolve};
use super::role::Role;
use crate::snapshot::SerializerSnapshot;
use crate::text;

/// Releases of one serializer, each held against each.
///
/// The answer is always the whole matrix, never the first failure. `{}` prints it as a table: a row for each release
/// that wrote, a column for each that reads, with what is to be known about the comparison below.
///
/// ```
/// use typeser::resolve::{Compatibility, Direction, Matrix, Policy, Reach, Release, Role};
/// use typeser::{Serializer, TypeSerializer};
///
/// let release = |name: &str, snapshot| Release::new(name, snapshot);
/// let matrix = Matrix::new(
///     vec![
///         release("1.0", Serializer::<u32>::new()?.snapshot().clone()),
///         release("1.1", Serializer::<u64>::new()?.snapshot().clone()),
///         release("today", Serializer::<Option<u64>>::new()?.snapshot().clone()),
///     ],
///     Role::Value,
///     &Policy::default(),
/// );
/// assert_eq!(matrix.compatibility(Direction::Backward, Reach::All), Compatibility::RequiresMigration);
/// assert_eq!(matrix.compatibility(Direction::Forward, Reach::Last), Compatibility::Incompatible);
/// assert_eq!(
///     matrix.to_string(),
///     "written by \\ read by  1.0           1.1           today
/// 1.0                   -             migration     migration
/// 1.1                   incompatible  -             migration
/// today                 incompatible  incompatible  -
/// ",
/// );
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
///
/// The directions are those of Avro and of schema registries.
#[derive(Debug, Clone)]
pub struct Matrix {
    releases: Vec<Release>,
    cells: Vec<Cell>,
    remarks: Vec<Remark>,
}

/// A release by name, and what its serializer says of itself.
#[derive(Debug, Clone)]
pub struct Release {
    name: String,
    snapshot: SerializerSnapshot,
}

/// Which way data flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The newest release reads what the older ones wrote: an upgrade.
    Backward,
    /// The older ones read what the newest wrote: a rollback.
    Forward,
    /// Both.
    Full,
}

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The release before the newest.
    Last,
    /// All releases before the newest, which is often called transitive.
    All,
}

/// One release that reads what another one wrote.
#[derive(Debug, Clone)]
pub struct Cell {
    writer: usize,
    reader: usize,
    resolution: Resolution,
}

/// Something about the comparison itself that is most likely not what was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Two releases have one name.
    SameName {
        /// The name.
        name: String,
    },
    /// The newest release says exactly what an older one says, hints too. Either nothing changed since, or today's code
    /// was recorded as the older one and is compared with itself.
    SameSnapshot {
        /// The older release.
        baseline: String,
        /// The newest one.
        newest: String,
    },
    /// There is nothing to compare with.
    NoBaseline {
        /// The only release, if there is one.
        newest: Option<String>,
    },
}

impl Matrix {
    /// Holds each release against each. `releases` are in order, the newest last.
    #[must_use]
    pub fn new(releases: Vec<Release>, role: Role, policy: &Policy) -> Self {
        let mut cells = Vec::new();
        for (writer, wrote) in releases.iter().enumerate() {
            for (reader, reads) in releases.iter().enumerate().filter(|(reader, _)| *reader != writer) {
                let resolution = resolve(&wrote.snapshot, &reads.snapshot, role, policy);
                cells.push(Cell { writer, reader, resolution });
            }
        }
        let remarks = remarks(&releases);
        Self { releases, cells, remarks }
    }

    /// The releases, the newest last.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// Every pair of different releases, by writer and then by reader.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The pair of these two places; `None` if there is none, or the two are one.
    #[must_use]
    pub fn cell(&self, writer: usize, reader: usize) -> Option<&Cell> {
        self.cells.iter().find(|cell| (cell.writer, cell.reader) == (writer, reader))
    }

    /// The pairs that a check covers: those of the newest release with the earlier ones.
    pub fn checked(&self, direction: Direction, reach: Reach) -> impl Iterator<Item = &Cell> {
        let newest = self.releases.len().saturating_sub(1);
        let oldest = match reach {
            Reach::Last => newest.saturating_sub(1),
            Reach::All => 0,
        };
        self.cells.iter().filter(move |cell| {
            let upgrade = cell.reader == newest && cell.writer >= oldest;
            let rollback = cell.writer == newest && cell.reader >= oldest;
            match direction {
                Direction::Backward => upgrade,
                Direction::Forward => rollback,
                Direction::Full => upgrade || rollback,
            }
        })
    }

    /// The worst verdict of the pairs that a check covers.
    #[must_use]
    pub fn compatibility(&self, direction: Direction, reach: Reach) -> Compatibility {
        self.checked(direction, reach)
            .map(|cell| cell.resolution.compatibility())
            .fold(Compatibility::Compatible, Compatibility::join)
    }

    /// What is to be known about the comparison itself. A check that prints verdicts prints these as well.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The release that wrote in a pair.
    #[must_use]
    pub fn writer(&self, cell: &Cell) -> Option<&Release> {
        self.releases.get(cell.writer)
    }

    /// The release that reads in a pair.
    #[must_use]
    pub fn reader(&self, cell: &Cell) -> Option<&Release> {
        self.releases.get(cell.reader)
    }
}

impl Release {
    /// A release by name.
    #[must_use]
    pub fn new(name: impl Into<String>, snapshot: SerializerSnapshot) -> Self {
        Self { name: name.into(), snapshot }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its serializer says of itself.
    #[must_use]
    pub fn snapshot(&self) -> &SerializerSnapshot {
        &self.snapshot
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

    /// Verdict and findings.
    #[must_use]
    pub fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// Whether it is a rollback: the reader is older than the writer.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.reader < self.writer
    }

    /// Whether it is incompatible because of single values only, those of a new variant say. The reader refuses the
    /// data all the same; but as long as no such value was written, a smaller remedy is possible.
    #[must_use]
    pub fn depends_on_data(&self) -> bool {
        let mut worst = self
            .resolution
            .findings()
            .iter()
            .filter(|finding| finding.rule.verdict == Compatibility::Incompatible)
            .peekable();
        worst.peek().is_some() && worst.all(|finding| finding.rule.depends_on_data)
    }
}

fn remarks(releases: &[Release]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (place, release) in releases.iter().enumerate() {
        if releases[..place].iter().any(|before| before.name == release.name) {
            let remark = Remark::SameName { name: release.name.clone() };
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
    }
    match releases.split_last() {
        Some((newest, baselines)) if !baselines.is_empty() => {
            let same = baselines.iter().filter(|baseline| baseline.snapshot == newest.snapshot);
            remarks.extend(
                same.map(|baseline| Remark::SameSnapshot {
                    baseline: baseline.name.clone(),
                    newest: newest.name.clone(),
                }),
            );
        }
        newest => remarks.push(Remark::NoBaseline { newest: newest.map(|(newest, _)| newest.name.clone()) }),
    }
    remarks
}

/// The text of the corner cell, above the writers and left of the readers.
const CORNER: &str = r"written by \ read by";

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |writer: usize, reader: usize| match self.cell(writer, reader) {
            None => "-",
            Some(cell) => match cell.resolution.compatibility() {
                Compatibility::Compatible => "compatible",
                Compatibility::AfterReconfigure => "reconfigure",
                Compatibility::RequiresMigration => "migration",
                Compatibility::Incompatible if cell.depends_on_data() => "incompatible*",
                Compatibility::Incompatible => "incompatible",
            },
        };
        let width = |column: usize| {
            let words = (0..self.releases.len()).map(|row| word(row, column).len());
            words.chain([text::width(&self.releases[column].name)]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.releases.len()).map(width).collect();
        let names = self.releases.iter().map(|release| text::width(&release.name));
        let first = names.chain([CORNER.len()]).max().unwrap_or(0);

        let mut lines = vec![format!("{CORNER:first$}")];
        lines.extend(self.releases.iter().map(|release| text::pad(&release.name, first)));
        for (column, release) in self.releases.iter().enumerate() {
            let width = widths[column];
            for (row, line) in lines.iter_mut().enumerate() {
                let word = if row == 0 { release.name.as_str() } else { word(row - 1, column) };
                line.push_str("  ");
                line.push_str(&text::pad(word, width));
            }
        }
        lines.iter().try_for_each(|line| writeln!(f, "{}", line.trim_end()))?;
        if self.cells.iter().any(Cell::depends_on_data) {
            writeln!(f, "* depends on the data: only values of variants unknown to the reader are incompatible")?;
        }
        self.remarks.iter().try_for_each(|remark| writeln!(f, "note: {remark}"))
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameName { name } => {
                write!(f, "two releases are named `{name}`: rename one of them")
            }
            Self::SameSnapshot { baseline, newest } => write!(
                f,
                "`{newest}` equals what `{baseline}` recorded: either nothing changed since, or the current code was \
                 recorded as `{baseline}` and is compared with itself"
            ),
            Self::NoBaseline { newest: Some(newest) } => {
                write!(f, "`{newest}` has no release to compare with: record one first")
            }
            Self::NoBaseline { newest: None } => write!(f, "there are no releases to compare"),
        }
    }
}
