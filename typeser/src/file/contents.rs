//! The bytes of a file: magic, version, length, release, snapshot, value, checksum.

use super::error::{MigrateContentsError, ReadContentsError, WriteContentsError};
use super::format::{CURRENT_VERSION, MAGIC};
use crate::golden::check_release;
use crate::migrate::{Scratch, Trust};
use crate::report::Report;
use crate::resolve::{Compatibility, Policy, Role, resolve};
use crate::schema::NodeId;
use crate::serializer::Conversions;
use crate::snapshot::SerializerSnapshot;
use crate::wire::{checksum, validate};

const VERSION_AT: usize = MAGIC.len();
const LENGTH_AT: usize = VERSION_AT + size_of::<u16>();
const RELEASE_AT: usize = LENGTH_AT + size_of::<u64>();
const CHECKSUM_SIZE: usize = size_of::<u32>();

/// How many bytes say what a file is and how long it is.
pub(super) const HEADER: usize = RELEASE_AT;
/// The longest front: all before the value.
pub(super) const LONGEST_FRONT: usize = RELEASE_AT + 1 + u8::MAX as usize + crate::schema::Limits::SNAPSHOT_BYTES;

/// What a file contains.
///
/// ```
/// use typeser::file::FileContents;
/// use typeser::{Serializer, TypeSerializer};
///
/// let snapshot = Serializer::<u32>::new()?.snapshot().clone();
/// let contents = FileContents { release: Some("1.4.0"), snapshot, value: &[7, 0, 0, 0] };
/// let bytes = contents.to_bytes()?;
/// assert_eq!(FileContents::from_bytes(&bytes)?, contents);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContents<'a> {
    /// The release that wrote it, if it said so.
    pub release: Option<&'a str>,
    /// The serializer that wrote it.
    pub snapshot: SerializerSnapshot,
    /// The bytes of the value.
    pub value: &'a [u8],
}

impl<'a> FileContents<'a> {
    /// The bytes of the file.
    ///
    /// # Errors
    /// The name of the release is not one, or the snapshot is too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WriteContentsError> {
        let mut bytes = front(self.release, &self.snapshot)?;
        bytes.extend_from_slice(self.value);
        finish(&mut bytes);
        Ok(bytes)
    }

    /// Reads the bytes of a file, and checks them: magic, version, length and checksum before all else.
    ///
    /// # Errors
    /// They are not those of a whole file; see [`ReadContentsError`].
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, ReadContentsError> {
        let found = bytes.len() as u64;
        let expected = length(bytes)?;
        if found > expected {
            return Err(ReadContentsError::TrailingBytes { count: found - expected });
        }
        let body = bytes.split_last_chunk::<CHECKSUM_SIZE>().filter(|_| found == expected);
        let (body, stored) = body.ok_or(ReadContentsError::Cut { expected, found })?;
        let (stored, computed) = (u32::from_le_bytes(*stored), checksum(body));
        if stored != computed {
            return Err(ReadContentsError::Checksum { stored, computed });
        }
        Self::of_front(body)
    }

    /// The bytes of the value in the layout of another snapshot, as a release with that snapshot would load and save it.
    ///
    /// This is for tools: the functions of a program are not at hand.
    ///
    /// # Errors
    /// The other snapshot cannot read this one, the migration needs functions of the program, or the value is not one of
    /// its snapshot.
    pub fn value_as(&self, new: &SerializerSnapshot, policy: &Policy) -> Result<Vec<u8>, MigrateContentsError> {
        let resolution = resolve(&self.snapshot, new, Role::Value, policy);
        if resolution.compatibility() == Compatibility::Incompatible {
            let subject = format!("value of `{}`", new.name());
            return Err(MigrateContentsError::Incompatible(Box::new(Report::new(subject, &resolution))));
        }
        if resolution.is_read_only() {
            return Err(MigrateContentsError::ReadOnly);
        }
        match resolution.translation(&Conversions::new())? {
            Some(migration) => {
                let mut value = Vec::new();
                migration.run(self.value, Trust::Foreign, &mut Scratch::default(), &mut value)?;
                Ok(value)
            }
            None => {
                let (schema, integers) = (self.snapshot.schema(), self.snapshot.configuration().integers);
                validate(schema, NodeId::ROOT, integers, self.value)?;
                Ok(self.value.to_vec())
            }
        }
    }

    /// Reads release and snapshot. All bytes behind them are the value.
    pub(super) fn of_front(bytes: &'a [u8]) -> Result<Self, ReadContentsError> {
        length(bytes)?;
        let (release, rest) = release(bytes).ok_or(ReadContentsError::Release)?;
        let (snapshot, size) = SerializerSnapshot::from_front(rest)?;
        Ok(Self { release, snapshot, value: &rest[size..] })
    }
}

/// All that stands before the value. The length is filled in by [`finish`].
pub(super) fn front(release: Option<&str>, snapshot: &SerializerSnapshot) -> Result<Vec<u8>, WriteContentsError> {
    let release = release.unwrap_or_default();
    if !release.is_empty() {
        check_release(release)?;
    }
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&CURRENT_VERSION.to_le_bytes());
    bytes.extend_from_slice(&0u64.to_le_bytes());
    // Names of releases are shorter than 256 bytes.
    bytes.push(release.len() as u8);
    bytes.extend_from_slice(release.as_bytes());
    bytes.extend_from_slice(&snapshot.to_bytes()?);
    Ok(bytes)
}

/// Fills in the length and appends the checksum.
pub(super) fn finish(bytes: &mut Vec<u8>) {
    let length = (bytes.len() + CHECKSUM_SIZE) as u64;
    bytes[LENGTH_AT..RELEASE_AT].copy_from_slice(&length.to_le_bytes());
    let checksum = checksum(bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// Whether two fronts are the same, whatever the length of the files.
pub(super) fn same_front(one: &[u8], two: &[u8]) -> bool {
    one.get(..LENGTH_AT) == two.get(..LENGTH_AT) && one.get(RELEASE_AT..) == two.get(RELEASE_AT..)
}

/// How long the file is, by its header.
pub(super) fn length(bytes: &[u8]) -> Result<u64, ReadContentsError> {
    let cut = ReadContentsError::Cut { expected: HEADER as u64, found: bytes.len() as u64 };
    let begins = bytes.get(..MAGIC.len()).unwrap_or(bytes);
    // An empty file is what remains where a program crashed before it wrote anything.
    if !MAGIC.starts_with(begins) {
        return Err(ReadContentsError::NotAFile { found: begins.to_vec() });
    }
    match array_at(bytes, VERSION_AT).map(u16::from_le_bytes) {
        None => return Err(cut),
        Some(CURRENT_VERSION) => {}
        Some(found) => return Err(ReadContentsError::UnknownVersion { found }),
    }
    array_at(bytes, LENGTH_AT).map(u64::from_le_bytes).ok_or(cut)
}

/// The name of the release, and what follows it.
fn release(bytes: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let (length, rest) = bytes.get(RELEASE_AT..)?.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    if name.is_empty() {
        return Some((None, rest));
    }
    let name = std::str::from_utf8(name).ok()?;
    // It becomes part of a file name.
    check_release(name).ok()?;
    Some((Some(name), rest))
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
