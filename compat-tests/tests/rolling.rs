//! Rolling deployments: binaries of several releases run at the same time over one folder. Each claim of
//! `docs/rolling-deploys.md` is a test.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::process::Command;

use tempfile::TempDir;

/// One folder for all releases.
struct Shop(TempDir);

impl Shop {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Runs a command in a process of its own; what it says, or why it failed.
    fn run(&self, release: u32, command: &str) -> Result<String, String> {
        let binary = match release {
            1 => env!("CARGO_BIN_EXE_rolling-1"),
            2 => env!("CARGO_BIN_EXE_rolling-2"),
            _ => env!("CARGO_BIN_EXE_rolling-3"),
        };
        let output = Command::new(binary).arg(self.0.path()).args(command.split(' ')).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    fn ok(&self, release: u32, command: &str) -> String {
        self.run(release, command).unwrap_or_else(|error| panic!("release {release}, {command}: {error}"))
    }

    fn err(&self, release: u32, command: &str) -> String {
        self.run(release, command).expect_err("it should have been refused")
    }
}

const WRITES_OLD: &str = "--as 1.0.0 --lossy";

#[test]
fn new_binaries_write_what_old_ones_read_and_read_what_old_ones_write() {
    let shop = Shop::new();
    shop.ok(1, "put 1");
    shop.ok(2, &format!("{WRITES_OLD} put 2"));
    shop.ok(1, "put 3");
    // Release 1 has a default for the field that release 2 removed.
    assert_eq!(shop.ok(1, "get 2"), r#"Order { id: 2, note: "fragile", rank: 3, status: Paid }"#);
    // Release 2 gives up `urgent` for as long as it writes the layout of release 1.
    for id in [1, 2, 3] {
        let order = format!(r#"Order {{ id: {id}, remark: "fragile", urgent: false, status: Paid }}"#);
        assert_eq!(shop.ok(2, &format!("{WRITES_OLD} get {id}")), order);
    }
}

#[test]
fn a_value_that_the_old_layout_cannot_hold_is_an_error_and_nothing_is_written() {
    let shop = Shop::new();
    shop.ok(1, "put 1");
    let error = shop.err(2, &format!("{WRITES_OLD} put 100"));
    assert_eq!(
        error,
        "cannot encode: release `1.0.0`, in whose layout values are written, cannot hold the value: it holds a variant \
         (tag 2) that the release does not have"
    );
    assert!(shop.err(2, "get 100").contains("No such file"));
}

#[test]
fn the_old_layout_is_refused_when_it_is_built() {
    let shop = Shop::new();
    shop.ok(1, "put 1");
    let error = shop.err(2, "--as 1.0.0 put 2");
    assert!(error.starts_with("values that are written as release `1.0.0` would lack `value.urgent`"), "{error}");
    let error = shop.err(2, "--as 0.9.0 put 2");
    assert_eq!(error, "values cannot be written as release `0.9.0`: it was not added; these were: `1.0.0`");

    shop.ok(2, "put 2");
    let error = shop.err(3, "--as 2.0.0 put 3");
    assert!(error.contains("\n  [primitive-changed] value.id: `u64` was stored, `u32` is used now"), "{error}");
}

#[test]
fn an_old_binary_says_that_a_newer_release_wrote_a_value_and_reads_it_downwards() {
    let shop = Shop::new();
    shop.ok(1, "put 1");
    shop.ok(2, "put 2");
    let error = shop.err(1, "get 2");
    assert!(error.contains("note: a newer release wrote this: the stored field `remark` was called `note`"), "{error}");
    assert!(error.contains("help: start the release that wrote this state again, or one after it"), "{error}");

    assert_eq!(shop.ok(1, "--downwards get 2"), r#"Order { id: 2, note: "fragile", rank: 3, status: Paid }"#);
    // `urgent` would be lost if it were written back.
    assert_eq!(
        (shop.ok(1, "--downwards read-only 1"), shop.ok(1, "--downwards read-only 2")),
        answers("false", "true")
    );
    assert!(shop.err(1, "--downwards upgrade 2").contains("would lack what a newer release added"));
    assert_eq!(shop.ok(2, "get 2"), r#"Order { id: 2, remark: "fragile", urgent: true, status: Paid }"#);
}

fn answers(one: &str, other: &str) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

#[test]
fn a_variant_of_a_newer_release_is_an_error_of_its_values_alone() {
    let shop = Shop::new();
    shop.ok(2, "put 0");
    shop.ok(2, "put 100");
    assert_eq!(shop.ok(1, "--downwards get 0"), r#"Order { id: 0, note: "fragile", rank: 3, status: Open }"#);
    let error = shop.err(1, "--downwards get 100");
    assert!(error.contains("a variant (tag 2) that a newer release added"), "{error}");
}

#[test]
fn a_change_that_does_not_roll_is_refused_by_old_binaries() {
    let shop = Shop::new();
    shop.ok(2, "put 2");
    shop.ok(3, "put 3");
    let error = shop.err(2, "--downwards get 3");
    assert!(error.starts_with("error[primitive-changed]"), "{error}");
}

#[test]
fn a_rollback_after_the_switch_rewrites_values_for_the_old_binary() {
    let shop = Shop::new();
    shop.ok(1, "put 1");
    shop.ok(2, "put 2");
    shop.ok(2, "put 100");
    for id in [1, 2] {
        shop.ok(2, &format!("{WRITES_OLD} upgrade {id}"));
    }
    // What release 1 wrote stays as it is; what it cannot hold is named.
    assert_eq!(shop.ok(1, "--downwards get 1"), r#"Order { id: 1, note: "fragile", rank: 5, status: Paid }"#);
    assert_eq!(shop.ok(1, "--downwards get 2"), r#"Order { id: 2, note: "fragile", rank: 3, status: Paid }"#);
    assert_eq!(shop.ok(1, "--downwards read-only 2"), "false");
    let error = shop.err(2, &format!("{WRITES_OLD} upgrade 100"));
    assert!(error.contains("variant (tag 2)"), "{error}");
    assert!(shop.ok(2, "get 100").contains("Returned"));
    // Without the snapshot of release 2, the old binary needs no policy.
    std::fs::remove_file(shop.0.path().join("snapshots/2.0.0")).unwrap();
    assert_eq!(shop.ok(1, "get 2"), r#"Order { id: 2, note: "fragile", rank: 3, status: Paid }"#);
    assert!(shop.err(1, "get 100").contains("no release that this program knows wrote this value"));
}
