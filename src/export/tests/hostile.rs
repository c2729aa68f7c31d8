use calamine::{Data, Reader, Xlsx};

use super::*;

/// A text, and what CSV makes of it.
const TEXTS: [(&str, &str); 34] = [
    ("=1+1", "'=1+1"),
    ("+1", "'+1"),
    ("-5", "'-5"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("|calc", "'|calc"),
    ("%0A", "'%0A"),
    ("\t=1", "'\t'=1"),
    ("\rx", "'\rx"),
    ("\n=1", "'\n'=1"),
    ("\0=1", "''\0=1"),
    ("\0x", "'\0x"),
    ("  =1", "'  =1"),
    ("\"=1", "'\"=1"),
    (" \" =1", "' \" =1"),
    ("\u{A0}=1", "'\u{A0}=1"),
    ("\u{3000}=1", "'\u{3000}=1"),
    ("\u{FEFF}=1", "'\u{FEFF}=1"),
    ("\u{200B}=1", "'\u{200B}=1"),
    ("\u{202E}=1", "'\u{202E}=1"),
    ("\u{B}=1", "'\u{B}=1"),
    ("＝1", "'＝1"),
    ("＋1", "'＋1"),
    ("－1", "'－1"),
    ("＠1", "'＠1"),
    ("﹦1", "'﹦1"),
    ("\u{2212}1", "'\u{2212}1"),
    ("x;=1;y", "x;'=1;y"),
    ("x\n =cmd|' /C calc'!A0", "x\n' =cmd|' /C calc'!A0"),
    ("x\t@y", "x\t'@y"),
    ("x,=1", "x,=1"),
    ("1-2=-1", "1-2=-1"),
    ("'=1", "'=1"),
    ("a;b\tc\nd", "a;b\tc\nd"),
    ("=HYPERLINK(\"http://example.com\",\"x\")", "'=HYPERLINK(\"http://example.com\",\"x\")"),
];

#[test]
fn text_that_could_run_is_inert_in_csv() {
    for (text, expected) in TEXTS {
        assert_eq!(super::super::inert::inert(text), expected, "{text:?}");
    }
    let table = Table::new("=T", vec![Column::new("=H", Kind::Text), Column::new("-N", Kind::Integer)]);
    let tables = vec![table, text_table("Other")];
    let text = csv_text(document(tables), &[vec![vec![Cell::text("-1"), Cell::Integer(-1)]], vec![]]);
    assert_eq!(text, "Table,'=H,'-N,Text\r\n'=T,'-1,-1,\r\n");
}

#[test]
fn text_in_a_workbook_is_text_and_nothing_else() {
    let rows = TEXTS.map(|(text, _)| vec![Cell::text(text)]).to_vec();
    let bytes = written(Format::Xlsx, document(vec![text_table("T")]), &[rows]);
    let mut workbook = Xlsx::new(std::io::Cursor::new(bytes)).expect("it opens");
    let range = workbook.worksheet_range("T").expect("a sheet");
    let read: Vec<Data> = range.rows().skip(1).map(|row| row[0].clone()).collect();
    assert_eq!(read, TEXTS.map(|(text, _)| Data::String(text.to_owned())));
    let formulas = workbook.worksheet_formula("T").expect("a sheet");
    assert!(formulas.used_cells().next().is_none());
}

proptest::proptest! {
    #[test]
    fn nothing_that_is_inert_starts_a_formula(text in "[ \t\n\r;\"'=+@|a＝-]{0,12}") {
        let inert = super::super::inert::inert(&text);
        for part in inert.split([';', '\t', '\n', '\r']) {
            let start = part.trim_start_matches([' ', '"']);
            assert!(!start.starts_with(['=', '+', '-', '@', '|', '＝']), "{text:?} as {inert:?}");
        }
        assert_eq!(inert.replace('\'', ""), text.replace('\'', ""));
        assert_eq!(super::super::inert::inert(&inert).replace('\'', ""), text.replace('\'', ""));
    }
}
