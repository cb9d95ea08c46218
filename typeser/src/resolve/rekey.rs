//! Re-keying: compares key types when every entry may move to the key group of its new key.

use super::policy::Policy;
use super::resolution::{Resolution, answer};
use super::role::{Role, Zone};
use crate::schema::{Node, NodeId};
use crate::snapshot::assemble::Assembled;
use crate::snapshot::{NodeHints, SerializerSnapshot};

/// Compares the snapshots of keys for an offline re-key, which moves every entry to where its new key belongs.
///
/// As [`resolve`](super::resolve()) for [`Role::Key`], with two differences. Bytes may change, as long as different
/// keys stay different: a migration passes if each of its rules is [injective](super::Rule::injective). And a 1-tuple
/// and its element pair up, in either direction: their bytes are equal. Then the stored snapshot is answered for in the
/// wrapping of the new one, and [`Resolution::stored_snapshot`] is that one.
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
    let wrapped = rewrapped(stored, wrappers(new));
    answer(wrapped.as_ref().unwrap_or(stored), new, Role::Key, Zone::Distinct, policy)
}

/// In how many 1-tuples the value lies.
fn wrappers(snapshot: &SerializerSnapshot) -> usize {
    let (schema, mut at) = (snapshot.schema(), NodeId::ROOT);
    // A type that is nothing but tuples of itself has no values, and no end.
    for depth in 0..schema.len() {
        match schema.node(at) {
            Node::Tuple(elements) if elements.len() == 1 => at = elements[0],
            _ => return depth,
        }
    }
    0
}

/// The same layout in `wanted` 1-tuples; `None` if it already is, or cannot be assembled.
fn rewrapped(stored: &SerializerSnapshot, wanted: usize) -> Option<SerializerSnapshot> {
    let present = wrappers(stored);
    if present == wanted {
        return None;
    }
    let mut nodes = stored.schema().nodes().to_vec();
    let mut hints = stored.hints().to_vec();
    let mut root = NodeId::ROOT;
    for _ in wanted..present {
        match &nodes[root.index()] {
            Node::Tuple(elements) => root = *elements.first()?,
            _ => return None,
        }
    }
    for _ in present..wanted {
        let wrapper = NodeId::new(u32::try_from(nodes.len()).ok()?);
        nodes.push(Node::Tuple(vec![root]));
        hints.push(NodeHints::None);
        root = wrapper;
    }
    let parts = Assembled::new(nodes, &hints, root).ok()?;
    let (name, version) = (parts.name(), parts.version());
    SerializerSnapshot::new(name, version, stored.configuration(), parts.schema, parts.hints).ok()
}
