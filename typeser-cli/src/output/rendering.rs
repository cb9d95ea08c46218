//! How text for people is rendered: with or without colours, and how wide.

use anstyle::{AnsiColor, Color, Style};

use typeser::text::{clean, wrap_at};

use crate::terminal;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const RED: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::BrightRed)));
pub(super) const GREEN: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::BrightGreen)));
pub(super) const CYAN: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::BrightCyan)));
pub(super) const YELLOW: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Yellow)));
pub(super) const DIM: Style = Style::new().dimmed();

/// Whether text for people has colours, and how wide it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendering {
    /// Whether escape sequences of terminals are written.
    pub(crate) colours: bool,
    /// How many columns there are.
    pub(crate) width: usize,
}

impl Rendering {
    /// For a file.
    pub(super) const FILE: Self = Self { colours: false, width: terminal::WIDTH };

    /// For standard output, which removes colours where they are not wanted.
    pub(super) fn terminal() -> Self {
        Self { colours: true, width: terminal::width_of_stdout() }
    }

    /// The text in a style, where there are colours.
    pub(super) fn styled(self, style: Style, text: &str) -> String {
        if self.colours { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Text of others, wrapped. It begins in the column `used`; its other lines are indented.
    pub(super) fn wrapped(self, text: &str, used: usize, indent: usize) -> String {
        wrap_at(&clean(text), self.width, used, indent)
    }
}
