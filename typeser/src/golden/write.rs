//! Converts goldens to the files that recording writes.

use std::collections::BTreeMap;

use super::manifest::{ListedFile, ListedRelease, Manifest, hash};
use super::name::{ACCEPTED, MANIFEST};
use super::read::{BINARY, JSON, SAMPLES};
use super::{Golden, Goldens, RecordedRelease, samples};
use crate::snapshot::WriteSnapshotError;

impl Goldens {
    /// All files, by their names within the folder: what [`Goldens::from_files`] reads.
    ///
    /// # Errors
    /// A snapshot is too large to be stored.
    #[doc(hidden)]
    pub fn to_files(&self) -> Result<BTreeMap<String, Vec<u8>>, WriteSnapshotError> {
        let mut files = BTreeMap::new();
        for release in &self.releases {
            let inside = files_of(release)?;
            files.extend(inside.into_iter().map(|(name, bytes)| (format!("{}/{name}", release.name), bytes)));
        }
        files.insert(MANIFEST.to_owned(), self.manifest()?.to_text().into_bytes());
        if !self.ledger.entries.is_empty() {
            files.insert(ACCEPTED.to_owned(), self.ledger.to_json().into_bytes());
        }
        Ok(files)
    }

    pub(super) fn manifest(&self) -> Result<Manifest, WriteSnapshotError> {
        let mut manifest = Manifest::default();
        for release in &self.releases {
            let file = |(name, bytes): (String, Vec<u8>)| ListedFile { name, hash: hash(&bytes) };
            let files = files_of(release)?.into_iter().map(file).collect();
            manifest.releases.push(ListedRelease { name: release.name.clone(), files });
        }
        Ok(manifest)
    }
}

/// The files of a release, by their names within its folder.
pub(super) fn files_of(release: &RecordedRelease) -> Result<BTreeMap<String, Vec<u8>>, WriteSnapshotError> {
    let mut files = BTreeMap::new();
    for golden in &release.goldens {
        files.extend(golden.files()?);
    }
    Ok(files)
}

impl Golden {
    /// The three files of the golden, by their names within the folder of its release.
    fn files(&self) -> Result<[(String, Vec<u8>); 3], WriteSnapshotError> {
        let stem = self.stem();
        Ok([
            (format!("{stem}{JSON}"), self.snapshot.to_json().into_bytes()),
            (format!("{stem}{BINARY}"), self.snapshot.to_bytes()?),
            (format!("{stem}{SAMPLES}"), samples::to_json(self).into_bytes()),
        ])
    }
}
