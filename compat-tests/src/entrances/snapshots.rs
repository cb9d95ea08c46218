//! Snapshots in their three forms: what is read is written back, and every form holds the same.

use typeser::SerializerSnapshot;
use typeser::snapshot::MAGIC;

/// Bytes as they are, and as the body of an envelope whose checksum holds.
pub(super) fn binary(bytes: &[u8]) {
    if let Ok(read) = SerializerSnapshot::from_bytes(bytes) {
        read_back(&read);
    }
    let Some((version, body)) = bytes.split_first() else { return };
    if let Ok(read) = SerializerSnapshot::from_bytes(&envelope(u16::from(*version), body)) {
        if read.read_version() == 1 {
            // Version 1 has one form only. Version 2 is written only where it is needed.
            assert_eq!(read.to_bytes().unwrap(), envelope(1, body), "another body is read as the same snapshot");
        }
        read_back(&read);
    }
}

pub(super) fn json(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match SerializerSnapshot::from_json(text) {
        Ok(read) => read_back(&read),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

pub(super) fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match SerializerSnapshot::from_text(text) {
        Ok(read) => read_back(&read),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The snapshot in each form, read back.
fn read_back(snapshot: &SerializerSnapshot) {
    // What is read in one form may be too long for another.
    if let Ok(bytes) = snapshot.to_bytes() {
        let read = SerializerSnapshot::from_bytes(&bytes).unwrap();
        assert_eq!(&read, snapshot, "in the binary form");
        assert_eq!(read.fingerprint(), snapshot.fingerprint());
        assert_eq!(read.to_bytes().unwrap(), bytes);
    }
    // The binary form may hold a type twice; in the others each is there once.
    let least = SerializerSnapshot::from_json(&snapshot.to_json()).unwrap();
    assert_eq!(least.fingerprint(), snapshot.fingerprint());
    let from_text = SerializerSnapshot::from_text(&snapshot.to_text()).unwrap();
    assert_eq!(from_text, least);
    for read in [SerializerSnapshot::from_json(&least.to_json()), SerializerSnapshot::from_text(&least.to_text())] {
        assert_eq!(read.as_ref(), Ok(&least));
    }
}

fn envelope(version: u16, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_le_bytes();
    super::sealed(&[&MAGIC[..], &version.to_le_bytes(), &length, body, &[0; 4]].concat())
}
