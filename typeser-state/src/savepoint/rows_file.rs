//! Files of rows: a head, blocks with a checksum each, and an end with the number of rows.
//!
//! ```text
//! head      envelope: magic, version, length, sort of rows, uid, max parallelism, key groups, checksum
//! block     payload length u32 | rows u32 | kind u8 | payload | CRC-32 over all of the block before it, u32
//!   kind 0    rows as they are: key length, value length (LEB128, u32), key, value; again and again
//!   kind 255  the end: the number of rows in the file, u64
//! ```
//!
//! Blocks are the same in versions 1 and 2; heads are those of [`super::v1`] and [`super::v2`]. A new kind of block,
//! such as a compressed one, gets a new number.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::contents::RowsHead;
use super::error::ReadSavepointError;
use super::format::ROWS_MAGIC;
use super::operator::RowsFile;
use super::row_check::RowCheck;
use super::{envelope, v1, v2};
use crate::descriptor::{OperatorMeta, StateMeta};
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::row::{RowKey, RowKeyError, RowTooLarge, put_length, take_length};

/// The size from which a block is full. A larger row gets a separate block.
pub(super) const BLOCK_BYTES: usize = 256 * 1024;

const KIND_ROWS: u8 = 0;
const KIND_END: u8 = 255;
const BLOCK_HEAD: usize = 4 + 4 + 1;
const CHECKSUM: usize = 4;

/// Writes a file of rows.
pub(super) struct RowsWriter<'a> {
    file: BufWriter<File>,
    check: RowCheck<'a>,
    hasher: Xxh3,
    length: u64,
    payload: Vec<u8>,
    rows_in_block: u32,
    rows: u64,
}

/// The head of a file with rows of an operator and some key groups; `None` if it would be too large.
pub(super) fn head(meta: &OperatorMeta, range: KeyGroupRange) -> Option<Vec<u8>> {
    let head = v2::write_rows_head(&RowsHead {
        keyed: meta.keyed,
        uid: meta.uid.clone(),
        max_parallelism: meta.max_parallelism,
        key_groups: range,
    });
    envelope::wrap(ROWS_MAGIC, &head)
}

/// The size of the head of a file, of any version. Only its length field is read.
pub(super) fn head_size(path: &Path) -> Result<u64, ReadSavepointError> {
    let io = |source| ReadSavepointError::Io { file: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    let found = file.metadata().map_err(io)?.len();
    let mut bytes = Vec::new();
    file.take(envelope::HEAD as u64).read_to_end(&mut bytes).map_err(io)?;
    envelope::size(path, ROWS_MAGIC, &bytes, found)
}

/// Why a row was not written.
pub(super) enum RowsWriteError {
    Io(io::Error),
    Row(RowKeyError),
    /// The reason.
    Misplaced(String),
    TooLarge(RowTooLarge),
}

impl<'a> RowsWriter<'a> {
    pub(super) fn create(path: &Path, meta: &'a OperatorMeta, range: KeyGroupRange) -> Result<Self, RowsWriteError> {
        let file = BufWriter::new(File::create_new(path)?);
        let mut writer = Self {
            file,
            check: RowCheck::new(meta, range),
            hasher: Xxh3::new(),
            length: 0,
            payload: Vec::with_capacity(BLOCK_BYTES),
            rows_in_block: 0,
            rows: 0,
        };
        let head =
            head(meta, range).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the head is too large"))?;
        writer.write(&head)?;
        Ok(writer)
    }

    /// Appends a row. Rows must be in the order of their keys.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), RowsWriteError> {
        let parsed = RowKey::parse(key).map_err(RowsWriteError::Row)?;
        let bytes = key.len() + value.len();
        // Ten bytes for both lengths.
        if u32::try_from(bytes + 10).is_err() {
            return Err(RowsWriteError::TooLarge(RowTooLarge { length: bytes }));
        }
        self.check.next(key, &parsed, value.len()).map_err(RowsWriteError::Misplaced)?;
        if self.rows_in_block > 0 && self.payload.len() + bytes > BLOCK_BYTES {
            self.end_block(KIND_ROWS)?;
        }
        put_length(key.len(), &mut self.payload).map_err(RowsWriteError::TooLarge)?;
        put_length(value.len(), &mut self.payload).map_err(RowsWriteError::TooLarge)?;
        self.payload.extend_from_slice(key);
        self.payload.extend_from_slice(value);
        self.rows_in_block += 1;
        self.rows += 1;
        Ok(())
    }

    /// Writes the last block and the end, and syncs the file.
    pub(super) fn finish(mut self, name: String, key_groups: KeyGroupRange) -> Result<RowsFile, RowsWriteError> {
        if self.rows_in_block > 0 {
            self.end_block(KIND_ROWS)?;
        }
        let rows = self.rows;
        self.payload.extend_from_slice(&rows.to_le_bytes());
        self.end_block(KIND_END)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        let (length, hash, states) = (self.length, self.hasher.digest(), self.check.sizes());
        Ok(RowsFile { name, key_groups, length, hash, states })
    }

    fn end_block(&mut self, kind: u8) -> Result<(), RowsWriteError> {
        let payload = std::mem::take(&mut self.payload);
        let length = u32::try_from(payload.len())
            .map_err(|_| RowsWriteError::TooLarge(RowTooLarge { length: payload.len() }))?;
        let mut head = [0; BLOCK_HEAD];
        head[..4].copy_from_slice(&length.to_le_bytes());
        head[4..8].copy_from_slice(&self.rows_in_block.to_le_bytes());
        head[8] = kind;
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&head);
        checksum.update(&payload);
        self.write(&head)?;
        self.write(&payload)?;
        self.write(&checksum.finalize().to_le_bytes())?;
        self.payload = payload;
        self.payload.clear();
        self.rows_in_block = 0;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }
}

impl From<io::Error> for RowsWriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a file of rows, a block at a time.
pub(super) struct RowsReader<'a> {
    path: PathBuf,
    file: BufReader<File>,
    /// The file's entry in the manifest.
    expected: &'a RowsFile,
    check: RowCheck<'a>,
    hasher: Xxh3,
    /// The number of bytes read so far.
    offset: u64,
    /// The current block: its payload, the offset of the payload in the file, and the offset of the next row in the
    /// payload.
    payload: Vec<u8>,
    payload_offset: u64,
    next_row: usize,
    row: RowSpan,
    rows_left: u32,
    rows: u64,
    /// The number of blocks read so far, the last of which is the end.
    blocks: u64,
    ended: bool,
    /// What has to be skipped if the next step fails.
    skip_scope: SkipScope,
    /// Whether something was skipped. Then the end of the file is not checked.
    incomplete: bool,
}

/// How much a reader has to skip to continue after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SkipScope {
    Row,
    Block,
    File,
}

/// The position of a row in the payload of its block.
#[derive(Debug, Clone, Default)]
struct RowSpan {
    begin: usize,
    key: Range<usize>,
    value: Range<usize>,
}

/// A row in a block.
pub(super) struct RawRow<'a> {
    pub(super) state: &'a StateMeta,
    pub(super) parsed: RowKey<'a>,
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
    /// Its offset in the file.
    pub(super) offset: u64,
}

impl<'a> RowsReader<'a> {
    /// Opens a file of the manifest for reading.
    pub(super) fn open(
        path: PathBuf,
        operator: &'a OperatorMeta,
        expected: &'a RowsFile,
    ) -> Result<Self, ReadSavepointError> {
        let io = |source| ReadSavepointError::Io { file: path.clone(), source };
        let file = File::open(&path).map_err(io)?;
        let found = file.metadata().map_err(io)?.len();
        let mut file = BufReader::with_capacity(64 * 1024, file);
        let mut bytes = Vec::new();
        (&mut file).take(envelope::HEAD as u64).read_to_end(&mut bytes).map_err(io)?;
        let size = envelope::size(&path, ROWS_MAGIC, &bytes, found)?;
        (&mut file).take(size - bytes.len() as u64).read_to_end(&mut bytes).map_err(io)?;
        let opened = envelope::open(&path, ROWS_MAGIC, &bytes)?;
        let malformed = |offset: usize, reason| ReadSavepointError::Malformed {
            file: path.clone(),
            offset: (envelope::BODY_AT + offset) as u64,
            reason,
        };
        // `envelope` accepts only these two.
        let head = if opened.version == 1 { v1::read_rows_head(opened.body) } else { v2::read_rows_head(opened.body) };
        let head = head.map_err(|error| malformed(error.offset, error.reason))?;
        let wanted = RowsHead {
            keyed: operator.keyed,
            uid: operator.uid.clone(),
            max_parallelism: operator.max_parallelism,
            key_groups: expected.key_groups,
        };
        if head != wanted {
            return Err(malformed(0, format!("the file holds {head}; the manifest says {wanted}")));
        }
        if found < expected.length {
            let expected = expected.length;
            return Err(ReadSavepointError::Cut { file: path, offset: found, expected, found });
        }
        if found > expected.length {
            return Err(ReadSavepointError::TooLong { file: path, expected: expected.length, found });
        }
        let mut hasher = Xxh3::new();
        hasher.update(&bytes);
        Ok(Self {
            offset: opened.size as u64,
            path,
            file,
            expected,
            check: RowCheck::new(operator, expected.key_groups),
            hasher,
            payload: Vec::new(),
            payload_offset: 0,
            next_row: 0,
            row: RowSpan::default(),
            rows_left: 0,
            rows: 0,
            blocks: 0,
            ended: false,
            skip_scope: SkipScope::File,
            incomplete: false,
        })
    }

    /// Advances to the next row and returns its key group; `None` at the end, after every checksum was correct.
    pub(super) fn advance(&mut self) -> Result<Option<KeyGroup>, ReadSavepointError> {
        while self.rows_left == 0 {
            if self.ended || !self.next_block()? {
                return Ok(None);
            }
        }
        let begin = self.next_row;
        self.skip_scope = SkipScope::Block;
        let row = &self.payload[begin..];
        let sizes = take_length(row).and_then(|(key, rest)| {
            let (value, rest) = take_length(rest)?;
            (key.checked_add(value)? <= rest.len()).then(|| (key, value, row.len() - rest.len()))
        });
        let Some((key, value, skip)) = sizes else {
            return Err(self.malformed(begin, "a row goes beyond its block".to_owned()));
        };
        let key = begin + skip..begin + skip + key;
        let value = key.end..key.end + value;
        self.next_row = value.end;
        self.row = RowSpan { begin, key, value };
        self.skip_scope = SkipScope::Row;
        let (key, value) = (&self.payload[self.row.key.clone()], self.row.value.len());
        let parsed = RowKey::parse(key).map_err(|error| self.malformed(begin, error.to_string()))?;
        let group = parsed.key_group;
        if let Err(reason) = self.check.next(key, &parsed, value) {
            return Err(self.malformed(begin, reason));
        }
        self.rows_left -= 1;
        self.rows += 1;
        if self.rows_left == 0 && self.next_row != self.payload.len() {
            let count = self.payload.len() - self.next_row;
            return Err(self.malformed(begin, format!("{count} bytes follow the last row of the block")));
        }
        Ok(Some(group))
    }

    /// Continues after an error of [`RowsReader::advance`]. Skips as little as the error allows: a row, a block, or the
    /// rest of the file. The end of the file is then not compared with what was read.
    pub(super) fn resume(&mut self) {
        self.incomplete = true;
        match self.skip_scope {
            SkipScope::Row => self.rows_left = self.rows_left.saturating_sub(1),
            SkipScope::Block => self.rows_left = 0,
            SkipScope::File => (self.rows_left, self.ended) = (0, true),
        }
    }

    /// The row that [`RowsReader::advance`] has reached; `None` before the first.
    pub(super) fn row(&self) -> Result<Option<RawRow<'_>>, ReadSavepointError> {
        let RowSpan { begin, key, value } = &self.row;
        let Some(state) = self.check.state() else { return Ok(None) };
        let key = &self.payload[key.clone()];
        let parsed = RowKey::parse(key).map_err(|error| self.malformed(*begin, error.to_string()))?;
        let (value, offset) = (&self.payload[value.clone()], self.payload_offset + *begin as u64);
        Ok(Some(RawRow { state, parsed, key, value, offset }))
    }

    /// Reads a block of rows. Returns whether there was one.
    fn next_block(&mut self) -> Result<bool, ReadSavepointError> {
        let begin = self.offset;
        self.skip_scope = SkipScope::File;
        if self.incomplete && begin == self.expected.length {
            // The end itself was skipped.
            self.ended = true;
            return Ok(false);
        }
        let mut head = [0; BLOCK_HEAD];
        self.check_length(begin, BLOCK_HEAD as u64)?;
        self.read_into_head(&mut head)?;
        let [a, b, c, d, e, f, g, h, kind] = head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let rows = u32::from_le_bytes([e, f, g, h]);
        self.check_length(begin, length as u64 + CHECKSUM as u64)?;
        self.payload_offset = self.offset;
        let io = |source| ReadSavepointError::Io { file: self.path.clone(), source };
        self.payload.clear();
        self.payload.resize(length + CHECKSUM, 0);
        self.file.read_exact(&mut self.payload).map_err(io)?;
        self.hasher.update(&self.payload);
        self.offset += self.payload.len() as u64;
        self.blocks += 1;
        self.skip_scope = SkipScope::Block;
        let mut stored = [0; CHECKSUM];
        stored.copy_from_slice(&self.payload[length..]);
        let stored = u32::from_le_bytes(stored);
        self.payload.truncate(length);
        let mut computed = crc32fast::Hasher::new();
        computed.update(&head);
        computed.update(&self.payload);
        let computed = computed.finalize();
        if stored != computed {
            let (file, length) = (self.path.clone(), (BLOCK_HEAD + length) as u64);
            return Err(ReadSavepointError::Damaged { file, offset: begin, length, stored, computed });
        }
        self.next_row = 0;
        match kind {
            KIND_ROWS if rows > 0 => {
                self.rows_left = rows;
                Ok(true)
            }
            KIND_END if rows == 0 => {
                self.skip_scope = SkipScope::File;
                self.end(begin).map(|()| false)
            }
            kind => Err(self.malformed_block(begin, format!("a block of kind {kind} with {rows} rows"))),
        }
    }

    fn end(&mut self, begin: u64) -> Result<(), ReadSavepointError> {
        if self.incomplete {
            self.ended = true;
            return Ok(());
        }
        if self.payload != self.rows.to_le_bytes() {
            let reason = format!("the file holds {} rows, but its end states another number", self.rows);
            return Err(self.malformed_block(begin, reason));
        }
        if self.offset != self.expected.length {
            let (file, expected, found) = (self.path.clone(), self.offset, self.expected.length);
            return Err(ReadSavepointError::TooLong { file, expected, found });
        }
        // Every checksum is correct, so if the hash differs, this is another, intact file.
        let (stored, computed) = (self.expected.hash, self.hasher.digest());
        if stored != computed {
            return Err(ReadSavepointError::OtherFile { file: self.path.clone(), stored, computed });
        }
        if let Some(reason) = self.check.difference(&self.expected.states) {
            return Err(self.malformed_block(begin, reason));
        }
        self.ended = true;
        Ok(())
    }

    fn read_into_head(&mut self, head: &mut [u8; BLOCK_HEAD]) -> Result<(), ReadSavepointError> {
        let io = |source| ReadSavepointError::Io { file: self.path.clone(), source };
        self.file.read_exact(head).map_err(io)?;
        self.hasher.update(head);
        self.offset += BLOCK_HEAD as u64;
        Ok(())
    }

    /// Checks a length against the size of the file before anything is allocated.
    fn check_length(&self, begin: u64, bytes: u64) -> Result<(), ReadSavepointError> {
        let expected = self.offset.saturating_add(bytes);
        if expected <= self.expected.length {
            return Ok(());
        }
        let (file, found) = (self.path.clone(), self.expected.length);
        Err(ReadSavepointError::Cut { file, offset: begin, expected, found })
    }

    /// `begin` is an offset into the payload of the block.
    #[cold]
    fn malformed(&self, begin: usize, reason: String) -> ReadSavepointError {
        self.malformed_block(self.payload_offset + begin as u64, reason)
    }

    #[cold]
    fn malformed_block(&self, offset: u64, reason: String) -> ReadSavepointError {
        ReadSavepointError::Malformed { file: self.path.clone(), offset, reason }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn blocks(&self) -> u64 {
        self.blocks
    }
}
