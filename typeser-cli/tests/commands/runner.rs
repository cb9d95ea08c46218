//! Runs the command in a temporary folder, and returns its whole output.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The built command.
pub(crate) const TYPESER: &str = env!("CARGO_BIN_EXE_typeser");

/// A folder in which the command runs. It is removed at the end of the test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    /// The folder that was entered, within that one.
    here: RefCell<PathBuf>,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), here: RefCell::default(), variables: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder in which commands run.
    pub(crate) fn here(&self) -> PathBuf {
        self.path().join(&*self.here.borrow())
    }

    /// What `cd` does.
    pub(crate) fn enter(&self, folder: &str) {
        self.here.borrow_mut().push(folder);
        assert!(self.here().is_dir(), "{folder} is not a folder");
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

    /// With a `cargo` whose `cargo test` is this script, for commands that run in this folder.
    ///
    /// It is the shell, which reads the script `test`: a file that was just written must not be executed, for a thread
    /// that starts a process at that moment may hold it open for writing ("Text file busy").
    #[cfg(unix)]
    pub(crate) fn cargo(self, script: &str) -> Self {
        self.file("test", format!("{script}\n")).variable("CARGO", "sh")
    }

    /// Runs the command with these words, and nothing on standard input.
    pub(crate) fn run(&self, words: &str) -> String {
        self.run_with(words, b"")
    }

    /// The command line, its output and its exit code. The folder and the version are redacted.
    pub(crate) fn run_with(&self, words: &str, stdin: &[u8]) -> String {
        let mut command = self.command();
        command.args(words.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may end without having read anything.
        drop(child.stdin.take().unwrap().write_all(stdin));
        let ended = child.wait_with_output().unwrap();
        let mut output = format!("$ typeser {words}\n");
        for (name, bytes) in [("stdout", &ended.stdout), ("stderr", &ended.stderr)] {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if !text.is_empty() {
                let missing = if text.ends_with('\n') { "" } else { "(no line break)\n" };
                _ = write!(output, "--- {name}\n{text}{missing}");
            }
        }
        _ = writeln!(
            output,
            "--- exit {}",
            ended.status.code().map_or("by a signal".to_owned(), |code| code.to_string())
        );
        self.redacted(&output)
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

    /// A program as a user would run it in this folder.
    pub(crate) fn user(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.here());
        // What cargo built for an earlier run is used again, and nothing is fetched.
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("first-golden-test"));
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1");
        let ours = ["CI", "COLUMNS", "RUSTFLAGS", "RUSTDOCFLAGS", "RUST_BACKTRACE", "TYPESER_WRITE_DOCS"];
        for variable in ours.iter().chain(&["TYPESER_GOLDEN_RECORD", "TYPESER_GOLDEN_CURRENT", "CARGO_PKG_NAME"]) {
            command.env_remove(variable);
        }
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
