//! Reads values from JSON, by the layout that gives each part its type.

use super::error::ParseValueError;
use super::tree::Value;
use crate::schema::{Limits, NodeId};
use crate::snapshot::{SerializerSnapshot, encode_json, parse_json};

impl Value {
    /// Reads a value of this serializer from JSON.
    ///
    /// The form is that of [`Value::to_json`]. Fields may be in any order, and all integers may be in quotes.
    ///
    /// ```
    /// use typeser::value::Value;
    /// use typeser::{Serializer, StateType, TypeSerializer};
    ///
    /// #[derive(StateType)]
    /// struct Order {
    ///     id: u32,
    ///     tags: Vec<String>,
    /// }
    ///
    /// let serializer = Serializer::<Order>::new()?;
    /// let order = Value::from_json(serializer.snapshot(), r#"{"tags": ["new"], "id": 7}"#)?;
    /// assert_eq!(order.to_json(), r#"{"id":7,"tags":["new"]}"#);
    ///
    /// let error = Value::from_json(serializer.snapshot(), r#"{"id": 7, "tag": []}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "line 1, column 11: `Order` has no field `tag`, did you mean `tags`?");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The text is not JSON, or not a value of this serializer. The error names line and column.
    pub fn from_json(snapshot: &SerializerSnapshot, json: &str) -> Result<Self, ParseValueError> {
        if json.len() > Limits::SNAPSHOT_TEXT_BYTES {
            return Err(ParseValueError::TooLarge { size: json.len() });
        }
        let (schema, integers) = (snapshot.schema(), snapshot.configuration().integers);
        let bytes = encode_json(&parse_json(json)?, schema.nodes(), NodeId::ROOT, integers)?;
        Ok(Self::decode(snapshot, &bytes)?)
    }
}
