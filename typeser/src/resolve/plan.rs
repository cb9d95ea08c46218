//! The plan: how stored bytes become new ones, in terms of shapes, without names and without a schema.
//!
//! The walker writes it beside its findings. Lowering turns it into a program and has no other input, so that a
//! verdict and the bytes that follow from it cannot disagree.

use std::sync::Arc;

use crate::schema::{IntegerEncoding, Node, NodeId, Path, Primitive, Schema, Size};
use crate::snapshot::SerializerSnapshot;

/// The number of a step within its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StepId(pub(crate) u32);

/// The number of a shape within its plan: that of the stored node it was made from, or beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ShapeId(pub(crate) u32);

/// How stored bytes become new ones. Step 0 is the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// What is stored where each step begins.
    pub(crate) origins: Vec<ShapeId>,
    /// Shared with the plans of the readings inside it.
    pub(crate) shapes: Arc<[Shape]>,
    /// How the stored side writes integers.
    pub(crate) from: IntegerEncoding,
    /// How the new side writes integers.
    pub(crate) to: IntegerEncoding,
}

/// What happens to one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing but, perhaps, another integer encoding.
    Same(ShapeId),
    /// Fields move, go and come.
    Record(RecordStep),
    /// A tag, then what belongs to its arm.
    Enum(Vec<Arm>),
    /// One byte, then the value if there is one.
    Option(StepId),
    /// The value, as `Some`.
    Some(StepId),
    /// A length, then the elements. `distinct` says that they are those of a set, `empty` that a new element may take no
    /// bytes.
    List { element: StepId, distinct: bool, empty: bool },
    /// A length, then keys and values. `empty` says that a new key and value may take no bytes.
    Map { key: StepId, value: StepId, empty: bool },
    /// So many elements.
    Array { element: StepId, length: u64, to_list: bool },
    /// A wider primitive.
    Convert { from: Primitive, to: Primitive },
    /// The value in an option, or a declared one.
    Unwrap { some: StepId, none: Arc<[u8]> },
    /// What functions of the program make of it.
    Functions(Arc<FunctionsStep>),
}

/// User functions that convert a part, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionsStep {
    pub(crate) ids: Vec<String>,
    /// What is done before the first one is called, if it does not read what is stored.
    pub(crate) before: Option<Before>,
    /// The stored node of the part, and the first way to it.
    pub(crate) at: NodeId,
    pub(crate) path: Path,
    /// The layouts of the part.
    pub(crate) stored: SerializerSnapshot,
    pub(crate) new: SerializerSnapshot,
}

/// How the rules make of a stored part what a function reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Before {
    pub(crate) plan: Plan,
    /// What the function reads.
    pub(crate) source: SerializerSnapshot,
}

/// The fields of a struct, payload or tuple.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RecordStep {
    /// What is stored, in stored order.
    pub(crate) sources: Vec<ShapeId>,
    /// What is written, in new order.
    pub(crate) targets: Vec<Target>,
}

/// A field that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// From a stored field, by its place.
    From { source: usize, step: StepId },
    /// From a declared constant, shared by all that write it.
    Constant(Arc<[u8]>),
}

/// What happens to the values of a stored variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arm {
    pub(crate) stored_tag: u32,
    pub(crate) action: ArmAction,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArmAction {
    /// They keep their variant, perhaps under another tag.
    Keep { tag: u32, payload: RecordStep },
    /// They are replaced by a declared value.
    Replace { payload: Vec<ShapeId>, value: Arc<[u8]> },
    /// There is no new value for them: the first one stops the migration.
    Refuse { payload: Vec<ShapeId> },
}

/// How stored bytes are walked past: a schema node without names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) kind: ShapeKind,
    /// Under the stored integer encoding.
    pub(crate) size: Size,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ShapeKind {
    Primitive(Primitive),
    NonZero(Primitive),
    /// A `u32` below 1,000,000,000.
    Nanoseconds,
    Record(Vec<ShapeId>),
    Enum(Vec<(u32, Vec<ShapeId>)>),
    Option(ShapeId),
    List(ShapeId),
    Map(ShapeId, ShapeId),
    Array(ShapeId, u64),
    /// A length and as many bytes.
    Framed,
    /// Bytes that nothing says the end of. Never walked: the resolver refuses plans that would have to.
    Unframed,
}

impl Plan {
    pub(crate) fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0 as usize]
    }

    pub(crate) fn origin(&self, id: StepId) -> ShapeId {
        self.origins[id.0 as usize]
    }

    pub(crate) fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }
}

impl ShapeId {
    pub(crate) fn of(node: NodeId) -> Self {
        Self(node.number())
    }
}

impl Step {
    /// The steps that this one is made of.
    pub(crate) fn children(&self) -> Vec<StepId> {
        let of_record = |record: &RecordStep| {
            record
                .targets
                .iter()
                .filter_map(|target| match target {
                    Target::From { step, .. } => Some(*step),
                    Target::Constant(_) => None,
                })
                .collect::<Vec<_>>()
        };
        match self {
            Self::Same(_) | Self::Convert { .. } | Self::Functions(_) => Vec::new(),
            Self::Record(record) => of_record(record),
            Self::Enum(arms) => arms
                .iter()
                .flat_map(|arm| match &arm.action {
                    ArmAction::Keep { payload, .. } => of_record(payload),
                    ArmAction::Replace { .. } | ArmAction::Refuse { .. } => Vec::new(),
                })
                .collect(),
            Self::Option(step) | Self::Some(step) | Self::Unwrap { some: step, .. } => vec![*step],
            Self::List { element, .. } | Self::Array { element, .. } => vec![*element],
            Self::Map { key, value, .. } => vec![*key, *value],
        }
    }
}

impl RecordStep {
    /// Whether this record itself keeps the same bytes in the same order.
    pub(crate) fn keeps_bytes(&self, shapes: &[Shape]) -> bool {
        let is_empty = |shape: &ShapeId| shapes[shape.0 as usize].size == Size::exactly(0);
        let mut kept = self.targets.iter().filter_map(|target| match target {
            Target::From { source, .. } if is_empty(&self.sources[*source]) => None,
            Target::From { source, .. } => Some(Some(*source)),
            Target::Constant(bytes) if bytes.is_empty() => None,
            Target::Constant(_) => Some(None),
        });
        let stored = (0..self.sources.len()).filter(|source| !is_empty(&self.sources[*source]));
        stored.map(Some).eq(kept.by_ref())
    }

    /// Whether the stored fields that are kept are kept in their order.
    pub(crate) fn in_order(&self) -> bool {
        let sources = self.targets.iter().filter_map(|target| match target {
            Target::From { source, .. } => Some(*source),
            Target::Constant(_) => None,
        });
        sources.is_sorted()
    }
}

/// The shapes of all stored nodes, under their numbers, and a few more behind them.
pub(crate) fn shapes_of(stored: &Schema, integers: IntegerEncoding) -> Arc<[Shape]> {
    let sizes = stored.sizes();
    let mut extra = Vec::new();
    let mut shapes: Vec<Shape> = stored
        .nodes()
        .iter()
        .zip(sizes)
        .map(|(node, sizes)| Shape { kind: shape_kind(node, stored, &mut extra), size: sizes.under(integers) })
        .collect();
    let nanoseconds = crate::schema::Sizes::integer(4).under(integers);
    shapes.extend(extra.into_iter().map(|kind| Shape { kind, size: nanoseconds }));
    shapes.into()
}

fn shape_kind(node: &Node, stored: &Schema, extra: &mut Vec<ShapeKind>) -> ShapeKind {
    let fields = |fields: &[crate::schema::Field]| fields.iter().map(|field| ShapeId::of(field.node)).collect();
    match node {
        Node::Primitive(primitive) => ShapeKind::Primitive(*primitive),
        Node::Struct(node) => ShapeKind::Record(fields(&node.fields)),
        Node::Enum(node) => {
            ShapeKind::Enum(node.variants.iter().map(|variant| (variant.tag, fields(&variant.fields))).collect())
        }
        Node::Option(child) => ShapeKind::Option(ShapeId::of(*child)),
        Node::List(child) | Node::Set(child) => ShapeKind::List(ShapeId::of(*child)),
        Node::Map { key, value } => ShapeKind::Map(ShapeId::of(*key), ShapeId::of(*value)),
        Node::Array { element, length } => ShapeKind::Array(ShapeId::of(*element), *length),
        Node::Tuple(elements) => ShapeKind::Record(elements.iter().copied().map(ShapeId::of).collect()),
        Node::NonZero(child) => match stored.node(*child) {
            Node::Primitive(primitive) => ShapeKind::NonZero(*primitive),
            _ => ShapeKind::Record(vec![ShapeId::of(*child)]),
        },
        Node::Logical(logical) => match stored.time_parts(logical) {
            Some([seconds, _]) => {
                let nanoseconds = stored.len() + extra.len();
                extra.push(ShapeKind::Nanoseconds);
                let nanoseconds = ShapeId(u32::try_from(nanoseconds).unwrap_or(u32::MAX));
                ShapeKind::Record(vec![ShapeId::of(seconds), nanoseconds])
            }
            None => ShapeKind::Record(vec![ShapeId::of(logical.representation)]),
        },
        Node::Opaque(opaque) if opaque.framed => ShapeKind::Framed,
        Node::Opaque(_) => ShapeKind::Unframed,
    }
}
