//! The parts that bodies of all versions are made of: numbers, texts, bytes, lists and options.
//!
//! Every part has one form, so a snapshot has one body. The bytes are those of the *variable* encoding of values, which
//! `docs/format.md` draws; bincode 2's standard configuration writes the same.

use super::envelope;
use super::error::ReadSnapshotError;
use crate::wire::{DecodeError, DecodeErrorKind, Output, Reader, Variable, Writer};

/// Reads the parts of a body, one after the other.
pub(super) struct BodyReader<'a>(Reader<'a, Variable>);

type Read<T> = Result<T, ReadSnapshotError>;

impl<'a> BodyReader<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self(Reader::new(body))
    }

    pub(super) fn number(&mut self) -> Read<u32> {
        self.0.take_u32().map_err(malformed)
    }

    pub(super) fn long(&mut self) -> Read<u64> {
        self.0.take_u64().map_err(malformed)
    }

    pub(super) fn bool(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            found => Err(self.before(1, DecodeErrorKind::InvalidBool { found })),
        }
    }

    pub(super) fn text(&mut self) -> Read<String> {
        let bytes = self.slice()?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(self.before(bytes.len(), DecodeErrorKind::InvalidUtf8 { length: bytes.len() })),
        }
    }

    pub(super) fn bytes(&mut self) -> Read<Vec<u8>> {
        self.slice().map(<[u8]>::to_vec)
    }

    pub(super) fn texts(&mut self) -> Read<Vec<String>> {
        self.list(Self::text)
    }

    pub(super) fn option<T>(&mut self, part: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        match self.byte()? {
            0 => Ok(None),
            1 => part(self).map(Some),
            found => Err(self.before(1, DecodeErrorKind::InvalidOption { found })),
        }
    }

    pub(super) fn list<T>(&mut self, item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let length = self.length()?;
        self.items(length, item)
    }

    /// The length of a list; each of its items takes a byte at least.
    pub(super) fn length(&mut self) -> Read<usize> {
        self.0.take_length(1).map_err(malformed)
    }

    pub(super) fn items<T>(&mut self, length: usize, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = Vec::with_capacity(self.0.reserve::<T>(length));
        for _ in 0..length {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// Reads the places of a list that say something, each behind its number. The numbers ascend.
    pub(super) fn sparse<H>(
        &mut self,
        part: &'static str,
        places: &mut [H],
        is_empty: fn(&H) -> bool,
        mut fill: impl FnMut(&mut Self, u32, &mut H) -> Read<()>,
    ) -> Read<()> {
        let mut next = 0;
        for _ in 0..self.length()? {
            let number = self.number()?;
            let out_of_order = ReadSnapshotError::HintsOrder { part, number };
            let place = places.get_mut(number as usize).filter(|_| number >= next).ok_or(out_of_order.clone())?;
            fill(self, number, place)?;
            if is_empty(place) {
                return Err(out_of_order);
            }
            next = number.saturating_add(1);
        }
        Ok(())
    }

    /// The error of a number that was just read and that says which of several forms follows.
    pub(super) fn unknown(&self, number: u32, what: &str) -> ReadSnapshotError {
        let kind = DecodeErrorKind::Custom(format!("{number} is not the number of {what}"));
        let size = match number {
            0..=250 => 1,
            251..=65_535 => 3,
            _ => 5,
        };
        self.before(size, kind)
    }

    /// The error of something that was just read and that is written in another way.
    pub(super) fn unwanted(&self, reason: &str) -> ReadSnapshotError {
        malformed(self.0.error(DecodeErrorKind::Custom(reason.to_owned())))
    }

    pub(super) fn finish(self) -> Read<()> {
        let kind = match self.0.remaining() {
            0 => return Ok(()),
            count => DecodeErrorKind::Custom(format!("the body ends here, {count} bytes are left over")),
        };
        Err(malformed(self.0.error(kind)))
    }

    fn byte(&mut self) -> Read<u8> {
        self.0.take::<1>().map(|[byte]| byte).map_err(malformed)
    }

    fn slice(&mut self) -> Read<&'a [u8]> {
        let length = self.length()?;
        self.0.take_slice(length).map_err(malformed)
    }

    fn before(&self, back: usize, kind: DecodeErrorKind) -> ReadSnapshotError {
        malformed(self.0.error_before(back, kind))
    }
}

fn malformed(error: DecodeError) -> ReadSnapshotError {
    ReadSnapshotError::Body { offset: envelope::body_offset() + error.offset(), reason: error.kind().to_string() }
}

/// Writes the parts of a body, one after the other.
pub(super) struct BodyWriter(Output<Variable>);

impl BodyWriter {
    pub(super) fn new() -> Self {
        Self(Output::new(Vec::new()))
    }

    pub(super) fn number(&mut self, number: u32) {
        self.0.put_u32(number);
    }

    pub(super) fn long(&mut self, number: u64) {
        self.0.put_u64(number);
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.0.put([u8::from(value)]);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.0.put_bytes(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.put_bytes(bytes);
    }

    pub(super) fn texts(&mut self, texts: &[String]) {
        self.list(texts, |to, text| to.text(text));
    }

    pub(super) fn option<T>(&mut self, value: Option<T>, part: impl FnOnce(&mut Self, T)) {
        self.bool(value.is_some());
        if let Some(value) = value {
            part(self, value);
        }
    }

    pub(super) fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.0.put_length(items.len());
        items.iter().for_each(|each| item(self, each));
    }

    /// Writes the places of a list that say something, each behind its number.
    pub(super) fn sparse<H>(&mut self, places: &[H], is_empty: fn(&H) -> bool, mut write: impl FnMut(&mut Self, &H)) {
        self.0.put_length(places.iter().filter(|place| !is_empty(place)).count());
        for (number, place) in (0u32..).zip(places).filter(|(_, place)| !is_empty(place)) {
            self.number(number);
            write(self, place);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}
