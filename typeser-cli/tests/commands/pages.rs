//! The pages of the documentation do what they say.

use crate::page::Page;
use crate::runner::Place;

#[test]
fn writing_snapshots_by_hand() {
    let place = Place::new();
    Page::whole("writing-snapshots.md").run(&place, |line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0], "typeser", "this page runs nothing else: {line}");
        let output = place.command().args(&words[1..]).output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        (String::from_utf8(printed).unwrap(), output.status.code().unwrap())
    });
}
