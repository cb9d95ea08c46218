//! Hints: what the attributes of a type say about other releases. They never change a byte of a value.

use crate::schema::{Node, Schema};

/// What is declared where a whole value is used, such as at a state, whatever the root is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RootHints {
    /// Layouts of other names whose values have the same bytes.
    pub was: Vec<Schema>,
    /// The value where `None` is stored and the root is no option any more.
    pub none: Option<Vec<u8>>,
    /// Functions that convert what is stored.
    pub conversions: Vec<ConversionHint>,
}

/// The hints of one node; empty for most.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum NodeHints {
    /// None.
    #[default]
    None,
    /// Of a struct.
    Struct(StructHints),
    /// Of an enum.
    Enum(EnumHints),
    /// Of an opaque leaf.
    Opaque(OpaqueHints),
}

/// The hints of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct StructHints {
    /// Earlier names of the type.
    pub aliases: Vec<String>,
    /// Layouts of other kinds whose values have the same bytes.
    pub was: Vec<Schema>,
    /// Conversions from whole values of earlier versions.
    pub migrations: Vec<TypeMigration>,
    /// Of its fields.
    pub record: RecordHints,
}

/// The hints of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct EnumHints {
    /// Earlier names of the type.
    pub aliases: Vec<String>,
    /// Layouts of other kinds whose values have the same bytes.
    pub was: Vec<Schema>,
    /// Conversions from whole values of earlier versions.
    pub migrations: Vec<TypeMigration>,
    /// Removed variants.
    pub removed: Vec<RemovedVariant>,
    /// The variant that every removed one without `becomes` turns into.
    pub fallback: Option<String>,
    /// Of each variant, in the order of the node's.
    pub variants: Vec<VariantHints>,
}

/// A removed variant. Its name cannot be reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RemovedVariant {
    /// The declared name.
    pub name: String,
    /// What its values become: the bytes of a value of the enum, under the snapshot's own integer encoding.
    pub becomes: Option<Vec<u8>>,
}

/// The hints of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct VariantHints {
    /// Earlier names of the variant.
    pub aliases: Vec<String>,
    /// Of its payload.
    pub record: RecordHints,
}

/// The hints of the fields of a struct or payload.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RecordHints {
    /// Removed fields. Their names cannot be reused.
    pub removed: Vec<String>,
    /// Of each field, in the order of the node's.
    pub fields: Vec<FieldHints>,
}

/// The hints of a field. Bytes are encoded under the snapshot's own integer encoding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct FieldHints {
    /// Earlier names of the field.
    pub aliases: Vec<String>,
    /// The value where none is stored.
    pub default: Option<Vec<u8>>,
    /// The value where `None` is stored and the field is no option any more.
    pub none: Option<Vec<u8>>,
    /// Functions that convert what is stored.
    pub conversions: Vec<ConversionHint>,
}

/// A function of the program that converts a stored part, named by an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversionHint {
    /// The id under which the program registers the function.
    pub id: String,
    /// Whether different values stay different, as map keys and set elements need.
    pub injective: bool,
    /// The layout that the function reads.
    pub source: Source,
}

/// A function of the program that converts whole values of an earlier version of a type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeMigration {
    /// The version that it reads.
    pub from: u32,
    /// The id under which the program registers the function.
    pub id: String,
    /// Whether different values stay different, as keys, map keys and set elements need.
    pub injective: bool,
    /// Whether the function reads its layout alone, and none that the ordinary rules make that one of: its type declares
    /// functions, which are not listed here.
    pub exact: bool,
    /// The layout that the function reads; `None` if it takes a dynamic value.
    pub source: Option<Source>,
}

/// The hints of an opaque leaf.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct OpaqueHints {
    /// Whether equal values give equal bytes.
    pub canonical: bool,
    /// Earlier versions that it reads unchanged.
    pub reads: Vec<u32>,
    /// Earlier versions that a function of the program converts.
    pub migrates: Vec<OpaqueMigration>,
    /// Earlier names of the serializer.
    pub aliases: Vec<String>,
}

/// A version of an opaque leaf that a function of the program converts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpaqueMigration {
    /// The version that it reads.
    pub from: u32,
    /// The id under which the program registers the function.
    pub id: String,
}

/// The layout that a function reads, with the hints of its type.
///
/// The hints say which other layouts the ordinary rules carry to this one. They name no functions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    schema: Schema,
    /// One set a node, or none at all if none of them says anything: then equal sources are equal values.
    hints: Vec<NodeHints>,
}

impl Source {
    /// A layout and its hints, one set a node.
    #[must_use]
    pub fn new(schema: Schema, hints: Vec<NodeHints>) -> Self {
        let hints = if hints.iter().all(NodeHints::is_empty) { Vec::new() } else { hints };
        Self { schema, hints }
    }

    /// The layout.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The hints, one set a node; none at all if none of them says anything.
    #[must_use]
    pub fn hints(&self) -> &[NodeHints] {
        &self.hints
    }

    pub(super) fn parts(&self) -> (&Schema, &[NodeHints]) {
        (&self.schema, &self.hints)
    }
}

impl From<Schema> for Source {
    fn from(schema: Schema) -> Self {
        Self { schema, hints: Vec::new() }
    }
}

impl NodeHints {
    /// Empty hints of the shape that this node wants.
    #[must_use]
    pub fn empty(node: &Node) -> Self {
        match node {
            Node::Struct(node) => {
                Self::Struct(StructHints { record: RecordHints::empty(node.fields.len()), ..StructHints::default() })
            }
            Node::Enum(node) => Self::Enum(EnumHints {
                variants: node
                    .variants
                    .iter()
                    .map(|variant| VariantHints {
                        aliases: Vec::new(),
                        record: RecordHints::empty(variant.fields.len()),
                    })
                    .collect(),
                ..EnumHints::default()
            }),
            Node::Opaque(_) => Self::Opaque(OpaqueHints::default()),
            _ => Self::None,
        }
    }

    /// Whether these hints have the shape of this node: as many fields and variants.
    #[must_use]
    pub fn fits(&self, node: &Node) -> bool {
        match (self, node) {
            (Self::Struct(hints), Node::Struct(node)) => hints.record.fields.len() == node.fields.len(),
            (Self::Enum(hints), Node::Enum(node)) => {
                hints.variants.len() == node.variants.len()
                    && hints
                        .variants
                        .iter()
                        .zip(&node.variants)
                        .all(|(hints, variant)| hints.record.fields.len() == variant.fields.len())
            }
            (Self::Opaque(_), Node::Opaque(_)) => true,
            (Self::None, node) => !matches!(node, Node::Struct(_) | Node::Enum(_) | Node::Opaque(_)),
            _ => false,
        }
    }

    /// Whether these hints say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::Struct(hints) => {
                hints.aliases.is_empty()
                    && hints.was.is_empty()
                    && hints.migrations.is_empty()
                    && hints.record.is_empty()
            }
            Self::Enum(hints) => {
                hints.aliases.is_empty()
                    && hints.was.is_empty()
                    && hints.migrations.is_empty()
                    && hints.removed.is_empty()
                    && hints.fallback.is_none()
                    && hints.variants.iter().all(VariantHints::is_empty)
            }
            Self::Opaque(hints) => *hints == OpaqueHints::default(),
        }
    }

    /// All names and ids in these hints, also in those of the layouts that functions read.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let mut names = Vec::new();
        self.collect_names(&mut names);
        names.into_iter()
    }

    fn collect_names<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::None => {}
            Self::Struct(hints) => {
                names.extend(hints.aliases.iter().map(String::as_str));
                collect_names_of_migrations(&hints.migrations, names);
                hints.record.collect_names(names);
            }
            Self::Enum(hints) => {
                names.extend(hints.aliases.iter().map(String::as_str));
                collect_names_of_migrations(&hints.migrations, names);
                names.extend(hints.removed.iter().map(|removed| removed.name.as_str()));
                names.extend(hints.fallback.as_deref());
                for variant in &hints.variants {
                    names.extend(variant.aliases.iter().map(String::as_str));
                    variant.record.collect_names(names);
                }
            }
            Self::Opaque(hints) => {
                names.extend(hints.migrates.iter().map(|migration| migration.id.as_str()));
                names.extend(hints.aliases.iter().map(String::as_str));
            }
        }
    }

    /// The functions for whole values that these hints declare.
    #[must_use]
    pub fn migrations(&self) -> &[TypeMigration] {
        match self {
            Self::Struct(hints) => &hints.migrations,
            Self::Enum(hints) => &hints.migrations,
            Self::None | Self::Opaque(_) => &[],
        }
    }

    /// The layouts with the same bytes that the type was before.
    #[must_use]
    pub fn was(&self) -> &[Schema] {
        match self {
            Self::Struct(hints) => &hints.was,
            Self::Enum(hints) => &hints.was,
            Self::None | Self::Opaque(_) => &[],
        }
    }

    /// The hints of the fields: of a struct's, or of those of all variants.
    pub fn fields(&self) -> impl Iterator<Item = &FieldHints> {
        let records: Vec<&RecordHints> = match self {
            Self::Struct(hints) => vec![&hints.record],
            Self::Enum(hints) => hints.variants.iter().map(|variant| &variant.record).collect(),
            Self::None | Self::Opaque(_) => Vec::new(),
        };
        records.into_iter().flat_map(|record| &record.fields)
    }

    /// The layouts that functions of these hints read, each with the id of the function.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        let of_type = self.migrations().iter();
        let of_type = of_type.filter_map(|migration| Some((migration.id.as_str(), migration.source.as_ref()?)));
        let of_fields = self.fields().flat_map(|field| &field.conversions);
        of_type.chain(of_fields.map(|conversion| (conversion.id.as_str(), &conversion.source)))
    }

    /// Whether these hints name functions, or other layouts: what the hints of a source do not hold.
    pub(super) fn has_functions(&self) -> bool {
        let of_leaf = matches!(self, Self::Opaque(hints) if !hints.migrates.is_empty());
        of_leaf
            || !self.was().is_empty()
            || !self.migrations().is_empty()
            || self.fields().any(|field| !field.conversions.is_empty())
    }
}

impl RootHints {
    /// Whether these hints say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.was.is_empty() && self.none.is_none() && self.conversions.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let mut names = Vec::new();
        collect_names_of_conversions(&self.conversions, &mut names);
        names.into_iter()
    }
}

impl VariantHints {
    /// Whether these hints say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.record.is_empty()
    }
}

impl FieldHints {
    /// Whether these hints say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.default.is_none() && self.none.is_none() && self.conversions.is_empty()
    }
}

impl RecordHints {
    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.fields.iter().all(FieldHints::is_empty)
    }

    fn collect_names<'a>(&'a self, names: &mut Vec<&'a str>) {
        names.extend(self.removed.iter().map(String::as_str));
        for field in &self.fields {
            names.extend(field.aliases.iter().map(String::as_str));
            collect_names_of_conversions(&field.conversions, names);
        }
    }

    fn empty(fields: usize) -> Self {
        Self { removed: Vec::new(), fields: vec![FieldHints::default(); fields] }
    }
}

fn collect_names_of_conversions<'a>(conversions: &'a [ConversionHint], names: &mut Vec<&'a str>) {
    for conversion in conversions {
        names.push(&conversion.id);
        conversion.source.hints().iter().for_each(|hints| hints.collect_names(names));
    }
}

fn collect_names_of_migrations<'a>(migrations: &'a [TypeMigration], names: &mut Vec<&'a str>) {
    for migration in migrations {
        names.push(&migration.id);
        let hints = migration.source.iter().flat_map(Source::hints);
        hints.for_each(|hints| hints.collect_names(names));
    }
}
