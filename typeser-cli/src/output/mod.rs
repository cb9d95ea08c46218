//! What a command compared, told in many formats: one model, one file a format.

mod comparison;
mod entry;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say what they mean in their names")]
mod fixture;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod place;
mod sarif;
mod short;
mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say what they mean in their names")]
mod tests;
mod text;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum as _;

pub(crate) use comparison::{Acceptance, Comparison, File, Pair, Problem, Side, Text};
pub(crate) use entry::{Entry, What};
pub(crate) use place::{Place, in_repository};
pub(crate) use text::count;

use crate::terminal;

/// In which form to tell what was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Whole reports, for people
    Human,
    /// One line a finding
    Short,
    /// One versioned document, for programs
    Json,
    /// The same, one object a line
    Jsonl,
    /// Workflow commands of GitHub Actions: annotations in a pull request
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// JUnit XML, with the pairs that pass too
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// For a comment on a pull request
    Markdown,
}

/// The options of every command that compares.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Options {
    /// In which form to tell it on standard output [default: human]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Tell it in one more form, in a file: `sarif=out.sarif`; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub(crate) reports: Vec<ReportFile>,
}

/// A form, and the file for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportFile {
    pub(crate) format: Format,
    pub(crate) file: PathBuf,
}

/// How the form for people is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing {
    /// Whether escape sequences of terminals are written.
    pub(crate) colours: bool,
    /// How many columns there are.
    pub(crate) width: usize,
}

/// Why a comparison was not told in full.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// Standard output does not take it.
    #[error("standard output cannot be written: {0}")]
    Stdout(#[source] io::Error),
    /// A file cannot be written.
    #[error("the report `{}` cannot be written: {reason}; the folder has to be there and writable", .file.display())]
    File {
        file: PathBuf,
        #[source]
        reason: io::Error,
    },
    /// A format cannot hold what is to be told.
    #[error("the {format} form cannot be written: {reason}; use another `--format`")]
    Form { format: &'static str, reason: String },
}

impl Drawing {
    /// In a file.
    const FILE: Self = Self { colours: false, width: terminal::WIDTH };

    /// On standard output, which leaves escape sequences out where they are not wanted.
    fn terminal() -> Self {
        Self { colours: true, width: terminal::width_of_stdout() }
    }
}

impl Options {
    /// Tells a comparison: on standard output, which takes escape sequences of terminals, and in files, without them.
    pub(crate) fn tell(&self, comparison: &Comparison, out: &mut dyn Write) -> Result<(), OutputError> {
        for ReportFile { format, file } in &self.reports {
            let text = format.write(comparison, Drawing::FILE)?;
            let failed = |reason| OutputError::File { file: file.clone(), reason };
            std::fs::write(file, text).map_err(failed)?;
        }
        let text = self.format.unwrap_or(Format::Human).write(comparison, Drawing::terminal())?;
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(OutputError::Stdout)
    }
}

impl Format {
    /// A comparison in this form.
    pub(crate) fn write(self, comparison: &Comparison, drawing: Drawing) -> Result<String, OutputError> {
        match self {
            Self::Human => Ok(human::write(comparison, drawing)),
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

    /// The word for it on the command line.
    pub(crate) fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The words of all of them.
    pub(crate) fn words() -> Vec<String> {
        Self::value_variants().iter().map(|format| format.word()).collect()
    }
}

impl std::str::FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || format!("the formats are {}", Format::words().join(", "));
        let Some((format, file)) = text.split_once('=') else {
            return Err(format!("write it as FORMAT=FILE, such as `sarif=out.sarif`; {}", known()));
        };
        let format = Format::from_str(format, false).map_err(|_| format!("`{format}` is no format; {}", known()))?;
        match file {
            "" => Err(format!("after `{}=` the file is missing", format.word())),
            file => Ok(Self { format, file: PathBuf::from(file) }),
        }
    }
}

/// A document as JSON, with a line break at the end.
fn to_json(format: &'static str, document: &impl serde::Serialize) -> Result<String, OutputError> {
    let json = serde_json::to_string_pretty(document);
    json.map(|json| json + "\n").map_err(|error| OutputError::Form { format, reason: error.to_string() })
}
