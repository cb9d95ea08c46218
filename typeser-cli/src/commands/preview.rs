//! `typeser preview`: values of one snapshot as the other reads them, with the bytes of both.

use std::ffi::OsString;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use typeser::SerializerSnapshot;
use typeser::history::examples;
use typeser::migrate::{Migration, NoMigration, Scratch, Trust};
use typeser::report::{Claim, witness};
use typeser::resolve::{Compatibility, Policy, Resolution, resolve};
use typeser::schema::Limits;
use typeser::serializer::Conversions;
use typeser::text::{clean, hex};
use typeser::value::Value;

use crate::choices::{LossesChoice, RoleChoice, word};
use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::input::{self, Input, Source};
use crate::output::count;
use crate::stdout::{print, print_json};

/// The version of the JSON form.
const JSON_VERSION: u32 = 1;

/// Show what a change does to values: before, after, and their bytes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser preview old.json new.json
      with example values that cover every variant, option and element
  typeser preview v1.4.0:golden/1.4.0/orders.value.json new.json order.json
      with the value in order.json
  echo '{\"id\": 7}' | typeser preview old.json new.json -

Values are JSON: structs are objects, a variant is its name or an object
{NAME: ..}, `None` is null. `typeser guide writing-snapshots` has the details.

Exit codes: 0 all values can be read, 100 not all, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The snapshot that wrote the values: a path, `-`, or `REV:path` from git
    old: OsString,
    /// The snapshot that reads them
    new: OsString,
    /// A value of OLD in JSON, instead of example values
    value: Option<OsString>,
    /// What the values are used for
    #[arg(long, value_enum, default_value = "value")]
    role: RoleChoice,
    /// Which stored data may be dropped
    #[arg(long, value_enum, default_value = "declared")]
    losses: LossesChoice,
    /// The most example values
    #[arg(long, value_name = "COUNT", default_value = "8")]
    examples: usize,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Values with their bytes, for people
    Text,
    /// A versioned document, for programs
    Json,
}

/// A value with its bytes.
struct Written {
    value: Value,
    bytes: Vec<u8>,
}

/// A value, and the same as the new snapshot reads it, or why it cannot.
struct Previewed {
    before: Written,
    after: Result<Written, String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let sources = [Some(&arguments.old), Some(&arguments.new), arguments.value.as_ref()];
    if sources.into_iter().flatten().filter(|source| *source == "-").count() > 1 {
        let message = "only one of them can be `-`: standard input is read once\nhelp: name files for the others";
        return Err(Usage(message.to_owned()).into());
    }
    let (old, new) = (input::snapshot(&arguments.old)?, input::snapshot(&arguments.new)?);
    let policy = Policy { losses: arguments.losses.0, ..Policy::default() };
    let resolution = resolve(&old.snapshot, &new.snapshot, arguments.role.0, &policy);
    let values = match &arguments.value {
        Some(value) => vec![given(&old.snapshot, &Source::of(value))?],
        None => made(&old, &new.snapshot, &resolution, arguments.examples)?,
    };
    let migrated = match resolution.translation(&Conversions::new()) {
        Ok(migration) => Ok(migration),
        // The verdict is reported for each value.
        Err(NoMigration::Verdict { .. }) => Err(refusal(&resolution)),
        Err(NoMigration::Unlinked { ids, .. }) => {
            return Err(format!(
                "the migration calls functions of the program, which a file does not have: `{}`\nhelp: compare the \
                 samples of releases in a golden test, which calls them; `typeser guide first-golden-test`",
                ids.join("`, `")
            )
            .into());
        }
        Err(error) => return Err(error.to_string().into()),
    };
    let previewed: Vec<Previewed> =
        values.into_iter().map(|before| preview(before, &migrated, &new.snapshot)).collect();
    let compared = format!(
        "previewed {} from {} ({}) to {} ({}) as {}, {}",
        count(previewed.len(), "value"),
        old.source,
        resolution.stored(),
        new.source,
        resolution.new_serializer(),
        arguments.role.0,
        resolution.compatibility()
    );
    match arguments.format {
        Format::Text => print(text(&previewed, &compared))?,
        Format::Json => print_json(&document(&previewed, &compared, resolution.compatibility()))?,
    }
    Ok(if previewed.iter().all(|previewed| previewed.after.is_ok()) { Exit::Fine } else { Exit::Findings })
}

/// The value that was named.
fn given(snapshot: &SerializerSnapshot, source: &Source) -> Result<Written, Failure> {
    let bytes = source.read(Limits::SNAPSHOT_TEXT_BYTES)?;
    let json = String::from_utf8(bytes).map_err(|_| {
        format!("{source}: the value is not UTF-8\nhelp: name a file with a value of the old snapshot in JSON")
    })?;
    let value = Value::from_json(snapshot, json.trim_start_matches('\u{feff}')).map_err(|error| {
        format!("{source}: {error}\nhelp: `typeser guide writing-snapshots` describes values in JSON")
    })?;
    let mut bytes = Vec::new();
    value.encode(snapshot, &mut bytes)?;
    Ok(Written { value, bytes })
}

/// Example values: those that a finding refuses, and those that between them reach every part of the type.
fn made(old: &Input, new: &SerializerSnapshot, resolution: &Resolution, most: usize) -> Result<Vec<Written>, Failure> {
    let witnesses = resolution.findings().iter().filter_map(|finding| witness(&old.snapshot, new, finding));
    // An example that only has the changed part is among the others already.
    let witnesses = witnesses.filter(|witness| witness.claim != Claim::Touched).flat_map(|witness| witness.examples);
    let mut values: Vec<Written> = Vec::new();
    let examples = examples(&old.snapshot).into_iter().flatten();
    let all = witnesses.map(|example| (example.value, example.bytes)).chain(examples);
    for (value, bytes) in all {
        if values.len() < most && values.iter().all(|known| known.bytes != bytes) {
            values.push(Written { value, bytes });
        }
    }
    if values.is_empty() {
        return Err(format!(
            "{}: no example value can be made, because a part of every value is opaque\nhelp: name a value in JSON: \
             `typeser preview OLD NEW VALUE.json`",
            old.source
        )
        .into());
    }
    Ok(values)
}

/// Why no value can be read.
fn refusal(resolution: &Resolution) -> String {
    let incompatible =
        resolution.findings().iter().filter(|finding| finding.rule.verdict == Compatibility::Incompatible);
    let mut rules: Vec<&str> = incompatible.map(|finding| finding.rule.id).collect();
    rules.dedup();
    format!("refused: incompatible ({}); `typeser diff OLD NEW` says what to do", rules.join(", "))
}

fn preview(before: Written, migration: &Result<Option<Migration>, String>, new: &SerializerSnapshot) -> Previewed {
    let after = match migration {
        Ok(None) => Ok(before.bytes.clone()),
        Ok(Some(migration)) => {
            let mut bytes = Vec::new();
            let ran = migration.run(&before.bytes, Trust::Foreign, &mut Scratch::default(), &mut bytes);
            ran.map(|()| bytes).map_err(|error| format!("refused: {error}"))
        }
        Err(reason) => Err(reason.clone()),
    };
    let after = after.and_then(|bytes| match Value::decode(new, &bytes) {
        Ok(value) => Ok(Written { value, bytes }),
        Err(error) => Err(error.to_string()),
    });
    Previewed { before, after }
}

fn text(previewed: &[Previewed], compared: &str) -> String {
    let mut text = String::new();
    for Previewed { before, after } in previewed {
        _ = writeln!(text, "before  {}\n        {}", before.value.to_json(), bytes(&before.bytes));
        match after {
            Ok(after) if after.bytes == before.bytes => {
                _ = writeln!(text, "after   {}\n        the same bytes\n", after.value.to_json());
            }
            Ok(after) => {
                _ = writeln!(text, "after   {}\n        {}\n", after.value.to_json(), bytes(&after.bytes));
            }
            Err(reason) => _ = writeln!(text, "after   {}\n", clean(reason)),
        }
    }
    _ = writeln!(text, "{}", clean(compared));
    text
}

/// Bytes in groups of eight; of many, the first.
fn bytes(bytes: &[u8]) -> String {
    const MOST_SHOWN: usize = 64;
    if bytes.is_empty() {
        return String::from("no bytes");
    }
    let shown = bytes.get(..MOST_SHOWN).unwrap_or(bytes);
    let groups: Vec<String> = shown.chunks(8).map(hex::encode).collect();
    let more = if bytes.len() > MOST_SHOWN { "..." } else { "" };
    format!("{}{more} ({})", groups.join(" "), count(bytes.len(), "byte"))
}

fn document(previewed: &[Previewed], compared: &str, verdict: Compatibility) -> Json {
    let written = |written: &Written| {
        json!({
            // The library writes valid JSON.
            "value": serde_json::from_str::<Json>(&written.value.to_json()).unwrap_or_default(),
            "bytes": hex::encode(&written.bytes),
        })
    };
    let values = previewed.iter().map(|Previewed { before, after }| {
        json!({
            "before": written(before),
            "after": after.as_ref().ok().map(written),
            "refused": after.as_ref().err(),
        })
    });
    json!({
        "typeser-preview": JSON_VERSION,
        "compared": compared,
        "verdict": word(verdict),
        "values": values.collect::<Vec<_>>(),
    })
}
