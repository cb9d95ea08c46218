//! The codec of snapshot bodies: the only place in this crate that names `bincode`.
//!
//! The bytes are those of bincode 2's standard configuration, which `docs/format.md` draws on its own authority: this
//! module can be replaced without changing a byte.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::de::read::{BorrowReader, Reader};
use bincode::de::{BorrowDecode, Decoder, DecoderImpl};
use bincode::error::DecodeError;
use bincode::serde::BorrowCompat;
use serde::{Deserialize, Serialize};

use crate::schema::Limits;

/// The codec counts what it reads by width in memory, which is at most eight times that in bytes.
const LIMIT: usize = 8 * Limits::SNAPSHOT_BYTES;

type Config = Configuration<LittleEndian, Varint, Limit<LIMIT>>;

const fn config() -> Config {
    bincode::config::standard().with_limit::<LIMIT>()
}

/// Why bytes are no body.
#[derive(Debug)]
pub(super) struct BodyError {
    /// Where, counted from the beginning of the body.
    pub(super) offset: usize,
    /// What is wrong there.
    pub(super) reason: String,
}

/// The bytes of a body.
pub(super) fn encode<T: Serialize>(body: &T) -> Result<Vec<u8>, String> {
    bincode::serde::encode_to_vec(body, config()).map_err(|error| error.to_string())
}

/// Reads the body that takes up all of these bytes, each part in its only form.
pub(super) fn decode<'a, T: Serialize + Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, BodyError> {
    let mut decoder = DecoderImpl::new(Rest(bytes), config(), ());
    let decoded = BorrowCompat::<T>::borrow_decode(&mut decoder);
    let offset = bytes.len() - decoder.reader().0.len();
    let body = decoded.map_err(|error| BodyError { offset, reason: reason(&error) })?.0;
    if offset < bytes.len() {
        let reason = format!("the body ends here, {} bytes are left over", bytes.len() - offset);
        return Err(BodyError { offset, reason });
    }
    // The codec also reads integers that take more bytes than they need; a snapshot has one form only.
    let again = encode(&body).map_err(|reason| BodyError { offset: 0, reason })?;
    match again.iter().zip(bytes).position(|(one, other)| one != other) {
        Some(offset) => Err(BodyError { offset, reason: "an integer takes more bytes than it needs".to_owned() }),
        None => Ok(body),
    }
}

fn reason(error: &DecodeError) -> String {
    match error {
        DecodeError::UnexpectedEnd { additional } => {
            format!("{additional} bytes more are needed than the body has left")
        }
        DecodeError::UnexpectedVariant { type_name, found, .. } => {
            format!("{found} is none of the numbers of `{}`", type_name.rsplit("::").next().unwrap_or(type_name))
        }
        DecodeError::Utf8 { .. } => "a text is not UTF-8".to_owned(),
        DecodeError::InvalidBooleanValue(found) => format!("a bool is 0 or 1, found {found}"),
        DecodeError::LimitExceeded => "the body claims to be larger than a snapshot may be".to_owned(),
        DecodeError::OtherString(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// What is left to read; says after a failure how far the codec came.
struct Rest<'a>(&'a [u8]);

impl Reader for Rest<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        bytes.copy_from_slice(self.take_bytes(bytes.len())?);
        Ok(())
    }
}

impl<'a> BorrowReader<'a> for Rest<'a> {
    fn take_bytes(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let missing = || DecodeError::UnexpectedEnd { additional: length - self.0.len() };
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(missing)?;
        self.0 = rest;
        Ok(taken)
    }
}
