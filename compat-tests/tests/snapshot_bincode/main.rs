//! The bytes of version 1 of a snapshot are those that bincode 2 writes in its standard configuration.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

mod body;
mod convert;

use body::Body;
use compat_tests::schemas::snapshots;
use proptest::prelude::*;
use typeser::SerializerSnapshot;
use typeser::snapshot::MAGIC;
use typeser::wire::checksum;

/// Version 1 in its envelope.
fn envelope(body: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&1u16.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    bytes
}

fn by_bincode(snapshot: &SerializerSnapshot) -> Vec<u8> {
    bincode::serde::encode_to_vec(Body::from(snapshot), bincode::config::standard()).unwrap()
}

/// Whether bincode reads a body, and writes the same bytes for what it read.
fn is_read_by_bincode(bytes: &[u8]) -> bool {
    let config = bincode::config::standard().with_limit::<{ 1 << 20 }>();
    let read = bincode::serde::borrow_decode_from_slice::<Body<'_>, _>(bytes, config);
    read.is_ok_and(|(body, _)| bincode::serde::encode_to_vec(body, config).unwrap() == bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn bincode_writes_the_same_bytes(snapshot in snapshots()) {
        prop_assert_eq!(snapshot.to_bytes().unwrap(), envelope(&by_bincode(&snapshot)));
    }

    #[test]
    fn bincode_reads_whatever_is_read(snapshot in snapshots(), at in any::<prop::sample::Index>(), to: u8) {
        let mut body = by_bincode(&snapshot);
        let at = at.index(body.len());
        body[at] = to;
        if SerializerSnapshot::from_bytes(&envelope(&body)).is_ok() {
            prop_assert!(is_read_by_bincode(&body));
        }
    }
}
