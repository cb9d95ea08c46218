//! `docs/compatibility.md` follows from the goldens: which release reads what another one wrote.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use typeser::SerializerSnapshot;
use typeser::golden::{Date, Goldens, Options, Retired, StateOutcome, check};
use typeser::resolve::{Compatibility, Direction};
use typeser_state::savepoint::Savepoint;

/// Set to write the page instead of comparing it.
const WRITE: &str = "TYPESER_WRITE_DOCS";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn the_page_is_what_the_goldens_say() {
    let page = page();
    let path = root().join("docs/compatibility.md");
    if std::env::var_os(WRITE).is_some() {
        assert!(std::env::var_os("CI").is_none(), "CI compares the page, it never writes it");
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/compatibility.md no longer matches the goldens: run the tests once with {WRITE}=1 and commit it"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Compatibility of releases\n\n\
         After reading this page you know which versions of typeser's stored formats can be read, and which release of a\n\
         program reads what another one wrote. The page is generated from `golden/`, and a test compares it. Goldens are\n\
         never edited, so the page only grows.\n\n\
         ## Formats\n\n\
         This table lists every released version of a stored format with its goldens. Each golden was read completely by\n\
         this release of typeser when the page was generated.\n\n",
    );
    _ = writeln!(
        page,
        "| format | version | created with | goldens | resumed with {} | limitations |\n| --- | --- | --- | --- | --- | --- |",
        env!("CARGO_PKG_VERSION")
    );
    page.push_str(&snapshots());
    page.push_str(&savepoints());
    page.push_str(
        "\n[format.md](format.md) and [savepoint-format.md](savepoint-format.md) define the formats and their versions.\n\n",
    );
    page.push_str(&zoo());
    page
}

/// The folders `v1`, `v2`, ... of a format, in their order.
fn versions(format: &str) -> Vec<(u32, PathBuf)> {
    let folders = names(&root().join("golden").join(format));
    let version = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name.strip_prefix('v').unwrap().parse().unwrap(), path)
    };
    let mut versions: Vec<(u32, PathBuf)> = folders.into_iter().map(version).collect();
    versions.sort();
    versions
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
}

fn snapshots() -> String {
    let mut rows = String::new();
    for (version, folder) in versions("snapshot") {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for path in names(&folder) {
            let bytes = fs::read(&path).unwrap();
            let text = || str::from_utf8(&bytes).unwrap();
            let form = match path.extension().unwrap().to_str().unwrap() {
                "bin" => SerializerSnapshot::from_bytes(&bytes).map(|_| "binary").map_err(|error| error.to_string()),
                "json" => SerializerSnapshot::from_json(text()).map(|_| "JSON").map_err(|error| error.to_string()),
                "txt" => SerializerSnapshot::from_text(text()).map(|_| "text").map_err(|error| error.to_string()),
                other => panic!("{other}"),
            };
            *count.entry(form.unwrap_or_else(|error| panic!("{}: {error}", path.display()))).or_default() += 1;
        }
        let forms: Vec<String> = count.iter().map(|(form, count)| format!("{count} {form}")).collect();
        let limitations = limitations("snapshot", version);
        _ = writeln!(rows, "| snapshot | {version} | typeser 0.1.0 | {} | yes | {limitations} |", forms.join(", "));
    }
    rows
}

fn savepoints() -> String {
    let mut rows = String::new();
    for (version, folder) in versions("savepoint") {
        let (mut writers, mut goldens) = (Vec::new(), Vec::new());
        for path in names(&folder) {
            let savepoint = Savepoint::open(&path).unwrap();
            savepoint.verify().unwrap();
            let writer = savepoint.written_by().to_owned();
            if !writers.contains(&writer) {
                writers.push(writer);
            }
            let states: usize = savepoint.operators().iter().map(|operator| operator.meta().states().len()).sum();
            goldens.push(format!("`{}` with {states} states", path.file_name().unwrap().to_str().unwrap()));
        }
        let (writers, goldens, limitations) =
            (writers.join(", "), goldens.join(", "), limitations("savepoint", version));
        _ = writeln!(rows, "| savepoint | {version} | {writers} | {goldens} | yes | {limitations} |");
    }
    rows
}

/// What a version of a format cannot hold, beside the newest version. Each version needs an entry.
fn limitations(format: &str, version: u32) -> &'static str {
    match (format, version) {
        ("snapshot", 1) => {
            "holds no functions or `was` of whole values, injective or exact migrations, parameters of leaves, or \
             ordered bytes; still written where it holds everything"
        }
        ("savepoint", 1) => {
            "holds value, list and map state only: no operator state, timers, namespaces or times to live; no longer \
             written"
        }
        ("snapshot" | "savepoint", 2) => "none; releases that know version 1 alone refuse it",
        _ => panic!("add the limitations of {format} version {version}"),
    }
}

/// The word for a verdict in a cell.
fn word(verdict: Compatibility) -> &'static str {
    match verdict {
        Compatibility::Compatible => "direct",
        Compatibility::AfterReconfigure => "reconfigure",
        Compatibility::RequiresMigration => "migration",
        Compatibility::Incompatible => "no",
    }
}

fn zoo() -> String {
    let goldens = Goldens::read(root().join("golden/zoo")).unwrap();
    let retired = Retired { state: "sessions".into(), reason: "sessions are rebuilt from the log on start".into() };
    let options = Options { direction: Direction::Full, retired: vec![retired], ..Options::default() };
    let outcome = check(&goldens, None, &options, Date::today());
    let releases: Vec<&str> = goldens.releases.iter().map(|release| release.name.as_str()).collect();
    let cell = |state: &StateOutcome, writer: &str, reader: &str| {
        state.pair(writer, reader).map(|pair| pair.report.compatibility())
    };
    let mut text = format!(
        "## Types\n\n\
         `golden/zoo` contains the types of a program in {} releases: {} states in all, recorded by typeser's own golden\n\
         tests. The types of each release are in `compat-tests/tests/zoo/`. Upgrades are to the right of the diagonal,\n\
         rollbacks to the left.\n\n\
         - *direct*: the stored bytes are read without change.\n\
         - *reconfigure*: the stored bytes are read without change, by a serializer that keeps their layout.\n\
         - *migration*: the stored bytes are rewritten when the state is opened.\n\
         - *no*: refused, with a report; nothing is read.\n\n\
         [rules.md](rules.md) explains the verdicts, [ci.md](ci.md) how to check them in CI.\n",
        releases.len(),
        outcome.states.len(),
    );
    let mut table = |title: &str, cell: &dyn Fn(&str, &str) -> Option<Compatibility>, releases: &[&str]| {
        _ = write!(text, "\n### {title}\n\n| created with \\ resumed with |");
        releases.iter().for_each(|release| _ = write!(text, " {release} |"));
        _ = write!(text, "\n| --- |{}\n", " --- |".repeat(releases.len()));
        for writer in releases {
            _ = write!(text, "| {writer} |");
            for reader in releases {
                _ = write!(text, " {} |", if writer == reader { "-" } else { cell(writer, reader).map_or("", word) });
            }
            text.push('\n');
        }
    };
    let worst =
        |writer: &str, reader: &str| outcome.states.iter().filter_map(|state| cell(state, writer, reader)).max();
    table("The whole program", &worst, &releases);
    for state in &outcome.states {
        let holds: Vec<&str> = releases
            .iter()
            .copied()
            .filter(|release| releases.iter().any(|other| cell(state, release, other).is_some()))
            .collect();
        if holds.len() > 1 {
            table(&format!("`{}`, {}", state.state, state.role), &|w, r| cell(state, w, r), &holds);
        }
    }
    text
}
