//! The functions that a type declares reach its snapshot and its serializer: ids, source layouts, code.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::num::ParseIntError;

use typeser::snapshot::{ConversionHint, EnumHints, FieldHints, NodeHints, StructHints, TypeMigration};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

/// Functions with every form of path and every kind of result.
mod functions {
    use super::{Order1, Order3, ParseIntError};

    #[derive(Debug)]
    pub(super) struct Refused;

    impl std::fmt::Display for Refused {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("refused")
        }
    }

    pub(super) fn text(number: u32) -> String {
        number.to_string()
    }

    pub(super) fn number(text: String) -> Result<u64, ParseIntError> {
        text.parse()
    }

    pub(super) fn first<T: Default>(values: Vec<T>) -> Option<T> {
        values.into_iter().next()
    }

    pub(super) fn two(order: Order1) -> Result<Order3, Refused> {
        order.number.checked_mul(2).map(|number| Order3 { number }).ok_or(Refused)
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(name = "Order")]
struct Order1 {
    number: u32,
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(name = "Order", version = 3)]
struct Order3 {
    number: u32,
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(version = 5, migrate(3 => Self::from_3), migrate(1 => functions::two))]
struct Order {
    #[state(convert(u32, with = functions::text), convert(char, with = <String as From<char>>::from, injective))]
    number: String,
    #[state(none = 7, convert(f32, with = rounded), convert(f64, with = rounded))]
    count: u64,
    #[state(convert(Vec<u8>, with = functions::first))]
    first: Option<u8>,
}

fn rounded<T: Into<f64>>(number: T) -> Result<u64, String> {
    format!("{:.0}", number.into()).parse().map_err(|_| "too large, or negative".to_owned())
}

impl Order {
    fn from_3(order: Order3) -> Self {
        Self { number: order.number.to_string(), count: 0, first: None }
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
enum Choice<T> {
    Plain(#[state(convert(String, with = functions::number))] u64),
    Other(T),
    #[state(other, name = "unknown")]
    Unknown {
        #[state(default = 3)]
        code: u8,
        note: Option<String>,
        #[state(skip)]
        cache: u64,
    },
}

/// A function that reads a type that contains the new type.
#[derive(Debug, Clone, PartialEq, StateType)]
#[state(version = 2, migrate(1 => Tree::grown))]
struct Tree {
    children: Vec<Tree>,
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(name = "Tree")]
struct OldTree {
    child: Option<Box<Tree>>,
}

impl Tree {
    fn grown(old: OldTree) -> Self {
        Self { children: old.child.into_iter().map(|child| *child).collect() }
    }
}

/// A function with type parameters.
#[derive(Debug, Clone, PartialEq, StateType)]
#[state(version = 2, migrate(1 => Page::of))]
struct Page<T: Clone> {
    #[state(convert(Option<T>, with = listed::<T>), none = Vec::new())]
    items: Vec<T>,
}

fn listed<T>(item: Option<T>) -> Vec<T> {
    item.into_iter().collect()
}

impl<T: Clone> Page<T> {
    fn of(items: Vec<T>) -> Self {
        Self { items }
    }
}

fn serializer<T: StateType>() -> (SerializerSnapshot, Vec<String>) {
    let serializer = Serializer::<T>::new().unwrap();
    let ids = serializer.conversions().ids().map(str::to_owned).collect();
    (serializer.snapshot().clone(), ids)
}

fn root_struct(snapshot: &SerializerSnapshot) -> &StructHints {
    match &snapshot.hints()[0] {
        NodeHints::Struct(hints) => hints,
        other => panic!("{other:?}"),
    }
}

fn root_enum(snapshot: &SerializerSnapshot) -> &EnumHints {
    match &snapshot.hints()[0] {
        NodeHints::Enum(hints) => hints,
        other => panic!("{other:?}"),
    }
}

/// The layout that a function of this argument reads.
fn layout<T: StateType>() -> typeser::schema::Schema {
    serializer::<T>().0.schema().clone()
}

fn conversion<T: StateType>(id: &str, injective: bool) -> ConversionHint {
    ConversionHint { id: id.to_owned(), injective, source: layout::<T>().into() }
}

#[test]
fn conversions_of_fields_reach_the_hints_with_their_source_layouts() {
    let (snapshot, _) = serializer::<Order>();
    let fields = &root_struct(&snapshot).record.fields;
    let expected = vec![
        conversion::<u32>("Order.number: functions::text", false),
        conversion::<char>("Order.number: <String as From<char>>::from", true),
    ];
    assert_eq!(fields[0], FieldHints { conversions: expected, ..FieldHints::default() });
    let none = Some(7u64.to_le_bytes().to_vec());
    let conversions =
        vec![conversion::<f32>("Order.count: rounded", false), conversion::<f64>("Order.count: rounded #2", false)];
    assert_eq!(fields[1], FieldHints { none, conversions, ..FieldHints::default() });
    let expected = vec![conversion::<Vec<u8>>("Order.first: functions::first", false)];
    assert_eq!(fields[2], FieldHints { conversions: expected, ..FieldHints::default() });
}

#[test]
fn migrations_reach_the_hints_in_the_order_of_versions() {
    let (snapshot, _) = serializer::<Order>();
    let expected = vec![
        TypeMigration {
            from: 1,
            id: "Order v1: functions::two".to_owned(),
            injective: false,
            exact: false,
            source: Some(layout::<Order1>().into()),
        },
        TypeMigration {
            from: 3,
            id: "Order v3: Self::from_3".to_owned(),
            injective: false,
            exact: false,
            source: Some(layout::<Order3>().into()),
        },
    ];
    assert_eq!(root_struct(&snapshot).migrations, expected);
}

#[test]
fn a_serializer_brings_every_function_that_its_snapshot_names() {
    let (_, ids) = serializer::<(Order, Choice<Order>)>();
    let expected = [
        "Choice::Plain.0: functions::number",
        "Order v1: functions::two",
        "Order v3: Self::from_3",
        "Order.count: rounded",
        "Order.count: rounded #2",
        "Order.first: functions::first",
        "Order.number: <String as From<char>>::from",
        "Order.number: functions::text",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn payloads_convert_and_a_variant_is_the_fallback_by_its_stored_name() {
    let (snapshot, _) = serializer::<Choice<u8>>();
    let hints = root_enum(&snapshot);
    assert_eq!(hints.fallback.as_deref(), Some("unknown"));
    let expected = vec![conversion::<String>("Choice::Plain.0: functions::number", false)];
    assert_eq!(hints.variants[0].record.fields[0].conversions, expected);
    assert_eq!(hints.variants[2].record.fields[0].default, Some(vec![3]));
}

#[test]
fn a_function_may_read_a_type_that_holds_the_new_one() {
    let (snapshot, ids) = serializer::<Tree>();
    assert_eq!(ids, ["Tree v1: Tree::grown"]);
    assert_eq!(root_struct(&snapshot).migrations[0].source, Some(layout::<OldTree>().into()));
}

#[test]
fn functions_may_have_the_type_parameters() {
    let (snapshot, ids) = serializer::<Page<u16>>();
    assert_eq!(ids, ["Page v1: Page::of", "Page.items: listed::<T>"]);
    let hints = root_struct(&snapshot);
    assert_eq!(hints.migrations[0].source, Some(layout::<Vec<u16>>().into()));
    assert_eq!(hints.record.fields[0].conversions, vec![conversion::<Option<u16>>("Page.items: listed::<T>", false)]);
    assert_eq!(hints.record.fields[0].none, Some(vec![0; 8]));
}

#[test]
fn a_generic_type_has_a_function_an_argument() {
    type Pages = (Page<u8>, Page<u16>, Option<Page<u8>>);
    let (snapshot, ids) = serializer::<Pages>();
    assert_eq!(
        ids,
        ["Page v1: Page::of", "Page v1: Page::of #2", "Page.items: listed::<T>", "Page.items: listed::<T> #2"]
    );
    let ids: Vec<&str> = snapshot
        .hints()
        .iter()
        .filter_map(|hints| match hints {
            NodeHints::Struct(hints) => Some(hints.migrations[0].id.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(ids, ["Page v1: Page::of", "Page v1: Page::of #2"]);
}

#[test]
fn layouts_say_nothing_about_functions() {
    #[derive(StateType)]
    #[state(name = "Order", version = 5)]
    struct Plain {
        number: String,
        count: u64,
        first: Option<u8>,
    }
    assert_eq!(serializer::<Order>().0.fingerprint(), serializer::<Plain>().0.fingerprint());
}
