//! Circles of imports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::FileImport;

/// One shortest circle for each group of nodes that reach each other; `node` says which node a file belongs to.
pub(crate) fn circles(imports: &[FileImport], node: impl Fn(&str) -> Option<String>) -> Vec<Vec<FileImport>> {
    let mut graph = BTreeMap::<String, BTreeMap<String, &FileImport>>::new();
    for import in imports {
        if let (Some(from), Some(to)) = (node(&import.from), node(&import.to))
            && from != to
        {
            graph.entry(from).or_default().entry(to).or_insert(import);
        }
    }
    let mut circles = Vec::new();
    let mut done = BTreeSet::new();
    for start in graph.keys() {
        if !done.contains(start)
            && let Some(circle) = shortest_circle(&graph, start)
        {
            let forward = reached(&graph, start);
            done.extend(forward.into_iter().filter(|other| reached(&graph, other).contains(start)));
            circles.push(circle);
        }
    }
    circles
}

type Graph<'a> = BTreeMap<String, BTreeMap<String, &'a FileImport>>;

fn reached(graph: &Graph<'_>, start: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for next in graph.get(node).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    seen
}

fn shortest_circle(graph: &Graph<'_>, start: &str) -> Option<Vec<FileImport>> {
    let mut came_from = BTreeMap::<&str, (&str, &FileImport)>::new();
    let mut open = VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        for (next, import) in graph.get(node).into_iter().flatten() {
            if next == start {
                let mut circle = vec![(*import).clone()];
                let mut at = node;
                while at != start {
                    let (before, import) = came_from[at];
                    circle.push(import.clone());
                    at = before;
                }
                circle.reverse();
                return Some(circle);
            }
            if !came_from.contains_key(next.as_str()) {
                came_from.insert(next, (node, import));
                open.push_back(next);
            }
        }
    }
    None
}
