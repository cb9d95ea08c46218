//! `typeser completions` and `typeser man`.

use std::fs;

use crate::runner::Place;

#[test]
fn every_shell_gets_a_script_that_names_all_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Place::new().run(&format!("completions {shell}"));
        for word in ["inspect", "explain", "fail-on", "losses", "record"] {
            assert!(output.contains(word), "{shell} knows no `{word}`");
        }
        assert!(output.ends_with("--- exit 0\n"));
    }
}

#[test]
fn the_manual_page_is_printed() {
    let output = Place::new().run("man");
    assert!(output.contains(".TH typeser 1") && output.contains("typeser\\-diff(1)"), "{output}");
}

#[test]
fn a_page_for_each_command_is_written() {
    let place = Place::new();
    let output = place.run("man --out pages");
    let mut pages: Vec<String> = fs::read_dir(place.path().join("pages"))
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    assert!(output.contains(&format!("wrote {} pages to pages", pages.len())), "{output}");
    for page in ["typeser.1", "typeser-diff.1", "typeser-golden-record.1"] {
        assert!(pages.iter().any(|name| name == page), "{pages:?}");
    }
    insta::assert_snapshot!(place.file("file", "").run("man --out file/pages"));
}
