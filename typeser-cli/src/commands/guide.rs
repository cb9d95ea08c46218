//! `typeser guide`: the guides that messages refer to, for those who have the command and not its repository.

use std::fmt::Write as _;

use typeser::text::nearest;

use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::stdout::print;

/// Print a guide, or list all of them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser guide
  typeser guide writing-snapshots | less
  typeser guide snapshot.schema > snapshot.schema.json

`typeser explain RULE` explains a rule.")]
pub(crate) struct Arguments {
    /// The name of the guide; without one, all are listed
    #[arg(value_name = "GUIDE")]
    name: Option<String>,
}

/// A file that is part of the command. It is a copy of one in `docs/`, which a test keeps up to date.
struct Guide {
    name: &'static str,
    /// The file in `docs/`.
    #[cfg(test)]
    file: &'static str,
    subject: &'static str,
    text: &'static str,
}

macro_rules! guides {
    ($($name:literal, $file:literal, $subject:literal;)*) => {
        &[$(Guide {
            name: $name,
            #[cfg(test)]
            file: $file,
            subject: $subject,
            text: include_str!(concat!("../../guides/", $file)),
        }),*]
    };
}

const GUIDES: &[Guide] = guides! {
    "first-golden-test", "first-golden-test.md", "from `cargo new` to a golden test";
    "ci", "ci.md", "golden checks in CI, and every key of typeser.toml";
    "reports", "reports.md", "how to read a report, as text and as JSON";
    "migrations", "migrations.md", "attributes and functions that migrate stored values";
    "typed-tables", "typed-tables.md", "typed tables in a database: open, migrate, check by the command";
    "rollback", "rollback.md", "roll back a release whose tables were migrated";
    "savepoints-and-upgrades", "savepoints-and-upgrades.md", "restore, migrate and re-key a savepoint";
    "sql", "sql.md", "SQL over savepoints, with `typeser state sql`";
    "writing-snapshots", "writing-snapshots.md", "snapshots written by hand, as text and as JSON";
    "snapshot.schema", "snapshot.schema.json", "the JSON schema of snapshots, for editors";
};

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.name {
        None => print(list())?,
        Some(name) => print(find(name)?.text)?,
    }
    Ok(Exit::Fine)
}

fn list() -> String {
    let width = GUIDES.iter().map(|guide| guide.name.len()).max().unwrap_or(0);
    GUIDES.iter().fold(String::new(), |mut text, guide| {
        _ = writeln!(text, "{:width$}  {}", guide.name, guide.subject);
        text
    })
}

/// The guide of this name, with or without the ending of its file.
fn find(typed: &str) -> Result<&'static Guide, Usage> {
    let name = typed.rsplit('/').next().unwrap_or(typed);
    let name = name.strip_suffix(".md").or_else(|| name.strip_suffix(".json")).unwrap_or(name);
    GUIDES.iter().find(|guide| guide.name == name).ok_or_else(|| {
        let near = nearest(name, GUIDES.iter().map(|guide| guide.name));
        let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
        Usage(format!("there is no guide `{typed}`{near}\nhelp: `typeser guide` lists all guides"))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::GUIDES;

    /// Set to write the copies instead of comparing them.
    const WRITE: &str = "TYPESER_WRITE_DOCS";

    #[test]
    fn guides_are_copies_of_those_in_docs() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for guide in GUIDES {
            let page = std::fs::read_to_string(here.join("../docs").join(guide.file)).unwrap_or_default();
            if std::env::var_os(WRITE).is_some() {
                assert!(std::env::var_os("CI").is_none(), "CI compares the copies, it never writes them");
                assert!(std::fs::write(here.join("guides").join(guide.file), &page).is_ok());
            } else {
                assert!(
                    page == guide.text,
                    "typeser-cli/guides/{} differs from docs/{0}: run the tests once with {WRITE}=1 and commit it",
                    guide.file
                );
            }
        }
    }
}
