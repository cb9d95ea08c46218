//! Declared states with their types erased, so that an operator can hold them in one list.

use std::any::Any;

use typeser::SerializerSnapshot;
use typeser::migrate::NotAdoptable;
use typeser::schema::Limits;
use typeser::serializer::Conversions;

use super::common::Common;
use super::error::StateError;
use super::link::Link;
use super::meta::{SerializerPart, StateKind};

/// A declared state. A handle gets its types back from the serializers that [`Declared::link`] returns.
pub(crate) trait Declared: Send + Sync {
    fn common(&self) -> &Common;
    fn kind(&self) -> StateKind;
    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot>;
    /// The conversion functions that migrations to a part may need.
    fn conversions(&self, part: SerializerPart) -> Option<&Conversions>;
    /// The serializers for reading and writing; `links` has one entry for each part of the state's kind, in order.
    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable>;

    fn name(&self) -> &str {
        &self.common().name
    }

    /// The name, and those that the state had in earlier releases.
    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        let Common { name, earlier_names, .. } = self.common();
        Box::new(std::iter::once(name).chain(earlier_names).map(String::as_str))
    }

    /// A description for messages, without an article.
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

/// Checks a name: operators and states are found by it, and every reader limits its length.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), StateError> {
    match name.len() {
        0 => Err(StateError::EmptyName { what }),
        length if length > Limits::NAME_BYTES => Err(StateError::NameTooLong { what, length }),
        _ => Ok(()),
    }
}
