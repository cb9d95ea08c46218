//! The manifest: every file of every release with its hash, so that an edited, deleted or added golden is detected.

use std::fmt::Write as _;

use xxhash_rust::xxh3::xxh3_128;

use super::name::check_release;

/// The first line; its number is the version of the format.
const FIRST: &str = "typeser golden 1";
/// The text before the version.
const MAGIC: &str = "typeser golden ";

/// What the manifest of a set of goldens says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manifest {
    /// In the order of recording.
    pub(super) releases: Vec<ListedRelease>,
}

/// A release as the manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedRelease {
    pub(super) name: String,
    /// Sorted by name.
    pub(super) files: Vec<ListedFile>,
}

/// A file as the manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedFile {
    /// Within the folder of its release.
    pub(super) name: String,
    pub(super) hash: u128,
}

/// Why a text is no manifest of goldens, or not the one that was recorded.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It begins in another way.
    #[error("line 1: expected `{FIRST}`, found `{found}`: this is no manifest of goldens, or it was edited")]
    First {
        /// The first line.
        found: String,
    },
    /// A version of the format that this release does not know.
    #[error(
        "line 1: the goldens have format version {found}, this release of typeser reads 1: a newer release wrote them, so upgrade typeser"
    )]
    Version {
        /// The version.
        found: u32,
    },
    /// It is no text, or has line breaks of another kind.
    #[error(
        "line {line}: a byte that is not ASCII, or a carriage return: line breaks were converted on the way; put `* -text` into a `.gitattributes` beside it, and check the folder out again"
    )]
    Byte {
        /// The line, from 1.
        line: usize,
    },
    /// The last line is not there.
    #[error("the line `end ...` is missing: the file was cut off; check it out again")]
    Cut,
    /// Something follows the last line.
    #[error("line {line}: something follows the line `end ...`: the file was edited; check it out again")]
    Behind {
        /// The line, from 1.
        line: usize,
    },
    /// The lines are not those under the hash in the last line.
    #[error(
        "its last line says `end {listed:032x}`, its lines give {computed:032x}: it was edited, or two branches that both recorded were merged by hand; check it out again, and record the younger release once more"
    )]
    End {
        /// What the last line says.
        listed: u128,
        /// What the lines give.
        computed: u128,
    },
    /// A line that is none of a manifest.
    #[error("line {line}: {what}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What was expected and what was found.
        what: String,
    },
}

crate::text::debug_as_display!(ManifestError);

/// The hash of a file.
pub(super) fn hash(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

impl Manifest {
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{FIRST}\n");
        for release in &self.releases {
            _ = writeln!(text, "release {}", release.name);
            for file in &release.files {
                _ = writeln!(text, "{:032x}  {}/{}", file.hash, release.name, file.name);
            }
        }
        let end = hash(text.as_bytes());
        _ = writeln!(text, "end {end:032x}");
        text
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ManifestError> {
        if let Some(at) = bytes.iter().position(|byte| !matches!(byte, b'\n' | b' '..=b'~')) {
            let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
            return Err(ManifestError::Byte { line });
        }
        // ASCII, as was just seen.
        let text = String::from_utf8_lossy(bytes);
        let first = text.lines().next().unwrap_or_default();
        if first != FIRST {
            let version = first.strip_prefix(MAGIC).and_then(|version| version.parse().ok());
            return Err(match version {
                Some(found) if found != 1 => ManifestError::Version { found },
                _ => ManifestError::First { found: first.chars().take(40).collect() },
            });
        }
        let (above, end) = match text.rfind("\nend ") {
            Some(at) => text.split_at(at + 1),
            None => return Err(ManifestError::Cut),
        };
        let end = end.strip_suffix('\n').ok_or(ManifestError::Cut)?;
        if end.contains('\n') {
            return Err(ManifestError::Behind { line: above.lines().count() + 2 });
        }
        let listed = end.strip_prefix("end ").and_then(parse_hash).ok_or(ManifestError::Cut)?;
        let computed = hash(above.as_bytes());
        if listed != computed {
            return Err(ManifestError::End { listed, computed });
        }
        Self::from_lines(above)
    }

    fn from_lines(above: &str) -> Result<Self, ManifestError> {
        let mut manifest = Self::default();
        for (number, line) in above.lines().enumerate().skip(1) {
            let error = |what: String| ManifestError::Line { line: number + 1, what };
            if let Some(name) = line.strip_prefix("release ") {
                check_release(name).map_err(|reason| error(reason.to_string()))?;
                if manifest.releases.iter().any(|release| release.name.eq_ignore_ascii_case(name)) {
                    return Err(error(format!("the release `{name}` is listed twice")));
                }
                manifest.releases.push(ListedRelease { name: name.to_owned(), files: Vec::new() });
                continue;
            }
            let file = line.split_once("  ").and_then(|(hash, path)| Some((parse_hash(hash)?, path)));
            let (Some((hash, path)), Some(release)) = (file, manifest.releases.last_mut()) else {
                return Err(error(format!(
                    "expected `release NAME`, or a hash of 32 digits, two spaces and a file of the release above, found `{line}`"
                )));
            };
            let name = path.strip_prefix(release.name.as_str()).and_then(|rest| rest.strip_prefix('/'));
            let name = name.filter(|name| !name.is_empty() && !name.contains('/'));
            let Some(name) = name else {
                return Err(error(format!("expected a file of the release `{}`, found `{path}`", release.name)));
            };
            if release.files.last().is_some_and(|before| before.name.as_str() >= name) {
                return Err(error(format!("`{path}` is not in its place: files are sorted by name")));
            }
            release.files.push(ListedFile { name: name.to_owned(), hash });
        }
        Ok(manifest)
    }
}

/// The number that 32 lower-case hexadecimal digits represent.
fn parse_hash(text: &str) -> Option<u128> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    (text.len() == 32 && text.bytes().all(is_digit)).then(|| u128::from_str_radix(text, 16).ok()).flatten()
}
