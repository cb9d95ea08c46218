//! How much text a fix holds, so that the findings of a comparison can be bounded together.

use super::Fix;
use crate::resolve::as_rust::StoredType;

impl Fix {
    /// The bytes of the names and types that can be long, about; names that are not here are short.
    pub(in crate::resolve) fn weight(&self) -> usize {
        /// What a number weighs.
        const NUMBER: usize = 8;
        let stored = |from: &StoredType| from.name.len() + from.kept.iter().map(String::len).sum::<usize>();
        match self {
            Self::Alias { former, name, declaration, .. } => former.len() + name.len() + declaration.len(),
            Self::RemoveField { owner, field, .. } => owner.len() + field.len(),
            Self::ReplaceVariant { owner, variant, .. } => owner.len() + variant.len(),
            Self::Default { declaration, .. } | Self::NoneValue { declaration, .. } => declaration.len(),
            Self::Convert { declaration, from, .. } => declaration.len() + stored(from),
            Self::Injective { declaration, function, from, .. } => declaration.len() + function.len() + stored(from),
            Self::InjectiveWhole { function, from } => function.len() + stored(from),
            Self::InjectiveMigration(promise) => {
                let functions = promise.functions.iter().map(|(_, id)| id.len() + NUMBER);
                promise.name.len() + functions.sum::<usize>()
            }
            Self::KeepField { field, declaration, .. } => field.len() + declaration.as_ref().map_or(0, String::len),
            Self::Optional { field: name, .. }
            | Self::KeepVariant { variant: name, .. }
            | Self::KeepWhole { name, .. }
            | Self::ReadStoredLayout { name, .. }
            | Self::Transparent { name, .. } => name.len(),
            Self::Was { name, from, .. } => name.len() + stored(from),
            Self::EarlierType { from } | Self::ConvertWhole { from, .. } => stored(from),
            Self::Migrate(migrate) => {
                migrate.name.len() + migrate.takes.len() + migrate.kept.as_ref().map_or(0, String::len)
            }
            Self::OtherName { name, declaration, .. } => name.len() + declaration.len(),
            Self::LeafReads { versions, .. } => versions.len() * NUMBER,
            Self::Rekey { promises, .. } => promises.iter().map(Self::weight).sum(),
            Self::KeepType { .. }
            | Self::Widen { .. }
            | Self::NoneValueOfWhole
            | Self::MigrateOlder { .. }
            | Self::ReadAnyLayout { .. }
            | Self::LeafFunction { .. }
            | Self::OtherUid
            | Self::NewerRelease
            | Self::EarlierState
            | Self::ReadDownwards
            | Self::Advice(_) => 0,
        }
    }
}
