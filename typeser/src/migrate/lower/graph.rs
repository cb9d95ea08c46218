//! The parts of a plan that are used more than once and become routines.

use crate::resolve::{Plan, ShapeId, ShapeKind};

/// The nodes of a graph that become routines: those that close a cycle, and those that have children and are used more
/// than once.
pub(super) fn shared(count: usize, children: impl Fn(usize) -> Vec<usize>) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut uses = vec![0u32; count];
    let mut state = vec![State::New; count];
    let mut shared = vec![false; count];
    for start in 0..count {
        let mut stack = vec![start];
        while let Some(&at) = stack.last() {
            match state[at] {
                State::New => {
                    state[at] = State::Open;
                    for child in children(at) {
                        uses[child] += 1;
                        match state[child] {
                            State::New => stack.push(child),
                            State::Open => shared[child] = true,
                            State::Done => {}
                        }
                    }
                }
                State::Open => {
                    state[at] = State::Done;
                    stack.pop();
                }
                State::Done => _ = stack.pop(),
            }
        }
    }
    for (id, shared) in shared.iter_mut().enumerate() {
        *shared |= uses[id] > 1 && !children(id).is_empty();
    }
    shared
}

/// The steps that each step is a part of.
pub(super) fn parents(plan: &Plan) -> Vec<Vec<usize>> {
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); plan.steps.len()];
    for (id, step) in plan.steps.iter().enumerate() {
        for child in step.children() {
            parents[child.0 as usize].push(id);
        }
    }
    parents
}

pub(super) fn shape_children(plan: &Plan, id: usize) -> Vec<usize> {
    let children: Vec<ShapeId> = match &plan.shapes[id].kind {
        ShapeKind::Record(parts) => parts.clone(),
        ShapeKind::Enum(variants) => variants.iter().flat_map(|(_, parts)| parts.iter().copied()).collect(),
        ShapeKind::Option(part) | ShapeKind::List(part) | ShapeKind::Array(part, _) => vec![*part],
        ShapeKind::Map(key, value) => vec![*key, *value],
        _ => Vec::new(),
    };
    children.into_iter().map(|child| child.0 as usize).collect()
}
