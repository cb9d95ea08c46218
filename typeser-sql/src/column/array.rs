//! Arrays of stored values.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal256Array, DictionaryArray, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, ListArray, MapArray, StringArray, StructArray, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use datafusion::arrow::datatypes::{DataType, Int32Type, i256};
use datafusion::arrow::error::ArrowError;
use typeser::schema::Primitive;
use typeser::value::Value;

use super::layout::{Column, Kind};

/// Why values do not become an array.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ColumnError {
    /// A value that Arrow's type cannot hold.
    #[error(
        "{value} is out of the range of its Arrow type: leave its column out of the query, or read it with \
         `typeser state cat`"
    )]
    OutOfRange {
        /// The value.
        value: String,
    },
    /// A batch that Arrow refuses.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

impl ColumnError {
    pub(super) fn out_of_range(value: &Value) -> Self {
        Self::OutOfRange { value: typeser::text::shortened(&value.to_string(), 80) }
    }
}

/// The values of one part of a value type, as a vector.
macro_rules! leaves {
    ($array:ty, $values:expr, $variant:ident) => {{
        let leaf = |value: &Option<&Value>| match value {
            Some(Value::$variant(leaf)) => Some(leaf.clone()),
            _ => None,
        };
        Arc::new(<$array>::from($values.iter().map(leaf).collect::<Vec<_>>()))
    }};
}

impl Column {
    /// The array of these values; `None` is null. Their layout is that of the column.
    pub(crate) fn array(&self, values: &[Option<&Value>]) -> Result<ArrayRef, ColumnError> {
        Ok(match &self.kind {
            Kind::Primitive(primitive) => self.leaves(*primitive, values),
            Kind::Unit => {
                let present = values.iter().map(|value| value.map(|_| true));
                Arc::new(BooleanArray::from(present.collect::<Vec<_>>()))
            }
            Kind::Bytes => {
                let bytes: Vec<Option<Vec<u8>>> = values.iter().map(|value| value.map(bytes)).collect();
                Arc::new(BinaryArray::from_iter(bytes))
            }
            Kind::Json => {
                let json = values.iter().map(|value| value.map(Value::to_json));
                Arc::new(StringArray::from(json.collect::<Vec<_>>()))
            }
            Kind::Option(inner) => inner.array(&values.iter().map(held).collect::<Vec<_>>())?,
            Kind::Some(inner) => {
                let held: Vec<_> = values.iter().map(held).collect();
                self.structure(&held, vec![inner.array(&held)?])?
            }
            Kind::Newtype(inner) => {
                let fields = values.iter().map(|value| value.and_then(|value| nth(value, 0)));
                inner.array(&fields.collect::<Vec<_>>())?
            }
            Kind::Fields(fields) => {
                let arrays = fields.iter().enumerate().map(|(place, field)| {
                    let parts = values.iter().map(|value| value.and_then(|value| nth(value, place)));
                    field.array(&parts.collect::<Vec<_>>())
                });
                self.structure(values, arrays.collect::<Result<_, _>>()?)?
            }
            Kind::List(element) => {
                let items = |value: &Value| value.items().map_or(0, <[Value]>::len);
                let (offsets, nulls) = offsets(values, items)?;
                let all = values.iter().flatten().flat_map(|value| value.items().unwrap_or_default()).map(Some);
                let array = element.array(&all.collect::<Vec<_>>())?;
                let DataType::List(field) = &self.data_type else { return Err(self.mistaken()) };
                Arc::new(ListArray::try_new(Arc::clone(field), offsets, array, Some(nulls))?)
            }
            Kind::Map(key, value) | Kind::Pairs(key, value) => self.map(key, value, values)?,
            Kind::Names(names) => variants(names, values)?,
            Kind::Variants(names, payloads) => {
                let mut arrays = vec![variants(names, values)?];
                for (name, payload) in names.iter().zip(payloads) {
                    let Some(payload) = payload else { continue };
                    let of_variant = values.iter().map(|value| value.filter(|value| value.variant() == Some(name)));
                    arrays.push(payload.array(&of_variant.collect::<Vec<_>>())?);
                }
                self.structure(values, arrays)?
            }
            Kind::Logical(logical) => logical.array(values)?,
        })
    }

    fn leaves(&self, primitive: Primitive, values: &[Option<&Value>]) -> ArrayRef {
        match primitive {
            Primitive::Unit | Primitive::Bool => leaves!(BooleanArray, values, Bool),
            Primitive::U8 => leaves!(UInt8Array, values, U8),
            Primitive::U16 => leaves!(UInt16Array, values, U16),
            Primitive::U32 => leaves!(UInt32Array, values, U32),
            Primitive::U64 => leaves!(UInt64Array, values, U64),
            Primitive::I8 => leaves!(Int8Array, values, I8),
            Primitive::I16 => leaves!(Int16Array, values, I16),
            Primitive::I32 => leaves!(Int32Array, values, I32),
            Primitive::I64 => leaves!(Int64Array, values, I64),
            Primitive::F32 => leaves!(Float32Array, values, F32),
            Primitive::F64 => leaves!(Float64Array, values, F64),
            Primitive::U128 | Primitive::I128 => {
                let wide = |value: &Option<&Value>| match value {
                    Some(Value::U128(value)) => Some(i256::from_parts(*value, 0)),
                    Some(Value::I128(value)) => Some(i256::from_i128(*value)),
                    _ => None,
                };
                let array = Decimal256Array::from(values.iter().map(wide).collect::<Vec<_>>());
                Arc::new(array.with_data_type(self.data_type.clone()))
            }
            Primitive::Char => {
                let text = |value: &Option<&Value>| match value {
                    Some(Value::Char(value)) => Some(value.to_string()),
                    _ => None,
                };
                Arc::new(StringArray::from(values.iter().map(text).collect::<Vec<_>>()))
            }
            Primitive::String => {
                let text = values.iter().map(|value| value.and_then(|value| value.as_str().ok()));
                Arc::new(StringArray::from(text.collect::<Vec<_>>()))
            }
        }
    }

    /// A struct of these arrays, null where there is no value.
    fn structure(&self, values: &[Option<&Value>], arrays: Vec<ArrayRef>) -> Result<ArrayRef, ColumnError> {
        let DataType::Struct(fields) = &self.data_type else { return Err(self.mistaken()) };
        let nulls = NullBuffer::from_iter(values.iter().map(Option::is_some));
        Ok(Arc::new(StructArray::try_new(fields.clone(), arrays, Some(nulls))?))
    }

    fn map(&self, key: &Self, value: &Self, values: &[Option<&Value>]) -> Result<ArrayRef, ColumnError> {
        let (offsets, nulls) = offsets(values, |value| value.entries().map_or(0, <[_]>::len))?;
        let all = || values.iter().flatten().flat_map(|value| value.entries().unwrap_or_default());
        let keys = key.array(&all().map(|(key, _)| Some(key)).collect::<Vec<_>>())?;
        let values = value.array(&all().map(|(_, value)| Some(value)).collect::<Vec<_>>())?;
        let (DataType::Map(field, _) | DataType::List(field)) = &self.data_type else { return Err(self.mistaken()) };
        let DataType::Struct(fields) = field.data_type() else { return Err(self.mistaken()) };
        let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
        Ok(match &self.data_type {
            DataType::Map(..) => Arc::new(MapArray::try_new(Arc::clone(field), offsets, entries, Some(nulls), false)?),
            _ => Arc::new(ListArray::try_new(Arc::clone(field), offsets, Arc::new(entries), Some(nulls))?),
        })
    }

    #[cold]
    fn mistaken(&self) -> ColumnError {
        ArrowError::SchemaError(format!("{:?} has no such type: {}", self.kind, self.data_type)).into()
    }
}

/// The value in an option.
fn held<'v>(value: &Option<&'v Value>) -> Option<&'v Value> {
    match value {
        Some(Value::Option(held)) => held.as_deref(),
        _ => None,
    }
}

/// The part of a struct, a payload or a tuple at this position.
fn nth(value: &Value, place: usize) -> Option<&Value> {
    match value {
        Value::Struct(record) | Value::Enum(record) => record.fields().nth(place).map(|(_, value)| value),
        value => value.items().ok()?.get(place),
    }
}

/// The bytes of a list of `u8`, or of an opaque leaf.
fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Opaque(bytes) => bytes.clone(),
        value => value.items().unwrap_or_default().iter().filter_map(|item| item.as_u8().ok()).collect(),
    }
}

/// Where the items of each value begin, and which values are null.
fn offsets(
    values: &[Option<&Value>],
    count: impl Fn(&Value) -> usize,
) -> Result<(OffsetBuffer<i32>, NullBuffer), ColumnError> {
    let mut ends = vec![0i32];
    let mut end = 0usize;
    for value in values {
        end += value.map_or(0, &count);
        let too_many = |_| ArrowError::InvalidArgumentError(format!("{end} items are too many for one batch"));
        ends.push(i32::try_from(end).map_err(too_many)?);
    }
    let nulls = NullBuffer::from_iter(values.iter().map(Option::is_some));
    Ok((OffsetBuffer::new(ScalarBuffer::from(ends)), nulls))
}

/// The names of the variants, as a dictionary.
fn variants(names: &[String], values: &[Option<&Value>]) -> Result<ArrayRef, ColumnError> {
    let place = |value: &Option<&Value>| {
        let name = value.and_then(Value::variant)?;
        let place = names.iter().position(|known| known == name)?;
        i32::try_from(place).ok()
    };
    let keys = Int32Array::from(values.iter().map(place).collect::<Vec<_>>());
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(names));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, names)?))
}
