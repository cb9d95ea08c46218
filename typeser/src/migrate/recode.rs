//! Parts that the transcoder writes in another form: converted primitives and re-encoded lengths.

use super::convert::converter;
use super::stored::integer;
use super::transcode::Transcoder;
use crate::schema::{IntegerEncoding, Primitive};
use crate::wire::{DecodeError, Integers, Output, Variable, Writer};

impl Transcoder<'_> {
    /// Replaces the length that was just read by the length in the new encoding.
    pub(super) fn discard_and_write_length(&mut self, length: u64) {
        self.run = self.position;
        match self.program.to {
            IntegerEncoding::Fixed => self.out.extend_from_slice(&length.to_le_bytes()),
            IntegerEncoding::Variable => {
                let mut output = Output::<Variable>::new(std::mem::take(self.out));
                output.put_u64(length);
                *self.out = output.into_bytes();
            }
        }
    }

    pub(super) fn convert<E: Integers>(&mut self, from: Primitive, to: Primitive) -> Result<(), DecodeError> {
        self.flush();
        let start = self.position;
        match from {
            Primitive::Char => {
                self.skip_char(true)?;
                let length = (self.position - start) as u64;
                let bytes = &self.stored[start..self.position];
                self.run = self.position;
                self.discard_and_write_length(length);
                self.out.extend_from_slice(bytes);
            }
            Primitive::F32 | Primitive::F64 => {
                let width = from.width().unwrap_or(0);
                self.skip(width)?;
                self.widen(from, to, start);
            }
            integer_type => {
                let value = self.read::<E, _>(|reader| integer(reader, integer_type))?;
                self.run = self.position;
                let fixed = value.to_le_bytes();
                if to.is_float() {
                    self.widen_bytes(from, to, fixed);
                } else if self.program.to == IntegerEncoding::Fixed {
                    self.out.extend_from_slice(&fixed[..to.width().unwrap_or(0)]);
                } else {
                    self.write_variable(value, to);
                }
            }
        }
        self.run = self.position;
        Ok(())
    }

    fn widen(&mut self, from: Primitive, to: Primitive, start: usize) {
        let mut fixed = [0; 16];
        let stored = &self.stored[start..self.position];
        fixed[..stored.len()].copy_from_slice(stored);
        self.widen_bytes(from, to, fixed);
    }

    fn widen_bytes(&mut self, from: Primitive, to: Primitive, stored: [u8; 16]) {
        let mut wide = [0; 16];
        let (narrow, width) = (from.width().unwrap_or(0), to.width().unwrap_or(0));
        match converter(from, to) {
            Some(convert) => convert(&stored[..narrow], &mut wide[..width]),
            None => wide = stored,
        }
        self.out.extend_from_slice(&wide[..width]);
    }

    fn write_variable(&mut self, value: i128, to: Primitive) {
        let mut output = Output::<Variable>::new(std::mem::take(self.out));
        match to {
            Primitive::U8 | Primitive::I8 => output.put([value.to_le_bytes()[0]]),
            to if to.is_signed() => output.put_i128(value),
            _ => output.put_u128(value.cast_unsigned()),
        }
        *self.out = output.into_bytes();
    }
}
