//! Encode, decode, bytes: typeser and other codecs, on one data set.

use std::hint::black_box;

use serde::Serialize;
use serde::de::DeserializeOwned;
use typeser::serializer::{decode_bytes, encode_bytes};
use typeser::wire::{Fixed, Variable};
use wincode::config::Configuration;
use wincode::{SchemaRead, SchemaWrite};

use typeser::StateType;

use crate::race::Contender;

/// wincode refuses collections beyond 4 MiB unless configured otherwise, and the mesh is larger.
type Wincode = Configuration<true, { usize::MAX }>;

/// A type that every contender can store.
pub trait Subject:
    StateType
    + Serialize
    + DeserializeOwned
    + SchemaWrite<Wincode, Src = Self>
    + for<'de> SchemaRead<'de, Wincode, Dst = Self>
    + Clone
    + PartialEq
{
}

impl<T> Subject for T where
    T: StateType
        + Serialize
        + DeserializeOwned
        + SchemaWrite<Wincode, Src = Self>
        + for<'de> SchemaRead<'de, Wincode, Dst = Self>
        + Clone
        + PartialEq
{
}

pub const TYPESER_FIXED: &str = "typeser fixed";
pub const TYPESER_VARIABLE: &str = "typeser variable";
pub const WINCODE: &str = "wincode 0.6.3";
pub const BINCODE_1: &str = "bincode 1.3.3";
pub const BINCODE_2_LEGACY: &str = "bincode 2.0.1 legacy";
pub const BINCODE_2_STANDARD: &str = "bincode 2.0.1 standard";
pub const FLOOR: &str = "floor";

/// A data set with its bytes in both encodings.
pub struct Case<T> {
    pub value: Vec<T>,
    pub fixed: Vec<u8>,
    pub variable: Vec<u8>,
}

pub fn legacy() -> impl bincode2::config::Config {
    bincode2::config::legacy()
}

fn standard() -> impl bincode2::config::Config {
    bincode2::config::standard()
}

pub fn wincode() -> Wincode {
    Configuration::default().disable_preallocation_size_limit()
}

impl<T: Subject> Case<T>
where
    Vec<T>: Subject,
{
    /// Encodes with every contender and compares.
    ///
    /// # Panics
    /// If encodings differ that must be equal, or a contender does not read back what it wrote.
    pub fn new(value: Vec<T>) -> Self {
        let (mut fixed, mut variable) = (Vec::new(), Vec::new());
        encode_bytes::<_, Fixed>(&value, &mut fixed).unwrap();
        encode_bytes::<_, Variable>(&value, &mut variable).unwrap();
        assert!(fixed == bincode1::serialize(&value).unwrap(), "typeser fixed and bincode 1");
        assert!(fixed == bincode2::serde::encode_to_vec(&value, legacy()).unwrap(), "typeser fixed and bincode 2");
        assert!(fixed == wincode::config::serialize(&value, wincode()).unwrap(), "typeser fixed and wincode");
        assert!(variable == bincode2::serde::encode_to_vec(&value, standard()).unwrap(), "variable and bincode 2");
        assert!(decode_bytes::<Vec<T>, Fixed>(&fixed).unwrap() == value, "typeser fixed reads back");
        assert!(decode_bytes::<Vec<T>, Variable>(&variable).unwrap() == value, "typeser variable reads back");
        assert!(wincode::config::deserialize::<Vec<T>, _>(&fixed, wincode()).unwrap() == value, "wincode reads back");
        Self { value, fixed, variable }
    }

    /// Encodes into existing memory: a cleared `Vec` with sufficient capacity or, if faster (wincode, bincode 2), a
    /// slice of the right length.
    pub fn encode_reused(&self) -> Vec<Contender<'_>> {
        let value = &self.value;
        let room = self.fixed.len();
        let vec = || Vec::<u8>::with_capacity(room);
        let slice = || vec![0u8; room];
        let (mut a, mut b, mut c, mut d, mut e, mut f, mut g) =
            (vec(), vec(), slice(), vec(), slice(), slice(), slice());
        vec![
            Contender::new(TYPESER_FIXED, move || {
                a.clear();
                encode_bytes::<_, Fixed>(black_box(value), &mut a).unwrap();
                black_box(&a);
            }),
            Contender::new(TYPESER_VARIABLE, move || {
                b.clear();
                encode_bytes::<_, Variable>(black_box(value), &mut b).unwrap();
                black_box(&b);
            }),
            Contender::new(WINCODE, move || {
                wincode::config::serialize_into(&mut c[..], black_box(value), wincode()).unwrap();
                black_box(&c);
            }),
            Contender::new(BINCODE_1, move || {
                d.clear();
                bincode1::serialize_into(&mut d, black_box(value)).unwrap();
                black_box(&d);
            }),
            Contender::new(BINCODE_2_LEGACY, move || {
                bincode2::serde::encode_into_slice(black_box(value), &mut e, legacy()).unwrap();
                black_box(&e);
            }),
            Contender::new(BINCODE_2_STANDARD, move || {
                bincode2::serde::encode_into_slice(black_box(value), &mut f, standard()).unwrap();
                black_box(&f);
            }),
            Contender::new(FLOOR, move || {
                g.copy_from_slice(black_box(&self.fixed));
                black_box(&g);
            }),
        ]
    }

    /// Encodes into newly allocated memory.
    pub fn encode_fresh(&self) -> Vec<Contender<'_>> {
        let value = &self.value;
        vec![
            Contender::new(TYPESER_FIXED, move || {
                let mut bytes = Vec::new();
                encode_bytes::<_, Fixed>(black_box(value), &mut bytes).unwrap();
                drop(black_box(bytes));
            }),
            Contender::new(TYPESER_VARIABLE, move || {
                let mut bytes = Vec::new();
                encode_bytes::<_, Variable>(black_box(value), &mut bytes).unwrap();
                drop(black_box(bytes));
            }),
            Contender::new(WINCODE, move || {
                drop(black_box(wincode::config::serialize(black_box(value), wincode()).unwrap()));
            }),
            Contender::new(BINCODE_1, move || drop(black_box(bincode1::serialize(black_box(value)).unwrap()))),
            Contender::new(BINCODE_2_LEGACY, move || {
                drop(black_box(bincode2::serde::encode_to_vec(black_box(value), legacy()).unwrap()));
            }),
            Contender::new(BINCODE_2_STANDARD, move || {
                drop(black_box(bincode2::serde::encode_to_vec(black_box(value), standard()).unwrap()));
            }),
            Contender::new(FLOOR, move || drop(black_box(black_box(&self.fixed).to_vec()))),
        ]
    }

    /// Decodes and drops the result.
    pub fn decode(&self) -> Vec<Contender<'_>> {
        let (fixed, variable) = (&self.fixed[..], &self.variable[..]);
        vec![
            Contender::new(TYPESER_FIXED, move || {
                drop(black_box(decode_bytes::<Vec<T>, Fixed>(black_box(fixed)).unwrap()));
            }),
            Contender::new(TYPESER_VARIABLE, move || {
                drop(black_box(decode_bytes::<Vec<T>, Variable>(black_box(variable)).unwrap()));
            }),
            Contender::new(WINCODE, move || {
                drop(black_box(wincode::config::deserialize::<Vec<T>, _>(black_box(fixed), wincode()).unwrap()));
            }),
            Contender::new(BINCODE_1, move || {
                drop(black_box(bincode1::deserialize::<Vec<T>>(black_box(fixed)).unwrap()));
            }),
            Contender::new(BINCODE_2_LEGACY, move || {
                drop(black_box(decode_bincode_2::<Vec<T>>(black_box(fixed), legacy())));
            }),
            Contender::new(BINCODE_2_STANDARD, move || {
                drop(black_box(decode_bincode_2::<Vec<T>>(black_box(variable), standard())));
            }),
            Contender::new(FLOOR, move || drop(black_box(black_box(&self.value).clone()))),
        ]
    }
}

fn decode_bincode_2<T: DeserializeOwned>(bytes: &[u8], config: impl bincode2::config::Config) -> T {
    bincode2::serde::decode_from_slice(bytes, config).unwrap().0
}
