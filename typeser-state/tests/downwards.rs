//! State of a newer release under a policy that reads downwards: it is read, and restored or rewritten only if the loss of
//! what the newer release added is allowed.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::Path;

use typeser::resolve::{Losses, Policy, Role};
use typeser::{Serializer, StateType, TypeSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::{Operator, ValueState};
use typeser_state::processor::{MigrationPlan, ProcessError, ProcessOptions, SavepointEdit, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::typed_table::{BackendTable, TableError, TableOptions};

mod newer {
    #[derive(typeser::StateType)]
    pub(crate) struct Order {
        #[state(alias = "note")]
        pub(crate) remark: String,
        #[state(default)]
        pub(crate) urgent: bool,
    }

    pub(crate) fn order() -> Order {
        Order { remark: "fragile".to_owned(), urgent: true }
    }
}

#[derive(StateType, Debug, PartialEq)]
struct Order {
    note: String,
}

const READ: Policy = Policy { losses: Losses::Declared, downwards: true };
const WRITE: Policy = Policy { losses: Losses::Any, downwards: true };

fn order() -> Order {
    Order { note: "fragile".to_owned() }
}

fn operator<T: StateType>() -> (Operator<u8>, ValueState<T>) {
    let mut operator = Operator::new("shop").unwrap();
    let order = operator.value("order").unwrap();
    (operator, order)
}

fn written(folder: &Path) -> Savepoint {
    let (operator, value) = operator::<newer::Order>();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    value.update(&mut state, &newer::order()).unwrap();
    Savepoint::create(folder.join("newer")).unwrap().operator(&state).unwrap().finish().unwrap()
}

#[test]
fn a_savepoint_is_read_and_restored_only_if_losses_are_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = written(folder.path());
    let (operator, value) = operator::<Order>();
    let refused = operator.plan(&savepoint, &RestoreOptions::new()).err().unwrap().to_string();
    assert!(refused.contains("a newer release wrote this"), "{refused}");

    let refused = operator.plan(&savepoint, &RestoreOptions::new().with_policy(READ)).err().unwrap().to_string();
    let problem = "error[read-only]: a newer release wrote state `order` of operator `shop`, and this one would restore it \
                   without `value.urgent`";
    assert!(refused.contains(problem), "{refused}");
    let read = operator.read_all(&savepoint, &ProcessOptions::new().with_policy(READ), |_, state, out| {
        out(value.get(state)?.unwrap());
        Ok(())
    });
    assert_eq!(read.unwrap(), [order()]);

    let options = RestoreOptions::new().with_policy(WRITE);
    let plan = operator.plan(&savepoint, &options).unwrap();
    let [dropped] = &plan.dry_run(&mut |_| ()).unwrap()[0].dropped_data[..] else { panic!("one field") };
    assert_eq!((dropped.rule, dropped.path.as_str(), dropped.rows), ("field-of-newer-release", "value.urgent", 1));
    let mut state = plan.run(MemoryBackend::new(), &mut |_| ()).unwrap();
    state.set_current_key(&1).unwrap();
    assert_eq!(value.get(&mut state).unwrap(), Some(order()));
}

#[test]
fn a_savepoint_is_migrated_and_modified_only_if_losses_are_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = written(folder.path());
    let serializer = Serializer::<Order>::new().unwrap();
    let mut targets = Targets::new();
    targets.add("shop", "order", Role::Value, serializer.snapshot().clone());
    let read = ProcessOptions::new().with_policy(READ);
    let error = MigrationPlan::new(&savepoint, &targets, &read).unwrap_err();
    assert!(matches!(error, ProcessError::ReadOnly { .. }), "{error}");
    let (operator, value) = operator::<Order>();
    let modify = || SavepointEdit::of(&savepoint).modify(&operator, |_, state| Ok(value.clear(state)?));
    let output = folder.path().join("older");
    let error = modify().write(&output, &read, &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("without `value.urgent`"), "{error}");
    assert!(!output.exists());

    let write = ProcessOptions::new().with_policy(WRITE);
    MigrationPlan::new(&savepoint, &targets, &write).unwrap().run(&output, &mut |_| ()).unwrap();
    modify().write(folder.path().join("modified"), &write, &mut |_| ()).unwrap();
}

#[test]
fn a_table_is_rewritten_only_if_losses_are_allowed() {
    let mut backend = MemoryBackend::new();
    let mut table = BackendTable::<u8, newer::Order, _>::open(&mut backend, "orders").unwrap();
    table.insert(&1, &newer::order()).unwrap();
    drop(table);
    let mut open = |policy| {
        let options = TableOptions::new().with_policy(policy);
        let table = BackendTable::<u8, Order, _>::open_with(&mut backend, "orders", &options, &mut |_| ())?;
        Ok::<_, TableError>(table.get(&1).unwrap())
    };
    let error = open(READ).unwrap_err();
    assert!(matches!(error, TableError::ReadOnly { .. }), "{error}");
    assert_eq!(open(WRITE).unwrap(), Some(order()));
}
