//! The reserved names of the logical types that typeser knows. No user type can have them.

/// `std::time::Duration`: the tuple of seconds (u64) and nanoseconds (u32, below 1e9).
pub(crate) const DURATION: &str = "duration";
/// `std::time::SystemTime`: as [`DURATION`], counted from 1970-01-01T00:00:00Z.
pub(crate) const SYSTEM_TIME: &str = "system-time";
/// `std::net::Ipv4Addr`: an array of 4 bytes.
pub(crate) const IPV4_ADDR: &str = "ipv4-addr";
/// `std::net::Ipv6Addr`: an array of 16 bytes.
pub(crate) const IPV6_ADDR: &str = "ipv6-addr";
/// `std::net::IpAddr`: an enum of `V4` and `V6`.
pub(crate) const IP_ADDR: &str = "ip-addr";
/// `std::net::SocketAddrV4`: the tuple of address and port (u16).
pub(crate) const SOCKET_ADDR_V4: &str = "socket-addr-v4";
/// `std::net::SocketAddrV6`: the tuple of address and port (u16).
pub(crate) const SOCKET_ADDR_V6: &str = "socket-addr-v6";
/// `std::net::SocketAddr`: an enum of `V4` and `V6`.
pub(crate) const SOCKET_ADDR: &str = "socket-addr";
/// `std::ops::Range`: the tuple of start and end.
pub(crate) const RANGE: &str = "range";
/// `std::ops::RangeInclusive`: the tuple of start and end.
pub(crate) const RANGE_INCLUSIVE: &str = "range-inclusive";
/// `std::ops::RangeFrom`: the tuple of the start alone.
pub(crate) const RANGE_FROM: &str = "range-from";
/// `std::ops::RangeTo`: the tuple of the end alone.
pub(crate) const RANGE_TO: &str = "range-to";
/// `std::ops::RangeToInclusive`: the tuple of the end alone.
pub(crate) const RANGE_TO_INCLUSIVE: &str = "range-to-inclusive";
/// `std::ops::Bound`: an enum of `Unbounded`, `Included` and `Excluded`.
pub(crate) const BOUND: &str = "bound";
/// `Result`: an enum of `Ok` and `Err`.
pub(crate) const RESULT: &str = "result";
/// `std::cmp::Ordering`: an enum of `Less`, `Equal` and `Greater`.
pub(crate) const ORDERING: &str = "ordering";
/// `uuid::Uuid`: an array of 16 bytes.
pub(crate) const UUID: &str = "uuid";
/// `rust_decimal::Decimal`: an array of 16 bytes.
pub(crate) const DECIMAL: &str = "decimal";
/// `NaiveDate` of chrono and `Date` of time: days since 1970-01-01 (i32).
pub(crate) const DATE: &str = "date";
/// `NaiveTime` of chrono and `Time` of time: the tuple of seconds since midnight (u32) and nanoseconds (u32).
pub(crate) const TIME: &str = "time";
/// `NaiveDateTime` of chrono and `PrimitiveDateTime` of time: the tuple of a date's and a time's parts.
pub(crate) const DATE_TIME: &str = "date-time";
/// `DateTime` of chrono, `UtcDateTime` and `OffsetDateTime` of time: seconds since 1970-01-01T00:00:00Z (i64),
/// nanoseconds (u32), and the offset from UTC (i32) where that is part of the value.
pub(crate) const TIMESTAMP: &str = "timestamp";
/// `FixedOffset` of chrono and `UtcOffset` of time: seconds east of UTC (i32).
pub(crate) const UTC_OFFSET: &str = "utc-offset";
/// `TimeDelta` of chrono and `Duration` of time: the tuple of seconds (i64) and nanoseconds (i32) of the same sign.
pub(crate) const SIGNED_DURATION: &str = "signed-duration";
/// `NotNan` of ordered-float: a float that is a number.
pub(crate) const NOT_NAN: &str = "not-nan";

/// `serde_json::Value`: a string, the text of the JSON.
pub(crate) const JSON: &str = "json";

/// All of them. A representation that is an enum bears the same name as its logical type.
pub const NAMES: [&str; 26] = [
    DURATION,
    SYSTEM_TIME,
    IPV4_ADDR,
    IPV6_ADDR,
    IP_ADDR,
    SOCKET_ADDR_V4,
    SOCKET_ADDR_V6,
    SOCKET_ADDR,
    RANGE,
    RANGE_INCLUSIVE,
    RANGE_FROM,
    RANGE_TO,
    RANGE_TO_INCLUSIVE,
    BOUND,
    RESULT,
    ORDERING,
    UUID,
    DECIMAL,
    DATE,
    TIME,
    DATE_TIME,
    TIMESTAMP,
    UTC_OFFSET,
    SIGNED_DURATION,
    NOT_NAN,
    JSON,
];
