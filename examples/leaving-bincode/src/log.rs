//! A log file: values one after the other, each behind its length as a little-endian `u32`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Appends a value and syncs the file.
pub fn append(path: &Path, value: &[u8]) -> io::Result<()> {
    let length = u32::try_from(value.len()).map_err(io::Error::other)?;
    let mut log: File = OpenOptions::new().create(true).append(true).open(path)?;
    log.write_all(&[&length.to_le_bytes(), value].concat())?;
    log.sync_all()
}

/// All values of a log; none if there is no such file.
pub fn read(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let (mut left, mut values) = (&*bytes, Vec::new());
    while let Some((length, rest)) = left.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        let (value, rest) = rest.split_at_checked(length).ok_or(io::ErrorKind::UnexpectedEof)?;
        values.push(value.to_vec());
        left = rest;
    }
    if left.is_empty() { Ok(values) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
