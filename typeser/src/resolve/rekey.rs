//! Re-keying: compares key types when every entry may move to the key group of its new key.

use super::policy::Policy;
use super::resolution::{Resolution, moved};
use crate::snapshot::SerializerSnapshot;

/// Compares the snapshots of keys for an offline re-key, which moves every entry to where its new key belongs.
///
/// As [`resolve`](super::resolve()) for [`Role::Key`](super::Role::Key), with two differences. Bytes may change, as long
/// as different keys stay different: a migration passes if each of its rules is [injective](super::Rule::injective). And
/// a 1-tuple and its element pair up, in either direction: their bytes are equal. Then the stored snapshot is answered
/// for in the wrapping of the new one, and [`Resolution::stored_snapshot`] is that one.
///
/// ```
/// use typeser::resolve::{rekey, Compatibility, Policy};
/// use typeser::{Serializer, TypeSerializer};
///
/// let stored = Serializer::<(u32,)>::new()?;
/// let same = rekey(stored.snapshot(), Serializer::<u32>::new()?.snapshot(), &Policy::default());
/// assert_eq!(same.compatibility(), Compatibility::Compatible);
/// let wider = rekey(stored.snapshot(), Serializer::<u64>::new()?.snapshot(), &Policy::default());
/// assert_eq!(wider.compatibility(), Compatibility::RequiresMigration);
/// let float = rekey(stored.snapshot(), Serializer::<f64>::new()?.snapshot(), &Policy::default());
/// assert_eq!(float.compatibility(), Compatibility::Incompatible);
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[must_use]
pub fn rekey(stored: &SerializerSnapshot, new: &SerializerSnapshot, policy: &Policy) -> Resolution {
    moved(stored, new, policy)
}
