//! Reads files and folders of a revision by running git.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use super::error::InputError;
use super::files::{Files, read_up_to};

/// The content of a file at a revision; of a longer file, one byte more than the limit.
pub(super) fn file(revision: &str, path: &str, limit: usize) -> Result<Vec<u8>, InputError> {
    let name = format!("{revision}:{path}");
    if kind(&name)? == "tree" {
        return Err(InputError::IsFolder { name });
    }
    let mut git = Git::start(&name, &["cat-file", "blob", &name])?;
    let bytes = match git.child.stdout.take() {
        Some(out) => read_up_to(limit, out).map_err(|reason| InputError::GitMissing { name: name.clone(), reason })?,
        None => Vec::new(),
    };
    if bytes.len() <= limit {
        git.finish(&name)?;
    }
    Ok(bytes)
}

/// All files of a folder at a revision.
pub(super) fn folder(revision: &str, path: &str, files: &mut Files) -> Result<(), InputError> {
    let name = format!("{revision}:{path}");
    if kind(&name)? == "blob" {
        return Err(InputError::IsFile { name });
    }
    let listed = run(&name, &["ls-tree", "-r", "-z", "--full-tree", &name])?;
    let mut blobs: Vec<(String, String)> = Vec::new();
    for entry in listed.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
        // `100644 blob 7c4a013e52c76442ab80ee5572399a30373600a2\torders.value.json`
        let entry = std::str::from_utf8(entry)
            .map_err(|_| InputError::NameNotUnicode { name: String::from_utf8_lossy(entry).into_owned() })?;
        let (about, file) = entry.split_once('\t').unwrap_or((entry, ""));
        match about.split(' ').collect::<Vec<_>>()[..] {
            ["100644" | "100755" | "100664", "blob", id] => blobs.push((id.to_owned(), file.to_owned())),
            _ => return Err(InputError::NotAFile { name: format!("{name}/{file}") }),
        }
    }
    read_all(&name, &blobs, files)
}

/// How many files are requested at once. The ids of that many objects, at most 64 digits and a line break each, fit
/// into the smallest pipe, which has 4096 bytes.
const AT_ONCE: usize = 60;

/// Reads many files by one process.
fn read_all(name: &str, blobs: &[(String, String)], files: &mut Files) -> Result<(), InputError> {
    let failed = |reason| InputError::GitMissing { name: name.to_owned(), reason };
    let mut git = Git::start(name, &["cat-file", "--batch"])?;
    let (Some(mut ask), Some(answers)) = (git.child.stdin.take(), git.child.stdout.take()) else {
        return git.finish(name);
    };
    let mut answers = BufReader::new(answers);
    for blobs in blobs.chunks(AT_ONCE) {
        // All earlier requests were answered, so these fit into the pipe, and neither side blocks on a full one.
        let requests: String = blobs.iter().map(|(id, _)| format!("{id}\n")).collect();
        ask.write_all(requests.as_bytes()).and_then(|()| ask.flush()).map_err(failed)?;
        for (_, file) in blobs {
            // `7c4a013e52c76442ab80ee5572399a30373600a2 blob 1834`
            let mut header = String::new();
            answers.read_line(&mut header).map_err(failed)?;
            let length = header.trim_end().rsplit(' ').next().and_then(|length| length.parse::<u64>().ok());
            let Some(length) = length.filter(|_| header.contains(" blob ")) else {
                return Err(InputError::Git { name: format!("{name}/{file}"), said: header.trim_end().to_owned() });
            };
            let mut bytes = Vec::new();
            (&mut answers).take(length).read_to_end(&mut bytes).map_err(failed)?;
            answers.read_exact(&mut [0]).map_err(failed)?;
            files.add(file.clone(), bytes)?;
        }
    }
    drop(ask);
    git.finish(name)
}

/// `blob` or `tree`.
fn kind(name: &str) -> Result<String, InputError> {
    let said = run(name, &["cat-file", "-t", name])?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}

fn run(name: &str, arguments: &[&str]) -> Result<Vec<u8>, InputError> {
    let output =
        command(arguments).output().map_err(|reason| InputError::GitMissing { name: name.to_owned(), reason })?;
    if output.status.success() { Ok(output.stdout) } else { Err(refused(name, &output.stderr)) }
}

/// No argument from the user starts with a dash, which git could take for an option: `Source` accepts no such revision.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(arguments).env("LC_ALL", "C").stdin(Stdio::null());
    command
}

fn refused(name: &str, stderr: &[u8]) -> InputError {
    let said = String::from_utf8_lossy(stderr);
    let said = said.trim().trim_start_matches("fatal: ").replace("\nhint: ", "\n");
    InputError::Git { name: name.to_owned(), said }
}

/// A running git.
struct Git {
    child: Child,
}

impl Git {
    fn start(name: &str, arguments: &[&str]) -> Result<Self, InputError> {
        let mut command = command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|reason| InputError::GitMissing { name: name.to_owned(), reason })?;
        Ok(Self { child })
    }

    fn finish(self, name: &str) -> Result<(), InputError> {
        let output =
            self.child.wait_with_output().map_err(|reason| InputError::GitMissing { name: name.to_owned(), reason })?;
        if output.status.success() { Ok(()) } else { Err(refused(name, &output.stderr)) }
    }
}
