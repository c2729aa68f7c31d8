use super::*;

/// Every record, read by a strict reader that refuses records of unequal lengths.
fn records(text: &str) -> Vec<Vec<String>> {
    let reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let fields = |record: Result<::csv::StringRecord, _>| {
        record.expect("as many fields as before").iter().map(str::to_owned).collect()
    };
    reader.into_records().map(fields).collect()
}

#[test]
fn one_table_is_its_header_and_its_rows() {
    let expected = [
        "Order,Items,Revenue (USD),Price,Price currency,Weight,Margin,Day,Placed (UTC),Paid\r\n",
        "A-1,1200,-42150.00,1200,JPY,-0.125,0.1256,2026-01-31,2026-01-31T12:30:01Z,true\r\n",
        "\"Größe \"\"L\"\", zwei\nZeilen\",-7,0.05,1.250,KWD,3,-1,1900-03-01,1999-12-31T23:59:59.999Z,false\r\n",
        ",,,,,,,,,\r\n",
        "\"\",-9223372036854775808,92233720368547758.07,9999999999999.99,EUR,0.1234567890123456,",
        "12345678900000000000,1900-02-28,1066-10-14T09:00:00Z,\r\n",
    ];
    assert_eq!(csv_text(document(vec![orders()]), &[order_rows()]), expected.concat());
}

#[test]
fn several_tables_share_a_header_and_say_which_table_a_record_is_of() {
    let usd = Kind::Amount(currency("USD"));
    let months = vec![Column::new("Month", Kind::Date), Column::new("Revenue", usd)];
    let products = vec![
        Column::new("Product", Kind::Text),
        Column::new("Revenue", usd),
        Column::new("Revenue", Kind::Amount(currency("EUR"))),
        Column::new("Revenue", usd),
    ];
    let tables = vec![
        Table::new("By month", months.clone()),
        Table::new("None, at all", months),
        Table::new("By product", products),
    ];
    let rows = [
        vec![vec![date("2026-01-01"), amount("3", "USD")]],
        vec![],
        vec![vec![Cell::text("Chair"), amount("1", "USD"), amount("2", "EUR"), amount("-4", "USD")]],
    ];
    let text = csv_text(document(tables), &rows);
    let expected = [
        "Table,Month,Revenue (USD),Product,Revenue (EUR),Revenue (USD)\r\n",
        "By month,2026-01-01,3.00,,,\r\n",
        "By product,,1.00,Chair,2.00,-4.00\r\n",
    ];
    assert_eq!(text, expected.concat());
    assert_eq!(records(&text).len(), 3);
}

#[test]
fn no_record_is_an_empty_line_and_no_file_is_taken_for_another_format() {
    let table = Table::new("Ids", vec![Column::new("ID", Kind::Text)]);
    let rows =
        [vec![vec![Cell::Empty], vec![Cell::text("")], vec![Cell::text(" padded ")], vec![Cell::Empty]]];
    assert_eq!(csv_text(document(vec![table]), &rows), "\"ID\"\r\n\"\"\r\n\"\"\r\n\" padded \"\r\n\"\"\r\n");
}

#[test]
fn what_is_read_is_what_was_written() {
    let texts =
        ["a,b", "\"", "\"\"", "a\r\nb", "a\tb", ",", "é", "😀", "a;b", "'", "x\0y", "semi;colon \"q\" "];
    let rows = texts.map(|text| vec![Cell::text(text)]).to_vec();
    let read = records(&csv_text(document(vec![text_table("T")]), &[rows]));
    assert_eq!(read[1..].concat(), texts);
}
