//! Whether two layouts give the same ordered bytes to values that have the same fixed bytes.

use std::collections::HashSet;

use super::program::{At, Operation, Program};
use crate::schema::NodeId;

/// The first two nodes of which the ordered bytes may differ; `None` if those of all values are the same.
///
/// The other layout may have more variants behind those of the one.
pub(super) fn first_difference(one: &Program, other: &Program) -> Option<(NodeId, NodeId)> {
    let mut open = vec![(0, 0)];
    let mut known = HashSet::new();
    while let Some(start) = open.pop() {
        if known.insert(start)
            && let Some((at_one, at_other)) = differs(one, other, start, &mut open)
        {
            return Some((node_at(one, at_one), node_at(other, at_other)));
        }
    }
    None
}

/// Compares two routines or arms, up to their ends.
fn differs(one: &Program, other: &Program, start: (At, At), open: &mut Vec<(At, At)>) -> Option<(At, At)> {
    let mut at = start;
    loop {
        let next = (at.0 + 1, at.1 + 1);
        match (one.operations[at.0], other.operations[at.1]) {
            (Operation::Return, Operation::Return) => return None,
            // The parts behind the jumps are compared once for all that jump there.
            (Operation::Jump(one), Operation::Jump(other)) => {
                open.push((one, other));
                return None;
            }
            (Operation::Call(one), Operation::Call(other)) => {
                open.push((one, other));
                at = next;
            }
            (Operation::Option { none: one }, Operation::Option { none: other })
            | (Operation::Element { end: one }, Operation::Element { end: other })
            | (Operation::Again { end: one }, Operation::Again { end: other }) => {
                open.push((one, other));
                at = next;
            }
            (Operation::Enum(of_one), Operation::Enum(of_other)) => {
                let (of_one, of_other) = (&one.enums[of_one].arms, &other.enums[of_other].arms);
                for (place, (tag, arm)) in of_one.iter().enumerate() {
                    match of_other.get(place) {
                        Some((other_tag, other_arm)) if tag == other_tag => open.push((*arm, *other_arm)),
                        _ => return Some(at),
                    }
                }
                return None;
            }
            (one, other) if one == other => at = next,
            _ => return Some(at),
        }
    }
}

/// The node whose routine an operation is in.
fn node_at(program: &Program, at: At) -> NodeId {
    let behind = program.routines.partition_point(|(start, _)| *start <= at);
    program.routines.get(behind.wrapping_sub(1)).map_or(NodeId::ROOT, |(_, node)| *node)
}
