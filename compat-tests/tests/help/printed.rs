//! The lines that help prints, as people paste them. Each is in a type that is compiled and repairs its finding; a line
//! that nobody compiles fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use compat_tests::pairs::{self, Pair, QUESTIONS, Question, Side};
use typeser::resolve::{Compatibility, Finding, Fix, resolve};

/// Fixes that no pair offers, and the test that compiles what each prints.
const COMPILED_BY: [(&str, &str); 9] = [
    ("Alias", "newcomer.rs: mod rename"),
    ("ConvertWhole", "compat-tests/tests/roots.rs: new.with_conversion(\"counted\", counted)"),
    ("EarlierType", "compat-tests/tests/roots.rs: new.with_earlier_type::<Route>()"),
    ("InjectiveWhole", "compat-tests/tests/roots.rs: new.with_injective_conversion(\"split\", |key: String| (1, key))"),
    ("NoneValueOfWhole", "compat-tests/tests/roots.rs: new.with_none_value(&9)"),
    ("Was", "compat-tests/tests/roots.rs: #[state(was = (i64, u32))]"),
    ("KeepField", "situations.rs: mod a_field_of_a_merged_variant"),
    ("Injective", "situations.rs: fn by_a_function_are_offered_the_promise_that_it_lacks"),
    ("Migrate", "newcomer.rs: mod split_into_a_nested_struct"),
];

/// Fixes that are commands, and the test of the command that runs what each prints.
const RUN_BY: [(&str, &str); 1] =
    [("Rekey", "typeser-cli/tests/commands/savepoint.rs: fn the_command_that_help_prints_moves_the_keys")];

/// Fixes that print no line.
const TEXT_ALONE: [&str; 9] = [
    "Advice",
    "EarlierState",
    "KeepType",
    "KeepVariant",
    "KeepWhole",
    "NewerRelease",
    "Optional",
    "OtherUid",
    "ReadDownwards",
];

#[test]
fn every_printed_line_is_in_a_compiled_type_that_repairs_its_finding() {
    let mut unused: BTreeSet<&str> =
        pairs::all().iter().flat_map(|pair| sides(pair).skip(1)).map(|side| side.code).collect();
    let mut missing = BTreeMap::new();
    for pair in pairs::all() {
        for question in QUESTIONS {
            let resolution = pair.resolve(question);
            let refused =
                resolution.findings().iter().filter(|found| found.rule.verdict == Compatibility::Incompatible);
            for (finding, fix) in refused.flat_map(|found| found.fixes.iter().map(move |fix| (found, fix))) {
                // Calls on a serializer are compiled where the test of such calls makes them.
                let is_type = |code: &String| {
                    !code.contains("Serializer::new()?") && !RUN_BY.iter().any(|(kind, _)| *kind == kind_of(fix))
                };
                let Some(code) = fix.code().filter(is_type) else { continue };
                let compiled = sides(&pair).filter(|side| side.language == "rust" && holds(&code, side.code));
                let repairs = compiled.filter(|side| repairs(&pair, side, finding, question)).collect::<Vec<_>>();
                unused.retain(|code| !repairs.iter().any(|side| side.code == *code));
                if repairs.is_empty() {
                    missing.insert((pair.rule, code), format!("{}: {finding}", question.about));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no type in `pairs/RULE/` has these lines and repairs the finding: {missing:#?}");
    assert!(unused.is_empty(), "help prints no line of these types: {unused:#?}");
}

/// The types of a pair that have lines which help prints: the repaired one first.
fn sides(pair: &Pair) -> impl Iterator<Item = &Side> {
    pair.repaired.iter().chain(&pair.printed)
}

fn repairs(pair: &Pair, side: &Side, finding: &Finding, question: Question) -> bool {
    let policy = question.policy;
    let after = resolve(&pair.stored.snapshot, &side.snapshot, finding.role, &policy);
    !after.findings().iter().any(|other| other.rule == finding.rule && other.path == finding.path)
}

/// Whether each printed line is in a text, with anything in place of each `..`.
pub(super) fn holds(code: &str, text: &str) -> bool {
    let without_spaces = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let text = without_spaces(text);
    // A comment says how else it can be written.
    code.lines().filter(|line| !line.trim_start().starts_with("//")).all(|line| {
        let mut rest = text.as_str();
        without_spaces(line).split("..").all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    })
}

/// The kind of a fix: the name of its variant.
fn kind_of(fix: &Fix) -> String {
    let text = format!("{fix:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

#[test]
fn every_kind_of_fix_is_compiled_or_run_or_has_no_line() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let source = std::fs::read_to_string(repository.join("typeser/src/resolve/fix/mod.rs")).unwrap();
    let body = source.split("pub enum Fix {").nth(1).unwrap().split("\n}").next().unwrap();
    let is_variant = |line: &&str| line.starts_with("    ") && line.as_bytes()[4].is_ascii_uppercase();
    let kinds = body.lines().filter(|line| line.len() > 4).filter(is_variant);
    let kinds: BTreeSet<String> =
        kinds.map(|line| line.trim().split([' ', '(', ',']).next().unwrap().to_owned()).collect();
    assert!(kinds.len() > 20, "{kinds:?}");
    let mut reached: BTreeSet<String> = BTreeSet::new();
    for pair in pairs::all() {
        for question in QUESTIONS {
            let resolution = pair.resolve(question);
            let refused =
                resolution.findings().iter().filter(|found| found.rule.verdict == Compatibility::Incompatible);
            reached.extend(refused.flat_map(|found| &found.fixes).filter(|fix| fix.code().is_some()).map(kind_of));
        }
    }
    let elsewhere = COMPILED_BY.iter().chain(&RUN_BY);
    for (kind, test) in elsewhere.clone() {
        let (file, name) = test.split_once(": ").unwrap();
        let path = if file.contains('/') {
            repository.join(file)
        } else {
            repository.join("compat-tests/tests/help").join(file)
        };
        assert!(std::fs::read_to_string(&path).unwrap().contains(name), "{kind}: {test}");
    }
    reached.extend(elsewhere.map(|(kind, _)| (*kind).to_owned()));
    reached.extend(TEXT_ALONE.map(String::from));
    let missing: Vec<&String> = kinds.difference(&reached).collect();
    assert!(missing.is_empty(), "nothing compiles what these print: {missing:?}");
}
