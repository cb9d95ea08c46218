//! Sources of snapshots, and errors when reading them.

use std::process::Command;

use crate::runner::{Place, TYPESER, kept};

const ORDER: &str = "golden/snapshot/v1/order";

#[test]
fn all_three_forms_are_recognised_by_their_content() {
    let place = Place::new()
        .file("a", kept(&format!("{ORDER}.bin")))
        .file("b", kept(&format!("{ORDER}.json")))
        .file("c", kept(&format!("{ORDER}.txt")));
    for (one, other) in [("a", "b"), ("b", "c"), ("c", "a")] {
        let output = place.run(&format!("diff {one} {other}"));
        assert!(output.contains(", compatible: nothing fails") && output.ends_with("--- exit 0\n"), "{output}");
    }
    let first = |name: &str| place.run(&format!("inspect {name}")).lines().nth(2).unwrap().to_owned();
    assert_eq!([first("a"), first("b"), first("c")], ["snapshot a (binary)", "snapshot b (JSON)", "snapshot c (text)"]);
}

#[test]
fn a_byte_order_mark_is_ignored() {
    for kind in ["json", "txt"] {
        let marked = [b"\xef\xbb\xbf".to_vec(), kept(&format!("{ORDER}.{kind}"))].concat();
        let output = Place::new().file("marked", marked).run("inspect marked");
        assert!(output.ends_with("--- exit 0\n"), "{output}");
    }
}

#[test]
fn a_dash_is_standard_input() {
    let place = Place::new().file("order.json", kept(&format!("{ORDER}.json")));
    for kind in ["bin", "json", "txt"] {
        let output = place.run_with("diff - order.json", &kept(&format!("{ORDER}.{kind}")));
        assert!(output.contains("compared standard input (Order") && output.ends_with("--- exit 0\n"), "{output}");
    }
}

#[test]
fn a_file_that_is_not_a_snapshot_is_refused_with_help() {
    let mut damaged = kept(&format!("{ORDER}.bin"));
    damaged[20] ^= 1;
    let cut = kept(&format!("{ORDER}.bin"))[..30].to_vec();
    let cases: [(&str, Vec<u8>); 17] = [
        ("empty", Vec::new()),
        ("spaces", b" \n".to_vec()),
        ("noise", vec![0, 159, 146, 150]),
        ("prose.md", b"# Orders\n".to_vec()),
        ("misspelled.txt", b"typesr-snapshot 1\nroot u64\n".to_vec()),
        ("damaged.snap", damaged),
        ("cut.snap", cut),
        ("cut-early.snap", b"\x89TSN".to_vec()),
        ("manifest.typeser", kept("golden/savepoint/v1/orders/manifest.typeser")),
        ("rows", kept("golden/savepoint/v1/orders/00000-00000-00127.rows")),
        ("manifest.txt", b"typeser golden 1\nend 0\n".to_vec()),
        ("samples.json", b"{\n  \"typeser-golden\": 1\n}\n".to_vec()),
        ("report.json", b"{ \"typeser-report\": 1 }".to_vec()),
        ("pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n".to_vec()),
        ("utf-16.json", b"\xff\xfe{\0".to_vec()),
        ("array.json", b"[]".to_vec()),
        ("folder/order.json", b"{}".to_vec()),
    ];
    let mut place = Place::new();
    for (name, content) in &cases {
        place = place.file(name, content);
    }
    let mut all = String::new();
    let names = cases.iter().map(|(name, _)| *name).filter(|name| *name != "manifest.typeser");
    for name in names.chain(["folder", "missing.json", "no/such/folder.json"]) {
        let output = place.run(&format!("diff {name} array.json"));
        assert!(output.ends_with("--- exit 101\n"), "{output}");
        all.push_str(&output);
    }
    all.push_str(&place.run("inspect manifest.typeser"));
    insta::assert_snapshot!(all);
}

#[test]
fn errors_in_json_and_text_are_shown_in_place() {
    let cases = [
        ("key.json", "{\n  \"typeser-snapshot\": 1,\n  \"roots\": \"u64\"\n}\n"),
        ("comma.json", "{\n  \"typeser-snapshot\": 1\n  \"root\": \"u64\"\n}\n"),
        ("version.json", "{\"typeser-snapshot\": 9, \"root\": \"u64\"}\n"),
        (
            "kind.json",
            "{\"typeser-snapshot\": 1, \"root\": \"Order\", \"types\": [\n  {\"strukt\": \"Order\", \"fields\": []}\n]}\n",
        ),
        (
            "type.json",
            "{\"typeser-snapshot\": 1, \"root\": \"Order\", \"types\": [\n\t{\"struct\": \"Order\", \"fields\": [{\"name\": \"id\", \"type\": \"list<u46>\"}]}\n]}\n",
        ),
        (
            "name.json",
            "{\"typeser-snapshot\": 1, \"root\": \"Ordre\", \"types\": [\n  {\"struct\": \"Order\", \"fields\": []}\n]}\n",
        ),
        (
            "field.json",
            "{\"typeser-snapshot\": 1, \"root\": \"Order\", \"types\": [\n  {\"struct\": \"Order\", \"fields\": [{\"name\": \"id\", \"typ\": \"u64\"}]}\n]}\n",
        ),
        (
            "hint.json",
            "{\"typeser-snapshot\": 1, \"root\": \"Order\", \"types\": [\n  {\"struct\": \"Order\", \"fields\": [{\"name\": \"id\", \"type\": \"u64\", \"defualt\": \"0x00\"}]}\n]}\n",
        ),
        (
            "long.json",
            "{\"typeser-snapshot\": 1, \"root\": \"Order\", \"types\": [{\"struct\": \"Order\", \"fields\": [{\"name\": \"customer\", \"type\": \"strng\"}, {\"name\": \"remark\", \"type\": \"string\"}, {\"name\": \"number\", \"type\": \"u64\"}]}]}\n",
        ),
        ("hint.txt", "typeser-snapshot 1\nroot Order\n\nstruct Order v1\n  id u64\n    @defalt 0x00\n"),
        ("word.txt", "typeser-snapshot 1\nroot Order\n\nstrct Order v1\n  id u64\n"),
        ("type.txt", "typeser-snapshot 1\nroot Order\n\nstruct Order v1\n  id u46\n"),
    ];
    let mut all = String::new();
    for (name, content) in cases {
        let output = Place::new().file(name, content).run(&format!("inspect {name}"));
        assert!(output.ends_with("--- exit 101\n"), "{output}");
        all.push_str(&output);
    }
    insta::assert_snapshot!(all);
}

/// A repository with two commits; the file differs.
fn repository() -> Place {
    let place = Place::new().file("state/order.json", kept(&format!("{ORDER}.json")));
    git(&place, &["init", "--quiet", "--initial-branch", "main"]);
    git(&place, &["add", "."]);
    git(&place, &["commit", "--quiet", "--message", "one"]);
    let place = place.file("state/order.json", "{\"typeser-snapshot\": 1, \"root\": \"u8\"}");
    git(&place, &["commit", "--quiet", "--all", "--message", "two"]);
    place
}

fn git(place: &Place, words: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false"]);
    assert!(command.args(words).current_dir(place.path()).status().unwrap().success(), "git {words:?}");
}

#[test]
fn revisions_are_read_from_git() {
    let place = repository();
    insta::assert_snapshot!(place.run("diff HEAD~1:state/order.json state/order.json --format short"));
    // A file of that name takes precedence.
    let place = place.file("HEAD~1:state/order.json", "{\"typeser-snapshot\": 1, \"root\": \"u8\"}");
    let output = place.run("diff HEAD~1:state/order.json state/order.json");
    assert!(output.contains(", compatible: nothing fails"), "{output}");
}

#[test]
fn a_path_unknown_to_git_is_refused_with_help() {
    let place = repository();
    let mut all = String::new();
    for name in ["HEAD:order.json", "HEAD:state", "nowhere:state/order.json", "HEAD:"] {
        all.push_str(&place.run(&format!("diff {name} state/order.json")));
    }
    all.push_str(&Place::new().run("inspect HEAD:order.json"));
    let place = Place::new().variable("PATH", "");
    all.push_str(&place.run("inspect HEAD:order.json"));
    insta::assert_snapshot!(all);
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let place = Place::new();
    for words in [&["rules"][..], &["explain", "kind-changed"], &["man"]] {
        let mut child = place.command().args(words).stdout(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{words:?}");
    }
}

/// A folder with a pipe in it is refused: opening the pipe would wait for a program that writes to it.
#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_refused() {
    let place = Place::new().file("golden/manifest.txt", "typeser golden 1\nend 0\n");
    assert!(Command::new("mkfifo").arg(place.path().join("golden/orders.value.json")).status().unwrap().success());
    let mut command = Command::new("timeout");
    let output = command.args(["20", TYPESER, "check", "golden"]).current_dir(place.path()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("orders.value.json: this is a pipe, a device or a socket"), "{error}");
    assert_eq!(output.status.code(), Some(101));
}
