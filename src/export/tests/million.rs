//! More rows than a sheet holds, in a process of their own: what it held at most is asked of Linux.

use std::process::Command;
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::*;

const ROWS: i64 = 1_100_000;
/// What may come to what the process held before, in KiB: the program's own pages are among it. The rows are 390 MB of XML.
const GROWTH: u64 = 32 * 1024;
/// Says in which format the test is to write, in a process of its own.
const ALONE: &str = "COUNTINGHOUSE_TEST_EXPORT";

/// Counts, keeps the end, and notes when the first byte came.
struct Sink {
    begun: Instant,
    first: Option<Duration>,
    length: usize,
    end: Vec<u8>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.first.get_or_insert(self.begun.elapsed());
        self.length += bytes.len();
        if bytes.len() < 1024 {
            self.end.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the most memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn table() -> Table {
    let usd = currency("USD");
    let columns = vec![
        Column::new("Order", Kind::Text),
        Column::new("Customer", Kind::Text),
        Column::new("Items", Kind::Integer),
        Column::new("Revenue", Kind::Amount(usd)),
        Column::new("Refunds", Kind::Amount(usd)),
        Column::new("Margin", Kind::Percent { digits: 1 }),
        Column::new("Day", Kind::Date),
        Column::new("Placed", Kind::Instant),
    ];
    Table::new("Orders", columns)
}

fn row(number: i64) -> [Cell<'static>; 8] {
    let usd = |minor| Cell::Amount(Money { minor, currency: currency("USD") });
    let placed = moment("2020-01-01T00:00:00Z") + TimeDelta::seconds(number * 97);
    [
        Cell::text(format!("A-{number:07}")),
        Cell::text(format!("Customer {} of Zürich", number % 50_021)),
        Cell::Integer(number % 97),
        usd(number * 7919 % 10_000_019),
        usd(-(number * 104_729 % 99_991)),
        Cell::scaled(number * 31 % 997, 3),
        Cell::Date(placed.date_naive()),
        Cell::Instant(placed),
    ]
}

fn export(format: Format) {
    let before = most_memory();
    let sink = Sink { begun: Instant::now(), first: None, length: 0, end: Vec::new() };
    let mut export = Export::new(format, document(vec![table()]), sink).expect("it begins");
    for number in 0..ROWS {
        export.row(0, &row(number)).expect("it is written");
    }
    let sink = export.finish().expect("it ends");
    let growth = most_memory() - before;
    assert!(growth <= GROWTH, "{growth} KiB more");
    assert!(sink.first.expect("a byte") < Duration::from_millis(200));
    assert!(sink.length > 50_000_000, "{} bytes", sink.length);
    let sheets = (1..4).filter(|sheet| contains(&sink.end, "PK\u{1}\u{2}", sheet)).count();
    assert_eq!(sheets, if format == Format::Xlsx { 2 } else { 0 });
}

/// Whether the archive's directory, which follows its last file, lists the sheet.
fn contains(end: &[u8], directory: &str, sheet: &u32) -> bool {
    let text = String::from_utf8_lossy(end);
    let listed = text.find(directory).map_or("", |at| &text[at..]);
    listed.contains(&format!("sheet{sheet}.xml"))
}

#[test]
fn more_than_a_million_rows_take_no_more_memory() {
    match std::env::var(ALONE).as_deref() {
        Ok("csv") => return export(Format::Csv),
        Ok(_) => return export(Format::Xlsx),
        Err(_) => {}
    }
    for format in ["csv", "xlsx"] {
        let this = std::env::current_exe().expect("a program");
        let path = "export::tests::million::more_than_a_million_rows_take_no_more_memory";
        let mut alone = Command::new(this);
        alone.args(["--exact", path, "--test-threads", "1"]).env(ALONE, format);
        let output = alone.output().expect("it runs");
        let words = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && words.contains("1 passed"), "{words}");
    }
}
