//! Fields whose types serde with bincode writes in another form than typeser: UUIDs, and the dates and times of chrono.

use typeser::SerializerSnapshot;
use typeser::schema::{LogicalNode, Node, NodeId, Schema};

use super::error::OtherForm;

/// Deeper collections are not written out: the layouts of some contain themselves.
const LEVELS: u32 = 8;

/// These fields of the types of a table, with the form of serde.
pub(super) fn other_forms(key: &SerializerSnapshot, value: &SerializerSnapshot) -> Vec<OtherForm> {
    let mut found = Vec::new();
    for (part, snapshot) in [("the key", key), ("the value", value)] {
        let schema = snapshot.schema();
        let mut add = |place: String, node: NodeId| {
            if let Some(form) = form(schema, node, LEVELS) {
                found.push(OtherForm { place, form });
            }
        };
        add(part.to_owned(), NodeId::ROOT);
        for node in schema.nodes() {
            match node {
                Node::Struct(node) => {
                    node.fields.iter().for_each(|field| add(format!("{}.{}", node.name, field.name), field.node));
                }
                Node::Enum(node) => {
                    for variant in &node.variants {
                        let place = |field: &str| format!("{}::{}.{field}", node.name, variant.name);
                        variant.fields.iter().for_each(|field| add(place(&field.name), field.node));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// The type of a field in the form of serde; `None` if that is the form of typeser, or within another record.
fn form(schema: &Schema, node: NodeId, levels: u32) -> Option<String> {
    let levels = levels.checked_sub(1)?;
    match &schema.nodes()[node.index()] {
        Node::Logical(logical) => Some(format!("SerdeForm<{}>", of_another_crate(logical)?)),
        Node::Option(inner) => Some(format!("Option<{}>", form(schema, *inner, levels)?)),
        Node::List(element) => Some(format!("Vec<{}>", form(schema, *element, levels)?)),
        Node::Set(element) => Some(format!("HashSet<{}>", form(schema, *element, levels)?)),
        Node::Array { element, length } => Some(format!("[{}; {length}]", form(schema, *element, levels)?)),
        Node::Map { key, value } => {
            let (key, value) = (form(schema, *key, levels), form(schema, *value, levels));
            let kept = || "_".to_owned();
            (key.is_some() || value.is_some())
                .then(|| format!("HashMap<{}, {}>", key.unwrap_or_else(kept), value.unwrap_or_else(kept)))
        }
        Node::Tuple(elements) => {
            let forms: Vec<Option<String>> = elements.iter().map(|element| form(schema, *element, levels)).collect();
            let kept = |form: Option<String>| form.unwrap_or_else(|| "_".to_owned());
            let is_any = forms.iter().any(Option::is_some);
            is_any.then(|| format!("({})", forms.into_iter().map(kept).collect::<Vec<_>>().join(", ")))
        }
        _ => None,
    }
}

/// The Rust type of a logical node for which there is a form of serde.
fn of_another_crate(node: &LogicalNode) -> Option<&'static str> {
    let parameter = |name: &str| node.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
    match (node.name.as_str(), parameter("of"), parameter("zone")) {
        ("uuid", ..) => Some("Uuid"),
        ("date", Some("chrono"), _) => Some("NaiveDate"),
        ("time", Some("chrono"), _) => Some("NaiveTime"),
        ("date-time", Some("chrono"), _) => Some("NaiveDateTime"),
        ("timestamp", Some("chrono"), Some("utc")) => Some("DateTime<Utc>"),
        ("timestamp", Some("chrono"), Some("offset")) => Some("DateTime<FixedOffset>"),
        _ => None,
    }
}
