//! The snapshot of a serializer: everything that a later release has to know about the bytes that it wrote.

use std::sync::Arc;

use crate::schema::{Fingerprint, IntegerEncoding, Limits, NodeId, Schema};
use crate::snapshot::NodeHints;
use crate::snapshot::conflict::{self, Conflict};

/// The versioned description of a serializer, stored beside the bytes that it wrote.
///
/// Plain data: two of them suffice to decide whether stored bytes can be migrated, and how. The idea is Flink's
/// `TypeSerializerSnapshot`. Cheap to clone: clones share what they describe.
///
/// ```
/// use typeser::{Serializer, SerializerSnapshot, TypeSerializer};
///
/// let serializer = Serializer::<Vec<u32>>::new()?;
/// let stored = serializer.snapshot().to_bytes()?;
///
/// // Any later program reads it, without the type.
/// let snapshot = SerializerSnapshot::from_bytes(&stored)?;
/// assert_eq!(snapshot.fingerprint(), serializer.snapshot().fingerprint());
/// assert_eq!(snapshot.schema().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SerializerSnapshot {
    description: Arc<Description>,
    /// The version of the format that it was read in, if it was read.
    read_version: Option<u16>,
}

/// What a snapshot says.
#[derive(Debug, Clone)]
struct Description {
    name: String,
    version: u32,
    configuration: Configuration,
    schema: Schema,
    hints: Vec<NodeHints>,
    fingerprint: Fingerprint,
    locations: Vec<Option<Location>>,
    /// Whether an opaque leaf reads earlier versions unchanged.
    reads_earlier: bool,
}

/// What of a serializer can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Configuration {
    /// How integers, lengths and tags are written.
    pub integers: IntegerEncoding,
}

/// Where in the source of this program a type is declared. Kept in the program, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file as the compiler names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// Why parts do not make a snapshot.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Not one set of hints a node.
    #[error("{hints} sets of hints for {nodes} nodes")]
    HintsCount {
        /// How many sets of hints.
        hints: usize,
        /// How many nodes.
        nodes: usize,
    },
    /// Hints of another shape than their node.
    #[error("the hints of node {node} do not fit it: it is a {kind}")]
    HintsShape {
        /// The node.
        node: u32,
        /// What it is.
        kind: &'static str,
    },
    /// More names than hints may hold.
    #[error(
        "the hints weigh {weight}, counting each name and 8; the hints of a snapshot may weigh {}",
        Limits::SCHEMA_WEIGHT
    )]
    TooHeavy {
        /// What they weigh.
        weight: usize,
    },
    /// A name in the hints, or the serializer's own, is too long.
    #[error("`{begin}...` has {length} bytes; names may have {}", Limits::NAME_BYTES)]
    NameTooLong {
        /// How it begins.
        begin: String,
        /// The length in bytes.
        length: usize,
    },
    /// Two things that one node says cannot both be true: a name or tag has two meanings.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

crate::text::debug_as_display!(SnapshotError);

impl SerializerSnapshot {
    /// Puts a snapshot together.
    ///
    /// # Errors
    /// The hints do not fit the schema, hold names that are too long or too many, or a name or tag has two meanings.
    #[doc(hidden)]
    pub fn new(
        name: String,
        version: u32,
        configuration: Configuration,
        schema: Schema,
        hints: Vec<NodeHints>,
    ) -> Result<Self, SnapshotError> {
        if hints.len() != schema.len() {
            return Err(SnapshotError::HintsCount { hints: hints.len(), nodes: schema.len() });
        }
        let misfit = schema.ids().zip(&hints).find(|(id, hints)| !hints.fits(schema.node(*id)));
        if let Some((id, _)) = misfit {
            return Err(SnapshotError::HintsShape { node: id.number(), kind: schema.node(id).kind() });
        }
        let names = std::iter::once(name.as_str()).chain(hints.iter().flat_map(NodeHints::names));
        if let Some((begin, length)) = too_long(names) {
            return Err(SnapshotError::NameTooLong { begin, length });
        }
        let weight =
            hints.iter().flat_map(NodeHints::names).fold(0usize, |weight, name| weight.saturating_add(8 + name.len()));
        if weight > Limits::SCHEMA_WEIGHT {
            return Err(SnapshotError::TooHeavy { weight });
        }
        conflict::check(&schema, &hints)?;
        let fingerprint = schema.fingerprint(configuration.integers);
        let locations = vec![None; schema.len()];
        let reads_earlier =
            hints.iter().any(|hints| matches!(hints, NodeHints::Opaque(hints) if !hints.reads.is_empty()));
        let description =
            Description { name, version, configuration, schema, hints, fingerprint, locations, reads_earlier };
        Ok(Self { description: Arc::new(description), read_version: None })
    }

    /// The serializer's name: that of the type at the root.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// The version that the user declared for the type at the root; 1 if none.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.description.version
    }

    /// What was chosen.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        self.description.configuration
    }

    /// The layout.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.description.schema
    }

    /// The hints, one set a node.
    #[doc(hidden)]
    #[must_use]
    pub fn hints(&self) -> &[NodeHints] {
        &self.description.hints
    }

    /// The fingerprint of layout and configuration. Computed, never read.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.description.fingerprint
    }

    /// Whether an opaque leaf reads earlier versions unchanged: then bytes of several versions may be stored under it.
    pub(crate) fn reads_earlier(&self) -> bool {
        self.description.reads_earlier
    }

    /// The layout and configuration of one part, without hints.
    pub(crate) fn part(&self, node: NodeId) -> Self {
        let (schema, configuration) = (self.schema().part(node), self.configuration());
        let description = Description {
            name: schema.type_name(NodeId::ROOT),
            version: 1,
            configuration,
            hints: schema.nodes().iter().map(NodeHints::empty).collect(),
            fingerprint: schema.fingerprint(configuration.integers),
            locations: vec![None; schema.len()],
            reads_earlier: false,
            schema,
        };
        Self { description: Arc::new(description), read_version: None }
    }

    /// Where the type of a node is declared in this program; `None` for what was read from bytes.
    #[must_use]
    pub fn location(&self, node: NodeId) -> Option<Location> {
        self.description.locations.get(node.index()).copied().flatten()
    }

    /// The version of the format that it was read in; `None` for what was never stored.
    pub(super) fn stored_version(&self) -> Option<u16> {
        self.read_version
    }

    /// The same snapshot, read in this version of the format.
    pub(super) fn with_read_version(self, version: u16) -> Self {
        Self { read_version: Some(version), ..self }
    }

    /// The same snapshot with the places where its types are declared.
    #[must_use]
    pub(crate) fn with_locations(mut self, locations: Vec<Option<Location>>) -> Self {
        let description = Arc::make_mut(&mut self.description);
        description.locations = locations;
        description.locations.resize(description.schema.len(), None);
        self
    }
}

/// How the first name that is too long begins, and how long it is.
fn too_long<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<(String, usize)> {
    let long = names.find(|name| name.len() > Limits::NAME_BYTES)?;
    Some((long.chars().take(32).collect(), long.len()))
}

/// Two snapshots are equal if what is stored of them is.
impl PartialEq for SerializerSnapshot {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (&self.description, &other.description);
        Arc::ptr_eq(one, other)
            || (one.fingerprint == other.fingerprint
                && one.name == other.name
                && one.version == other.version
                && one.configuration == other.configuration
                && one.schema == other.schema
                && one.hints == other.hints)
    }
}

impl Eq for SerializerSnapshot {}
