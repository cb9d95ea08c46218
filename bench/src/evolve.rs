//! Evolution of stored bytes: typeser's transcoder compared with "read the old type, `From`, write the new one".

use std::hint::black_box;

use typeser::migrate::{Adopted, Migration, Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Resolution, Role, resolve};
use typeser::serializer::Conversions;
use typeser::serializer::{decode_bytes, encode_bytes};
use typeser::versions::{Tag, ValueReader, Versions};
use typeser::wire::Fixed;
use typeser::{Serializer, StateType, TypeSerializer};

use crate::codec::Subject;
use crate::race::Contender;

pub const VERIFIED: &str = "typeser transcoder, verified";
pub const FOREIGN: &str = "typeser transcoder, foreign";
pub const TYPESER: &str = "typeser: read old, From, write new";
pub const WINCODE: &str = "wincode 0.6.3: read old, From, write new";
pub const BINCODE_1: &str = "bincode 1.3.3: read old, From, write new";
pub const BINCODE_2: &str = "bincode 2.0.1 legacy: read old, From, write new";
pub const FLOOR: &str = "floor: memcpy of the result";

/// Stored bytes of `Vec<Old>` that become bytes of `Vec<New>`.
pub struct Evolution<Old, New> {
    stored: Vec<u8>,
    result: Vec<u8>,
    migration: Migration,
    types: std::marker::PhantomData<fn(Old) -> New>,
}

impl<Old, New> Evolution<Old, New>
where
    Old: Subject,
    New: Subject + From<Old>,
    Vec<Old>: Subject,
    Vec<New>: Subject,
{
    /// Resolves, migrates once under each trust, and compares with what the new type writes.
    ///
    /// # Panics
    /// If the verdict is unexpected, or the migrated bytes are wrong.
    pub fn new(old: &[Old]) -> Self {
        let old = old.to_vec();
        let mut stored = Vec::new();
        encode_bytes::<_, Fixed>(&old, &mut stored).unwrap();
        let new: Vec<New> = old.into_iter().map(New::from).collect();
        let mut result = Vec::new();
        encode_bytes::<_, Fixed>(&new, &mut result).unwrap();
        let migration = resolution::<Vec<Old>, Vec<New>>().migration(&Conversions::new()).unwrap();
        for trust in [Trust::Verified, Trust::Foreign] {
            let mut migrated = Vec::new();
            migration.run(&stored, trust, &mut Scratch::default(), &mut migrated).unwrap();
            assert!(migrated == result, "{trust:?}: the migrated bytes are those that the new type writes");
        }
        Self { stored, result, migration, types: std::marker::PhantomData }
    }

    /// The contenders, which all write into existing memory.
    pub fn contenders(&self) -> Vec<Contender<'_>> {
        let stored = &self.stored[..];
        let room = self.result.len();
        let vec = || Vec::<u8>::with_capacity(room);
        let slice = || vec![0u8; room];
        let (mut c, mut d, mut e, mut f, mut g) = (vec(), slice(), vec(), slice(), slice());
        vec![
            self.transcoder(VERIFIED, Trust::Verified),
            self.transcoder(FOREIGN, Trust::Foreign),
            Contender::new(TYPESER, move || {
                c.clear();
                let old = decode_bytes::<Vec<Old>, Fixed>(black_box(stored)).unwrap();
                let new: Vec<New> = old.into_iter().map(New::from).collect();
                encode_bytes::<_, Fixed>(&new, &mut c).unwrap();
                black_box(&c);
            }),
            Contender::new(WINCODE, move || {
                let config = crate::codec::wincode();
                let old: Vec<Old> = wincode::config::deserialize(black_box(stored), config).unwrap();
                let new: Vec<New> = old.into_iter().map(New::from).collect();
                wincode::config::serialize_into(&mut d[..], &new, config).unwrap();
                black_box(&d);
            }),
            Contender::new(BINCODE_1, move || {
                e.clear();
                let old: Vec<Old> = bincode1::deserialize(black_box(stored)).unwrap();
                let new: Vec<New> = old.into_iter().map(New::from).collect();
                bincode1::serialize_into(&mut e, &new).unwrap();
                black_box(&e);
            }),
            Contender::new(BINCODE_2, move || {
                let config = crate::codec::legacy();
                let (old, _): (Vec<Old>, usize) =
                    bincode2::serde::decode_from_slice(black_box(stored), config).unwrap();
                let new: Vec<New> = old.into_iter().map(New::from).collect();
                bincode2::serde::encode_into_slice(&new, &mut g, config).unwrap();
                black_box(&g);
            }),
            Contender::new(FLOOR, move || {
                f.copy_from_slice(black_box(&self.result));
                black_box(&f);
            }),
        ]
    }

    fn transcoder(&self, name: &'static str, trust: Trust) -> Contender<'_> {
        let mut scratch = Scratch::default();
        let mut bytes = Vec::with_capacity(self.result.len());
        Contender::new(name, move || {
            bytes.clear();
            self.migration.run(black_box(&self.stored), trust, &mut scratch, &mut bytes).unwrap();
            black_box(&bytes);
        })
    }
}

fn resolution<Old: StateType, New: StateType>() -> Resolution {
    let (old, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default())
}

pub const OLD_PLAIN: &str = "today's bytes, plain deserialize";
pub const OLD_VERIFIED: &str = "old bytes, verified";
pub const OLD_FOREIGN: &str = "old bytes, foreign";
pub const OLD_VERSIONS: &str = "old bytes, framed, through Versions";

/// Values of an older release, each read alone and dropped, as from a store with rows of several releases.
pub struct EachOld<New> {
    plain: Serializer<New>,
    reader: ValueReader<New>,
    set: Versions<New>,
    today: Vec<Vec<u8>>,
    old: Vec<Vec<u8>>,
    framed: Vec<Vec<u8>>,
}

impl<New: StateType + PartialEq> EachOld<New> {
    /// # Panics
    /// If a value is read incorrectly.
    pub fn new<Old: StateType>(olds: Vec<Old>, convert: impl Fn(Old) -> New) -> Self {
        let (before, plain) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
        let reader = resolution::<Old, New>().reader(&plain).unwrap();
        let set = Versions::builder(plain.clone()).release("1.0.0", before.snapshot().clone()).build().unwrap();
        // Written by the fixed encoding alone: another use of the code of `Old` would change how it is inlined elsewhere.
        let frame = [&[0xF8, b'T'][..], &Tag::of(before.snapshot().fingerprint()).0].concat();
        let (mut today, mut old, mut framed) = (Vec::new(), Vec::new(), Vec::new());
        for value in olds {
            let mut stored = Vec::new();
            encode_bytes::<_, Fixed>(&value, &mut stored).unwrap();
            framed.push([&frame[..], &stored].concat());
            let value = convert(value);
            let mut written = Vec::new();
            plain.serialize(&value, &mut written).unwrap();
            for trust in [Trust::Verified, Trust::Foreign] {
                assert!(reader.clone().with_trust(trust).read(&stored).unwrap() == value, "{trust:?}");
            }
            assert!(set.decode(framed.last().unwrap()).unwrap() == value, "a framed value");
            old.push(stored);
            today.push(written);
        }
        Self { plain, reader, set, today, old, framed }
    }

    pub fn contenders(&self) -> Vec<Contender<'_>> {
        vec![
            each(OLD_PLAIN, &self.today, |stored| self.plain.deserialize(stored).unwrap()),
            self.read(OLD_VERIFIED, Trust::Verified),
            self.read(OLD_FOREIGN, Trust::Foreign),
            each(OLD_VERSIONS, &self.framed, |stored| self.set.decode(stored).unwrap()),
        ]
    }

    fn read(&self, name: &'static str, trust: Trust) -> Contender<'_> {
        let reader = self.reader.clone().with_trust(trust);
        each(name, &self.old, move |stored| reader.read(stored).unwrap())
    }
}

/// Reads each value and drops it.
fn each<'a, T>(name: &'static str, stored: &'a [Vec<u8>], read: impl Fn(&[u8]) -> T + 'a) -> Contender<'a> {
    Contender::new(name, move || stored.iter().for_each(|stored| drop(black_box(read(black_box(stored))))))
}

pub const PLAIN_WRITE: &str = "plain, write";
pub const PLAIN_ROUND: &str = "plain, write and read";
pub const RECONFIGURED_WRITE: &str = "reconfigured, write";
pub const RECONFIGURED_ROUND: &str = "reconfigured, write and read";

/// Values under a serializer whose fields are in another order than the stored ones.
pub struct Reconfigured<T> {
    plain: Serializer<T>,
    adopted: Adopted<T>,
    values: Vec<T>,
}

impl<T: StateType + PartialEq> Reconfigured<T> {
    /// # Panics
    /// If the verdict is unexpected, or a value is read or written incorrectly.
    pub fn new<Old: StateType>(olds: Vec<Old>, convert: impl Fn(Old) -> T) -> Self {
        let resolution = resolution::<Old, T>();
        assert_eq!(resolution.compatibility(), Compatibility::AfterReconfigure);
        let plain = Serializer::new().unwrap();
        let adopted = resolution.adopt(&plain).unwrap();
        let mut values = Vec::with_capacity(olds.len());
        for old in olds {
            let (mut stored, mut written) = (Vec::new(), Vec::new());
            encode_bytes::<_, Fixed>(&old, &mut stored).unwrap();
            let value = convert(old);
            assert!(adopted.deserialize(&stored).unwrap() == value, "the stored bytes are read");
            adopted.serialize(&value, &mut written).unwrap();
            assert!(written == stored, "the stored layout is written");
            values.push(value);
        }
        Self { plain, adopted, values }
    }

    pub fn contenders(&self) -> Vec<Contender<'_>> {
        vec![
            write(PLAIN_WRITE, &self.plain, &self.values),
            write(RECONFIGURED_WRITE, &self.adopted, &self.values),
            round(PLAIN_ROUND, &self.plain, &self.values),
            round(RECONFIGURED_ROUND, &self.adopted, &self.values),
        ]
    }
}

/// Writes each value into the same memory.
fn write<'a, S: TypeSerializer>(name: &'static str, serializer: &'a S, values: &'a [S::Value]) -> Contender<'a> {
    let mut bytes = Vec::new();
    Contender::new(name, move || {
        for value in values {
            bytes.clear();
            serializer.serialize(black_box(value), &mut bytes).unwrap();
            black_box(&bytes);
        }
    })
}

/// Writes each value, reads it back and drops it.
fn round<'a, S: TypeSerializer>(name: &'static str, serializer: &'a S, values: &'a [S::Value]) -> Contender<'a> {
    let mut bytes = Vec::new();
    Contender::new(name, move || {
        for value in values {
            bytes.clear();
            serializer.serialize(black_box(value), &mut bytes).unwrap();
            drop(black_box(serializer.deserialize(black_box(&bytes)).unwrap()));
        }
    })
}
