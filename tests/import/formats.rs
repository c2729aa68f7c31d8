//! The same rows in every format and compression give the same tables.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::{dump, folder_of, import, organization};
use crate::support::{TestDatabase, both_databases};

const CSV: &str = "\u{feff}product_id,sku,name,unit_price,is_active,stock\r\n\
                   p1,s1,\"Lamp, \"\"bright\"\"\",19.995,true,5\r\n\
                   p2,s2,Zoë,,false,\r\n";

const NDJSON: &str = "{\"product_id\":\"p1\",\"sku\":\"s1\",\"name\":\"Lamp, \\\"bright\\\"\",\"unit_price\":19.995,\"is_active\":true,\"stock\":5}\n\
                      {\"name\":\"Zo\\u00eb\",\"product_id\":\"p2\",\"sku\":\"s2\",\"unit_price\":null,\"is_active\":false}\n";

fn parquet_bytes() -> Vec<u8> {
    let schema = "message products {
        required binary product_id (UTF8); required binary sku (UTF8); required binary name (UTF8);
        optional double unit_price; required boolean is_active; optional int64 stock; }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).expect("a writer");
    let mut group = writer.next_row_group().expect("a row group");
    let texts = [["p1", "p2"], ["s1", "s2"], ["Lamp, \"bright\"", "Zoë"]];
    let mut column = 0;
    while let Some(mut next) = group.next_column().expect("a column") {
        write_column(&mut next, column, &texts);
        next.close().expect("closed");
        column += 1;
    }
    group.close().expect("closed");
    writer.into_inner().expect("finished")
}

fn write_column(column: &mut SerializedColumnWriter<'_>, place: usize, texts: &[[&str; 2]; 3]) {
    let written = match place {
        0..=2 => {
            let values = texts[place].map(ByteArray::from);
            column.typed::<ByteArrayType>().write_batch(&values, None, None)
        }
        3 => column.typed::<DoubleType>().write_batch(&[19.995], Some(&[1, 0]), None),
        4 => column.typed::<BoolType>().write_batch(&[true, false], None, None),
        _ => column.typed::<Int64Type>().write_batch(&[5], Some(&[1, 0]), None),
    };
    written.expect("written");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 0).expect("packed")
}

async fn every_format_gives_the_same_rows(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    import(db, folder_of(&[("products.csv", CSV)]).path()).await.expect("CSV");
    let wanted = dump(db).await;
    assert!(wanted.contains(&"1|1|p1|s1|Lamp, \"bright\"||19995000||EUR|1|5|".to_owned()), "{wanted:?}");
    assert!(wanted.contains(&"1|2|p2|s2|Zoë||||EUR|0||".to_owned()), "{wanted:?}");
    for (format, bytes) in
        [("csv", CSV.as_bytes()), ("ndjson", NDJSON.as_bytes()), ("parquet", &parquet_bytes())]
    {
        for (packed, bytes) in [("", bytes.to_vec()), (".gz", gzip(bytes)), (".zst", zstandard(bytes))] {
            let name = format!("products.{format}{packed}");
            let folder = tempfile::tempdir().expect("a folder is made");
            write(folder.path(), &name, &bytes);
            let summary = import(db, folder.path()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(summary.entities[0].unchanged, 2, "{name}");
            assert_eq!(dump(db).await, wanted, "{name}");
        }
    }
}

/// gzip files may hold several members, as `cat a.gz b.gz` makes them.
async fn members_of_a_gzip_file_are_all_read(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let folder = tempfile::tempdir().expect("a folder is made");
    let bytes = [gzip(b"customer_id,name\na,Ada\n"), gzip(b"b,Ben\n")].concat();
    write(folder.path(), "customers.csv.gz", &bytes);
    let summary = import(db, folder.path()).await.expect("two members");
    assert_eq!(summary.entities[0].inserted, 2);
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("a file is written");
}

both_databases!(every_format_gives_the_same_rows, members_of_a_gzip_file_are_all_read);
