//! Strings of every small length, for which copying and validation take different paths.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use typeser::schema::IntegerEncoding;
use typeser::wire::DecodeErrorKind;
use typeser::{Serializer, TypeSerializer};

const LENGTHS: std::ops::Range<usize> = 0..300;

fn serializers() -> [Serializer<String>; 2] {
    [IntegerEncoding::Fixed, IntegerEncoding::Variable].map(|integers| Serializer::with_integers(integers).unwrap())
}

#[test]
fn a_string_of_any_length_is_written_behind_what_is_there_and_read_back() {
    for serializer in serializers() {
        for length in LENGTHS {
            let text: String = (0..length).map(|index| char::from(b'a' + (index % 23) as u8)).collect();
            for room in [0, 1, length, length + 8, 1_000] {
                let mut bytes = Vec::with_capacity(room);
                bytes.push(0xEE);
                serializer.serialize(&text, &mut bytes).unwrap();
                assert_eq!(bytes[0], 0xEE);
                assert!(bytes.ends_with(text.as_bytes()), "{length} bytes into a capacity of {room}");
                assert_eq!(serializer.deserialize(&bytes[1..]).unwrap(), text);
            }
        }
    }
}

#[test]
fn a_string_is_read_exactly_if_it_is_utf8_wherever_it_leaves_ascii() {
    let pieces: [&[u8]; 6] = [&[0x80], &[0xFF], &[0xC3, 0xA9], &[0xC3], &[0xE2, 0x82, 0xAC], &[0xF0, 0x9F, 0x98, 0x80]];
    for serializer in serializers() {
        for length in 0..40 {
            for piece in pieces {
                for at in 0..=length {
                    let mut text = vec![b'x'; length];
                    text.splice(at..at, piece.iter().copied());
                    let mut bytes = Vec::new();
                    serializer.serialize(&"x".repeat(text.len()), &mut bytes).unwrap();
                    let start = bytes.len() - text.len();
                    bytes[start..].copy_from_slice(&text);
                    match (serializer.deserialize(&bytes), String::from_utf8(text)) {
                        (Ok(read), Ok(text)) => assert_eq!(read, text),
                        (Err(error), Err(text)) => {
                            assert_eq!(error.offset(), start);
                            let length = text.as_bytes().len();
                            assert_eq!(*error.kind(), DecodeErrorKind::InvalidUtf8 { length });
                        }
                        (read, text) => panic!("{read:?}, {text:?}"),
                    }
                }
            }
        }
    }
}
