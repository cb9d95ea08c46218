//! The program prints what its README says, the values are the stored ones, and no stored byte changes.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use leaving_bincode::{release1, release2, release3, story};
use typeser::TypeSerializer;

#[test]
fn the_readme_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Vec::new();
    story::run(folder.path(), &mut output).unwrap();
    let readme = include_str!("../README.md");
    let shown = readme.split_once("```text\n").unwrap().1.split_once("```").unwrap().0;
    assert_eq!(String::from_utf8(output).unwrap(), shown);
}

#[test]
fn the_kept_snapshot_is_that_of_release_2() {
    let snapshot = release2::tickets().unwrap().snapshot().to_text();
    assert_eq!(snapshot, release3::TICKET_OF_RELEASE_2);
}

#[test]
fn every_value_of_bincode_is_read_as_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("tickets.log");
    let sold = chrono::DateTime::from_timestamp(1_709_208_000, 0).unwrap();
    let payments = [release1::Payment::Cash, release1::Payment::Card { last_digits: 7 }];
    for payment in &payments {
        let ticket = release1::Ticket { id: uuid::Uuid::max(), seat: u16::MAX, sold, payment: payment.clone() };
        release1::sell(&log, &ticket).unwrap();
    }
    let read = release3::Tickets::open(folder.path()).unwrap().read().unwrap();
    let expected = [release3::Payment::Cash, release3::Payment::Card { last_digits: 7 }].map(|payment| {
        (
            release3::Ticket { id: uuid::Uuid::max(), seat: u16::MAX.into(), sold, discount: None, payment },
            "before 3.0.0".to_owned(),
        )
    });
    assert_eq!(read, expected);
}
