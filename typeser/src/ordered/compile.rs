//! From a layout to its program.

use std::collections::HashMap;

use super::program::{At, Operation, Program, Variants};
use crate::schema::{EnumNode, LogicalNode, Node, NodeId, Primitive, Schema, Size, logical};

/// Why a layout has no ordered form.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{type_name}` has no ordered form: {reason}")]
pub struct NotOrdered {
    /// The part of the layout.
    pub type_name: String,
    /// What it is.
    pub reason: &'static str,
}

crate::text::debug_as_display!(NotOrdered);

/// The logical types whose values compare as their representations do.
const ORDERED: [&str; 16] = [
    logical::DURATION,
    logical::SYSTEM_TIME,
    logical::IPV4_ADDR,
    logical::IPV6_ADDR,
    logical::IP_ADDR,
    logical::SOCKET_ADDR_V4,
    logical::SOCKET_ADDR_V6,
    logical::SOCKET_ADDR,
    logical::RESULT,
    logical::ORDERING,
    logical::UUID,
    logical::DATE,
    logical::TIME,
    logical::DATE_TIME,
    logical::TIMESTAMP,
    logical::SIGNED_DURATION,
];

/// Writes the program of a layout.
pub(super) fn compile(schema: &Schema) -> Result<Program, NotOrdered> {
    let compiler = Compiler { schema, program: Program::default(), known: HashMap::new(), open: Vec::new() };
    compiler.compile()
}

struct Compiler<'a> {
    schema: &'a Schema,
    program: Program,
    /// Where the routines begin that are written.
    known: HashMap<NodeId, At>,
    /// The parts whose routines are still to be written.
    open: Vec<NodeId>,
}

impl Compiler<'_> {
    fn compile(mut self) -> Result<Program, NotOrdered> {
        // Calls name the part until the routines of all parts are known.
        self.open.push(NodeId::ROOT);
        while let Some(id) = self.open.pop() {
            if self.known.contains_key(&id) {
                continue;
            }
            let at = self.program.operations.len();
            self.known.insert(id, at);
            self.program.routines.push((at, id));
            self.routine(id)?;
            self.program.operations.push(Operation::Return);
        }
        for operation in &mut self.program.operations {
            if let Operation::Call(node) = operation {
                let id = NodeId::new(u32::try_from(*node).unwrap_or(u32::MAX));
                *node = self.known.get(&id).copied().unwrap_or_default();
            }
        }
        Ok(self.program)
    }

    fn routine(&mut self, id: NodeId) -> Result<(), NotOrdered> {
        let schema = self.schema;
        match schema.node(id) {
            Node::Struct(node) => self.parts(node.fields.iter().map(|field| field.node)),
            Node::Tuple(elements) => self.parts(elements.iter().copied()),
            Node::Enum(node) => self.variants(node),
            Node::Option(child) => {
                let option = self.push(Operation::Option { none: 0 });
                self.part(*child)?;
                let none = self.program.operations.len();
                self.program.operations[option] = Operation::Option { none };
                Ok(())
            }
            Node::List(element) | Node::Array { element, .. } if self.is_byte(*element) => self.part(id),
            Node::List(element) => {
                let list = Operation::List { empty: self.writes_nothing(*element) };
                self.repeat(list, *element, |end| Operation::Element { end })
            }
            // It writes nothing, however long it is, and its elements have to have an order all the same.
            Node::Array { element, .. } if self.writes_nothing(*element) => {
                self.open.push(*element);
                Ok(())
            }
            Node::Array { element, length } => {
                self.repeat(Operation::Array(*length), *element, |end| Operation::Again { end })
            }
            Node::Primitive(_) | Node::NonZero(_) | Node::Logical(_) | Node::Opaque(_) => self.part(id),
            Node::Set(_) | Node::Map { .. } => Err(self.refused(id, "its order is not defined")),
        }
    }

    fn repeat(&mut self, begin: Operation, element: NodeId, next: impl Fn(At) -> Operation) -> Result<(), NotOrdered> {
        self.push(begin);
        let head = self.push(next(0));
        self.part(element)?;
        self.push(Operation::Jump(head));
        self.program.operations[head] = next(self.program.operations.len());
        Ok(())
    }

    fn variants(&mut self, node: &EnumNode) -> Result<(), NotOrdered> {
        let number = self.program.enums.len();
        let dense = (0u32..).zip(&node.variants).all(|(position, variant)| variant.tag == position);
        let mut tags: Vec<(u32, u32)> = match dense {
            true => Vec::new(),
            false => node.variants.iter().map(|variant| variant.tag).zip(0..).collect(),
        };
        tags.sort_unstable();
        self.program.enums.push(Variants { name: node.name.clone(), arms: Vec::new(), tags });
        self.push(Operation::Enum(number));
        let mut jumps = Vec::with_capacity(node.variants.len());
        for variant in &node.variants {
            let at = self.program.operations.len();
            self.program.enums[number].arms.push((variant.tag, at));
            self.parts(variant.fields.iter().map(|field| field.node))?;
            jumps.push(self.push(Operation::Jump(0)));
        }
        let end = self.program.operations.len();
        for jump in jumps {
            self.program.operations[jump] = Operation::Jump(end);
        }
        Ok(())
    }

    fn parts(&mut self, mut parts: impl Iterator<Item = NodeId>) -> Result<(), NotOrdered> {
        parts.try_for_each(|part| self.part(part))
    }

    /// A part: in place if it is a leaf, else by a call of its routine.
    fn part(&mut self, id: NodeId) -> Result<(), NotOrdered> {
        let operation = match self.schema.node(id) {
            Node::Primitive(primitive) => match primitive {
                Primitive::Unit => return Ok(()),
                Primitive::Bool | Primitive::U8 => return self.bytes(1),
                Primitive::Char => Operation::Char,
                Primitive::String => Operation::Text,
                Primitive::F32 | Primitive::F64 => {
                    return Err(self.refused(id, "0.0 and -0.0 are equal, and not every float has an order"));
                }
                integer => match (integer.is_signed(), integer.width()) {
                    (true, Some(width)) => Operation::Signed(width),
                    (_, width) => Operation::Unsigned(width.unwrap_or_default()),
                },
            },
            // Only integers are nonzero, so this is one level.
            Node::NonZero(child) => return self.inner(*child),
            Node::Logical(node) => {
                self.check_logical(id, node)?;
                return self.inner(node.representation);
            }
            Node::Opaque(_) => return Err(self.refused(id, "typeser does not see what is in it")),
            Node::List(element) if self.is_byte(*element) => Operation::Text,
            Node::Array { element, length } if self.is_byte(*element) => {
                return self.bytes(usize::try_from(*length).unwrap_or(usize::MAX));
            }
            _ if self.writes_nothing(id) => {
                // It writes nothing, and whatever it holds has to have an order all the same.
                self.open.push(id);
                return Ok(());
            }
            _ => {
                self.open.push(id);
                Operation::Call(id.index())
            }
        };
        self.push(operation);
        Ok(())
    }

    /// What stands in for a nonzero or logical node: its child, which may be another logical node.
    fn inner(&mut self, child: NodeId) -> Result<(), NotOrdered> {
        match self.schema.node(child) {
            Node::Logical(_) | Node::NonZero(_) => {
                self.open.push(child);
                self.push(Operation::Call(child.index()));
                Ok(())
            }
            _ => self.part(child),
        }
    }

    fn check_logical(&self, id: NodeId, node: &LogicalNode) -> Result<(), NotOrdered> {
        let offset = node.parameters.iter().any(|(name, value)| name == "zone" && value == "offset");
        if ORDERED.contains(&node.name.as_str()) && !offset {
            return Ok(());
        }
        Err(self.refused(id, "its values do not compare as the bytes do that represent them"))
    }

    fn bytes(&mut self, count: usize) -> Result<(), NotOrdered> {
        self.push(Operation::Bytes(count));
        Ok(())
    }

    fn writes_nothing(&self, id: NodeId) -> bool {
        self.schema.sizes()[id.index()].fixed == Size::exactly(0)
    }

    fn is_byte(&self, id: NodeId) -> bool {
        matches!(self.schema.node(id), Node::Primitive(Primitive::U8))
    }

    fn push(&mut self, operation: Operation) -> At {
        self.program.operations.push(operation);
        self.program.operations.len() - 1
    }

    fn refused(&self, id: NodeId, reason: &'static str) -> NotOrdered {
        NotOrdered { type_name: self.schema.type_name(id), reason }
    }
}
