//! `typeser golden list`: releases, states and serializers.

use std::ffi::OsString;
use std::fmt::Write as _;

use serde_json::{Value, json};
use typeser::golden::{Golden, Goldens};
use typeser::text::{clean, pad, width};

use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::count;
use crate::stdout::{print, print_json};

/// The version of the JSON form.
const JSON_VERSION: u32 = 1;

/// List what each release recorded
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser golden list
  typeser golden list HEAD~1:golden
  typeser golden list --format json")]
pub(super) struct Arguments {
    /// The folder of the goldens, or `REV:dir` from git [default: golden]
    dir: Option<OsString>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// One line per golden, for people
    Text,
    /// A versioned document, for programs
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let goldens = input::goldens(&Config::golden_folder(arguments.dir.as_deref())?)?;
    match arguments.format {
        Format::Text => print(text(&goldens))?,
        Format::Json => print_json(&of_goldens(&goldens))?,
    }
    Ok(Exit::Fine)
}

fn text(goldens: &Goldens) -> String {
    let mut text = String::new();
    for release in &goldens.releases {
        _ = writeln!(text, "{}", clean(&release.name));
        let named: Vec<String> =
            release.goldens.iter().map(|golden| clean(&format!("{} ({})", golden.state, golden.role))).collect();
        let widest = named.iter().map(|name| width(name)).max().unwrap_or(0);
        for (golden, name) in release.goldens.iter().zip(&named) {
            _ = writeln!(text, "  {}  {}, {}", pad(name, widest), clean(&serializer(golden)), samples(golden));
        }
    }
    let accepted = goldens.ledger.entries.len();
    if accepted > 0 {
        _ = writeln!(text, "{} accepted", count(accepted, "finding"));
    }
    text
}

fn of_goldens(goldens: &Goldens) -> Value {
    let releases = goldens.releases.iter().map(|release| {
        let goldens: Vec<Value> = release
            .goldens
            .iter()
            .map(|golden| {
                json!({
                    "state": golden.state,
                    "role": golden.role.word(),
                    "name": golden.snapshot.name(),
                    "version": golden.snapshot.version(),
                    "fingerprint": golden.snapshot.fingerprint().to_string(),
                    "samples": golden.samples.len(),
                })
            })
            .collect();
        json!({ "release": release.name, "goldens": goldens })
    });
    json!({
        "typeser-goldens": JSON_VERSION,
        "releases": releases.collect::<Vec<_>>(),
        "accepted": goldens.ledger.entries.len(),
    })
}

/// The serializer as messages name it.
fn serializer(golden: &Golden) -> String {
    let snapshot = &golden.snapshot;
    format!("{} v{} ({})", snapshot.name(), snapshot.version(), snapshot.fingerprint().short())
}

/// How many samples, and where they come from.
fn samples(golden: &Golden) -> String {
    let all = golden.samples.len();
    let generated = golden.samples.iter().filter(|sample| sample.generated).count();
    match generated {
        0 => count(all, "sample"),
        generated if generated == all => format!("{} generated", count(all, "sample")),
        generated => format!("{}, {generated} of them generated", count(all, "sample")),
    }
}
