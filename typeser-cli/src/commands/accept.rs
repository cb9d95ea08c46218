//! `typeser accept`: adds to, lists and removes from the ledger of accepted findings.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use typeser::golden::{Accepted, Date, Ledger, TODAY, write_atomically};
use typeser::report::FindingId;
use typeser::resolve::{Compatibility, Role, Rule};
use typeser::text::nearest;

use super::check::{CheckOptions, CheckResult, acceptance};
use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::output::{Comparison, Entry, Pair, Problem, What};
use crate::stdout::stdout;

/// Accept findings that `check` fails on, with a reason
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser accept 529f91a36a0ec2aa --reason \"rebuilt on start\" --until 2027-01-31
  typeser accept 529f91a36a0ec2aa 0b474ca44ed69e57 --reason \"never released\"
  typeser accept --rule field-removed-undeclared --reason \"rebuilt on start\"
  typeser accept --list
  typeser accept --remove 529f91a36a0ec2aa

An accepted finding no longer fails `typeser check` and the golden test. It
changes nothing else: where it is incompatible, programs still refuse the data.

The ledger is accepted.json beside the goldens: commit it. An entry that has
expired or whose finding no longer exists fails `typeser check` and the golden
test.

Exit codes: 0 success, 101 failure, 2 usage error.")]
#[command(group = clap::ArgGroup::new("what").required(true).args(["findings", "rule", "list", "remove"]))]
pub(crate) struct Arguments {
    /// The ids of findings in reports: 16 hexadecimal digits each
    #[arg(value_name = "FINDING", requires = "reason")]
    findings: Vec<String>,
    /// Accept all failing findings of a rule; with --state, those of a state
    #[arg(long, value_name = "RULE", requires = "reason")]
    rule: Option<String>,
    /// Why the finding is acceptable
    #[arg(long, value_name = "WHY")]
    reason: Option<String>,
    /// The last day on which the entry applies: 2027-01-31
    #[arg(long, value_name = "DATE", requires = "reason")]
    until: Option<String>,
    /// Who accepts the finding [default: user.name of git]
    #[arg(long, value_name = "NAME", requires = "reason")]
    author: Option<String>,
    /// Print the ledger
    #[arg(long)]
    list: bool,
    /// Remove a finding from the ledger
    #[arg(long, value_name = "FINDING")]
    remove: Option<String>,
    /// Goldens, or a folder of today's snapshots, as for `check` [default: golden]
    #[arg(long = "in", value_name = "DIR")]
    dir: Option<OsString>,
    #[command(flatten)]
    check: CheckOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let config = arguments.check.config(arguments.dir.as_deref())?;
    let checked = arguments.check.check(arguments.dir.as_deref(), &config)?;
    let mut out = stdout();
    if arguments.list {
        list(&checked, &mut out)?;
    } else if let Some(finding) = &arguments.remove {
        remove(checked, id(finding)?, &mut out)?;
    } else if let Some(reason) = &arguments.reason {
        accept(checked, reason, arguments, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn accept(checked: CheckResult, reason: &str, arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let CheckResult { comparison, mut ledger, ledger_file } = checked;
    let date = Date::today();
    let until: Option<Date> = match arguments.until.as_deref().map(str::parse) {
        None => None,
        Some(Ok(until)) if until >= date => Some(until),
        Some(Ok(until)) => return Err(usage(format!("--until {until} is in the past: today is {date}"))),
        Some(Err(error)) => return Err(usage(format!("--until: {error}"))),
    };
    if reason.trim().is_empty() {
        return Err(usage("the reason is empty: give one that readers of the ledger understand".to_owned()));
    }
    let entries = comparison.entries();
    let failing: Vec<Failing<'_>> = entries.iter().filter(|entry| entry.fails()).filter_map(Failing::of).collect();
    let meant: Vec<FindingId> = match &arguments.rule {
        Some(rule) => of_rule(rule, &failing)?,
        None => arguments.findings.iter().map(|finding| id(finding)).collect::<Result<_, _>>()?,
    };
    if let Some(finding) = meant.iter().find(|finding| failing.iter().all(|failing| failing.id != **finding)) {
        return Err(not_found(*finding, &failing, &comparison, &ledger));
    }
    // An upgrade and a rollback may show the same finding.
    let found: Vec<&Failing<'_>> = failing.iter().filter(|failing| meant.contains(&failing.id)).collect();
    let author = author(arguments.author.as_deref())?;
    for (found, (from, to)) in found.iter().flat_map(|found| found.pairs.iter().map(move |pair| (found, pair))) {
        let finding = found.id;
        let entry = Accepted {
            finding,
            state: found.state.to_owned(),
            role: found.role,
            from: from.clone(),
            to: to.clone(),
            rule: found.rule.to_owned(),
            reason: reason.to_owned(),
            author: author.clone(),
            date,
            until,
        };
        // The new entry replaces one that has expired.
        ledger.entries.retain(|known| !(known.is_expired(date) && is_about_one(known, &entry)));
        ledger.accept(entry)?;
        let (rule, path) = (found.rule, &found.path);
        writeln!(out, "accepted {finding}: {rule} of {path}, written by {from}, read by {to}")?;
    }
    let file = save(ledger_file, &ledger)?;
    writeln!(out, "recorded for {author} in {}: commit it", file.display())?;
    let is_incompatible = |id: &str| Rule::by_id(id).is_none_or(|rule| rule.verdict == Compatibility::Incompatible);
    if found.iter().any(|found| is_incompatible(found.rule)) {
        writeln!(
            out,
            "`typeser check` and the golden test no longer fail on it; programs still refuse such data, so make sure that \
             none is stored when they open it"
        )?;
    }
    Ok(())
}

/// The failing findings of a rule.
fn of_rule(rule: &str, failing: &[Failing<'_>]) -> Result<Vec<FindingId>, Failure> {
    let found: Vec<FindingId> =
        failing.iter().filter(|failing| failing.rule == rule).map(|failing| failing.id).collect();
    if found.is_empty() {
        let mut rules: Vec<&str> = failing.iter().map(|failing| failing.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        let near = nearest(rule, rules.iter().copied()).map(|near| format!(", did you mean `{near}`?"));
        let help = match rules.as_slice() {
            [] => String::from("nothing fails, so there is nothing to accept"),
            rules => format!("the rules of failing findings are {}", rules.join(", ")),
        };
        return Err(format!("no finding of the rule `{rule}` fails{}\nhelp: {help}", near.unwrap_or_default()).into());
    }
    Ok(found)
}

fn remove(checked: CheckResult, finding: FindingId, out: &mut impl Write) -> Result<(), Failure> {
    let CheckResult { mut ledger, ledger_file, comparison } = checked;
    let problems: Vec<&str> = ledger.entries.iter().map(|entry| problem_of(entry, &comparison)).collect();
    let is_meant = |entry: &Accepted| entry.finding == finding;
    if !ledger.entries.iter().any(is_meant) {
        let near = nearest_id(finding, ledger.entries.iter().map(|entry| entry.finding));
        let help = "help: `typeser accept --list` prints it";
        return Err(format!("the ledger has no entry for {finding}{near}\n{help}").into());
    }
    // Of several entries, those that no longer apply are most likely meant. The next run removes the others.
    let is_over = |(entry, problem): &(&Accepted, &&str)| is_meant(entry) && !problem.is_empty();
    let over = ledger.entries.iter().zip(&problems).any(|pair| is_over(&pair));
    let (removed, kept): (Vec<_>, Vec<_>) = ledger
        .entries
        .into_iter()
        .zip(problems)
        .partition(|(entry, problem)| is_meant(entry) && (!over || !problem.is_empty()));
    ledger.entries = kept.into_iter().map(|(entry, _)| entry).collect();
    let file = save(ledger_file, &ledger)?;
    for (Accepted { state, role, rule, from, to, .. }, _) in removed {
        writeln!(out, "removed {finding}: {rule} of {state} / {role}, written by {from}, read by {to}")?;
    }
    for Accepted { from, to, .. } in ledger.entries.iter().filter(|entry| is_meant(entry)) {
        writeln!(
            out,
            "kept {finding}, written by {from}, read by {to}: it still applies; run the command again to remove it"
        )?;
    }
    writeln!(out, "from {}: commit it", file.display())?;
    Ok(())
}

/// Why an entry of the ledger no longer applies; empty if it does.
fn problem_of(entry: &Accepted, comparison: &Comparison) -> &'static str {
    let names = format!("{} ({}) from {} to {} is no longer found", entry.finding, entry.rule, entry.from, entry.to);
    let about = Some((entry.state.clone(), entry.role));
    let is_stale = |problem: &Problem| problem.state == about && problem.message.contains(&names);
    if comparison.problems.iter().any(is_stale) {
        "stale: the finding no longer exists"
    } else if entry.is_expired(Date::today()) {
        "expired"
    } else {
        ""
    }
}

/// Prints the ledger, and why entries no longer apply.
fn list(checked: &CheckResult, out: &mut impl Write) -> std::io::Result<()> {
    for entry in &checked.ledger.entries {
        let Accepted { finding, state, role, rule, from, to, .. } = entry;
        let words = acceptance(entry).words();
        writeln!(out, "{finding} {rule} of {state} / {role}, written by {from}, read by {to}\n  {words}")?;
        let problem = problem_of(entry, &checked.comparison);
        if !problem.is_empty() {
            writeln!(out, "  {problem}")?;
        }
    }
    if checked.ledger.entries.is_empty() {
        writeln!(out, "no findings are accepted")?;
    }
    Ok(())
}

/// A failing finding or problem that can be accepted.
struct Failing<'a> {
    id: FindingId,
    rule: &'a str,
    path: String,
    state: &'a str,
    role: Role,
    /// The releases that wrote and that read.
    pairs: Vec<(String, String)>,
}

impl<'a> Failing<'a> {
    fn of(entry: &'a Entry<'a>) -> Option<Self> {
        let (id, state, role, pairs) = match &entry.what {
            What::Finding(found) => {
                let first = found.pairs.first()?;
                let names = |pair: &&Pair| (pair.writer.release.clone(), pair.reader.release.clone());
                (found.id, first.state.as_str(), first.role, found.pairs.iter().map(names).collect())
            }
            What::Problem(problem) => {
                let (state, role) = problem.state.as_ref()?;
                (problem.finding?, state.as_str(), *role, problem.pair.iter().cloned().collect())
            }
        };
        Some(Self { id, rule: entry.rule, path: entry.path.clone(), state, role, pairs })
    }
}

/// Why a finding cannot be accepted, and which ones can.
fn not_found(finding: FindingId, failing: &[Failing<'_>], comparison: &Comparison, ledger: &Ledger) -> Failure {
    if let Some(entry) = ledger.entries.iter().find(|entry| entry.finding == finding) {
        let words = acceptance(entry).words();
        return format!(
            "{finding} does not fail: it is {words}\nhelp: to change the entry, remove it first with `--remove`"
        )
        .into();
    }
    let passes = |entry: &&Entry<'_>| matches!(&entry.what, What::Finding(found) if found.id == finding);
    if comparison.entries().iter().any(|entry| passes(&entry)) {
        return format!("{finding} does not fail, so there is nothing to accept").into();
    }
    let near = nearest_id(finding, failing.iter().map(|failing| failing.id));
    let mut text = format!("`check` does not find {finding}{near}");
    match failing.is_empty() {
        true => text.push_str("\nhelp: no finding fails that could be accepted"),
        false => text.push_str("\nhelp: these findings fail"),
    }
    for Failing { id, rule, path, .. } in failing {
        text.push_str(&format!("\n  {id} {rule} of {path}"));
    }
    // Golden tests compare today's types, of which files exist only if `golden current` was run.
    let has_today = comparison.pairs.iter().any(|pair| pair.reader.release == TODAY);
    if near.is_empty() && !has_today {
        text.push_str(&format!(
            "\nhelp: if a golden test reported it, it is about today's types: write their snapshots, and name their folder\n  \
             typeser golden current --out target/current\n  \
             typeser accept {finding} --reason \"...\" --in target/current"
        ));
    }
    text.into()
}

fn nearest_id(finding: FindingId, known: impl Iterator<Item = FindingId>) -> String {
    let known: Vec<String> = known.map(|id| id.to_string()).collect();
    let near = nearest(&finding.to_string(), known.iter().map(String::as_str));
    // Random ids have digits in common, so only a few wrong digits count as a typo.
    let wrong = |near: &str| finding.to_string().chars().zip(near.chars()).filter(|(one, two)| one != two).count();
    near.filter(|near| wrong(near) <= 2).map_or_else(String::new, |near| format!(", did you mean {near}?"))
}

fn is_about_one(one: &Accepted, two: &Accepted) -> bool {
    let about =
        |entry: &Accepted| (entry.finding, entry.state.clone(), entry.role, entry.from.clone(), entry.to.clone());
    about(one) == about(two)
}

fn id(text: &str) -> Result<FindingId, Failure> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = Some(text).filter(|_| digits).and_then(|text| u64::from_str_radix(text, 16).ok());
    id.map(FindingId).ok_or_else(|| {
        usage(format!("`{text}` is not the id of a finding: ids have 16 hexadecimal digits, and reports print them after `finding:`"))
    })
}

fn author(given: Option<&str>) -> Result<String, Failure> {
    if let Some(author) = given.map(str::trim).filter(|author| !author.is_empty()) {
        return Ok(author.to_owned());
    }
    let name = Command::new("git").args(["config", "user.name"]).output().ok();
    let name = name
        .filter(|ended| ended.status.success())
        .map(|ended| String::from_utf8_lossy(&ended.stdout).trim().to_owned());
    name.filter(|name| !name.is_empty())
        .ok_or_else(|| usage("the author is unknown: git has no user.name\nhelp: give `--author NAME`".to_owned()))
}

/// Writes the ledger as a whole, or not at all.
fn save(file: Option<PathBuf>, ledger: &Ledger) -> Result<PathBuf, Failure> {
    let Some(file) = file else {
        return Err(usage(
            "the ledger is in a revision of git, which cannot be changed\nhelp: name the folder in the working tree"
                .to_owned(),
        ));
    };
    write_atomically(&file, ledger.to_json().as_bytes())
        .map_err(|reason| format!("{} cannot be written: {reason}", file.display()))?;
    Ok(file)
}

fn usage(text: String) -> Failure {
    Usage(text).into()
}
