//! Custom serializers: their bytes, errors, place in snapshots, and migrations.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;

use compat_tests::evolution::silent;
use proptest::prelude::*;
use support::{ENCODINGS, decode, encode, laws, serializer};
use typeser::migrate::{Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Role, resolve};
use typeser::schema::IntegerEncoding::{Fixed, Variable};
use typeser::serializer::{Custom, CustomError, CustomSerializer};
use typeser::value::Value;
use typeser::{SerializerSnapshot, StateKey, StateType, TypeSerializer};

/// Text in capital letters, stored as is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
struct Code(String);

struct CodeText;

impl CustomSerializer for CodeText {
    type Value = Code;
    const NAME: &'static str = "code-text";
    const VERSION: u32 = 3;
    const CANONICAL: bool = true;
    const READS: &'static [u32] = &[2];

    fn write(value: &Code, to: &mut Vec<u8>) -> Result<(), CustomError> {
        assert!(to.is_empty(), "a serializer begins with an empty output, also inside another one");
        if value.0.chars().any(char::is_lowercase) {
            return Err(format!("{:?} has small letters", value.0).into());
        }
        to.extend_from_slice(value.0.as_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Code, CustomError> {
        let text = str::from_utf8(from)?;
        if text.chars().any(char::is_lowercase) {
            return Err(format!("{text:?} has small letters").into());
        }
        Ok(Code(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Flight {
    number: u16,
    #[state(with = CodeText, alias = "start")]
    from: Code,
    via: Vec<Custom<CodeText>>,
    #[state(with = CodeText, default = Code("ZRH".into()))]
    to: Code,
    times: BTreeMap<u8, Custom<CodeText>>,
}

/// A type with a serializer. Its content need not implement `StateType`.
#[derive(Debug, Clone, PartialEq, StateType)]
#[state(with = PlanText)]
struct Plan {
    stop: &'static str,
    code: std::cell::Cell<u8>,
}

struct PlanText;

impl CustomSerializer for PlanText {
    type Value = Plan;
    const NAME: &'static str = "plan";
    const VERSION: u32 = 1;

    fn write(value: &Plan, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.push(value.code.get());
        // A serializer inside a serializer.
        let code = Code("INNER".to_owned());
        typeser::serializer::encode_bytes::<_, typeser::wire::Variable>(&Custom::<CodeText>(code), to)?;
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Plan, CustomError> {
        match from {
            [code, rest @ ..] if rest == b"\x05INNER" => Ok(Plan { stop: "FRA", code: (*code).into() }),
            _ => Err("one byte and a code are a plan".into()),
        }
    }
}

/// Generic over its content and its serializer.
#[derive(Debug, PartialEq, StateType)]
struct Pair<T: Debug + PartialEq> {
    #[state(with = Twice<T>)]
    both: (T, T),
}

struct Twice<T>(std::marker::PhantomData<T>);

impl<T: StateType> CustomSerializer for Twice<T> {
    type Value = (T, T);
    const NAME: &'static str = "twice";
    const VERSION: u32 = 1;

    fn write(value: &(T, T), to: &mut Vec<u8>) -> Result<(), CustomError> {
        Ok(typeser::serializer::encode_bytes::<_, typeser::wire::Fixed>(value, to)?)
    }

    fn read(from: &[u8]) -> Result<(T, T), CustomError> {
        Ok(typeser::serializer::decode_bytes::<_, typeser::wire::Fixed>(from)?)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, StateType)]
#[state(with = TailText, key)]
struct Tail(String);

struct TailText;

impl CustomSerializer for TailText {
    type Value = Tail;
    const NAME: &'static str = "tail";
    const VERSION: u32 = 1;
    const CANONICAL: bool = true;

    fn write(value: &Tail, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(value.0.as_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Tail, CustomError> {
        Ok(Tail(str::from_utf8(from)?.to_owned()))
    }
}

#[derive(Debug, PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Leg {
    tail: Tail,
    #[state(with = CodeText)]
    from: Code,
}

fn code(text: &str) -> Code {
    Code(text.to_owned())
}

fn flight() -> Flight {
    Flight {
        number: 0x0102,
        from: code("LHR"),
        via: vec![Custom(code("")), Custom(code("DXB"))],
        to: code("SYD"),
        times: BTreeMap::from([(7, Custom(code("AB")))]),
    }
}

#[test]
fn a_leaf_is_a_length_and_the_bytes_of_its_serializer() {
    let fixed = encode(Fixed, &flight()).unwrap();
    let length = |length: u8| [length, 0, 0, 0, 0, 0, 0, 0];
    let wanted = [
        &[2, 1][..],
        &length(3),
        b"LHR",
        &length(2),
        &length(0),
        &length(3),
        b"DXB",
        &length(3),
        b"SYD",
        &length(1),
        &[7],
        &length(2),
        b"AB",
    ];
    assert_eq!(fixed, wanted.concat());
    assert_eq!(encode(Variable, &flight()).unwrap(), b"\xfb\x02\x01\x03LHR\x02\x00\x03DXB\x03SYD\x01\x07\x02AB");
    laws(&flight());
    laws(&Plan { stop: "FRA", code: 7.into() });
    assert_eq!(encode(Variable, &Plan { stop: "", code: 7.into() }).unwrap(), b"\x07\x07\x05INNER");
    laws(&Pair { both: (1_u32, 2) });
    assert_eq!(encode(Variable, &Pair { both: (1_u8, 2) }).unwrap(), [2, 1, 2]);
    laws(&Leg { tail: Tail("D-AIMA".to_owned()), from: code("FRA") });
}

#[test]
fn a_snapshot_says_what_the_serializer_declares() {
    let snapshot = serializer::<Flight>(Fixed).snapshot().clone();
    insta::assert_snapshot!(snapshot.to_text(), @"
    typeser-snapshot 1
    name Flight
    version 1
    integers fixed
    root Flight

    struct Flight v1
      number u16
      from $1
        @alias start
      via list<$1>
      to $1
        @default 0x03000000000000005a5248
      times map<u8, $1>

    type $1 = opaque code-text v3
      @canonical
      @reads 2
    ");
    for read in [
        SerializerSnapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap(),
        SerializerSnapshot::from_text(&snapshot.to_text()).unwrap(),
        SerializerSnapshot::from_json(&snapshot.to_json()).unwrap(),
    ] {
        assert_eq!(read, snapshot);
    }
    silent(&snapshot);
    let code = serializer::<Custom<CodeText>>(Fixed).snapshot().clone();
    assert_eq!((code.name(), code.version()), ("code-text", 3));
    silent(&code);
}

#[test]
fn keys_are_canonical_serializers_behind_a_derive() {
    fn key<T: StateKey>() {}
    key::<Tail>();
    key::<Leg>();
}

#[test]
fn errors_name_the_serializer() {
    let small = Flight { to: code("syd"), ..flight() };
    for integers in ENCODINGS {
        assert_eq!(
            encode(integers, &small).unwrap_err(),
            "cannot encode: `code-text` (version 3) refused the value: \"syd\" has small letters"
        );
    }
    for (bytes, message) in [
        (&b"\x02de"[..], "1: `code-text` (version 3) cannot read its 2 bytes: \"de\" has small letters"),
        (
            b"\x01\xff",
            "1: `code-text` (version 3) cannot read its 1 bytes: invalid utf-8 sequence of 1 bytes from index 0",
        ),
        (b"\x03DE", "1: a length of 3 elements of at least 1 bytes each cannot be, 2 bytes remain"),
        (b"\x01DE", "2: the value ends here, 1 bytes are left over"),
        (b"", "0: 1 bytes are needed, 0 remain"),
    ] {
        let error = decode::<Custom<CodeText>>(Variable, bytes).unwrap_err();
        assert_eq!(error, format!("cannot decode at offset {message}"));
    }
}

#[test]
fn a_default_that_the_serializer_refuses_is_reported_when_the_snapshot_is_made() {
    #[derive(StateType)]
    struct Airport {
        #[state(with = CodeText, default = Code("zrh".into()))]
        #[allow(dead_code, reason = "only described")]
        code: Code,
    }
    let error = typeser::Serializer::<Airport>::new().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the default of `Airport.code` has no stored form: cannot encode: `code-text` (version 3) refused the value: \"zrh\" has small letters"
    );
}

#[test]
fn leaves_are_skipped_recoded_and_displayed() {
    /// `Flight` with reordered fields, one removed and one added.
    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Flight", removed("via"))]
    struct Later {
        #[state(with = CodeText)]
        to: Code,
        number: u32,
        #[state(with = CodeText)]
        from: Code,
        #[state(with = CodeText, default)]
        gate: Code,
        times: BTreeMap<u8, Custom<CodeText>>,
    }
    let wanted = Later {
        to: code("SYD"),
        number: 0x0102,
        from: code("LHR"),
        gate: code(""),
        times: BTreeMap::from([(7, Custom(code("AB")))]),
    };
    for from in ENCODINGS {
        for to in ENCODINGS {
            let (stored, new) = (serializer::<Flight>(from), serializer::<Later>(to));
            let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
            assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration, "{resolution:?}");
            for trust in [Trust::Verified, Trust::Foreign] {
                let mut migrated = Vec::new();
                let migration = resolution.migration(new.conversions()).unwrap();
                let bytes = encode(from, &flight()).unwrap();
                migration.run(&bytes, trust, &mut Scratch::default(), &mut migrated).unwrap();
                assert_eq!(decode::<Later>(to, &migrated).unwrap(), wanted);
                assert_eq!(migrated, encode(to, &wanted).unwrap());
            }
        }
        let serializer = serializer::<Flight>(from);
        let bytes = encode(from, &flight()).unwrap();
        let value = Value::decode(serializer.snapshot(), &bytes).unwrap();
        let mut written = Vec::new();
        value.encode(serializer.snapshot(), &mut written).unwrap();
        assert_eq!(written, bytes);
        assert_eq!(value.get("from").unwrap().as_opaque().unwrap(), b"LHR");
    }
}

#[test]
fn a_reconfigured_serializer_calls_the_same_code() {
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Flight")]
    struct Reordered {
        times: BTreeMap<u8, Custom<CodeText>>,
        #[state(with = CodeText)]
        to: Code,
        via: Vec<Custom<CodeText>>,
        #[state(with = CodeText)]
        from: Code,
        number: u16,
    }
    for integers in ENCODINGS {
        let (stored, new) = (serializer::<Flight>(integers), serializer::<Reordered>(integers));
        let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        assert_eq!(resolution.compatibility(), Compatibility::AfterReconfigure);
        let adopted = resolution.adopt(&new).unwrap();
        let bytes = encode(integers, &flight()).unwrap();
        let value = adopted.deserialize(&bytes).unwrap();
        assert_eq!((&value.from, &value.to, &value.via), (&flight().from, &flight().to, &flight().via));
        let mut written = Vec::new();
        adopted.serialize(&value, &mut written).unwrap();
        assert_eq!(written, bytes);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_leaf_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        for integers in ENCODINGS {
            if let Ok(value) = decode::<Flight>(integers, &bytes) {
                prop_assert_eq!(encode(integers, &value).unwrap(), bytes.clone());
            }
            _ = decode::<Vec<Custom<PlanText>>>(integers, &bytes);
        }
    }

    #[test]
    fn every_value_survives(number in any::<u16>(), texts in proptest::collection::vec("[A-Z0-9 ]{0,300}", 2..6)) {
        laws(&Flight {
            number,
            from: code(&texts[0]),
            to: code(&texts[1]),
            via: texts.iter().map(|text| Custom(code(text))).collect(),
            times: (0..).zip(&texts).map(|(at, text)| (at, Custom(code(text)))).collect(),
        });
    }
}
