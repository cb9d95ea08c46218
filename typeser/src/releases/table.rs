//! A matrix as people read it: a table, and below it what was found.

use std::fmt;

use super::{Cell, Matrix};
use crate::resolve::Compatibility;

impl Matrix {
    /// Rows are what is stored, columns are who reads. Pairs that nobody asked for stand in parentheses.
    fn rows(&self) -> Vec<Vec<String>> {
        let names = || self.releases.iter().map(|release| release.name.clone());
        let head = ["stored by \\ read by".to_owned()].into_iter().chain(names()).collect();
        let row = |writer: usize| {
            (0..self.releases.len()).map(move |reader| self.cell(writer, reader).map_or_else(|| "-".to_owned(), word))
        };
        let rows = names().enumerate().map(|(writer, name)| [name].into_iter().chain(row(writer)).collect());
        [head].into_iter().chain(rows).collect()
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let widths: Vec<usize> = (0..=self.releases.len())
            .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
            .collect();
        for row in rows {
            let last = row.len() - 1;
            for (column, text) in row.iter().enumerate() {
                match column == last {
                    true => writeln!(f, "{text}")?,
                    false => write!(f, "{text:0$}  ", widths[column])?,
                }
            }
        }
        Ok(())
    }

    fn details(&self, f: &mut fmt::Formatter<'_>, cell: &Cell) -> fmt::Result {
        let name = |at: usize| &self.releases[at].name;
        let (writer, reader) = (name(cell.writer), name(cell.reader));
        writeln!(f, "\nstored by {writer}, read by {reader}: {}", cell.compatibility())?;
        for finding in cell.resolution.findings() {
            writeln!(f, "  {finding}")?;
        }
        let some = cell.data_dependent();
        if !some.is_empty() {
            let places: Vec<String> = some.iter().map(|finding| format!("{}{}", finding.role, finding.path)).collect();
            writeln!(
                f,
                "  = it depends on the data: only the values that {reader} does not know stand against it, at {}",
                places.join(", ")
            )?;
        }
        Ok(())
    }
}

fn word(cell: &Cell) -> String {
    let word = match cell.compatibility() {
        Compatibility::Compatible => "compatible",
        Compatibility::AfterReconfigure => "reconfigure",
        Compatibility::RequiresMigration => "migration",
        Compatibility::Incompatible if cell.data_dependent().is_empty() => "incompatible",
        Compatibility::Incompatible => "depends on data",
    };
    if cell.asked { word.to_owned() } else { format!("({word})") }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table(f)?;
        for cell in &self.cells {
            if (cell.asked || f.alternate()) && !cell.resolution.findings().is_empty() {
                self.details(f, cell)?;
            }
        }
        if !self.doubts.is_empty() {
            writeln!(f)?;
        }
        self.doubts.iter().try_for_each(|doubt| writeln!(f, "warning: {doubt}"))
    }
}
