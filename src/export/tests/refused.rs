use super::*;

fn begun(tables: Vec<Table>) -> Export<Vec<u8>> {
    Export::new(Format::Csv, document(tables), Vec::new()).expect("it begins")
}

fn refusal(kind: Kind, cell: Cell) -> String {
    let table = Table::new("T", vec![Column::new("C", kind)]);
    begun(vec![table]).row(0, &[cell]).expect_err("it is refused").to_string()
}

#[test]
fn cells_are_of_their_columns_kind() {
    let expected = "column `C` of `T` holds Amount(USD), not an amount in EUR";
    assert_eq!(refusal(Kind::Amount(currency("USD")), amount("1", "EUR")), expected);
    assert_eq!(refusal(Kind::Integer, Cell::text("1")), "column `C` of `T` holds Integer, not text");
    for digits in ["", "-", "+1", "1e3", "NaN", "inf", ".5", "5.", "1,5", "--1", "0x1", "1 ", "１"] {
        let expected = format!(
            "column `C` of `T` holds Number {{ digits: 2 }}, not `{digits}`, which is no plain decimal"
        );
        assert_eq!(refusal(Kind::Number { digits: 2 }, Cell::decimal(digits)), expected);
    }
}

#[test]
fn rows_have_a_cell_for_each_column_and_follow_their_tables() {
    let mut export = begun(vec![text_table("One"), text_table("Two")]);
    let error = export.row(0, &[]).expect_err("it is refused");
    assert_eq!(error.to_string(), "a row of `One` has 0 cells, not 1");
    export.row(1, &[Cell::Empty]).expect("it is written");
    let error = export.row(0, &[Cell::Empty]).expect_err("it is refused");
    assert_eq!(error.to_string(), "a row of table 0 cannot be written after table 1 of 2 has begun");
    assert!(matches!(export.row(2, &[Cell::Empty]), Err(ExportError::Order { asked: 2, .. })));
}

#[test]
fn there_is_something_to_write_and_a_sheet_holds_it() {
    for tables in [vec![], vec![text_table("T"), Table::new("None", vec![])]] {
        for format in [Format::Csv, Format::Xlsx] {
            let refused = Export::new(format, document(tables.clone()), Vec::new());
            assert!(matches!(refused, Err(ExportError::Nothing)));
        }
    }
    let wide = |columns| Table::new("Wide", vec![Column::new("C", Kind::Text); columns]);
    let refused = Export::new(Format::Xlsx, document(vec![wide(16_385)]), Vec::new());
    assert!(matches!(refused, Err(ExportError::TooWide { columns: 16_385, .. })));
    written(Format::Xlsx, document(vec![wide(16_384)]), &[vec![vec![Cell::text("x"); 16_384]]]);
    written(Format::Csv, document(vec![wide(16_385)]), &[]);
}

/// Takes so many bytes, and then there is no room for more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_at_any_byte_is_an_error_and_no_panic() {
    for format in [Format::Csv, Format::Xlsx] {
        let whole = written(format, document(vec![orders()]), &[order_rows()]).len();
        for room in 0..whole {
            let result = Export::new(format, document(vec![orders()]), Full(room)).and_then(|mut export| {
                order_rows().iter().try_for_each(|row| export.row(0, row))?;
                export.finish()
            });
            assert!(matches!(result, Err(ExportError::Write(_))), "{format:?} at {room}");
        }
    }
}
