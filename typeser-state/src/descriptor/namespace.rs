//! Namespaces with their types erased. Namespaces divide the state of a key, as the windows of an aggregation do.

use std::any::Any;
use std::sync::Arc;

use typeser::migrate::{Adopted, NotAdoptable};
use typeser::wire::EncodeError;
use typeser::{Serializer, SerializerSnapshot, StateKey, TypeSerializer};

use super::error::StateError;
use super::link::Link;

/// The namespace type that a state is declared with.
pub(crate) type DeclaredNamespace = Arc<dyn NamespaceType>;

/// A declared namespace type.
pub(crate) trait NamespaceType: Send + Sync {
    fn snapshot(&self) -> &SerializerSnapshot;
    fn link(&self, link: Link<'_>) -> Result<Box<dyn LinkedNamespace>, NotAdoptable>;
}

/// A namespace type whose serializer is linked to the stored bytes.
pub(crate) trait LinkedNamespace: Send + Sync {
    /// Whether both have the same type and write the same bytes.
    fn is_same(&self, other: &dyn LinkedNamespace) -> bool;
    fn snapshot(&self) -> &SerializerSnapshot;
    /// The bytes of a namespace; `None` if it is of another type.
    fn encode(&self, namespace: &dyn Any, to: &mut Vec<u8>) -> Option<Result<(), EncodeError>>;
    /// The [`Adopted`] serializer.
    fn as_any(&self) -> &dyn Any;
}

pub(crate) fn namespace<N: StateKey>(state: &str) -> Result<DeclaredNamespace, StateError> {
    let plain = Serializer::<N>::new();
    Ok(Arc::new(plain.map_err(|source| StateError::Type { name: state.to_owned(), source })?))
}

impl<N: StateKey> NamespaceType for Serializer<N> {
    fn snapshot(&self) -> &SerializerSnapshot {
        TypeSerializer::snapshot(self)
    }

    fn link(&self, link: Link<'_>) -> Result<Box<dyn LinkedNamespace>, NotAdoptable> {
        Ok(Box::new(link.apply(self)?))
    }
}

impl<N: StateKey> LinkedNamespace for Adopted<N> {
    fn is_same(&self, other: &dyn LinkedNamespace) -> bool {
        other.as_any().is::<Self>() && LinkedNamespace::snapshot(self) == other.snapshot()
    }

    fn snapshot(&self) -> &SerializerSnapshot {
        TypeSerializer::snapshot(self)
    }

    fn encode(&self, namespace: &dyn Any, to: &mut Vec<u8>) -> Option<Result<(), EncodeError>> {
        Some(self.serialize(namespace.downcast_ref::<N>()?, to))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
