//! The types of the standard library: bincode's bytes, our errors, and no panics for any bytes.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod support;

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use support::{ENCODINGS, bincode_bytes, decode, encode, laws, parity};
use typeser::schema::{IntegerEncoding, Sizes, logical};
use typeser::{StateKey, StateType, TypeSerializer};

type Hasher = BuildHasherDefault<DefaultHasher>;

#[test]
fn integers_floats_and_text_have_the_bytes_of_bincode() {
    macro_rules! integers {
        ($($type:ident)*) => { $(
            for value in [$type::MIN, $type::MIN + 1, 0, 1, 63, 64, 100, $type::MAX / 2, $type::MAX - 1, $type::MAX] {
                parity(&value);
                parity(&Wrapping(value));
                parity(&vec![value; 3]);
                parity(&[value; 3]);
                if let Some(value) = NonZero::new(value) {
                    parity(&value);
                }
            }
            for edge in [249, 250, 251, 252, 0xFFFF, 0x1_0000, 0xFFFF_FFFF, 0x1_0000_0000, 1 << 64] {
                let edge: i128 = edge;
                for value in [edge, edge / 2, -edge / 2, -(edge / 2) - 1] {
                    $type::try_from(value).iter().for_each(parity);
                }
            }
        )* };
    }
    integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }
    for value in [0.0, -0.0, 1.5, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, f64::NEG_INFINITY] {
        parity(&value);
        parity(&(value as f32));
        parity(&[value as f32; 4]);
    }
    for value in
        ['a', '\0', '\u{7f}', '\u{80}', 'ß', '\u{7ff}', '\u{800}', '€', '\u{ffff}', '\u{10000}', '🦀', char::MAX]
    {
        parity(&value);
    }
    for value in ["", "a", "häuser", "🦀🦀", &"x".repeat(250), &"x".repeat(251), &"x".repeat(70_000)] {
        parity(&value.to_owned());
        parity(&Box::<str>::from(value));
        parity(&Rc::<str>::from(value));
        parity(&Arc::<str>::from(value));
        parity(&Cow::<'static, str>::Owned(value.to_owned()));
        parity(&PathBuf::from(value));
        parity(&Box::<Path>::from(Path::new(value)));
        laws(&Rc::<Path>::from(Path::new(value)));
        laws(&Arc::<Path>::from(Path::new(value)));
    }
    parity(&Cow::Borrowed("borrowed"));
    parity(&());
    parity(&true);
    parity(&[true, false]);
}

#[test]
fn a_nan_keeps_its_bits() {
    for integers in ENCODINGS {
        for bits in [0x7ff8_0000_0000_0000, 0x7ff0_0000_0000_0001, 0xffff_ffff_ffff_fffe] {
            let bytes = encode(integers, &f64::from_bits(bits)).unwrap();
            assert_eq!(bytes, bits.to_le_bytes());
            assert_eq!(decode::<f64>(integers, &bytes).unwrap().to_bits(), bits);
        }
    }
}

#[test]
fn collections_have_the_bytes_of_bincode() {
    let words = || ["one", "two", "three"].map(str::to_owned);
    parity(&Vec::<u8>::new());
    parity(&words().to_vec());
    parity(&vec![vec![(1u8, 2u64)]; 300]);
    parity(&VecDeque::from(words()));
    let mut turned: VecDeque<u32> = (0..10).collect();
    turned.rotate_left(3);
    turned.push_front(7);
    (0..20).for_each(|n| turned.push_front(n));
    assert!(!turned.as_slices().1.is_empty(), "this deque consists of two halves");
    parity(&turned);
    parity(&LinkedList::from(words()));
    parity(&LinkedList::from([1u16, 2, 300]));
    parity(&Box::<[String]>::from(words()));
    parity(&Rc::<[String]>::from(words()));
    parity(&Arc::<[u16]>::from([1, 2, 3]));
    parity(&Cow::<'static, [String]>::Owned(words().to_vec()));
    parity(&Cow::<'static, [u8]>::Borrowed(b"bytes"));
    parity(&Cow::<'static, u64>::Borrowed(&7));
    parity(&BTreeMap::from([(1u32, "one".to_owned()), (2, "two".to_owned())]));
    parity(&BTreeMap::from([(1u32, 1u8), (2, 2)]));
    parity(&HashMap::from([(1u32, "one".to_owned()), (2, "two".to_owned())]));
    parity(&HashMap::<u8, u8, Hasher>::from_iter((0..200).map(|n| (n, n / 2))));
    parity(&BTreeSet::from(words()));
    parity(&HashSet::from(words()));
    parity(&HashSet::<u64, Hasher>::from_iter(0..300));
    parity(&HashMap::from([((), 1u8)]));
    parity(&BTreeSet::from([()]));
}

#[test]
fn a_heap_has_the_bytes_of_bincode() {
    for integers in ENCODINGS {
        let heap: BinaryHeap<u64> = [3, 1, 4, 1, 5, 9, 2, 6, 535].into();
        let bytes = encode(integers, &heap).unwrap();
        assert_eq!(bytes, bincode_bytes(integers, &heap));
        let read: BinaryHeap<u64> = decode(integers, &bytes).unwrap();
        assert_eq!(read.as_slice(), heap.as_slice(), "a heap that was read back has the same bytes");
        // Bytes in another order are read as a list and become a heap.
        let read: BinaryHeap<u64> = decode(integers, &encode(integers, &vec![1u64, 2, 3]).unwrap()).unwrap();
        assert_eq!(read.into_sorted_vec(), [1, 2, 3]);
    }
}

#[test]
fn tuples_and_arrays_have_the_bytes_of_bincode() {
    parity(&(1u8,));
    parity(&(1u8, 2u16));
    parity(&(1u8, "two".to_owned(), 3u32, '4', 5.0f64, (6i8,), [7u128; 2], Some(8i64)));
    parity(&(0u8, 1u8, 2u8, 3u8, 4u8, 5u8, 6u8, 7u8, 8u8, 9u8, 10u8, 11u8));
    macro_rules! sixteen {
        ($($index:literal)*) => { ($( ($index as u16).to_string() ,)*) };
    }
    let sixteen = sixteen!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    for integers in ENCODINGS {
        let bytes = encode(integers, &sixteen).unwrap();
        assert_eq!(bytes, bincode_bytes(integers, &sixteen));
        // `std` does not compare tuples of more than 12.
        assert!(decode::<typeof_sixteen::Sixteen>(integers, &bytes).is_ok_and(|read| read.0 == "0" && read.15 == "15"));
    }
    parity(&[0u8; 0]);
    parity(&[1u8; 32]);
    parity(&[[1u16, 2], [300, 4]]);
    parity(&["a".to_owned(), "b".to_owned()]);
    parity(&[Some(1u8), None]);
    parity(&[(); 5]);
    parity(&[const { Vec::<u8>::new() }; 3]);
    // Serde does not support arrays of more than 32 elements.
    laws(&[7u8; 33]);
    laws(&[u64::MAX; 1000]);
    laws(&std::array::from_fn::<String, 100, _>(|n| n.to_string()));
    laws(&std::array::from_fn::<(u8, u64), 400, _>(|n| (n as u8, n as u64)));
    laws(&std::array::from_fn::<Option<Box<u64>>, 400, _>(|n| (n % 2 == 0).then(|| Box::new(n as u64))));
    laws(&[(); 100_000]);
    for integers in ENCODINGS {
        let elements: Vec<u8> = (0..100).collect();
        let array: [u8; 100] = std::array::from_fn(|n| n as u8);
        assert_eq!(encode(integers, &array).unwrap(), elements, "an array has no length prefix");
    }
}

mod typeof_sixteen {
    type S = String;
    pub(super) type Sixteen = (S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S);
}

#[test]
fn pointers_options_and_wrappers_have_the_bytes_of_bincode() {
    parity(&Box::new(1u64));
    parity(&Rc::new("shared".to_owned()));
    parity(&Arc::new(vec![1u8]));
    parity(&Box::new(Box::new(Some(Box::new(())))));
    parity(&Some(Some(1u16)));
    parity(&Some(None::<u16>));
    parity(&None::<String>);
    parity(&Ok::<u8, String>(1));
    parity(&Err::<u8, String>("no".to_owned()));
    parity(&Wrapping(300u64));
    parity(&Saturating(300u64));
    parity(&Reverse("back".to_owned()));
    parity(&PhantomData::<str>);
    parity(&vec![PhantomData::<String>; 3]);
}

#[test]
fn shared_values_are_read_back_apart() {
    let one = Rc::new(1u8);
    let bytes = encode(IntegerEncoding::Fixed, &vec![Rc::clone(&one), one]).unwrap();
    let read: Vec<Rc<u8>> = decode(IntegerEncoding::Fixed, &bytes).unwrap();
    assert!(!Rc::ptr_eq(&read[0], &read[1]));
}

#[test]
fn times_addresses_and_ranges_have_the_bytes_of_bincode() {
    for duration in [Duration::ZERO, Duration::new(1, 1), Duration::from_nanos(999_999_999), Duration::MAX] {
        parity(&duration);
    }
    for time in [UNIX_EPOCH, UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789), SystemTime::now()] {
        parity(&time);
    }
    let (v4, v6) = (Ipv4Addr::new(192, 168, 0, 1), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
    parity(&v4);
    parity(&v6);
    parity(&IpAddr::V4(v4));
    parity(&IpAddr::V6(v6));
    parity(&SocketAddrV4::new(v4, 8080));
    parity(&SocketAddrV6::new(v6, 80, 0, 0));
    parity(&SocketAddr::new(IpAddr::V4(v4), 443));
    parity(&SocketAddr::new(IpAddr::V6(v6), 443));
    parity(&(1u64..300));
    parity(&("a".to_owned().."b".to_owned()));
    parity(&RangeInclusive::new(1i32, -5));
    parity(&(5u8..=5));
    parity(&(7u16..));
    parity(&(..7u16));
    laws(&(..=7u16));
    parity(&Bound::Included(1u64));
    parity(&Bound::Excluded("x".to_owned()));
    parity(&Bound::<u64>::Unbounded);
    for (value, tag) in [(Ordering::Less, 0), (Ordering::Equal, 1), (Ordering::Greater, 2)] {
        laws(&value);
        assert_eq!(encode(IntegerEncoding::Fixed, &value).unwrap(), [tag, 0, 0, 0]);
        assert_eq!(encode(IntegerEncoding::Variable, &value).unwrap(), [tag]);
    }
}

#[test]
fn values_that_the_layout_cannot_represent_are_not_written() {
    fn refused<T: StateType>(value: &T) -> String {
        let [fixed, variable] = ENCODINGS.map(|integers| encode(integers, value).unwrap_err());
        assert_eq!(fixed, variable);
        fixed
    }
    let v6 = |flow, scope| SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, flow, scope);
    assert_eq!(
        refused(&v6(1, 0)),
        "cannot encode: the socket address [::1]:80 has flow information 1 and scope 0, which the layout does not hold; clear both first"
    );
    assert_eq!(
        refused(&vec![SocketAddr::V6(v6(0, 2))]),
        "cannot encode: the socket address [::1%2]:80 has flow information 0 and scope 2, which the layout does not hold; clear both first"
    );
    let mut range = 1u8..=3;
    range.by_ref().for_each(drop);
    assert_eq!(
        refused(&range),
        "cannot encode: an inclusive range was iterated to its end, which its bounds do not show; store it before iterating"
    );
    assert_eq!(
        refused(&[UNIX_EPOCH, UNIX_EPOCH - Duration::from_secs(3)]),
        "cannot encode: the time lies 3s before 1970-01-01T00:00:00Z; the layout holds times from then on"
    );
    assert_eq!(
        refused(&vec![(); 65_537]),
        "cannot encode: the collections of a value hold more than 65536 elements that take no bytes"
    );
    let mut halves: VecDeque<PhantomData<u8>> = std::iter::repeat_n(PhantomData, 65_000).collect();
    halves.extend(std::iter::repeat_n(PhantomData, 65_000));
    halves.rotate_left(64_000);
    assert_eq!(
        refused(&halves),
        "cannot encode: the collections of a value hold more than 65536 elements that take no bytes"
    );
    assert_eq!(
        refused(&LinkedList::from_iter(std::iter::repeat_n(Box::new(()), 65_537))),
        "cannot encode: the collections of a value hold more than 65536 elements that take no bytes"
    );
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;
        let path = PathBuf::from(std::ffi::OsString::from_vec(b"caf\xe9/menu".to_vec()));
        assert_eq!(refused(&path), "cannot encode: the path \"caf\u{fffd}/menu\" is not UTF-8");
        assert_eq!(refused(&HashMap::from([(1u8, path)])), "cannot encode: the path \"caf\u{fffd}/menu\" is not UTF-8");
    }
}

#[test]
fn as_many_elements_without_bytes_as_may_be_written_are_read() {
    laws(&vec![(); 65_536]);
    laws(&vec![Box::new(()); 65_536]);
    laws(&std::iter::repeat_n((), 65_536).collect::<VecDeque<_>>());
    laws(&std::iter::repeat_n(PhantomData::<u8>, 65_536).collect::<LinkedList<_>>());
}

#[test]
fn invalid_bytes_are_refused() {
    use IntegerEncoding::{Fixed, Variable};
    #[track_caller]
    fn refused<T: StateType + Debug>(integers: IntegerEncoding, parts: &[&[u8]]) -> String {
        decode::<T>(integers, &parts.concat()).unwrap_err()
    }
    let length = |length: u64| length.to_le_bytes();
    let seconds = [5, 0, 0, 0, 0, 0, 0, 0];
    let text = [
        refused::<Duration>(Fixed, &[&seconds, &1_000_000_000u32.to_le_bytes()]),
        refused::<SystemTime>(Variable, &[&[5], &[252], &u32::MAX.to_le_bytes()]),
        refused::<SystemTime>(Fixed, &[&[255; 8], &[0; 4]]),
        refused::<NonZero<u32>>(Fixed, &[&[0; 4]]),
        refused::<(u8, NonZero<i64>)>(Variable, &[&[1, 0]]),
        refused::<Vec<NonZero<u16>>>(Fixed, &[&length(2), &[1, 0, 0, 0]]),
        refused::<HashMap<u8, u8>>(Fixed, &[&length(2), &[7, 1, 7, 2]]),
        refused::<HashMap<String, String>>(Variable, &[&[2], &[1, b'k', 0], &[1, b'k', 0]]),
        refused::<BTreeMap<u8, u8>>(Fixed, &[&length(3), &[7, 1, 8, 0, 7, 2]]),
        refused::<BTreeMap<u8, u8>>(Fixed, &[&length(4), &[9, 1, 8, 0, 7, 2, 8, 3]]),
        refused::<BTreeSet<u8>>(Variable, &[&[2, 5, 5]]),
        refused::<BTreeSet<u8>>(Variable, &[&[3, 5, 4, 4]]),
        refused::<HashSet<()>>(Variable, &[&[2]]),
        refused::<HashSet<u16>>(Variable, &[&[3, 5, 4, 5]]),
        refused::<Result<u8, u8>>(Fixed, &[&[2, 0, 0, 0, 1]]),
        refused::<Ordering>(Variable, &[&[3]]),
        refused::<IpAddr>(Variable, &[&[2], &[0; 16]]),
        refused::<SocketAddr>(Fixed, &[&[9, 0, 0, 0], &[0; 18]]),
        refused::<Bound<u8>>(Variable, &[&[250, 1]]),
        refused::<u64>(Variable, &[&[251, 250, 0]]),
        refused::<SocketAddrV4>(Variable, &[&[127, 0, 0, 1], &[251, 80, 0]]),
        refused::<u16>(Variable, &[&[252, 0, 0, 1, 0]]),
        refused::<Vec<u64>>(Fixed, &[&length(3), &[0; 23]]),
        refused::<VecDeque<String>>(Fixed, &[&length(3), &[0; 23]]),
        refused::<LinkedList<u16>>(Variable, &[&[3, 1, 2]]),
        refused::<BTreeMap<u16, u32>>(Fixed, &[&length(u64::MAX), &[0; 11]]),
        refused::<HashMap<u16, String>>(Variable, &[&[4], &[0; 7]]),
        refused::<HashSet<u128>>(Fixed, &[&length(1 << 60)]),
        refused::<Vec<()>>(Fixed, &[&length(65_537)]),
        refused::<Vec<Vec<()>>>(Variable, &[&[1], &[253], &length(1 << 40)]),
        refused::<[u32; 3]>(Fixed, &[&[0; 11]]),
        refused::<[bool; 3]>(Fixed, &[&[0, 1, 2]]),
        refused::<[String; 2]>(Variable, &[&[1, b'a', 1, 0xff]]),
        refused::<[bool; 3000]>(Variable, &[&[1; 2999], &[7]]),
        refused::<Box<str>>(Variable, &[&[2, b'a', 0xc3]]),
        refused::<PathBuf>(Variable, &[&[9, b'a']]),
        refused::<char>(Fixed, &[&[0xed, 0xa0, 0x80]]),
        refused::<(u8, u8)>(Fixed, &[&[1, 2, 3]]),
        refused::<Range<u8>>(Fixed, &[&[1]]),
    ];
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn map_entries_in_any_order_are_read() {
    let read: BTreeMap<u8, u8> = decode(IntegerEncoding::Variable, &[5, 3, 0, 4, 0, 1, 0, 5, 0, 2, 0]).unwrap();
    assert_eq!(read, BTreeMap::from([1, 2, 3, 4, 5].map(|key| (key, 0))));
    let read: BTreeSet<u8> = decode(IntegerEncoding::Variable, &[4, 9, 8, 10, 1]).unwrap();
    assert_eq!(read, BTreeSet::from([1, 8, 9, 10]));
}

#[test]
fn sizes_are_as_narrow_as_they_can_be() {
    fn of<T: StateType>() -> String {
        let size = |size: typeser::schema::Size| format!("{}{}", if size.exact { "" } else { ">=" }, size.min);
        let Sizes { fixed, variable } = T::SIZES;
        format!("{} {}", size(fixed), size(variable))
    }
    let sizes = [
        ("duration", of::<Duration>()),
        ("time", of::<SystemTime>()),
        ("ipv4", of::<Ipv4Addr>()),
        ("ip", of::<IpAddr>()),
        ("socket v4", of::<SocketAddrV4>()),
        ("socket v6", of::<SocketAddrV6>()),
        ("socket", of::<SocketAddr>()),
        ("array", of::<[u32; 5]>()),
        ("empty array", of::<[String; 0]>()),
        ("tuple", of::<(u8, u16, u32)>()),
        ("range", of::<Range<u64>>()),
        ("half range", of::<RangeFrom<u64>>()),
        ("result, even", of::<Result<u8, i8>>()),
        ("result", of::<Result<u64, u16>>()),
        ("ordering", of::<Ordering>()),
        ("bound", of::<Bound<u8>>()),
        ("nonzero", of::<NonZero<u128>>()),
        ("wrapping", of::<Wrapping<u16>>()),
        ("cow", of::<Cow<'static, u16>>()),
        ("phantom", of::<PhantomData<String>>()),
        ("box", of::<Box<u16>>()),
        ("map", of::<BTreeMap<u8, u8>>()),
    ];
    let text: Vec<String> = sizes.iter().map(|(name, size)| format!("{name}: {size}")).collect();
    insta::assert_snapshot!(text.join("\n"));
}

/// The canonical text of types, without its first line.
#[test]
fn each_type_has_its_schema() {
    fn of<T: StateType>() -> String {
        let serializer = support::serializer::<T>(IntegerEncoding::Fixed);
        let text = serializer.snapshot().schema().canonical_text(IntegerEncoding::Fixed);
        text.lines().skip(1).collect::<Vec<_>>().join("\n")
    }
    let schemas = [
        of::<(usize, isize, Wrapping<u8>, Saturating<i8>, Reverse<bool>, Cow<'static, char>, Box<Rc<Arc<f32>>>)>(),
        of::<(Box<str>, Rc<str>, Arc<str>, Cow<'static, str>, PathBuf, Box<Path>)>(),
        of::<(VecDeque<u8>, LinkedList<u8>, BinaryHeap<u8>, Box<[u8]>, Arc<[u8]>, Cow<'static, [u8]>)>(),
        of::<(HashMap<u8, u16>, BTreeMap<u8, u16>, HashSet<u8>, BTreeSet<u8>)>(),
        of::<([u8; 4], [[u16; 2]; 0], (u8,), PhantomData<String>, NonZero<usize>)>(),
        of::<(Duration, SystemTime)>(),
        of::<(Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6)>(),
        of::<SocketAddr>(),
        of::<IpAddr>(),
        of::<(Range<u8>, RangeInclusive<u8>, RangeFrom<u8>, RangeTo<u8>, RangeToInclusive<u8>)>(),
        of::<(Result<u8, String>, Option<Ordering>)>(),
        of::<Result<Result<u8, ()>, Result<u8, ()>>>(),
        of::<Bound<u64>>(),
    ];
    insta::assert_snapshot!(schemas.join("\n\n"));
}

#[test]
fn the_reserved_names_are_distinct_and_in_lower_case() {
    let distinct: BTreeSet<&str> = logical::NAMES.into();
    assert_eq!(distinct.len(), logical::NAMES.len());
    for name in logical::NAMES {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
    }
}

#[test]
fn types_with_one_form_can_be_keys() {
    fn key<T: StateKey>() {}
    key::<(u8, [i64; 3], Option<String>, Result<(), char>, Vec<VecDeque<LinkedList<bool>>>)>();
    key::<(Box<str>, Rc<[u8]>, Arc<u8>, Cow<'static, str>, Cow<'static, [u8]>, Cow<'static, u8>)>();
    key::<(Duration, SystemTime, IpAddr, SocketAddr, Ordering, NonZero<u8>, Wrapping<u8>, Reverse<u8>)>();
    key::<(Range<u8>, RangeInclusive<u8>, RangeFrom<u8>, RangeTo<u8>, Bound<u8>, PhantomData<f64>)>();
}

/// A value of many types at once.
type Everything = (
    (u8, u16, u32, u64, u128, usize),
    (i8, i16, i32, i64, i128, isize),
    (bool, char, String, (), Option<u32>, Result<u16, String>),
    (Vec<u16>, VecDeque<String>, LinkedList<u8>, [u32; 5], Box<[u64]>, Rc<[u8]>),
    (BTreeMap<u16, String>, BTreeSet<i32>, HashMap<String, u8>, HashSet<u64>),
    (Duration, IpAddr, SocketAddrV4, Ipv6Addr),
    (NonZero<u32>, NonZero<i128>, Wrapping<i32>, Reverse<u8>),
    (Range<u32>, RangeInclusive<i64>, RangeTo<u8>),
    (Box<Option<Arc<String>>>, Vec<(u8, Vec<Option<bool>>)>),
);

proptest! {
    #[test]
    fn random_values_have_the_bytes_of_bincode(value in any::<Everything>()) {
        parity(&value);
    }

    #[test]
    fn random_bytes_give_a_value_or_an_error(bytes in any::<Vec<u8>>()) {
        survives::<Everything>(&bytes);
        survives::<Vec<Everything>>(&bytes);
        survives::<Vec<BTreeMap<Option<u8>, HashSet<Duration>>>>(&bytes);
        survives::<HashMap<Vec<()>, Result<SocketAddr, [Bound<char>; 2]>>>(&bytes);
        survives::<[LinkedList<BinaryHeap<PathBuf>>; 3]>(&bytes);
    }

    #[test]
    fn accepted_bytes_are_canonical(value in any::<Canonical>(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
        for integers in ENCODINGS {
            let bytes = encode(integers, &value).unwrap();
            // A truncated value is never valid.
            let cut = at.index(bytes.len());
            prop_assert!(decode::<Canonical>(integers, &bytes[..cut]).is_err());
            // A changed bit is an error or another value with exactly these bytes.
            let mut flipped = bytes;
            flipped[cut] ^= 1 << bit;
            if let Ok(other) = decode::<Canonical>(integers, &flipped) {
                prop_assert_eq!(encode(integers, &other).unwrap(), flipped);
            }
        }
    }
}

/// Like [`Everything`], but without sets and maps, whose entries can have any order.
type Canonical = (
    (u8, u16, u32, u64, u128, usize),
    (i8, i16, i32, i64, i128, isize),
    (bool, char, String, (), Option<u32>, Result<u16, String>),
    (Vec<u16>, VecDeque<String>, LinkedList<u8>, [u32; 5], [Option<u8>; 3], [char; 2]),
    (Duration, IpAddr, SocketAddrV4, Ipv6Addr),
    (NonZero<u32>, NonZero<i128>, Wrapping<i32>, Reverse<u8>),
    (Range<u32>, RangeInclusive<i64>, RangeTo<u8>),
    (Box<Option<Arc<String>>>, Vec<(u8, Vec<Option<bool>>)>),
);

fn survives<T: StateType>(bytes: &[u8]) {
    for integers in ENCODINGS {
        _ = decode::<T>(integers, bytes);
    }
}

/// Every cut and every flipped bit of one value of each type: an error or a value, never a panic.
#[test]
fn damaged_bytes_never_panic() {
    fn damaged<T: StateType>(value: &T) {
        for integers in ENCODINGS {
            let bytes = encode(integers, value).unwrap();
            for cut in 0..bytes.len() {
                assert!(decode::<T>(integers, &bytes[..cut]).is_err(), "{cut} of {} bytes", bytes.len());
                for bit in 0..8 {
                    let mut flipped = bytes.clone();
                    flipped[cut] ^= 1 << bit;
                    _ = decode::<T>(integers, &flipped);
                }
            }
            let mut longer = bytes;
            longer.push(0);
            assert!(decode::<T>(integers, &longer).is_err(), "a trailing byte");
        }
    }
    damaged(&(SystemTime::now(), Duration::new(3, 4)));
    damaged(&vec![SocketAddr::from(([127, 0, 0, 1], 80)), SocketAddr::from(([9; 16], 8080))]);
    damaged(&HashMap::from([("key".to_owned(), vec![1u16, 2]), ("other".to_owned(), vec![])]));
    damaged(&BTreeMap::from([(1u64, Some('x')), (300, None)]));
    damaged(&HashSet::from([1u32, 2, 3]));
    damaged(&BTreeSet::from([(1u8, 2u8), (3, 4)]));
    damaged(&BinaryHeap::from([3u16, 2, 1]));
    damaged(&LinkedList::from([Ok::<u8, Ordering>(1), Err(Ordering::Less)]));
    damaged(&(Box::<[u64]>::from([1, 2]), Rc::<str>::from("rc"), Cow::<'static, [char]>::Owned(vec!['ß', '🦀'])));
    damaged(&(1u8..4, 1u16..=300, ..5u32, 6u64.., Bound::Included(1i8)));
    damaged(&([Some(true); 4], [NonZero::new(7u64).unwrap(); 3], PathBuf::from("/tmp"), Reverse(Wrapping(3i128))));
}

#[test]
fn atomics_cells_and_locks_are_as_the_value_inside() {
    use std::cell::{Cell, RefCell};
    use std::sync::atomic::{AtomicBool, AtomicI8, AtomicU64, AtomicUsize, Ordering};
    use std::sync::{Mutex, RwLock};

    for integers in ENCODINGS {
        let plain = encode(integers, &(7u64, true, -3i8, 300usize)).unwrap();
        let atomics = (AtomicU64::new(7), AtomicBool::new(true), AtomicI8::new(-3), AtomicUsize::new(300));
        assert_eq!(encode(integers, &atomics).unwrap(), plain);
        let read: (AtomicU64, AtomicBool, AtomicI8, AtomicUsize) = decode(integers, &plain).unwrap();
        assert_eq!((read.0.into_inner(), read.3.load(Ordering::Relaxed)), (7, 300));

        let text = "inside".to_owned();
        let plain = encode(integers, &(9u16, text.clone(), text.clone(), text.clone())).unwrap();
        let cells = (Cell::new(9u16), RefCell::new(text.clone()), Mutex::new(text.clone()), RwLock::new(text.clone()));
        assert_eq!(encode(integers, &cells).unwrap(), plain);
        let read: (Cell<u16>, RefCell<String>, Mutex<String>, RwLock<String>) = decode(integers, &plain).unwrap();
        assert_eq!((read.0.get(), read.1.into_inner(), read.2.into_inner().unwrap()), (9, text.clone(), text));
    }
    let cell = RefCell::new(1u8);
    let borrowed = cell.borrow_mut();
    assert_eq!(
        encode(ENCODINGS[0], &cell).unwrap_err(),
        "cannot encode: the value has no stored form as a `RefCell`: it is borrowed mutably"
    );
    drop(borrowed);
    let lock = Arc::new(Mutex::new(1u8));
    let other = Arc::clone(&lock);
    let panicked = std::thread::spawn(move || {
        let _held = other.lock();
        panic!("a test");
    });
    panicked.join().unwrap_err();
    assert_eq!(
        encode(ENCODINGS[0], &lock).unwrap_err(),
        "cannot encode: the value has no stored form as a `Mutex`: a thread panicked while it held the lock"
    );
}

#[test]
fn strings_of_the_operating_system_are_strings() {
    use std::ffi::{OsStr, OsString};

    for integers in ENCODINGS {
        let text = "naïve".to_owned();
        let bytes = encode(integers, &text).unwrap();
        assert_eq!(encode(integers, &OsString::from(&text)).unwrap(), bytes);
        assert_eq!(decode::<OsString>(integers, &bytes).unwrap(), *text);
        assert_eq!(decode::<Box<OsStr>>(integers, &bytes).unwrap(), OsStr::new(&text).into());
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        assert_eq!(
            encode(ENCODINGS[0], &OsString::from_vec(vec![b'a', 0xff])).unwrap_err(),
            "cannot encode: the string \"a\u{fffd}\" has no stored form as a `OsString`: the layout holds UTF-8"
        );
    }
}
