//! Describes a type: its snapshot, or its layout alone.

use super::codec;
use super::conversions::Conversions;
use super::describe_error::DescribeError;
use super::described::Described;
use super::describer::{Describer, Functions};
use super::state_type::StateType;
use crate::schema::{IntegerEncoding, MOST_COMPARED, Node, NodeId, Schema, same_bytes_within, same_layout_within};
use crate::snapshot::assemble::Assembled;
use crate::snapshot::{NodeHints, SerializerSnapshot, Source, TypeMigration};
use crate::wire::EncodeError;

/// The snapshot of the serializer of `T` under an integer encoding.
pub(super) fn snapshot_of<T: StateType>(
    integers: IntegerEncoding,
) -> Result<(SerializerSnapshot, Conversions), DescribeError> {
    let type_name = std::any::type_name::<T>();
    let mut describer = Describer::new(integers, Functions::Kept);
    let root = T::describe(&mut describer);
    if let Some(failure) = describer.failure {
        return Err(failure);
    }
    let conversions = describer.conversions;
    let nodes = describer.nodes.into_iter().flatten().collect();
    let schema_error = |source| DescribeError::Schema { type_name, source };
    let parts = Assembled::new(nodes, &describer.hints, root).map_err(schema_error)?;
    if let Some(failure) =
        ambiguous_conversion(&parts).or_else(|| ambiguous_migration(&parts)).or_else(|| wrong_was(&parts, integers))
    {
        return Err(failure);
    }
    let locations = parts.origins.iter().map(|origin| describer.locations[origin.index()]).collect();
    let (name, version) = (parts.name(), parts.version());
    SerializerSnapshot::new(name, version, integers.into(), parts.schema, parts.hints)
        .map(|snapshot| (snapshot.with_locations(locations), conversions))
        .map_err(|source| DescribeError::Snapshot { type_name, source })
}

/// The layout of `T`, without anything that attributes say.
///
/// # Errors
/// The type has no schema.
#[doc(hidden)]
pub fn layout_of<T: StateType>() -> Result<Schema, DescribeError> {
    let mut describer = Describer::new(IntegerEncoding::default(), Functions::LeftOut { any: false });
    let root = T::describe(&mut describer);
    let nodes = describer.nodes.into_iter().flatten().collect();
    match Schema::numbered(nodes, root) {
        Ok((schema, _)) => Ok(schema.smallest()),
        Err(source) => Err(DescribeError::Schema { type_name: std::any::type_name::<T>(), source }),
    }
}

/// What a function that takes a `T` reads. Constants have this encoding.
pub(super) fn source_of<T: StateType>(integers: IntegerEncoding) -> Result<Described, DescribeError> {
    let mut describer = Describer::new(integers, Functions::LeftOut { any: false });
    let root = T::describe(&mut describer);
    let failed = |source| DescribeError::Schema { type_name: std::any::type_name::<T>(), source };
    let nodes: Vec<Node> = describer.nodes.into_iter().flatten().collect();
    if describer.functions == (Functions::LeftOut { any: true }) {
        let (schema, _) = Schema::numbered(nodes, root).map_err(failed)?;
        return Ok(Described { source: schema.smallest().into(), exact: true });
    }
    if let Some(failure) = describer.failure {
        return Err(failure);
    }
    let Assembled { schema, hints, .. } = Assembled::new(nodes, &describer.hints, root).map_err(failed)?;
    Ok(Described { source: Source::new(schema, hints), exact: false })
}

/// The first conversion that reads what its field is now, or what another one of the field reads. The derive compares
/// how types are spelled; two types may still have one layout.
fn ambiguous_conversion(parts: &Assembled) -> Option<DescribeError> {
    let records = parts.schema.nodes().iter().zip(&parts.hints).flat_map(|(node, hints)| match (node, hints) {
        (Node::Struct(node), NodeHints::Struct(hints)) => vec![(&node.fields, &hints.record)],
        (Node::Enum(node), NodeHints::Enum(hints)) => {
            let records = node.variants.iter().zip(&hints.variants);
            records.map(|(variant, hints)| (&variant.fields, &hints.record)).collect()
        }
        _ => Vec::new(),
    });
    let mut fields = records.flat_map(|(fields, hints)| fields.iter().zip(&hints.fields));
    fields.find_map(|(field, hints)| {
        let conversions = hints.conversions.as_slice();
        let now = (!conversions.is_empty()).then(|| parts.schema.part(field.node).smallest())?;
        conversions.iter().enumerate().find_map(|(at, conversion)| {
            let id = || conversion.id.clone();
            if *conversion.source.schema() == now {
                return Some(DescribeError::SameLayout { id: id() });
            }
            let first = conversions[..at].iter().find(|first| first.source.schema() == conversion.source.schema())?;
            Some(DescribeError::OneLayout { first: first.id.clone(), second: id() })
        })
    })
}

/// The first two functions of a type that read one layout. Where that is a layout without a version, such as `u64`, a
/// stored value could be for either of them.
fn ambiguous_migration(parts: &Assembled) -> Option<DescribeError> {
    parts.hints.iter().find_map(|hints| {
        let migrations = hints.migrations();
        migrations.iter().enumerate().find_map(|(at, second)| {
            let source = second.source.as_ref()?.schema();
            let reads = |first: &&TypeMigration| first.source.as_ref().is_some_and(|first| first.schema() == source);
            let first = migrations[..at].iter().find(reads)?;
            Some(DescribeError::OneLayout { first: first.id.clone(), second: second.id.clone() })
        })
    })
}

/// The first layout that a type was before and that is its own, has other bytes, or that a function reads too.
fn wrong_was(parts: &Assembled, integers: IntegerEncoding) -> Option<DescribeError> {
    parts.schema.ids().zip(&parts.hints).find_map(|(id, hints)| {
        let type_name = || parts.schema.type_name(id);
        hints.was().iter().enumerate().find_map(|(at, was)| {
            let (now, then) = ((&parts.schema, id), (was, NodeId::ROOT));
            if same_layout_within(now, then, &mut { MOST_COMPARED })? {
                return Some(DescribeError::WasItself { type_name: type_name() });
            }
            let name = || format!("was = {}", was.type_name(NodeId::ROOT));
            let functions = hints.migrations().iter();
            let first =
                functions.filter(|function| function.source.as_ref().is_some_and(|source| source.schema() == was));
            let first = first.map(|function| function.id.clone()).chain(hints.was()[..at].contains(was).then(name));
            if let Some(first) = first.into_iter().next() {
                return Some(DescribeError::OneLayout { first, second: name() });
            }
            (!has_bytes(then, now, integers))
                .then(|| DescribeError::WasOtherBytes { type_name: type_name(), was: was.type_name(NodeId::ROOT) })
        })
    })
}

/// Whether every value of a layout has the same bytes in the layout of now. What would take too long to find out is not
/// risked.
pub(crate) fn has_bytes(was: (&Schema, NodeId), now: (&Schema, NodeId), integers: IntegerEncoding) -> bool {
    let fixed = integers == IntegerEncoding::Fixed;
    same_bytes_within(was, now, fixed, &mut { MOST_COMPARED }) == Some(true)
}

/// Encodes a constant; what the tables of a derive point to.
pub fn constant<T: StateType>(integers: IntegerEncoding, value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    codec::encode_with(integers, value, &mut bytes)?;
    Ok(bytes)
}
