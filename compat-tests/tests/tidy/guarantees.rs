//! Each promise in `docs/guarantees.md` names a test that exists.

use std::fs;

use crate::files::root;

#[test]
fn every_promise_names_a_test() {
    let page = fs::read_to_string(root().join("docs/guarantees.md")).unwrap();
    let (promises, problems) = checked(&page);
    assert!(promises > 20, "the test sees promises at all: {promises}");
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn a_promise_without_a_test_is_noticed() {
    let of = |cell: &str| checked(&format!("| promise | checked by |\n| --- | --- |\n| It holds. | {cell} |\n")).1;
    let here = "compat-tests/tests/tidy/guarantees.rs";
    assert_eq!(of(&format!("`{here}: every_promise_names_a_test`")), Vec::<String>::new());
    assert_eq!(of("review"), ["`It holds.` names no test"]);
    assert_eq!(of(&format!("`{here}: every_promise`")), [format!("{here} has no test `every_promise`")]);
    assert_eq!(of("`compat-tests/tests/none.rs: a`"), ["compat-tests/tests/none.rs has no test `a`"]);
}

/// How many promises a page makes, and what is wrong with their tests.
fn checked(page: &str) -> (usize, Vec<String>) {
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise"));
    let rows = rows.filter(|line| !line.starts_with("| ---"));
    let (mut promises, mut problems) = (0, Vec::new());
    for row in rows {
        promises += 1;
        let cells: Vec<&str> = row.trim_matches('|').rsplitn(2, " | ").map(str::trim).collect();
        let tests: Vec<(&str, &str)> = cells[0].split('`').filter_map(|code| code.split_once(".rs: ")).collect();
        if tests.is_empty() {
            problems.push(format!("`{}` names no test", cells[1]));
        }
        for (file, test) in tests {
            let text = fs::read_to_string(root().join(format!("{file}.rs"))).unwrap_or_default();
            let is_there = text.contains(&format!("fn {test}("));
            if !is_there {
                problems.push(format!("{file}.rs has no test `{test}`"));
            }
        }
    }
    (promises, problems)
}
