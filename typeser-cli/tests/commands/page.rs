//! Runs a page of the documentation word for word: writes its files, runs its commands, compares what they print.
//!
//! A file is a fenced block after a line that ends with its name: `` `src/lib.rs`: ``. Commands are in `console`
//! blocks, after `$ `. The lines below a command are its output, where the line `...` matches any lines and `[..]` any
//! part of a line. A command without lines below it has to succeed.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::runner::{Place, repository};

/// Set to write what the commands print into the page instead of comparing it.
const WRITE: &str = "TYPESER_WRITE_DOCS";

/// How a page is run.
pub(crate) struct Page {
    path: PathBuf,
    /// Whether what commands print can be written into the page; if not, people choose what of it is shown.
    is_written: bool,
}

/// A command, and what the page says that it prints.
struct Command {
    command: String,
    expected: Vec<String>,
}

impl Page {
    /// A page in the folder `docs`, whose outputs are kept whole.
    pub(crate) fn whole(name: &str) -> Self {
        Self { path: repository().join("docs").join(name), is_written: true }
    }

    /// A page that shows parts of what commands print.
    pub(crate) fn in_parts(name: &str) -> Self {
        Self { path: repository().join("docs").join(name), is_written: false }
    }

    /// Runs the page. `run` does what a line says in a shell, in the folder of `place`, and answers what was printed
    /// and the exit code.
    pub(crate) fn run(&self, place: &Place, mut run: impl FnMut(&str) -> (String, i32)) {
        let text = fs::read_to_string(&self.path).unwrap();
        let mut written = String::new();
        let mut before = "";
        let mut lines = text.lines();
        let mut commands = 0;
        while let Some(line) = lines.next() {
            _ = writeln!(written, "{line}");
            let Some(language) = line.strip_prefix("```") else {
                before = if line.is_empty() { before } else { line };
                continue;
            };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if language == "console" {
                let mut last = 0;
                for output in commands_of(&block) {
                    let (printed, code) = match output.command.as_str() {
                        "echo $?" => (format!("{last}\n"), 0),
                        command if command.starts_with("cd ") => {
                            place.enter(&command["cd ".len()..]);
                            (String::new(), 0)
                        }
                        command => run(command),
                    };
                    _ = write!(written, "$ {}\n{printed}", output.command);
                    self.compare(&output, &printed, code);
                    last = if output.command == "echo $?" { 0 } else { code };
                    commands += 1;
                }
            } else {
                block.iter().for_each(|line| _ = writeln!(written, "{line}"));
                if let Some(name) = before.strip_suffix("`:").and_then(|before| before.rsplit('`').next()) {
                    let path = place.here().join(name);
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, block.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
                }
            }
            written.push_str("```\n");
            before = "";
        }
        assert!(commands > 0, "the page has commands at all");
        if self.is_written && std::env::var_os(WRITE).is_some() {
            assert!(std::env::var_os("CI").is_none(), "CI compares the page, it never writes it");
            fs::write(&self.path, written).unwrap();
        }
    }

    fn compare(&self, output: &Command, printed: &str, code: i32) {
        if self.is_written && std::env::var_os(WRITE).is_some() {
            return;
        }
        let Command { command, expected } = output;
        if expected.is_empty() && !self.is_written {
            assert_eq!(code, 0, "`{command}` in {} ends with {code}:\n{printed}", self.path.display());
            return;
        }
        let printed_lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        assert!(
            fits(&expected.iter().map(String::as_str).collect::<Vec<_>>(), &printed_lines),
            "`{command}` in {} prints something else (run with {WRITE}=1 to write it, where the page is written):\n\
             --- the page\n{}\n--- printed\n{printed}",
            self.path.display(),
            expected.join("\n")
        );
    }
}

/// The commands of a block, each with the lines below it.
fn commands_of(block: &[&str]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push(Command { command: command.to_owned(), expected: Vec::new() }),
            (None, Some(output)) => output.expected.push((*line).to_owned()),
            (None, None) => panic!("a block of commands begins with `{line}`"),
        }
    }
    commands
}

/// Whether lines are the expected ones, where `...` matches any number of lines, also none.
fn fits(expected: &[&str], printed: &[&str]) -> bool {
    match expected {
        [] => printed.is_empty(),
        ["...", rest @ ..] => (0..=printed.len()).any(|skip| fits(rest, &printed[skip..])),
        [line, rest @ ..] => printed.first().is_some_and(|first| is_like(line, first)) && fits(rest, &printed[1..]),
    }
}

/// Whether a line is the expected one, where `[..]` matches any part of it.
fn is_like(expected: &str, printed: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == printed,
        Some((before, behind)) => printed.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| is_like(behind, &rest[at..]))
        }),
    }
}

#[test]
fn three_dots_match_any_lines() {
    let cases: [(&[&str], &[&str], bool); 11] = [
        (&["a[..]c[..]"], &["abcd"], true),
        (&["a[..]c"], &["abcd"], false),
        (&["[..]"], &[""], true),
        (&[], &[], true),
        (&[], &["a"], false),
        (&["a"], &["a"], true),
        (&["a"], &["a", "b"], false),
        (&["..."], &["a", "b"], true),
        (&["...", "b"], &["a", "b"], true),
        (&["...", "b", "..."], &["a", "c"], false),
        (&["a", "...", "d"], &["a", "b", "c", "d"], true),
    ];
    for (expected, printed, fit) in cases {
        assert_eq!(fits(expected, printed), fit, "{expected:?} {printed:?}");
    }
}
