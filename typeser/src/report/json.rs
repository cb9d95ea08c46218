//! The JSON form of reports: one versioned document, whose schema is `docs/report.schema.json`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::cause::FindingId;
use super::excerpt::Layout;
use super::level::Level;
use super::place::Sides;
use super::single::Report;
use super::witness::{Witness, Witnesses};
use crate::resolve::{Compatibility, Finding, Fix, SerializerName, Side};
use crate::snapshot::{Location, json_string as string};
use crate::text::hex;

/// The version of the JSON form that [`Report::to_json`] writes.
pub const JSON_VERSION: u32 = 1;

/// How many bytes of paths the chains of one report hold together, whatever the layouts.
const MOST_CHAINS: usize = 4 << 20;
/// How many more for each byte that the stored layout weighs.
const CHAINS_A_BYTE: usize = 16;

/// Writes the document, with a line break at the end.
pub(super) fn write(reports: &[&Report]) -> String {
    let worst = reports.iter().map(|report| report.compatibility).fold(Compatibility::Compatible, Compatibility::join);
    let mut json = Json::new();
    let mut causes: BTreeMap<FindingId, Vec<FindingId>> = BTreeMap::new();
    json.object(|json| {
        json.key("typeser-report").number(JSON_VERSION);
        json.key("verdict").string(verdict(worst));
        json.key("reports").array(reports, |json, report| of_report(json, report, &mut causes));
        let causes: Vec<_> = causes.iter().collect();
        json.key("causes").array(&causes, |json, (cause, findings)| {
            json.object(|json| {
                json.key("cause").string(&cause.to_string());
                json.key("findings").array(findings, |json, finding| json.string(&finding.to_string()));
            });
        });
    });
    json.text.push('\n');
    json.text
}

fn of_report(json: &mut Json, report: &Report, causes: &mut BTreeMap<FindingId, Vec<FindingId>>) {
    let sides = Sides::of(report.stored_snapshot(), report.new_snapshot());
    let layout = Layout::of(report.stored_snapshot());
    let witnesses = Witnesses::of(report.stored_snapshot(), report.new_snapshot());
    let weight = report.stored_snapshot().schema().weight();
    let mut chains = MOST_CHAINS.saturating_add(weight.saturating_mul(CHAINS_A_BYTE));
    json.object(|json| {
        json.key("subject").string(&report.subject);
        json.key("state").optional(report.state.as_deref());
        json.key("role").string(report.role.word());
        json.key("verdict").string(verdict(report.compatibility));
        json.key("stored").object(|json| {
            serializer(json, &report.stored);
            json.key("origin").optional(report.origin.as_deref());
        });
        json.key("new").object(|json| {
            serializer(json, &report.new);
            json.key("location");
            location(json, report.new_snapshot().location(crate::schema::NodeId::ROOT));
        });
        json.key("findings").array(&report.findings, |json, finding| {
            let cause = report.cause(finding, &sides, &layout);
            causes.entry(cause).or_default().push(report.id(finding));
            of_finding(json, report, finding, cause, witnesses.witness(finding).as_ref(), &mut chains);
        });
        let unseen: Vec<&Finding> = report.not_checked().collect();
        json.key("not_checked").array(&unseen, |json, finding| json.string(&report.path(finding)));
    });
}

fn of_finding(
    json: &mut Json,
    report: &Report,
    finding: &Finding,
    cause: FindingId,
    witness: Option<&Witness>,
    chains: &mut usize,
) {
    let rule = finding.rule;
    let path = report.path(finding);
    let chain = match chains.checked_sub(path.len() * finding.chain.len()) {
        Some(left) => {
            *chains = left;
            report.cause_chain(finding)
        }
        None => report.innermost(finding, 1),
    };
    json.object(|json| {
        json.key("id").string(&report.id(finding).to_string());
        json.key("cause").string(&cause.to_string());
        json.key("rule").string(rule.id);
        json.key("level").string(Level::of(finding).word());
        json.key("verdict").string(verdict(rule.verdict));
        json.key("loses").boolean(rule.loses);
        json.key("path").string(&path);
        json.key("message").string(&finding.detail);
        json.key("title").string(rule.title);
        json.key("reason").string(rule.reason);
        json.key("consequence").string(rule.consequence);
        json.key("note").optional(finding.note.as_deref());
        json.key("location");
        location(json, report.location(finding));
        json.key("stored").object(|json| side(json, &finding.stored));
        json.key("new").object(|json| side(json, &finding.new));
        json.key("chain").array(&chain, |json, step| {
            json.object(|json| {
                json.key("path").string(&format!("{}{}", report.role, step.path));
                json.key("stored").string(&step.stored);
                json.key("new").string(&step.new);
            });
        });
        json.key("fixes").array(&finding.fixes, |json, fix| self::fix(json, report, fix));
        let guess = finding.fixes.iter().find_map(Fix::rename);
        json.key("rename_guess").optional(guess);
        json.key("help").string(rule.help);
        json.key("witness");
        match witness {
            Some(witness) => self::witness(json, witness),
            None => json.raw("null"),
        }
    });
}

fn verdict(verdict: Compatibility) -> &'static str {
    match verdict {
        Compatibility::Compatible => "compatible",
        Compatibility::AfterReconfigure => "after-reconfigure",
        Compatibility::RequiresMigration => "requires-migration",
        Compatibility::Incompatible => "incompatible",
    }
}

fn serializer(json: &mut Json, serializer: &SerializerName) {
    json.key("name").string(&serializer.name);
    json.key("version").number(serializer.version);
    json.key("fingerprint").string(&serializer.fingerprint.to_string());
}

fn side(json: &mut Json, side: &Side) {
    json.key("type").string(&side.type_name);
    json.key("version");
    match side.version {
        Some(version) => json.number(version),
        None => json.raw("null"),
    }
}

fn location(json: &mut Json, location: Option<Location>) {
    match location {
        None => json.raw("null"),
        Some(at) => json.object(|json| {
            json.key("file").string(at.file);
            json.key("line").number(at.line);
            json.key("column").number(at.column);
        }),
    }
}

fn fix(json: &mut Json, report: &Report, fix: &Fix) {
    json.object(|json| {
        json.key("text").string(&fix.text());
        json.key("code").optional(report.code(fix).as_deref());
        json.key("certain").boolean(!fix.is_guess());
    });
}

fn witness(json: &mut Json, witness: &Witness) {
    json.object(|json| {
        json.key("claim").string(witness.claim.word());
        json.key("examples").array(&witness.examples, |json, example| {
            json.object(|json| {
                json.key("value").raw(&example.value.to_json());
                json.key("text").string(&example.value.to_string());
                let bytes = hex::encode(&example.bytes);
                json.key("bytes").string(&bytes);
            });
        });
    });
}

/// JSON on its way: a key a line, in the order in which it is written.
struct Json {
    text: String,
    depth: usize,
    /// Whether the innermost object or array already has an item.
    follows: bool,
}

impl Json {
    fn new() -> Self {
        Self { text: String::new(), depth: 0, follows: false }
    }

    fn key(&mut self, key: &str) -> &mut Self {
        self.line();
        _ = write!(self.text, "\"{key}\": ");
        self
    }

    fn object(&mut self, inside: impl FnOnce(&mut Self)) {
        self.text.push('{');
        self.inside(inside);
        self.text.push('}');
    }

    fn array<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.text.push('[');
        if items.is_empty() {
            self.text.push(']');
            return;
        }
        self.inside(|json| {
            for item in items {
                json.line();
                each(json, item);
            }
        });
        self.text.push(']');
    }

    fn string(&mut self, text: &str) {
        self.text.push_str(&string(text));
    }

    fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.raw("null"),
        }
    }

    fn number(&mut self, number: u32) {
        _ = write!(self.text, "{number}");
    }

    fn boolean(&mut self, is: bool) {
        _ = write!(self.text, "{is}");
    }

    fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    fn inside(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.follows = false;
        write(self);
        self.depth -= 1;
        self.follows = true;
        self.text.push('\n');
        self.indent();
    }

    fn line(&mut self) {
        if self.follows {
            self.text.push(',');
        }
        self.follows = true;
        self.text.push('\n');
        self.indent();
    }

    fn indent(&mut self) {
        _ = write!(self.text, "{:width$}", "", width = self.depth * 2);
    }
}
