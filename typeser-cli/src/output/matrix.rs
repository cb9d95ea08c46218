//! The matrix of releases of a state: a row for each release that wrote, a column for each that reads.

use std::collections::BTreeSet;

use typeser::resolve::{Compatibility, Role};

use super::comparison::{Comparison, Pair, Status};

/// A matrix, with all states that have the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matrix {
    /// The states, with their roles.
    pub(super) states: Vec<(String, Role)>,
    /// The releases that were compared, the oldest first.
    pub(super) releases: Vec<String>,
    /// A row for each release that wrote; `None` where a release would read itself, or nothing was compared.
    pub(super) rows: Vec<Vec<Option<Cell>>>,
}

/// The result of one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) compatibility: Compatibility,
    pub(super) status: Status,
    /// Whether it is incompatible only for values of variants that the reader does not know.
    pub(super) depends_on_data: bool,
}

/// The header of the column of writers.
pub(super) const CORNER: &str = r"written by \ read by";

/// One matrix for all states that have the same; states that fail first.
pub(super) fn matrices(comparison: &Comparison) -> Vec<Matrix> {
    let mut matrices: Vec<Matrix> = Vec::new();
    for (state, role, pairs) in comparison.states() {
        let matrix = matrix(comparison, state, role, &pairs);
        let same = matrices.iter_mut().find(|other| (&other.releases, &other.rows) == (&matrix.releases, &matrix.rows));
        match same {
            Some(other) => other.states.extend(matrix.states),
            None => matrices.push(matrix),
        }
    }
    let fails = |matrix: &Matrix| matrix.cells().any(|cell| cell.status == Status::Failed);
    matrices.sort_by_key(|matrix| !fails(matrix));
    matrices
}

fn matrix(comparison: &Comparison, state: &str, role: Role, pairs: &[&Pair]) -> Matrix {
    let takes_part =
        |name: &&String| pairs.iter().any(|pair| pair.writer.release == **name || pair.reader.release == **name);
    let releases: Vec<String> = comparison.releases.iter().filter(takes_part).cloned().collect();
    let cell = |writer: &String, reader: &String| {
        let pair = pairs.iter().find(|pair| pair.writer.release == *writer && pair.reader.release == *reader)?;
        let depends_on_data = depends_on_data(pair);
        Some(Cell { compatibility: pair.report.compatibility(), status: comparison.status(pair), depends_on_data })
    };
    let rows = releases.iter().map(|writer| releases.iter().map(|reader| cell(writer, reader)).collect()).collect();
    Matrix { states: vec![(state.to_owned(), role)], releases, rows }
}

fn depends_on_data(pair: &Pair) -> bool {
    let is_worst = |rule: &typeser::resolve::Rule| rule.verdict == Compatibility::Incompatible;
    let mut worst = pair.report.findings().iter().filter(|finding| is_worst(finding.rule)).peekable();
    worst.peek().is_some() && worst.all(|finding| finding.rule.depends_on_data)
}

impl Matrix {
    /// All cells.
    pub(super) fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flatten().flatten()
    }

    /// The meaning of the symbols that the cells use.
    pub(super) fn symbols(&self) -> Vec<String> {
        let used: BTreeSet<Compatibility> = self.cells().map(|cell| cell.compatibility).collect();
        used.into_iter().map(|used| format!("`{}` {}", symbol(used), word(used))).collect()
    }

    /// The meaning of the marks that the cells use.
    pub(super) fn legend(&self) -> Vec<String> {
        let any = |is: &dyn Fn(&Cell) -> bool| self.cells().any(is);
        let marks = [
            (any(&|cell| cell.status == Status::Failed), "`!` fails"),
            (any(&|cell| cell.status == Status::Accepted), "`~` accepted"),
            (any(&|cell| cell.status == Status::NotAsked), "(in brackets) not requested"),
            (
                any(&|cell| cell.depends_on_data),
                "`*` depends on the data: only values of variants that the reader does not know are incompatible",
            ),
        ];
        marks.into_iter().filter(|(is_used, _)| *is_used).map(|(_, meaning)| meaning.to_owned()).collect()
    }
}

const fn word(compatibility: Compatibility) -> &'static str {
    match compatibility {
        Compatibility::Compatible => "compatible",
        Compatibility::AfterReconfigure => "reconfigure",
        Compatibility::RequiresMigration => "migration",
        Compatibility::Incompatible => "incompatible",
    }
}

const fn symbol(compatibility: Compatibility) -> char {
    match compatibility {
        Compatibility::Compatible => '=',
        Compatibility::AfterReconfigure => 'r',
        Compatibility::RequiresMigration => 'm',
        Compatibility::Incompatible => 'x',
    }
}

impl Cell {
    /// The cell as a symbol with marks, for matrices that are too wide as words. [`Matrix::symbols`] explains them.
    pub(super) fn symbol(self) -> String {
        let symbol = symbol(self.compatibility);
        let data = if self.depends_on_data { "*" } else { "" };
        match self.status {
            Status::Passed => format!("{symbol}{data}"),
            Status::Failed => format!("{symbol}{data}!"),
            Status::Accepted => format!("{symbol}{data}~"),
            Status::NotAsked => format!("({symbol}{data})"),
        }
    }

    /// The cell as words.
    pub(super) fn word(self) -> String {
        let word = word(self.compatibility);
        let data = if self.depends_on_data { "*" } else { "" };
        match self.status {
            Status::Passed => format!("{word}{data}"),
            Status::Failed => format!("{word}{data} !"),
            Status::Accepted => format!("{word}{data} ~"),
            Status::NotAsked => format!("({word}{data})"),
        }
    }
}
