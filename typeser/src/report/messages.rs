//! The messages of a report before rendering: code excerpts, notes and help.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::cause::FindingId;
use super::excerpt::{Excerpt, Layout};
use super::halves::{moved, shared_in};
use super::level::Level;
use super::place::{self, Part, Sides, places};
use super::single::{CauseStep, NOT_CHECKED, Report};
use super::source::{Spot, member_of, word_at};
use super::witness::{Claim, Example, Witnesses};
use crate::resolve::rules::ids;
use crate::resolve::{Compatibility, Finding, Fix};
use crate::schema::{Line, PathSegment};
use crate::snapshot::Location;
use crate::text::{clean, middle, shortened};

/// How many errors are rendered in full; the short form and JSON have all.
const MOST_ERRORS: usize = 50;
/// How many other changes are listed.
const MOST_OTHERS: usize = 40;
/// How many places of one cause are listed.
const MOST_PLACES: usize = 12;
/// How many steps of a chain are listed, from the leaf up, beside the root.
const MOST_STEPS: usize = 9;
/// How much of a value is shown, in characters, and how many of its bytes.
const MOST_VALUE: usize = 240;
const MOST_BYTES: usize = 20;
/// How much of a type's name is shown in a chain, and how much of a path.
const MOST_TYPE: usize = 40;
const MOST_PATH: usize = 60;

/// One message of a report.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) level: Level,
    /// The rule, if it is about a finding.
    pub(super) rule: Option<&'static str>,
    pub(super) title: String,
    /// A place in the program whose text is not at hand.
    pub(super) location: Option<Location>,
    pub(super) views: Vec<View>,
    pub(super) notes: Vec<Note>,
    pub(super) helps: Vec<Help>,
}

/// A code excerpt with a label.
#[derive(Debug)]
pub(super) struct View {
    /// What it is; of the first one, the title of the message says it.
    pub(super) title: Option<String>,
    pub(super) place: Place,
    pub(super) text: String,
    pub(super) context: Vec<Range<usize>>,
    pub(super) mark: Range<usize>,
    pub(super) label: String,
    /// Whether this is what the message is about in the first place.
    pub(super) primary: bool,
}

/// Where lines come from.
#[derive(Debug)]
pub(super) enum Place {
    /// The line of a file.
    File { name: String, line: usize },
    /// A snapshot: it has no lines.
    Snapshot,
}

/// A fact.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) name: &'static str,
    pub(super) lines: Vec<String>,
}

/// Something to do.
#[derive(Debug)]
pub(super) struct Help {
    pub(super) text: String,
    pub(super) code: Option<String>,
}

/// The messages of these reports: each cause once, errors first.
pub(super) fn messages(reports: &[&Report]) -> Vec<Message> {
    let contexts: Vec<Context<'_>> = reports.iter().map(|report| Context::of(report)).collect();
    let mut messages = errors(&contexts);
    // Of many, those of which there is nothing to say are only counted.
    let is_one = reports.len() == 1;
    for context in contexts.iter().filter(|context| is_one || !context.report.findings.is_empty()) {
        messages.extend(context.rest());
    }
    if !is_one {
        messages.push(Message::plain(Level::Note, count(reports)));
    }
    messages
}

/// How many were compared, and with what outcome: the worst first.
fn count(reports: &[&Report]) -> String {
    let verdicts = Compatibility::ALL.into_iter().rev().filter_map(|verdict| {
        let count = reports.iter().filter(|report| report.compatibility == verdict).count();
        (count > 0).then(|| format!("{count} {}", if count == 1 { verdict.to_string() } else { plural(verdict) }))
    });
    let verdicts: Vec<String> = verdicts.collect();
    let outcome = if verdicts.is_empty() { String::new() } else { format!(": {}", verdicts.join(", ")) };
    format!("{} serializers compared{outcome}", reports.len())
}

fn plural(verdict: Compatibility) -> String {
    match verdict {
        Compatibility::RequiresMigration => String::from("require migration"),
        other => other.to_string(),
    }
}

fn errors(contexts: &[Context<'_>]) -> Vec<Message> {
    let mut order: Vec<FindingId> = Vec::new();
    let mut places: HashMap<FindingId, Vec<(&Context<'_>, &Finding)>> = HashMap::new();
    for context in contexts {
        for finding in context.report.findings.iter().filter(|finding| Level::of(finding) == Level::Error) {
            let cause = context.report.cause(finding, &context.sides, &context.stored);
            let places = places.entry(cause).or_default();
            if places.is_empty() {
                order.push(cause);
            }
            places.push((context, finding));
        }
    }
    let mut messages: Vec<Message> = Vec::new();
    let mut reported: HashSet<FindingId> = HashSet::new();
    for cause in order.iter().take(MOST_ERRORS) {
        let Some(((context, finding), others)) = places.get(cause).and_then(|places| places.split_first()) else {
            continue;
        };
        if reported.contains(cause) {
            continue;
        }
        let mut halves = Vec::new();
        for other in order.iter().filter(|other| *other != cause) {
            let Some((of, half)) = places.get(other).and_then(|places| places.first()) else { continue };
            let is_half = std::ptr::eq(of.report, context.report)
                && shared_in(finding).is_some_and(|shared| half.fixes.contains(shared));
            if is_half && reported.insert(*other) {
                halves.push(*half);
            }
        }
        messages.push(context.error(finding, others, &halves));
    }
    if order.len() > MOST_ERRORS {
        let title = format!("{} more causes are omitted; the short form lists all", order.len() - MOST_ERRORS);
        messages.push(Message::plain(Level::Note, title));
    }
    messages
}

/// A report, and what its messages share.
struct Context<'a> {
    report: &'a Report,
    stored: Layout,
    new: Layout,
    sides: Sides<'a>,
    witnesses: Witnesses<'a>,
}

impl<'a> Context<'a> {
    fn of(report: &'a Report) -> Self {
        let [stored, new] = &report.snapshots;
        let witnesses = Witnesses::of(stored, new);
        let sides = Sides::of(stored, new);
        Self { report, stored: Layout::of(stored), new: Layout::of(new), sides, witnesses }
    }

    /// The message of an error. `halves` are the other halves of one change: of a rename the name that is new, of data
    /// that moved the other fields that are gone or new.
    fn error(&self, finding: &Finding, others: &[(&Context<'_>, &Finding)], halves: &[&Finding]) -> Message {
        let report = self.report;
        let shared = shared_in(finding).filter(|_| !halves.is_empty());
        let detail = match shared {
            Some(Fix::Alias { former, name, .. }) => format!("`{former}` is gone, `{name}` is new: probably renamed"),
            Some(_) => moved(std::iter::once(finding).chain(halves.iter().copied())),
            None => finding.detail.clone(),
        };
        let title = format!("{} is incompatible: {detail}", report.subject);
        let views = self.views(finding);
        let mut notes = vec![Note::new("path", report.path(finding))];
        notes.extend(chain(report, &report.cause_chain(finding)));
        notes.push(Note::new("cause", format!("{}; {}", finding.rule.title, finding.rule.reason)));
        let mut apart: Vec<&str> = Vec::new();
        for half in std::iter::once(&finding).chain(halves) {
            if !apart.contains(&half.rule.consequence) {
                apart.push(half.rule.consequence);
            }
        }
        let apart = apart.join("; ");
        match shared {
            Some(Fix::Alias { .. }) => {
                notes.push(Note::new("if it was renamed", "an alias reads every stored value, and nothing is lost"));
                notes.push(Note::new("if these are two fields", apart));
            }
            Some(_) => {
                notes.push(Note::new("if the data moved", "a function reads every stored value, and nothing is lost"));
                notes.push(Note::new("if these are other data", apart));
            }
            None => notes.push(Note::new("consequence", apart)),
        }
        notes.extend(finding.note.as_ref().map(|note| Note::new("note", note)));
        notes.extend(self.witness(finding));
        notes.extend(also(report, finding, others));
        if views.iter().filter(|view| view.title.is_some()).count() < 2 {
            notes.push(Note::new("new serializer", report.new.to_string()));
        }
        notes.push(Note::new("finding", report.id(finding).to_string()));
        notes.extend(halves.iter().map(|half| Note::new("finding", format!("{} [{}]", report.id(half), half.rule.id))));
        let mut fixes: Vec<&Fix> = finding.fixes.iter().collect();
        for fix in halves.iter().flat_map(|half| &half.fixes) {
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
        let mut helps: Vec<Help> = fixes
            .into_iter()
            .map(|fix| Help { text: clean(&fix.text()), code: report.code(fix).as_deref().map(code) })
            .collect();
        if helps.is_empty() {
            helps.push(Help { text: finding.rule.help.to_owned(), code: None });
        }
        Message {
            level: Level::Error,
            rule: Some(finding.rule.id),
            title: clean(&title),
            location: report.location(finding),
            views,
            notes,
            helps,
        }
    }

    /// The changes that alone would pass, and what was not checked.
    fn rest(&self) -> Vec<Message> {
        let report = self.report;
        let is_error = report.compatibility == Compatibility::Incompatible;
        let line = |finding: &Finding| {
            let Finding { rule, path, detail, .. } = finding;
            Note::new("change", format!("{} [{}] {}{path}: {detail}", rule.verdict, rule.id, report.role))
        };
        let errors: HashSet<_> = report
            .findings
            .iter()
            .filter(|finding| Level::of(finding) == Level::Error)
            .map(|finding| (&finding.path, &finding.chain))
            .collect();
        let others: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| Level::of(finding) != Level::Error && !NOT_CHECKED.contains(&finding.rule.id))
            // What an error is about already is not said to pass.
            .filter(|finding| !errors.contains(&(&finding.path, &finding.chain)))
            .collect();
        let mut messages = Vec::new();
        if !is_error || !others.is_empty() {
            let refused = |finding: &Finding| finding.rule.id == ids::KEY_MIGRATION_REFUSED;
            let title = match is_error {
                true if report.findings.iter().any(refused) => format!("what changed in {}", report.subject),
                true => format!("other changes in {}, which would be accepted on their own", report.subject),
                false => format!("{}: {}", report.subject, report.compatibility),
            };
            let level = others.iter().map(|finding| Level::of(finding)).max().unwrap_or(Level::Note);
            let mut message = Message::plain(if is_error { Level::Note } else { level }, clean(&title));
            if !is_error {
                message
                    .notes
                    .extend([Note::new("stored", self.named_stored()), Note::new("new", report.new.to_string())]);
            }
            message.notes.extend(others.iter().take(MOST_OTHERS).map(|finding| line(finding)));
            if others.len() > MOST_OTHERS {
                let more = format!("{} more; the short form lists all", others.len() - MOST_OTHERS);
                message.notes.push(Note::new("change", more));
            }
            messages.push(message);
        }
        let unseen: Vec<&Finding> = report.not_checked().collect();
        if !unseen.is_empty() {
            let title = format!("{} was not fully compared: typeser cannot look inside opaque parts", report.subject);
            let mut message = Message::plain(Level::Note, clean(&title));
            message.notes.extend(unseen.iter().take(MOST_OTHERS).map(|finding| {
                let (path, name) = (report.path(finding), &finding.stored.type_name);
                let declared = match finding.stored.version == finding.new.version {
                    true => "whose declared name and version are unchanged",
                    false => "whose stored version is declared to be read unchanged",
                };
                Note::new("not checked", format!("{path}: `{name}`, {declared}"))
            }));
            if unseen.len() > MOST_OTHERS {
                message.notes.push(Note::new("not checked", format!("{} more", unseen.len() - MOST_OTHERS)));
            }
            message.helps.push(Help {
                text: "increase the version of an opaque part whenever its stored form changes".to_owned(),
                code: None,
            });
            messages.push(message);
        }
        messages
    }

    /// The new code first, as source where it is at hand; then what was stored.
    fn views(&self, finding: &Finding) -> Vec<View> {
        let report = self.report;
        let role = report.role.word();
        let [stored_place, new_place] = places(&self.sides, finding);
        let [stored_label, new_label] = labels(finding, stored_place, new_place);
        let [stored, new] = self.serializers();
        let mut views = Vec::new();
        if let Some((file, spot, is_exact)) = self.in_source(finding, new_place) {
            let label = if is_exact { new_label.clone() } else { String::from("declared here") };
            let place = Place::File { name: file.to_owned(), line: spot.line };
            let excerpt = Excerpt { text: spot.text.to_owned(), context: Vec::new(), mark: spot.mark };
            views.push(View::of(None, place, excerpt, label, true));
            if !is_exact {
                let excerpt = self.new.excerpt(new_place, role);
                views.push(View::of(Some(new), Place::Snapshot, excerpt, new_label, true));
            }
        } else {
            // After a location without text, this needs a title.
            let title = report.location(finding).map(|_| new);
            views.push(View::of(title, Place::Snapshot, self.new.excerpt(new_place, role), new_label, true));
        }
        let excerpt = self.stored.excerpt(stored_place, role);
        views.push(View::of(Some(stored), Place::Snapshot, excerpt, stored_label, false));
        views
    }

    /// The place in the source of the program, and whether it is the very place or only the type around it.
    fn in_source(&self, finding: &Finding, place: place::Place) -> Option<(&'static str, Spot<'a>, bool)> {
        let report = self.report;
        let at = match place.owner() {
            Some(owner) => report.new_snapshot().location(owner)?,
            None => report.location(finding)?,
        };
        let source = report.source(at)?;
        let spot = word_at(source, at)?;
        let member = place.member(report.new_snapshot());
        if member.variant.is_none() && member.field.is_none() {
            return Some((at.file, spot, place.owner().is_some()));
        }
        match member_of(source, &spot, member, place.part) {
            Some(spot) => Some((at.file, spot, true)),
            None => Some((at.file, spot, false)),
        }
    }

    fn serializers(&self) -> [String; 2] {
        let report = self.report;
        [
            clean(&format!("stored serializer: {}", self.named_stored())),
            clean(&format!("new serializer: {}", report.new)),
        ]
    }

    fn named_stored(&self) -> String {
        match &self.report.origin {
            Some(origin) => format!("{}, in {origin}", self.report.stored),
            None => self.report.stored.to_string(),
        }
    }

    fn witness(&self, finding: &Finding) -> Option<Note> {
        let witness = self.witnesses.witness(finding)?;
        let says = match (witness.claim, witness.examples.len()) {
            (Claim::NoCounterpart, _) => "this stored value has no counterpart in the new type",
            (Claim::Collision, 1) => "in this stored value, two keys or elements would become one",
            (Claim::Collision, _) => "these stored values would become one",
            (Claim::Touched, _) => "the smallest stored value that is affected",
        };
        let mut lines = vec![format!("{says}:")];
        for example in &witness.examples {
            lines.push(format!("`{}`", clean(&shortened(&example.value.to_string(), MOST_VALUE))));
            lines.push(bytes_of(example));
        }
        Some(Note { name: "witness", lines })
    }
}

impl Message {
    fn plain(level: Level, title: String) -> Self {
        Self { level, rule: None, title, location: None, views: Vec::new(), notes: Vec::new(), helps: Vec::new() }
    }
}

impl View {
    fn of(title: Option<String>, place: Place, excerpt: Excerpt, label: String, primary: bool) -> Self {
        let Excerpt { text, context, mark } = excerpt;
        Self { title, place, text, context, mark, label: clean(&label), primary }
    }
}

impl Note {
    fn new(name: &'static str, text: impl AsRef<str>) -> Self {
        Self { name, lines: vec![clean(text.as_ref())] }
    }
}

/// What to write under the marks of both sides.
fn labels(finding: &Finding, stored: place::Place, new: place::Place) -> [String; 2] {
    let [was, now] = [&finding.stored, &finding.new];
    let more = finding.chain.last().and_then(|link| finding.path.segments().get(link.depth..)).unwrap_or_default();
    let Some(last) = more.last() else {
        return match (stored.part, new.part) {
            (Part::Name, Part::Name) => [
                format!("`{}` version {} was stored", was.type_name, was.version.unwrap_or(1)),
                format!("`{}` version {} is used now", now.type_name, now.version.unwrap_or(1)),
            ],
            _ => {
                let within = |place: place::Place| if place.whole { "" } else { " in here" };
                let (was_in, now_in) = (within(stored), within(new));
                [format!("`{}` was stored{was_in}", was.type_name), format!("`{}` is used{now_in} now", now.type_name)]
            }
        };
    };
    let (kind, name) = match last {
        PathSegment::Field(name) => ("field", name),
        PathSegment::Variant(name) => ("variant", name),
        _ => return [String::from("stored"), String::from("new")],
    };
    let is_member = |place: place::Place| {
        let is_field = matches!(last, PathSegment::Field(_));
        matches!((place.line, is_field), (Some(Line::Field(..)), true) | (Some(Line::Variant(..)), false))
    };
    match (is_member(stored), is_member(new)) {
        (true, false) => [format!("this {kind} was stored"), format!("has no {kind} `{name}` now")],
        (false, true) => [format!("had no {kind} `{name}`"), format!("this {kind} is new")],
        _ => [String::from("stored under this name"), String::from("used in its place now")],
    }
}

/// The types on the way from the finding to the top.
fn chain(report: &Report, steps: &[CauseStep]) -> Option<Note> {
    let (first, above) = steps.split_first()?;
    if above.is_empty() {
        return None;
    }
    let line = |step: &CauseStep| {
        let [stored, new] = [&step.stored, &step.new].map(|name| middle(&clean(name), MOST_TYPE));
        let path = middle(&clean(&format!("{}{}", report.role, step.path)), MOST_PATH);
        if stored == new { format!("`{stored}` at {path}") } else { format!("`{stored}`, now `{new}`, at {path}") }
    };
    let mut lines: Vec<String> =
        std::iter::once(line(first)).chain(above.iter().map(|step| format!("in {}", line(step)))).collect();
    if lines.len() > MOST_STEPS + 2 {
        let left_out = lines.len() - MOST_STEPS - 1;
        lines.splice(MOST_STEPS..MOST_STEPS + left_out, [format!("in {left_out} more")]);
    }
    Some(Note { name: "chain", lines })
}

fn also(report: &Report, own: &Finding, others: &[(&Context<'_>, &Finding)]) -> Option<Note> {
    // One place that several releases wrote or read is listed once.
    let place = |report: &Report, finding: &Finding| {
        (report.state.clone().unwrap_or_else(|| report.subject.clone()), report.path(finding))
    };
    let first = place(report, own);
    let others = others.iter().filter(|(context, finding)| place(context.report, finding) != first);
    let own = own.also.iter().map(|place| report.path_of(&place.path));
    let elsewhere = others.flat_map(|(context, finding)| {
        let other = context.report;
        let is_same = other.state.is_some() || other.subject == report.subject;
        let subject = if is_same { String::new() } else { format!("{}: ", other.subject) };
        let paths = finding.also.iter().map(|place| &place.path);
        let paths: Vec<String> = std::iter::once(&finding.path)
            .chain(paths)
            .map(|path| format!("{subject}{}", other.path_of(path)))
            .collect();
        paths
    });
    let mut met = HashSet::new();
    let all: Vec<String> = own.chain(elsewhere).filter(|path| met.insert(path.clone())).collect();
    let mut lines: Vec<String> = all.iter().take(MOST_PLACES).map(|path| clean(path)).collect();
    if all.len() > MOST_PLACES {
        lines.push(format!("and {} more", all.len() - MOST_PLACES));
    }
    (!lines.is_empty()).then_some(Note { name: "also affected by this cause", lines })
}

fn bytes_of(example: &Example) -> String {
    let count = example.bytes.len();
    let bytes: Vec<String> = example.bytes.iter().take(MOST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    match count {
        0 => String::from("no bytes"),
        1..=MOST_BYTES => format!("bytes {}", bytes.join(" ")),
        _ => format!("bytes {} ... ({count} in all)", bytes.join(" ")),
    }
}

/// Code to paste: line breaks stay.
fn code(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}
