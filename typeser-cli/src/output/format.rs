//! The formats of a report: one file for each.

use clap::ValueEnum as _;

use super::comparison::Comparison;
use super::error::OutputError;
use super::rendering::Rendering;
use super::{github, gitlab, human, json, junit, markdown, sarif, short};

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Full reports, for people
    Human,
    /// One line per finding
    Short,
    /// One versioned document, for programs
    Json,
    /// The same, one object per line
    Jsonl,
    /// Workflow commands of GitHub Actions: annotations in a pull request
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// JUnit XML, including the pairs that pass
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// A comment on a pull request
    Markdown,
}

impl Format {
    /// Renders a comparison in this format.
    pub(crate) fn write(self, comparison: &Comparison, rendering: Rendering) -> Result<String, OutputError> {
        match self {
            Self::Human => Ok(human::write(comparison, rendering)),
            Self::Short => Ok(short::write(comparison)),
            Self::Json => json::document(comparison),
            Self::Jsonl => json::lines(comparison),
            Self::Github => Ok(github::write(comparison)),
            Self::Gitlab => gitlab::write(comparison),
            Self::Junit => junit::write(comparison),
            Self::Sarif => sarif::write(comparison),
            Self::Markdown => Ok(markdown::write(comparison)),
        }
    }

    /// Its name on the command line.
    pub(crate) fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The names of all formats.
    pub(crate) fn words() -> Vec<String> {
        Self::value_variants().iter().map(|format| format.word()).collect()
    }
}
