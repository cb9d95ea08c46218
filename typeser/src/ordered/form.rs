//! The ordered form of one layout.

use std::sync::Arc;

use super::compile::{NotOrdered, compile};
use super::program::Program;
use super::run::{Decoder, Encoder};
use super::same::first_difference;
use crate::schema::{NodeId, Schema};
use crate::wire::DecodeError;

/// The ordered form of the values of one layout. Cheap to clone.
///
/// For two values `a` and `b` of the layout, the ordered bytes of `a` are less than those of `b` exactly if `a` is less
/// than `b` by the declared order: that of a derived `Ord`.
#[derive(Debug, Clone)]
pub struct OrderedForm {
    program: Arc<Program>,
}

impl OrderedForm {
    /// The ordered form of a layout.
    ///
    /// ```
    /// use typeser::ordered::OrderedForm;
    /// use typeser::{Serializer, TypeSerializer};
    ///
    /// assert!(OrderedForm::new(Serializer::<(i64, String)>::new()?.snapshot().schema()).is_ok());
    /// let refused = OrderedForm::new(Serializer::<Vec<f64>>::new()?.snapshot().schema());
    /// assert!(refused.unwrap_err().to_string().starts_with("`f64` has no ordered form"));
    /// # Ok::<(), typeser::serializer::DescribeError>(())
    /// ```
    ///
    /// # Errors
    /// A part of it has no order that bytes could show: a float, a set, a map, an opaque leaf, a logical type over a
    /// representation that compares in another way.
    pub fn new(schema: &Schema) -> Result<Self, NotOrdered> {
        Ok(Self { program: Arc::new(compile(schema)?) })
    }

    /// Appends the ordered bytes of a value, given by its fixed bytes.
    ///
    /// ```
    /// use typeser::ordered::OrderedForm;
    /// use typeser::{Serializer, TypeSerializer};
    ///
    /// let form = OrderedForm::new(Serializer::<i16>::new()?.snapshot().schema())?;
    /// let mut ordered = Vec::new();
    /// form.encode(&(-2i16).to_le_bytes(), &mut ordered)?;
    /// assert_eq!(ordered, [0x7f, 0xfe]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The bytes are not those of one value of the layout. Then `to` is as it was before. UTF-8, bools and the like are
    /// not checked: they pass, and are found when the value is read.
    #[inline]
    pub fn encode(&self, fixed: &[u8], to: &mut Vec<u8>) -> Result<(), DecodeError> {
        Encoder::new(&self.program, fixed, to).run(false)
    }

    /// Appends the bytes with which the ordered bytes of all values begin that begin like this: `fixed` are the fixed
    /// bytes of the first fields.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    #[doc(hidden)]
    pub fn encode_first(&self, fixed: &[u8], to: &mut Vec<u8>) -> Result<(), DecodeError> {
        Encoder::new(&self.program, fixed, to).run(true)
    }

    /// Appends the fixed bytes of a value, given by its ordered bytes.
    ///
    /// ```
    /// use typeser::ordered::OrderedForm;
    /// use typeser::{Serializer, TypeSerializer};
    ///
    /// let form = OrderedForm::new(Serializer::<i16>::new()?.snapshot().schema())?;
    /// let mut fixed = Vec::new();
    /// form.decode(&[0x7f, 0xfe], &mut fixed)?;
    /// assert_eq!(fixed, (-2i16).to_le_bytes());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The bytes are not those of one value of the layout. Then `to` is as it was before.
    #[inline]
    pub fn decode(&self, ordered: &[u8], to: &mut Vec<u8>) -> Result<(), DecodeError> {
        Decoder::new(&self.program, ordered, to).run()
    }

    /// Whether values of this layout have the same ordered bytes under another layout, under which their fixed bytes
    /// are the same. If not, the first two nodes, of the one layout and of the other, that differ.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<(NodeId, NodeId)> {
        first_difference(&self.program, &other.program)
    }
}
