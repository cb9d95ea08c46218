//! What a fix brings: findings that take the place of the one that it repairs, and data that it gives up.

use super::{Fix, Site};
use crate::resolve::role::Zone;
use crate::resolve::rules::ids;

impl Fix {
    /// The rules whose findings may take the place of the repaired one. None of them is incompatible.
    #[must_use]
    pub fn brings(&self) -> &'static [&'static str] {
        match self {
            Self::Alias { .. } => &[
                ids::TYPE_RENAMED,
                ids::FIELD_RENAMED,
                ids::VARIANT_RENAMED,
                ids::FIELDS_REORDERED,
                ids::VARIANTS_REORDERED,
                ids::OPAQUE_NOT_CHECKED,
            ],
            Self::RemoveField { .. } => &[ids::FIELD_REMOVED],
            Self::ReplaceVariant { .. } => &[ids::VARIANT_REMOVED, ids::VARIANT_REPLACED],
            Self::Default { .. } => &[ids::FIELD_ADDED],
            // Another stored type that becomes the same new one may have had the field.
            Self::Optional { .. } => &[ids::OPTION_FIELD_ADDED, ids::WRAPPED_IN_OPTION],
            Self::NoneValue { .. } => &[ids::NONE_REPLACED],
            Self::Convert { .. } => &[ids::FIELD_CONVERTED],
            Self::Injective { .. } | Self::InjectiveWhole { .. } => &[ids::FIELD_CONVERTED_ONE_TO_ONE],
            Self::InjectiveMigration(_) => &[ids::TYPE_MIGRATED_ONE_TO_ONE],
            Self::KeepField { .. } => &[ids::FIELDS_REORDERED, ids::FIELD_ADDED],
            Self::KeepVariant { .. } => &[ids::VARIANTS_REORDERED],
            Self::Was { .. } | Self::EarlierType { .. } => &[ids::SAME_BYTES_DECLARED],
            Self::ConvertWhole { .. } => &[ids::FIELD_CONVERTED, ids::FIELD_CONVERTED_ONE_TO_ONE],
            Self::NoneValueOfWhole => &[ids::NONE_REPLACED],
            Self::Widen { .. } => &[ids::INTEGER_WIDENED, ids::INTEGER_TO_FLOAT, ids::FLOAT_WIDENED],
            Self::Migrate(_)
            | Self::MigrateOlder { .. }
            | Self::ReadStoredLayout { .. }
            | Self::ReadAnyLayout { .. } => &[ids::TYPE_MIGRATED, ids::TYPE_RENAMED],
            Self::OtherName { .. } => &[
                ids::FIELD_ADDED,
                ids::OPTION_FIELD_ADDED,
                ids::FIELD_RENAMED,
                ids::VARIANT_ADDED,
                ids::VARIANT_RENAMED,
                ids::VARIANTS_REORDERED,
            ],
            Self::LeafFunction { .. } => &[ids::OPAQUE_MIGRATED],
            Self::LeafReads { .. } => &[ids::OPAQUE_READ_AS_IS, ids::OPAQUE_NOT_CHECKED],
            // What is in an opaque leaf is not compared, wherever it is kept.
            Self::KeepType { .. } | Self::KeepWhole { .. } => &[ids::OPAQUE_NOT_CHECKED],
            Self::Transparent { .. }
            | Self::Rekey { .. }
            | Self::OtherUid
            | Self::NewerRelease
            | Self::EarlierState
            | Self::ReadDownwards
            | Self::Advice(_) => &[],
        }
    }

    /// Whether parts below the finding are compared once it is repaired, which may have findings of their own.
    #[must_use]
    pub fn uncovers(&self) -> bool {
        matches!(
            self,
            Self::Alias { .. }
                | Self::NoneValue { .. }
                | Self::NoneValueOfWhole
                | Self::ConvertWhole { .. }
                | Self::KeepField { .. }
                | Self::KeepVariant { .. }
                | Self::KeepType { .. }
                | Self::KeepWhole { .. }
                | Self::Widen { .. }
                | Self::Transparent { .. }
                | Self::OtherName { .. }
        )
    }

    /// Whether a place in this zone allows what the fix changes: bytes of keys must not change, and different map keys
    /// and set elements must stay different.
    pub(in crate::resolve) fn allowed_in(&self, zone: Zone) -> bool {
        match self {
            Self::RemoveField { .. }
            | Self::ReplaceVariant { .. }
            | Self::NoneValue { .. }
            | Self::NoneValueOfWhole
            | Self::Migrate(_)
            | Self::MigrateOlder { .. }
            | Self::ReadStoredLayout { .. }
            | Self::ReadAnyLayout { .. }
            | Self::LeafFunction { .. }
            | Self::LeafReads { again: false, .. } => zone == Zone::Free,
            Self::Default { .. } | Self::Optional { .. } | Self::OtherName { .. } | Self::Widen { .. } => {
                zone != Zone::Fixed
            }
            _ => true,
        }
    }

    /// The part of the new type that it edits, if it edits a part that has a name.
    pub(in crate::resolve) fn site(&self) -> Option<Site> {
        match self {
            Self::Alias { site, .. }
            | Self::RemoveField { site, .. }
            | Self::ReplaceVariant { site, .. }
            | Self::Default { site, .. }
            | Self::Optional { site, .. }
            | Self::NoneValue { site, .. }
            | Self::Convert { site, .. }
            | Self::Injective { site, .. }
            | Self::KeepField { site, .. }
            | Self::KeepVariant { site, .. }
            | Self::MigrateOlder { site, .. }
            | Self::ReadStoredLayout { site, .. }
            | Self::ReadAnyLayout { site, .. }
            | Self::Was { site, .. }
            | Self::Transparent { site, .. }
            | Self::OtherName { site, .. }
            | Self::LeafFunction { site, .. }
            | Self::LeafReads { site, .. } => Some(*site),
            Self::Migrate(migrate) => Some(migrate.site),
            Self::InjectiveMigration(promise) => Some(promise.site),
            Self::KeepType { .. }
            | Self::KeepWhole { .. }
            | Self::Widen { .. }
            | Self::EarlierType { .. }
            | Self::ConvertWhole { .. }
            | Self::InjectiveWhole { .. }
            | Self::NoneValueOfWhole
            | Self::Rekey { .. }
            | Self::OtherUid
            | Self::NewerRelease
            | Self::EarlierState
            | Self::ReadDownwards
            | Self::Advice(_) => None,
        }
    }

    /// Whether it keeps what was stored, and so takes the change back.
    pub(in crate::resolve) fn is_keep(&self) -> bool {
        matches!(
            self,
            Self::KeepField { .. } | Self::KeepVariant { .. } | Self::KeepType { .. } | Self::KeepWhole { .. }
        )
    }

    /// The stored field or variant whose data the fix gives up, which its text names.
    #[must_use]
    pub fn gives_up(&self) -> Option<&str> {
        match self {
            Self::RemoveField { field, .. } => Some(field),
            Self::ReplaceVariant { variant, .. } => Some(variant),
            _ => None,
        }
    }
}
