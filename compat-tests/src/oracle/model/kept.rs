//! Whether a stored layout can be kept: under its new names, no declaration may mistake it for what an
//! earlier release stored.

use std::collections::HashSet;

use typeser::schema::{Field, Node, NodeId, Schema};
use typeser::snapshot::{NodeHints, RecordHints};

use super::super::value::Layout;
use super::{Model, is_same, label};

/// A node that a function reads, a stored node, and a new node.
type Three = (NodeId, NodeId, NodeId);

impl Model<'_> {
    /// Whether a function would read the stored layout under its new names.
    pub(super) fn is_mistaken(&self) -> bool {
        let mut open = vec![(NodeId::ROOT, NodeId::ROOT, self.zone)];
        let mut met = HashSet::new();
        while let Some(pair) = open.pop() {
            if !met.insert(pair) {
                continue;
            }
            let mistaken = |(was, earlier): (&[Field], &RecordHints), (now, hints): (&[Field], &RecordHints)| {
                let taken = |(field, at): (&Field, usize)| {
                    let mut conversions = hints.fields[at].conversions.iter();
                    conversions.any(|known| {
                        let source = Layout::new(known.source.schema().nodes(), self.stored.configuration().integers);
                        self.goes_by(source, (NodeId::ROOT, field.node, now[at].node))
                    })
                };
                let places = self.places((was, earlier), (now, hints));
                was.iter().zip(places).filter_map(|(field, at)| Some((field, at?))).any(taken)
            };
            let hints = (&self.stored.hints()[pair.0.index()], &self.new.hints()[pair.1.index()]);
            let is_one = match (self.stored_node(pair.0), self.new_node(pair.1), hints) {
                (Node::Struct(was), Node::Struct(now), (NodeHints::Struct(earlier), NodeHints::Struct(hints))) => {
                    mistaken((&was.fields, &earlier.record), (&now.fields, &hints.record))
                }
                (Node::Enum(was), Node::Enum(now), (NodeHints::Enum(earlier), NodeHints::Enum(hints))) => {
                    let places = self.variant_places(pair.0, pair.1);
                    was.variants.iter().zip(&earlier.variants).zip(places).any(|((variant, earlier), at)| {
                        at.is_some_and(|at| {
                            let now = (&*now.variants[at].fields, &hints.variants[at].record);
                            mistaken((&variant.fields, &earlier.record), now)
                        })
                    })
                }
                _ => false,
            };
            let was = self.new.hints()[pair.1.index()].was();
            let whole =
                if pair.0 == NodeId::ROOT && pair.1 == NodeId::ROOT { &*self.new.root_hints().was } else { &[] };
            let is_kept_as = |was: &Schema| {
                let source = Layout::new(was.nodes(), self.stored.configuration().integers);
                self.goes_by(source, (NodeId::ROOT, pair.0, pair.1))
            };
            if is_one || (self.was(pair.0, pair.1).is_none() && was.iter().chain(whole).any(is_kept_as)) {
                return true;
            }
            open.extend(self.compare(pair).parts);
        }
        false
    }

    /// Whether a layout is the stored one under its new names.
    fn goes_by(&self, source: Layout<'_>, top: Three) -> bool {
        let mut open = vec![top];
        let mut met = HashSet::new();
        while let Some(three) = open.pop() {
            if met.insert(three) {
                match self.goes_by_here(source, three) {
                    Some(parts) => open.extend(parts),
                    None => return false,
                }
            }
        }
        true
    }

    fn goes_by_here(&self, source: Layout<'_>, (is_id, was_id, now_id): Three) -> Option<Vec<Three>> {
        let (is, was, now) = (source.node(is_id), self.stored_node(was_id), self.new_node(now_id));
        let hints = (&self.stored.hints()[was_id.index()], &self.new.hints()[now_id.index()]);
        match (is, was, now, hints) {
            (
                Node::Struct(is),
                Node::Struct(was),
                Node::Struct(now),
                (NodeHints::Struct(earlier), NodeHints::Struct(hints)),
            ) => {
                let same = (&is.name, is.version) == (&now.name, now.version);
                let places = self.places((&was.fields, &earlier.record), (&now.fields, &hints.record));
                let parts = fields(&is.fields, &was.fields, &now.fields, &places);
                if same { parts } else { None }
            }
            (Node::Enum(is), Node::Enum(was), Node::Enum(now), (NodeHints::Enum(earlier), NodeHints::Enum(hints))) => {
                let same = (&is.name, is.version) == (&now.name, now.version);
                if !same || is.variants.len() != now.variants.len() {
                    return None;
                }
                let places = self.variant_places(was_id, now_id);
                let mut parts = Vec::new();
                let stored = was.variants.iter().zip(&earlier.variants);
                for ((is, (was, earlier)), at) in is.variants.iter().zip(stored).zip(&places) {
                    let now = &now.variants[(*at)?];
                    if is.name != now.name || is.tag != was.tag {
                        return None;
                    }
                    let record = &hints.variants[(*at)?].record;
                    let places = self.places((&was.fields, &earlier.record), (&now.fields, record));
                    parts.extend(fields(&is.fields, &was.fields, &now.fields, &places)?);
                }
                // New variants come last, in the order of their declaration.
                let mut tag = was.variants.iter().map(|variant| variant.tag).max().map_or(0, |tag| tag.wrapping_add(1));
                let fresh = now.variants.iter().enumerate().filter(|(at, _)| !places.contains(&Some(*at)));
                for (is, (_, now)) in is.variants.iter().skip(was.variants.len()).zip(fresh) {
                    let payload = is.fields.len() == now.fields.len()
                        && is.fields.iter().zip(&now.fields).all(|(is, now)| {
                            is.name == now.name && is_same((source, is.node), (Layout::of(self.new), now.node))
                        });
                    if is.name != now.name || is.tag != tag || !payload {
                        return None;
                    }
                    tag = tag.wrapping_add(1);
                }
                Some(parts)
            }
            (is, Node::NonZero(_), Node::Primitive(_), _) if is == now => Some(vec![]),
            (is, was, now, _) if label(is) == label(now) => {
                Some(is.children().zip(was.children().zip(now.children())).map(|(a, (b, c))| (a, b, c)).collect())
            }
            _ => None,
        }
    }

    /// For every stored variant the place of the new one.
    fn variant_places(&self, stored: NodeId, new: NodeId) -> Vec<Option<usize>> {
        let hints = (&self.stored.hints()[stored.index()], &self.new.hints()[new.index()]);
        let (Node::Enum(was), Node::Enum(now), (NodeHints::Enum(earlier), NodeHints::Enum(hints))) =
            (self.stored_node(stored), self.new_node(new), hints)
        else {
            return vec![];
        };
        targets(was.variants.len(), &self.variant_sources((was, earlier), (now, hints)))
    }

    /// For every stored field the place of the new one.
    fn places(&self, was: (&[Field], &RecordHints), now: (&[Field], &RecordHints)) -> Vec<Option<usize>> {
        targets(was.0.len(), &self.field_sources(was, now))
    }
}

/// The fields in stored order under their new names; `None` if the names differ.
fn fields(is: &[Field], was: &[Field], now: &[Field], places: &[Option<usize>]) -> Option<Vec<Three>> {
    let parts = is.iter().zip(was).zip(places).map(|((is, was), at)| {
        let now = &now[(*at)?];
        (is.name == now.name).then_some((is.node, was.node, now.node))
    });
    if is.len() == was.len() { parts.collect() } else { None }
}

/// For each of so many stored places the new one that it is the source of.
fn targets(stored: usize, sources: &[Option<usize>]) -> Vec<Option<usize>> {
    (0..stored).map(|place| sources.iter().position(|source| *source == Some(place))).collect()
}
