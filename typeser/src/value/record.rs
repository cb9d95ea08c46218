//! Records: structs, and enum variants with their payload.

use std::sync::Arc;

use super::tree::{Record, Shape, Value};

impl Record {
    /// A struct without fields; [`Record::with`] adds them.
    #[must_use]
    pub fn structure(name: impl Into<String>) -> Self {
        Self::new(Arc::new(Shape { name: name.into(), ..Shape::default() }), Vec::new())
    }

    /// A variant without payload; [`Record::with`] adds to it.
    #[must_use]
    pub fn variant(name: impl Into<String>, variant: impl Into<String>) -> Self {
        let shape = Shape { name: name.into(), variant: Some(variant.into()), ..Shape::default() };
        Self::new(Arc::new(shape), Vec::new())
    }

    pub(super) fn new(shape: Arc<Shape>, values: Vec<Value>) -> Self {
        Self { shape, values: values.into_boxed_slice() }
    }

    /// The same with this field, in place of the former one of this name or behind all others. The fields of tuple
    /// structs and tuple variants are named `0`, `1`, ...
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field, in place of the former one of this name or behind all others. Answers the former value.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (field, value) = (field.into(), value.into());
        if let Some(former) = self.get_mut(&field) {
            return Some(std::mem::replace(former, value));
        }
        Arc::make_mut(&mut self.shape).fields.push(field);
        let mut values = std::mem::take(&mut self.values).into_vec();
        values.push(value);
        self.values = values.into_boxed_slice();
        None
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: &str) -> Option<Value> {
        let place = self.place(field)?;
        Arc::make_mut(&mut self.shape).fields.remove(place);
        let mut values = std::mem::take(&mut self.values).into_vec();
        let removed = values.remove(place);
        self.values = values.into_boxed_slice();
        Some(removed)
    }

    /// Gives a field another name. Answers whether it was there and the new name was free.
    pub fn rename(&mut self, field: &str, name: impl Into<String>) -> bool {
        let name = name.into();
        match (self.place(field), self.place(&name)) {
            (Some(place), None) => {
                Arc::make_mut(&mut self.shape).fields[place] = name;
                true
            }
            _ => false,
        }
    }

    /// Gives the type another name.
    pub fn rename_type(&mut self, name: impl Into<String>) {
        Arc::make_mut(&mut self.shape).name = name.into();
    }

    /// The declared name of the type.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shape.name
    }

    /// The name of the variant; `None` for a struct.
    #[must_use]
    pub fn variant_name(&self) -> Option<&str> {
        self.shape.variant.as_deref()
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.place(field).and_then(|place| self.values.get(place))
    }

    /// The value of a field.
    pub fn get_mut(&mut self, field: &str) -> Option<&mut Value> {
        let place = self.place(field)?;
        self.values.get_mut(place)
    }

    /// The fields in the order in which they are stored.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.shape.fields.iter().map(String::as_str).zip(&self.values)
    }

    fn place(&self, field: &str) -> Option<usize> {
        self.shape.fields.iter().position(|name| name == field)
    }

    /// Whether the fields are named `0`, `1`, ..., and there is at least one.
    pub(super) fn is_tuple(&self) -> bool {
        let names = &self.shape.fields;
        !names.is_empty() && names.iter().enumerate().all(|(place, name)| name.parse() == Ok(place) && plain(name))
    }

    pub(super) fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(super) fn values_mut(&mut self) -> &mut Box<[Value]> {
        &mut self.values
    }
}

/// Whether a number is written without sign and leading zeros.
fn plain(number: &str) -> bool {
    number == "0" || number.bytes().next().is_some_and(|first| matches!(first, b'1'..=b'9'))
}
