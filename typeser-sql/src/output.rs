//! Results in files: a writer for each format.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::print::{PrintError, Printer, TextFormat};

/// A row group is complete when it takes more bytes than this, or has more rows than the next number. It is in memory
/// until then.
const ROW_GROUP_BYTES: usize = 64 << 20;
const ROW_GROUP_ROWS: usize = 1 << 20;

/// The format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table, for people; long values are shortened
    Table,
    /// Comma-separated values, for programs
    Csv,
    /// One JSON object per line, for programs
    Jsonl,
    /// An Apache Parquet file, which needs `--output`
    Parquet,
}

impl Format {
    /// The format of text; `None` for Parquet.
    pub(crate) fn text(self) -> Option<TextFormat> {
        match self {
            Self::Table => Some(TextFormat::Table),
            Self::Csv => Some(TextFormat::Csv),
            Self::Jsonl => Some(TextFormat::Jsonl),
            Self::Parquet => None,
        }
    }

    /// How the names of files with this format end.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("cannot write {}: {source}", path.display())]
    Text { path: PathBuf, source: PrintError },
    #[error("cannot write {}: {source}", path.display())]
    Parquet { path: PathBuf, source: ParquetError },
    #[error("cannot write {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// A file to which the batches of one query are written.
pub(crate) struct FileWriter {
    path: PathBuf,
    writer: Writer,
}

enum Writer {
    Text(Printer<BufWriter<File>>),
    Parquet(Box<ArrowWriter<File>>),
}

impl FileWriter {
    /// Begins a file. It is written to `path`, and called `shown` if that fails.
    pub(crate) fn create(path: &Path, shown: &Path, format: Format, schema: &SchemaRef) -> Result<Self, OutputError> {
        let shown = shown.to_owned();
        let file = match File::create_new(path) {
            Ok(file) => file,
            Err(source) => return Err(OutputError::Io { path: shown, source }),
        };
        let writer = match format.text() {
            Some(format) => Writer::Text(Printer::new(BufWriter::new(file), format, false, schema)),
            None => match ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties())) {
                Ok(writer) => Writer::Parquet(Box::new(writer)),
                Err(source) => return Err(OutputError::Parquet { path: shown, source }),
            },
        };
        Ok(Self { path: shown, writer })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let path = || self.path.clone();
        match &mut self.writer {
            Writer::Text(printer) => printer.print(batch).map_err(|source| OutputError::Text { path: path(), source }),
            Writer::Parquet(writer) => {
                writer.write(batch).map_err(|source| OutputError::Parquet { path: path(), source })
            }
        }
    }

    /// Writes what is left, and makes the file durable.
    pub(crate) fn finish(self) -> Result<(), OutputError> {
        let path = || self.path.clone();
        let io = |source| OutputError::Io { path: path(), source };
        let file = match self.writer {
            Writer::Text(printer) => {
                let out = printer.finish().map_err(|source| OutputError::Text { path: path(), source })?;
                out.into_inner().map_err(|error| io(error.into_error()))?
            }
            Writer::Parquet(writer) => {
                writer.into_inner().map_err(|source| OutputError::Parquet { path: path(), source })?
            }
        };
        file.sync_all().map_err(io)
    }
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build()
}
