//! The smallest graph of a layout: nodes that unfold to the same tree become one.
//!
//! Partition refinement as Hopcroft found it, in the arrangement of A. Valmari ("Fast brief practical DFA
//! minimization", 2012): blocks of nodes and bundles of edges split each other until neither can. The cost is the
//! number of edges times its logarithm, whatever the graph.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::{NodeId, Schema};

impl Schema {
    /// The smallest graph of the same layout.
    pub(crate) fn smallest(&self) -> Self {
        self.minimal(&vec![(); self.len()]).0
    }

    /// The layout of one node, as a separate schema.
    pub(crate) fn part(&self, id: NodeId) -> Self {
        // Only what is reached is copied: a part may be small, and there may be many.
        let mut places: HashMap<NodeId, NodeId> = HashMap::new();
        let (mut reached, mut open) = (Vec::new(), vec![id]);
        while let Some(at) = open.pop() {
            if let Entry::Vacant(free) = places.entry(at) {
                free.insert(NodeId::new(u32::try_from(reached.len()).unwrap_or(u32::MAX)));
                reached.push(at);
                open.extend(self.node(at).children());
            }
        }
        let copy = |at: &NodeId| {
            let mut node = self.node(*at).clone();
            node.renumber(|child| places[&child]);
            node
        };
        match Self::numbered(reached.iter().map(copy).collect(), NodeId::ROOT) {
            Ok((part, _)) => part,
            // Never: every node of a schema is the root of one.
            Err(_) => self.clone(),
        }
    }

    /// The smallest graph of the same layout, and what became of each node.
    ///
    /// Nodes whose `labels` differ stay apart.
    pub(crate) fn minimal<L: Eq + Hash>(&self, labels: &[L]) -> (Self, Vec<NodeId>) {
        let identity = || (self.clone(), self.ids().collect());
        let classes = classes(self, labels);
        // The first node of each class represents it.
        let mut first: HashMap<u32, NodeId> = HashMap::new();
        for id in self.ids() {
            first.entry(classes[id.index()]).or_insert(id);
        }
        if first.len() == self.len() {
            return identity();
        }
        let stands_for: Vec<NodeId> = classes.iter().map(|class| first[class]).collect();
        let merged = self
            .nodes()
            .iter()
            .map(|node| {
                let mut node = node.clone();
                node.renumber(|child| stands_for[child.index()]);
                node
            })
            .collect();
        let Ok((schema, order)) = Self::numbered(merged, stands_for[0]) else { return identity() };
        let mut number: HashMap<NodeId, NodeId> = HashMap::new();
        for (new, old) in schema.ids().zip(order) {
            number.insert(old, new);
        }
        let mapping = stands_for.iter().map(|old| number[old]).collect();
        (schema, mapping)
    }
}

/// The class of each node: equal for nodes that unfold to the same labelled tree.
fn classes<L: Eq + Hash>(schema: &Schema, labels: &[L]) -> Vec<u32> {
    let shapes = schema.nodes().iter().zip(labels).map(|(node, label)| {
        let mut shape = node.clone();
        shape.renumber(|_| NodeId::ROOT);
        (shape, label)
    });
    let mut blocks = Partition::new(&numbered(shapes));
    let edges: Vec<Edge> = schema
        .ids()
        .flat_map(|from| schema.node(from).children().enumerate().map(move |(place, to)| Edge { from, place, to }))
        .collect();
    let mut bundles = Partition::new(&numbered(edges.iter().map(|edge| edge.place)));
    let mut incoming: Vec<Vec<usize>> = vec![Vec::new(); schema.len()];
    for (number, edge) in edges.iter().enumerate() {
        incoming[edge.to.index()].push(number);
    }
    let (mut block, mut bundle) = (0, 0);
    while block < blocks.len() || bundle < bundles.len() {
        if bundle < bundles.len() {
            for edge in bundles.range(bundle) {
                blocks.mark(edges[bundles.elements[edge]].from.index());
            }
            blocks.split();
            bundle += 1;
        } else {
            for node in blocks.range(block) {
                incoming[blocks.elements[node]].iter().for_each(|edge| bundles.mark(*edge));
            }
            bundles.split();
            block += 1;
        }
    }
    blocks.set_of.iter().map(|set| u32::try_from(*set).unwrap_or(u32::MAX)).collect()
}

struct Edge {
    from: NodeId,
    place: usize,
    to: NodeId,
}

/// Equal keys get equal numbers, counted from 0.
fn numbered<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut known: HashMap<K, usize> = HashMap::new();
    keys.map(|key| {
        let next = known.len();
        *known.entry(key).or_insert(next)
    })
    .collect()
}

/// Numbers 0.. in sets, each a range of `elements`, its marked ones in front.
struct Partition {
    elements: Vec<usize>,
    place_of: Vec<usize>,
    set_of: Vec<usize>,
    sets: Vec<Set>,
    touched: Vec<usize>,
}

struct Set {
    begin: usize,
    marked: usize,
    end: usize,
}

impl Partition {
    fn new(set_of: &[usize]) -> Self {
        let mut elements: Vec<usize> = (0..set_of.len()).collect();
        elements.sort_by_key(|element| set_of[*element]);
        let mut place_of = vec![0; elements.len()];
        let mut sets: Vec<Set> = Vec::new();
        for (place, element) in elements.iter().enumerate() {
            place_of[*element] = place;
            if set_of[*element] == sets.len() {
                sets.push(Set { begin: place, marked: 0, end: place });
            }
            if let Some(set) = sets.last_mut() {
                set.end = place + 1;
            }
        }
        Self { elements, place_of, set_of: set_of.to_vec(), sets, touched: Vec::new() }
    }

    fn len(&self) -> usize {
        self.sets.len()
    }

    fn range(&self, set: usize) -> std::ops::Range<usize> {
        self.sets[set].begin..self.sets[set].end
    }

    fn mark(&mut self, element: usize) {
        let number = self.set_of[element];
        let set = &mut self.sets[number];
        let (from, to) = (self.place_of[element], set.begin + set.marked);
        if from < to {
            return;
        }
        if set.marked == 0 {
            self.touched.push(number);
        }
        set.marked += 1;
        self.elements.swap(from, to);
        self.place_of[self.elements[from]] = from;
        self.place_of[element] = to;
    }

    /// Parts the marked elements of each set from the others; the smaller part becomes a new set.
    fn split(&mut self) {
        while let Some(number) = self.touched.pop() {
            let fresh = self.sets.len();
            let set = &mut self.sets[number];
            let (begin, middle, end) = (set.begin, set.begin + set.marked, set.end);
            set.marked = 0;
            if middle == end {
                continue;
            }
            let part = if middle - begin <= end - middle {
                set.begin = middle;
                begin..middle
            } else {
                set.end = middle;
                middle..end
            };
            for place in part.clone() {
                self.set_of[self.elements[place]] = fresh;
            }
            self.sets.push(Set { begin: part.start, marked: 0, end: part.end });
        }
    }
}
