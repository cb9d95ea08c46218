//! The contents of a folder: goldens of releases, or snapshots of today's types.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use typeser::golden::{Goldens, Today, is_locations_file};
use typeser::resolve::{FileForm, Role};

use super::by_hand;
use crate::failure::Failure;
use crate::input::{self, Source};
use crate::output::{File, Text, in_repository};

/// The file that makes a folder one of goldens.
const MANIFEST: &str = "manifest.txt";

/// A folder, read.
#[derive(Debug)]
pub(in crate::commands) struct Recorded {
    pub(in crate::commands) source: Source,
    pub(in crate::commands) holds: Holds,
    files: BTreeMap<String, Vec<u8>>,
    /// The folder, relative to the root of the repository.
    path: String,
}

/// What a folder holds.
#[derive(Debug)]
pub(in crate::commands) enum Holds {
    /// What releases recorded.
    Goldens(Goldens),
    /// The types as they are now.
    Today(Today),
}

impl Recorded {
    /// Reads what was typed: a folder, or one as a revision has it.
    pub(in crate::commands) fn read(typed: &OsStr) -> Result<Self, Failure> {
        let is_goldens = |files: &BTreeMap<String, Vec<u8>>| files.contains_key(MANIFEST);
        let folder = input::folder(typed)?;
        let (source, files) = (folder.source, folder.files);
        let holds = if is_goldens(&files) {
            // Messages name the folder if it is read from disk.
            let goldens = match &source {
                Source::Path(path) => Goldens::read(path)?,
                _ => Goldens::from_files(&files).map_err(|error| format!("{source}: {error}"))?,
            };
            Holds::Goldens(goldens)
        } else if let Some(today) = by_hand::today(&source, &files)? {
            Holds::Today(today)
        } else if let Some(releases) = by_hand::releases(&source, &files)? {
            Holds::Goldens(releases)
        } else {
            return Err(format!(
                "`{source}` has neither goldens ({MANIFEST}) nor snapshots (STATE.ROLE.json, or RELEASE/STATE.ROLE.json)\n\
                 help: record the release in use with `typeser golden record --release X`, or write today's \
                 snapshots with `typeser golden current --out DIR`"
            )
            .into());
        };
        let path = match &source {
            Source::Path(folder) => in_repository(folder),
            Source::Git { path, .. } => path.trim_start_matches("./").trim_end_matches('/').to_owned(),
            Source::Stdin => String::from("."),
        };
        Ok(Self { source, holds, files, path })
    }

    /// The file with the snapshot of a state, as this release recorded it or, without a release, as it is today.
    pub(in crate::commands) fn file(&self, release: Option<&str>, state: &str, role: Role) -> Option<File> {
        let name = self.name(release, state, role)?;
        let bytes = self.files.get(&name)?;
        let text = match &self.source {
            Source::Path(folder) => Text::on_disk(folder.join(&name)),
            _ => Text::held(String::from_utf8_lossy(bytes).into_owned()),
        };
        Some(File { path: self.within(name), text })
    }

    /// The form in which a person wrote the snapshot of a state; `None` if a program wrote it.
    ///
    /// Programs write goldens with a manifest, and today's snapshots with the places of their types.
    pub(super) fn form(&self, release: Option<&str>, state: &str, role: Role) -> Option<FileForm> {
        let of_program = |name: &String| name == MANIFEST || is_locations_file(name);
        if self.files.keys().any(of_program) {
            return None;
        }
        let bytes = self.files.get(&self.name(release, state, role)?)?;
        let (form, _) = input::parse(&self.source, bytes).ok()?;
        form.edited()
    }

    /// The name of the file with the snapshot of a state.
    fn name(&self, release: Option<&str>, state: &str, role: Role) -> Option<String> {
        let names = by_hand::names(state, role);
        let mut names = names.map(|name| release.map_or_else(|| name.clone(), |release| format!("{release}/{name}")));
        names.find(|name| self.files.contains_key(name))
    }

    /// A file of the folder, relative to the root of the repository.
    fn within(&self, name: String) -> String {
        if self.path == "." { name } else { format!("{}/{name}", self.path) }
    }

    /// The folder relative to the root of the repository, and as it was typed.
    pub(in crate::commands) fn typed(&self) -> Option<(String, String)> {
        let typed = self.folder()?.display().to_string();
        Some((self.path.clone(), typed.trim_end_matches('/').to_owned()))
    }

    /// The folder, if it is one on disk.
    pub(super) fn folder(&self) -> Option<&Path> {
        match &self.source {
            Source::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The file that represents the folder in reports, which cannot name folders.
    pub(in crate::commands) fn about(&self) -> String {
        let first = || self.files.keys().next().cloned().unwrap_or_default();
        let name = if self.files.contains_key(MANIFEST) { MANIFEST.to_owned() } else { first() };
        self.within(name)
    }

    /// The path of the ledger, and its text if it exists.
    pub(super) fn ledger(&self) -> (Option<PathBuf>, Option<String>) {
        let text = self.files.get(by_hand::LEDGER).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        (self.folder().map(|folder| folder.join(by_hand::LEDGER)), text)
    }
}
