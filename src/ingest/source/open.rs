//! Which format and compression a file's name tells, and opening it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Meter, Records, csv, ndjson, parquet};

/// Bytes that are read at once.
pub const BUFFER: usize = 1 << 17;

/// How rows are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, RFC 4180, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstandard,
}

impl Format {
    /// Splits a file's name into what it holds and how: `orders.csv.gz` is orders in CSV.
    pub fn of(file_name: &str) -> Option<(&str, Self)> {
        split(file_name).map(|(stem, format, _)| (stem, format))
    }
}

fn split(file_name: &str) -> Option<(&str, Format, Compression)> {
    let (rest, compression) = if let Some(rest) = file_name.strip_suffix(".gz") {
        (rest, Compression::Gzip)
    } else if let Some(rest) = file_name.strip_suffix(".zst") {
        (rest, Compression::Zstandard)
    } else {
        (file_name, Compression::None)
    };
    let (stem, extension) = rest.rsplit_once('.')?;
    let format = match extension {
        "csv" => Format::Csv,
        "ndjson" => Format::Ndjson,
        "parquet" => Format::Parquet,
        _ => return None,
    };
    Some((stem, format, compression))
}

/// Opens a file and reads its header.
pub fn records(path: &Path, meter: &Meter) -> Result<Box<dyn Records>, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (_, format, compression) =
        split(&name).ok_or("is not .csv, .ndjson or .parquet (nor one of them with .gz or .zst)")?;
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    if format == Format::Parquet {
        let file = match compression {
            Compression::None => file,
            _ => unpacked(stream(file, compression, meter).map_err(unreadable)?).map_err(unreadable)?,
        };
        return Ok(Box::new(parquet::Parquet::open(file, meter, compression == Compression::None)?));
    }
    let bytes = BufReader::with_capacity(BUFFER, stream(file, compression, meter).map_err(unreadable)?);
    Ok(match format {
        Format::Csv => Box::new(csv::Csv::open(bytes)?),
        _ => Box::new(ndjson::Ndjson::new(bytes)),
    })
}

fn stream(file: File, compression: Compression, meter: &Meter) -> io::Result<Box<dyn Read>> {
    let metered = Metered { file, meter: meter.clone() };
    Ok(match compression {
        Compression::None => Box::new(metered),
        Compression::Gzip => {
            Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BUFFER, metered)))
        }
        Compression::Zstandard => Box::new(zstd::Decoder::new(metered)?),
    })
}

/// Parquet is read from its end: what is packed is unpacked into a nameless file on disk first.
fn unpacked(mut bytes: Box<dyn Read>) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut bytes, &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

struct Metered {
    file: File,
    meter: Meter,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.meter.add(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_format_and_compression() {
        assert_eq!(split("orders.csv"), Some(("orders", Format::Csv, Compression::None)));
        assert_eq!(split("orders.ndjson.zst"), Some(("orders", Format::Ndjson, Compression::Zstandard)));
        assert_eq!(split("a.b.parquet.gz"), Some(("a.b", Format::Parquet, Compression::Gzip)));
        for name in ["orders", "orders.gz", "orders.xlsx", "orders.csv.bz2", "orders.CSV", ""] {
            assert_eq!(split(name), None, "{name}");
        }
    }
}
