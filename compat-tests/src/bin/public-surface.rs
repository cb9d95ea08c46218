//! Compares the public surface of each published library with the list that is kept in `docs/public`.
//!
//! A list has one line for each public item and each trait that a type implements, as rustdoc sees them: what is
//! `#[doc(hidden)]` is not in it. A change of the surface fails until `--bless` has rewritten the list, so that each
//! change shows in review. `--count` prints how many items there are of each kind.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use public_api::PublicItem;

/// The libraries that are published.
const CRATES: [&str; 3] = ["typeser", "typeser-derive", "typeser-state"];

/// The compiler whose JSON (format version 57) the pinned release of `public-api` reads.
const COMPILER: &str = "rustc 1.95.";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let (mut bless, mut count) = (false, false);
    for word in &words {
        match word.as_str() {
            "--bless" => bless = true,
            "--count" => count = true,
            other => return Err(format!("`{other}` is not an option; the options are --bless and --count").into()),
        }
    }
    let version = Command::new("rustc").arg("--version").output()?;
    let version = String::from_utf8(version.stdout)?;
    if !version.starts_with(COMPILER) {
        println!(
            "the public surface was not compared: it is kept as {COMPILER}x sees it, and this is {}",
            version.trim()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let mut is_equal = true;
    for name in CRATES {
        let surface = surface(name)?;
        if count {
            println!("{name}: {}", Counts::of(&surface));
            continue;
        }
        let list = root().join("docs/public").join(name).with_extension("txt");
        let text: String = surface.iter().map(|line| format!("{line}\n")).collect();
        if bless {
            fs::write(&list, text)?;
            continue;
        }
        let kept = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
        is_equal &= compare(name, &surface, &kept);
    }
    if is_equal {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "to accept the changes, run `cargo run -p compat-tests --bin public-surface -- --bless` and commit docs/public"
    );
    Ok(ExitCode::FAILURE)
}

/// Prints the lines that are only on one side. Whether there are none.
fn compare(name: &str, surface: &BTreeSet<String>, kept: &str) -> bool {
    let kept: BTreeSet<&str> = kept.lines().collect();
    let now: BTreeSet<&str> = surface.iter().map(String::as_str).collect();
    let removed = kept.difference(&now).map(|line| format!("- {line}"));
    let added = now.difference(&kept).map(|line| format!("+ {line}"));
    let changes: Vec<String> = removed.chain(added).collect();
    if changes.is_empty() {
        println!("{name}: {} lines, as kept in docs/public/{name}.txt", now.len());
        return true;
    }
    eprintln!("the public surface of {name} is not what docs/public/{name}.txt keeps:\n{}\n", changes.join("\n"));
    false
}

/// The public surface of a crate with all its features.
fn surface(name: &str) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["rustdoc", "--quiet", "--locked", "--lib", "--all-features", "-p", name]).current_dir(root());
    cargo.args(["--", "-Z", "unstable-options", "--output-format", "json"]);
    // Only a nightly compiler writes JSON, or one that takes itself for such.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    if !cargo.status()?.success() {
        return Err(format!("rustdoc failed on {name}").into());
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let json = target.join("doc").join(name.replace('-', "_")).with_extension("json");
    let api =
        public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true).build()?;
    let items: Vec<(PublicItem, String)> = api.into_items().map(|item| (item.clone(), item.to_string())).collect();
    let trait_impls: Vec<_> = items.iter().filter(|(_, line)| is_trait_impl(line)).map(|(item, _)| item.id()).collect();
    // Only the fact that a trait is implemented is listed. Its methods are listed with the trait.
    let lines = items.iter().filter(|(item, _)| item.parent_id().is_none_or(|parent| !trait_impls.contains(&parent)));
    let lines = lines.map(|(_, line)| line.clone());
    // The compiler adds it to each derived `PartialEq`, and programs cannot use it.
    Ok(lines.filter(|line| !line.starts_with("impl core::marker::StructuralPartialEq ")).collect())
}

fn is_trait_impl(line: &str) -> bool {
    (line.starts_with("impl") || line.starts_with("unsafe impl")) && line.contains(" for ")
}

/// How many items of each kind a surface has.
struct Counts {
    functions: usize,
    types: usize,
    traits: usize,
    error_enums: usize,
    lines: usize,
}

impl Counts {
    fn of(surface: &BTreeSet<String>) -> Self {
        let count = |is_it: &dyn Fn(&str) -> bool| surface.iter().filter(|line| is_it(line)).count();
        let is_kind = |line: &str, kinds: &[&str]| {
            let line = line.trim_start_matches("#[non_exhaustive] ");
            kinds.iter().any(|kind| line.starts_with(&format!("pub {kind} ")))
        };
        let is_error = |line: &str| {
            let name = line.split(['<', '(']).next().unwrap_or_default();
            ["Error", "Problem", "Failure", "Refusal"].iter().any(|end| name.ends_with(end))
        };
        Self {
            functions: count(&|line| is_kind(line, &["fn", "const fn"])),
            types: count(&|line| is_kind(line, &["struct", "enum", "type", "union"])),
            traits: count(&|line| is_kind(line, &["trait"])),
            error_enums: count(&|line| is_kind(line, &["enum"]) && is_error(line)),
            lines: surface.len(),
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { functions, types, traits, error_enums, lines } = self;
        write!(f, "{functions} functions, {types} types, {traits} traits, {error_enums} enums of errors; {lines} lines")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}
