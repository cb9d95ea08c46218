//! Values of options that several commands share.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use typeser::report::Level;
use typeser::resolve::{Compatibility, Direction, Losses, Reach, Role};

/// What a serializer's values are used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoleChoice(pub(crate) Role);

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VerdictChoice(pub(crate) Compatibility);

/// Which stored data may be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LossesChoice(pub(crate) Losses);

/// A verdict that can be pinned: any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PinChoice(pub(crate) Compatibility);

/// Which way data flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DirectionChoice(pub(crate) Direction);

/// The level of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LevelChoice(pub(crate) Level);

/// Settings by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    /// The newest release reads what older ones wrote.
    Upgrade,
    /// Older releases also read what the newest wrote.
    Rollback,
    /// No upgrade needs a migration.
    NoMigration,
    /// Nothing changes, in either direction.
    Frozen,
}

impl Preset {
    /// Its name in the settings.
    pub(crate) fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// How many releases a check compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReachChoice(pub(crate) Reach);

impl ValueEnum for RoleChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self(Role::Value),
            Self(Role::ListElement),
            Self(Role::Aggregate),
            Self(Role::Key),
            Self(Role::Namespace),
            Self(Role::Timer),
            Self(Role::MapKey),
            Self(Role::SetElement),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (word, help) = match self.0 {
            Role::Value => ("value", "value of a value state, or of an entry of a map state"),
            Role::ListElement => ("element", "element of a list state"),
            Role::Aggregate => ("aggregate", "accumulator of an aggregating, reducing or folding state"),
            Role::Key => ("key", "key of keyed state; never migrated on restore"),
            Role::Namespace => ("namespace", "namespace, such as a window; never migrated on restore"),
            Role::Timer => ("timer", "key or namespace of a timer; never migrated on restore"),
            Role::MapKey => ("map-key", "key of a map state; different keys must stay different"),
            Role::SetElement => ("set-element", "element of a set; different elements must stay different"),
        };
        Some(PossibleValue::new(word).help(help))
    }
}

impl ValueEnum for VerdictChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self(Compatibility::AfterReconfigure),
            Self(Compatibility::RequiresMigration),
            Self(Compatibility::Incompatible),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(word(self.0)))
    }
}

impl ValueEnum for LossesChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(Losses::Declared), Self(Losses::Any)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self.0 {
            Losses::Declared => PossibleValue::new("declared").help("only what the new type declares as removed"),
            Losses::Any => PossibleValue::new("any").help("everything that the new type no longer has"),
        })
    }
}

impl ValueEnum for PinChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self(Compatibility::Compatible),
            Self(Compatibility::AfterReconfigure),
            Self(Compatibility::RequiresMigration),
            Self(Compatibility::Incompatible),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(word(self.0)))
    }
}

impl ValueEnum for DirectionChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(Direction::Backward), Self(Direction::Forward), Self(Direction::Full)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self.0 {
            Direction::Backward => {
                PossibleValue::new("backward").help("the newest release reads what older ones wrote (upgrades)")
            }
            Direction::Forward => {
                PossibleValue::new("forward").help("older releases read what the newest wrote (rollbacks)")
            }
            Direction::Full => PossibleValue::new("full").help("both directions"),
        })
    }
}

impl ValueEnum for ReachChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(Reach::Last), Self(Reach::All)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self.0 {
            Reach::Last => PossibleValue::new("last").help("only the last release"),
            Reach::All => PossibleValue::new("all").help("every recorded release"),
        })
    }
}

impl ValueEnum for LevelChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(Level::Error), Self(Level::Warning), Self(Level::Note)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.word()))
    }
}

/// A verdict as options and JSON name it.
pub(crate) const fn word(verdict: Compatibility) -> &'static str {
    match verdict {
        Compatibility::Compatible => "compatible",
        Compatibility::AfterReconfigure => "after-reconfigure",
        Compatibility::RequiresMigration => "requires-migration",
        Compatibility::Incompatible => "incompatible",
    }
}
