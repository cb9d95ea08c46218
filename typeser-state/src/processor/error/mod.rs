//! What can go wrong when savepoints are read, planned for, edited and rewritten.

pub(crate) mod edit;
pub(crate) mod process;
pub(crate) mod read;
pub(crate) mod refused;

/// Names in backticks, for messages.
fn names(known: &[String]) -> String {
    match known {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}
