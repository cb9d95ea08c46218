//! Which rows of a savepoint are printed.

use std::path::PathBuf;

use typeser_state::processor::Query;

/// Selects rows of a savepoint.
#[derive(Debug, clap::Args)]
pub(super) struct RowFilter {
    /// The folder of the savepoint
    pub(super) savepoint: PathBuf,
    #[command(flatten)]
    selection: Selection,
    /// Continue after rows that cannot be read, and report each
    #[arg(long)]
    pub(super) keep_going: bool,
}

/// Selects rows by operator, state and key.
#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Only the operator with this uid
    #[arg(long, value_name = "UID")]
    operator: Option<String>,
    /// Only states with this name
    #[arg(long, value_name = "NAME")]
    state: Option<String>,
    /// Only this key: as text, as JSON, or as a string without quotes
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Only this key group
    #[arg(long, value_name = "N")]
    key_group: Option<u16>,
}

impl Selection {
    pub(super) fn query(&self, mut query: Query) -> Query {
        if let Some(uid) = &self.operator {
            query = query.operator(uid);
        }
        if let Some(name) = &self.state {
            query = query.state(name);
        }
        if let Some(text) = &self.key {
            query = query.key(text);
        }
        if let Some(group) = self.key_group {
            query = query.key_group(group);
        }
        query
    }
}

impl Selection {
    /// Whether a key or a key group is asked for.
    pub(super) fn is_of_key(&self) -> bool {
        self.key.is_some() || self.key_group.is_some()
    }

    /// What is asked for: "of operator `orders` with key `elm`".
    pub(super) fn in_words(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.operator.as_ref().map(|uid| format!("of operator `{uid}`")));
        words.extend(self.state.as_ref().map(|name| format!("of state `{name}`")));
        words.extend(self.key.as_ref().map(|key| format!("with key `{key}`")));
        words.extend(self.key_group.map(|group| format!("in key group {group}")));
        words.join(" ")
    }
}

impl RowFilter {
    pub(super) fn query(&self, query: Query) -> Query {
        let query = self.selection.query(query);
        if self.keep_going { query.go_on_behind_errors() } else { query }
    }

    /// The message if no row was found: which ones were searched for, and what to type next.
    pub(super) fn none_found(&self, rows: &str, domain: Option<&str>) -> String {
        let mut filters = self.selection.in_words();
        if let Some(domain) = domain {
            filters = format!("{filters} in {domain} time").trim_start().to_owned();
        }
        let savepoint = self.savepoint.display();
        if filters.is_empty() {
            return format!("{savepoint} has no {rows}");
        }
        let help = match self.selection.key {
            Some(_) => "run it without `--key` to print the keys that are stored",
            None => "`typeser state ls` lists operators and states, with the number of rows of each",
        };
        format!("{savepoint} has no {rows} {}\nhelp: {help}", filters)
    }
}
