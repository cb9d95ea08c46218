//! Collections of foreign values: the bytes of the collection of the stored values.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::form::{Form, Stored};
use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::state_type::{decode_each, enter_writer, leave_writer};
use crate::serializer::std_types::{duplicate_element, duplicate_key};
use crate::serializer::{Describer, StateType};
use crate::wire::{DecodeError, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

/// The form of an option, a list, an array, a set or a pointer whose content has the form `F`.
#[derive(Debug)]
pub struct Each<F>(PhantomData<F>);

/// The form of a map whose keys have the form `K` and whose values have the form `V`.
#[derive(Debug)]
pub struct Entries<K, V>(PhantomData<(K, V)>);

/// The form of a tuple whose elements have these forms.
#[derive(Debug)]
pub struct Parts<F>(PhantomData<F>);

impl<V: 'static, F: Form<V>> Form<Option<V>> for Each<F> {
    const SIZES: Sizes = F::SIZES.option();

    fn describe(to: &mut Describer) -> NodeId {
        Option::<Stored<F, V>>::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(value: &Option<V>, to: &mut W) -> Result<(), EncodeError> {
        match value {
            None => to.put([0]),
            Some(value) => {
                to.put([1]);
                enter_writer::<Stored<F, V>, W>(to)?;
                F::encode(value, to)?;
                leave_writer::<Stored<F, V>, W>(to);
            }
        }
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Option<V>, DecodeError> {
        Ok(Option::<Stored<F, V>>::decode(from)?.map(|stored| stored.value))
    }
}

macro_rules! lists {
    ($($list:ident)*) => { $(
        impl<V: 'static, F: Form<V>> Form<$list<V>> for Each<F> {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                Vec::<Stored<F, V>>::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(list: &$list<V>, to: &mut W) -> Result<(), EncodeError> {
                to.put_length(list.len());
                encode_each::<F, V, W>(list.iter(), list.len(), to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<$list<V>, DecodeError> {
                Ok(Vec::<Stored<F, V>>::decode(from)?.into_iter().map(|stored| stored.value).collect())
            }
        }
    )* };
}

lists! { Vec VecDeque }

impl<V: 'static, F: Form<V>, const N: usize> Form<[V; N]> for Each<F> {
    const SIZES: Sizes = F::SIZES.times(N);

    fn describe(to: &mut Describer) -> NodeId {
        <[Stored<F, V>; N]>::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(array: &[V; N], to: &mut W) -> Result<(), EncodeError> {
        array.iter().try_for_each(|item| F::encode(item, to))
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<[V; N], DecodeError> {
        Ok(<[Stored<F, V>; N]>::decode(from)?.map(|stored| stored.value))
    }
}

macro_rules! pointers {
    ($($pointer:ident)*) => { $(
        impl<V: 'static, F: Form<V>> Form<$pointer<V>> for Each<F> {
            const SIZES: Sizes = Sizes::UNKNOWN;

            fn describe(to: &mut Describer) -> NodeId {
                F::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(value: &$pointer<V>, to: &mut W) -> Result<(), EncodeError> {
                F::encode(value, to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<$pointer<V>, DecodeError> {
                F::decode(from).map($pointer::new)
            }
        }
    )* };
}

pointers! { Box Rc Arc }

macro_rules! sets {
    ($($set:ty, $($bound:path),+ $(, [$parameter:ident])?;)*) => { $(
        impl<V: 'static $(+ $bound)+, F: Form<V> $(, $parameter: BuildHasher + Default + 'static)?> Form<$set> for Each<F> {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                to.node::<(Self, $set)>(|to| Node::Set(F::describe(to)))
            }

            #[inline]
            fn encode<W: Writer>(set: &$set, to: &mut W) -> Result<(), EncodeError> {
                to.put_length(set.len());
                encode_elements::<F, V, W>(set.iter(), set.len(), to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<$set, DecodeError> {
                let length = from.take_length(const { F::SIZES }.under(E::ENCODING).min)?;
                let mut set = <$set>::default();
                decode_each(length, from, |stored: Stored<F, V>, at| match set.insert(stored.value) {
                    true => Ok(()),
                    false => Err(duplicate_element(at)),
                })?;
                Ok(set)
            }
        }
    )* };
}

sets! {
    HashSet<V, S>, Eq, Hash, [S];
    BTreeSet<V>, Ord;
}

macro_rules! maps {
    ($($map:ty, $($bound:path),+ $(, [$parameter:ident])?;)*) => { $(
        impl<K, V, KF, VF $(, $parameter: BuildHasher + Default + 'static)?> Form<$map> for Entries<KF, VF>
        where
            K: 'static $(+ $bound)+,
            V: 'static,
            KF: Form<K>,
            VF: Form<V>,
        {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                to.node::<(Self, $map)>(|to| Node::Map { key: KF::describe(to), value: VF::describe(to) })
            }

            #[inline]
            fn encode<W: Writer>(map: &$map, to: &mut W) -> Result<(), EncodeError> {
                to.put_length(map.len());
                encode_entries::<KF, VF, K, V, W>(map.iter(), map.len(), to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<$map, DecodeError> {
                let size = const { <(Stored<KF, K>, Stored<VF, V>)>::SIZES }.under(E::ENCODING);
                let length = from.take_length(size.min)?;
                let mut map = <$map>::default();
                decode_each(length, from, |(key, value): (Stored<KF, K>, Stored<VF, V>), at| {
                    match map.insert(key.value, value.value) {
                        None => Ok(()),
                        Some(_) => Err(duplicate_key(at)),
                    }
                })?;
                Ok(map)
            }
        }
    )* };
}

maps! {
    HashMap<K, V, S>, Eq, Hash, [S];
    BTreeMap<K, V>, Ord;
}

#[cfg(feature = "indexmap")]
maps! {
    indexmap::IndexMap<K, V, S>, Eq, Hash, [S];
}

#[cfg(feature = "indexmap")]
sets! {
    indexmap::IndexSet<V, S>, Eq, Hash, [S];
}

macro_rules! tuples {
    ($($($form:ident $value:ident $index:tt),+;)*) => { $(
        impl<$($value: 'static, $form: Form<$value>),+> Form<($($value,)+)> for Parts<($($form,)+)> {
            const SIZES: Sizes = Sizes::NOTHING$(.then($form::SIZES))+;

            fn describe(to: &mut Describer) -> NodeId {
                <($(Stored<$form, $value>,)+)>::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(tuple: &($($value,)+), to: &mut W) -> Result<(), EncodeError> {
                $($form::encode(&tuple.$index, to)?;)+
                Ok(())
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<($($value,)+), DecodeError> {
                Ok(($($form::decode(from)?,)+))
            }
        }
    )* };
}

tuples! {
    F0 V0 0;
    F0 V0 0, F1 V1 1;
    F0 V0 0, F1 V1 1, F2 V2 2;
    F0 V0 0, F1 V1 1, F2 V2 2, F3 V3 3;
}

/// Writes the elements of a collection, as those of a collection of their stored values.
#[inline]
fn encode_each<'v, F: Form<V>, V: 'static, W: Writer>(
    items: impl Iterator<Item = &'v V>,
    count: usize,
    to: &mut W,
) -> Result<(), EncodeError> {
    encode_items::<Stored<F, V>, _, W>(items, count, to, |item, to| F::encode(item, to))
}

/// The same for the elements of a set, which have to stay different.
#[inline]
fn encode_elements<'v, F: Form<V>, V: 'static, W: Writer>(
    items: impl Iterator<Item = &'v V> + Clone,
    count: usize,
    to: &mut W,
) -> Result<(), EncodeError> {
    let mut written = Distinct::new::<F, V>(count);
    encode_items::<Stored<F, V>, _, W>(items.clone(), count, to, |item, to| written.encode::<F, V, W>(item, to))?;
    written.check::<F, V, W>("elements of a set", items, to)
}

/// The same for the entries of a map, whose keys have to stay different.
#[inline]
fn encode_entries<'v, KF: Form<K>, VF: Form<V>, K: 'static, V: 'static, W: Writer>(
    entries: impl Iterator<Item = (&'v K, &'v V)> + Clone,
    count: usize,
    to: &mut W,
) -> Result<(), EncodeError> {
    let mut written = Distinct::new::<KF, K>(count);
    encode_items::<(Stored<KF, K>, Stored<VF, V>), _, W>(entries.clone(), count, to, |(key, value), to| {
        written.encode::<KF, K, W>(key, to)?;
        VF::encode(value, to)
    })?;
    written.check::<KF, K, W>("keys of a map", entries.map(|(key, _)| key), to)
}

/// Where the keys of a map or the elements of a set were written. Different values can have the same text or stand-in; what
/// is written then could not be read back.
struct Distinct {
    /// `None` if different values have different bytes anyway.
    written: Option<Vec<Range<usize>>>,
}

impl Distinct {
    #[inline]
    fn new<F: Form<V>, V>(count: usize) -> Self {
        Self { written: (!F::IS_DISTINCT && count > 1).then(|| Vec::with_capacity(count)) }
    }

    #[inline]
    fn encode<F: Form<V>, V, W: Writer>(&mut self, value: &V, to: &mut W) -> Result<(), EncodeError> {
        let before = to.written();
        F::encode(value, to)?;
        if let Some(written) = &mut self.written {
            written.push(before..to.written());
        }
        Ok(())
    }

    #[inline]
    fn check<'v, F: Form<V>, V: 'static, W: Writer>(
        self,
        what: &'static str,
        mut values: impl Iterator<Item = &'v V>,
        to: &W,
    ) -> Result<(), EncodeError> {
        let Some(written) = self.written else { return Ok(()) };
        let mut places: Vec<usize> = (0..written.len()).collect();
        let bytes = |place: usize| to.appended(&written[place]);
        places.sort_unstable_by_key(|place| bytes(*place));
        match places.windows(2).find(|pair| bytes(pair[0]) == bytes(pair[1])) {
            None => Ok(()),
            Some(pair) => {
                let shown = values.nth(pair[0]).and_then(F::shown);
                Err(EncodeErrorKind::StoredAlike { what, shown }.into())
            }
        }
    }
}

/// Writes items whose stored type is `T`: with the levels and counts that reading a collection of `T` expects.
#[inline]
fn encode_items<T: StateType, I, W: Writer>(
    items: impl Iterator<Item = I>,
    count: usize,
    to: &mut W,
    mut encode: impl FnMut(I, &mut W) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    if size.exact && size.min == 0 {
        to.count_empty(count)?;
    }
    enter_writer::<T, W>(to)?;
    for item in items {
        let before = to.written();
        encode(item, to)?;
        if !size.exact && size.min == 0 && to.written() == before {
            to.count_empty(1)?;
        }
    }
    leave_writer::<T, W>(to);
    Ok(())
}
