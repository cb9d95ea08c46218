//! Records that one permutation rearranges: unchanged fields whose ends follow from a few length prefixes.

use super::lowering::{INLINE_DEPTH, Lowering};
use crate::migrate::permutation::{Extent, MOST_EXTENTS, Permutation, Piece};
use crate::resolve::{Plan, RecordStep, ShapeId, ShapeKind, Step, Target};
use crate::schema::{IntegerEncoding, Primitive, Size};

/// The extents of a stored record, and the index at which those of each field begin; the last index is the end.
struct Extents {
    all: Vec<Extent>,
    begins: Vec<u8>,
}

/// Whether a record has fields in another order whose offsets have to be noted before they are moved.
pub(super) fn is_noted(plan: &Plan, record: &RecordStep, unchecked: &[bool], check: bool) -> bool {
    !record.in_order() && !has_no_bytes(plan, record) && extents(plan, record, unchecked, check).is_none()
}

/// Whether a stored record takes no bytes, so that the position is right for each of its fields.
pub(super) fn has_no_bytes(plan: &Plan, record: &RecordStep) -> bool {
    record.sources.iter().all(|source| plan.shape(*source).size == Size::exactly(0))
}

/// The number of each stored field among those whose offsets are noted. Fields that take no bytes begin anywhere: if they
/// were noted, a few bytes of a layout would take memory for each value.
pub(super) fn noted_fields(plan: &Plan, record: &RecordStep) -> Vec<Option<usize>> {
    let mut next = 0..;
    let sources = record.sources.iter();
    sources.map(|source| if plan.shape(*source).size == Size::exactly(0) { None } else { next.next() }).collect()
}

impl Lowering<'_> {
    /// The permutation of a record, if there is one.
    pub(super) fn permutation_of(&mut self, record: &RecordStep) -> Option<Permutation> {
        let Extents { all, begins } = extents(self.plan, record, &self.unchecked, self.check)?;
        let mut pieces = Vec::with_capacity(record.targets.len());
        for target in &record.targets {
            match target {
                Target::From { source, .. } => {
                    let (first, end) = (begins[*source], begins[source + 1]);
                    match pieces.last_mut() {
                        Some(Piece::From { end: last, .. }) if *last == first => *last = end,
                        _ => pieces.push(Piece::From { first, end }),
                    }
                }
                Target::Constant(bytes) => pieces.push(Piece::Constant(self.constant_shared(bytes))),
            }
        }
        Some(Permutation { extents: all, pieces })
    }
}

/// `None` if a field changes, or if its end does not follow from a few lengths.
fn extents(plan: &Plan, record: &RecordStep, unchecked: &[bool], check: bool) -> Option<Extents> {
    let stays = |target: &Target| match target {
        Target::From { step, .. } => matches!(plan.step(*step), Step::Same(_)),
        Target::Constant(_) => true,
    };
    if record.sources.len() > MOST_EXTENTS || plan.from != plan.to || !record.targets.iter().all(stays) {
        return None;
    }
    let mut extents = Extents { all: Vec::new(), begins: vec![0] };
    for source in &record.sources {
        let begin = extents.all.len();
        extents.add(plan, *source, begin, (unchecked, check), 0)?;
        extents.begins.push(u8::try_from(extents.all.len()).ok()?);
    }
    Some(extents)
}

impl Extents {
    /// Adds the extents of a shape, in a field whose extents begin at `begin`.
    fn add(
        &mut self,
        plan: &Plan,
        id: ShapeId,
        begin: usize,
        (unchecked, check): (&[bool], bool),
        depth: usize,
    ) -> Option<()> {
        if depth > INLINE_DEPTH {
            return None;
        }
        let sized = |id: ShapeId| {
            let size = plan.shape(id).size;
            (size.exact && unchecked[id.0 as usize]).then_some(size.min)
        };
        if let Some(size) = sized(id) {
            return self.push(Extent::Sized(size), begin);
        }
        let extent = match &plan.shape(id).kind {
            ShapeKind::Record(parts) => {
                return parts.iter().try_for_each(|part| self.add(plan, *part, begin, (unchecked, check), depth + 1));
            }
            ShapeKind::Primitive(Primitive::String) if !check => Extent::Counted,
            ShapeKind::Framed => Extent::Counted,
            ShapeKind::List(part) => Extent::List { size: sized(*part).filter(|size| *size > 0)? },
            ShapeKind::Option(part) => Extent::Option { size: sized(*part)? },
            ShapeKind::Primitive(primitive) if plan.from == IntegerEncoding::Variable && primitive.is_integer() => {
                Extent::Integer(*primitive)
            }
            _ => return None,
        };
        self.push(extent, begin)
    }

    fn push(&mut self, extent: Extent, begin: usize) -> Option<()> {
        if let (Extent::Sized(more), Some(Extent::Sized(size))) = (extent, self.all[begin..].last_mut())
            && let Some(sum) = size.checked_add(more)
        {
            *size = sum;
            return Some(());
        }
        self.all.push(extent);
        (self.all.len() <= MOST_EXTENTS).then_some(())
    }
}
