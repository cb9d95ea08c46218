//! The snapshot of a type under the other integer encoding: the constants that it declares are written again.

use super::tree::Value;
use crate::schema::{Field, IntegerEncoding, Node, NodeId, Schema};
use crate::serializer::{DescribeError, has_bytes};
use crate::snapshot::{ConversionHint, NodeHints, RecordHints, SerializerSnapshot, Source};
use crate::wire::EncodeError;

impl SerializerSnapshot {
    /// The snapshot that the same serializer has under an integer encoding.
    ///
    /// # Errors
    /// Those of describing the type under it: a layout that the type was before may have the same bytes in one encoding
    /// only. Or a constant is no value of its layout.
    #[doc(hidden)]
    pub fn under(&self, integers: IntegerEncoding) -> Result<Self, DescribeError> {
        let before = self.configuration().integers;
        if before == integers {
            return Ok(self.clone());
        }
        let (mut root, mut hints) = (self.root_hints().clone(), self.hints().to_vec());
        let rewriter = Rewriter { schema: self.schema(), before, integers };
        rewriter.check_was(NodeId::ROOT, &root.was)?;
        rewriter.constant("none value", NodeId::ROOT, "value", &mut root.none)?;
        rewriter.conversions(&mut root.conversions)?;
        rewriter.nodes(&mut hints)?;
        let refused = |source| DescribeError::Snapshot { type_name: "a recorded type", source };
        self.redeclared(integers, hints, root).map_err(refused)
    }
}

/// Writes the constants of a layout under another integer encoding.
#[derive(Clone, Copy)]
struct Rewriter<'a> {
    schema: &'a Schema,
    before: IntegerEncoding,
    integers: IntegerEncoding,
}

impl Rewriter<'_> {
    fn nodes(self, hints: &mut [NodeHints]) -> Result<(), DescribeError> {
        self.schema.ids().zip(hints).try_for_each(|(id, hints)| self.node(id, hints))
    }

    fn node(self, id: NodeId, hints: &mut NodeHints) -> Result<(), DescribeError> {
        self.check_was(id, hints.was())?;
        let migrations = match (self.schema.node(id), hints) {
            (Node::Struct(node), NodeHints::Struct(hints)) => {
                self.record(&node.fields, &mut hints.record)?;
                &mut hints.migrations
            }
            (Node::Enum(node), NodeHints::Enum(hints)) => {
                for (variant, hints) in node.variants.iter().zip(&mut hints.variants) {
                    self.record(&variant.fields, &mut hints.record)?;
                }
                for removed in &mut hints.removed {
                    self.constant("becomes", id, &removed.name, &mut removed.becomes)?;
                }
                &mut hints.migrations
            }
            _ => return Ok(()),
        };
        migrations.iter_mut().filter_map(|migration| migration.source.as_mut()).try_for_each(|read| self.source(read))
    }

    fn record(self, fields: &[Field], hints: &mut RecordHints) -> Result<(), DescribeError> {
        for (field, hints) in fields.iter().zip(&mut hints.fields) {
            self.constant("default", field.node, &field.name, &mut hints.default)?;
            self.constant("none", field.node, &field.name, &mut hints.none)?;
            self.conversions(&mut hints.conversions)?;
        }
        Ok(())
    }

    fn conversions(self, conversions: &mut [ConversionHint]) -> Result<(), DescribeError> {
        conversions.iter_mut().try_for_each(|conversion| self.source(&mut conversion.source))
    }

    /// The constants in the hints of a layout that a function reads.
    fn source(self, source: &mut Source) -> Result<(), DescribeError> {
        let (schema, mut hints) = (source.schema().clone(), source.hints().to_vec());
        Rewriter { schema: &schema, ..self }.nodes(&mut hints)?;
        *source = Source::new(schema, hints);
        Ok(())
    }

    fn constant(
        self,
        attribute: &'static str,
        node: NodeId,
        part: &str,
        constant: &mut Option<Vec<u8>>,
    ) -> Result<(), DescribeError> {
        let Some(bytes) = constant else { return Ok(()) };
        let of_layout = |integers| SerializerSnapshot::of_layout(self.schema.part(node), integers);
        let mut rewritten = Vec::new();
        let written =
            Value::decode(&of_layout(self.before), bytes).map_err(|error| error.to_string()).and_then(|value| {
                value.encode(&of_layout(self.integers), &mut rewritten).map_err(|error| error.to_string())
            });
        *bytes = rewritten;
        written.map_err(|reason| DescribeError::Constant {
            attribute,
            type_name: self.schema.type_name(node),
            part: part.to_owned(),
            source: EncodeError::custom(reason),
        })
    }

    fn check_was(self, node: NodeId, was: &[Schema]) -> Result<(), DescribeError> {
        let same = |was: &&Schema| has_bytes((was, NodeId::ROOT), (self.schema, node), self.integers);
        match was.iter().find(|was| !same(was)) {
            None => Ok(()),
            Some(was) => Err(DescribeError::WasOtherBytes {
                type_name: self.schema.type_name(node),
                was: was.type_name(NodeId::ROOT),
            }),
        }
    }
}
