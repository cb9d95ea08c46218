//! Runs the command in a folder of its own, and tells all that came out of it.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The built command.
pub(crate) const TYPESER: &str = env!("CARGO_BIN_EXE_typeser");

/// A folder in which the command runs. It is gone at the end of the test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders that it lies in.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Runs the command with these words, and nothing on standard input.
    pub(crate) fn run(&self, words: &str) -> String {
        self.run_with(words, b"")
    }

    /// What was typed, what came out, and how it ended. The folder and the version are left out of it.
    pub(crate) fn run_with(&self, words: &str, stdin: &[u8]) -> String {
        let mut command = self.command();
        command.args(words.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may end without having read anything.
        drop(child.stdin.take().unwrap().write_all(stdin));
        let output = child.wait_with_output().unwrap();
        let mut told = format!("$ typeser {words}\n");
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if !text.is_empty() {
                let missing = if text.ends_with('\n') { "" } else { "(no line break)\n" };
                _ = write!(told, "--- {name}\n{text}{missing}");
            }
        }
        _ = writeln!(
            told,
            "--- exit {}",
            output.status.code().map_or("by a signal".to_owned(), |code| code.to_string())
        );
        self.redacted(&told)
    }

    /// The command, in this folder, without what the tests' own surroundings would add.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(TYPESER);
        command.current_dir(self.path());
        for variable in ["CI", "CLICOLOR_FORCE", "CARGO_TERM_COLOR", "COLUMNS", "GIT_DIR", "GIT_WORK_TREE"] {
            command.env_remove(variable);
        }
        // No repository around the folder is to be found by accident.
        command.env("GIT_CEILING_DIRECTORIES", self.path().parent().unwrap());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn redacted(&self, text: &str) -> String {
        let canonical = fs::canonicalize(self.path()).unwrap();
        text.replace(canonical.to_str().unwrap(), "[DIR]")
            .replace(self.path().to_str().unwrap(), "[DIR]")
            .replace(repository().to_str().unwrap(), "[REPOSITORY]")
            .replace(concat!("typeser ", env!("CARGO_PKG_VERSION")), "typeser [VERSION]")
    }
}

/// The folder of the workspace.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file of the repository.
pub(crate) fn kept(name: &str) -> Vec<u8> {
    fs::read(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
