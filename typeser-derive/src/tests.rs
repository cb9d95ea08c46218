//! The expansion itself: what it looks like, and that what attributes say about other releases is in `describe` alone.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use quote::{ToTokens, quote};
use syn::{File, ImplItem, Item};

use crate::derive::derive;

/// The parts of an expansion by name, each as its tokens.
fn parts(input: &str) -> BTreeMap<String, String> {
    let expanded = derive(input.parse().unwrap()).to_string();
    assert!(!expanded.contains("compile_error"), "{input}\ndoes not pass the checks: {expanded}");
    let file: File = syn::parse_str(&expanded).unwrap();
    let mut parts = BTreeMap::new();
    for (number, item) in file.items.into_iter().enumerate() {
        let Item::Impl(mut item) = item else {
            parts.insert(format!("item {number}"), item.to_token_stream().to_string());
            continue;
        };
        for part in std::mem::take(&mut item.items) {
            let name = match &part {
                ImplItem::Const(part) => part.ident.to_string(),
                ImplItem::Fn(part) => part.sig.ident.to_string(),
                other => other.to_token_stream().to_string(),
            };
            parts.insert(format!("{number} {name}"), part.to_token_stream().to_string());
        }
        parts.insert(format!("{number} header"), item.to_token_stream().to_string());
    }
    parts
}

/// Each type twice: plain, and with every evolution attribute.
const PAIRS: &[(&str, &str)] = &[
    (
        "#[state(name = \"Order\")] struct Order { id: u64, note: String }",
        "#[state(name = \"Order\", version = 7, alias = \"Sale\", alias(\"Buy\"), removed(\"tax\", \"sum\"))]
         struct Order { #[state(alias = \"number\")] id: u64, #[state(default = \"-\".to_owned())] note: String }",
    ),
    (
        "struct Pair(u8, #[state(skip)] u16, Vec<Pair>);",
        "#[state(version = 2, removed(\"3\"))]
         struct Pair(#[state(default)] u8, #[state(skip)] u16, #[state(alias(\"a\", \"b\"), default)] Vec<Pair>);",
    ),
    (
        "#[state(key)] enum Status { Open, #[state(tag = 9)] Shipped { to: String, when: Option<u64> }, Lost(u8) }",
        "#[state(key, version = 3, alias = \"State\", removed(\"Gone\", becomes = Status::Open), removed(\"Old\"))]
         enum Status {
             #[state(alias = \"New\")] Open,
             #[state(tag = 9, alias = \"Sent\", removed(\"by\"))]
             Shipped { #[state(alias = \"into\")] to: String, #[state(default = Some(3))] when: Option<u64> },
             Lost(#[state(default = 1)] u8),
         }",
    ),
    (
        "enum Plan { Basic, Pro { seats: u32, price: f64 }, Unknown(u8) }",
        "#[state(version = 4, migrate(3 => third, 1 => Self::first))]
         enum Plan {
             Basic,
             Pro {
                 #[state(convert(String, with = parse), convert(u8, with = u32::from, injective))] seats: u32,
                 #[state(none = 0.5)] price: f64,
             },
             #[state(other)] Unknown(#[state(default)] u8),
         }",
    ),
    (
        "struct Tree<K, V> where K: Ord { key: K, value: V, children: Vec<Tree<K, V>> }",
        "#[state(alias = \"Node\", version = 2)]
         struct Tree<K, V> where K: Ord {
             #[state(alias = \"k\")] key: K,
             #[state(alias = \"v\")] value: V,
             #[state(default = Vec::new(), alias = \"c\")] children: Vec<Tree<K, V>>,
         }",
    ),
];

#[test]
fn what_is_said_about_other_releases_is_in_describe_alone() {
    for (plain, evolved) in PAIRS {
        let (mut plain_parts, mut evolved_parts) = (parts(plain), parts(evolved));
        let described = plain_parts.remove("0 describe").unwrap();
        let evolved_described = evolved_parts.remove("0 describe").unwrap();
        assert_ne!(described, evolved_described, "{evolved}\nsays nothing that reaches `describe`");
        for name in ["0 SIZES", "0 encode", "0 decode", "0 header"] {
            assert!(plain_parts.contains_key(name), "{plain}\nhas no {name}");
        }
        assert_eq!(plain_parts, evolved_parts, "{evolved}");
    }
}

/// An expansion as people read it.
fn readable(input: &proc_macro2::TokenStream) -> String {
    let expanded = derive(input.clone());
    prettyplease::unparse(&syn::parse2(expanded).unwrap())
}

#[test]
fn a_struct_expands_to() {
    insta::assert_snapshot!(readable(&quote! {
        #[state(version = 2, removed("tax"))]
        struct Order {
            #[state(alias = "no")]
            id: u64,
            #[state(default = "-".to_owned())]
            note: String,
            #[state(skip)]
            cache: Vec<u8>,
        }
    }));
}

#[test]
fn an_enum_expands_to() {
    insta::assert_snapshot!(readable(&quote! {
        #[state(removed("Gone", becomes = Status::Open))]
        enum Status {
            Open,
            Shipped { to: String, #[state(skip)] cache: u8 },
            #[state(tag = 9)]
            Lost(u8, Vec<Status>),
        }
    }));
}

#[test]
fn functions_expand_to() {
    insta::assert_snapshot!(readable(&quote! {
        #[state(version = 4, migrate(3 => Self::third, 1 => old::first), migrate(2 => second::<K, 3>))]
        struct Plan<K> {
            #[state(convert(u32, with = text), convert(Vec<K>, with = <K as Join>::join, injective))]
            name: String,
            #[state(none = K::least())]
            least: K,
        }
    }));
}

#[test]
fn leaves_expand_to() {
    insta::assert_snapshot!(readable(&quote! {
        #[state(key)]
        struct Stop {
            #[state(with = codes::Text<3>, default = Code::new())]
            code: Code,
            #[state(serde(name = "point", version = 2, canonical, migrate(1 => from_pair)))]
            at: Point,
            #[state(with = Text, convert(u32, with = Code::of), none = Code::new())]
            other: Code,
        }
    }));
    insta::assert_snapshot!(readable(&quote! {
        #[state(serde(name = "page", version = 1))]
        struct Page<T>(Vec<T>);
    }));
}

#[test]
fn serde_without_its_feature_says_where_to_switch_it_on() {
    let cx = crate::ctxt::Ctxt::default();
    let word = quote::format_ident!("serde");
    assert_eq!(crate::leaf::check_feature(&cx, &word, true), Some(()));
    assert_eq!(crate::leaf::check_feature(&cx, &word, false), None);
    assert_eq!(
        cx.check().unwrap_err().to_string(),
        "`serde(..)` needs the feature `serde` of typeser: write `features = [\"serde\"]` where Cargo.toml names typeser"
    );
}

#[test]
fn a_generic_key_expands_to() {
    insta::assert_snapshot!(readable(&quote! {
        #[state(key, crate = other::typeser)]
        struct Key<T: Clone, U, const N: usize>(T, Vec<T>, U::Id, std::marker::PhantomData<U>, [u8; N])
        where
            U: Named;
    }));
}

#[test]
fn a_transparent_struct_expands_to() {
    insta::assert_snapshot!(readable(&quote! {
        #[state(transparent)]
        struct Id { #[state(skip, default = 3)] uses: u8, number: u64 }
    }));
}

#[test]
fn a_mistake_expands_to() {
    insta::assert_snapshot!(readable(&quote! {
        #[state(key, version = 0)]
        struct Key<'a, T> where T: Clone { note: &'a str, value: T }
    }));
}

#[test]
fn paths_are_spelled_alike_however_they_are_written() {
    use crate::tokens::as_rust;
    let tokens = quote!(<Vec<K> as a::Join<'static, [u8; 3], fn(u8) -> Box<dyn A + B>>>::join::<r#in, { 3 }>);
    assert_eq!(as_rust(tokens), "<Vec<K> as a::Join<'static, [u8; 3], fn(u8) -> Box<dyn A + B>>>::join::<r#in, {3}>");
}

#[test]
fn every_word_is_in_one_table() {
    use crate::symbol::Symbol;
    for symbol in Symbol::ALL {
        assert_eq!(Symbol::parse(symbol.word()), Some(symbol));
        assert!(symbol.usage().starts_with(symbol.word()), "{symbol}");
        assert!(!symbol.places().is_empty(), "{symbol}");
    }
}
