//! A savepoint as a tree: operators, states, serializers and files, from its manifest alone.

use serde_json::{Value, json};
use typeser_state::descriptor::StateMeta;
use typeser_state::key_group::KeyGroupRange;
use typeser_state::savepoint::{RowsFile, Savepoint, SavepointOperator, StateSize};

use super::tree::Tree;
use super::{JSON_VERSION, Shown, layout, serializer};

pub(super) fn shown(savepoint: &Savepoint) -> Shown {
    let operators = savepoint.operators();
    let (tree, json): (Vec<Tree>, Vec<Value>) =
        operators.iter().map(|operator| (tree_of(operator), json_of(operator))).unzip();
    let label = format!(
        "savepoint {}, written by {}: {}",
        savepoint.path().display(),
        savepoint.written_by(),
        count(operators.len() as u64, "operator")
    );
    let json = json!({
        "typeser-inspect": JSON_VERSION,
        "kind": "savepoint",
        "source": savepoint.path().to_string_lossy(),
        "written_by": savepoint.written_by(),
        "operators": json,
    });
    Shown { tree: Tree { label, parts: tree }, json }
}

fn tree_of(operator: &SavepointOperator) -> Tree {
    let meta = operator.meta();
    let groups = count(u64::from(meta.max_parallelism().groups()), "key group");
    let mut parts = vec![layout::tree(Some("key"), meta.key())];
    for state in meta.states() {
        let size = size_of(operator, state);
        let label = format!(
            "state {}: {}, {}, {}",
            layout::name(state.name()),
            state.kind(),
            counted(size.entries, "entry", "entries"),
            count(size.bytes, "byte")
        );
        let serializers = state
            .kind()
            .parts()
            .iter()
            .filter_map(|part| Some((state.kind().role(*part), state.serializer(*part)?)))
            .map(|(role, snapshot)| layout::tree(Some(role.word()), snapshot))
            .collect();
        parts.push(Tree { label, parts: serializers });
    }
    for file in operator.files() {
        parts.push(Tree::leaf(format!(
            "file {}: key groups {}, {}",
            file.name(),
            file.key_groups(),
            count(file.length(), "byte")
        )));
    }
    for missing in missing(operator) {
        parts.push(Tree::leaf(format!("no file: key groups {missing} are not in this savepoint")));
    }
    Tree { label: format!("operator {}: {groups}", layout::name(meta.uid())), parts }
}

fn json_of(operator: &SavepointOperator) -> Value {
    let meta = operator.meta();
    json!({
        "uid": meta.uid(),
        "key_groups": meta.max_parallelism().groups(),
        "key": serializer(meta.key()),
        "states": meta.states().iter().map(|state| json_of_state(operator, state)).collect::<Vec<_>>(),
        "files": operator.files().iter().map(json_of_file).collect::<Vec<_>>(),
        "missing_key_groups": missing(operator).iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn json_of_state(operator: &SavepointOperator, state: &StateMeta) -> Value {
    let size = size_of(operator, state);
    let serializers: Vec<Value> = state
        .kind()
        .parts()
        .iter()
        .filter_map(|part| {
            let role = state.kind().role(*part).word();
            Some(json!({ "role": role, "serializer": serializer(state.serializer(*part)?) }))
        })
        .collect();
    json!({
        "name": state.name(),
        "kind": state.kind().to_string().trim_end_matches(" state"),
        "entries": size.entries,
        "bytes": size.bytes,
        "serializers": serializers,
    })
}

fn json_of_file(file: &RowsFile) -> Value {
    json!({
        "name": file.name(),
        "first_key_group": file.key_groups().first(),
        "last_key_group": file.key_groups().last(),
        "bytes": file.length(),
    })
}

fn all(operator: &SavepointOperator) -> KeyGroupRange {
    KeyGroupRange::all(operator.meta().max_parallelism())
}

fn missing(operator: &SavepointOperator) -> Vec<KeyGroupRange> {
    operator.missing_key_groups(all(operator))
}

fn size_of(operator: &SavepointOperator, state: &StateMeta) -> StateSize {
    operator.size_of(state.id(), all(operator))
}

fn count(number: u64, what: &str) -> String {
    counted(number, what, &format!("{what}s"))
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
