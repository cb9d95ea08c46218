//! The constants of the new side.

use std::sync::Arc;

use super::walker::Walker;
use crate::resolve::plan::StepId;
use crate::resolve::rules;
use crate::schema::{IntegerEncoding, NodeId, PathSegment};
use crate::wire::{Fixed, Reader, Variable, validate};

impl<'a> Walker<'a> {
    /// The tag with which a constant of the new side begins.
    pub(super) fn tag_of(&self, value: &[u8]) -> Option<u32> {
        match self.new.configuration().integers {
            IntegerEncoding::Fixed => Reader::<Fixed>::new(value).take_tag().ok(),
            IntegerEncoding::Variable => Reader::<Variable>::new(value).take_tag().ok(),
        }
    }

    /// A constant of the new side, if it is a value of its type. A derive never writes another.
    ///
    /// It is validated and copied once, however many stored types it fills fields of.
    pub(super) fn constant(
        &mut self,
        id: StepId,
        node: NodeId,
        bytes: &'a [u8],
        what: &str,
        path: &[PathSegment],
    ) -> Option<Arc<[u8]>> {
        let (schema, integers) = (self.new.schema(), self.new.configuration().integers);
        // The snapshot is borrowed for as long as the walk lasts, so that a place in it is a name for these bytes.
        let checked = self.constants.entry((node, bytes.as_ptr(), bytes.len())).or_insert_with(|| {
            validate(schema, node, integers, bytes)
                .map(|()| Arc::from(bytes))
                .map_err(|error| format!("at its byte {}, {}", error.offset(), error.kind()))
        });
        match checked {
            Ok(bytes) => Some(Arc::clone(bytes)),
            Err(error) => {
                let name = schema.type_name(node);
                let detail = format!("{what} is not a value of `{name}`: {error}");
                self.find(&rules::CONSTANT_MALFORMED, id, path, detail, vec![]);
                None
            }
        }
    }
}
