//! The options that choose formats: one for standard output, others for files.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum as _;

use super::comparison::Comparison;
use super::error::OutputError;
use super::format::Format;
use super::rendering::Rendering;

/// The options of every command that compares.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Options {
    /// Format of the report on standard output [default: human]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Also write a report to a file: `sarif=out.sarif`; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub(crate) reports: Vec<ReportFile>,
}

/// A format, and the file to write it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportFile {
    pub(crate) format: Format,
    pub(crate) file: PathBuf,
}

impl Options {
    /// Writes a comparison to standard output, with colours, and to files, without.
    pub(crate) fn report(&self, comparison: &Comparison, out: &mut dyn Write) -> Result<(), OutputError> {
        for ReportFile { format, file } in &self.reports {
            let text = format.write(comparison, Rendering::FILE)?;
            let failed = |reason| OutputError::File { file: file.clone(), reason };
            std::fs::write(file, text).map_err(failed)?;
        }
        let text = self.format.unwrap_or(Format::Human).write(comparison, Rendering::terminal())?;
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(OutputError::Stdout)
    }
}

impl std::str::FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || format!("the formats are {}", Format::words().join(", "));
        let Some((format, file)) = text.split_once('=') else {
            return Err(format!("write it as FORMAT=FILE, such as `sarif=out.sarif`; {}", known()));
        };
        let format = Format::from_str(format, false).map_err(|_| format!("`{format}` is not a format; {}", known()))?;
        match file {
            "" => Err(format!("a file is missing after `{}=`", format.word())),
            file => Ok(Self { format, file: PathBuf::from(file) }),
        }
    }
}
