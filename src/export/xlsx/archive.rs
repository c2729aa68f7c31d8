//! A ZIP archive (PKWARE's APPNOTE) that is written from its beginning to its end and never gone back in: what an entry
//! measures stands behind it. All entries are of 1980-01-01, so that equal contents are equal bytes.

use std::io::Write;

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::ExportError;

/// Twice as fast as the usual level 6, for files a tenth larger.
const LEVEL: u32 = 3;
/// What is gathered before it is written.
const CHUNK: usize = 32 * 1024;
/// As of version 2.0 of the format: folders and Deflate.
const VERSION: u16 = 20;
/// Checksum and lengths come after the entry.
const MEASURED_LATER: u16 = 1 << 3;
const DEFLATED: u16 = 8;
const MIDNIGHT: u16 = 0;
const FIRST_OF_JANUARY_1980: u16 = 0x0021;

/// An archive that is being written.
pub(super) struct Archive<W> {
    writer: W,
    length: u64,
    deflate: Compress,
    packed: Vec<u8>,
    checksum: Hasher,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    path: String,
    offset: u32,
    checksum: u32,
    packed: u32,
    plain: u32,
}

impl<W> std::fmt::Debug for Archive<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive")
            .field("length", &self.length)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

impl<W: Write> Archive<W> {
    /// An empty archive.
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            length: 0,
            deflate: Compress::new(Compression::new(LEVEL), false),
            packed: Vec::with_capacity(CHUNK),
            checksum: Hasher::new(),
            entries: Vec::new(),
        }
    }

    /// Writes an entry whose contents are at hand.
    pub(super) fn part(&mut self, path: &str, contents: &str) -> Result<(), ExportError> {
        self.begin(path)?;
        self.write(contents.as_bytes())?;
        self.end()
    }

    /// Begins an entry.
    pub(super) fn begin(&mut self, path: &str) -> Result<(), ExportError> {
        let offset = small(self.length)?;
        let mut header = Record::new(*b"PK\x03\x04");
        header.words(&[VERSION, MEASURED_LATER, DEFLATED, MIDNIGHT, FIRST_OF_JANUARY_1980]).longs(&[0, 0, 0]);
        header.words(&[length_of(path)?, 0]).bytes(path.as_bytes());
        self.write_out(&header.0)?;
        self.deflate.reset();
        self.checksum.reset();
        self.entries.push(Entry { path: path.to_owned(), offset, checksum: 0, packed: 0, plain: 0 });
        Ok(())
    }

    /// Adds to the entry that was begun.
    pub(super) fn write(&mut self, contents: &[u8]) -> Result<(), ExportError> {
        self.checksum.update(contents);
        let end = self.deflate.total_in() + contents.len() as u64;
        while self.deflate.total_in() < end {
            let left = usize::try_from(end - self.deflate.total_in()).unwrap_or(usize::MAX);
            self.deflate(&contents[contents.len() - left..], FlushCompress::None)?;
        }
        Ok(())
    }

    /// Ends the entry that was begun.
    pub(super) fn end(&mut self) -> Result<(), ExportError> {
        while self.deflate(&[], FlushCompress::Finish)? != Status::StreamEnd {}
        self.flush_packed()?;
        let (packed, plain) = (small(self.deflate.total_out())?, small(self.deflate.total_in())?);
        let checksum = self.checksum.clone().finalize();
        let mut descriptor = Record::new(*b"PK\x07\x08");
        descriptor.longs(&[checksum, packed, plain]);
        self.write_out(&descriptor.0)?;
        if let Some(entry) = self.entries.last_mut() {
            *entry = Entry { checksum, packed, plain, path: std::mem::take(&mut entry.path), ..*entry };
        }
        Ok(())
    }

    /// Writes the directory.
    pub(super) fn finish(mut self) -> Result<W, ExportError> {
        let start = small(self.length)?;
        let count = u16::try_from(self.entries.len()).map_err(|_| ExportError::TooLarge)?;
        for entry in std::mem::take(&mut self.entries) {
            self.write_out(&entry.listed()?.0)?;
        }
        let length = small(self.length)? - start;
        let mut end = Record::new(*b"PK\x05\x06");
        end.words(&[0, 0, count, count]).longs(&[length, start]).words(&[0]);
        self.write_out(&end.0)?;
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn deflate(&mut self, contents: &[u8], flush: FlushCompress) -> Result<Status, ExportError> {
        let status =
            self.deflate.compress_vec(contents, &mut self.packed, flush).map_err(std::io::Error::from)?;
        if self.packed.len() == self.packed.capacity() {
            self.flush_packed()?;
        }
        Ok(status)
    }

    fn flush_packed(&mut self) -> Result<(), ExportError> {
        self.writer.write_all(&self.packed)?;
        self.length += self.packed.len() as u64;
        self.packed.clear();
        Ok(())
    }

    fn write_out(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.writer.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

impl Entry {
    /// As the directory tells of it: made on Unix, readable by all.
    fn listed(&self) -> Result<Record, ExportError> {
        let mut header = Record::new(*b"PK\x01\x02");
        header.words(&[3 << 8 | VERSION, VERSION, MEASURED_LATER, DEFLATED, MIDNIGHT, FIRST_OF_JANUARY_1980]);
        header.longs(&[self.checksum, self.packed, self.plain]).words(&[length_of(&self.path)?, 0, 0, 0, 0]);
        header.longs(&[0o100_644 << 16, self.offset]).bytes(self.path.as_bytes());
        Ok(header)
    }
}

/// Little-endian numbers, one after another.
struct Record(Vec<u8>);

impl Record {
    fn new(signature: [u8; 4]) -> Self {
        Self(signature.to_vec())
    }

    fn words(&mut self, words: &[u16]) -> &mut Self {
        self.0.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        self
    }

    fn longs(&mut self, longs: &[u32]) -> &mut Self {
        self.0.extend(longs.iter().flat_map(|long| long.to_le_bytes()));
        self
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// Without ZIP64, which not all readers of workbooks take.
fn small(length: u64) -> Result<u32, ExportError> {
    u32::try_from(length).map_err(|_| ExportError::TooLarge)
}

fn length_of(path: &str) -> Result<u16, ExportError> {
    u16::try_from(path.len()).map_err(|_| ExportError::TooLarge)
}
