//! `typeser check`.

use std::process::Command;

use typeser::resolve::Role;

use crate::runner::Place;
use crate::zoo::{bad, failing, first, good, order, passing, second};

#[test]
fn goldens_that_pass() {
    insta::assert_snapshot!(passing().run("check"));
}

#[test]
fn goldens_that_fail() {
    insta::assert_snapshot!(failing().run("check golden"));
}

#[test]
fn todays_types_against_goldens() {
    let goldens = [("1.0.0", first()), ("1.1.0", second())];
    let place = Place::new().goldens("golden", &goldens).today("today", &good()).today("bad", &bad());
    insta::assert_snapshot!(
        [place.run("check today"), place.run("check bad --against golden --format short")].concat()
    );
}

/// A repository whose first commit has two releases, with what is in the folder committed.
fn repository(place: &Place) {
    let git = |words: &[&str]| {
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
        let output = Command::new("git").args(identity).args(words).current_dir(place.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "--all"]);
    git(&["commit", "-q", "-m", "release"]);
}

#[test]
fn a_new_release_against_what_the_main_branch_has() {
    let old = [("1.0.0", first()), ("1.1.0", second())];
    let place = Place::new().goldens("golden", &old);
    repository(&place);
    let place = place.goldens("golden", &[("1.0.0", first()), ("1.1.0", second()), ("2.0.0", bad())]);
    let mut all = place.run("check golden --against HEAD:golden --format short");
    // No new release was recorded, so the last one would be compared with itself.
    let place = place.goldens("golden", &old);
    std::fs::remove_dir_all(place.path().join("golden/2.0.0")).unwrap();
    all.push_str(&place.run("check golden --against HEAD:golden --format short"));
    all.push_str(&place.run("check golden --against HEAD:golden"));
    // An old release was recorded again, with its manifest.
    let place = place.goldens("golden", &[("1.0.0", second()), ("1.1.0", second())]);
    all.push_str(&place.run("check golden --against HEAD:golden --format short"));
    // An old release is missing.
    let place = Place::new().goldens("golden", &old).goldens("new", &[("1.1.0", second()), ("2.0.0", good())]);
    all.push_str(&place.run("check new --against golden --format short"));
    insta::assert_snapshot!(all);
}

#[test]
fn comparing_a_release_with_itself_is_reported() {
    let place = Place::new().goldens("golden", &[("1.0.0", first())]).today("today", &first());
    let mut all = place.run("check today");
    all.push_str(&place.run("check golden"));
    let place = place.goldens("golden", &[("1.0.0", first()), ("1.0.1", first())]);
    all.push_str(&place.run("check golden --format short"));
    all.push_str(&place.run("check golden"));
    insta::assert_snapshot!(all);
}

#[test]
fn settings_are_found_above_and_options_take_precedence() {
    let settings = "golden = \"state\"\ndirection = \"full\"\nfail-on = \"requires-migration\"\nformat = \"short\"\n\
                    reports = [\"junit=junit.xml\"]\n";
    let releases = [("1.0.0", first()), ("1.1.0", second()), ("2.0.0", good())];
    let place = Place::new().goldens("app/state", &releases).file("app/typeser.toml", settings).file("app/src/x", "");
    let from = |folder: &str, words: &str| {
        let mut command = place.command();
        let output = command.args(words.split(' ')).current_dir(place.path().join(folder)).output().unwrap();
        let out = [output.stdout, output.stderr].concat();
        let root = std::fs::canonicalize(place.path()).unwrap();
        let out = String::from_utf8(out).unwrap().replace(root.to_str().unwrap(), "[DIR]");
        format!("{folder}$ typeser {words}\n{out}--- exit {:?}\n", output.status.code())
    };
    let mut all = from("app/src", "check");
    let report = std::fs::read_to_string(place.path().join("app/junit.xml")).unwrap();
    assert!(
        report.contains("<testsuites name=\"typeser check\" tests=\"19\" skipped=\"6\" failures=\"2\""),
        "{report}"
    );
    all.push_str(&from("app", "check --direction backward --fail-on incompatible --format human"));
    all.push_str(&from(".", "check app/state --config app/typeser.toml --direction forward --reach last"));
    // From elsewhere, the settings above the goldens apply.
    all.push_str(&from(".", "check app/state --direction backward --reach last"));
    all.push_str(&from("app/src", "check ../state --direction backward --reach last"));
    all.push_str(&from("app", "check --config none.toml"));
    std::fs::write(place.path().join("app/typeser.toml"), "golden = \"state\"\nfail_on = \"incompatible\"\n").unwrap();
    all.push_str(&from("app/src", "check"));
    insta::assert_snapshot!(all);
}

#[test]
fn pins_decide_for_their_pair_alone() {
    let pin = |release: &str, verdict: &str| {
        format!("[[pins]]\nstate = \"orders\"\nrole = \"value\"\nrelease = \"{release}\"\nverdict = \"{verdict}\"\n")
    };
    let retired =
        "[[retired]]\nstate = \"sessions\"\nreason = \"rebuilt\"\n[[retired]]\nstate = \"orders\"\nreason = \"no\"\n";
    let pins =
        [pin("1.0.0", "incompatible"), pin("1.1.0", "compatible"), pin("9.9.9", "compatible"), retired.to_owned()];
    let place = failing().file("typeser.toml", pins.concat());
    insta::assert_snapshot!([place.run("check --format short"), place.run("check --state orders")].concat());
}

#[test]
fn values_that_depend_on_the_route_fail_until_accepted() {
    // The field became 5 in 1.1.0. An upgrade that skips that release gets 7.
    let of = |fields: &str| vec![("orders", Role::Value, order(fields))];
    let with = |default: &str| {
        let plain = "\"name\": \"n\", \"type\": \"u8\"";
        let json = order("id: u32, n: u8");
        assert!(json.contains(plain), "{json}");
        json.replace(plain, &format!("{plain}, \"default\": \"{default}\""))
    };
    let releases = [
        ("1.0.0", of("id: u32")),
        ("1.1.0", vec![("orders", Role::Value, with("0x05"))]),
        ("2.0.0", vec![("orders", Role::Value, with("0x07"))]),
    ];
    let place = Place::new().goldens("golden", &releases);
    let mut all = place.run("check");
    let out = place.run("check --format jsonl");
    let at = out.find("\"id\":\"").unwrap_or_else(|| panic!("{out}")) + 6;
    let finding = &out[at..at + 16];
    all.push_str(&place.run(&format!("accept {finding} --reason rare --author Ada")));
    all.push_str(&place.run("check --format short"));
    insta::assert_snapshot!(all.replace(&typeser::golden::Date::today().to_string(), "[TODAY]"));
}

#[test]
fn an_impossible_check_is_refused_with_help() {
    let place = failing().today("today", &good()).file("empty/x", "").file("broken/orders.value.json", "{");
    let place = place.file("damaged/manifest.txt", "typeser golden 1\n");
    let cases = [
        "check nowhere",
        "check empty",
        "check broken",
        "check damaged",
        "check golden --against today",
        "check today --against today",
        "check golden --against HEAD:golden",
        "check golden --state order",
        "check golden --fail-on never",
        "check golden --report sarif",
        "check golden --report sarf=x",
        "check golden --report sarif=no/such/folder/x",
    ];
    let nothing = Place::new().run("check");
    insta::assert_snapshot!([nothing, cases.map(|words| place.run(words)).concat()].concat());
}

#[test]
fn exit_codes() {
    let place = failing().today("today", &good()).goldens("fine", &[("1.0.0", first()), ("1.1.0", second())]);
    let cases = [
        ("check", 100),
        ("check golden", 100),
        ("check golden --reach last", 100),
        ("check golden --direction forward --reach last", 100),
        ("check fine", 0),
        ("check fine --reach last", 0),
        ("check fine --state orders", 0),
        ("check fine --fail-on requires-migration", 100),
        ("check fine --fail-on after-reconfigure", 100),
        ("check fine --direction forward", 100),
        ("check fine --direction full", 100),
        ("check fine --state sessions --direction full", 0),
        ("check today --against fine", 0),
        ("check today --against fine --losses any", 0),
        ("check nowhere", 101),
        ("check fine --against nowhere", 101),
        ("check fine --report json=no/folder/x", 101),
        ("check fine --state nobody", 2),
        ("check fine --format yaml", 2),
        ("check fine --direction down", 2),
        ("check fine --config no.toml", 2),
        ("check fine fine", 2),
        ("accept", 2),
        ("accept --list", 0),
        ("accept --remove 0000000000000000", 101),
        ("accept 0000000000000000 --reason x --author y", 101),
        ("accept x --reason x --author y", 2),
    ];
    for format in ["human", "short", "json", "jsonl", "github", "gitlab", "junit", "sarif", "markdown"] {
        for (folder, expected) in [("golden", 100), ("fine", 0)] {
            let words = ["check", folder, "--format", format];
            let status = place.command().args(words).output().unwrap().status;
            assert_eq!(status.code(), Some(expected), "{words:?}");
        }
    }
    for (words, expected) in cases {
        let output = place.command().args(words.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(expected), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn several_formats_are_written_at_once() {
    let place = failing();
    let formats = ["human", "short", "json", "jsonl", "github", "gitlab", "junit", "sarif", "markdown"];
    let reports: Vec<String> = formats.iter().map(|format| format!("--report {format}={format}.out")).collect();
    place.run(&format!("check --format short {}", reports.join(" ")));
    for format in formats {
        let kept = std::fs::read_to_string(place.path().join(format!("{format}.out"))).unwrap();
        let output = place.command().args(["check", "--format", format]).output().unwrap();
        assert_eq!(kept, String::from_utf8(output.stdout).unwrap(), "{format}");
    }
}

#[test]
fn the_earlier_name_of_retired_is_read_with_a_note() {
    let entry = "state = \"sessions\"\nreason = \"rebuilt\"\n";
    let [now, before] = ["retired", "gone"]
        .map(|key| failing().file("typeser.toml", format!("[[{key}]]\n{entry}")).run("check --format short"));
    let note = "note: typeser.toml: the key `gone` is now called `retired`: rename it\n";
    assert_eq!(before.replace(note, ""), now);
    assert!(before.contains(note) && now.contains("value of state `sessions` was retired: rebuilt"), "{before}{now}");
}

/// Snapshots written by hand, a folder for each release: text and JSON, with and without a role.
#[test]
fn folders_of_snapshots_are_releases() {
    let text = |ty: &str| format!("typeser-snapshot 1\nroot Order\n\nstruct Order v1\n  id {ty}\n");
    let place = Place::new()
        .file("releases/1.9.0/orders.json", order("id: u16"))
        .file("releases/1.9.0/users.key.txt", "typeser-snapshot 1\nroot u64\n")
        .file("releases/1.9.0/README.txt", "The first release.\n")
        .file("releases/1.10.0/orders.txt", text("u32"))
        .file("releases/1.10.0/users.key.txt", "typeser-snapshot 1\nroot u64\n")
        .file("today/orders.txt", text("u16"))
        .file("today/users.key.txt", "typeser-snapshot 1\nroot u64\n");
    let mut all = place.run("check releases");
    all.push_str(&place.run("check today --against releases --format short"));
    let renamed = "typeser-snapshot 1\nroot Order\n\nstruct Order v1\n  number u32\n";
    let place = place.file("today/orders.txt", renamed);
    let refused = place.run("check today --against releases");
    assert!(refused.contains(" | number u32\n |   @alias id\n") && !refused.contains("#[state("), "{refused}");
    let place = place.file("releases/1.9.0/orders.value.txt", text("u16")).file("today/orders.values.json", "{}");
    all.push_str(&place.run("check releases"));
    all.push_str(&place.run("check today --against releases"));
    insta::assert_snapshot!(all);
}

/// Levels of single rules, ignored paths and presets decide what fails.
#[test]
fn settings_give_rules_levels_and_ignore_paths() {
    let releases = [("1.0.0", first()), ("1.1.0", second()), ("2.0.0", bad())];
    let place = Place::new().goldens("golden", &releases);
    let with = |place: Place, settings: &str| {
        let place = place.file("typeser.toml", settings);
        let output = place.run("check --format short");
        (place, format!("{settings}{output}"))
    };
    let (place, mut all) = with(place, "preset = \"no-migration\"\n");
    let (place, next) = with(place, "[levels]\ninteger-widened = \"error\"\nprimitive-changed = \"warning\"\n");
    all.push_str(&next);
    let ignore = "[[ignores]]\npath = \"value\"\nreason = \"rebuilt\"\n[[ignores]]\nstate = \"none\"\npath = \"key\"\nreason = \"old\"\n";
    let (_, next) = with(place, ignore);
    all.push_str(&next);
    insta::assert_snapshot!(all);
}

#[test]
fn releases_are_selected() {
    let releases = [("1.0.0", first()), ("1.1.0", second()), ("2.0.0", bad())];
    let place = Place::new().goldens("golden", &releases);
    let mut all = String::new();
    for words in ["check --release 1.1.0", "check --oldest 1.1.0", "check --release 1.2.0", "check --semver"] {
        all.push_str(&place.run(&format!("{words} --format short")));
    }
    let place = place.file("typeser.toml", "oldest = \"1.1.0\"\n");
    all.push_str(&place.run("check --format short"));
    insta::assert_snapshot!(all);
}

#[test]
fn comparing_a_release_with_itself_can_be_refused() {
    let place = Place::new().goldens("golden", &[("1.0.0", first()), ("1.0.1", first())]);
    let output = place.run("check --refuse-identical --format short --semver");
    assert!(output.contains("error[identical]: `1.0.1` has the same types as `1.0.0`"), "{output}");
    assert!(output.contains("needs a new patch version") && output.ends_with("--- exit 100\n"), "{output}");
}

/// The hidden file that a golden test writes beside a snapshot has the lines of Rust.
#[test]
fn annotations_point_at_rust_where_the_golden_test_wrote_locations() {
    let place = Place::new()
        .goldens("golden", &[("1.0.0", first())])
        .today(
            "today",
            &vec![("orders", Role::Value, order("id: u8, note: string")), ("orders", Role::Key, order("id: u32"))],
        )
        .file("today/.orders.value.locations", "Order\tsrc/orders.rs\t12\t1\n");
    let output = place.run("check today --against golden --format github");
    assert!(output.contains("::error file=src/orders.rs,line=12,col=1,title=typeser%3A primitive-changed"), "{output}");
}
