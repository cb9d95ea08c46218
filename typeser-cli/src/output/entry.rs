//! The entries of a report: each finding once, however many releases show it, and each problem.

use std::collections::HashMap;

use typeser::report::{FindingId, Level};
use typeser::resolve::{Compatibility, Finding};

use super::comparison::{Acceptance, Comparison, Pair, Problem};
use super::location;
use super::place::Place;
use super::text::count;

/// One entry of a report: a finding or a problem.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// Identifies the entry from one run to the next. Entries of one comparison never share it.
    pub(crate) fingerprint: String,
    /// An error fails the command; an accepted finding is a note.
    pub(crate) level: Level,
    /// The rule, or the kind of the problem.
    pub(crate) rule: &'a str,
    /// Where in the state: `orders / value.total`. Empty for a problem that is about no state.
    pub(crate) path: String,
    /// What happened, with names.
    pub(crate) message: &'a str,
    /// The finding or the problem itself.
    pub(crate) what: What<'a>,
    /// The line to open.
    pub(crate) place: Option<Place>,
    /// Why it passes despite its verdict.
    pub(crate) accepted: Option<&'a Acceptance>,
}

/// What an entry is about.
#[derive(Debug, Clone)]
pub(crate) enum What<'a> {
    Finding(Found<'a>),
    Problem(&'a Problem),
}

/// A finding with all pairs that show it.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    pub(crate) id: FindingId,
    pub(crate) finding: &'a Finding,
    /// The pairs in their order. The finding is that of the first one.
    pub(crate) pairs: Vec<&'a Pair>,
}

impl Comparison {
    /// All entries, those that fail first, otherwise in the order of the pairs.
    pub(crate) fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries: Vec<Entry<'_>> = Vec::new();
        let mut known: HashMap<(String, bool), usize> = HashMap::new();
        for pair in self.pairs.iter().filter(|pair| pair.is_asked) {
            for finding in pair.report.findings() {
                let entry = self.entry(pair, finding);
                let place = known.entry((entry.fingerprint.clone(), entry.accepted.is_some())).or_insert(entries.len());
                match entries.get_mut(*place).map(|other| &mut other.what) {
                    Some(What::Finding(found)) => found.pairs.push(pair),
                    _ => entries.push(entry),
                }
            }
        }
        for entry in &mut entries {
            let What::Finding(found) = &entry.what else { continue };
            entry.place = found.pairs.first().and_then(|pair| location::of(pair, found.finding));
        }
        entries.extend(self.problems.iter().map(problem));
        make_unique(&mut entries);
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.level));
        entries
    }

    /// The entries that reports list: those that fail, drop data or were accepted, and all if safe changes are reported
    /// too.
    pub(crate) fn reported(&self) -> Vec<Entry<'_>> {
        let mut entries = self.entries();
        entries.retain(|entry| self.reports_safe || entry.level > Level::Note || entry.accepted.is_some());
        entries
    }

    /// What was compared, and the result, in one line.
    pub(crate) fn summary(&self) -> String {
        let entries = self.entries();
        let findings = entries.iter().filter(|entry| entry.fails() && entry.verdict().is_some()).count();
        let accepted = entries.iter().filter(|entry| entry.accepted.is_some()).count();
        let mut results: Vec<String> = Vec::new();
        match findings {
            0 if self.open_problems() == 0 => results.push(String::from("nothing fails")),
            0 => {}
            1 => results.push(String::from("1 finding fails")),
            _ => results.push(format!("{findings} findings fail")),
        }
        if self.open_problems() > 0 {
            results.push(count(self.open_problems(), "problem"));
        }
        if accepted > 0 {
            results.push(format!("{accepted} accepted"));
        }
        format!("{}: {}", self.compared, results.join(", "))
    }

    fn entry<'a>(&self, pair: &'a Pair, finding: &'a Finding) -> Entry<'a> {
        let id = pair.report.id(finding);
        // A pinned pair passes or fails as a whole. A broken pin is reported as a separate problem.
        let would_fail = self.would_fail(pair, finding) && pair.pin != Some(pair.report.compatibility());
        let accepted = pair.acceptance(id).filter(|_| would_fail);
        let level = match (would_fail, accepted) {
            (true, None) => Level::Error,
            (true, Some(_)) => Level::Note,
            (false, _) if self.levels.ignoring(&pair.state, finding).is_some() => Level::Note,
            (false, _) => self.levels.of(finding.rule.id).unwrap_or(Level::of(finding)).min(Level::Warning),
        };
        let way = if pair.is_rollback { "-rollback" } else { "" };
        Entry {
            fingerprint: format!("{id}{way}"),
            level,
            rule: finding.rule.id,
            path: pair.report.path(finding),
            message: &finding.detail,
            what: What::Finding(Found { id, finding, pairs: vec![pair] }),
            place: None,
            accepted,
        }
    }
}

fn problem(problem: &Problem) -> Entry<'_> {
    let path = problem.state.as_ref().map_or_else(String::new, |(state, role)| format!("{state} / {role}"));
    Entry {
        fingerprint: hash(&[problem.kind, &path, &problem.message]),
        level: if problem.accepted.is_some() { Level::Note } else { problem.level },
        rule: problem.kind,
        path,
        message: &problem.message,
        what: What::Problem(problem),
        place: problem.place.clone(),
        accepted: problem.accepted.as_ref(),
    }
}

/// Makes fingerprints unique, because readers of reports drop all but one entry of a fingerprint.
fn make_unique(entries: &mut [Entry<'_>]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for entry in entries {
        let count = seen.entry(entry.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            entry.fingerprint = format!("{}-{count}", entry.fingerprint);
        }
    }
}

/// FNV-1a over texts, each of which is terminated.
fn hash(texts: &[&str]) -> String {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xFF]));
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

impl Entry<'_> {
    /// Whether it fails the command.
    pub(crate) fn fails(&self) -> bool {
        self.level == Level::Error
    }

    /// Its id in the ledger, if it can be accepted.
    pub(crate) fn id(&self) -> Option<FindingId> {
        match &self.what {
            What::Finding(found) => Some(found.id),
            What::Problem(problem) => problem.finding,
        }
    }

    /// The releases that show a finding: `written by 1.0, 1.1, read by today`. `None` for a problem.
    pub(crate) fn routes(&self) -> Option<String> {
        let What::Finding(found) = &self.what else { return None };
        let [mut writers, mut readers] = [const { Vec::<&str>::new() }; 2];
        for pair in &found.pairs {
            let sides = [(&mut writers, &pair.writer.release), (&mut readers, &pair.reader.release)];
            for (names, name) in sides {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        Some(format!("written by {}, read by {}", writers.join(", "), readers.join(", ")))
    }

    /// What to do, the best first, each with the code or command to type if there is one.
    pub(crate) fn helps(&self) -> Vec<(String, Option<String>)> {
        match &self.what {
            What::Problem(problem) => vec![(problem.help.clone(), None)],
            What::Finding(found) if found.finding.fixes.is_empty() => vec![(found.finding.rule.help.to_owned(), None)],
            What::Finding(found) => {
                let code = |fix| found.pairs.first().and_then(|pair| pair.report.code(fix));
                found.finding.fixes.iter().map(|fix| (fix.text(), code(fix))).collect()
            }
        }
    }

    /// Whether it is about some stored values only, so that it depends on the data whether any is affected.
    pub(crate) fn depends_on_data(&self) -> bool {
        matches!(&self.what, What::Finding(found) if found.finding.rule.depends_on_data)
    }

    /// The verdict of the finding's rule.
    pub(crate) fn verdict(&self) -> Option<Compatibility> {
        match &self.what {
            What::Finding(found) => Some(found.finding.rule.verdict),
            What::Problem(_) => None,
        }
    }
}

impl Acceptance {
    /// Who accepted it, when, until when and why: `accepted by Ada on 2026-11-21 until 2027-01-01: the data is gone`.
    pub(crate) fn words(&self) -> String {
        let Self { author, date, until, reason, .. } = self;
        let until = until.as_ref().map_or_else(String::new, |until| format!(" until {until}"));
        format!("accepted by {author} on {date}{until}: {reason}")
    }
}
