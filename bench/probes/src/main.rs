//! Eleven edits of a stored type: what current codecs return, and what typeser reports.
//!
//! Prints the table as markdown. `--check` compares it with the one in `docs/codecs.md`, `--write` replaces that one.

mod codec;
mod edits;
mod probe;
mod values;

use std::process::ExitCode;

/// The lines of the page around the table.
const BEGIN: &str = "<!-- begin of the table: bench/probes -->\n";
const END: &str = "<!-- end of the table: bench/probes -->\n";

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/codecs.md");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        [] => {
            print!("{}", table());
            Ok(())
        }
        ["--check"] => check(),
        ["--write"] => write(),
        _ => Err("typeser-probes [--check | --write]".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The table in markdown.
fn table() -> String {
    let mut table = format!("| edit | {} | typeser | typeser, once declared |\n|", codec::NAMES.join(" | "));
    table.push_str(&" --- |".repeat(codec::NAMES.len() + 3));
    table.push('\n');
    for row in edits::all() {
        let row = format!("| {} | {} | {} | {} |\n", row.edit, row.codecs.join(" | "), row.bare, row.declared);
        table.push_str(&row.replace("|  |", "| |"));
    }
    table
}

fn check() -> Result<(), String> {
    let page = read()?;
    let [_, kept, _] = parts(&page)?;
    let table = table();
    if kept == table {
        println!("the table in docs/codecs.md matches the measurement");
        return Ok(());
    }
    let (kept_lines, lines): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), table.lines().collect());
    let differing =
        (0..kept_lines.len().max(lines.len())).find(|at| kept_lines.get(*at) != lines.get(*at)).unwrap_or(0);
    let shown = |lines: &[&str]| lines.get(differing).copied().unwrap_or("nothing").to_owned();
    Err(format!(
        "{PAGE}: line {} of the table differs from the measurement; `--write` replaces the table\n  there: {}\n  now:   {}",
        differing + 1,
        shown(&kept_lines),
        shown(&lines)
    ))
}

fn write() -> Result<(), String> {
    let page = read()?;
    let [before, _, behind] = parts(&page)?;
    let text = format!("{before}{BEGIN}{}{END}{behind}", table());
    std::fs::write(PAGE, text).map_err(|error| format!("{PAGE}: {error}"))
}

fn read() -> Result<String, String> {
    std::fs::read_to_string(PAGE).map_err(|error| format!("{PAGE}: {error}"))
}

/// The text before the table, the table, and the text after it.
fn parts(page: &str) -> Result<[&str; 3], String> {
    let missing = |line: &str| format!("{PAGE}: there is no line `{}`", line.trim_end());
    let (before, rest) = page.split_once(BEGIN).ok_or_else(|| missing(BEGIN))?;
    let (table, behind) = rest.split_once(END).ok_or_else(|| missing(END))?;
    Ok([before, table, behind])
}
