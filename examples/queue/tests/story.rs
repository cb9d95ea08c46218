//! The story of the queue ends as it should, whatever the releases find.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

#[test]
fn three_releases_share_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Vec::new();
    queue::story::run(&folder.path().join("queue.redb"), &mut output).unwrap();
    let expected = "\
release 1: job 2 is due next, and job 4 is the first row
release 2: the jobs of priority 1 are [2, 4, 1]
release 2: takes job 2, index
";
    let output = String::from_utf8(output).unwrap();
    assert!(output.starts_with(expected), "{output}");
    let rest: Vec<&str> = output.lines().skip(3).collect();
    assert!(rest[0].starts_with("a faulty build is refused: "), "{output}");
    assert_eq!(
        rest[1..],
        [
            "release 3 would: done Open, 1 rows",
            "release 3 would: jobs Migrate, 3 rows",
            "release 3: the jobs are [3, 4, 1], and 1 is done",
            "a rollback would lose 1 new job, and is refused",
            "release 2 again: the jobs of priority 1 are [4, 1]",
        ],
        "{output}"
    );
}
