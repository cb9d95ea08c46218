//! The expansion works in any crate, whatever the user's names shadow and whatever the library is called.
#![allow(clippy::unwrap_used, missing_docs, non_camel_case_types, reason = "tests fail by panicking")]

mod common;

use common::{layout, round_trip};

/// Without the prelude, and with every name taken that an expansion could use.
mod shadowed {
    #![no_implicit_prelude]
    #![allow(dead_code, unused_macros, unused_imports, reason = "the names are only here to conflict")]

    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) struct Default;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct StateType;
    pub(super) struct Describer;
    pub(super) struct u8;
    pub(super) struct u32;
    pub(super) struct str;
    pub(super) struct usize;
    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod typeser {}
    pub(super) mod serializer {}
    macro_rules! line {
        () => {
            ::core::compile_error!("not this one")
        };
    }
    macro_rules! file {
        () => {
            ::core::compile_error!("not this one")
        };
    }
    macro_rules! unreachable {
        () => {
            ::core::compile_error!("not this one")
        };
    }
    pub(super) use {file, line, unreachable};

    /// Methods with these names on every type must not take precedence over ours.
    pub(super) trait Tempting: ::core::marker::Sized {
        fn encode(&self) {}
        fn put_tag(&self) {}
        fn encode_field(&self) {}
        fn then(self) {}
        fn or(self) {}
        fn describe() {}
        fn decode() {}
    }

    impl<T> Tempting for T {}

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash, ::typeser::StateType)]
    #[state(version = 3, alias = "Old", removed("gone"), migrate(1 => link, 2 => Record::link_chained))]
    pub(super) struct Record {
        #[state(convert(::core::primitive::u64, with = self::narrow))]
        pub(super) to: ::core::primitive::u8,
        #[state(none = 7, convert(::std::string::String, with = u32::link))]
        pub(super) from: ::core::primitive::u32,
        #[state(default)]
        pub(super) value: ::std::option::Option<::std::boxed::Box<Record>>,
        #[state(default = 3)]
        pub(super) tag: ::core::primitive::u64,
        #[state(skip)]
        pub(super) integers: ::core::primitive::u64,
    }

    fn link(old: ::core::primitive::u8) -> ::std::string::String {
        ::std::string::ToString::to_string(&old)
    }

    fn narrow(
        wide: ::core::primitive::u64,
    ) -> ::core::result::Result<::core::primitive::u8, ::core::num::TryFromIntError> {
        ::core::convert::TryFrom::try_from(wide)
    }

    impl u32 {
        fn link(text: ::std::string::String) -> ::core::primitive::u32 {
            ::core::str::FromStr::from_str(&text).unwrap_or(0)
        }
    }

    impl Record {
        fn link_chained(text: ::std::string::String) -> Self {
            Self { to: 1, from: u32::link(text), value: ::core::option::Option::None, tag: 0, integers: 0 }
        }
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::typeser::StateType)]
    #[state(removed("Gone", becomes = Choice::Some(3)))]
    pub(super) enum Choice {
        #[state(other)]
        Ok,
        Err {
            to: ::std::string::String,
            from: ::std::vec::Vec<Choice>,
        },
        Some(::core::primitive::u64),
        None(#[state(skip)] ::core::primitive::u8, Record),
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash, ::typeser::StateType)]
    #[state(key)]
    pub(super) struct Key<Hash> {
        pub(super) to: Hash,
        pub(super) from: ::std::option::Option<::std::boxed::Box<Self>>,
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::typeser::StateType)]
    pub(super) struct Foreign {
        #[state(text)]
        pub(super) to: ::std::vec::Vec<::std::net::Ipv4Addr>,
        #[state(as = ::core::primitive::u64)]
        pub(super) from: ::core::primitive::u8,
        #[state(as(::core::primitive::u64, into = self::wide, from = self::narrower))]
        pub(super) value: ::core::primitive::u16,
        #[state(as = ::std::option::Option<Mirror>)]
        pub(super) probe: ::std::option::Option<super::Remote>,
    }

    fn wide(value: &::core::primitive::u16) -> ::core::primitive::u64 {
        ::core::convert::From::from(*value)
    }

    fn narrower(value: ::core::primitive::u64) -> ::core::option::Option<::core::primitive::u16> {
        ::core::result::Result::ok(::core::convert::TryFrom::try_from(value))
    }

    #[derive(::typeser::StateType)]
    #[state(remote = "super::Remote")]
    pub(super) enum Mirror {
        Ok,
        Err { to: ::std::string::String, from: ::core::primitive::u8 },
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::typeser::StateType)]
    #[state(transparent)]
    pub(super) struct Transparent {
        pub(super) to: ::std::vec::Vec<Choice>,
    }
}

#[derive(Debug, PartialEq)]
enum Remote {
    Ok,
    Err { to: String, from: u8 },
}

/// The library under another name, as in a crate that renames it.
mod renamed {
    extern crate typeser as other;

    use self::other as library;

    #[derive(Debug, PartialEq, Eq, Hash, library::StateType)]
    #[state(crate = self::other, key)]
    pub(super) struct Record {
        pub(super) number: u64,
    }

    #[derive(Debug, PartialEq, library::StateType)]
    #[state(crate = crate::renamed::library)]
    pub(super) enum Choice {
        A(u8),
    }
}

#[derive(Debug, PartialEq, typeser::StateType)]
struct Fields {
    r#type: u32,
    r#match: Option<u8>,
}

#[derive(Debug, PartialEq, typeser::StateType)]
enum Raw {
    Plain,
    r#fn { r#in: u8 },
}

macro_rules! declare {
    ($name:ident { $($field:ident: $type:ty = $stored:literal),* } $($variant:ident($payload:ty))*) => {
        #[derive(Debug, PartialEq, typeser::StateType)]
        struct $name {
            $(#[state(name = $stored)] $field: $type,)*
        }

        mod inner {
            #[derive(Debug, PartialEq, typeser::StateType)]
            pub(super) enum $name {
                $($variant($payload),)*
            }
        }
    };
}

declare!(FromMacro { number: u64 = "no", text: Option<String> = "txt" } A(u8) B(Vec<u8>));

macro_rules! generic {
    ($name:ident, $parameter:ident, $type:ty, $value:expr, $tag:literal, $old:ty, $function:path) => {
        #[derive(Debug, PartialEq, typeser::StateType)]
        #[state(version = 10, migrate($tag => whole))]
        struct $name<$parameter> {
            list: $type,
            #[state(default = $value, none = $value, convert($old, with = $function))]
            number: u8,
        }

        #[derive(Debug, PartialEq, typeser::StateType)]
        enum Tagged {
            #[state(tag = $tag)]
            Only,
        }
    };
}

macro_rules! word {
    () => {
        u16
    };
}

/// A type that is a macro invocation.
#[derive(Debug, PartialEq, typeser::StateType)]
struct Called(word!(), Option<word!()>);

generic!(GenericFromMacro, T, Vec<T>, 3 + 4, 9, Option<u8>, one);

fn whole<T>(list: Vec<T>) -> GenericFromMacro<T> {
    GenericFromMacro { list, number: 0 }
}

fn one(old: Option<u8>) -> u8 {
    old.unwrap_or(1)
}

#[test]
fn shadowed_names_do_not_affect_the_expansion() {
    use shadowed::{Choice, Foreign, Key, Record, Transparent};
    let record = |value| Record { to: 1, from: 2, value, tag: 4, integers: 0 };
    round_trip(&Key { to: 1u16, from: Some(Box::new(Key { to: 2, from: None })) });
    round_trip(&record(Some(Box::new(record(None)))));
    for probe in [None, Some(Remote::Ok), Some(Remote::Err { to: "x".to_owned(), from: 1 })] {
        round_trip(&Foreign { to: vec![std::net::Ipv4Addr::LOCALHOST], from: 1, value: 2, probe });
    }
    let choices = vec![Choice::Ok, Choice::Some(3), Choice::None(0, record(None))];
    round_trip(&Transparent { to: vec![Choice::Err { to: "x".to_owned(), from: choices }] });
}

#[test]
fn a_renamed_library_is_found() {
    round_trip(&renamed::Record { number: 1 });
    round_trip(&renamed::Choice::A(1));
}

#[test]
fn raw_identifiers_are_stored_without_their_prefix() {
    round_trip(&Fields { r#type: 1, r#match: Some(2) });
    round_trip(&Raw::r#fn { r#in: 1 });
    round_trip(&Raw::Plain);
    assert!(layout::<Fields>().contains("\n  type u32\n  match option<u8>\n"), "{}", layout::<Fields>());
    insta::assert_snapshot!(layout::<Raw>(), @r"
    integers fixed
    root Raw

    enum Raw v1
      0 Plain
      1 fn
        in u8
    ");
}

#[test]
fn types_out_of_macros_are_derived() {
    round_trip(&FromMacro { number: 1, text: Some("x".to_owned()) });
    round_trip(&inner::FromMacro::A(1));
    round_trip(&inner::FromMacro::B(vec![1]));
    round_trip(&GenericFromMacro { list: vec![1u16], number: 2 });
    round_trip(&Called(1, Some(2)));
    let ids = typeser::Serializer::<GenericFromMacro<u8>>::new().unwrap();
    let ids: Vec<&str> = typeser::TypeSerializer::conversions(&ids).ids().collect();
    assert_eq!(ids, ["GenericFromMacro v9: whole", "GenericFromMacro.number: one"]);
    assert_eq!(common::fixed(&Tagged::Only), [9, 0, 0, 0]);
    insta::assert_snapshot!(layout::<FromMacro>(), @r"
    integers fixed
    root FromMacro

    struct FromMacro v1
      no u64
      txt option<string>
    ");
}
