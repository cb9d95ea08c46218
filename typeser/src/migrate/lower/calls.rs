//! Which steps call functions, whose results may be equal where inputs are not.

use std::sync::Arc;

use super::graph::parents;
use crate::resolve::{FunctionsStep, Plan, Step};

/// Which steps call functions, and which belong to elements or keys that functions make.
pub(super) struct FunctionCalls {
    /// For each step, the first function that it contains. Empty if there are no functions.
    pub(super) functions: Vec<Option<Arc<FunctionsStep>>>,
    /// For each step, whether it belongs to an element or key that is compared.
    pub(super) within: Vec<bool>,
}

impl FunctionCalls {
    pub(super) fn of(plan: &Plan) -> Self {
        let itself = |step: &Step| match step {
            Step::Functions(functions) => Some(Arc::clone(functions)),
            _ => None,
        };
        let mut functions: Vec<Option<Arc<FunctionsStep>>> = plan.steps.iter().map(itself).collect();
        let mut reached: Vec<usize> = (0..functions.len()).filter(|id| functions[*id].is_some()).collect();
        if reached.is_empty() {
            return Self { functions: Vec::new(), within: Vec::new() };
        }
        let parents = parents(plan);
        while let Some(id) = reached.pop() {
            for parent in &parents[id] {
                if functions[*parent].is_none() {
                    functions[*parent] = functions[id].clone();
                    reached.push(*parent);
                }
            }
        }
        let part = |step: &Step| match step {
            Step::List { element: part, distinct: true, .. } | Step::Map { key: part, .. } => Some(part.0 as usize),
            _ => None,
        };
        let mut within = vec![false; functions.len()];
        let mut open: Vec<usize> =
            plan.steps.iter().filter_map(part).filter(|part| functions[*part].is_some()).collect();
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut within[id], true) {
                open.extend(plan.steps[id].children().into_iter().map(|child| child.0 as usize));
            }
        }
        Self { functions, within }
    }
}
