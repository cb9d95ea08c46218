//! The bytes that serde with a compact format such as bincode writes for types that typeser stores otherwise: a length
//! and 16 bytes for a UUID, and text for dates and times.

use crate::schema::{NodeId, Sizes};
use crate::serializer::foreign::Mirrors;
use crate::serializer::{Describer, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

/// A value in the form that serde gives to compact formats such as bincode, for data that was written so.
///
/// typeser stores `Uuid` and the types of chrono in layouts of its own. Data of bincode has a list of bytes or a string
/// instead. Write `SerdeForm` in [`as`](derive@crate::StateType#as) to read and write that:
///
/// ```
/// use chrono::{DateTime, Utc};
/// use typeser::StateType;
/// use typeser::serializer::SerdeForm;
/// use uuid::Uuid;
///
/// #[derive(StateType)]
/// struct Session {
///     #[state(as = SerdeForm<Uuid>)]
///     id: Uuid,
///     #[state(as = Option<SerdeForm<DateTime<Utc>>>)]
///     until: Option<DateTime<Utc>>,
/// }
/// # let session = Session { id: Uuid::nil(), until: DateTime::from_timestamp(0, 0) };
/// # let mut bytes = Vec::new();
/// # typeser::serializer::encode_bytes::<_, typeser::wire::Variable>(&session, &mut bytes)?;
/// # assert_eq!(bytes, *b"\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x141970-01-01T00:00:00Z");
/// # Ok::<(), typeser::wire::EncodeError>(())
/// ```
///
/// To leave that form in a later release, declare `convert(SerdeForm<Uuid>, with = SerdeForm::into_inner)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerdeForm<T>(pub T);

impl<T> SerdeForm<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// What serde writes for a type.
trait Serde: Sized + 'static {
    fn describe(to: &mut Describer) -> NodeId;
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError>;
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError>;
}

impl<T: Serde> StateType for SerdeForm<T> {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        T::describe(to)
    }

    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        self.0.encode(to)
    }

    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        T::decode(from).map(Self)
    }
}

impl<T: Serde> Mirrors<T> for SerdeForm<T> {
    fn encode_remote<W: Writer>(value: &T, to: &mut W) -> Result<(), EncodeError> {
        value.encode(to)
    }

    fn decode_remote<E: Integers>(from: &mut Reader<'_, E>) -> Result<T, DecodeError> {
        T::decode(from)
    }
}

#[cfg(feature = "uuid")]
mod uuid {
    use uuid::Uuid;

    use super::{Serde, SerdeForm};
    use crate::schema::NodeId;
    use crate::serializer::other_crates::no_value;
    use crate::serializer::{Describer, StateKey, StateType};
    use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

    impl Serde for Uuid {
        fn describe(to: &mut Describer) -> NodeId {
            Vec::<u8>::describe(to)
        }

        fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
            to.put_bytes(self.as_bytes());
            Ok(())
        }

        fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
            let at = from.offset();
            let length = from.take_length(1)?;
            Self::from_slice(from.take_slice(length)?)
                .map_err(|_| no_value(at, "uuid::Uuid", format!("a list of {length} bytes")))
        }
    }

    impl StateKey for SerdeForm<Uuid> {}
}

#[cfg(feature = "chrono")]
mod chrono {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

    use super::{Serde, SerdeForm};
    use crate::schema::NodeId;
    use crate::serializer::other_crates::no_value;
    use crate::serializer::std_types::decode_str;
    use crate::serializer::{Describer, StateKey, StateType};
    use crate::wire::{DecodeError, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

    macro_rules! texts {
        ($($type:ty, $text:expr;)*) => { $(
            impl Serde for $type {
                fn describe(to: &mut Describer) -> NodeId {
                    String::describe(to)
                }

                fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                    to.put_bytes($text(self)?.as_bytes());
                    Ok(())
                }

                fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                    let at = from.offset();
                    let text = decode_str(from)?;
                    text.parse().map_err(|error| {
                        no_value(at, concat!("chrono::", stringify!($type)), format!("the text {text:?} ({error})"))
                    })
                }
            }
        )* };
    }

    texts! {
        DateTime<Utc>, debug;
        DateTime<FixedOffset>, with_offset;
        NaiveDate, debug;
        NaiveDateTime, debug;
        NaiveTime, debug;
    }

    /// The text of `Debug`, which is that of serde.
    fn debug(value: &impl std::fmt::Debug) -> Result<String, EncodeError> {
        Ok(format!("{value:?}"))
    }

    /// `Debug` writes an offset of zero as `+00:00`, serde as `Z`. Serde rounds offsets to minutes, which changes the time.
    fn with_offset(time: &DateTime<FixedOffset>) -> Result<String, EncodeError> {
        let (local, offset) = (time.naive_local(), time.offset().local_minus_utc());
        if offset % 60 != 0 {
            let (what, type_name) = (format!("{time:?}"), "SerdeForm<DateTime<FixedOffset>>");
            let why = "the form of serde holds offsets of whole minutes";
            return Err(EncodeErrorKind::NoForm { what, type_name, why }.into());
        }
        Ok(if offset == 0 { format!("{local:?}Z") } else { format!("{local:?}{}", time.offset()) })
    }

    impl StateKey for SerdeForm<DateTime<Utc>> {}
    impl StateKey for SerdeForm<NaiveDate> {}
    impl StateKey for SerdeForm<NaiveDateTime> {}
    impl StateKey for SerdeForm<NaiveTime> {}
}
