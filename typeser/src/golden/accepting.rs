//! The commands that accept findings of a golden test, ready to paste.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use super::Options;
use crate::report::FindingId;
use crate::resolve::{Compatibility, Direction, Losses, Reach};

/// Where today's snapshots are written, from the folder in which commands are typed.
const CURRENT: &str = "target/current";

/// The lines for one golden test. Its types are in no file yet, so their snapshots are written first.
pub(super) struct Accepting {
    /// Where the lines are to be typed.
    place: &'static str,
    /// The arguments that `golden current` needs: the package, in a workspace.
    package: String,
    /// The arguments that `accept` needs: the folders, and the options of the test that differ from the defaults.
    options: String,
}

impl Accepting {
    /// For the goldens in `folder`, of the package in `root`.
    pub(super) fn of(root: &Path, folder: &Path, options: &Options) -> Self {
        // Only the root of a workspace has a lock file, and there `cargo test` is typed.
        let workspace = root.ancestors().take(6).find(|folder| folder.join("Cargo.lock").is_file());
        let (place, base, package) = match workspace {
            Some(workspace) if workspace != root => {
                // Cargo sets the name of the package for tests.
                let name = std::env::var("CARGO_PKG_NAME").map(|name| format!(" -- -p {name}")).unwrap_or_default();
                ("the root of the workspace", workspace, name)
            }
            _ => ("the folder of the package", root, String::new()),
        };
        let folder = without_detours(folder);
        let folder = folder.strip_prefix(without_detours(base)).unwrap_or(&folder).display().to_string();
        let folder = if folder.contains(' ') { format!("\"{folder}\"") } else { folder };
        let words = [format!("--in {CURRENT} --against {folder}"), question(options)];
        Self { place, package, options: words.concat() }
    }

    /// Writes how to accept these.
    pub(super) fn write(&self, text: &mut String, acceptable: &Acceptable<'_>) {
        if acceptable.findings.is_empty() {
            return;
        }
        let Self { place, package, options } = self;
        _ = writeln!(
            text,
            "If a finding is intended and the stored values are no longer needed, accept it with a reason.\nIn {place}, write the \
             snapshots of today's types:\n    typeser golden current --out {CURRENT}{package}"
        );
        for Fails { id, what, writers, readers } in &acceptable.findings {
            let pairs = format!("{} to {}", writers.join(", "), readers.join(", "));
            _ = writeln!(text, "then, for {what}, {pairs}:\n    typeser accept {id} --reason \"...\" {options}");
        }
    }
}

/// Findings that fail and can be accepted, each once: one line accepts it for all pairs that show it.
#[derive(Default)]
pub(super) struct Acceptable<'a> {
    findings: Vec<Fails<'a>>,
}

struct Fails<'a> {
    id: FindingId,
    /// The rule and the place.
    what: String,
    writers: Vec<&'a str>,
    readers: Vec<&'a str>,
}

impl<'a> Acceptable<'a> {
    /// Adds a finding of some pairs.
    pub(super) fn add(&mut self, id: FindingId, what: String, writers: Vec<&'a str>, readers: Vec<&'a str>) {
        match self.findings.iter_mut().find(|fails| fails.id == id) {
            Some(fails) => {
                join(&mut fails.writers, writers);
                join(&mut fails.readers, readers);
            }
            None => self.findings.push(Fails { id, what, writers, readers }),
        }
    }
}

/// Adds names that are not there yet.
fn join<'a>(known: &mut Vec<&'a str>, names: Vec<&'a str>) {
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
}

/// What a test asks beyond what the command asks by itself, as options.
fn question(asked: &Options) -> String {
    let mut words = String::new();
    words.push_str(match asked.direction {
        Direction::Backward => "",
        Direction::Forward => " --direction forward",
        Direction::Full => " --direction full",
    });
    words.push_str(match asked.reach {
        Reach::All => "",
        Reach::Last => " --reach last",
    });
    words.push_str(match asked.fails_on {
        Compatibility::Incompatible => "",
        Compatibility::RequiresMigration => " --fail-on requires-migration",
        Compatibility::AfterReconfigure | Compatibility::Compatible => " --fail-on after-reconfigure",
    });
    words.push_str(match asked.policy.losses {
        Losses::Declared => "",
        Losses::Any => " --losses any",
    });
    words
}

/// The path without `.` and `..`, without access to the file system.
fn without_detours(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if straight.file_name().is_some() => _ = straight.pop(),
            part => straight.push(part),
        }
    }
    straight
}
