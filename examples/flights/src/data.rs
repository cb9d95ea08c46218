//! The data file: departures, one at a time, in file order.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::StringRecord;
use flate2::bufread::GzDecoder;

/// One departure. `None` represents `NA` in the file.
#[derive(Debug, Clone, Copy)]
pub struct Flight<'a> {
    /// The month in UTC, as `2013-07`.
    pub month: &'a str,
    /// The tail number of the aircraft.
    pub tail: Option<&'a str>,
    /// The airport it goes to.
    pub destination: &'a str,
    /// Minutes late, negative if early; `None` if it was cancelled.
    pub departure_delay: Option<i16>,
    /// Minutes late, negative if early; `None` if it did not arrive where it should, or the time is unknown.
    pub arrival_delay: Option<i16>,
    /// Minutes in the air; `None` if unknown.
    pub air_time: Option<u16>,
    /// Miles to the destination.
    pub distance: u16,
}

/// The departures in a file.
pub struct Flights {
    path: PathBuf,
    csv: csv::Reader<Box<dyn Read>>,
    record: StringRecord,
    bytes_read: Arc<AtomicU64>,
    bytes: u64,
}

/// Why departures cannot be read. Each message says in one sentence what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error(
        "there is no data file {}: it is examples/flights/data/flights-2013.csv.gz in the repository; \
         say where you have it with `--data FILE`",
        path.display()
    )]
    Missing { path: PathBuf },
    #[error("{} is not the flights data: {why}; give `--data FILE` a copy of {ORIGIN}", path.display())]
    Wrong { path: PathBuf, why: String },
    #[error("{}, line {line}: {why}; the file is damaged: take a fresh copy of {ORIGIN}", path.display())]
    Line { path: PathBuf, line: u64, why: String },
    #[error("{} cannot be read to its end: {why}; take a fresh copy of {ORIGIN}", path.display())]
    Cut { path: PathBuf, why: String },
}

const ORIGIN: &str = "examples/flights/data/flights-2013.csv.gz";

const COLUMNS: [&str; 11] = [
    "time_hour",
    "minute",
    "carrier",
    "flight",
    "tailnum",
    "origin",
    "dest",
    "dep_delay",
    "arr_delay",
    "air_time",
    "distance",
];
const TIME_HOUR: usize = 0;
const TAILNUM: usize = 4;
const DEST: usize = 6;
const DEP_DELAY: usize = 7;
const ARR_DELAY: usize = 8;
const AIR_TIME: usize = 9;
const DISTANCE: usize = 10;

impl Flights {
    /// Opens a file, compressed or not, and checks its first line.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let wrong = |why: String| DataError::Wrong { path: path.to_owned(), why };
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => DataError::Missing { path: path.to_owned() },
            _ => wrong(error.to_string()),
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        let mut magic = [0; 2];
        let length = file.read(&mut magic).map_err(unreadable)?;
        let bytes_read = Arc::new(AtomicU64::new(length as u64));
        let whole = io::Cursor::new(magic).take(length as u64).chain(Counted { file, bytes_read: bytes_read.clone() });
        let whole = BufReader::with_capacity(256 * 1024, whole);
        let text: Box<dyn Read> = if magic == [0x1F, 0x8B] { Box::new(GzDecoder::new(whole)) } else { Box::new(whole) };
        let mut csv = csv::ReaderBuilder::new().buffer_capacity(256 * 1024).from_reader(text);
        let columns = csv.headers().map_err(|error| wrong(reason(&error)))?;
        if columns != COLUMNS.as_slice() {
            let found: String = columns.iter().collect::<Vec<_>>().join(",").chars().take(60).collect();
            return Err(wrong(format!("it begins with {found:?} instead of the names of its eleven columns")));
        }
        Ok(Self { path: path.to_owned(), csv, record: StringRecord::new(), bytes_read, bytes })
    }

    /// The next departure; `None` at the end of the file.
    pub fn next_flight(&mut self) -> Result<Option<Flight<'_>>, DataError> {
        match self.csv.read_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => {
                let (path, line) = (self.path.clone(), error.position().map(csv::Position::line));
                return Err(match (error.is_io_error(), line) {
                    (false, Some(line)) => DataError::Line { path, line, why: reason(&error) },
                    _ => DataError::Cut { path, why: error.to_string() },
                });
            }
        }
        let record = &self.record;
        let flight = parse(record).map_err(|(column, expected)| {
            let why = format!("{} is {:?} where {expected} is expected", COLUMNS[column], &record[column]);
            DataError::Line { path: self.path.clone(), line: record.position().map_or(0, csv::Position::line), why }
        })?;
        Ok(Some(flight))
    }

    /// The number of bytes read, and the size of the file.
    pub fn progress(&self) -> (u64, u64) {
        (self.bytes_read.load(Ordering::Relaxed), self.bytes)
    }
}

fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { len, .. } => format!("it has {len} figures instead of {}", COLUMNS.len()),
        csv::ErrorKind::Utf8 { .. } => "it is not text".to_owned(),
        _ => error.to_string(),
    }
}

/// Parses a record, or returns the invalid column and what it should contain.
fn parse(record: &StringRecord) -> Result<Flight<'_>, (usize, &'static str)> {
    let month = record[TIME_HOUR].get(..7).filter(|month| is_month(month));
    let name = |column| Some(&record[column]).filter(|name: &&str| !name.is_empty());
    Ok(Flight {
        month: month.ok_or((TIME_HOUR, "a time such as 2013-01-31T10:00:00Z"))?,
        tail: Some(name(TAILNUM).ok_or((TAILNUM, "a tail number or NA"))?).filter(|tail| *tail != "NA"),
        destination: name(DEST).ok_or((DEST, "an airport"))?,
        departure_delay: figure(record, DEP_DELAY)?,
        arrival_delay: figure(record, ARR_DELAY)?,
        air_time: figure(record, AIR_TIME)?,
        distance: record[DISTANCE].parse().map_err(|_| (DISTANCE, "a number of miles"))?,
    })
}

fn figure<T: std::str::FromStr>(record: &StringRecord, column: usize) -> Result<Option<T>, (usize, &'static str)> {
    match &record[column] {
        "NA" => Ok(None),
        figure => figure.parse().map(Some).map_err(|_| (column, "a number of minutes or NA")),
    }
}

fn is_month(text: &str) -> bool {
    matches!(text.as_bytes(), [year @ .., b'-', a, b]
        if year.iter().chain([a, b]).all(u8::is_ascii_digit) && ("01"..="12").contains(&&text[5..]))
}

/// Counts the bytes of the file, for the progress bar.
struct Counted {
    file: File,
    bytes_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(to)?;
        self.bytes_read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
