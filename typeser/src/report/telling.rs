//! What a report says, before anyone draws it: messages with code to look at, notes, and help.

use std::collections::HashMap;
use std::ops::Range;

use super::cause::FindingId;
use super::excerpt::{Excerpt, Layout};
use super::place::{Part, Place, Which, place};
use super::source::line_at;
use super::text::{clean, shortened};
use super::witness::{Example, Witnesses};
use super::{CauseStep, Claim, Level, NOT_CHECKED, Report};
use crate::resolve::{Compatibility, Finding};
use crate::schema::PathSegment;
use crate::snapshot::Location;

/// How many errors are told in full; the short form and JSON have all.
const MOST_TOLD: usize = 100;
/// How many other changes are listed.
const MOST_OTHERS: usize = 40;
/// How many places of one cause are listed.
const MOST_PLACES: usize = 12;
/// How many steps of a chain are listed: so many from the leaf up, and the top.
const MOST_STEPS: usize = 9;
/// How much of a value is shown, in characters, and how many of its bytes.
const MOST_VALUE: usize = 240;
const MOST_BYTES: usize = 32;

/// One thing to tell.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) level: Level,
    /// The rule, if it is about a finding.
    pub(super) rule: Option<&'static str>,
    pub(super) title: String,
    pub(super) views: Vec<View>,
    pub(super) notes: Vec<Note>,
    pub(super) helps: Vec<Help>,
}

/// Something to look at.
#[derive(Debug)]
pub(super) enum View {
    /// A place whose text is not at hand.
    Place(String),
    /// Lines of code, with a mark and what to say of it.
    Code {
        /// Where the lines come from.
        title: Option<Title>,
        text: String,
        context: Vec<Range<usize>>,
        mark: Range<usize>,
        label: String,
        /// Whether this is what the message is about in the first place.
        primary: bool,
    },
}

/// Where lines come from.
#[derive(Debug)]
pub(super) enum Title {
    /// A line of a file, which is numbered.
    File { name: String, line: usize },
    /// Something that has no lines: a snapshot.
    Words(String),
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

/// All that is to be said of these reports: each cause once, errors first.
pub(super) fn tell(reports: &[&Report]) -> Vec<Message> {
    let tellers: Vec<Teller<'_>> = reports.iter().map(|report| Teller::of(report)).collect();
    let mut messages = errors(&tellers);
    for teller in &tellers {
        messages.extend(teller.rest());
    }
    messages
}

fn errors(tellers: &[Teller<'_>]) -> Vec<Message> {
    let mut order: Vec<FindingId> = Vec::new();
    let mut places: HashMap<FindingId, Vec<(&Teller<'_>, &Finding)>> = HashMap::new();
    for teller in tellers {
        for finding in teller.report.findings.iter().filter(|finding| Level::of(finding) == Level::Error) {
            let cause = teller.report.cause(finding, &teller.stored);
            let places = places.entry(cause).or_default();
            if places.is_empty() {
                order.push(cause);
            }
            places.push((teller, finding));
        }
    }
    let mut messages: Vec<Message> = order
        .iter()
        .take(MOST_TOLD)
        .filter_map(|cause| {
            let ((teller, finding), others) = places.get(cause)?.split_first()?;
            Some(teller.error(finding, others))
        })
        .collect();
    if order.len() > MOST_TOLD {
        let title = format!("{} more causes are not told here; the short form has them all", order.len() - MOST_TOLD);
        messages.push(Message::plain(Level::Note, title));
    }
    messages
}

/// A report, and what its messages share.
struct Teller<'a> {
    report: &'a Report,
    stored: Layout,
    new: Layout,
    witnesses: Witnesses<'a>,
}

impl<'a> Teller<'a> {
    fn of(report: &'a Report) -> Self {
        let [stored, new] = &report.snapshots;
        let witnesses = Witnesses::of(stored, new);
        Self { report, stored: Layout::of(stored), new: Layout::of(new), witnesses }
    }

    fn error(&self, finding: &Finding, others: &[(&Teller<'_>, &Finding)]) -> Message {
        let report = self.report;
        let title = format!("{} is incompatible: {}", report.subject, finding.detail);
        let mut notes = vec![Note::new("path", report.path(finding))];
        notes.extend(chain(report, &report.cause_chain(finding)));
        notes.push(Note::new("cause", format!("{}: {}", finding.rule.title, finding.rule.reason)));
        notes.push(Note::new("consequence", finding.rule.consequence));
        notes.extend(finding.note.as_ref().map(|note| Note::new("note", note)));
        notes.extend(self.witness(finding));
        notes.extend(self.serializers());
        if !others.is_empty() {
            notes.push(also(report, others));
        }
        notes.push(Note::new("finding", report.id(finding).to_string()));
        let mut helps: Vec<Help> = finding
            .fixes
            .iter()
            .map(|fix| Help { text: clean(&fix.text), code: fix.code.as_deref().map(code) })
            .collect();
        if helps.is_empty() {
            helps.push(Help { text: finding.rule.help.to_owned(), code: None });
        }
        Message {
            level: Level::Error,
            rule: Some(finding.rule.id),
            title: clean(&title),
            views: self.views(finding),
            notes,
            helps,
        }
    }

    /// The changes that alone would pass, and what was not checked.
    fn rest(&self) -> Vec<Message> {
        let report = self.report;
        let is_error = report.compatibility == Compatibility::Incompatible;
        let line = |finding: &Finding| {
            let (verdict, path) = (finding.rule.verdict, report.path(finding));
            Note::new("also", format!("{verdict} [{}] {path}: {}", finding.rule.id, finding.detail))
        };
        let others: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| Level::of(finding) != Level::Error && finding.rule.id != NOT_CHECKED)
            .collect();
        let mut messages = Vec::new();
        if !is_error || !others.is_empty() {
            let title = match is_error {
                true => format!("what else changed in {} would pass", report.subject),
                false => format!("{}: {}", report.subject, report.compatibility),
            };
            let level = others.iter().map(|finding| Level::of(finding)).max().unwrap_or(Level::Note);
            let mut message = Message::plain(if is_error { Level::Note } else { level }, clean(&title));
            if !is_error {
                message.notes.extend(self.serializers());
            }
            message.notes.extend(others.iter().take(MOST_OTHERS).map(|finding| line(finding)));
            if others.len() > MOST_OTHERS {
                let more = format!("{} more; the short form has them all", others.len() - MOST_OTHERS);
                message.notes.push(Note::new("also", more));
            }
            messages.push(message);
        }
        let unseen: Vec<&Finding> = report.not_checked().collect();
        if !unseen.is_empty() {
            let title = format!("some of {} was not checked: typeser does not see inside opaque parts", report.subject);
            let mut message = Message::plain(Level::Note, clean(&title));
            message.notes.extend(unseen.iter().take(MOST_OTHERS).map(|finding| {
                let (path, name) = (report.path(finding), &finding.stored.type_name);
                Note::new("not checked", format!("{path}: `{name}`, whose declared name and version are as stored"))
            }));
            if unseen.len() > MOST_OTHERS {
                message.notes.push(Note::new("not checked", format!("{} more", unseen.len() - MOST_OTHERS)));
            }
            message
                .helps
                .push(Help { text: "count its version up whenever its stored form changes".to_owned(), code: None });
            messages.push(message);
        }
        messages
    }

    /// The new code first, where it is known; then what was stored.
    fn views(&self, finding: &Finding) -> Vec<View> {
        let report = self.report;
        let role = report.role.word();
        let [stored_place, new_place] =
            [Which::Stored, Which::New].map(|which| place(report.snapshot(which), which, finding));
        let [stored_label, new_label] = labels(report, finding, stored_place, new_place);
        let mut views = Vec::new();
        let location = report.location(finding);
        let line = location.and_then(|at| line_at(report.source(at)?, at).map(|(line, mark)| (at, line, mark)));
        let is_type = new_place.line.is_some() && new_place.member(report.new_snapshot()).is_none();
        let in_source = line.is_some();
        match (location, line) {
            (_, Some((at, text, mark))) => {
                let label = if is_type { new_label.clone() } else { String::from("declared here") };
                let title = Title::File { name: at.file.to_owned(), line: at.line as usize };
                views.push(View::code(Some(title), Excerpt::line(text, mark), label, true));
            }
            (Some(at), None) => views.push(View::Place(place_of(at))),
            (None, None) => {}
        }
        if !in_source || !is_type {
            let excerpt = self.new.excerpt(new_place, role);
            let title = Title::Words(String::from("the new serializer"));
            views.push(View::code(Some(title), excerpt, new_label, true));
        }
        let origin = match &report.origin {
            Some(origin) => format!("the stored serializer, in {origin}"),
            None => String::from("the stored serializer"),
        };
        let excerpt = self.stored.excerpt(stored_place, role);
        views.push(View::code(Some(Title::Words(clean(&origin))), excerpt, stored_label, false));
        views
    }

    fn serializers(&self) -> [Note; 2] {
        let report = self.report;
        let stored = match &report.origin {
            Some(origin) => format!("{}, in {origin}", report.stored),
            None => report.stored.to_string(),
        };
        [Note::new("stored", stored), Note::new("new", report.new.to_string())]
    }

    fn witness(&self, finding: &Finding) -> Option<Note> {
        let witness = self.witnesses.witness(finding)?;
        let says = match (witness.claim, witness.examples.len()) {
            (Claim::NoCounterpart, _) => "for which there is no new value",
            (Claim::Collision, 1) => "in which two would become one",
            (Claim::Collision, _) => "both of which would become one",
            (Claim::Touched, _) => "that this is about",
        };
        let [first, more @ ..] = witness.examples.as_slice() else { return None };
        let mut note = Note::new("witness", format!("a stored value {says}: {}", shown(first)));
        note.lines.extend(more.iter().map(|example| format!("and {}", shown(example))));
        Some(note)
    }
}

impl Message {
    fn plain(level: Level, title: String) -> Self {
        Self { level, rule: None, title, views: Vec::new(), notes: Vec::new(), helps: Vec::new() }
    }
}

impl View {
    fn code(title: Option<Title>, excerpt: Excerpt, label: String, primary: bool) -> Self {
        let Excerpt { text, context, mark } = excerpt;
        Self::Code { title, text, context, mark, label: clean(&label), primary }
    }
}

impl Excerpt {
    fn line(text: &str, mark: Range<usize>) -> Self {
        Self { text: text.to_owned(), context: Vec::new(), mark }
    }
}

impl Note {
    fn new(name: &'static str, text: impl AsRef<str>) -> Self {
        Self { name, lines: vec![clean(text.as_ref())] }
    }
}

/// What to write under the marks of both sides.
fn labels(report: &Report, finding: &Finding, stored: Place, new: Place) -> [String; 2] {
    let [was, now] = [&finding.stored, &finding.new];
    let more = finding.chain.last().and_then(|link| finding.path.segments().get(link.depth..)).unwrap_or_default();
    let Some(last) = more.last() else {
        return match (stored.part, new.part) {
            (Part::Name, Part::Name) => [
                format!("`{}` version {} was stored", was.type_name, was.version.unwrap_or(1)),
                format!("`{}` version {} is used now", now.type_name, now.version.unwrap_or(1)),
            ],
            _ => [format!("`{}` was stored", was.type_name), format!("`{}` is used now", now.type_name)],
        };
    };
    let (kind, name) = match last {
        PathSegment::Field(name) => ("field", name),
        PathSegment::Variant(name) => ("variant", name),
        _ => return [String::from("stored"), String::from("new")],
    };
    let is_member = |place: Place, which| {
        let member = place.member(report.snapshot(which)).is_some();
        member
            && matches!(
                (place.line, last),
                (Some(crate::schema::Line::Field(..)), PathSegment::Field(_))
                    | (Some(crate::schema::Line::Variant(..)), PathSegment::Variant(_))
            )
    };
    match (is_member(stored, Which::Stored), is_member(new, Which::New)) {
        (true, false) => [format!("this {kind} was stored"), format!("has no {kind} `{name}` now")],
        (false, true) => [format!("had no {kind} `{name}`"), format!("this {kind} is new")],
        _ => [String::from("stored under this name"), String::from("stands for it now")],
    }
}

/// The types on the way from the finding to the top.
fn chain(report: &Report, steps: &[CauseStep]) -> Option<Note> {
    if steps.len() < 2 {
        return None;
    }
    let line = |step: &CauseStep| {
        let CauseStep { path, stored, new } = step;
        let types = if stored == new { format!("`{stored}`") } else { format!("`{stored}`, now `{new}`") };
        clean(&format!("{}{path}: {types}", report.role))
    };
    let mut lines: Vec<String> = steps.iter().map(line).collect();
    if lines.len() > MOST_STEPS + 2 {
        let left_out = lines.len() - MOST_STEPS - 1;
        lines.splice(MOST_STEPS..MOST_STEPS + left_out, [format!("... {left_out} more ...")]);
    }
    Some(Note { name: "inside", lines })
}

fn also(report: &Report, others: &[(&Teller<'_>, &Finding)]) -> Note {
    let mut lines: Vec<String> = others
        .iter()
        .take(MOST_PLACES)
        .map(|(teller, finding)| {
            let path = teller.report.path(finding);
            match teller.report.state.is_some() || teller.report.subject == report.subject {
                true => clean(&path),
                false => clean(&format!("{}: {path}", teller.report.subject)),
            }
        })
        .collect();
    if others.len() > MOST_PLACES {
        lines.push(format!("and {} more", others.len() - MOST_PLACES));
    }
    Note { name: "also affected by this cause", lines }
}

fn shown(example: &Example) -> String {
    let value = clean(&shortened(&example.value.to_string(), MOST_VALUE));
    let count = example.bytes.len();
    if count == 0 {
        return format!("`{value}` (no bytes)");
    }
    let bytes: Vec<String> = example.bytes.iter().take(MOST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if count > MOST_BYTES { format!(" ... of {count} bytes") } else { String::new() };
    format!("`{value}` (bytes {}{more})", bytes.join(" "))
}

fn place_of(at: Location) -> String {
    format!("{}:{}:{}", at.file, at.line, at.column)
}

/// Code to paste: line breaks stay.
fn code(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}
