//! The common part of all descriptors: a name, and optionally namespaces and a time to live.

use std::fmt;

use typeser::{Serializer, StateType};

use super::error::StateError;
use super::namespace::DeclaredNamespace;
use super::ttl::TimeToLive;

/// The common part of all declared states.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) name: String,
    /// Names that the state had in earlier releases.
    pub(crate) earlier_names: Vec<String>,
    pub(crate) namespace: Option<DeclaredNamespace>,
    pub(crate) time_to_live: Option<TimeToLive>,
    /// What its types are derived from, if it is internal state.
    pub(crate) derived_from: Option<DerivedFrom>,
}

/// What the types of internal state are derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DerivedFrom {
    /// Such as `input type`.
    pub(crate) from: &'static str,
    /// Such as `window state`.
    pub(crate) state: &'static str,
}

impl DerivedFrom {
    /// Why the types of this state have changed.
    pub(crate) fn cause(self, operator: &str) -> String {
        format!("{} of `{operator}` changed, therefore its {}", self.from, self.state)
    }
}

impl Common {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), earlier_names: Vec::new(), namespace: None, time_to_live: None, derived_from: None }
    }
}

/// The default serializer of a state.
pub(super) fn plain<T: StateType>(state: &str) -> Result<Serializer<T>, StateError> {
    Serializer::new().map_err(|source| StateError::Type { name: state.to_owned(), source })
}

impl fmt::Debug for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Common")
            .field("name", &self.name)
            .field("earlier_names", &self.earlier_names)
            .field("namespace", &self.namespace.as_ref().map(|namespace| namespace.snapshot().name()))
            .field("time_to_live", &self.time_to_live)
            .finish()
    }
}

/// The methods that all descriptors share.
macro_rules! with_common {
    ($descriptor:ty: $($type:ident),+) => {
        impl<$($type),+> $descriptor {
            /// Divides the state of each key by namespaces of this type.
            /// [`set_current_namespace`](crate::keyed::KeyedStateBackend::set_current_namespace) selects one of them.
            ///
            /// # Errors
            /// The type has no snapshot.
            pub fn with_namespace<N: typeser::StateKey>(mut self) -> Result<Self, crate::descriptor::StateError> {
                self.common.namespace = Some(crate::descriptor::namespace::<N>(&self.common.name)?);
                Ok(self)
            }

            /// As `with_namespace`, with a serializer that also declares what namespaces were in earlier releases. Bytes
            /// of namespaces never change, so only
            /// [an earlier type](typeser::Serializer::with_earlier_type) helps.
            #[must_use]
            pub fn with_namespace_serializer<N: typeser::StateKey>(
                mut self,
                namespace: typeser::Serializer<N>,
            ) -> Self {
                self.common.namespace = Some(std::sync::Arc::new(namespace));
                self
            }

            /// Adds a name that the state had in an earlier release, as `alias` does for a field: a stored state of
            /// that name is restored as this one, and has the new name from the next savepoint on. The present name
            /// is looked up first.
            ///
            /// ```
            /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
            /// # let folder = tempfile::tempdir()?;
            /// use typeser_state::backend::MemoryBackend;
            /// use typeser_state::descriptor::ValueStateDescriptor;
            /// use typeser_state::keyed::Operator;
            /// use typeser_state::restore::RestoreOptions;
            /// use typeser_state::savepoint::Savepoint;
            ///
            /// let mut operator = Operator::<String>::new("flights-by-tail")?;
            /// let count = operator.value::<u32>("count")?;
            /// let mut state = operator.open(MemoryBackend::new())?;
            /// state.set_current_key(&"N14228".to_owned())?;
            /// count.update(&mut state, &111)?;
            /// let savepoint = Savepoint::create(folder.path().join("last"))?.operator(&state)?.finish()?;
            ///
            /// let mut operator = Operator::<String>::new("flights-by-tail")?;
            /// let renamed = ValueStateDescriptor::<u32>::new("departures")?.with_earlier_name("count");
            /// let departures = operator.value_state(renamed)?;
            /// let options = RestoreOptions::new();
            /// let mut state = operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ())?;
            /// state.set_current_key(&"N14228".to_owned())?;
            /// assert_eq!(departures.get(&mut state)?, Some(111));
            /// # Ok(())
            /// # }
            /// ```
            #[must_use]
            pub fn with_earlier_name(mut self, name: impl Into<String>) -> Self {
                self.common.earlier_names.push(name.into());
                self
            }

            /// Lets rows of the state expire.
            #[must_use]
            pub fn with_time_to_live(mut self, time_to_live: crate::descriptor::TimeToLive) -> Self {
                self.common.time_to_live = Some(time_to_live);
                self
            }
        }
    };
}

/// The method with which internal state is declared.
macro_rules! with_derived_from {
    ($descriptor:ty: $($type:ident),+) => {
        impl<$($type),+> $descriptor {
            /// Marks the state as internal, with types that are derived from others.
            pub(crate) fn derived_from(mut self, derived_from: crate::descriptor::DerivedFrom) -> Self {
                self.common.derived_from = Some(derived_from);
                self
            }
        }
    };
}

pub(super) use {with_common, with_derived_from};
