//! Answers in fewer bytes, as the server compresses what is not kept.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use hyper::header::{ACCEPT_ENCODING, HeaderMap};

/// An answer that fits one packet as it is comes no sooner by being smaller.
pub const SMALLEST: usize = 1400;
/// Of brotli and gzip alike.
const LEVEL: u32 = 4;
/// Window of brotli, as a power of two.
const WINDOW: u32 = 22;

/// How an answer's bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As they are.
    Plain,
    /// `br`
    Brotli,
    /// `gzip`
    Gzip,
}

impl Coding {
    /// What a request wishes most of what there is; of equals the smallest.
    pub fn wished(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        let mut best = (0.0, Self::Plain);
        for wish in lines.flat_map(|line| line.split(',')) {
            let (name, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
            let coding = match name.trim() {
                name if name.eq_ignore_ascii_case("br") => Self::Brotli,
                name if name.eq_ignore_ascii_case("gzip") => Self::Gzip,
                _ => continue,
            };
            let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=');
            let weight: f32 = weight.parse().unwrap_or(0.0);
            if weight > best.0 || (weight > 0.0 && weight >= best.0 && coding == Self::Brotli) {
                best = (weight, coding);
            }
        }
        best.1
    }

    /// Its name in headers, where it has one.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
        }
    }
}

/// The bytes in a coding; nothing where that cannot be.
pub fn pack(bytes: &[u8], coding: Coding) -> Option<Bytes> {
    let mut packed = Vec::with_capacity(bytes.len() / 4);
    match coding {
        Coding::Plain => return None,
        Coding::Brotli => {
            let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, LEVEL, WINDOW);
            // Its end is written when it is dropped.
            writer.write_all(bytes).ok()?;
        }
        Coding::Gzip => {
            let mut writer = GzEncoder::new(&mut packed, Compression::new(LEVEL));
            writer.write_all(bytes).ok()?;
            writer.finish().ok()?;
        }
    }
    packed.shrink_to_fit();
    Some(packed.into())
}
