//! Random values of random releases in one store, under every frame: what is read equals the model, byte for byte.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use proptest::prelude::*;
use typeser::schema::IntegerEncoding;
use typeser::versions::{Frame, Stored, Tag, Versions};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

mod v1 {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u32,
        pub note: Option<String>,
        pub lines: Vec<(u16, bool)>,
    }
}

/// In another order: compatible after reconfigure with the first release.
mod v2 {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub lines: Vec<(u16, bool)>,
        pub note: Option<String>,
        pub id: u32,
    }
}

mod v3 {
    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Order {
        pub id: u64,
        #[state(alias = "note")]
        pub remark: Option<String>,
        #[state(default = 3)]
        pub priority: u8,
        pub lines: Vec<(u32, bool)>,
    }
}

/// A stored value, and what today's release has to read.
struct Item {
    release: usize,
    tag: Tag,
    bytes: Vec<u8>,
    model: v3::Order,
}

type Parts = (u32, Option<String>, Vec<(u16, bool)>);

/// One set of versions for each release and configuration, which writes as that release did.
struct Writers {
    v1: Versions<v1::Order>,
    v1_variable: Versions<v1::Order>,
    v2: Versions<v2::Order>,
    today: Versions<v3::Order>,
}

impl Writers {
    fn new(frame: impl Fn() -> Frame) -> Self {
        let variable = Serializer::with_integers(IntegerEncoding::Variable).unwrap();
        let today = Versions::builder(Serializer::new().unwrap()).frame(frame());
        let named = snapshots().into_iter().zip(["1.0.0", "1.1.0", "2.0.0"]);
        Self {
            v1: Versions::builder(Serializer::new().unwrap()).frame(frame()).build().unwrap(),
            v1_variable: Versions::builder(variable).frame(frame()).build().unwrap(),
            v2: Versions::builder(Serializer::new().unwrap()).frame(frame()).build().unwrap(),
            today: named.fold(today, |to, (snapshot, name)| to.release(name, snapshot)).build().unwrap(),
        }
    }

    fn write(&self, release: usize, (id, note, lines): Parts) -> Item {
        let model = v3::Order {
            id: u64::from(id),
            remark: note.clone(),
            priority: 3,
            lines: lines.iter().map(|(count, sent)| (u32::from(*count), *sent)).collect(),
        };
        let (tag, bytes) = match release {
            0 => (self.today.tag(), self.today.encode(&model)),
            1 => (self.v1.tag(), self.v1.encode(&v1::Order { id, note, lines })),
            2 => (self.v1_variable.tag(), self.v1_variable.encode(&v1::Order { id, note, lines })),
            _ => (self.v2.tag(), self.v2.encode(&v2::Order { id, note, lines })),
        };
        Item { release, tag, bytes: bytes.unwrap(), model }
    }
}

fn snapshots() -> [SerializerSnapshot; 3] {
    let variable = Serializer::<v1::Order>::with_integers(IntegerEncoding::Variable).unwrap();
    [snapshot::<v1::Order>(), variable.snapshot().clone(), snapshot::<v2::Order>()]
}

fn snapshot<T: StateType>() -> SerializerSnapshot {
    Serializer::<T>::new().unwrap().snapshot().clone()
}

fn frame(which: usize) -> Frame {
    let layouts = snapshots().into_iter().chain([snapshot::<v3::Order>()]);
    let ids = [200, 300, 70_000, 1].into_iter().zip(layouts.map(|snapshot| snapshot.fingerprint())).collect();
    match which {
        0 => Frame::Fingerprint,
        1 => Frame::Short(ids),
        2 => Frame::Confluent(ids),
        3 => Frame::OutOfBand,
        _ => Frame::SelfDescribing,
    }
}

fn parts() -> impl Strategy<Value = Parts> {
    (any::<u32>(), any::<Option<String>>(), proptest::collection::vec(any::<(u16, bool)>(), 0..5))
}

proptest! {
    #[test]
    fn values_of_all_releases_are_read_as_the_model_says(
        which in 0..5usize,
        values in proptest::collection::vec((0..4usize, parts()), 1..20),
        cut in any::<proptest::sample::Index>(),
    ) {
        let writers = Writers::new(|| frame(which));
        let today = &writers.today;
        let items: Vec<Item> = values.into_iter().map(|(release, parts)| writers.write(release, parts)).collect();
        let mut counts = [0; 4];
        for item in &items {
            counts[item.release] += 1;
            let bytes = &item.bytes;
            let of = |bytes| match which {
                3 => Stored::Tagged { tag: &item.tag.0, value: bytes },
                _ => Stored::Framed(bytes),
            };
            prop_assert_eq!(&today.decode(of(bytes)).unwrap(), &item.model);
            prop_assert_eq!(today.which(of(bytes)).unwrap(), [["today", "1.0.0", "1.1.0", "2.0.0"][item.release]]);
            let mut upgraded = Vec::new();
            today.upgrade(of(bytes), &mut upgraded).unwrap();
            prop_assert_eq!(upgraded, today.encode(&item.model).unwrap());
            // A part of a value is never a value.
            let cut = cut.index(bytes.len());
            prop_assert!(today.decode(of(&bytes[..cut])).is_err());
        }
        let survey = today.survey(items.iter().map(|item| match which {
            3 => Stored::Tagged { tag: &item.tag.0, value: &item.bytes },
            _ => Stored::Framed(&item.bytes),
        }));
        prop_assert_eq!(survey.layouts.iter().map(|layout| layout.values).collect::<Vec<_>>(), counts);
        prop_assert_eq!(survey.unreadable, 0);
    }
}
