//! The codecs: each in its default configuration.
//!
//! Three of them silently ignore trailing bytes if called as their documentation shows first. Here every codec is
//! called in its strictest mode, which refuses trailing bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wincode::config::DefaultConfig;
use wincode::{SchemaRead, SchemaWrite};

/// A type that every codec writes.
pub trait Encode: Serialize + bitcode::Encode + borsh::BorshSerialize + SchemaWrite<DefaultConfig, Src = Self> {}

impl<T> Encode for T where
    T: Serialize + bitcode::Encode + borsh::BorshSerialize + SchemaWrite<DefaultConfig, Src = Self>
{
}

/// A type that every codec reads.
pub trait Decode:
    DeserializeOwned + bitcode::DecodeOwned + borsh::BorshDeserialize + for<'de> SchemaRead<'de, DefaultConfig, Dst = Self>
{
}

impl<T> Decode for T where
    T: DeserializeOwned
        + bitcode::DecodeOwned
        + borsh::BorshDeserialize
        + for<'de> SchemaRead<'de, DefaultConfig, Dst = Self>
{
}

/// Writes an old value and reads it as the new type; `None` if the codec refuses.
pub type ReadAsNew<Old, New> = fn(&Old) -> Option<New>;

/// The columns of the table.
pub const NAMES: [&str; 5] = ["bincode 2.0.1", "postcard 1.1.3", "borsh 1.8.1", "bitcode 0.6.9", "wincode 0.6.3"];

/// The codecs, in the order of [`NAMES`].
pub fn all<Old: Encode, New: Decode>() -> [ReadAsNew<Old, New>; NAMES.len()] {
    [bincode, postcard, borsh, bitcode, wincode]
}

/// Returns the number of bytes read beside the value; its examples ignore it.
fn bincode<Old: Encode, New: Decode>(old: &Old) -> Option<New> {
    let bytes = bincode::serde::encode_to_vec(old, bincode::config::standard()).expect("an order can be encoded");
    let (new, length) = bincode::serde::decode_from_slice(&bytes, bincode::config::standard()).ok()?;
    (length == bytes.len()).then_some(new)
}

/// `from_bytes` ignores trailing bytes; this returns them.
fn postcard<Old: Encode, New: Decode>(old: &Old) -> Option<New> {
    let bytes = postcard::to_stdvec(old).expect("an order can be encoded");
    let (new, rest) = postcard::take_from_bytes(&bytes).ok()?;
    rest.is_empty().then_some(new)
}

/// Refuses trailing bytes.
fn borsh<Old: Encode, New: Decode>(old: &Old) -> Option<New> {
    borsh::from_slice(&borsh::to_vec(old).expect("an order can be encoded")).ok()
}

/// Refuses trailing bytes.
fn bitcode<Old: Encode, New: Decode>(old: &Old) -> Option<New> {
    bitcode::decode(&bitcode::encode(old)).ok()
}

/// `deserialize` ignores trailing bytes; this refuses them.
fn wincode<Old: Encode, New: Decode>(old: &Old) -> Option<New> {
    wincode::deserialize_exact(&wincode::serialize(old).expect("an order can be encoded")).ok()
}
