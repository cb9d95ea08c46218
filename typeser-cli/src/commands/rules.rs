//! `typeser rules`: the rule table.

use std::io::Write as _;

use typeser::resolve::RULES;

use super::Failure;
use crate::exit::Exit;

/// List every rule with its verdict
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Result<Exit, Failure> {
    let widest = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = anstream::stdout().lock();
    for rule in RULES {
        writeln!(out, "{:widest$}  {:30}  {}", rule.id, rule.verdict.to_string(), rule.title)?;
    }
    Ok(Exit::Fine)
}
