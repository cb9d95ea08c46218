//! The formats of a report: one file for each.

use clap::ValueEnum as _;
use typeser::text::{json_without_unseen, without_commands};

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
        let text = match self {
            Self::Human => human::write(comparison, rendering),
            Self::Short => short::write(comparison),
            Self::Json => json::document(comparison)?,
            Self::Jsonl => json::lines(comparison)?,
            Self::Github => return Ok(github::write(comparison)),
            Self::Gitlab => gitlab::write(comparison)?,
            Self::Junit => junit::write(comparison)?,
            Self::Sarif => sarif::write(comparison)?,
            Self::Markdown => markdown::write(comparison),
        };
        // A log is read by people, and by the CI system that runs the command.
        let text = match self {
            Self::Json | Self::Jsonl | Self::Gitlab | Self::Sarif => json_without_unseen(&text),
            _ => without_commands(&text),
        };
        Ok(text.into_owned())
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
