//! Tables without lines, which fit the terminal: cells are broken at words, and measured in columns of the terminal.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};
use typeser::text;

use crate::terminal;

/// The columns around each cell.
const PADDING: usize = 2;
/// Longer words may be broken, into parts of at least [`PART`] columns. Numbers and dates are shorter.
const LONG_WORD: usize = 24;
const PART: usize = 10;

/// A table of text.
pub(crate) struct Table<const COLUMNS: usize> {
    /// The header, then the rows.
    rows: Vec<[String; COLUMNS]>,
    /// The columns that are aligned to the right.
    right: &'static [usize],
    /// The columns of the terminal; without a limit, no cell is broken.
    width: Option<usize>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table for standard output, with this header. The columns with the numbers `right` are aligned to the right.
    pub(crate) fn new(header: [&str; COLUMNS], right: &'static [usize]) -> Self {
        Self { rows: vec![header.map(str::to_owned)], right, width: terminal::line_width_of_stdout() }
    }

    pub(crate) fn add_row(&mut self, row: [String; COLUMNS]) {
        // Names and values of others must not control the terminal.
        self.rows.push(row.map(|cell| text::clean(&cell)));
    }

    /// The lines of the table.
    pub(crate) fn text(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        for (number, row) in self.rows.iter().enumerate() {
            match number {
                0 => table.set_header(row),
                _ => table.add_row(row),
            };
        }
        for column in self.right {
            if let Some(column) = table.column_mut(*column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        if let Some(width) = self.width {
            let fixed = |content: usize| Width::Fixed(u16::try_from(content + PADDING).unwrap_or(u16::MAX));
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_constraints(self.widths(width).map(|content| ColumnConstraint::Absolute(fixed(content))));
        }
        format!("{}\n", text::without_commands(&table.trim_fmt()))
    }

    /// The widths of the columns, without padding, in a table of this width.
    fn widths(&self, width: usize) -> [usize; COLUMNS] {
        let widest = |measure: &dyn Fn(&str) -> usize| -> [usize; COLUMNS] {
            std::array::from_fn(|column| self.rows.iter().map(|row| measure(&row[column])).max().unwrap_or(0))
        };
        let wanted = widest(&text::width);
        let words = widest(&|cell| cell.split(' ').map(text::width).max().unwrap_or(0));
        let mut widths = words.map(|word| if word > LONG_WORD { PART } else { word });
        // The space after the last column is not written.
        let space = (width + 1).saturating_sub(PADDING * COLUMNS);
        // A terminal that is too narrow for the words breaks the longest ones.
        while widths.iter().sum::<usize>() > space
            && let Some(longest) = widths.iter_mut().max().filter(|longest| **longest > 1)
        {
            *longest -= 1;
        }
        // The narrowest columns grow first, so that short cells have one line and long ones share the rest.
        while widths.iter().sum::<usize>() < space
            && let Some(column) = (0..COLUMNS).filter(|c| widths[*c] < wanted[*c]).min_by_key(|c| widths[*c])
        {
            widths[column] += 1;
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn widths_are_columns_of_the_terminal() {
        let rows = vec![["name", "rows"].map(str::to_owned), ["状態の名前 🦀", "7"].map(str::to_owned)];
        let table = |width| Table { rows: rows.clone(), right: &[1], width: Some(width) };
        assert_eq!(table(20).text(), " name           rows\n 状態の名前 🦀     7\n");
        assert_eq!(table(19).text(), " name          rows\n 状態の名前       7\n 🦀\n");
    }
}
