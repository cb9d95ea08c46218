//! The other places of a finding. A pair of types is compared once, where it is met first; a finding says where else
//! the two types meet.

use std::collections::{HashMap, HashSet};

use super::walker::Walker;
use crate::resolve::adopted::NO_RECORD_HINTS;
use crate::resolve::compatibility::Compatibility;
use crate::resolve::finding::{Link, Place};
use crate::resolve::fix::{Fix, NoneToo, Site};
use crate::resolve::names::Matches;
use crate::resolve::plan::{Step, StepId};
use crate::resolve::role::Zone;
use crate::schema::{Field, Node, NodeId, Path, PathSegment};
use crate::snapshot::RecordHints;

/// The most places of a finding beside the first.
const MOST_PLACES: usize = 64;
/// The most steps up from findings to the top, for all findings together.
const MOST_STEPS: usize = 1 << 16;
/// The most steps from a finding up to the top.
const MOST_DEPTH: usize = 1 << 10;
/// The most steps of all places together.
const MOST_SEGMENTS: usize = 1 << 18;
/// The most pairs of which the parts are listed again.
const MOST_PAIRS: usize = 1 << 14;

/// Where pairs are met again: for each, the pair around it and the way from there.
type Again = HashMap<StepId, Vec<(StepId, Vec<PathSegment>)>>;

/// A part of a pair: the two nodes, what is asked of them, and the way there.
type PairPart = (NodeId, NodeId, Zone, Vec<PathSegment>);

impl Walker<'_> {
    /// Lists with each incompatible finding the other places of its two types.
    pub(super) fn add_places(&mut self) {
        let refused = |rule: Compatibility| rule == Compatibility::Incompatible;
        if self.pairs.len() > MOST_PAIRS || !self.findings.iter().any(|finding| refused(finding.rule.verdict)) {
            return;
        }
        let again = self.met_again();
        if again.is_empty() {
            return;
        }
        let (mut left, mut segments_left) = (MOST_STEPS, MOST_SEGMENTS);
        for at in 0..self.findings.len() {
            let (id, below) = self.found_at[at];
            if !refused(self.findings[at].rule.verdict) {
                continue;
            }
            let finding = &self.findings[at];
            let segments = finding.path.segments();
            let more = segments[segments.len().saturating_sub(below)..].to_vec();
            let mut ways =
                Ways { walker: self, again: &again, left: &mut left, room: &mut segments_left, found: Vec::new() };
            ways.up(id, &mut vec![(id, more)]);
            let mut met = HashSet::from([finding.path.clone()]);
            let places: Vec<Place> = ways.found.into_iter().filter(|place| met.insert(place.path.clone())).collect();
            self.findings[at].also = places;
        }
    }

    /// Adds the other places of each finding to its fixes that edit each of them.
    pub(super) fn add_places_to_fixes(&mut self) {
        for at in 0..self.findings.len() {
            let finding = &self.findings[at];
            let takes_more = |fix: &Fix| matches!(fix, Fix::NoneValue { .. } | Fix::Convert { .. });
            if finding.also.is_empty() || !finding.fixes.iter().any(takes_more) {
                continue;
            }
            let places = &finding.also;
            let conversions = places.iter().filter_map(|place| self.conversion_at(place));
            // A function of a field that is part of keys would apply to the keys as well.
            let more: Vec<_> = conversions.filter(|other| !self.is_keyed(other.site.node)).collect();
            let nones = places.iter().filter_map(|place| self.field_of(place));
            let nones: Vec<_> = nones.filter(|other| !self.is_keyed(other.site.node)).collect();
            let lacks = [nones.len() < places.len(), more.len() < places.len()];
            for fix in &mut self.findings[at].fixes {
                if let Fix::NoneValue { site: first, more: others, .. } = fix {
                    for other in &nones {
                        if other.site != *first && !others.contains(other) {
                            others.push(other.clone());
                        }
                    }
                }
                if let Fix::Convert { site: first, more: others, .. } = fix {
                    for other in &more {
                        if other.site != *first && !others.iter().any(|known| known.site == other.site) {
                            others.push(other.clone());
                        }
                    }
                }
            }
            // What repairs only some of the places comes after what repairs all.
            let fixes = &mut self.findings[at].fixes;
            let is_part = match fixes.first() {
                Some(Fix::NoneValue { .. }) => lacks[0],
                Some(Fix::Convert { .. }) => lacks[1],
                _ => false,
            };
            if let Some(keep) = fixes.iter().position(Fix::is_keep).filter(|_| is_part) {
                fixes[..=keep].rotate_right(1);
            }
        }
    }

    /// The new field around a place, without a struct or enum in between.
    pub(super) fn field_around_place(&self, place: &Place) -> Option<Site> {
        let segments = place.path.segments();
        place.chain.windows(2).rev().find_map(|links| {
            let path = segments.get(links[0].depth..links[1].depth)?;
            matches!(path.last(), Some(PathSegment::Field(_))).then(|| self.field_at(links[0].new, path))
        })?
    }

    /// The new field that a place is the type of, if it is that of a field.
    fn field_of(&self, place: &Place) -> Option<NoneToo> {
        let [.., above, link] = place.chain.as_slice() else { return None };
        let site = self.field_at(above.new, place.path.segments().get(above.depth..link.depth)?)?;
        Some(NoneToo { site, field: self.field_name(site)?, declaration: self.declaration(site) })
    }

    /// Where pairs are met that were met before.
    fn met_again(&self) -> Again {
        let mut again = Again::new();
        for number in 0..self.pairs.len() {
            let id = StepId(u32::try_from(number).unwrap_or(u32::MAX));
            let way = self.way_below(id);
            for (stored, new, zone, segments) in self.parts_of(id) {
                let Some(known) = self.known.get(&(stored, new, zone)) else { continue };
                let first = self.pair(*known);
                let is_first = first.segments == segments && first.way == way;
                if *known == StepId(0) || !is_first {
                    again.entry(*known).or_default().push((id, segments));
                }
            }
        }
        again
    }

    /// The parts of a pair that are compared with each other.
    fn parts_of(&self, id: StepId) -> Vec<PairPart> {
        // What functions make, or what is declared to have the same bytes, is not compared by its parts.
        if matches!(self.steps[id.0 as usize], Some(Step::Functions(_) | Step::Same(_))) {
            return Vec::new();
        }
        let pair = self.pair(id);
        let zone = pair.zone;
        let mut parts = Vec::new();
        match self.nodes(id) {
            (Node::Struct(stored), Node::Struct(new)) => {
                let hints = [&self.stored_struct_hints(id).record, &self.struct_hints(id).record];
                self.fields_of((&stored.fields, &new.fields), hints, zone, &[], &mut parts);
            }
            (Node::Enum(stored), Node::Enum(new)) => {
                let (was, hints) = (self.stored_enum_hints(id), self.enum_hints(id));
                let downwards = self.policy.downwards;
                let matches = Matches::of_variants(&stored.variants, was, &new.variants, hints, downwards);
                for (place, variant) in stored.variants.iter().enumerate() {
                    let at = matches.of_stored[place].or_else(|| matches.merged.get(&place).copied());
                    let Some(at) = at else { continue };
                    let fields = (&variant.fields[..], &new.variants[at].fields[..]);
                    let path = [PathSegment::variant(&variant.name)];
                    let was = was.variants.get(place).map_or(&NO_RECORD_HINTS, |hints| &hints.record);
                    self.fields_of(fields, [was, &hints.variants[at].record], zone, &path, &mut parts);
                }
            }
            (&Node::Option(stored), &Node::Option(new)) => parts.push((stored, new, zone, vec![PathSegment::Some])),
            (_, &Node::Option(new)) => parts.push((pair.stored, new, zone, vec![])),
            (stored @ Node::Option(_), new) => {
                let within = self.within_unwrapped(stored, new);
                parts.extend(within.map(|within| (within, pair.new, zone, vec![PathSegment::Some])));
            }
            (&Node::Set(stored), &Node::Set(new)) => {
                parts.push((stored, new, zone.distinct(), vec![PathSegment::SetElement]));
            }
            (
                &Node::List(stored) | &Node::Set(stored) | &Node::Array { element: stored, .. },
                &Node::List(new) | &Node::Array { element: new, .. },
            ) => parts.push((stored, new, zone, vec![PathSegment::Element])),
            (&Node::Map { key, value }, &Node::Map { key: new_key, value: new_value }) => {
                parts.push((key, new_key, zone.distinct(), vec![PathSegment::MapKey]));
                parts.push((value, new_value, zone, vec![PathSegment::MapValue]));
            }
            (Node::Tuple(stored), Node::Tuple(new)) => {
                let elements = stored.iter().zip(new).enumerate();
                parts.extend(elements.map(|(at, (stored, new))| (*stored, *new, zone, vec![PathSegment::Index(at)])));
            }
            (&Node::NonZero(stored), &Node::NonZero(new)) => parts.push((stored, new, zone, vec![])),
            (&Node::NonZero(stored), _) => parts.push((stored, pair.new, zone, vec![])),
            (Node::Logical(stored), Node::Logical(new)) => {
                parts.push((stored.representation, new.representation, zone, vec![]));
            }
            _ => {}
        }
        parts
    }

    fn fields_of(
        &self,
        (stored, new): (&[Field], &[Field]),
        [was, hints]: [&RecordHints; 2],
        zone: Zone,
        path: &[PathSegment],
        parts: &mut Vec<PairPart>,
    ) {
        let matches = Matches::of_fields(stored, was, new, hints, self.policy.downwards);
        let hints = &hints.fields;
        for (field, at) in stored.iter().zip(&matches.of_stored) {
            let Some(at) = *at else { continue };
            let mut segments = path.to_vec();
            segments.push(PathSegment::field(&field.name));
            let is_option = |node: &Node| matches!(node, Node::Option(_));
            let mut was = field.node;
            if hints[at].none.is_some()
                && !is_option(self.new_schema().node(new[at].node))
                && let Node::Option(inner) = self.stored_schema().node(was)
            {
                was = *inner;
                segments.push(PathSegment::Some);
            }
            if hints[at].conversions.is_empty() {
                parts.push((was, new[at].node, zone, segments));
            }
        }
    }
}

/// The ways from a finding up to the top.
struct Ways<'a, 'w> {
    walker: &'a Walker<'w>,
    again: &'a Again,
    left: &'a mut usize,
    /// How many steps further places may have.
    room: &'a mut usize,
    found: Vec<Place>,
}

impl Ways<'_, '_> {
    /// `way` is the way so far, from the finding up: each pair with the segments that lead on from it.
    fn up(&mut self, id: StepId, way: &mut Vec<(StepId, Vec<PathSegment>)>) {
        if *self.left == 0 || self.found.len() > MOST_PLACES || way.len() > MOST_DEPTH {
            return;
        }
        *self.left -= 1;
        if id == StepId(0) {
            let Some(room) = self.room.checked_sub(way.len()) else { return };
            *self.room = room;
            self.found.push(self.place(way));
        }
        let pair = self.walker.pair(id);
        let first = (id != StepId(0)).then(|| (pair.way.unwrap_or(StepId(0)), pair.segments.clone()));
        let others = self.again.get(&id).into_iter().flatten().cloned();
        for (parent, segments) in first.into_iter().chain(others) {
            // Types without a name are written out again in what they contain. All else ends there.
            let new = self.walker.new_schema().node(self.walker.pair(parent).new);
            let most = usize::from(!matches!(new, Node::Struct(_) | Node::Enum(_)));
            if way.iter().filter(|(met, _)| *met == parent).count() <= most {
                way.push((parent, segments));
                self.up(parent, way);
                way.pop();
            }
        }
    }

    fn place(&self, way: &[(StepId, Vec<PathSegment>)]) -> Place {
        let mut segments = Vec::new();
        let mut chain = Vec::new();
        for (id, more) in way.iter().rev() {
            let pair = self.walker.pair(*id);
            chain.push(Link { depth: segments.len(), stored: pair.stored, new: pair.new });
            segments.extend(more.iter().cloned());
        }
        Place { path: Path::from(segments), chain }
    }
}
