//! A savepoint as a tree: operators, states, serializers and files, from its manifest alone.

use serde_json::{Value, json};
use typeser_state::descriptor::StateMeta;
use typeser_state::key_group::KeyGroupRange;
use typeser_state::savepoint::{RowsFile, Savepoint, SavepointOperator, SavepointOperatorState, StateSize};

use super::document::{Document, JSON_VERSION, serializer};
use super::layout;
use super::tree::Tree;

pub(super) fn document(savepoint: &Savepoint) -> Document {
    let (operators, states) = (savepoint.operators(), savepoint.operator_states());
    let (mut tree, json): (Vec<Tree>, Vec<Value>) =
        operators.iter().map(|operator| (tree_of(operator), json_of(operator))).unzip();
    tree.extend(states.iter().map(tree_of_instances));
    let mut label = format!(
        "savepoint {}, written by {}: {}",
        savepoint.path().display(),
        savepoint.written_by(),
        count(operators.len() as u64, "operator")
    );
    if !states.is_empty() {
        label.push_str(&format!(", {} with operator state", states.len()));
    }
    let json = json!({
        "typeser-inspect": JSON_VERSION,
        "kind": "savepoint",
        "source": savepoint.path().to_string_lossy(),
        "written_by": savepoint.written_by(),
        "operators": json,
        "operator_states": states.iter().map(json_of_instances).collect::<Vec<_>>(),
    });
    Document { tree: Tree { label, parts: tree }, json }
}

fn tree_of(operator: &SavepointOperator) -> Tree {
    let meta = operator.meta();
    let groups = count(u64::from(meta.max_parallelism().groups()), "key group");
    let mut parts = vec![layout::tree(Some("key"), meta.key())];
    for state in meta.states() {
        parts.push(tree_of_state(state, size_of(operator, state)));
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

fn tree_of_state(state: &StateMeta, size: StateSize) -> Tree {
    let mut label = format!(
        "state {}: {}, {}, {}",
        layout::name(state.name()),
        state.kind(),
        counted(size.entries, "entry", "entries"),
        count(size.bytes, "byte")
    );
    if let Some(time_to_live) = state.time_to_live() {
        label.push_str(&format!(", time to live {} ms", time_to_live.millis()));
    }
    let serializers = state.all_serializers().map(|(part, snapshot)| (state.kind().role(part), snapshot));
    let parts = serializers.map(|(role, snapshot)| layout::tree(Some(role.word()), snapshot)).collect();
    Tree { label, parts }
}

fn tree_of_instances(operator: &SavepointOperatorState) -> Tree {
    let states = operator.states().iter();
    let mut parts: Vec<Tree> = states.map(|state| tree_of_state(state, operator.size_of(state.id()))).collect();
    for (instance, file) in operator.instances() {
        let length = count(file.length(), "byte");
        parts.push(Tree::leaf(format!("file {}: instance {instance}, {length}", file.name())));
    }
    let instances = count(operator.parallelism().into(), "instance");
    Tree { label: format!("operator {}: operator state, {instances}", layout::name(operator.uid())), parts }
}

fn json_of(operator: &SavepointOperator) -> Value {
    let meta = operator.meta();
    json!({
        "uid": meta.uid(),
        "key_groups": meta.max_parallelism().groups(),
        "key": serializer(meta.key()),
        "states": meta.states().iter().map(|state| json_of_state(state, size_of(operator, state))).collect::<Vec<_>>(),
        "files": operator.files().iter().map(json_of_file).collect::<Vec<_>>(),
        "missing_key_groups": missing(operator).iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn json_of_instances(operator: &SavepointOperatorState) -> Value {
    let states = operator.states().iter();
    let files = operator.instances();
    json!({
        "uid": operator.uid(),
        "instances": operator.parallelism(),
        "states": states.map(|state| json_of_state(state, operator.size_of(state.id()))).collect::<Vec<_>>(),
        "files": files.map(|(instance, file)| json!({
            "name": file.name(),
            "instance": instance,
            "bytes": file.length(),
        })).collect::<Vec<_>>(),
    })
}

fn json_of_state(state: &StateMeta, size: StateSize) -> Value {
    let serializers = state
        .all_serializers()
        .map(|(part, snapshot)| json!({ "role": state.kind().role(part).word(), "serializer": serializer(snapshot) }));
    let serializers: Vec<Value> = serializers.collect();
    let mut json = json!({
        "name": state.name(),
        "kind": state.kind().to_string().trim_end_matches(" state"),
        "entries": size.entries,
        "bytes": size.bytes,
        "serializers": serializers,
    });
    if let Some(time_to_live) = state.time_to_live() {
        json["time_to_live_ms"] = time_to_live.millis().into();
    }
    json
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
