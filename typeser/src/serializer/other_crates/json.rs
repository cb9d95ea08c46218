//! `serde_json::Value`: its text, as a logical type over a string.
//!
//! No key: the order of the members of an object is not part of its value.

use serde_json::Value;

use super::no_value;
use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::std_types::decode_str;
use crate::serializer::{Describer, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl StateType for Value {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::JSON, String::describe)
    }

    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_bytes(self.to_string().as_bytes());
        Ok(())
    }

    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        serde_json::from_str(decode_str(from)?)
            .map_err(|error| no_value(at, "serde_json::Value", format!("a text that is not JSON ({error})")))
    }
}
