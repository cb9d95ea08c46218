//! Random states: `select *` gives what `typeser state cat` prints.

use std::collections::BTreeMap;
use std::path::Path;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{self, DataType};
use proptest::prelude::*;
use typeser::StateType;
use typeser::value::{Record, Value};
use typeser_sql::SavepointSession;
use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::MapStateDescriptor;
use typeser_state::keyed::Operator;
use typeser_state::processor::{Entry, EntryPlace, Query};
use typeser_state::savepoint::Savepoint;

#[derive(Debug, Clone, StateType)]
enum Any {
    Nothing,
    Flag(bool),
    Pair(i32, Option<String>),
    Record { id: u64, tags: Vec<String>, inner: Option<Option<i8>> },
    Many(BTreeMap<String, Vec<u8>>),
    ByOption(BTreeMap<Option<u8>, f64>),
    Wide(i128),
    Bits(f32),
    Tree(Tree),
}

#[derive(Debug, Clone, StateType)]
struct Tree {
    letter: char,
    branches: Vec<Tree>,
}

#[derive(Debug, Clone, StateType)]
enum Weekday {
    Monday,
    Sunday,
}

#[derive(Debug, Clone, StateType)]
struct Row {
    any: Any,
    list: Vec<Any>,
    bytes: Vec<u8>,
    array: [Option<u16>; 2],
    day: Option<Weekday>,
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = any::<char>().prop_map(|letter| Tree { letter, branches: Vec::new() });
    leaf.prop_recursive(3, 8, 2, |inner| {
        let branches = prop::collection::vec(inner, 0..3);
        (any::<char>(), branches).prop_map(|(letter, branches)| Tree { letter, branches })
    })
}

fn any_value() -> impl Strategy<Value = Any> {
    let text = || "[a-c\"\n]{0,3}";
    prop_oneof![
        Just(Any::Nothing),
        any::<bool>().prop_map(Any::Flag),
        (any::<i32>(), prop::option::of(text())).prop_map(|(number, text)| Any::Pair(number, text)),
        (any::<u64>(), prop::collection::vec(text(), 0..3), any::<Option<Option<i8>>>())
            .prop_map(|(id, tags, inner)| Any::Record { id, tags, inner }),
        prop::collection::btree_map(text(), any::<Vec<u8>>(), 0..3).prop_map(Any::Many),
        prop::collection::btree_map(any::<Option<u8>>(), any::<f64>(), 0..3).prop_map(Any::ByOption),
        any::<i128>().prop_map(Any::Wide),
        any::<f32>().prop_map(Any::Bits),
        tree().prop_map(Any::Tree),
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let day = prop::option::of(prop_oneof![Just(Weekday::Monday), Just(Weekday::Sunday)]);
    let list = prop::collection::vec(any_value(), 0..3);
    let bytes = prop::collection::vec(any::<u8>(), 0..4);
    (any_value(), list, bytes, any::<[Option<u16>; 2]>(), day).prop_map(|(any, list, bytes, array, day)| Row {
        any,
        list,
        bytes,
        array,
        day,
    })
}

/// Keys, each with a value, the elements of a list, and the entries of a map in a namespace.
type Stored = Vec<(u16, Row, Vec<Any>, Vec<(i8, String, Any)>)>;

fn stored() -> impl Strategy<Value = Stored> {
    let list = prop::collection::vec(any_value(), 0..4);
    let map = prop::collection::vec((any::<i8>(), "[a-d]{1,2}", any_value()), 0..4);
    prop::collection::vec((any::<u16>(), row(), list, map), 0..12)
}

fn save(directory: &Path, stored: &Stored) -> Savepoint {
    let mut operator = Operator::<u16>::new("o").unwrap();
    let value = operator.value::<Row>("value").unwrap();
    let list = operator.list::<Any>("list").unwrap();
    let map = MapStateDescriptor::<String, Any>::new("map").unwrap().with_namespace::<i8>().unwrap();
    let map = operator.map_state(map).unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for (key, row, elements, entries) in stored {
        state.set_current_key(key).unwrap();
        value.update(&mut state, row).unwrap();
        list.add_all(&mut state, elements).unwrap();
        for (namespace, user_key, any) in entries {
            state.set_current_namespace(namespace).unwrap();
            map.put(&mut state, user_key, any).unwrap();
        }
    }
    Savepoint::create(directory).unwrap().operator(&state).unwrap().finish().unwrap()
}

/// All rows of a state, in stored order.
fn select(directory: &Path, state: &str) -> Vec<RecordBatch> {
    let session = SavepointSession::new().with("savepoint", directory).unwrap().open().unwrap();
    let query = format!("select * from o.{state}");
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(64 << 20).build().unwrap();
    let rows = runtime.spawn(async move { session.query(&query).await.unwrap().remove(0).collect().await.unwrap() });
    runtime.block_on(rows).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn select_gives_what_cat_prints(stored in stored()) {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("savepoint");
        let savepoint = save(&directory, &stored);
        for state in ["value", "list", "map"] {
            let entries = Query::new().state(state).run(&savepoint).unwrap();
            let entries: Vec<Entry<'_>> = entries.map(Result::unwrap).collect();
            let batches = select(&directory, state);
            let rows: Vec<_> = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row))).collect();
            prop_assert_eq!(rows.len(), entries.len());
            for ((batch, row), entry) in rows.into_iter().zip(&entries) {
                let cell = |name: &str| batch.column_by_name(name).unwrap().as_ref();
                prop_assert_eq!(cell("key_group").as_primitive::<datatypes::UInt16Type>().value(row), entry.key_group);
                prop_assert!(same(entry.key.as_ref().unwrap(), cell("key"), row));
                prop_assert!(same(&entry.value, cell("value"), row), "{} is {:?}", entry.value, cell("value"));
                match &entry.place {
                    EntryPlace::Element(element) => {
                        prop_assert_eq!(cell("element").as_primitive::<datatypes::UInt64Type>().value(row), *element);
                    }
                    EntryPlace::MapKey(key) => {
                        prop_assert!(same(key, cell("map_key"), row));
                        prop_assert!(same(entry.namespace.as_ref().unwrap(), cell("namespace"), row));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Whether an element of an array is a value, as the guide says.
fn same(value: &Value, array: &dyn Array, row: usize) -> bool {
    if let Value::Option(None) = value {
        return array.is_null(row);
    }
    if array.is_null(row) {
        return false;
    }
    macro_rules! number {
        ($type:ident, $number:expr) => {
            array.as_primitive::<datatypes::$type>().value(row) == $number
        };
    }
    let column = |name: &str| array.as_struct().column_by_name(name).unwrap().as_ref();
    match value {
        // A recursive type within itself.
        Value::Struct(_) if array.data_type() == &DataType::Utf8 => {
            array.as_string::<i32>().value(row) == value.to_json()
        }
        Value::Bool(value) => array.as_boolean().value(row) == *value,
        Value::U8(value) => number!(UInt8Type, *value),
        Value::U16(value) => number!(UInt16Type, *value),
        Value::U64(value) => number!(UInt64Type, *value),
        Value::I8(value) => number!(Int8Type, *value),
        Value::I32(value) => number!(Int32Type, *value),
        Value::I128(value) => {
            array.as_primitive::<datatypes::Decimal256Type>().value(row).to_string() == value.to_string()
        }
        Value::F32(value) => array.as_primitive::<datatypes::Float32Type>().value(row).to_bits() == value.to_bits(),
        Value::F64(value) => array.as_primitive::<datatypes::Float64Type>().value(row).to_bits() == value.to_bits(),
        Value::Char(value) => array.as_string::<i32>().value(row) == value.to_string(),
        Value::String(value) => array.as_string::<i32>().value(row) == value,
        Value::Option(Some(inner)) if matches!(**inner, Value::Option(_)) => same(inner, column("some"), row),
        Value::Option(Some(inner)) => same(inner, array, row),
        Value::Struct(record) => record.fields().all(|(name, field)| same(field, column(name), row)),
        Value::Enum(record) => match array.data_type() {
            DataType::Dictionary(..) => is_name(record.variant_name().unwrap(), array, row),
            _ => is_variant(record, array, row),
        },
        Value::List(items) | Value::Array(items) if array.data_type() == &DataType::Binary => {
            let bytes = array.as_binary::<i32>().value(row);
            bytes.len() == items.len() && items.iter().zip(bytes).all(|(item, byte)| *item == Value::U8(*byte))
        }
        Value::List(items) | Value::Array(items) => {
            let list = array.as_list::<i32>().value(row);
            list.len() == items.len() && items.iter().enumerate().all(|(place, item)| same(item, list.as_ref(), place))
        }
        Value::Map(entries) => {
            let pairs = match array.data_type() {
                DataType::Map(..) => array.as_map().value(row),
                _ => array.as_list::<i32>().value(row).as_struct().clone(),
            };
            let same = |(place, (key, value)): (usize, &(Value, Value))| {
                same(key, pairs.column(0).as_ref(), place) && same(value, pairs.column(1).as_ref(), place)
            };
            pairs.len() == entries.len() && entries.iter().enumerate().all(same)
        }
        _ => false,
    }
}

/// Whether a struct is this variant: its name, its payload, and null for all others.
fn is_variant(record: &Record, array: &dyn Array, row: usize) -> bool {
    let name = record.variant_name().unwrap();
    let columns = array.as_struct();
    let payload = |payload: &dyn Array| match record.fields().next() {
        Some(("0", only)) if record.fields().len() == 1 => same(only, payload, row),
        _ => record
            .fields()
            .all(|(name, field)| same(field, payload.as_struct().column_by_name(name).unwrap().as_ref(), row)),
    };
    columns.column_names().iter().zip(columns.columns()).all(|(column, array)| match *column {
        "variant" => is_name(name, array.as_ref(), row),
        other if other == name => array.is_valid(row) && payload(array.as_ref()),
        _ => array.is_null(row),
    })
}

fn is_name(name: &str, array: &dyn Array, row: usize) -> bool {
    let dictionary = array.as_dictionary::<datatypes::Int32Type>();
    let place = usize::try_from(dictionary.keys().value(row)).unwrap();
    dictionary.values().as_string::<i32>().value(place) == name
}
