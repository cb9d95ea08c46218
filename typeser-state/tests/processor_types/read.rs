//! Reading with types: keyed state through a reader function, and the state of operators themselves.

use typeser::StateType;
use typeser::serializer::{Custom, CustomError, CustomSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::operator::OperatorStates;
use typeser_state::processor::{ProcessOptions, ReadStateError};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use crate::my_app::{KEYS, all_known, options, proc_of, read, src, steady, write};

#[test]
fn a_reader_function_sees_every_state_and_timer_of_every_key() {
    let folder = tempfile::tempdir().unwrap();
    for parallelism in [1, 3] {
        let savepoint = write(&folder.path().join(parallelism.to_string()), parallelism);
        assert_eq!(read(&savepoint, &proc_of(1_000)), all_known(), "{parallelism}");
    }
}

#[test]
fn what_is_read_comes_in_one_order_however_many_threads_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("first"), 3);
    let app = proc_of::<String>(1_000);
    let order = |threads| {
        let options = ProcessOptions::new().with_parallelism(threads);
        let read = |key: &String, _: &mut _, out: &mut dyn FnMut(String)| {
            out(key.clone());
            Ok(())
        };
        app.operator.read_all(&savepoint, &options, read).unwrap()
    };
    let one = order(1);
    assert_eq!(one.len(), KEYS as usize);
    for threads in [2, 7] {
        assert_eq!(order(threads), one);
    }
}

#[test]
fn what_has_expired_by_the_clock_of_the_reader_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("first"), 1);
    let late = proc_of(1_000 + 60_000);
    assert!(read(&savepoint, &late).iter().all(|known| known.seen.is_none()));
}

#[test]
fn rows_of_other_types_are_migrated_on_the_way() {
    #[derive(StateType, Debug, PartialEq)]
    struct Totals {
        delay: i64,
        departures: u64,
        #[state(default = 3)]
        gates: u8,
    }
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("first"), 2);
    let mut operator = Operator::<String>::new("proc").unwrap();
    let totals = operator.value::<Totals>("totals").unwrap();
    let recent = operator.list::<i32>("recent").unwrap();
    let function = |key: &String, state: &mut _, out: &mut dyn FnMut(_)| {
        out((key.clone(), totals.get(state)?, recent.get(state)?));
        Ok(())
    };
    let mut all = operator.read_all(&savepoint, &options(), function).unwrap();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    let expected: Vec<_> = all_known()
        .into_iter()
        .filter(|known| known.totals.is_some())
        .map(|known| {
            let totals =
                known.totals.map(|was| Totals { delay: was.delay.into(), departures: was.departures.into(), gates: 3 });
            (known.key, totals, known.recent.into_iter().map(i32::from).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(all, expected);
}

#[test]
fn states_with_custom_serializers_are_read() {
    struct Text;
    impl CustomSerializer for Text {
        type Value = i64;
        const NAME: &'static str = "number-as-text";
        const VERSION: u32 = 1;

        fn write(value: &i64, to: &mut Vec<u8>) -> Result<(), CustomError> {
            to.extend_from_slice(value.to_string().as_bytes());
            Ok(())
        }

        fn read(bytes: &[u8]) -> Result<i64, CustomError> {
            Ok(str::from_utf8(bytes)?.parse()?)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u32>::new("custom").unwrap();
    let value = operator.value::<Custom<Text>>("value").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    let mut own = OperatorStates::new("custom").unwrap();
    let list = own.split_list::<Custom<Text>>("list").unwrap();
    let mut store = own.open().unwrap();
    for key in 0..5 {
        state.set_current_key(&key).unwrap();
        value.update(&mut state, &Custom(-i64::from(key))).unwrap();
        list.add(&mut store, &Custom(key.into())).unwrap();
    }
    let writer = Savepoint::create(folder.path().join("first")).unwrap().operator(&state).unwrap();
    let savepoint = writer.operator_state(&store).unwrap().finish().unwrap();

    let function = |key: &u32, state: &mut _, out: &mut dyn FnMut(_)| {
        out((*key, value.get(state)?.map(|value| value.0)));
        Ok(())
    };
    let mut read = operator.read_all(&savepoint, &options(), function).unwrap();
    read.sort_unstable();
    assert_eq!(read, (0..5).map(|key| (key, Some(-i64::from(key)))).collect::<Vec<_>>());
    let mut store = own.read(&savepoint, &options()).unwrap();
    let numbers: Vec<i64> = list.get(&mut store).unwrap().into_iter().map(|value| value.0).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
}

#[test]
fn lists_of_all_instances_come_together_and_broadcast_state_comes_once() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("first"), 1);
    // However many instances the reading program declares.
    for app in [src(1, 0), src(5, 4)] {
        let mut store = app.states.read(&savepoint, &options()).unwrap();
        let offsets: Vec<u64> = app.offsets.get(&mut store).unwrap().into_iter().map(|(_, offset)| offset).collect();
        assert_eq!(offsets, [0, 1, 2, 3, 4, 5]);
        assert_eq!(app.seen.get(&mut store).unwrap(), [0, 1]);
        let mut rules = app.rules.entries(&mut store).unwrap();
        rules.sort_unstable();
        assert_eq!(rules, [("fast".to_owned(), 9), ("slow".to_owned(), 9)]);
    }
    // Only what is asked for, and wider.
    let mut states = OperatorStates::new("src").unwrap();
    let seen = states.union_list::<u64>("seen").unwrap();
    let mut store = states.read(&savepoint, &options()).unwrap();
    assert_eq!(seen.get(&mut store).unwrap(), [0u64, 1]);
}

#[test]
fn what_does_not_fit_is_refused_with_the_report_of_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("first"), 1);
    let mut operator = Operator::<String>::new("proc").unwrap();
    operator.value::<String>("totals").unwrap();
    operator.map::<String, u8>("airports").unwrap();
    let read = operator.read(&savepoint, &options(), |_, _, _: &mut dyn FnMut(())| Ok(()), |()| Ok(())).unwrap_err();
    let restored =
        operator.plan(&savepoint, &RestoreOptions::new().allow_non_restored_state()).map(|_| ()).unwrap_err();
    assert!(matches!(&read, ReadStateError::Restore(_)), "{read}");
    assert_eq!(read.to_string(), restored.to_string());

    let mut states = OperatorStates::new("src").unwrap();
    states.split_list::<u8>("offsets").unwrap();
    let read = states.read(&savepoint, &options()).unwrap_err();
    let restored = states.restore(&savepoint, &RestoreOptions::new().allow_non_restored_state()).unwrap_err();
    assert_eq!(read.to_string(), restored.to_string());
}

#[test]
fn each_mistake_of_a_reader_is_reported() {
    #[derive(StateType, Debug, PartialEq)]
    struct Totals {
        #[state(convert(u32, with = half))]
        departures: u8,
        delay: i32,
    }
    fn half(departures: u32) -> Result<u8, std::num::TryFromIntError> {
        u8::try_from(departures / 2 * 2)
    }
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("first"), 1);
    let mut messages = Vec::new();
    let mut add = |error: ReadStateError| messages.push(steady(error, folder.path()));
    let nothing = |_: &String, _: &mut _, _: &mut dyn FnMut(())| Ok(());

    let other = Operator::<String>::new("other").unwrap();
    add(other.read(&savepoint, &options(), nothing, |()| Ok(())).unwrap_err());
    let mut typo = Operator::<String>::new("proc").unwrap();
    typo.value::<u64>("total").unwrap();
    add(typo.read(&savepoint, &options(), nothing, |()| Ok(())).unwrap_err());
    let mut typo = OperatorStates::new("src").unwrap();
    typo.split_list::<u64>("offset").unwrap();
    add(typo.read(&savepoint, &options()).unwrap_err());

    let app = proc_of::<String>(1_000);
    let failing = |key: &String, _: &mut _, out: &mut dyn FnMut(())| {
        out(());
        if key == "N017" { Err("no such aircraft".into()) } else { Ok(()) }
    };
    add(app.operator.read(&savepoint, &options(), failing, |()| Ok(())).unwrap_err());
    let one = |_: &String, _: &mut _, out: &mut dyn FnMut(())| {
        out(());
        Ok(())
    };
    add(app.operator.read(&savepoint, &options(), one, |()| Err("the disk is full".into())).unwrap_err());

    // A function of the program that does not convert a value.
    let mut operator = Operator::<String>::new("proc").unwrap();
    operator.value::<Totals>("totals").unwrap();
    add(operator.read(&savepoint, &ProcessOptions::new().with_parallelism(1), nothing, |()| Ok(())).unwrap_err());

    // A file that is damaged.
    let file = savepoint.path().join(savepoint.operator("proc").unwrap().files()[0].name());
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = app.operator.read(&savepoint, &options(), nothing, |()| Ok(())).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    insta::assert_snapshot!(messages.join("\n\n"));
}
