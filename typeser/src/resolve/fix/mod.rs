//! A fix: what to do about a finding, as data. Its text and its lines of code are written from the data.

mod effects;
mod in_file;
mod text;
mod weight;

pub use self::in_file::FileForm;
pub use super::as_rust::StoredType;
use super::role::Role;
use crate::schema::{IntegerEncoding, NodeId, Primitive};

/// Something to do about a finding: an edit of the new type, or something else that helps.
///
/// A fix is data. [`text`](Self::text) and [`code`](Self::code) write it for people, and a tool can apply it to the
/// snapshot of the new type.
///
/// ```
/// use typeser::resolve::{Fix, Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<Vec<u32>>::new()?, Serializer::<Vec<i32>>::new()?);
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let fixes = &resolution.findings()[0].fixes;
/// assert!(matches!(fixes[0], Fix::KeepType { .. }));
/// assert_eq!(fixes[0].text(), "keep `u32`");
/// assert_eq!(fixes[1].code().as_deref(), Some("i64"));
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fix {
    /// Declare the name under which a type, field or variant was stored: a guess that it was renamed.
    Alias {
        /// The type, field or variant.
        site: Site,
        /// The stored name.
        former: String,
        /// The name that it has now.
        name: String,
        /// The beginning of its declaration in Rust.
        declaration: String,
    },
    /// Declare that a field was removed and its stored values are dropped.
    RemoveField {
        /// The struct or variant.
        site: Site,
        /// Its name.
        owner: String,
        /// The stored field.
        field: String,
        /// Whether an alias names the field too, which has to go.
        aliased: bool,
    },
    /// Declare what the stored values of a removed variant become.
    ReplaceVariant {
        /// The enum.
        site: Site,
        /// Its name.
        owner: String,
        /// The stored variant.
        variant: String,
        /// Whether the stored variant has a payload, which is dropped.
        drops_payload: bool,
    },
    /// Declare the default of a new field.
    Default {
        /// The field.
        site: Site,
        /// Its declaration in Rust.
        declaration: String,
    },
    /// Make a new field an `Option`.
    Optional {
        /// The field.
        site: Site,
        /// Its name.
        field: String,
    },
    /// Declare what a stored `None` becomes.
    NoneValue {
        /// The field.
        site: Site,
        /// Its declaration in Rust.
        declaration: String,
        /// The other fields that need it as well.
        more: Vec<NoneToo>,
    },
    /// Declare a function that converts the stored values of a field.
    Convert {
        /// The field.
        site: Site,
        /// Its declaration in Rust.
        declaration: String,
        /// The stored type of the field.
        stored: NodeId,
        /// That type in Rust.
        from: StoredType,
        /// The other fields that need it as well.
        more: Vec<ConvertToo>,
    },
    /// Declare that a function keeps different values different.
    Injective {
        /// The field.
        site: Site,
        /// Its declaration in Rust.
        declaration: String,
        /// The id of the function.
        function: String,
        /// The type that it reads, in Rust.
        from: StoredType,
    },
    /// Declare that functions for whole values keep different values different.
    InjectiveMigration(Box<InjectiveMigration>),
    /// Keep a field.
    KeepField {
        /// The struct or variant of the new type.
        site: Site,
        /// The stored struct or enum, with the variant and the field.
        stored: Site,
        /// The field.
        field: String,
        /// Its declaration in Rust, if it needs a default: where another stored variant that becomes the same one has
        /// no such field.
        declaration: Option<String>,
    },
    /// Keep a variant.
    KeepVariant {
        /// The enum of the new type.
        site: Site,
        /// The stored enum, with the variant.
        stored: Site,
        /// The variant.
        variant: String,
    },
    /// Keep the stored type at the place of the finding.
    KeepType {
        /// The stored type.
        stored: NodeId,
        /// What is kept.
        kept: Kept,
    },
    /// Keep the stored type as a whole: that of a key, namespace or timer, or of map keys and set elements.
    KeepWhole {
        /// Its name.
        name: String,
        /// What it is used for.
        role: Role,
        /// The integer encoding that wrote it, if the program has another one.
        integers: Option<IntegerEncoding>,
    },
    /// Use a primitive that holds every stored value, at the place of the finding.
    Widen {
        /// The primitive.
        to: Primitive,
    },
    /// Declare a stored type that has the bytes of the type.
    Was {
        /// The type.
        site: Site,
        /// Its name.
        name: String,
        /// The word that declares it.
        word: &'static str,
        /// The stored type.
        stored: NodeId,
        /// That type in Rust.
        from: StoredType,
    },
    /// The same where the value is used, of the value as a whole.
    EarlierType {
        /// The stored type in Rust.
        from: StoredType,
    },
    /// Declare a function where the value is used, which converts the value as a whole.
    ConvertWhole {
        /// The stored type in Rust.
        from: StoredType,
        /// Whether it has to keep different values different.
        injective: bool,
        /// Whether the entries of an operator have to be moved then.
        rekey: bool,
    },
    /// Declare where the value is used that a function keeps different values different.
    InjectiveWhole {
        /// The id of the function.
        function: String,
        /// The type that it reads, in Rust.
        from: StoredType,
    },
    /// Declare what a stored `None` becomes where the value is used, of the value as a whole.
    NoneValueOfWhole,
    /// Declare a function that makes the new value of the whole stored one.
    Migrate(Box<Migrate>),
    /// Declare a function for an older version, beside those for later ones.
    MigrateOlder {
        /// The type.
        site: Site,
        /// The stored type.
        stored: NodeId,
        /// Its version.
        from: u32,
        /// The next version that a function reads.
        next: u32,
        /// The version of the type.
        version: u32,
    },
    /// Let a declared function read exactly the stored layout.
    ReadStoredLayout {
        /// The type.
        site: Site,
        /// The stored type.
        stored: NodeId,
        /// Its version.
        from: u32,
        /// Its name.
        name: String,
        /// The word that declares it.
        word: &'static str,
    },
    /// Let a declared function take any stored value.
    ReadAnyLayout {
        /// The type.
        site: Site,
        /// The stored version.
        from: u32,
    },
    /// Declare that a newtype is stored as its field.
    Transparent {
        /// The newtype.
        site: Site,
        /// Its name.
        name: String,
    },
    /// Give a field or variant another name.
    OtherName {
        /// The field or variant.
        site: Site,
        /// The name that cannot be used.
        name: String,
        /// Whether it is a field that stored values have no value for.
        needs_default: bool,
        /// The beginning of its declaration in Rust.
        declaration: String,
    },
    /// Declare a function that reads an older version of an opaque leaf.
    LeafFunction {
        /// The leaf.
        site: Site,
        /// The stored version.
        from: u32,
    },
    /// Declare that an opaque leaf reads older versions unchanged.
    LeafReads {
        /// The leaf.
        site: Site,
        /// The versions.
        versions: Vec<u32>,
        /// Whether the leaf read them before.
        again: bool,
    },
    /// Move the entries of an operator to where they belong under the new key.
    Rekey {
        /// What the serializer is used for.
        role: Role,
        /// Whether the bytes of the keys stay as they are.
        same_bytes: bool,
        /// What has to be declared first: that functions which make keys are injective.
        promises: Vec<Fix>,
    },
    /// Start without the stored state, under another operator uid.
    OtherUid,
    /// Start the release that wrote the state again, which is newer than this one.
    NewerRelease,
    /// Restore state from before the upgrade to the newer release.
    EarlierState,
    /// Read the state downwards, as the policy may allow.
    ReadDownwards,
    /// Something to decide, which has no form.
    Advice(String),
}

/// A place in a type: the type itself, a variant, a field of a struct, or a field of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site {
    /// The node of the type.
    pub node: NodeId,
    /// The index of the variant.
    pub variant: Option<usize>,
    /// The index of the field.
    pub field: Option<usize>,
}

/// What a fix keeps at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kept {
    /// A type.
    Type(String),
    /// A named type, where another one is now.
    Here(String),
    /// A type; what is new goes into another field.
    Beside(String),
    /// The wrapper around a type, or none.
    Wrapping(String),
    /// A newtype.
    Newtype(String),
    /// The version of an opaque leaf.
    Version {
        /// The version.
        version: u32,
        /// The name of the leaf.
        name: String,
    },
    /// The version of an opaque leaf in keys.
    VersionForKeys(u32),
    /// Something that the rule names.
    AsRule(&'static str),
}

/// A further field with a value for a stored `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoneToo {
    /// The field.
    pub site: Site,
    /// Its name.
    pub field: String,
    /// Its declaration in Rust.
    pub declaration: String,
}

/// A further field to convert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertToo {
    /// The field.
    pub site: Site,
    /// Its name.
    pub field: String,
    /// Its declaration in Rust.
    pub declaration: String,
    /// The stored type of the field.
    pub stored: NodeId,
    /// That type in Rust.
    pub from: StoredType,
}

/// A function to declare for whole values of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrate {
    /// The new type.
    pub site: Site,
    /// The stored type.
    pub stored: NodeId,
    /// The version that the function reads.
    pub from: u32,
    /// The version that the new type has then.
    pub version: u32,
    /// The stored name, if the new type has another one.
    pub alias: Option<String>,
    /// Why the type needs one.
    pub because: MigrateBecause,
    /// The word that declares the new type.
    pub word: &'static str,
    /// The name of the new type.
    pub name: String,
    /// The declaration that keeps the stored type, if it has a name.
    pub kept: Option<String>,
    /// What the function takes.
    pub takes: String,
    /// Whether the type declares other functions already.
    pub has_others: bool,
}

/// A promise to make of functions for whole values of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InjectiveMigration {
    /// The type.
    pub site: Site,
    /// The word that declares the type.
    pub word: &'static str,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// The functions that lack the promise: the version that each reads, and its id.
    pub functions: Vec<(u32, String)>,
    /// Whether the type declares other functions too.
    pub has_others: bool,
}

/// Why a type needs a function for whole values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MigrateBecause {
    /// A part of another kind was stored.
    Kind,
    /// Several stored parts become one.
    Merge,
    /// Fields were removed and others were added, which may hold the same data.
    Fields,
}

impl Site {
    /// A whole type.
    #[must_use]
    pub const fn of_type(node: NodeId) -> Self {
        Self { node, variant: None, field: None }
    }

    /// A variant of the enum here.
    #[must_use]
    pub const fn with_variant(self, variant: usize) -> Self {
        Self { variant: Some(variant), ..self }
    }

    /// A field of the struct or variant here.
    #[must_use]
    pub const fn with_field(self, field: usize) -> Self {
        Self { field: Some(field), ..self }
    }
}

impl Fix {
    /// The name that a field, variant or type has now, where this guesses that it was renamed.
    #[must_use]
    pub fn rename(&self) -> Option<&str> {
        match self {
            Self::Alias { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether this is a guess that needs a look first.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        matches!(self, Self::Alias { .. })
    }
}
