//! Names from a savepoint, a snapshot or a path are text, and nothing else: they never control a terminal, begin a line
//! of their own, or are commands for the CI system that reads the log.

use std::fs;
use std::process::Stdio;

use typeser::golden::Goldens;
use typeser::resolve::Role;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain;

use crate::runner::Place;
use crate::zoo::files;

/// An escape sequence, line breaks, a character that turns the direction of text, one that XML does not allow, and
/// commands for three CI systems, each at places where a line may be broken.
const EVIL: &str = "::error::a\n##[error]b\r\u{1b}]0;c\u{7}\u{1b}[31m\u{202e}\u{fffe}\u{85} ##vso[task.complete]d ::add-mask::e \
                    ::error file=a::f ##teamcity[g] ::stop-commands::h \u{9b}31m ::error::i \u{2028}::error::j ::k";

const FORMATS: [&str; 9] = ["human", "short", "json", "jsonl", "github", "gitlab", "junit", "sarif", "markdown"];

/// Runs the command, and checks every line of its output.
fn check(place: &Place, words: &[&str]) -> String {
    let mut all = String::new();
    for columns in ["60", "140", ""] {
        let mut command = place.command();
        command.args(words).stdin(Stdio::null()).env("COLUMNS", columns);
        let ended = command.output().unwrap();
        for (stream, bytes) in [("stdout", ended.stdout), ("stderr", ended.stderr)] {
            let text = String::from_utf8(bytes).unwrap();
            for line in text.lines() {
                let problem = problem_of(line, words.contains(&"github"));
                assert_eq!(problem, None, "{words:?} {stream}, {columns} columns: {line:?}");
            }
            all.push_str(&text);
        }
    }
    all
}

fn problem_of(line: &str, is_github: bool) -> Option<&'static str> {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let begin = line.trim_start();
    let hashes = begin.strip_prefix("##").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
    let is_ours = is_github
        && ["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command))
        && line.matches("::").count() >= 2;
    if line.contains(is_unseen) {
        Some("a character that cannot be seen")
    } else if hashes.is_some_and(|rest| rest.starts_with('[')) || (begin.starts_with("::") && !is_ours) {
        Some("a command")
    } else {
        None
    }
}

/// A savepoint of an operator and two states with evil names, keys and values.
fn savepoint(place: &Place) -> String {
    let mut operator = Operator::<String>::new(EVIL).unwrap();
    let values = operator.value::<String>(EVIL).unwrap();
    let entries = operator.map::<String, String>(&format!("map {EVIL}")).unwrap();
    let timers = operator.timers::<String>(&format!("timers {EVIL}")).unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&EVIL.to_owned()).unwrap();
    values.update(&mut state, &EVIL.to_owned()).unwrap();
    entries.put(&mut state, &EVIL.to_owned(), &EVIL.to_owned()).unwrap();
    state.set_current_namespace(&EVIL.to_owned()).unwrap();
    timers.register(&mut state, TimeDomain::EventTime, 7).unwrap();
    let folder = place.path().join("savepoint");
    Savepoint::create(&folder).unwrap().operator(&state).unwrap().finish().unwrap();
    folder.display().to_string()
}

#[test]
fn of_a_savepoint() {
    let place = Place::new();
    let savepoint = savepoint(&place);
    let savepoint = savepoint.as_str();
    let mut printed = 0;
    for words in [
        &["state", "ls", savepoint][..],
        &["state", "ls", savepoint, "--format", "jsonl"],
        &["state", "cat", savepoint],
        &["state", "cat", savepoint, "--format", "jsonl"],
        &["state", "cat", savepoint, "--key", EVIL, "--operator", EVIL],
        &["state", "cat", savepoint, "--state", EVIL, "--key", "nope\n::error::x"],
        &["state", "cat", savepoint, "--state", "nope\n::error::x"],
        &["state", "cat", savepoint, "--operator", "nope\n::error::x"],
        &["state", "cat", savepoint, "--greatest", EVIL],
        &["state", "timers", savepoint],
        &["state", "timers", savepoint, "--format", "jsonl"],
        &["inspect", savepoint],
        &["inspect", savepoint, "--format", "json"],
        &["state", "edit", savepoint, "--rename-operator", EVIL, "b\n::error::x", "--dry-run"],
        &["state", "edit", savepoint, "--remove-state", EVIL, "::error::x", "--dry-run"],
        &["state", "edit", savepoint, "--max-parallelism", EVIL, "7", "--dry-run"],
        &["state", "edit", savepoint, "--remove-operator", EVIL, "--output", "::error::x"],
        &["state", "snapshots", savepoint, "--output", "snapshots\n::error::x"],
        &["rekey", savepoint, "--operator", EVIL, "--to", "::error::x", "--dry-run"],
        &["rekey", savepoint, "--operator", "::error::x\n::error::x", "--to", "snapshots\n::error::x", "--dry-run"],
        &["migrate", savepoint, "--to", "snapshots\n::error::x", "--dry-run"],
    ] {
        printed += check(&place, words).len();
    }
    assert!(printed > 10_000, "{printed}");
}

#[test]
fn of_snapshots_and_goldens() {
    let name = serde_json::to_string(EVIL).unwrap();
    // Where a type is expected, a name is quoted.
    let escaped: String = EVIL
        .chars()
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c.to_string() } else { c.escape_unicode().to_string() })
        .collect();
    let root = serde_json::to_string(&format!("\"{escaped}\"")).unwrap();
    let of = |ty: &str, others: &str| {
        format!(
            "{{\"typeser-snapshot\": 1, \"root\": {root}, \"types\": [{{\"struct\": {root}, \"fields\": [\n\
             {{\"name\": {name}, \"type\": \"{ty}\"}}{others}]}}]}}"
        )
    };
    let old = of("string", ", {\"name\": \"::error::old ::error::x\", \"type\": \"u8\"}");
    let new = of("u8", ", {\"name\": \"##[error]new ##[error]x\", \"type\": \"option<string>\"}");
    let releases = [
        ("1.0.0", vec![("orders", Role::Value, old.clone())]),
        ("1.1.0", vec![("orders", Role::Value, new.clone()), ("users", Role::Key, old.clone())]),
    ];
    let place = Place::new().goldens("golden", &releases).file("old\n::error::x.json", &old).file("new.json", &new);
    assert!(Goldens::from_files(&files(&releases)).is_ok());
    let mut printed = 0;
    for format in FORMATS {
        printed += check(&place, &["diff", "old\n::error::x.json", "new.json", "--format", format]).len();
        printed += check(&place, &["check", "golden", "--format", format, "--direction", "full"]).len();
    }
    for words in [
        &["inspect", "old\n::error::x.json"][..],
        &["inspect", "old\n::error::x.json", "--format", "json"],
        &["inspect", "nowhere\n::error::x"],
        &["diff", "nowhere\n::error::x", "new.json"],
        &["golden", "list"],
        &["golden", "list", "--format", "json"],
        &["golden", "verify", "nowhere\n::error::x"],
        &["check", "nowhere\n::error::x"],
        &["check", "golden", "--state", "::error::x\n::error::x"],
        &["accept", "0123456789abcdef", "--reason", "::error::x\n::error::x", "--in", "golden"],
        &["explain", "::error::x\n::error::x"],
        &["guide", "::error::x\n::error::x"],
    ] {
        printed += check(&place, words).len();
    }
    assert!(printed > 10_000, "{printed}");
    // The XML is one that parsers take.
    let xml = check(&place, &["check", "golden", "--format", "junit"]);
    assert!(!xml.contains(['\u{fffe}', '\u{ffff}']), "{xml}");
    fs::remove_dir_all(place.path().join("golden")).unwrap();
}
