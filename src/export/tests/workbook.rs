use std::io::Cursor;

use calamine::{Data, Reader, Xlsx as Workbook};

use super::super::xlsx::Xlsx;
use super::*;

type Cells = Vec<Vec<String>>;

/// All sheets, read by another library: each cell's kind and value.
fn sheets(bytes: Vec<u8>) -> Vec<(String, Cells)> {
    let mut workbook = Workbook::new(Cursor::new(bytes)).expect("it opens");
    let names = workbook.sheet_names();
    let rows = |name: &String| {
        let range = workbook.worksheet_range(name).expect("a sheet");
        range.rows().map(|row| row.iter().map(described).collect()).collect()
    };
    let sheets: Vec<Cells> = names.iter().map(rows).collect();
    names.into_iter().zip(sheets).collect()
}

fn described(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => format!("text {text}"),
        Data::DateTime(days) => format!("date {}", days.as_datetime().expect("a date")),
        Data::Bool(value) => value.to_string(),
        Data::Float(number) => format!("number {number}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_kind_of_cell_is_read_back() {
    let bytes = written(Format::Xlsx, document(vec![orders()]), &[order_rows()]);
    let read = sheets(bytes);
    let header =
        ["Order", "Items", "Revenue (USD)", "Price", "Weight", "Margin", "Day", "Placed (UTC)", "Paid"];
    let expected = [
        header.map(|heading| format!("text {heading}")),
        [
            "text A-1",
            "number 1200",
            "number -42150",
            "number 1200",
            "number -0.125",
            "number 0.1256",
            "date 2026-01-31 00:00:00",
            "date 2026-01-31 12:30:01",
            "true",
        ]
        .map(str::to_owned),
        [
            "text Größe \"L\", zwei\nZeilen",
            "number -7",
            "number 0.05",
            "number 1.25",
            "number 3",
            "number -1",
            "date 1900-03-01 00:00:00",
            "date 1999-12-31 23:59:59.999",
            "false",
        ]
        .map(str::to_owned),
        [""; 9].map(str::to_owned),
        [
            "text ",
            "text -9223372036854775808",
            "text 92233720368547758.07",
            "number 9999999999999.99",
            "text 0.1234567890123456",
            "number 12345678900000000000",
            "text 1900-02-28",
            "text 1066-10-14T09:00:00Z",
            "",
        ]
        .map(str::to_owned),
    ];
    assert_eq!(read, [("Orders".to_owned(), expected.map(Vec::from).to_vec())]);
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    let bytes = || written(Format::Xlsx, document(vec![orders()]), &[order_rows()]);
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_full_sheet_is_continued_with_its_header() {
    let tables = vec![text_table("Orders"), text_table("None"), text_table("orders (2)")];
    let document = document(tables.clone());
    let mut file = Xlsx::new(&document, Vec::new()).expect("it begins").with_rows_of_a_sheet(3);
    for text in ["1", "2", "3", "4", "5"] {
        file.row(&tables[0], &[Cell::text(text)]).expect("it is written");
    }
    file.next_table(&tables[1]).expect("it goes on");
    file.next_table(&tables[2]).expect("it goes on");
    for text in ["6", "7", "8"] {
        file.row(&tables[2], &[Cell::text(text)]).expect("it is written");
    }
    let read = sheets(file.finish().expect("it ends"));
    let sheet = |name: &str, texts: &[&str]| {
        let rows = std::iter::once(&"Text").chain(texts).map(|text| vec![format!("text {text}")]);
        (name.to_owned(), rows.collect::<Cells>())
    };
    let expected = [
        sheet("Orders", &["1", "2"]),
        sheet("Orders (3)", &["3", "4"]),
        sheet("Orders (4)", &["5"]),
        sheet("None", &[]),
        sheet("orders (2)", &["6", "7"]),
        sheet("orders (2) (2)", &["8"]),
    ];
    assert_eq!(read, expected);
}

#[test]
fn names_of_sheets_are_what_excel_allows() {
    let names = ["a/b\\c[d]e:f*g?", "'quoted'", "", "History", "SAME", "same", "Größe & <Co>", "😀"];
    let long = "Revenue by country and category of products";
    let tables = names.iter().chain(&[long, long]).map(|name| text_table(name)).collect();
    let read = sheets(written(Format::Xlsx, document(tables), &[]));
    let expected = [
        "a-b-c-d-e-f-g-",
        "quoted",
        "Table",
        "History_",
        "SAME",
        "same (2)",
        "Größe & <Co>",
        "😀",
        "Revenue by country and category",
        "Revenue by country and cate (2)",
    ];
    assert_eq!(read.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), expected);
}

#[test]
fn texts_survive_xml_and_the_formats_own_escapes() {
    let texts = [
        "<b>&amp;\"'</b>",
        " blanks ",
        "line\nline",
        "tab\t",
        "cr\r\nlf",
        "_x0041_",
        "_x005F_x0041_",
        "_X0041_",
        "_x00",
        "__x0001_",
        "bell\u{7} nul\0 last\u{1F} delete\u{7F}",
        "\u{FFFE}\u{FFFF}",
        "😀 🇩🇪 \u{202E}rtl",
        "]]>",
    ];
    let rows = texts.map(|text| vec![Cell::text(text)]).to_vec();
    let read = sheets(written(Format::Xlsx, document(vec![text_table("T")]), &[rows]));
    let read: Vec<String> = read[0].1[1..].concat();
    assert_eq!(read, texts.map(|text| format!("text {text}")));
}

#[test]
fn text_beyond_a_cells_room_ends_in_an_ellipsis() {
    let whole = "😀".repeat(16_383) + "x";
    let rows = vec![vec![Cell::text(whole.clone())], vec![Cell::text(format!("{whole}y"))]];
    let read = sheets(written(Format::Xlsx, document(vec![text_table("T")]), &[rows]));
    assert_eq!(read[0].1[1], [format!("text {whole}")]);
    assert_eq!(read[0].1[2], [format!("text {}…", "😀".repeat(16_383))]);
}

/// Digits that a double would change are not left to it.
#[test]
fn numbers_are_exact_or_text() {
    let digits = [
        ("999999999999999", true),
        ("9999999999999999", false),
        ("-999999999999.999", true),
        ("0.000000000000001", true),
        ("0.00012345678901234500", true),
        ("1000000000000000000000", true),
        ("10000000000000001", false),
    ];
    let table = Table::new("T", vec![Column::new("Number", Kind::Number { digits: 2 })]);
    let rows = digits.map(|(digits, _)| vec![Cell::decimal(digits)]).to_vec();
    let read = sheets(written(Format::Xlsx, document(vec![table]), &[rows]));
    for (row, (digits, exact)) in read[0].1[1..].iter().zip(digits) {
        let number = || format!("number {}", digits.parse::<f64>().expect("a number"));
        assert_eq!(row[0], if exact { number() } else { format!("text {digits}") });
    }
}
