//! The levels that settings give to rules, and the findings that they ignore.

use std::collections::BTreeMap;

use typeser::report::Level;
use typeser::resolve::{Finding, Role};

/// What settings say about single rules and paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Levels {
    /// The level of a rule, or of a kind of problem, by its id.
    pub(crate) rules: BTreeMap<String, Level>,
    /// Findings that do not fail.
    pub(crate) ignored: Vec<Ignored>,
}

/// Findings that do not fail, whatever the releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignored {
    /// The rule; of every rule, if there is none.
    pub(crate) rule: Option<String>,
    /// The state; of every state, if there is none.
    pub(crate) state: Option<String>,
    /// The path, as reports print it after the state: `value.lines[].note`. It covers all paths below it.
    pub(crate) path: String,
    pub(crate) reason: String,
}

impl Levels {
    /// The level of a rule or of a kind of problem, if the settings give it one.
    pub(crate) fn of(&self, rule: &str) -> Option<Level> {
        self.rules.get(rule).copied()
    }

    /// The entry that ignores a finding of a state, and its index.
    pub(crate) fn ignoring(&self, state: &str, finding: &Finding) -> Option<(usize, &Ignored)> {
        self.ignored.iter().enumerate().find(|(_, ignored)| ignored.covers(state, finding))
    }
}

impl Ignored {
    fn covers(&self, state: &str, finding: &Finding) -> bool {
        self.rule.as_ref().is_none_or(|rule| rule == finding.rule.id)
            && self.state.as_ref().is_none_or(|ignored| ignored == state)
            && is_within(&self.path, finding.role, &finding.path.to_string())
    }
}

/// Whether the path of a finding is this one or below it.
fn is_within(path: &str, role: Role, of_finding: &str) -> bool {
    let whole = format!("{role}{of_finding}");
    whole.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', ':', '{', '?']))
}

#[cfg(test)]
mod tests {
    use typeser::resolve::Role;

    use super::is_within;

    #[test]
    fn a_path_covers_what_is_below_it() {
        let is = |path: &str, of_finding: &str| is_within(path, Role::Value, of_finding);
        assert!(is("value", "") && is("value", ".note") && is("value.lines", ".lines[].note"));
        assert!(!is("value.note", ".notes") && !is("value.note", "") && !is("key", ".note"));
    }
}
