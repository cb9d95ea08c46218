//! Declared states without their types, so that an operator can hold them all in one list.

use std::any::Any;

use typeser::SerializerSnapshot;
use typeser::migrate::NotAdoptable;
use typeser::schema::Limits;
use typeser::serializer::Conversions;

use super::common::Common;
use super::error::StateError;
use super::link::Link;
use super::meta::{SerializerPart, StateKind};

/// A declared state. Types come back when a handle asks for the serializers that [`Declared::link`] gives.
pub(crate) trait Declared: Send + Sync {
    fn common(&self) -> &Common;
    fn kind(&self) -> StateKind;
    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot>;
    /// The functions that migrations to a part may need.
    fn conversions(&self, part: SerializerPart) -> Option<&Conversions>;
    /// The serializers to work with from now on; `links` has one for each part of the state's kind, in order.
    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable>;

    fn name(&self) -> &str {
        &self.common().name
    }

    /// In the words of a message, without an article.
    fn describe(&self) -> String {
        let name = |part| self.snapshot(part).map_or("?", SerializerSnapshot::name);
        let kind = self.kind();
        match kind.parts() {
            [] => kind.to_string(),
            [SerializerPart::UserKey, ..] => {
                format!("{kind} from `{}` to `{}`", name(SerializerPart::UserKey), name(SerializerPart::Value))
            }
            _ => format!("{kind} of `{}`", name(SerializerPart::Value)),
        }
    }
}

/// Operators and states are found by name, so each has one, of a length that every reader takes.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), StateError> {
    match name.len() {
        0 => Err(StateError::EmptyName { what }),
        length if length > Limits::NAME_BYTES => Err(StateError::NameTooLong { what, length }),
        _ => Ok(()),
    }
}
