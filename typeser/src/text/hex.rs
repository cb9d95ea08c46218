//! Bytes as pairs of hexadecimal digits.

use std::fmt;

/// The digits of these bytes, in lower case.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    _ = write(bytes, &mut text);
    text
}

/// Writes the digits of these bytes, in lower case.
///
/// # Errors
/// Those of `to`.
pub fn write(bytes: &[u8], to: &mut dyn fmt::Write) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
}

/// The bytes that these digits, in either case, represent; `None` if there is anything else, or half a byte.
#[must_use]
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn bytes_come_back_from_their_digits() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
        assert_eq!(decode("0aFf"), Some(vec![0x0a, 0xff]));
        assert_eq!(encode(&[]), "");
        for digits in ["0", "0g", "0x00", " 00", "\u{ff10}0"] {
            assert_eq!(decode(digits), None, "{digits}");
        }
    }
}
