//! Logical types that have an Arrow type of their own.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Decimal256Array, Int32Array, StringArray, StructArray,
    Time64NanosecondArray, TimestampMicrosecondArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields, TimeUnit, i256};
use datafusion::arrow::error::ArrowError;
use typeser::schema::{LogicalNode, Node, NodeId, Primitive, Schema};
use typeser::text::hex;
use typeser::value::Value;

use super::array::ColumnError;

/// A logical type whose representation is the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logical {
    /// Seconds, with nine decimal places.
    Duration,
    /// A point in time.
    Timestamp,
    /// A point in time, and the offset from UTC.
    TimestampWithOffset,
    /// A date and a time of day, of no time zone.
    DateTime,
    Date,
    Time,
    Uuid,
    Decimal,
    Ipv4,
    Ipv6,
    /// An address of either version, with a port or without.
    Address,
}

/// The greatest scale of a `rust_decimal::Decimal`.
const SCALE: u8 = 28;
const DAY: i64 = 86_400;
const NANOSECONDS: u32 = 1_000_000_000;

impl Logical {
    /// The logical type of a node; `None` if its representation is another one, or has a type as good.
    pub(super) fn of(schema: &Schema, node: &LogicalNode) -> Option<Self> {
        use Primitive::{I32, I64, U8, U32, U64};
        let primitive = |id: &NodeId| match schema.get(*id) {
            Some(Node::Primitive(primitive)) => Some(*primitive),
            _ => None,
        };
        let representation = schema.get(node.representation)?;
        let parts: Vec<Primitive> = match representation {
            Node::Primitive(only) => vec![*only],
            Node::Tuple(parts) => parts.iter().map(primitive).collect::<Option<_>>().unwrap_or_default(),
            _ => Vec::new(),
        };
        let bytes = match representation {
            Node::Array { element, length } if primitive(element) == Some(U8) => Some(*length),
            _ => None,
        };
        Some(match (node.name.as_str(), parts.as_slice(), bytes) {
            ("duration", [U64, U32], _) | ("signed-duration", [I64, I32], _) => Self::Duration,
            ("system-time", [U64, U32], _) | ("timestamp", [I64, U32], _) => Self::Timestamp,
            ("timestamp", [I64, U32, I32], _) => Self::TimestampWithOffset,
            ("date-time", [I32, U32, U32], _) => Self::DateTime,
            ("date", [I32], _) => Self::Date,
            ("time", [U32, U32], _) => Self::Time,
            ("uuid", _, Some(16)) => Self::Uuid,
            ("decimal", _, Some(16)) => Self::Decimal,
            ("ipv4-addr", _, Some(4)) => Self::Ipv4,
            ("ipv6-addr", _, Some(16)) => Self::Ipv6,
            ("ip-addr" | "socket-addr" | "socket-addr-v4" | "socket-addr-v6", ..) => Self::Address,
            _ => return None,
        })
    }

    pub(super) fn data_type(self) -> DataType {
        let utc = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        match self {
            Self::Duration => DataType::Decimal128(29, 9),
            Self::Timestamp => utc(),
            Self::TimestampWithOffset => DataType::Struct(Fields::from(vec![
                Field::new("utc", utc(), true),
                Field::new("offset_seconds", DataType::Int32, true),
            ])),
            Self::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Nanosecond),
            Self::Decimal => DataType::Decimal256(57, 28),
            Self::Uuid | Self::Ipv4 | Self::Ipv6 | Self::Address => DataType::Utf8,
        }
    }

    pub(super) fn array(self, values: &[Option<&Value>]) -> Result<ArrayRef, ColumnError> {
        Ok(match self {
            Self::Duration => {
                let array: Decimal128Array = each(values, duration)?.into();
                Arc::new(array.with_data_type(self.data_type()))
            }
            Self::Timestamp => Arc::new(timestamps(values)?.with_timezone("UTC")),
            Self::TimestampWithOffset => {
                let utc: ArrayRef = Arc::new(timestamps(values)?.with_timezone("UTC"));
                let offsets: Int32Array = each(values, |value| value.items().ok()?.get(2)?.as_i32().ok())?.into();
                let nulls = NullBuffer::from_iter(values.iter().map(Option::is_some));
                let DataType::Struct(fields) = self.data_type() else {
                    return Err(ArrowError::SchemaError("not a struct".to_owned()).into());
                };
                Arc::new(StructArray::try_new(fields, vec![utc, Arc::new(offsets)], Some(nulls))?)
            }
            Self::DateTime => {
                let array: TimestampMicrosecondArray = each(values, date_time)?.into();
                Arc::new(array)
            }
            Self::Date => {
                let array: Date32Array = each(values, |value| value.as_i32().ok())?.into();
                Arc::new(array)
            }
            Self::Time => {
                let array: Time64NanosecondArray = each(values, time_of_day)?.into();
                Arc::new(array)
            }
            Self::Decimal => {
                let array: Decimal256Array = each(values, decimal)?.into();
                Arc::new(array.with_data_type(self.data_type()))
            }
            Self::Uuid => Arc::new(StringArray::from(each(values, |value| Some(uuid(&octets(value)?)))?)),
            Self::Ipv4 | Self::Ipv6 | Self::Address => Arc::new(StringArray::from(each(values, address)?)),
        })
    }
}

/// The elements for these values. A value that Arrow's type cannot hold is an error, never null.
fn each<T>(values: &[Option<&Value>], one: impl Fn(&Value) -> Option<T>) -> Result<Vec<Option<T>>, ColumnError> {
    let element = |value: &Option<&Value>| match value {
        None => Ok(None),
        Some(value) => one(value).map(Some).ok_or_else(|| ColumnError::out_of_range(value)),
    };
    values.iter().map(element).collect()
}

fn timestamps(values: &[Option<&Value>]) -> Result<TimestampMicrosecondArray, ColumnError> {
    let point = |value: &Value| {
        let [seconds, nanoseconds, ..] = value.items().ok()? else { return None };
        microseconds(integer(seconds)?.try_into().ok()?, integer(nanoseconds)?.try_into().ok()?)
    };
    Ok(each(values, point)?.into())
}

/// Microseconds since 1970, rounded down. A leap second is read as the end of the second before it.
fn microseconds(seconds: i64, nanoseconds: u32) -> Option<i64> {
    let behind = i64::from(nanoseconds.min(NANOSECONDS - 1) / 1000);
    seconds.checked_mul(1_000_000)?.checked_add(behind)
}

fn date_time(value: &Value) -> Option<i64> {
    let [days, seconds, nanoseconds] = value.items().ok()? else { return None };
    let seconds = i64::from(days.as_i32().ok()?) * DAY + i64::from(seconds.as_u32().ok()?);
    microseconds(seconds, nanoseconds.as_u32().ok()?)
}

fn time_of_day(value: &Value) -> Option<i64> {
    let [seconds, nanoseconds] = value.items().ok()? else { return None };
    let nanoseconds = nanoseconds.as_u32().ok()?.min(NANOSECONDS - 1);
    Some(i64::from(seconds.as_u32().ok()?) * i64::from(NANOSECONDS) + i64::from(nanoseconds))
}

fn duration(value: &Value) -> Option<i128> {
    let [seconds, nanoseconds] = value.items().ok()? else { return None };
    Some(integer(seconds)? * i128::from(NANOSECONDS) + integer(nanoseconds)?)
}

/// Two zero bytes, the scale, the sign, and 96 bits of digits.
fn decimal(value: &Value) -> Option<i256> {
    let bytes = octets(value)?;
    let (scale, negative) = (*bytes.get(2)?, *bytes.get(3)? != 0);
    let mut digits = [0; 16];
    digits.get_mut(..12)?.copy_from_slice(bytes.get(4..16)?);
    let power = i256::from_i128(10i128.pow(SCALE.checked_sub(scale)?.into()));
    let scaled = i256::from_i128(i128::from_le_bytes(digits)).checked_mul(power)?;
    if negative { scaled.checked_neg() } else { Some(scaled) }
}

fn uuid(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| digits.get(group).unwrap_or_default());
    groups.join("-")
}

/// An address as its Rust type prints it.
fn address(value: &Value) -> Option<String> {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    let ip = |octets: Vec<u8>| -> Option<IpAddr> {
        match <[u8; 4]>::try_from(octets.as_slice()) {
            Ok(octets) => Some(Ipv4Addr::from(octets).into()),
            Err(_) => Some(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?).into()),
        }
    };
    // A variant `V4` or `V6` around it says no more than the length does.
    let value = match value {
        Value::Enum(record) => record.fields().next()?.1,
        value => value,
    };
    if let Value::Tuple(parts) = value {
        let [octet_part, port] = parts.as_slice() else { return None };
        return Some(SocketAddr::new(ip(octets(octet_part)?)?, port.as_u16().ok()?).to_string());
    }
    Some(ip(octets(value)?)?.to_string())
}

/// The bytes of an array of `u8`.
fn octets(value: &Value) -> Option<Vec<u8>> {
    value.items().ok()?.iter().map(|item| item.as_u8().ok()).collect()
}

fn integer(value: &Value) -> Option<i128> {
    value.as_i128().ok()
}
