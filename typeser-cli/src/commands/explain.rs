//! `typeser explain`: what a rule means.

use std::io::Write as _;

use typeser::resolve::Rule;

use super::Failure;
use crate::exit::Exit;

/// Explain a rule
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The rule, as findings name it: `error[RULE]`
    rule: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let rule = Rule::by_id(&arguments.rule)
        .ok_or_else(|| format!("there is no rule `{}`; `typeser rules` lists them all", arguments.rule))?;
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}: {}\n", rule.id, rule.title)?;
    writeln!(out, "verdict:     {}", rule.verdict)?;
    writeln!(out, "reason:      {}", rule.reason)?;
    writeln!(out, "consequence: {}", rule.consequence)?;
    writeln!(out, "help:        {}", rule.help)?;
    Ok(Exit::Fine)
}
