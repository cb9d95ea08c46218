//! The binary form of snapshots: exactly the written bytes are read.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use compat_tests::schemas::{entropy, snapshots};
use proptest::prelude::*;
use typeser::SerializerSnapshot;
use typeser::snapshot::{MAGIC, ReadSnapshotError};
use typeser::wire::checksum;

/// An envelope around any bytes, with a checksum that holds.
fn envelope(version: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    bytes
}

fn refused(bytes: &[u8]) -> String {
    SerializerSnapshot::from_bytes(bytes).map(|_| ()).unwrap_err().to_string()
}

/// A snapshot of `u64` with the name `n` and version 3.
const SMALL: &[u8] = &[1, b'n', 3, 0, 1, 0, 5, 0];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_written_is_read_back(snapshot in snapshots()) {
        let bytes = snapshot.to_bytes().unwrap();
        let read = SerializerSnapshot::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &snapshot);
        prop_assert_eq!(read.fingerprint(), snapshot.fingerprint());
        prop_assert_eq!(read.read_version(), 1);
        prop_assert_eq!(read.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn a_snapshot_is_read_from_the_front_of_more(snapshot in snapshots(), more in entropy()) {
        let bytes = snapshot.to_bytes().unwrap();
        let (read, size) = SerializerSnapshot::from_front(&[bytes.as_slice(), &more].concat()).unwrap();
        prop_assert_eq!(read, snapshot);
        prop_assert_eq!(size, bytes.len());
    }

    #[test]
    fn a_body_is_read_in_one_form_only(body in entropy()) {
        let bytes = envelope(1, &body);
        if let Ok(read) = SerializerSnapshot::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn a_changed_body_is_read_in_one_form_only(snapshot in snapshots(), at in any::<prop::sample::Index>(), to: u8) {
        let bytes = snapshot.to_bytes().unwrap();
        let mut body = bytes[14..bytes.len() - 4].to_vec();
        let at = at.index(body.len());
        body[at] = to;
        let bytes = envelope(1, &body);
        if let Ok(read) = SerializerSnapshot::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let bytes = envelope(1, SMALL);
    assert_eq!(SerializerSnapshot::from_bytes(&bytes).unwrap().version(), 3);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            SerializerSnapshot::from_bytes(&flipped).unwrap_err();
        }
        let cut = SerializerSnapshot::from_bytes(&bytes[..at]).unwrap_err();
        assert!(matches!(cut, ReadSnapshotError::Cut { .. }), "{at} bytes: {cut}");
    }
}

#[test]
fn each_mistake_has_its_own_error() {
    let good = envelope(1, SMALL);
    let mut damaged = good.clone();
    damaged[20] ^= 1;
    let mut huge = good.clone();
    huge[10..14].copy_from_slice(&u32::MAX.to_le_bytes());
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("another file", b"PK\x03\x04, no snapshot".to_vec()),
        ("a newer version", envelope(7, SMALL)),
        ("version 0", envelope(0, SMALL)),
        ("nothing", Vec::new()),
        ("cut in the header", good[..12].to_vec()),
        ("cut in the body", good[..16].to_vec()),
        ("a flipped bit", damaged),
        ("a huge length", huge),
        ("bytes behind", [good.as_slice(), b"more"].concat()),
        ("an empty body", envelope(1, &[])),
        ("bytes behind the body", envelope(1, &[SMALL, &[0]].concat())),
        ("an unknown kind of node", envelope(1, &[1, b'n', 3, 0, 1, 12, 0])),
        ("an unknown integer encoding", envelope(1, &[1, b'n', 3, 2, 1, 0, 5, 0])),
        ("an over-long integer", envelope(1, &[1, b'n', 251, 3, 0, 0, 1, 0, 5, 0])),
        ("a name that is not UTF-8", envelope(1, &[1, 0xFF, 3, 0, 1, 0, 5, 0])),
        ("a length beyond the body", envelope(1, &[253, 255, 255, 255, 255, 255, 255, 255, 255])),
        ("2^32 nodes", envelope(1, &[1, b'n', 3, 0, 252, 255, 255, 255, 255])),
        ("no nodes", envelope(1, &[1, b'n', 3, 0, 0, 0])),
        ("a node that is not there", envelope(1, &[1, b'n', 3, 0, 1, 3, 9, 0])),
        ("an endless value", envelope(1, &[1, b'n', 3, 0, 1, 8, 1, 0, 0])),
        ("hints of another kind", envelope(1, &[1, b'n', 3, 0, 1, 0, 5, 1, 0, 2, 1, 0, 0])),
        ("hints of no node", envelope(1, &[1, b'n', 3, 0, 1, 11, 1, b'o', 1, 1, 1, 1, 2, 1, 0, 0])),
        ("hints that say nothing", envelope(1, &[1, b'n', 3, 0, 1, 11, 1, b'o', 1, 1, 1, 0, 2, 0, 0, 0])),
    ];
    let errors: Vec<String> = cases.iter().map(|(name, bytes)| format!("{name}:\n  {}", refused(bytes))).collect();
    insta::assert_snapshot!(errors.join("\n"));
}

/// A list of these bytes, `count` times, with its length in the codec's form.
fn many(count: u32, bytes: &[u8]) -> Vec<u8> {
    [&[252], count.to_le_bytes().as_slice(), &bytes.repeat(count as usize)].concat()
}

#[test]
fn large_hostile_bodies_are_refused_quickly() {
    let head: &[u8] = &[1, b'n', 3, 0];
    let empty_struct: &[u8] = &[1, 1, 1, b's', 1, 0];
    let digit = |number: u32, place: u32| b'!' + (number / 90u32.pow(place) % 90) as u8;
    let fields = |number: u32| [4, digit(number, 0), digit(number, 1), digit(number, 2), digit(number, 3), 1];
    let fields: Vec<u8> = (0..1_000_000).flat_map(fields).collect();
    let fields = [&[252], 1_000_000u32.to_le_bytes().as_slice(), &fields].concat();
    let bodies: [(&str, Vec<u8>); 6] = [
        ("8 million nodes", [head, &many(8_000_000, &[0, 5]), &[0]].concat()),
        ("8 million fields", [head, &[2, 1, 1, b's', 1], &many(8_000_000, &[0, 1]), &[0, 5, 0]].concat()),
        ("1 million fields", [head, &[2, 1, 1, b's', 1], &fields, &[0, 5, 0]].concat()),
        ("1 million fields of one name", [head, &[2, 1, 1, b's', 1], &many(1_000_000, &[0, 1]), &[0, 5, 0]].concat()),
        ("16 million aliases", [head, empty_struct, &[1, 0, 0], &many(16_000_000, &[0]), &[0, 0, 0]].concat()),
        (
            "a default of 16 million bytes",
            [
                head,
                &[2, 1, 1, b's', 1, 1, 1, b'f', 1, 0, 5, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1],
                &many(16_000_000, &[7]),
                &[0, 0],
            ]
            .concat(),
        ),
    ];
    let errors: Vec<String> = bodies
        .iter()
        .map(|(name, body)| {
            let begin = std::time::Instant::now();
            let outcome = SerializerSnapshot::from_bytes(&envelope(1, body));
            assert!(begin.elapsed() < std::time::Duration::from_secs(20), "{name} took {:?}", begin.elapsed());
            format!("{name}:\n  {}", outcome.map_or_else(|error| error.to_string(), |_| "a snapshot".to_owned()))
        })
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}
