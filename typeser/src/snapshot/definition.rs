//! A layout in the text and JSON forms: a root expression and definitions, and the graph that they describe.

use super::assemble::Assembled;
use super::conflict::{self, Conflict};
use super::constant::{self, Constant};
use super::declared;
use super::error::ParseSnapshotError;
use super::expression;
use super::graph::{Graph, Reference};
use super::hints::{NodeHints, RootHints, Source};
use super::part::Part;
use super::places::Places;
use super::scan::{At, Position, Scanner};
use super::serializer_snapshot::{Configuration, SerializerSnapshot, SnapshotError};
use crate::schema::{EnumNode, Field, IntegerEncoding, Limits, Node, NodeId, SchemaError, StructNode, Variant};

/// A layout in words.
#[derive(Debug)]
pub(super) struct Definitions {
    pub(super) root: At<String>,
    /// What is declared of the value as a whole.
    pub(super) root_hints: RootHints,
    /// Where the parts of these hints are.
    pub(super) root_places: Places,
    pub(super) types: Vec<Definition>,
}

/// One definition: how expressions refer to it, what it is, and its hints.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) reference: At<String>,
    pub(super) meaning: Meaning,
    pub(super) hints: Option<NodeHints>,
    /// Constants of its hints that are written as values.
    pub(super) constants: Vec<Constant>,
    /// Where its parts are.
    pub(super) places: Places,
}

/// What a definition defines; types are expressions.
#[derive(Debug)]
pub(super) enum Meaning {
    Struct { version: u32, fields: Vec<FieldWords> },
    Enum { version: u32, variants: Vec<VariantWords> },
    Shape(At<String>),
}

#[derive(Debug)]
pub(super) struct VariantWords {
    pub(super) name: String,
    pub(super) tag: u32,
    pub(super) fields: Vec<FieldWords>,
}

#[derive(Debug)]
pub(super) struct FieldWords {
    pub(super) name: String,
    pub(super) expression: At<String>,
}

/// What the header of a snapshot says; what it leaves out is taken from the root.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: Option<String>,
    pub(super) version: Option<u32>,
    pub(super) configuration: Configuration,
    pub(super) read_version: u16,
    /// Where the version of the format is.
    pub(super) read_version_at: Position,
}

/// An assembled layout, and where the definitions of its nodes are.
struct Located {
    parts: Assembled,
    places: AllPlaces,
}

/// Where everything is.
struct AllPlaces {
    root: Position,
    of_root: Places,
    /// For each of the first nodes before assembly, which are those with a definition.
    definitions: Vec<(Position, Places)>,
}

impl Definitions {
    /// The snapshot that these definitions mean under this header.
    ///
    /// `is_ours` says whether typeser wrote the text. Then it may hold constants that are no values: binary snapshots of
    /// version 1 may, and they have a text.
    pub(super) fn snapshot(
        mut self,
        header: Header,
        is_ours: impl FnOnce(&SerializerSnapshot) -> bool,
    ) -> Result<SerializerSnapshot, ParseSnapshotError> {
        let root = std::mem::take(&mut self.root_hints);
        let Located { parts, places } = self.assemble(header.configuration.integers)?;
        let name = header.name.unwrap_or_else(|| parts.name());
        let version = header.version.unwrap_or_else(|| parts.version());
        let snapshot =
            SerializerSnapshot::with_root(name, version, header.configuration, parts.schema, parts.hints, root);
        let located = |conflict| located(conflict, &parts.origins, &places);
        let snapshot = match snapshot {
            Ok(snapshot) => snapshot.with_read_version(header.read_version),
            Err(SnapshotError::Conflict(conflict)) => return Err(located(conflict)),
            Err(error) => return Err(error.into()),
        };
        let beyond = snapshot.beyond_version_1().filter(|_| header.read_version == 1);
        if let Some(part) = beyond {
            let help = format!("version 1 of the format cannot hold {part}; write version 2 here");
            return Err(header.read_version_at.error(help));
        }
        declared::check_functions(&snapshot).map_err(located)?;
        match declared::check_constants(&snapshot) {
            Err(conflict) if header.read_version > 1 || !is_ours(&snapshot) => Err(located(conflict)),
            _ => Ok(snapshot),
        }
    }

    /// The layout that these definitions mean for a function. It has no constants that are written as values.
    pub(super) fn source(self) -> Result<Source, ParseSnapshotError> {
        let Located { parts, places } = self.assemble(IntegerEncoding::Fixed)?;
        let source = Source::new(parts.schema, parts.hints);
        match conflict::check_layout(source.schema(), source.hints()) {
            Ok(()) => Ok(source),
            Err(conflict) => Err(located(conflict, &parts.origins, &places)),
        }
    }

    /// `integers` is the encoding of constants.
    fn assemble(self, integers: IntegerEncoding) -> Result<Located, ParseSnapshotError> {
        let mut graph = Graph::default();
        let mut places = Vec::with_capacity(self.types.len());
        for definition in &self.types {
            let at = definition.reference.at;
            let mut scanner = Scanner::new(&definition.reference.value, at);
            let reference = expression::reference(&mut scanner)?;
            scanner.expect_end()?;
            if matches!(reference, Reference::Shape(_)) != matches!(definition.meaning, Meaning::Shape(_)) {
                return Err(at.error("structs and enums have names, other types are defined as `$1`, `$2`, ..."));
            }
            let id = graph.reserve(at, || at)?;
            if graph.defined.insert(reference.clone(), id).is_some() {
                let help = "a second layout of the same name is written with a number, such as `Item#2`";
                return Err(at.error(format!("`{}` is defined twice; {help}", definition.reference.value)));
            }
            places.push((id, reference));
        }
        let root = graph.expression(&self.root)?;
        let mut hints: Vec<Option<NodeHints>> = vec![None; places.len()];
        let mut origins = Vec::with_capacity(places.len());
        let mut definitions = Vec::with_capacity(places.len());
        let mut constants = Vec::new();
        for (definition, (id, reference)) in self.types.into_iter().zip(places) {
            let at = definition.reference.at;
            let node = graph.meaning(definition.meaning, reference)?;
            if let Some(given) = definition.hints {
                if !given.fits(&node) {
                    return Err(at.error(format!("the hints do not fit a {}", node.kind())));
                }
                hints[id.index()] = Some(given);
            }
            graph.nodes[id.index()] = Some(node);
            if !definition.constants.is_empty() {
                constants.push((id, definition.constants));
            }
            origins.push((id, at, definition.reference.value));
            definitions.push((at, definition.places));
        }
        let nodes: Vec<Node> = graph.nodes.into_iter().flatten().collect();
        if let Some((_, at, name)) = unreachable(&nodes, root, origins) {
            return Err(at.error(format!("`{name}` is defined but not part of the layout; remove it or use it")));
        }
        hints.resize(nodes.len(), None);
        let mut hints: Vec<NodeHints> = hints
            .into_iter()
            .zip(&nodes)
            .map(|(hints, node)| hints.unwrap_or_else(|| NodeHints::empty(node)))
            .collect();
        for (id, constants) in constants {
            constant::fill(&constants, &mut hints[id.index()], id, &nodes, integers)?;
        }
        let parts = Assembled::new(nodes, &hints, root).map_err(|error| placed(error, &graph.places))?;
        let places = AllPlaces { root: self.root.at, of_root: self.root_places, definitions };
        Ok(Located { parts, places })
    }
}

/// A conflict, as an error at the position of the part that has to change.
fn located(conflict: Conflict, origins: &[NodeId], places: &AllPlaces) -> ParseSnapshotError {
    let definition = match conflict.part() {
        Part::RootWas(_) | Part::RootNone | Part::RootConversion(_) => Some((places.root, &places.of_root)),
        _ => {
            let origin = origins.get(conflict.node() as usize);
            let definition = origin.and_then(|origin| places.definitions.get(origin.index()));
            definition.map(|(at, places)| (*at, places))
        }
    };
    match definition {
        Some((at, places)) => places.of(conflict.part()).unwrap_or(at).error(conflict.kind().to_string()),
        None => SnapshotError::from(conflict).into(),
    }
}

/// A violation of the rules for schemas, as an error at its position.
fn placed(error: SchemaError, places: &[Position]) -> ParseSnapshotError {
    let (node, what) = match &error {
        SchemaError::Infinite { node } => (
            node,
            "this type contains itself, so its values would never end; put an `option<..>` or a `list<..>` around it, \
             where it comes again"
                .to_owned(),
        ),
        SchemaError::NonZeroOfNonInteger { node } => {
            (node, "only integers can be `nonzero<..>`, this is none".to_owned())
        }
        SchemaError::UnsortedParameters { node } => {
            (node, "the parameters of a type stand in the order of their names, each once".to_owned())
        }
        SchemaError::NameTooLong { node, length } => {
            (node, format!("a name here has {length} bytes; names may have {}", Limits::NAME_BYTES))
        }
        _ => return error.into(),
    };
    match places.get(*node as usize) {
        Some(place) => place.error(what),
        None => error.into(),
    }
}

/// The first of these definitions that no walk from the root meets.
fn unreachable(
    nodes: &[Node],
    root: NodeId,
    definitions: Vec<(NodeId, Position, String)>,
) -> Option<(NodeId, Position, String)> {
    let mut met = vec![false; nodes.len()];
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if !std::mem::replace(&mut met[id.index()], true) {
            stack.extend(nodes[id.index()].children().filter(|child| !met[child.index()]));
        }
    }
    definitions.into_iter().find(|(id, ..)| !met[id.index()])
}

impl Graph {
    /// The node that an expression means.
    pub(super) fn expression(&mut self, words: &At<String>) -> Result<NodeId, ParseSnapshotError> {
        let mut scanner = Scanner::new(&words.value, words.at);
        let id = expression::parse(&mut scanner, self)?;
        scanner.expect_end()?;
        Ok(id)
    }

    fn meaning(&mut self, meaning: Meaning, reference: Reference) -> Result<Node, ParseSnapshotError> {
        let name = match reference {
            Reference::Named(name, _) => name,
            Reference::Shape(_) => String::new(),
        };
        match meaning {
            Meaning::Struct { version, fields } => {
                Ok(Node::Struct(StructNode { name, version, fields: self.fields(fields)? }))
            }
            Meaning::Enum { version, variants } => {
                let variants = variants
                    .into_iter()
                    .map(|words| Ok(Variant { name: words.name, tag: words.tag, fields: self.fields(words.fields)? }))
                    .collect::<Result<_, ParseSnapshotError>>()?;
                Ok(Node::Enum(EnumNode { name, version, variants }))
            }
            Meaning::Shape(words) => {
                let mut scanner = Scanner::new(&words.value, words.at);
                let node = expression::shape(&mut scanner, self)?;
                scanner.expect_end()?;
                Ok(node)
            }
        }
    }

    fn fields(&mut self, fields: Vec<FieldWords>) -> Result<Vec<Field>, ParseSnapshotError> {
        fields
            .into_iter()
            .map(|words| Ok(Field { node: self.expression(&words.expression)?, name: words.name }))
            .collect()
    }
}
