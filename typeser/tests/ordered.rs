//! The law of ordered bytes, over random keys of every shape: they compare as the keys do, and they read back.

#![cfg(feature = "derive")]
#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZero, Wrapping};
use std::time::{Duration, SystemTime};

use typeser::ordered::OrderedForm;
use typeser::schema::Limits;
use typeser::serializer::{KeyPrefix, OrderError, check_order};
use typeser::{OrderedKey, Serializer, StateType, TypeSerializer};

/// Random choices: a generator of its own, so that a failing seed can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 32) % end
    }
}

/// A key at random; edges and equal parts are frequent.
trait Any: Sized {
    fn any(random: &mut Random) -> Self;
}

macro_rules! integers {
    ($($type:ident)*) => { $(
        impl Any for $type {
            fn any(random: &mut Random) -> Self {
                let edges = [0, 1, $type::MAX, $type::MIN, $type::MAX / 2, $type::MAX - 1];
                match random.below(3) {
                    0 => edges[random.below(6) as usize],
                    1 => random.below(4) as $type,
                    _ => ((u128::from(random.next()) << 64) | u128::from(random.next())) as $type,
                }
            }
        }
    )* };
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl Any for bool {
    fn any(random: &mut Random) -> Self {
        random.below(2) == 1
    }
}

impl Any for () {
    fn any(_: &mut Random) -> Self {}
}

impl Any for char {
    fn any(random: &mut Random) -> Self {
        let edges =
            ['\0', '\u{1}', '\u{2}', 'a', '\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{ffff}', '\u{10000}', char::MAX];
        edges[random.below(edges.len() as u64) as usize]
    }
}

impl Any for String {
    fn any(random: &mut Random) -> Self {
        (0..random.below(4)).map(|_| char::any(random)).collect()
    }
}

impl Any for Cow<'static, str> {
    fn any(random: &mut Random) -> Self {
        String::any(random).into()
    }
}

impl<T: Any> Any for Box<T> {
    fn any(random: &mut Random) -> Self {
        Self::new(T::any(random))
    }
}

impl<T: Any> Any for Vec<T> {
    fn any(random: &mut Random) -> Self {
        (0..random.below(4)).map(|_| T::any(random)).collect()
    }
}

impl<T: Any> Any for VecDeque<T> {
    fn any(random: &mut Random) -> Self {
        Vec::any(random).into()
    }
}

impl<T: Any> Any for Option<T> {
    fn any(random: &mut Random) -> Self {
        bool::any(random).then(|| T::any(random))
    }
}

impl<T: Any, E: Any> Any for Result<T, E> {
    fn any(random: &mut Random) -> Self {
        if bool::any(random) { Ok(T::any(random)) } else { Err(E::any(random)) }
    }
}

impl<T: Any, const N: usize> Any for [T; N] {
    fn any(random: &mut Random) -> Self {
        std::array::from_fn(|_| T::any(random))
    }
}

macro_rules! tuples {
    ($(($($part:ident)*))*) => { $(
        impl<$($part: Any),*> Any for ($($part,)*) {
            fn any(random: &mut Random) -> Self {
                ($($part::any(random),)*)
            }
        }
    )* };
}

tuples! { (A) (A B) (A B C) (A B C D) }

impl<T: Any> Any for Wrapping<T> {
    fn any(random: &mut Random) -> Self {
        Self(T::any(random))
    }
}

impl Any for NonZero<i16> {
    fn any(random: &mut Random) -> Self {
        Self::new(i16::any(random)).unwrap_or(Self::MIN)
    }
}

impl Any for Duration {
    fn any(random: &mut Random) -> Self {
        Self::new(u64::any(random), u32::any(random) % 1_000_000_000)
    }
}

impl Any for SystemTime {
    fn any(random: &mut Random) -> Self {
        Self::UNIX_EPOCH + Duration::new(u64::any(random) >> 2, u32::any(random) % 1_000_000_000)
    }
}

impl Any for IpAddr {
    fn any(random: &mut Random) -> Self {
        match bool::any(random) {
            true => Self::V4(Ipv4Addr::from(u32::any(random))),
            false => Self::V6(Ipv6Addr::from(u128::any(random))),
        }
    }
}

impl Any for Ordering {
    fn any(random: &mut Random) -> Self {
        u8::any(random).cmp(&u8::any(random))
    }
}

#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
struct Due {
    priority: u8,
    at: i64,
    name: String,
    id: u64,
}

impl Any for Due {
    fn any(random: &mut Random) -> Self {
        Self { priority: Any::any(random), at: Any::any(random), name: Any::any(random), id: Any::any(random) }
    }
}

/// Its tags fall while the variants go on.
#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
enum Tree {
    #[state(tag = 300)]
    Empty,
    #[state(tag = 7)]
    Leaf(i32, Option<Vec<u8>>),
    #[state(tag = 2)]
    Nodes { left: Box<Tree>, more: Vec<Tree> },
    #[state(tag = 0)]
    Named(String),
}

impl Any for Tree {
    fn any(random: &mut Random) -> Self {
        match random.below(5) {
            0 => Self::Empty,
            1 | 2 => Self::Leaf(Any::any(random), Any::any(random)),
            3 => {
                Self::Nodes { left: Any::any(random), more: (0..random.below(2)).map(|_| Self::any(random)).collect() }
            }
            _ => Self::Named(Any::any(random)),
        }
    }
}

#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
struct Pair<A, B>(A, B);

impl<A: Any, B: Any> Any for Pair<A, B> {
    fn any(random: &mut Random) -> Self {
        Self(A::any(random), B::any(random))
    }
}

#[derive(Debug, Clone, Copy, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
enum Level {
    Low = -3,
    Middle,
    High = 10,
}

impl Any for Level {
    fn any(random: &mut Random) -> Self {
        [Self::Low, Self::Middle, Self::High][random.below(3) as usize]
    }
}

fn form<K: OrderedKey>() -> OrderedForm {
    OrderedForm::new(Serializer::<K>::new().unwrap().snapshot().schema()).unwrap()
}

fn fixed<K: OrderedKey>(key: &K) -> Vec<u8> {
    let mut fixed = Vec::new();
    Serializer::new().unwrap().serialize(key, &mut fixed).unwrap();
    fixed
}

fn ordered<K: OrderedKey>(key: &K) -> Vec<u8> {
    let mut bytes = vec![0xee];
    form::<K>().encode(&fixed(key), &mut bytes).unwrap();
    bytes.split_off(1)
}

/// Compares each two of many keys, and reads them back.
fn obeys<K: OrderedKey + Any + Debug>() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let form = form::<K>();
    for _ in 0..12 {
        let keys: Vec<K> = (0..80).map(|_| K::any(&mut random)).collect();
        if let Err(error) = check_order(&keys) {
            panic!("{}: {error}", std::any::type_name::<K>());
        }
        for key in &keys {
            let (fixed, bytes) = (fixed(key), ordered(key));
            let mut back = vec![0xee];
            form.decode(&bytes, &mut back).unwrap();
            assert_eq!(back[1..], fixed, "{key:?}");
            // No key is the beginning of another one, and nothing is read past the end.
            for cut in 0..bytes.len() {
                let mut none = Vec::new();
                assert!(form.decode(&bytes[..cut], &mut none).is_err(), "{key:?} cut at {cut}");
                assert!(none.is_empty());
            }
            assert!(form.decode(&[&*bytes, &[0]].concat(), &mut back).is_err(), "{key:?}");
        }
    }
}

#[test]
fn ordered_bytes_compare_as_the_keys_do() {
    obeys::<u8>();
    obeys::<u16>();
    obeys::<u32>();
    obeys::<u64>();
    obeys::<u128>();
    obeys::<usize>();
    obeys::<i8>();
    obeys::<i16>();
    obeys::<i32>();
    obeys::<i64>();
    obeys::<i128>();
    obeys::<isize>();
    obeys::<bool>();
    obeys::<char>();
    obeys::<String>();
    obeys::<Cow<'static, str>>();
    obeys::<Vec<u8>>();
    obeys::<Vec<i8>>();
    obeys::<Vec<String>>();
    obeys::<Vec<Vec<u8>>>();
    obeys::<VecDeque<(bool, String)>>();
    obeys::<[u8; 3]>();
    obeys::<[i16; 3]>();
    obeys::<[String; 2]>();
    obeys::<[Vec<Option<u8>>; 2]>();
    obeys::<(u8, String, i8, Vec<u16>)>();
    obeys::<(String, String)>();
    obeys::<Option<Option<u32>>>();
    obeys::<Result<String, u8>>();
    obeys::<Wrapping<i32>>();
    obeys::<NonZero<i16>>();
    obeys::<Duration>();
    obeys::<SystemTime>();
    obeys::<IpAddr>();
    obeys::<Ordering>();
    obeys::<Due>();
    obeys::<Tree>();
    obeys::<Level>();
    obeys::<Pair<String, Pair<Level, ()>>>();
    obeys::<Box<Pair<Vec<()>, char>>>();
}

/// Whether a key begins with a prefix is what its bytes say.
fn begins<K: OrderedKey + Any + Debug, P: KeyPrefix<K> + ?Sized>(prefix: &P, starts_with: impl Fn(&K) -> bool) {
    let mut given = typeser::wire::Output::<typeser::wire::Fixed>::new(Vec::new());
    prefix.encode_prefix(&mut given).unwrap();
    let mut first = Vec::new();
    form::<K>().encode_first(&given.into_bytes(), &mut first).unwrap();
    if P::OPEN {
        first.pop();
    }
    let mut random = Random(7);
    let mut found = 0;
    for _ in 0..2_000 {
        let key = K::any(&mut random);
        assert_eq!(ordered(&key).starts_with(&first), starts_with(&key), "{key:?}");
        found += usize::from(starts_with(&key));
    }
    assert!(found > 0);
}

#[test]
fn bytes_begin_as_the_keys_do() {
    begins::<Due, _>(&(1u8,), |due| due.priority == 1);
    begins::<Due, _>(&(1u8, 2i64), |due| due.priority == 1 && due.at == 2);
    begins::<Due, _>(&(1u8, 2i64, String::new()), |due| due.priority == 1 && due.at == 2 && due.name.is_empty());
    begins::<String, str>("\u{1}", |text| text.starts_with('\u{1}'));
    begins::<String, str>("", |_| true);
    begins::<Vec<u8>, [u8]>(&[0, 1], |bytes| bytes.starts_with(&[0, 1]));
    begins::<Vec<Option<u8>>, _>(&[None, Some(1)], |list| list.starts_with(&[None, Some(1)]));
    begins::<(bool, String, u8), _>(&(true, "a".to_owned()), |key| key.0 && key.1 == "a");
    begins::<Pair<Option<u8>, u8>, _>(&(None::<u8>,), |pair| pair.0.is_none());
}

#[test]
fn integers_are_big_endian_and_texts_are_escaped() {
    assert_eq!(ordered(&0x0102u16), [1, 2]);
    assert_eq!(ordered(&-1i32), [0x7f, 0xff, 0xff, 0xff]);
    assert_eq!(ordered(&"a\0\u{1}\u{2}".to_owned()), [b'a', 1, 1, 1, 2, 2, 0]);
    assert_eq!(ordered(&vec![0u8, 9]), [1, 1, 9, 0]);
    assert_eq!(ordered(&vec![0u16, 9]), [1, 0, 0, 1, 0, 9, 0]);
    assert_eq!(ordered(&Tree::Leaf(0, None)), [1, 0x80, 0, 0, 0, 0]);
    assert_eq!(ordered(&Some(Level::High)), [1, 2]);
}

#[test]
fn only_what_a_key_writes_is_read() {
    let refused = |form: &OrderedForm, bytes: &[u8]| form.decode(bytes, &mut Vec::new()).unwrap_err().to_string();
    let text = form::<String>();
    assert_eq!(refused(&text, &[1, 3, 0]), "cannot decode at offset 1: a 1 is followed by 1 or 2, and 3 was found");
    assert_eq!(
        refused(&form::<Vec<u16>>(), &[2]),
        "cannot decode at offset 0: a list goes on with 1 or ends with 0, and 2 was found"
    );
    let tree = form::<Tree>();
    assert_eq!(refused(&tree, &[4]), "cannot decode at offset 0: `Tree` has no variant at position 4 in this form");
    assert_eq!(
        refused(&tree, &[0xfc, 0, 0]),
        "cannot decode at offset 0: `Tree` has no variant at position 0 in this form"
    );
    assert_eq!(
        refused(&tree, &[0xfe]),
        "cannot decode at offset 0: a position of a variant begins with at most 253, and 254 was found"
    );
    assert_eq!(
        refused(&form::<Option<u8>>(), &[2, 0]),
        "cannot decode at offset 0: an option begins with 0 or 1, found 2"
    );
}

/// Nested as deep as a value may be, and far deeper.
#[test]
fn no_nesting_and_no_length_is_too_much() {
    let form = form::<Tree>();
    let mut deep = Tree::Empty;
    for _ in 0..250 {
        deep = Tree::Nodes { left: Box::new(Tree::Empty), more: vec![deep] };
    }
    let mut back = Vec::new();
    form.decode(&ordered(&deep), &mut back).unwrap();
    assert_eq!(back, fixed(&deep));

    assert!(form.decode(&vec![2; 1 << 22], &mut Vec::new()).is_err());
    let long = [&u64::MAX.to_le_bytes()[..], &[0; 100]].concat();
    assert!(self::form::<Vec<()>>().encode(&long, &mut Vec::new()).is_err());
    assert!(self::form::<Vec<u32>>().encode(&long, &mut Vec::new()).is_err());

    // Elements without bytes: an array of them is no loop, and all lists of a value together hold only so many.
    let all = self::form::<[[(); usize::MAX]; usize::MAX]>();
    all.encode(&[], &mut back).unwrap();
    all.decode(&[], &mut back).unwrap();
    let list = [&3u64.to_le_bytes()[..], &[Limits::EMPTY_ELEMENTS.to_le_bytes(); 3].concat()].concat();
    let error = self::form::<Vec<Vec<()>>>().encode(&list, &mut Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot decode at offset 24: a length of 65536 elements of at least 0 bytes each cannot be, 8 bytes remain"
    );
}

#[test]
fn an_order_of_its_own_is_found() {
    #[derive(Debug, StateType, PartialEq, Eq, Hash)]
    #[state(ordered)]
    struct Backwards(u32);
    impl Ord for Backwards {
        fn cmp(&self, other: &Self) -> Ordering {
            other.0.cmp(&self.0)
        }
    }
    impl PartialOrd for Backwards {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    let error = check_order(&[Backwards(5), Backwards(5), Backwards(6)]).unwrap_err();
    assert!(matches!(error, OrderError::Mismatch { by_ord: Ordering::Greater, by_bytes: Ordering::Less, .. }));
    assert_eq!(
        error.to_string(),
        "`Ord` says that Backwards(5) is greater than Backwards(6), and by their bytes the first is less than the second: \
         0x00000005 and 0x00000006; derive `Ord`, or declare fields and variants in the order in which `Ord` compares them"
    );
}
