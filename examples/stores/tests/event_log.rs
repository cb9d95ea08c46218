//! A log of events in a file: each with its length and its frame. Releases append to the same file.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Write};
use std::path::Path;

use stores::{order, release_1, versions};
use typeser::versions::Frame;

fn append(log: &Path, event: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut file = OpenOptions::new().create(true).append(true).open(log)?;
    file.write_all(&[&u32::try_from(event.len())?.to_le_bytes(), event].concat())?;
    Ok(file.sync_data()?)
}

/// The next event; `None` at the end, and for one that was cut off by a crash.
fn next(log: &mut impl Read) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let mut length = [0; 4];
    let mut event = Vec::new();
    match log.read_exact(&mut length) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u32::from_le_bytes(length);
    log.take(length.into()).read_to_end(&mut event)?;
    Ok((event.len() == length as usize).then_some(event))
}

#[test]
fn events_of_two_releases() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("orders.log");
    let first = release_1::versions(Frame::Fingerprint)?;
    append(&log, &first.encode(&release_1::order(1))?)?;
    append(&log, &first.encode(&release_1::order(2))?)?;

    let second = versions(Frame::Fingerprint)?;
    append(&log, &second.encode(&order(3))?)?;
    let mut reader = BufReader::new(File::open(&log)?);
    let mut orders = Vec::new();
    while let Some(event) = next(&mut reader)? {
        orders.push(second.decode(&event)?);
    }
    assert_eq!(orders, [order(1), order(2), order(3)]);
    Ok(())
}
