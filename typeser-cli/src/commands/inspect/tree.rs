//! A tree that displays itself with lines between its parts.

use std::fmt;

/// A line, and the lines that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) label: String,
    pub(super) parts: Vec<Self>,
}

impl Tree {
    pub(super) fn leaf(label: impl Into<String>) -> Self {
        Self { label: label.into(), parts: Vec::new() }
    }

    /// Recursion is safe, because trees are not deep: deeply nested types are listed side by side.
    fn below(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        for (number, part) in (1..).zip(&self.parts) {
            let (branch, behind) = if number == self.parts.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            writeln!(f, "{indent}{branch}{}", part.label)?;
            part.below(f, &format!("{indent}{behind}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.label)?;
        self.below(f, "")
    }
}
