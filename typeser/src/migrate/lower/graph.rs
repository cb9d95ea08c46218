//! What of a plan has to be known before it is written out: what is shared, and what has to be noted.

use super::kernel_of;
use super::shuffles::is_noted;
use crate::resolve::{ArmAction, Plan, ShapeId, ShapeKind, Step, StepId};

/// The nodes of a graph that get routines: those at which a cycle closes, and those that are made of others and
/// used more than once.
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

/// The steps that have, in or below them, a record whose fields have to be noted before they are moved.
pub(super) fn steps_with_permutes(plan: &Plan, blind: &[bool], check: bool) -> Vec<bool> {
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); plan.steps.len()];
    for (id, step) in plan.steps.iter().enumerate() {
        for child in step.children() {
            parents[child.0 as usize].push(id);
        }
    }
    let permutes = |(id, step): (u32, &Step)| match step {
        Step::Record(record) => {
            is_noted(plan, record, blind, check) && kernel_of(plan, StepId(id), blind, check).is_none()
        }
        Step::Enum(arms) => arms.iter().any(|arm| match &arm.action {
            ArmAction::Keep { payload, .. } => is_noted(plan, payload, blind, check),
            ArmAction::Replace { .. } => false,
        }),
        _ => false,
    };
    let mut notes: Vec<bool> = (0u32..).zip(&plan.steps).map(permutes).collect();
    let mut reached: Vec<usize> = (0..notes.len()).filter(|id| notes[*id]).collect();
    while let Some(id) = reached.pop() {
        for parent in &parents[id] {
            if !std::mem::replace(&mut notes[*parent], true) {
                reached.push(*parent);
            }
        }
    }
    notes
}
