//! The width of text for people.

use std::{env, io};

use terminal_size::{Height, Width, terminal_size_of};

/// The width for files and pipes.
pub(crate) const WIDTH: usize = 100;
/// Text that is narrower or wider than this is hard to read.
const NARROWEST: usize = 60;
const WIDEST: usize = 140;

/// The columns of standard output: `COLUMNS`, else those of the terminal, else [`WIDTH`].
pub(crate) fn width_of_stdout() -> usize {
    of(terminal_size_of(io::stdout()))
}

/// The columns for tables and lists on standard output: `COLUMNS`, else those of the terminal. In files and pipes there
/// is no limit, so that each row is one line.
pub(crate) fn line_width_of_stdout() -> Option<usize> {
    let terminal = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns);
    width_if_known(env::var("COLUMNS").ok().as_deref(), terminal)
}

/// The columns of standard error, like those of standard output.
pub(crate) fn width_of_stderr() -> usize {
    of(terminal_size_of(io::stderr()))
}

fn of(terminal: Option<(Width, Height)>) -> usize {
    width(env::var("COLUMNS").ok().as_deref(), terminal.map(|(Width(columns), _)| columns))
}

fn width(variable: Option<&str>, terminal: Option<u16>) -> usize {
    width_if_known(variable, terminal).unwrap_or(WIDTH)
}

fn width_if_known(variable: Option<&str>, terminal: Option<u16>) -> Option<usize> {
    let variable = variable.and_then(|columns| columns.trim().parse().ok()).filter(|columns| *columns > 0);
    // A terminal that does not know its width reports 0.
    let columns = variable.or(terminal.map(usize::from).filter(|columns| *columns > 0));
    columns.map(|columns| columns.clamp(NARROWEST, WIDEST))
}

#[cfg(test)]
mod tests {
    use super::width;

    #[test]
    fn the_variable_wins_over_the_terminal_and_both_have_bounds() {
        for (variable, terminal, columns) in [
            (None, None, 100),
            (None, Some(80), 80),
            (None, Some(0), 100),
            (None, Some(20), 60),
            (None, Some(300), 140),
            (Some("120"), Some(80), 120),
            (Some("120"), None, 120),
            (Some("1"), None, 60),
            (Some("99999"), None, 140),
            (Some("0"), Some(80), 80),
            (Some(""), Some(80), 80),
            (Some("wide"), None, 100),
        ] {
            assert_eq!(width(variable, terminal), columns, "{variable:?} {terminal:?}");
        }
    }
}
