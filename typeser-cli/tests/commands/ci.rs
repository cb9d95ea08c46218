//! `docs/ci.md` and our own `.ci/run`: their YAML is valid, their commands run, and the settings are valid.

use std::fs;
use std::path::Path;
use std::process::Command;

use saphyr::{LoadableYamlNode as _, Yaml};

use crate::runner::{Place, TYPESER, kept, repository};
use crate::zoo::{Release, bad, first, good, second};

/// The fenced blocks of a language in the page.
fn blocks(language: &str) -> Vec<String> {
    let page = String::from_utf8(kept("docs/ci.md")).unwrap();
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

fn yaml(text: &str) -> Yaml<'_> {
    let mut documents = Yaml::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn text(node: &Yaml<'_>) -> Option<String> {
    node.as_str().map(str::to_owned)
}

/// The scripts of a workflow of GitHub Actions, in their order.
fn steps(workflow: &Yaml<'_>, job: &str) -> Vec<String> {
    let steps = workflow["jobs"][job]["steps"].as_sequence().unwrap();
    for step in steps {
        let kinds = ["uses", "run"].iter().filter(|key| step.as_mapping_get(key).is_some()).count();
        assert_eq!(kinds, 1, "a step uses an action or runs a script: {step:?}");
    }
    steps.iter().filter_map(|step| step.as_mapping_get("run")).filter_map(text).collect()
}

/// A clone whose base branch has two releases, with today's types by a cargo that only copies them.
#[cfg(unix)]
fn clone(today: &Release) -> Place {
    let place = Place::new().goldens("golden", &[("1.0.0", first()), ("1.1.0", second())]).today("types", today);
    let place = place.cargo("cp types/* \"$TYPESER_GOLDEN_CURRENT\"");
    commit(&place);
    place
}

/// Commits the goldens of a place, as the main branch of its origin.
fn commit(place: &Place) {
    for words in [
        "init -q -b main",
        "add golden",
        "-c user.name=Ada -c user.email=ada@example.org commit -q -m release",
        "update-ref refs/remotes/origin/main HEAD",
    ] {
        assert!(Command::new("git").args(words.split(' ')).current_dir(place.path()).status().unwrap().success());
    }
}

/// Runs scripts as a CI does, each by a shell that stops at the first command that fails; gives the exit codes.
#[cfg(unix)]
fn run(place: &Place, scripts: &[String]) -> Vec<i32> {
    let path = std::env::join_paths(
        [Path::new(TYPESER).parent().unwrap().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    // Installing the command and fetching need a network; both are done here.
    let is_run = |script: &&String| !script.starts_with("cargo install ") && !script.starts_with("git fetch ");
    let run = |script: &String| {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", script]).current_dir(place.path());
        shell.env("PATH", path.as_ref().unwrap()).env("CI", "true").env("CARGO", "sh");
        shell.env("GITHUB_BASE_REF", "main").env("CI_DEFAULT_BRANCH", "main");
        shell.env("GITHUB_STEP_SUMMARY", place.path().join("summary.md"));
        shell.output().unwrap().status.code().unwrap()
    };
    scripts.iter().filter(is_run).map(run).collect()
}

#[test]
#[cfg(unix)]
fn the_workflow_for_github_runs() {
    let blocks = blocks("yaml");
    let workflow = yaml(&blocks[0]);
    let scripts = steps(&workflow, "goldens");
    let place = clone(&good());
    assert_eq!(run(&place, &scripts), [0, 0, 0, 0]);
    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap();
    assert!(read("summary.md").starts_with("## typeser check: passed\n"));
    assert!(read("typeser.sarif").contains("sarif-schema-2.1.0"));
    let place = clone(&bad());
    assert_eq!(run(&place, &scripts), [0, 0, 100, 0]);
    assert!(fs::read_to_string(place.path().join("summary.md")).unwrap().starts_with("## typeser check: failed\n"));
    // An old release is recorded again.
    let place = clone(&good()).goldens("golden", &[("1.0.0", second()), ("1.1.0", second())]);
    assert_eq!(run(&place, &scripts)[..2], [0, 100]);
}

#[test]
#[cfg(unix)]
fn the_job_for_gitlab_runs() {
    let blocks = blocks("yaml");
    let job = yaml(&blocks[1]);
    let job = &job["typeser"];
    let scripts: Vec<String> = ["before_script", "script"]
        .iter()
        .flat_map(|key| job[*key].as_sequence().unwrap().iter().map(|line| text(line).unwrap()))
        .collect();
    for (today, last) in [(good(), 0), (bad(), 100)] {
        let place = clone(&today);
        assert_eq!(run(&place, &scripts), [0, 0, 0, last]);
        for kind in ["codequality", "junit"] {
            let name = text(&job["artifacts"]["reports"][kind]).unwrap();
            assert!(place.path().join(&name).is_file(), "{name}");
        }
    }
}

#[test]
fn our_own_ci_checks_the_zoo() {
    let own = String::from_utf8(kept(".ci/run")).unwrap();
    let ours: Vec<&str> =
        own.lines().filter_map(|line| line.split_once("typeser-cli -- ")).map(|(_, words)| words).collect();
    assert_eq!(ours, ["golden verify golden/zoo", "check", "check --direction full --reach last"]);
    for words in ours {
        let output = Command::new(TYPESER).args(words.split(' ')).current_dir(repository()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn stale_entries_of_our_own_ledger_and_broken_pins_fail() {
    let mut place = Place::new();
    for folder in ["1.0.0", "1.1.0", "2.0.0", "2.1.0", ""] {
        let folder = format!("golden/zoo/{folder}");
        for entry in fs::read_dir(repository().join(&folder)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
                place = place.file(&name, fs::read(entry.path()).unwrap());
            }
        }
    }
    let [ledger, settings] =
        ["golden/zoo/accepted.json", "typeser.toml"].map(|name| String::from_utf8(kept(name)).unwrap());
    let place = place.file("typeser.toml", &settings);
    assert!(place.run("check --format short").ends_with("--- exit 0\n"));
    // From git, which returns many files per request, come the same.
    commit(&place);
    let output = place.run("check golden/zoo --against HEAD:golden/zoo --format short");
    assert!(output.contains("against 3 releases") && output.ends_with("--- exit 0\n"), "{output}");
    // A finding that no longer exists, as after a type was fixed.
    let place = place.file("golden/zoo/accepted.json", ledger.replacen("066079d54c440766", "066079d54c440767", 1));
    let output = place.run("check --format short");
    assert!(output.contains("error[stale-acceptance]") && output.ends_with("--- exit 100\n"), "{output}");
    let place = place.file("golden/zoo/accepted.json", ledger);
    // Keys with a worse verdict than the pin.
    let better = settings.replacen("\"after-reconfigure\"", "\"compatible\"", 1);
    let output = place.file("typeser.toml", better).run("check --format short");
    assert!(output.contains("error[pin-broken]") && output.ends_with("--- exit 100\n"), "{output}");
}

#[test]
fn the_zoo_prints_its_matrix() {
    let output = Command::new(TYPESER).arg("check").env("NO_COLOR", "1").current_dir(repository()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(String::from_utf8([output.stdout, output.stderr].concat()).unwrap());
}

#[test]
fn all_settings_of_the_page_are_valid() {
    let settings = blocks("toml").remove(0);
    let place =
        Place::new().goldens("golden", &[("1.0.0", first()), ("1.1.0", second())]).file("typeser.toml", settings);
    let output = place.run("check --format short");
    assert!(!output.contains("--- exit 2"), "{output}");
    assert!(place.path().join("typeser.xml").is_file(), "{output}");
}
