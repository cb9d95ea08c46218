//! New serializers for what is stored, by operator, state and role.

use std::path::PathBuf;

use typeser::resolve::Role;
use typeser::serializer::Conversions;
use typeser::{SerializerSnapshot, TypeSerializer};

/// New serializers for a savepoint. What has none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    pub(crate) targets: Vec<Target>,
}

/// A new serializer and what it is for.
#[derive(Debug, Clone)]
pub struct Target {
    /// The operator's uid; `None` if the savepoint has but one operator.
    pub(crate) operator: Option<String>,
    /// The state; `None` for the keys of the operator.
    pub(crate) state: Option<String>,
    pub(crate) role: Role,
    pub(crate) snapshot: SerializerSnapshot,
    /// The functions of the program that come with it.
    pub(crate) functions: Conversions,
    /// The file that it was read from.
    pub(crate) file: Option<PathBuf>,
}

impl Targets {
    /// None yet: everything stays as it is.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The snapshot for a part of a state: [`Role::Value`] for the value of a value or map state, [`Role::ListElement`]
    /// for the elements of a list, [`Role::MapKey`] for the keys of a map.
    pub fn add(
        &mut self,
        operator: impl Into<String>,
        state: impl Into<String>,
        role: Role,
        snapshot: SerializerSnapshot,
    ) {
        let functions = Conversions::new();
        self.targets.push(Target {
            operator: Some(operator.into()),
            state: Some(state.into()),
            role,
            snapshot,
            functions,
            file: None,
        });
    }

    /// The serializer for a part of a state, with the functions of the program that it brings.
    pub fn add_serializer<S: TypeSerializer>(
        &mut self,
        operator: impl Into<String>,
        state: impl Into<String>,
        role: Role,
        serializer: &S,
    ) {
        self.add(operator, state, role, serializer.snapshot().clone());
        if let Some(target) = self.targets.last_mut() {
            target.functions = serializer.conversions().clone();
        }
    }

    /// The snapshot for the keys of an operator. A migration never moves them; a [re-key](crate::processor::RekeyPlan)
    /// does.
    pub fn add_key(&mut self, operator: impl Into<String>, snapshot: SerializerSnapshot) {
        let (operator, functions) = (Some(operator.into()), Conversions::new());
        self.targets.push(Target { operator, state: None, role: Role::Key, snapshot, functions, file: None });
    }

    /// The serializer for the keys of an operator, with the functions of the program that it brings.
    pub fn add_key_serializer<S: TypeSerializer>(&mut self, operator: impl Into<String>, serializer: &S) {
        self.add_key(operator, serializer.snapshot().clone());
        if let Some(target) = self.targets.last_mut() {
            target.functions = serializer.conversions().clone();
        }
    }

    /// All of them, in the order in which they were added.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The one for this place, the last if there are several.
    pub(crate) fn find(&self, operator: &str, only: bool, state: Option<&str>, role: Role) -> Option<&Target> {
        self.targets.iter().rev().find(|target| target.is_for(operator, only, state, role))
    }
}

impl Target {
    /// The operator's uid; `None` if it is for the only operator of the savepoint.
    #[must_use]
    pub fn operator(&self) -> Option<&str> {
        self.operator.as_deref()
    }

    /// The state; `None` for the keys of the operator.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// What the serializer is used for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The new snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &SerializerSnapshot {
        &self.snapshot
    }

    /// `only`: whether the savepoint has no other operator.
    pub(crate) fn is_for(&self, operator: &str, only: bool, state: Option<&str>, role: Role) -> bool {
        let same = self.operator.as_deref().map_or(only, |named| named == operator);
        same && self.state.as_deref() == state && self.role == role
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.role)?;
        if let Some(state) = &self.state {
            write!(f, " of state `{state}`")?;
        }
        match &self.operator {
            Some(operator) => write!(f, " of operator `{operator}`")?,
            None => write!(f, " of the only operator")?,
        }
        match &self.file {
            Some(file) => write!(f, " ({})", file.display()),
            None => Ok(()),
        }
    }
}
