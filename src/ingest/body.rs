//! Rows of one entity as a request brings them: kept whole before any of them is read, on disk where they are many.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use super::catalogue::Entity;
use super::folder::read_file;
use super::load::{HungUp, Loader};
use super::problem::Problem;
use super::source::{BUFFER, Source};

/// So many bytes are kept in memory; more go to a file without a name.
const IN_MEMORY: usize = 1 << 20;

/// How rows are written in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line.
    Ndjson,
    /// A JSON array of objects.
    Array,
}

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    None,
    /// By gzip.
    Gzip,
    /// By Zstandard.
    Zstandard,
}

/// A body that comes in, piece by piece.
pub struct Incoming {
    hash: Sha256,
    pieces: Vec<u8>,
    file: Option<File>,
}

impl Default for Incoming {
    fn default() -> Self {
        Self { hash: Sha256::new(), pieces: Vec::new(), file: None }
    }
}

impl Incoming {
    /// Takes the next piece. What goes to the disk waits for it on a thread of its own.
    pub async fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        self.hash.update(piece);
        self.pieces.extend_from_slice(piece);
        if self.pieces.len() > IN_MEMORY { self.put_down().await } else { Ok(()) }
    }

    /// Writes what is in memory to the file.
    async fn put_down(&mut self) -> io::Result<()> {
        let (file, mut pieces) = (self.file.take(), std::mem::take(&mut self.pieces));
        let written = tokio::task::spawn_blocking(move || {
            let mut file = file.map_or_else(tempfile::tempfile, Ok)?;
            file.write_all(&pieces)?;
            pieces.clear();
            Ok::<_, io::Error>((file, pieces))
        });
        let (file, pieces) = written.await.map_err(io::Error::other)??;
        (self.file, self.pieces) = (Some(file), pieces);
        Ok(())
    }

    /// All of it has come.
    pub async fn complete(mut self) -> io::Result<Bytes> {
        if self.file.is_some() {
            self.put_down().await?;
        }
        let hash = hex::encode(self.hash.finalize());
        let kept = self.file.map_or_else(|| Kept::Memory(self.pieces.into()), Kept::File);
        Ok(Bytes { hash, kept })
    }
}

/// A body that has come.
pub struct Bytes {
    /// SHA-256 of it as it was sent, in lower-case hex.
    pub hash: String,
    kept: Kept,
}

enum Kept {
    Memory(Arc<[u8]>),
    File(File),
}

impl Bytes {
    /// From its beginning on.
    fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match &self.kept {
            Kept::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Kept::File(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                Box::new(file)
            }
        })
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self { hash: hex::encode(Sha256::digest(&bytes)), kept: Kept::Memory(bytes.into()) }
    }
}

/// Rows of one entity in a body.
pub struct Body {
    /// What the rows are.
    pub entity: &'static Entity,
    /// How they are written.
    pub form: Form,
    /// How that is packed.
    pub packing: Packing,
    /// The body.
    pub bytes: Bytes,
    /// Most bytes that it may have once it is unpacked.
    pub most: u64,
    /// Whether it turned out to have more.
    pub is_too_large: Arc<AtomicBool>,
}

impl Body {
    /// Reads every row. Messages name rows by the entity.
    pub fn read(&self, loader: &mut Loader) -> Result<(), HungUp> {
        loader.begin(self.entity);
        match self.open() {
            Ok(source) => read_file(self.entity, source, loader),
            Err(error) => {
                let reason = format!("cannot be read: {error}");
                loader.bad_file(Problem::of_file(self.entity.name, reason));
                Ok(())
            }
        }
    }

    fn open(&self) -> io::Result<Source> {
        let packed = BufReader::with_capacity(BUFFER, self.bytes.open()?);
        let unpacked: Box<dyn Read> = match self.packing {
            Packing::None => Box::new(packed),
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Packing::Zstandard => Box::new(zstd::Decoder::with_buffer(packed)?),
        };
        let limited = Limited { bytes: unpacked, left: self.most, is_over: Arc::clone(&self.is_too_large) };
        let bytes = BufReader::with_capacity(BUFFER, limited);
        Ok(match self.form {
            Form::Ndjson => Source::ndjson(self.entity.name, bytes),
            Form::Array => Source::array(self.entity.name, bytes),
        })
    }
}

/// Fails where a packed body unpacks to more than it may: a few bytes can become any number.
struct Limited {
    bytes: Box<dyn Read>,
    left: u64,
    is_over: Arc<AtomicBool>,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        let Some(left) = self.left.checked_sub(count as u64) else {
            self.is_over.store(true, Ordering::Relaxed);
            return Err(io::Error::other("it is too large once it is unpacked"));
        };
        self.left = left;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_the_same_in_memory_and_on_disk() {
        for size in [0, 10, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY + 5] {
            let sent: Vec<u8> = (0..size).map(|place| u8::try_from(place % 251).expect("small")).collect();
            let mut incoming = Incoming::default();
            for piece in sent.chunks(70_001) {
                incoming.push(piece).await.expect("it is kept");
            }
            let bytes = incoming.complete().await.expect("it is kept");
            assert_eq!(matches!(bytes.kept, Kept::File(_)), size > IN_MEMORY, "{size}");
            assert_eq!(bytes.hash, hex::encode(Sha256::digest(&sent)));
            for _ in 0..2 {
                let mut read = Vec::new();
                bytes.open().expect("it opens").read_to_end(&mut read).expect("it reads");
                assert!(read == sent, "{size}");
            }
        }
    }

    #[test]
    fn what_unpacks_to_more_than_it_may_is_not_read_to_its_end() {
        let zeros = zstd::encode_all(std::io::repeat(b'0').take(50_000_000), 1).expect("packed");
        assert!(zeros.len() < 10_000, "{}", zeros.len());
        let is_over = Arc::new(AtomicBool::new(false));
        let unpacked = zstd::Decoder::new(Cursor::new(zeros)).expect("zstd");
        let mut limited = Limited { bytes: Box::new(unpacked), left: 1_000_000, is_over: is_over.clone() };
        let mut read = Vec::new();
        limited.read_to_end(&mut read).expect_err("too large");
        assert!(is_over.load(Ordering::Relaxed) && read.len() <= 1_000_000);
    }
}
