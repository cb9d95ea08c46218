//! The snapshot of a serializer: everything that a later release has to know about the bytes that it wrote.

use std::sync::Arc;

use crate::schema::{Fingerprint, IntegerEncoding, Limits, NodeId, Schema};
use crate::snapshot::conflict::{self, Conflict};
use crate::snapshot::{NodeHints, RootHints, Source};

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
    root: RootHints,
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
    /// Whether stored bytes compare in the order of the values: what is stored is then the ordered form of the fixed
    /// encoding.
    pub ordered: bool,
}

impl From<IntegerEncoding> for Configuration {
    fn from(integers: IntegerEncoding) -> Self {
        Self { integers, ordered: false }
    }
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
    /// The hints of a layout that a function reads do not fit it, or name functions.
    #[error("node {node}: the hints of the layout that `{id}` reads do not fit it, or name functions")]
    SourceHints {
        /// The node whose function it is.
        node: u32,
        /// The id of the function.
        id: String,
    },
    /// Only the fixed encoding has an ordered form.
    #[error("ordered bytes have fixed integers, these are variable")]
    OrderedVariable,
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
        Self::with_root(name, version, configuration, schema, hints, RootHints::default())
    }

    /// Puts a snapshot together that also declares something of its values as a whole.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    #[doc(hidden)]
    pub fn with_root(
        name: String,
        version: u32,
        configuration: Configuration,
        schema: Schema,
        hints: Vec<NodeHints>,
        root: RootHints,
    ) -> Result<Self, SnapshotError> {
        if configuration.ordered && configuration.integers != IntegerEncoding::Fixed {
            return Err(SnapshotError::OrderedVariable);
        }
        if hints.len() != schema.len() {
            return Err(SnapshotError::HintsCount { hints: hints.len(), nodes: schema.len() });
        }
        let misfit = schema.ids().zip(&hints).find(|(id, hints)| !hints.fits(schema.node(*id)));
        if let Some((id, _)) = misfit {
            return Err(SnapshotError::HintsShape { node: id.number(), kind: schema.node(id).kind() });
        }
        check_sources(&root, &hints)?;
        let hinted = || root.names().chain(hints.iter().flat_map(NodeHints::names));
        if let Some((begin, length)) = too_long(std::iter::once(name.as_str()).chain(hinted())) {
            return Err(SnapshotError::NameTooLong { begin, length });
        }
        let weight = hinted().fold(0usize, |weight, name| weight.saturating_add(8 + name.len()));
        if weight > Limits::SCHEMA_WEIGHT {
            return Err(SnapshotError::TooHeavy { weight });
        }
        conflict::check(&schema, &hints, &root)?;
        let fingerprint = match configuration.ordered {
            true => schema.ordered_fingerprint(),
            false => schema.fingerprint(configuration.integers),
        };
        let locations = vec![None; schema.len()];
        let reads_earlier =
            hints.iter().any(|hints| matches!(hints, NodeHints::Opaque(hints) if !hints.reads.is_empty()));
        let description =
            Description { name, version, configuration, schema, root, hints, fingerprint, locations, reads_earlier };
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

    /// The snapshot of the same serializer, of which the [ordered form](crate::ordered) is stored.
    ///
    /// ```
    /// use typeser::{Serializer, TypeSerializer};
    ///
    /// let snapshot = Serializer::<(u8, String)>::new()?.snapshot().in_order()?;
    /// assert!(snapshot.configuration().ordered);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The integers are variable: only the fixed encoding has an ordered form.
    pub fn in_order(&self) -> Result<Self, SnapshotError> {
        if self.configuration().integers != IntegerEncoding::Fixed {
            return Err(SnapshotError::OrderedVariable);
        }
        let mut ordered = self.clone();
        let description = Arc::make_mut(&mut ordered.description);
        description.configuration.ordered = true;
        description.fingerprint = description.schema.ordered_fingerprint();
        Ok(ordered)
    }

    /// The snapshot of the same layout under an integer encoding, with other declarations.
    pub(crate) fn redeclared(
        &self,
        integers: IntegerEncoding,
        hints: Vec<NodeHints>,
        root: RootHints,
    ) -> Result<Self, SnapshotError> {
        let Description { name, version, schema, locations, .. } = &*self.description;
        let mut redeclared = Self::with_root(name.clone(), *version, integers.into(), schema.clone(), hints, root)?;
        Arc::make_mut(&mut redeclared.description).locations.clone_from(locations);
        Ok(redeclared)
    }

    /// The layout.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.description.schema
    }

    /// What is declared of the values as a whole.
    #[doc(hidden)]
    #[must_use]
    pub fn root_hints(&self) -> &RootHints {
        &self.description.root
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

    /// The layout and integer encoding of one part, without hints. The ordered form is one of whole values.
    pub(crate) fn part(&self, node: NodeId) -> Self {
        Self::of_layout(self.schema().part(node), self.configuration().integers)
    }

    /// The snapshot of a layout without hints.
    pub(crate) fn of_layout(schema: Schema, integers: IntegerEncoding) -> Self {
        let description = Description {
            name: schema.type_name(NodeId::ROOT),
            version: 1,
            configuration: Configuration::from(integers),
            root: RootHints::default(),
            hints: schema.nodes().iter().map(NodeHints::empty).collect(),
            fingerprint: schema.fingerprint(integers),
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

/// Checks that the hints of the layouts that functions read fit them, and name no functions.
fn check_sources(root: &RootHints, hints: &[NodeHints]) -> Result<(), SnapshotError> {
    let misfit = |source: &Source| {
        let (nodes, hints) = (source.schema().nodes(), source.hints());
        let fits = hints.is_empty()
            || hints.len() == nodes.len()
                && nodes.iter().zip(hints).all(|(node, hints)| hints.fits(node) && !hints.has_functions());
        !fits
    };
    let of_root = root.conversions.iter().map(|conversion| (0, conversion.id.as_str(), &conversion.source));
    let of_nodes =
        (0u32..).zip(hints).flat_map(|(node, hints)| hints.sources().map(move |(id, source)| (node, id, source)));
    match of_root.chain(of_nodes).find(|(.., source)| misfit(source)) {
        Some((node, id, _)) => Err(SnapshotError::SourceHints { node, id: id.to_owned() }),
        None => Ok(()),
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
                && one.root == other.root
                && one.hints == other.hints)
    }
}

impl Eq for SerializerSnapshot {}
