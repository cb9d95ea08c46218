//! What is declared where a value is used, such as at a state: what the whole value was in earlier releases. That works
//! for every type, also for those that are not the program's, such as maps and tuples.

use super::codec;
use super::conversions::{Conversions, FieldSource, Outcome, link_field};
use super::describe::{self, has_bytes, layout_of};
use super::describe_error::DescribeError;
use super::plain::Serializer;
use super::state_type::StateType;
use super::type_serializer::TypeSerializer;
use crate::schema::{IntegerEncoding, NodeId};
use crate::snapshot::{ConversionHint, RootHints, SerializerSnapshot, SnapshotError};
use crate::wire::{Fixed, Variable};

impl<T: StateType> Serializer<T> {
    /// Declares a function that makes a value of a stored `A`, which was the whole value in an earlier release. Bytes of
    /// other layouts are read by the rules, as before.
    ///
    /// `id` names the function in snapshots, so it must not change; it must differ from the ids of the other functions
    /// of the program. On a type of the program, write `migrate(1 => path)` on the type instead: that holds for all
    /// states at once.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use typeser::migrate::{Scratch, Trust};
    /// use typeser::resolve::{Policy, Role};
    /// use typeser::{Serializer, TypeSerializer, resolve};
    ///
    /// // Version 1 of the program stored a list of names, version 2 counts each of them.
    /// fn counted(names: Vec<String>) -> HashMap<String, u32> {
    ///     names.into_iter().fold(HashMap::new(), |mut counts, name| {
    ///         *counts.entry(name).or_default() += 1;
    ///         counts
    ///     })
    /// }
    /// let stored = Serializer::<Vec<String>>::new()?;
    /// let new = Serializer::<HashMap<String, u32>>::new()?.with_conversion("counted", counted)?;
    /// let mut bytes = Vec::new();
    /// stored.serialize(&vec!["a".to_owned(), "b".to_owned(), "a".to_owned()], &mut bytes)?;
    ///
    /// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    /// let mut migrated = Vec::new();
    /// let migration = resolution.migration(new.conversions())?;
    /// migration.run(&bytes, Trust::Verified, &mut Scratch::default(), &mut migrated)?;
    /// assert_eq!(new.deserialize(&migrated)?["a"], 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The function reads the layout that the value has now, or one that is declared already.
    pub fn with_conversion<A, R, F>(self, id: impl Into<String>, function: F) -> Result<Self, DescribeError>
    where
        A: FieldSource,
        R: Outcome<T> + 'static,
        F: Fn(A) -> R + Send + Sync + 'static,
    {
        self.converting::<A, R, F>(id.into(), false, function)
    }

    /// As [`with_conversion`](Self::with_conversion), for a function that gives different values for different ones.
    /// Map keys need that, and keys of operators that are re-keyed.
    ///
    /// ```
    /// use typeser::resolve::{Compatibility, Policy, Role};
    /// use typeser::{Serializer, TypeSerializer, resolve};
    ///
    /// let stored = Serializer::<u32>::new()?;
    /// let new = Serializer::<String>::new()?.with_injective_conversion("spelled", |id: u32| id.to_string())?;
    /// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::MapKey, &Policy::default());
    /// assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
    /// # Ok::<(), typeser::serializer::DescribeError>(())
    /// ```
    ///
    /// # Errors
    /// As [`with_conversion`](Self::with_conversion).
    pub fn with_injective_conversion<A, R, F>(self, id: impl Into<String>, function: F) -> Result<Self, DescribeError>
    where
        A: FieldSource,
        R: Outcome<T> + 'static,
        F: Fn(A) -> R + Send + Sync + 'static,
    {
        self.converting::<A, R, F>(id.into(), true, function)
    }

    /// Declares that the whole value was a `W` in an earlier release, whose bytes are the same: they are read as they
    /// are, and nothing is rewritten. On a type of the program, write `was = W` on the type instead.
    ///
    /// ```
    /// use typeser::resolve::{Compatibility, Policy, Role};
    /// use typeser::{Serializer, StateType, TypeSerializer, resolve};
    /// # #[cfg(feature = "derive")] {
    /// #[derive(StateType)]
    /// struct Window { start: i64, end: i64 }
    ///
    /// let stored = Serializer::<Window>::new()?;
    /// let new = Serializer::<(i64, i64)>::new()?.with_earlier_type::<Window>()?;
    /// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Namespace, &Policy::default());
    /// assert_eq!(resolution.compatibility(), Compatibility::Compatible);
    /// # }
    /// # Ok::<(), typeser::serializer::DescribeError>(())
    /// ```
    ///
    /// # Errors
    /// A `W` has other bytes, is what the value is now, or is declared already.
    pub fn with_earlier_type<W: StateType>(self) -> Result<Self, DescribeError> {
        let mut root = self.snapshot().root_hints().clone();
        root.was.push(layout_of::<W>()?);
        let conversions = self.conversions().clone();
        self.declaring(root, conversions)
    }

    /// Declares what a stored `None` becomes, where the whole value was an `Option` in an earlier release.
    ///
    /// ```
    /// use typeser::resolve::{Compatibility, Policy, Role};
    /// use typeser::{Serializer, TypeSerializer, resolve};
    ///
    /// let stored = Serializer::<Option<u64>>::new()?;
    /// let new = Serializer::<u64>::new()?.with_none_value(&0)?;
    /// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    /// assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
    /// # Ok::<(), typeser::serializer::DescribeError>(())
    /// ```
    ///
    /// # Errors
    /// The value has no stored form.
    pub fn with_none_value(self, value: &T) -> Result<Self, DescribeError> {
        let none = Some(self.constant(self.snapshot().configuration().integers, value)?);
        let root = RootHints { none, ..self.snapshot().root_hints().clone() };
        let conversions = self.conversions().clone();
        self.declaring(root, conversions)
    }

    /// The same serializer under an integer encoding.
    ///
    /// # Errors
    /// As [`with_earlier_type`](Self::with_earlier_type): bytes that are the same in one encoding may differ in another.
    #[doc(hidden)]
    pub fn under(&self, integers: IntegerEncoding) -> Result<Self, DescribeError> {
        let before = self.snapshot().configuration().integers;
        if before == integers {
            return Ok(self.clone());
        }
        let mut root = self.snapshot().root_hints().clone();
        if let Some(bytes) = &root.none {
            let value = match before {
                IntegerEncoding::Fixed => codec::decode_bytes::<T, Fixed>(bytes),
                IntegerEncoding::Variable => codec::decode_bytes::<T, Variable>(bytes),
            };
            // What was just encoded is read back, unless the type breaks that law.
            root.none = value.ok().map(|value| self.constant(integers, &value)).transpose()?;
        }
        Self::with_integers(integers)?.declaring(root, self.conversions().clone())
    }

    fn constant(&self, integers: IntegerEncoding, value: &T) -> Result<Vec<u8>, DescribeError> {
        describe::constant(integers, value).map_err(|source| DescribeError::Constant {
            attribute: "none value",
            type_name: self.snapshot().name().to_owned(),
            part: String::from("value"),
            source,
        })
    }

    fn converting<A, R, F>(self, id: String, injective: bool, function: F) -> Result<Self, DescribeError>
    where
        A: FieldSource,
        R: Outcome<T> + 'static,
        F: Fn(A) -> R + Send + Sync + 'static,
    {
        let link = link_field::<A, T, R, F>(function);
        let mut root = self.snapshot().root_hints().clone();
        let mut conversions: Conversions = self.conversions().clone();
        let id = conversions.add(id, link.function);
        if let Some(read) = (link.source)(self.snapshot().configuration().integers).transpose()? {
            // The whole value is recognised by its layout alone.
            root.conversions.push(ConversionHint { id, injective, source: read.source.schema().clone().into() });
        }
        self.declaring(root, conversions)
    }

    /// The same serializer with other declarations of the whole value.
    fn declaring(&self, root: RootHints, conversions: Conversions) -> Result<Self, DescribeError> {
        let snapshot = self.snapshot();
        let integers = snapshot.configuration().integers;
        let now = (snapshot.schema(), NodeId::ROOT);
        if let Some(was) = root.was.iter().find(|was| !has_bytes((was, NodeId::ROOT), now, integers)) {
            let (type_name, was) = (snapshot.schema().type_name(NodeId::ROOT), was.type_name(NodeId::ROOT));
            return Err(DescribeError::WasOtherBytes { type_name, was });
        }
        let refused = |source| DescribeError::Snapshot { type_name: std::any::type_name::<T>(), source };
        let declared = SerializerSnapshot::with_root(
            snapshot.name().to_owned(),
            snapshot.version(),
            snapshot.configuration(),
            snapshot.schema().clone(),
            snapshot.hints().to_vec(),
            root,
        );
        let declared = declared.map_err(refused)?;
        declared.check_declared().map_err(|conflict| refused(SnapshotError::from(conflict)))?;
        let locations = snapshot.schema().ids().map(|node| snapshot.location(node)).collect();
        Ok(Self::of(declared.with_locations(locations), conversions))
    }
}
