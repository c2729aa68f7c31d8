//! Apache Parquet, row by row; every value becomes the text that the CSV form would hold.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, NaiveDate, TimeDelta};
use num_bigint::BigInt;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::data_type::Decimal;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use super::{BadRecord, Meter, Read, Record, Records, check_header};

/// A Parquet file.
pub struct Parquet {
    rows: RowIter<'static>,
    header: Vec<String>,
    /// Which columns are instants in nanoseconds, a type that the row reader hands over as plain numbers.
    nanoseconds: Vec<bool>,
    row: u64,
    /// Where to report bytes, and how many a row stands for: pages are read out of order, so progress is by rows.
    meter: Option<(Meter, u64)>,
}

impl Parquet {
    /// Reads the schema. `metered` says whether rows are to count as bytes read.
    pub fn open(file: File, meter: &Meter, metered: bool) -> Result<Self, String> {
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        let reader = SerializedFileReader::new(file).map_err(|error| unreadable(&error.to_string()))?;
        let metadata = reader.metadata().file_metadata();
        let columns = metadata.schema().get_fields();
        let header: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
        check_header(&header)?;
        if let Some(nested) = columns.iter().find(|column| column.is_group()) {
            return Err(format!("the column `{}` is nested; columns must be plain values", nested.name()));
        }
        let nanoseconds = columns.iter().map(|column| is_nanoseconds(column)).collect();
        let count = u64::try_from(metadata.num_rows()).unwrap_or(0).max(1);
        let meter = metered.then(|| (meter.clone(), bytes / count));
        Ok(Self { rows: RowIter::from_file_into(Box::new(reader)), header, nanoseconds, row: 0, meter })
    }

    fn fill(&self, row: &Row, record: &mut Record) -> Result<(), BadRecord> {
        for (place, (name, field)) in row.get_column_iter().enumerate() {
            let is_nanoseconds = self.nanoseconds.get(place).copied().unwrap_or_default();
            match text(field, is_nanoseconds) {
                Ok(Some(text)) => record.set(place, &text),
                Ok(None) => {}
                Err(reason) => {
                    return Err(BadRecord {
                        column: Some(name.clone()),
                        value: Some(field.to_string()),
                        reason: reason.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

impl Records for Parquet {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn read(&mut self, record: &mut Record) -> Result<Read, String> {
        record.clear();
        self.row += 1;
        record.line = self.row;
        // The reader panics on types that it does not know and on some damage.
        let next = catch_unwind(AssertUnwindSafe(|| self.rows.next()))
            .map_err(|_| unreadable("a type or page that is not supported"))?;
        let Some(row) = next else { return Ok(Read::End) };
        let row = row.map_err(|error| unreadable(&error.to_string()))?;
        if let Some((meter, bytes)) = &self.meter {
            meter.add(*bytes);
        }
        Ok(self.fill(&row, record).map_or_else(Read::Bad, |()| Read::Row))
    }
}

fn unreadable(error: &str) -> String {
    format!("cannot be read as Parquet: {error}")
}

fn is_nanoseconds(column: &Type) -> bool {
    let logical = column.get_basic_info().logical_type_ref();
    matches!(logical, Some(LogicalType::Timestamp(stamp)) if stamp.unit == TimeUnit::NANOS)
}

/// The value as a dataset's text; nothing where it is null.
fn text(field: &Field, is_nanoseconds: bool) -> Result<Option<String>, &'static str> {
    Ok(Some(match field {
        Field::Null => return Ok(None),
        Field::Long(nanoseconds) if is_nanoseconds => instant(nanoseconds.div_euclid(1000))?,
        Field::Bool(value) => value.to_string(),
        Field::Byte(value) => value.to_string(),
        Field::Short(value) => value.to_string(),
        Field::Int(value) => value.to_string(),
        Field::Long(value) => value.to_string(),
        Field::UByte(value) => value.to_string(),
        Field::UShort(value) => value.to_string(),
        Field::UInt(value) => value.to_string(),
        Field::ULong(value) => value.to_string(),
        // The shortest decimal that reads back as the same float, never with an exponent.
        Field::Float16(value) => f32::from(*value).to_string(),
        Field::Float(value) => value.to_string(),
        Field::Double(value) => value.to_string(),
        Field::Decimal(value) => decimal(value),
        Field::Str(value) => value.clone(),
        Field::Bytes(value) => std::str::from_utf8(value.data()).map_err(|_| "is not UTF-8")?.to_owned(),
        Field::Date(days) => NaiveDate::default()
            .checked_add_signed(TimeDelta::days(i64::from(*days)))
            .ok_or("is beyond the calendar")?
            .to_string(),
        Field::TimestampMillis(millis) => instant(millis.checked_mul(1000).ok_or("is beyond the calendar")?)?,
        Field::TimestampMicros(micros) => instant(*micros)?,
        Field::TimeMillis(_) | Field::TimeMicros(_) => return Err("is a time of day without a date"),
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => return Err("is nested"),
    }))
}

fn instant(micros: i64) -> Result<String, &'static str> {
    let instant = DateTime::from_timestamp_micros(micros).ok_or("is beyond the calendar")?;
    Ok(instant.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

fn decimal(value: &Decimal) -> String {
    let number = BigInt::from_signed_bytes_be(value.data());
    let digits = usize::try_from(value.scale()).unwrap_or(0);
    let text = format!("{:0>width$}", number.magnitude().to_string(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    let sign = if number.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
