//! The matrix of releases as text: in words where they fit the width, otherwise as symbols under numbered columns.

use std::fmt::Write as _;

use anstyle::Style;
use typeser::text::{clean, pad, width, wrap_at};

use super::comparison::Status;
use super::matrix::{CORNER, Cell, Matrix};
use super::rendering::{BOLD, DIM, RED, Rendering, YELLOW};

/// How far all lines below the names of the states are indented.
const INDENT: usize = 2;

/// The names of the states, the matrix, and a legend.
pub(super) fn text(matrix: &Matrix, rendering: Rendering) -> String {
    let states: Vec<String> = matrix.states.iter().map(|(state, role)| format!("{} / {role}", clean(state))).collect();
    let mut text = format!("{}\n", rendering.styled(BOLD, &wrap_at(&states.join(", "), rendering.width, 0, INDENT)));
    let releases: Vec<String> = matrix.releases.iter().map(|release| clean(release)).collect();
    let words = Grid { rows: releases.clone(), columns: releases.clone(), cells: cells(matrix, Cell::word), gap: 2 };
    let mut legend = matrix.legend();
    if words.width() <= rendering.width {
        words.write(rendering, &mut text);
    } else {
        let number = |(number, release): (usize, &String)| format!("{number:>2} {release}");
        let symbols = Grid {
            rows: (1..).zip(&releases).map(number).collect(),
            columns: (1..=releases.len()).map(|number| number.to_string()).collect(),
            cells: cells(matrix, Cell::symbol),
            gap: 1,
        };
        symbols.write(rendering, &mut text);
        legend.splice(0..0, matrix.symbols());
    }
    if !legend.is_empty() {
        _ = writeln!(text, "  {}", rendering.styled(DIM, &rendering.wrapped(&legend.join("; "), INDENT, INDENT)));
    }
    text
}

/// The text and style of each cell.
fn cells(matrix: &Matrix, text: fn(Cell) -> String) -> Vec<Vec<(String, Style)>> {
    let styled = |cell: &Option<Cell>| match cell {
        None => (String::from("-"), DIM),
        Some(cell) => (text(*cell), style(cell.status)),
    };
    matrix.rows.iter().map(|row| row.iter().map(styled).collect()).collect()
}

fn style(status: Status) -> Style {
    match status {
        Status::Failed => RED,
        Status::Accepted => YELLOW,
        Status::Passed => Style::new(),
        Status::NotAsked => DIM,
    }
}

/// Text in rows and columns with headers.
struct Grid {
    rows: Vec<String>,
    columns: Vec<String>,
    cells: Vec<Vec<(String, Style)>>,
    /// The spaces between columns.
    gap: usize,
}

impl Grid {
    fn header_width(&self) -> usize {
        self.rows.iter().map(|row| width(row)).chain([CORNER.len()]).max().unwrap_or(0)
    }

    fn column_width(&self, column: usize) -> usize {
        let cells = self.cells.iter().map(|row| width(&row[column].0));
        cells.chain([width(&self.columns[column])]).max().unwrap_or(0)
    }

    fn width(&self) -> usize {
        let columns = (0..self.columns.len()).map(|column| self.gap + self.column_width(column));
        INDENT + self.header_width() + columns.sum::<usize>()
    }

    /// Writes the grid. Columns beyond the width follow below, with the headers of the rows again.
    fn write(&self, rendering: Rendering, text: &mut String) {
        let header = self.header_width();
        let mut from = 0;
        while from < self.columns.len() {
            let (mut to, mut used) = (from, INDENT + header);
            // At least one column, so that this ends however narrow the terminal is.
            while to < self.columns.len() && (to == from || used + self.gap + self.column_width(to) <= rendering.width)
            {
                used += self.gap + self.column_width(to);
                to += 1;
            }
            self.write_columns(from..to, header, rendering, text);
            from = to;
        }
    }

    fn write_columns(&self, columns: std::ops::Range<usize>, header: usize, rendering: Rendering, text: &mut String) {
        let gap = " ".repeat(self.gap);
        let heads = columns.clone().map(|column| gap.clone() + &pad(&self.columns[column], self.column_width(column)));
        let heads: String = heads.collect();
        _ = writeln!(text, "  {}", format!("{}{heads}", pad(CORNER, header)).trim_end());
        for (row, cells) in self.rows.iter().zip(&self.cells) {
            _ = write!(text, "  {}", pad(row, header));
            for column in columns.clone() {
                let (cell, style) = &cells[column];
                let is_last = column + 1 == columns.end;
                let space = if is_last { 0 } else { self.column_width(column) - width(cell) };
                _ = write!(text, "{gap}{}{:space$}", rendering.styled(*style, cell), "");
            }
            text.push('\n');
        }
    }
}
