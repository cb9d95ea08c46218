//! The states of a release, listed once: for a golden test, and for the bytes that the current library writes.

use typeser::golden::{Golden, Sample, Suite};
use typeser::resolve::Role;
use typeser::value::Value;
use typeser::{Serializer, StateKey, StateType, TypeSerializer};

/// A receiver of a list of states.
pub(crate) trait List: Sized {
    fn value<T: StateType>(self, state: &str, samples: Vec<T>) -> Self;
    fn key<T: StateKey>(self, state: &str, samples: Vec<T>) -> Self;
    fn element<T: StateType>(self, state: &str, samples: Vec<T>) -> Self;
    fn map_key<T: StateKey>(self, state: &str, samples: Vec<T>) -> Self;
    fn retired(self, state: &str, reason: &str) -> Self;
}

impl List for Suite {
    fn value<T: StateType>(self, state: &str, samples: Vec<T>) -> Self {
        Self::value(self, state, samples)
    }

    fn key<T: StateKey>(self, state: &str, samples: Vec<T>) -> Self {
        Self::key(self, state, samples)
    }

    fn element<T: StateType>(self, state: &str, samples: Vec<T>) -> Self {
        Self::element(self, state, samples)
    }

    fn map_key<T: StateKey>(self, state: &str, samples: Vec<T>) -> Self {
        Self::map_key(self, state, samples)
    }

    fn retired(self, state: &str, reason: &str) -> Self {
        Self::retired(self, state, reason)
    }
}

/// The bytes that the current library writes for the states of a release.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) goldens: Vec<Golden>,
}

impl Written {
    fn with<T: StateType>(mut self, state: &str, role: Role, samples: Vec<T>) -> Self {
        let serializer = Serializer::<T>::new().unwrap();
        let snapshot = serializer.snapshot().clone();
        let sample = |value: T| {
            let mut bytes = Vec::new();
            serializer.serialize(&value, &mut bytes).unwrap();
            let value = Some(Value::decode(&snapshot, &bytes).unwrap().to_string());
            Sample { bytes, value, generated: false }
        };
        let samples = samples.into_iter().map(sample).collect();
        self.goldens.push(Golden { state: state.to_owned(), role, snapshot, samples });
        self
    }
}

impl List for Written {
    fn value<T: StateType>(self, state: &str, samples: Vec<T>) -> Self {
        self.with(state, Role::Value, samples)
    }

    fn key<T: StateKey>(self, state: &str, samples: Vec<T>) -> Self {
        self.with(state, Role::Key, samples)
    }

    fn element<T: StateType>(self, state: &str, samples: Vec<T>) -> Self {
        self.with(state, Role::ListElement, samples)
    }

    fn map_key<T: StateKey>(self, state: &str, samples: Vec<T>) -> Self {
        self.with(state, Role::MapKey, samples)
    }

    fn retired(self, _state: &str, _reason: &str) -> Self {
        self
    }
}
