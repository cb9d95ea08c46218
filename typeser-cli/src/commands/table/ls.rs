//! `typeser table ls`: the typed tables of a database.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use typeser::resolve::Role;
use typeser::text::{clean, json_without_unseen, wrap_at};
use typeser_state::typed_table::{IndexInfo, PreviousTable, TableCatalog, TableInfo};

use super::database::open_unwritten;
use crate::commands::listing::{Format, named, serializer};
use crate::commands::savepoint::rows;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stdout::stdout;
use crate::table::Table;
use crate::terminal::line_width_of_stdout;

/// List the typed tables of a database, with their types
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser table ls shop.redb
  typeser table ls shop.redb --format jsonl | jq -r .table

Exit codes: 0 success, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The file of the database, which is not changed
    file: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let backend = open_unwritten(&arguments.file)?;
    let all: Vec<String> = backend.tables().map(str::to_owned).collect();
    let mut catalog = TableCatalog::over(backend);
    let (tables, previous) = (catalog.tables()?, catalog.previous()?);
    let mut out = stdout();
    match arguments.format {
        Format::Table => write!(out, "{}", text(&tables, &previous, &all))?,
        Format::Jsonl => {
            for table in &tables {
                writeln!(out, "{}", json_without_unseen(&line(table, &previous).to_string()))?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn text(tables: &[TableInfo], previous: &[PreviousTable], all: &[String]) -> String {
    let mut listed = Table::new(["table", "kind", "rows", "key", "value"], &[2]);
    for table in tables {
        let (name, rows) = (table.name.clone(), table.rows.to_string());
        listed.add_row([name, kind(table).to_owned(), rows, named(&table.key), named(&table.value)]);
    }
    let mut lines: Vec<String> = previous.iter().map(kept).collect();
    lines.extend(tables.iter().flat_map(indexes));
    lines.extend(tables.iter().filter_map(migrating));
    lines.extend(tables.iter().filter_map(unmigrated));
    let is_ours = |name: &String| name.starts_with("typeser.") || tables.iter().any(|table| table.name == *name);
    let others: Vec<&str> = all.iter().filter(|name| !is_ours(name)).map(String::as_str).collect();
    if !others.is_empty() {
        lines.push(format!("without snapshots, so not typed: {}", others.join(", ")));
    }
    let mut text = match tables.is_empty() {
        true => "no typed tables\n".to_owned(),
        false => listed.text(),
    };
    if !lines.is_empty() {
        text.push('\n');
    }
    let columns = line_width_of_stdout().unwrap_or(usize::MAX);
    for line in lines {
        text.push_str(&format!("{}\n", wrap_at(&clean(&line), columns, 0, 2)));
    }
    text
}

fn kind(table: &TableInfo) -> &'static str {
    if table.key.configuration().ordered { "ordered" } else { "unordered" }
}

fn indexes(table: &TableInfo) -> impl Iterator<Item = String> {
    table.indexes.iter().map(|IndexInfo { name, version, unique, part, .. }| {
        let kind = if *unique { "unique index" } else { "index" };
        format!("{}: {kind} `{name}` of {}, version {version}", table.name, named(part))
    })
}

fn kept(PreviousTable { table, release, rows: count, .. }: &PreviousTable) -> String {
    format!("{table}: kept as release {release} left it, with {}", rows(*count))
}

fn migrating(table: &TableInfo) -> Option<String> {
    let migrated = table.migrating?;
    Some(format!(
        "{}: a migration has not ended: {} of {} are migrated; the program or the \
         `typeser table migrate` that began it resumes it when it runs again",
        table.name,
        migrated,
        rows(table.rows)
    ))
}

fn unmigrated(table: &TableInfo) -> Option<String> {
    (table.unmigrated > 0).then(|| {
        format!(
            "{}: {} of {} are as earlier releases left them: the program migrates each when it reads it, and \
             `typeser table migrate FILE {} --to SNAPSHOTS` migrates all of them",
            table.name,
            table.unmigrated,
            rows(table.rows),
            table.name
        )
    })
}

fn line(table: &TableInfo, previous: &[PreviousTable]) -> Value {
    let kept = previous.iter().filter(|kept| kept.table == table.name);
    let kept: Vec<Value> = kept.map(|kept| json!({ "release": kept.release, "rows": kept.rows })).collect();
    let mut line = json!({
        "table": table.name,
        "kind": kind(table),
        "rows": table.rows,
        "generation": table.generation,
        "serializers": [serializer(Role::MapKey.word(), &table.key), serializer(Role::Value.word(), &table.value)],
        "previous": kept,
    });
    if !table.indexes.is_empty() {
        let index = |IndexInfo { name, version, unique, part, .. }: &IndexInfo| {
            let part = json!({ "name": part.name(), "fingerprint": part.fingerprint().to_string() });
            json!({ "index": name, "version": version, "unique": unique, "part": part })
        };
        line["indexes"] = table.indexes.iter().map(index).collect();
    }
    if let Some(rows) = table.migrating {
        line["migrated_rows"] = rows.into();
    }
    if table.unmigrated > 0 {
        line["unmigrated_rows"] = table.unmigrated.into();
    }
    line
}
