//! Dynamic values: text and JSON, errors, migrations, and depth.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fmt::Write as _;
use std::num::NonZero;
use std::time::Duration;

use serde_derive::Serialize;
use typeser::schema::{Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, StructNode};
use typeser::snapshot::{Configuration, NodeHints};
use typeser::value::{Record, Value};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

#[derive(Debug, Clone, PartialEq, StateType, Serialize)]
struct Order {
    id: u64,
    status: Status,
    tags: Vec<String>,
    note: Option<String>,
    lines: Vec<Line>,
    totals: BTreeMap<String, f64>,
    seen: BTreeSet<u16>,
    grid: [[i8; 2]; 2],
    nested: Option<Option<u32>>,
    pair: (bool, char),
    single: (u8,),
    unit: (),
    metres: Metres,
    marker: Marker,
    unused: [u32; 0],
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize)]
enum Status {
    Open,
    Returned(String),
    Moved(i64, i64),
    Shipped { carrier: String, parcel: NonZero<u32> },
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize)]
struct Line(String, u32);

#[derive(Debug, Clone, PartialEq, StateType, Serialize)]
struct Metres(f32);

#[derive(Debug, Clone, PartialEq, StateType, Serialize)]
struct Marker;

fn orders() -> Vec<Order> {
    let order = Order {
        id: u64::MAX,
        status: Status::Shipped { carrier: "snail".to_owned(), parcel: NonZero::new(9).unwrap() },
        tags: vec!["a".to_owned(), "\"quoted\"\n\u{202e}\u{1f980}".to_owned()],
        note: None,
        lines: vec![Line("nut".to_owned(), 3), Line("bolt".to_owned(), 4)],
        totals: BTreeMap::from([("net".to_owned(), 1.5), ("gross".to_owned(), 1e300)]),
        seen: BTreeSet::from([7, 300]),
        grid: [[1, -2], [3, i8::MIN]],
        nested: Some(None),
        pair: (true, '\''),
        single: (5,),
        unit: (),
        metres: Metres(-0.0),
        marker: Marker,
        unused: [],
    };
    let empty = Order {
        status: Status::Open,
        tags: vec![],
        note: Some(String::new()),
        lines: vec![],
        totals: BTreeMap::new(),
        nested: Some(Some(1)),
        ..order.clone()
    };
    let returned = Order { status: Status::Returned("broken".to_owned()), nested: None, ..empty.clone() };
    let moved = Order { status: Status::Moved(i64::MIN, 0), ..empty.clone() };
    vec![order, empty, returned, moved]
}

/// A value and its bytes, under both encodings.
fn bytes_of<T: StateType>(integers: IntegerEncoding, value: &T) -> (SerializerSnapshot, Vec<u8>) {
    let serializer = Serializer::<T>::with_integers(integers).unwrap();
    let mut bytes = Vec::new();
    serializer.serialize(value, &mut bytes).unwrap();
    (serializer.snapshot().clone(), bytes)
}

#[track_caller]
fn like_rust<T: StateType + Debug + PartialEq>(typed: &T) -> Value {
    for integers in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
        let (snapshot, bytes) = bytes_of(integers, typed);
        let value = Value::decode(&snapshot, &bytes).unwrap();
        assert_eq!(value, Value::of(typed).unwrap());
        let mut again = Vec::new();
        value.encode(&snapshot, &mut again).unwrap();
        assert_eq!(again, bytes);
    }
    let value = Value::of(typed).unwrap();
    assert_eq!(&value.to::<T>().unwrap(), typed);
    assert_eq!(value.to_string(), format!("{typed:?}"));
    assert_eq!(format!("{value:#}"), format!("{typed:#?}"));
    value
}

#[test]
fn text_is_what_rust_prints_and_json_is_what_serde_writes() {
    for order in orders() {
        let value = like_rust(&order);
        // Intended differences from serde.
        let mut theirs = serde_json::to_value(&order).unwrap();
        theirs["nested"] = match order.nested {
            None => serde_json::Value::Null,
            Some(inner) => serde_json::json!({ "Some": inner }),
        };
        for json in [value.to_json(), value.to_json_pretty()] {
            let ours: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(ours, theirs, "{json}");
        }
    }
    like_rust(&Vec::<u8>::new());
    like_rust(&(1u8, "a".to_owned()));
    like_rust(&Some(Some(())));
    like_rust(&BTreeMap::from([((1u8, 2u8), vec![Some('x')]), ((0, 0), vec![])]));
    like_rust(&Result::<u8, String>::Err("no".to_owned()));
    like_rust(&[1.0e-7f64, f64::INFINITY, 0.1, 1e16]);
    like_rust(&vec![vec![vec![1u8, 2], vec![]], vec![]]);
}

#[test]
fn the_forms_read_well() {
    let order = Value::of(&orders()[0]).unwrap();
    insta::assert_snapshot!("order_text", format!("{order}\n\n{order:#}\n\n{order:?}"));
    insta::assert_snapshot!("order_json", format!("{}\n\n{}", order.to_json(), order.to_json_pretty()));
    let odd = |bits: u32| f32::from_bits(bits);
    let corners = Value::from(
        Record::structure("Corners of it")
            .with("wide", Value::tuple([u128::MAX.into(), i128::MIN.into(), u64::MAX.into(), 7u128.into()]))
            .with("floats", Value::list([f32::NAN, f32::INFINITY, -f32::INFINITY, -0.0, 1.0, 3.4e38, 1e-45]))
            .with("odd NaN", Value::tuple([odd(0x7FC0_0001).into(), f64::from_bits(u64::MAX).into()]))
            .with("by number", Value::map([(1u8, "one"), (2, "two")]))
            .with("by pair", Value::map([(Value::tuple([1u8.into(), 'x'.into()]), Value::list([true]))]))
            .with("none", Value::map(Vec::<(u8, u8)>::new()))
            .with("options", Value::tuple([Some(Some(())).into(), Some(None::<u8>).into(), Some(3u8).into()]))
            .with("opaque", Value::Opaque(vec![0, 0xAB]))
            .with("variant", Record::variant("Status", "Gone").with("0", None::<u8>))
            .with("dash-ed", Record::variant("result", "Ok").with("0", 1u8).with("1", 2u8))
            .with("", Record::structure("Empty")),
    );
    insta::assert_snapshot!(
        "corners",
        format!("{corners}\n\n{corners:#}\n\n{}\n\n{}", corners.to_json(), corners.to_json_pretty())
    );
}

#[test]
fn a_value_becomes_one_of_the_next_layout() {
    mod next {
        #[derive(Debug, PartialEq, typeser::StateType)]
        pub(crate) struct Order {
            pub(crate) remark: Option<String>,
            pub(crate) id: u128,
            pub(crate) carrier: String,
        }
    }
    let mut order = Value::of(&orders()[0]).unwrap();
    let carrier = order.remove("status").unwrap().remove("carrier").unwrap();
    let id = order.remove("id").unwrap().as_u128().unwrap();
    let record = order.as_record_mut().unwrap();
    for field in
        ["tags", "lines", "totals", "seen", "grid", "nested", "pair", "single", "unit", "metres", "marker", "unused"]
    {
        record.remove(field).unwrap();
    }
    assert!(record.rename("note", "remark"));
    order.set("id", id).unwrap();
    order.set("carrier", carrier).unwrap();
    let next = order.to::<next::Order>().unwrap();
    assert_eq!(next, next::Order { remark: None, id: u64::MAX.into(), carrier: "snail".to_owned() });
}

#[test]
fn values_that_do_not_fit_are_reported_with_their_place() {
    let (snapshot, _) = bytes_of(IntegerEncoding::Fixed, &orders()[0]);
    let order = || Value::of(&orders()[0]).unwrap();
    let changed = |change: &dyn Fn(&mut Record)| {
        let mut order = order();
        change(order.as_record_mut().unwrap());
        order
    };
    let shipped = |carrier: Value, parcel: Value| {
        Record::variant("Status", "Shipped").with("parcel", parcel).with("carrier", carrier)
    };
    let wrong: Vec<Value> = vec![
        7u8.into(),
        changed(&|order| _ = order.set("id", 7u32)),
        changed(&|order| _ = order.remove("note")),
        changed(&|order| _ = order.set("colour", "red")),
        changed(&|order| order.rename_type("Ordr")),
        changed(&|order| _ = order.set("status", Record::variant("Status", "Lost"))),
        changed(&|order| _ = order.set("status", Record::variant("Stato", "Open"))),
        changed(&|order| _ = order.set("status", Record::structure("Status"))),
        changed(&|order| _ = order.set("status", shipped("snail".into(), 0u32.into()))),
        changed(&|order| _ = order.set("status", shipped(5i8.into(), 1u32.into()))),
        changed(&|order| _ = order.set("status", shipped("x".into(), "y".repeat(100).as_str().into()))),
        changed(&|order| _ = order.set("lines", vec![Record::structure("Line").with("0", "nut")])),
        changed(&|order| _ = order.set("totals", Value::map([("a", 1.0f64), ("b", 2.0), ("a", 3.0)]))),
        changed(&|order| _ = order.set("totals", Value::map([(1u8, 1.0f64)]))),
        changed(&|order| _ = order.set("totals", Value::map([("a", 1u8)]))),
        changed(&|order| _ = order.set("seen", Value::set_of([1u16, 2, 1]))),
        changed(&|order| _ = order.set("grid", Value::array([Value::array([1i8, 2]), Value::array([1i8])]))),
        changed(&|order| _ = order.set("nested", Some(Some(1u8)))),
        changed(&|order| _ = order.set("pair", Value::tuple([true.into()]))),
        changed(&|order| _ = order.set("pair", Value::tuple([true.into(), "c".into()]))),
        changed(&|order| _ = order.set("unit", Value::Opaque(vec![1, 2]))),
    ];
    let mut errors = String::new();
    for value in &wrong {
        let mut to = b"before".to_vec();
        writeln!(errors, "{}", value.encode(&snapshot, &mut to).unwrap_err()).unwrap();
        assert_eq!(to, b"before", "a failure writes nothing");
    }
    let (times, _) = bytes_of(IntegerEncoding::Fixed, &Duration::ZERO);
    let late = Value::tuple([1u64.into(), 1_000_000_000u32.into()]);
    writeln!(errors, "{}", late.conforms(&times).unwrap_err()).unwrap();
    let (units, _) = bytes_of(IntegerEncoding::Fixed, &vec![()]);
    writeln!(errors, "{}", Value::list(vec![(); 65_537]).conforms(&units).unwrap_err()).unwrap();
    // Errors of accessors.
    let order = order();
    let accessor_errors = [
        order.get("colour").unwrap_err(),
        order.get("id").unwrap().get("x").unwrap_err(),
        order.get("id").unwrap().as_u32().unwrap_err(),
        order.get("tags").unwrap().as_str().unwrap_err(),
        order.get("note").unwrap().entries().unwrap_err(),
        order.read::<u32>("id").unwrap_err(),
        order.read::<Vec<u8>>("lines").unwrap_err(),
    ];
    accessor_errors.iter().for_each(|error| writeln!(errors, "{error}").unwrap());
    insta::assert_snapshot!(errors);
}

#[test]
fn invalid_bytes_are_reported_with_their_place() {
    let (snapshot, bytes) = bytes_of(IntegerEncoding::Fixed, &orders()[0]);
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        bytes
    };
    let mut errors = String::new();
    let mut refuse = |snapshot: &SerializerSnapshot, bytes: &[u8]| {
        writeln!(errors, "{}", Value::decode(snapshot, bytes).unwrap_err()).unwrap();
    };
    refuse(&snapshot, &bytes[..3]);
    refuse(&snapshot, &[&bytes[..], &[0]].concat());
    refuse(&snapshot, &changed(8, 9));
    refuse(&snapshot, &changed(20, 0xFF));
    refuse(&snapshot, &changed(16, 0xFF));
    refuse(&snapshot, &changed(25, 0));
    let (map, bytes) = bytes_of(IntegerEncoding::Variable, &BTreeMap::from([(1u8, true), (2, false)]));
    assert_eq!(bytes, [2, 1, 1, 2, 0]);
    refuse(&map, &[2, 1, 1, 1, 0]);
    refuse(&map, &[2, 1, 1, 2, 7]);
    let (set, _) = bytes_of(IntegerEncoding::Variable, &BTreeSet::from([1u8]));
    refuse(&set, &[3, 5, 6, 5]);
    let (time, _) = bytes_of(IntegerEncoding::Fixed, &Duration::ZERO);
    refuse(&time, &[0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    let opaque =
        |framed| Node::Opaque(OpaqueNode { name: "Blob".to_owned(), version: 3, framed, parameters: Vec::new() });
    let holder = Node::Struct(StructNode {
        name: "Holder".to_owned(),
        version: 1,
        fields: vec![Field { name: "blob".to_owned(), node: NodeId::new(1) }],
    });
    refuse(&snapshot_of(vec![holder, opaque(false)]), &[1, 2, 3]);
    // An array of zero bytes could claim any number of elements.
    let endless = Node::Array { element: NodeId::new(1), length: u64::MAX };
    refuse(&snapshot_of(vec![endless, Node::Primitive(Primitive::Unit)]), &[]);
    insta::assert_snapshot!(errors);

    let framed = snapshot_of(vec![opaque(true)]);
    let bytes = [2, 0, 0, 0, 0, 0, 0, 0, 0xA, 0xB];
    let value = Value::decode(&framed, &bytes).unwrap();
    assert_eq!(value.as_opaque(), Ok(&[0xA, 0xB][..]));
    let mut again = Vec::new();
    value.encode(&framed, &mut again).unwrap();
    assert_eq!(again, bytes);
    let refused = value.conforms(&snapshot_of(vec![opaque(false)])).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "this is not a value of `test`: the opaque leaf `Blob` (version 3) has no length before its bytes; what is \
         written could not be read again"
    );
}

fn snapshot_of(nodes: Vec<Node>) -> SerializerSnapshot {
    let schema = Schema::new(nodes).unwrap();
    let hints = schema.nodes().iter().map(NodeHints::empty).collect();
    SerializerSnapshot::new("test".to_owned(), 1, Configuration::default(), schema, hints).unwrap()
}

/// Runs on a stack that any native recursion over thousands of levels would overflow.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(128 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_is_nested_as_deep_as_can_be_written_costs_no_native_stack() {
    on_a_small_stack(|| {
        let options = snapshot_of(vec![Node::Option(NodeId::ROOT)]);
        for depth in [512, 65_536] {
            let mut bytes = vec![1; depth];
            bytes.push(0);
            let value = Value::decode(&options, &bytes).unwrap();
            let mut again = Vec::new();
            value.encode(&options, &mut again).unwrap();
            assert_eq!(again, bytes);
            let copy = value.clone();
            assert_eq!(copy, value);
            assert_eq!(value.to_string(), format!("{}None{}", "Some(".repeat(depth), ")".repeat(depth)));
            assert_eq!(format!("{value:?}"), value.to_string());
            assert_eq!(value.to_json().len(), "{\"Some\":}".len() * depth + "null".len());
            assert!(format!("{value:#}").len() < 400 * depth, "indentation ends");
        }
        let mut bytes = vec![1; 65_537];
        bytes.push(0);
        let deep = Value::decode(&options, &bytes).unwrap_err();
        assert_eq!(deep.path().segments().len(), 65_536);
        insta::assert_snapshot!(deep);
    });
}

#[test]
fn lists_in_lists_end_at_the_depth_of_values() {
    on_a_small_stack(|| {
        let lists = snapshot_of(vec![Node::List(NodeId::ROOT)]);
        let nested = |depth: u64| {
            let mut bytes: Vec<u8> = (1..depth).flat_map(|_| 1u64.to_le_bytes()).collect();
            bytes.extend(0u64.to_le_bytes());
            bytes
        };
        let value = Value::decode(&lists, &nested(512)).unwrap();
        let mut again = Vec::new();
        value.encode(&lists, &mut again).unwrap();
        assert_eq!(again, nested(512));
        let deeper = Value::list([value]);
        assert!(Value::decode(&lists, &nested(513)).unwrap_err().to_string().ends_with("containers deep"));
        assert!(deeper.conforms(&lists).unwrap_err().to_string().ends_with("containers deep"));
        // A value built by hand has no depth limit, and can still be dropped.
        let mut deepest = Value::from(1u8);
        for level in 0..300_000 {
            deepest = match level % 4 {
                0 => Value::list([deepest]),
                1 => Value::map([(deepest, 1u8)]),
                2 => Record::structure("Level").with("inner", deepest).into(),
                _ => Some(deepest).into(),
            };
        }
        assert_eq!(deepest.clone(), deepest);
        assert!(deepest.conforms(&lists).is_err());
    });
}

#[test]
fn logical_types_are_their_representation() {
    let value = Value::of(&Duration::new(5, 7)).unwrap();
    assert_eq!(value, Value::tuple([5u64.into(), 7u32.into()]));
    assert_eq!(value.to::<Duration>(), Ok(Duration::new(5, 7)));
    let decimal = snapshot_of(vec![
        Node::Logical(LogicalNode { name: "decimal".to_owned(), parameters: vec![], representation: NodeId::new(1) }),
        Node::Primitive(Primitive::I8),
    ]);
    assert_eq!(Value::decode(&decimal, &[0xFF]), Ok(Value::from(-1i8)));
    // In a hand-made snapshot, another type can have the name of a time: its second part has no bound.
    let no_time = snapshot_of(vec![
        Node::Logical(LogicalNode { name: "duration".to_owned(), parameters: vec![], representation: NodeId::new(1) }),
        Node::Tuple(vec![NodeId::new(2), NodeId::new(3)]),
        Node::Primitive(Primitive::U8),
        Node::Primitive(Primitive::U32),
    ]);
    let (value, mut bytes) = (Value::decode(&no_time, &[1, 0xFF, 0xFF, 0xFF, 0xFF]).unwrap(), Vec::new());
    assert_eq!(value, Value::tuple([1u8.into(), u32::MAX.into()]));
    assert_eq!((value.encode(&no_time, &mut bytes), bytes), (Ok(()), vec![1, 0xFF, 0xFF, 0xFF, 0xFF]));
}

#[test]
fn accessors_answer_what_they_promise() {
    let order = Value::of(&orders()[0]).unwrap();
    assert_eq!(order.type_name(), Some("Order"));
    assert_eq!(order.variant(), None);
    assert_eq!(order.get("status").unwrap().variant(), Some("Shipped"));
    assert_eq!(order.get("id").unwrap().as_i128(), Ok(i128::from(u64::MAX)));
    assert_eq!(Value::from(-1i8).as_i64(), Ok(-1));
    assert!(Value::from(-1i8).as_u64().is_err());
    assert_eq!(Value::from(1.5f32).as_f64(), Ok(1.5));
    assert_eq!(order.get("note").unwrap().as_option(), Ok(None));
    assert_eq!(order.read::<Vec<Line>>("lines").unwrap(), orders()[0].lines);
    let (bool, char) =
        (&order.get("pair").unwrap().items().unwrap()[0], &order.get("pair").unwrap().items().unwrap()[1]);
    assert_eq!((bool.as_bool(), char.as_char()), (Ok(true), Ok('\'')));
    let tags = order.get("tags").unwrap().clone().into_items().unwrap();
    let tags: Vec<String> = tags.into_iter().map(|tag| tag.into_string().unwrap()).collect();
    assert_eq!(tags, orders()[0].tags);
    let totals = order.get("totals").unwrap().clone().into_entries().unwrap();
    assert_eq!(totals[0], ("gross".into(), 1e300.into()));
    assert_eq!(Value::from(Some(1u8)).into_option(), Ok(Some(Value::U8(1))));
}

/// What a function that takes a dynamic value reads of a stored one.
#[test]
fn numbers_are_read_as_wider_ones_where_a_rule_widens_them() {
    fn wider<A: StateType, B: StateType + PartialEq + Debug>(stored: &A, read: &B) {
        assert_eq!(Value::of(stored).unwrap().to::<B>().as_ref(), Ok(read));
    }
    fn refused<A: StateType, B: StateType + Debug>(stored: &A) {
        Value::of(stored).unwrap().to::<B>().unwrap_err();
    }
    let record = Value::from(Record::structure("Order").with("id", 7u32));
    assert_eq!((record.read::<u64>("id"), record.read::<u32>("id")), (Ok(7), Ok(7)));
    let refusal = record.read::<u16>("id").unwrap_err().to_string();
    assert!(refusal.contains("`id`") && refusal.contains("u16"), "{refusal}");

    wider(&u8::MAX, &255u16);
    wider(&u16::MAX, &65_535u32);
    wider(&u32::MAX, &u64::from(u32::MAX));
    wider(&u64::MAX, &u128::from(u64::MAX));
    wider(&u64::MAX, &i128::from(u64::MAX));
    wider(&i8::MIN, &-128i16);
    wider(&i16::MIN, &-32_768i32);
    wider(&i32::MIN, &i64::from(i32::MIN));
    wider(&u8::MAX, &255f32);
    wider(&u16::MAX, &65_535f32);
    wider(&i16::MIN, &-32_768f32);
    wider(&u32::MAX, &4_294_967_295f64);
    wider(&i32::MIN, &-2_147_483_648f64);
    wider(&0.5f32, &0.5f64);
    wider(&vec![(1u8, Some(2i16))], &vec![(1u64, Some(2i32))]);
    wider(&BTreeMap::from([(3u32, 4u8)]), &BTreeMap::from([(3i64, 4f64)]));

    refused::<u64, u32>(&1);
    refused::<u32, i32>(&1);
    refused::<i32, u64>(&1);
    refused::<u64, f64>(&1);
    refused::<f64, f32>(&1.0);
    refused::<char, String>(&'a');
    // Encoding is exact: it writes what the layout stores.
    let (snapshot, _) = bytes_of(IntegerEncoding::Fixed, &1u64);
    Value::from(1u32).conforms(&snapshot).unwrap_err();
}
