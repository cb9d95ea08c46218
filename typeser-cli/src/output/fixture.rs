//! One set of findings for the tests of all formats: odd names, accepted ones, problems, remarks.

use typeser::SerializerSnapshot;
use typeser::report::{FindingId, Report};
use typeser::resolve::{Compatibility, Policy, Role, resolve};

use super::comparison::{Acceptance, Comparison, File, Pair, Problem, Side};
use super::lines::Text;
use super::place::Place;

/// A name with everything that some format must escape.
pub(super) const ODD: &str = "a \"b\" % <c> ]]> | `d` *e* größe\n::error::x";

/// A snapshot in its JSON form, as a golden holds it.
fn json(types: &str) -> String {
    let text = format!(
        "{{\n  \"typeser-snapshot\": 1,\n  \"name\": \"Order\",\n  \"version\": 1,\n  \"integers\": \"fixed\",\n  \"root\": \"Order\",\n  \"types\": [\n    {types}\n  ]\n}}\n"
    );
    SerializerSnapshot::from_json(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    text
}

fn order(fields: &[(&str, &str)]) -> String {
    let field = |(name, ty): &(&str, &str)| {
        format!("\n      {{\"name\": {}, \"type\": \"{ty}\"}}", serde_json::Value::from(*name))
    };
    let fields: Vec<String> = fields.iter().map(field).collect();
    json(&format!("{{\"struct\": \"Order\", \"version\": 1, \"fields\": [{}\n    ]}}", fields.join(",")))
}

/// The releases 1.0, 1.1 and 2.0 of a state, all against all; 2.0 is asked to read the others.
pub(super) struct State<'a> {
    pub(super) name: &'a str,
    pub(super) role: Role,
    pub(super) releases: [String; 3],
}

impl State<'_> {
    pub(super) fn pairs(&self) -> Vec<Pair> {
        let names = ["1.0", "1.1", "2.0"];
        let folder: String = self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '%' }).collect();
        let side = |at: usize| Side {
            release: names[at].to_owned(),
            file: Some(File {
                path: format!("golden/{}/{folder}.{}.json", names[at], self.role),
                text: Text::held(self.releases[at].clone()),
            }),
        };
        let snapshot = |at: usize| SerializerSnapshot::from_json(&self.releases[at]).unwrap();
        let mut pairs = Vec::new();
        for writer in 0..3 {
            for reader in (0..3).filter(|reader| *reader != writer) {
                let resolution = resolve(&snapshot(writer), &snapshot(reader), self.role, &Policy::default());
                let report = Report::new(format!("{} of state `{}`", self.role, self.name), &resolution);
                pairs.push(Pair {
                    state: self.name.to_owned(),
                    role: self.role,
                    writer: side(writer),
                    reader: side(reader),
                    is_rollback: reader < writer,
                    is_asked: reader == 2,
                    report: report.with_state(self.name),
                    accepted: Vec::new(),
                    pin: None,
                });
            }
        }
        pairs
    }
}

/// Nothing but safe changes.
pub(super) fn fine() -> Comparison {
    let old = order(&[("id", "u32"), ("note", "string")]);
    let new = order(&[("note", "string"), ("id", "u32")]);
    let state = State { name: "orders", role: Role::Value, releases: [old.clone(), old, new] };
    Comparison {
        command: "check",
        compared: String::from("checked 1 state against 2 releases (1.0 ... 1.1)"),
        about: String::from("golden"),
        releases: ["1.0", "1.1", "2.0"].map(str::to_owned).to_vec(),
        fail_on: Compatibility::Incompatible,
        levels: super::Levels::default(),
        reports_safe: false,
        pairs: state.pairs(),
        problems: Vec::new(),
        remarks: Vec::new(),
        today: None,
        typed: Vec::new(),
        settings: None,
    }
}

/// Findings that fail, one that was accepted, one with a loss, odd names, two problems, a remark.
pub(super) fn full() -> Comparison {
    let mut comparison = fine();
    let odd = |ty: &str| order(&[(ODD, ty), ("at", "u64")]);
    let failing = State { name: ODD, role: Role::Value, releases: [odd("u64"), odd("u64"), odd("u32")] };
    let plain = |ty: &str| order(&[("id", ty)]);
    let accepted = State { name: "orders", role: Role::Key, releases: [plain("u32"), plain("u64"), plain("u64")] };
    comparison.pairs.extend(failing.pairs());
    let mut accepted = accepted.pairs();
    for pair in &mut accepted {
        pair.accepted = pair.report.findings().iter().map(|finding| acceptance(&pair.report, finding)).collect();
    }
    comparison.pairs.extend(accepted);
    let lossy = json(
        "{\"struct\": \"Order\", \"version\": 1, \"removed\": [\"note\"], \"fields\": [\n      {\"name\": \"id\", \"type\": \"u32\"}\n    ]}",
    );
    let whole = order(&[("id", "u32"), ("note", "string")]);
    let losing = State { name: "notes", role: Role::ListElement, releases: [whole.clone(), whole, lossy] };
    comparison.pairs.extend(losing.pairs());
    comparison.compared = String::from("checked 4 states against 2 releases (1.0 ... 1.1)");
    comparison.problems = vec![
        Problem {
            kind: "stale-acceptance",
            message: String::from("the accepted finding 0123456789abcdef is not found any more"),
            details: vec![String::from("accepted by Ada on 2026-01-02: nobody reads \"it\"")],
            help: String::from("take it out of the ledger: typeser accept --remove 0123456789abcdef"),
            place: Some(Place { file: String::from("golden/accepted.json"), line: 7, column: None }),
            ..Problem::default()
        },
        Problem {
            kind: "state-removed",
            state: Some((ODD.to_owned(), Role::Timer)),
            message: String::from("1.1 recorded it, 2.0 does not list it"),
            help: String::from("list it, or declare that it is gone"),
            ..Problem::default()
        },
        Problem {
            kind: "history-diverges",
            state: Some((String::from("orders"), Role::Value)),
            message: String::from("`a` becomes 1 directly, and 2 through 1.1"),
            finding: Some(FindingId(7)),
            accepted: Some(Acceptance { finding: FindingId(7), until: None, ..acceptance_of(FindingId(7)) }),
            ..Problem::default()
        },
    ];
    comparison.settings = Some(String::from("settings of typeser.toml: fail-on, 2 pins"));
    comparison.remarks =
        vec![String::from("`2.0` is exactly what `1.1` recorded: 100 % the same,\nso nothing is compared")];
    comparison
}

fn acceptance(report: &Report, finding: &typeser::resolve::Finding) -> Acceptance {
    acceptance_of(report.id(finding))
}

fn acceptance_of(finding: FindingId) -> Acceptance {
    Acceptance {
        finding,
        reason: String::from("keys are \"rebuilt\" at 100 % on start ]]>"),
        author: String::from("Zoë <zoe@example.org>"),
        date: String::from("2026-11-21"),
        until: Some(String::from("2027-01-01")),
    }
}

/// One pair, as `diff` compares it, with safe changes reported.
pub(super) fn diff() -> Comparison {
    let [old, new] = [order(&[("id", "u32"), ("note", "string")]), order(&[("id", "u64"), ("note", "string")])];
    let state = State { name: "orders", role: Role::Value, releases: [old.clone(), old, new] };
    let mut pairs = state.pairs();
    pairs.retain(|pair| (pair.writer.release.as_str(), pair.reader.release.as_str()) == ("1.0", "2.0"));
    let compared = String::from("compared old.json with new.json as value");
    Comparison { command: "diff", compared, reports_safe: true, pairs, about: String::from("new.json"), ..fine() }
}

/// Nothing at all.
pub(super) fn nothing() -> Comparison {
    let compared = String::from("checked 0 states against 0 releases");
    Comparison { compared, pairs: Vec::new(), releases: Vec::new(), ..fine() }
}

/// All of them, by name.
pub(super) fn all() -> [(&'static str, Comparison); 4] {
    [("full", full()), ("fine", fine()), ("diff", diff()), ("nothing", nothing())]
}
