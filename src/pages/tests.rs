//! What the markup says: whole, in words, and of hostile names. How it is seen, `tests/pages` asks a browser.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

use playground::ReportScripts;

use super::moment::Days;
use super::{Links, Locale, dead_link, page, shown};
use crate::export::{Cell, Column, Kind};
use crate::money::{Currency, Exact, Money};
use crate::period::{Grain, Period};
use crate::reports::shared::{Better, Chart, Headline, Section, SharedReport, Told, View};

const BERLIN: Tz = Tz::Europe__Berlin;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn period(from: &str, to: &str) -> Period {
    Period::new(instant(from), instant(to)).expect("a period")
}

fn euro() -> Currency {
    "EUR".parse().expect("a currency")
}

fn between(from: Option<i64>, to: Option<i64>) -> Cell<'static> {
    let euros = |minor| Money { minor, currency: euro() };
    Cell::Between(from.map(euros), to.map(euros))
}

fn euros(minor: i64) -> Cell<'static> {
    Cell::Amount(Money { minor, currency: euro() })
}

fn headline(heading: &str, value: i64, previous: i64, better: Better) -> Headline {
    let grown = &Exact::whole(value) - &Exact::whole(previous);
    Headline {
        name: "revenue".into(),
        column: Column::new(heading, Kind::Amount(euro())),
        value: euros(value),
        previous: Some(euros(previous)),
        growth: grown.divided_by(&Exact::whole(previous)),
        better,
    }
}

fn columns(first: (&str, Kind)) -> Vec<Column> {
    vec![
        Column::new(first.0, first.1),
        Column::new("Revenue", Kind::Amount(euro())),
        Column::new("Orders", Kind::Integer),
        Column::new("Share", Kind::Percent { digits: 1 }),
    ]
}

fn row(first: Cell<'static>, minor: i64) -> Vec<Cell<'static>> {
    vec![first, euros(minor), Cell::Integer(minor / 100), Cell::scaled(minor, 6)]
}

/// A report of three days with a section of every kind.
fn told() -> Told {
    let over_time = Section {
        name: "over-time",
        title: "Revenue over time".to_owned(),
        note: Some("Of all channels.".to_owned()),
        columns: columns(("From", Kind::Date)),
        views: vec![
            View {
                grain: Some(Grain::Day),
                rows: vec![
                    row(Cell::Date(day("2026-04-21")), 123_450),
                    row(Cell::Date(day("2026-04-22")), 5),
                ],
            },
            View { grain: Some(Grain::Week), rows: vec![row(Cell::Date(day("2026-04-20")), 123_455)] },
        ],
        chart: Some(Chart::Lines { x: 0, y: vec![1, 2] }),
    };
    let by_channel = Section {
        name: "by-channel",
        title: "By channel".to_owned(),
        note: None,
        columns: columns(("Channel", Kind::Text)),
        views: vec![View {
            grain: None,
            rows: vec![row(Cell::text("web"), 123_000), row(Cell::text("קפה"), 455)],
        }],
        chart: Some(Chart::Bars { label: 0, y: vec![1] }),
    };
    let hours = ["Mon", "Tue"].into_iter().flat_map(|weekday| {
        [("09:00", 7), ("10:00", 1_500_000)].map(|(hour, orders)| {
            vec![
                Cell::text(weekday),
                Cell::text(hour),
                Cell::Integer(if weekday == "Mon" { orders } else { 0 }),
            ]
        })
    });
    let by_hour = Section {
        name: "by-hour",
        title: "By weekday and hour".to_owned(),
        note: None,
        columns: vec![
            Column::new("Weekday", Kind::Text),
            Column::new("Hour", Kind::Text),
            Column::new("Orders", Kind::Integer),
        ],
        views: vec![View { grain: None, rows: hours.collect() }],
        chart: Some(Chart::Heatmap { row: 0, column: 1, values: vec![2] }),
    };
    Told {
        report: SharedReport::RevenueOverview,
        organization: "Kontor & Kaffee".to_owned(),
        period: period("2026-04-21T07:30:00Z", "2026-04-22T07:30:00Z"),
        time_zone: BERLIN,
        currency: euro(),
        as_of: instant("2026-04-22T07:30:00Z"),
        headlines: vec![headline("Revenue", 123_455, 100_000, Better::More)],
        sections: vec![over_time, by_channel, by_hour],
    }
}

const SCRIPTS: ReportScripts = ReportScripts { start: "/report.js", charts: "/charts.js" };

/// The page with names of files that do not change with them.
fn markup(told: &Told, scripts: Option<ReportScripts>) -> String {
    let links = Links { csv: "/api/reports/TOKEN/csv", expires_at: instant("2026-04-29T07:30:00Z") };
    let parts = playground::report_parts();
    page(told, &links, &Locale::negotiate("en-GB"), scripts)
        .replace(parts.style, "/style.css")
        .replace(parts.icon, "/icon.svg")
}

#[test]
fn a_page_is_whole() {
    // A line for each element, to be read.
    insta::assert_snapshot!(markup(&told(), Some(SCRIPTS)).replace("><", ">\n<"));
}

#[test]
fn without_a_script_nothing_is_said_of_charts() {
    let page = markup(&told(), None);
    for absent in ["<script", "modulepreload", "chart", "panel", "drawn"] {
        assert!(!page.contains(absent), "{absent}");
    }
    assert_eq!(page.matches("<table").count(), 6);
}

#[test]
fn hostile_names_stay_text_wherever_they_stand() {
    let hostile = "</title></script><script>alert(1)</script>\"' onload='x()' <b>\u{0}\u{202e}\u{2069}=1+1";
    let mut told = told();
    let harmless = markup(&told, Some(SCRIPTS));
    told.organization = hostile.to_owned();
    told.headlines[0].column.heading = hostile.to_owned();
    for section in &mut told.sections {
        section.title = hostile.to_owned();
        section.note = Some(hostile.to_owned());
        section.columns.iter_mut().for_each(|column| column.heading = hostile.to_owned());
        for cell in section.views.iter_mut().flat_map(|view| &mut view.rows).flatten() {
            if let Cell::Text(text) = cell {
                *text = format!("{text}{hostile}").into();
            }
        }
    }
    let page = markup(&told, Some(SCRIPTS));
    // The same elements as without them, but for the notes that two sections had none of.
    let elements = |page: &str| -> Vec<String> {
        let names =
            page.split('<').skip(1).map(|rest| rest.split([' ', '>']).next().unwrap_or_default().to_owned());
        names.collect()
    };
    let (mut found, mut expected) = (elements(&page), elements(&harmless));
    expected.extend(["p", "/p", "p", "/p"].map(str::to_owned));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert!(!page.contains(['\u{0}', '\u{202e}']), "{page}");
    assert_eq!(page.matches("&lt;script&gt;alert(1)").count(), page.matches("alert(1)").count());
}

#[test]
fn names_of_any_length_leave_the_page_small() {
    let mut told = told();
    let harmless = markup(&told, None).len();
    told.organization = "x".repeat(10_240);
    told.sections[1].columns[1].heading = "y".repeat(10_240);
    told.sections[1].views[0].rows[0][0] = Cell::text("z".repeat(10_240));
    let page = markup(&told, None);
    assert!(page.len() < harmless + 2_000, "{}", page.len() - harmless);
}

#[test]
fn growth_is_told_by_an_arrow_and_words() {
    let cards = |value, previous, better| {
        let mut told = told();
        told.headlines = vec![headline("Revenue", value, previous, better)];
        let page = markup(&told, None);
        let (_, rest) = page.split_once("</p>").expect("a figure");
        let (_, rest) = rest.split_once("<p class=\"figure\">").expect("a figure");
        let text: String = rest
            .split("</li>")
            .next()
            .expect("its end")
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
            .collect();
        text
    };
    let before = "in the 24 hours before";
    for (value, previous, better, text) in [
        (112_500, 100_000, Better::More, format!("€1,125.00▲ up 12.5% better€1,000.00 {before}")),
        (87_500, 100_000, Better::More, format!("€875.00▼ down 12.5% worse€1,000.00 {before}")),
        (112_500, 100_000, Better::Less, format!("€1,125.00▲ up 12.5% worse€1,000.00 {before}")),
        (87_500, 100_000, Better::Less, format!("€875.00▼ down 12.5% better€1,000.00 {before}")),
        (112_500, 100_000, Better::Neither, format!("€1,125.00▲ up 12.5%€1,000.00 {before}")),
        (100_000, 100_000, Better::More, format!("€1,000.00no change€1,000.00 {before}")),
        (100_000, 0, Better::More, format!("€1,000.00€0.00 {before}")),
        (100_000, 3, Better::More, format!("€1,000.00▲ up 3,333,233.3% better€0.03 {before}")),
    ] {
        assert_eq!(cards(value, previous, better), text);
    }
}

#[test]
fn periods_are_told_in_words() {
    let words = |language: &str, from: &str, to: &str| {
        let locale = Locale::negotiate(language);
        let days = Days { zone: BERLIN, locale: &locale };
        let period = period(from, to);
        let plain: String = days
            .period(&period)
            .0
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
            .collect();
        (days.length(&period).unwrap_or_default(), plain)
    };
    let told = |length: &str, period: &str| (length.to_owned(), period.to_owned());
    for (language, from, to, expected) in [
        ("en", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z", told("30 days", "1 to 30 April 2026")),
        ("en-US", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z", told("30 days", "April 1 to 30, 2026")),
        // Over the change to summer time: still whole days, by the clocks.
        ("en", "2026-03-27T23:00:00Z", "2026-04-03T22:00:00Z", told("7 days", "28 March to 3 April 2026")),
        (
            "en-US",
            "2026-03-27T23:00:00Z",
            "2026-04-03T22:00:00Z",
            told("7 days", "March 28 to April 3, 2026"),
        ),
        (
            "en",
            "2025-12-27T23:00:00Z",
            "2026-01-03T23:00:00Z",
            told("7 days", "28 December 2025 to 3 January 2026"),
        ),
        ("en", "2026-04-20T22:00:00Z", "2026-04-21T22:00:00Z", told("24 hours", "21 April 2026")),
        (
            "en",
            "2026-03-25T09:41:07Z",
            "2026-04-24T09:41:07Z",
            told("30 days", "25 March, 10:41 to 24 April 2026, 11:41"),
        ),
        (
            "en-US",
            "2025-12-25T09:41:07Z",
            "2026-01-24T09:41:07Z",
            told("30 days", "December 25, 2025, 10:41 to January 24, 2026, 10:41"),
        ),
        (
            "en",
            "2026-04-21T09:00:00Z",
            "2026-04-22T10:30:00Z",
            told("", "21 April, 11:00 to 22 April 2026, 12:30"),
        ),
    ] {
        assert_eq!(words(language, from, to), expected, "{language} {from}");
    }
}

#[test]
fn buckets_are_called_as_they_are_long_and_say_what_is_cut_off() {
    let locale = Locale::negotiate("en-GB");
    let days = Days { zone: BERLIN, locale: &locale };
    let period = period("2026-03-25T09:41:07Z", "2026-04-24T09:41:07Z");
    let told = |grain, first: &str| {
        let first = day(first);
        (
            days.bucket(grain, first),
            days.tick(grain, first),
            days.part(grain, first, &period).unwrap_or_default(),
        )
    };
    for (grain, first, name, tick, part) in [
        (Grain::Day, "2026-03-25", "Wed, 25 Mar 2026", "25 Mar", "from 10:41"),
        (Grain::Day, "2026-04-01", "Wed, 1 Apr 2026", "1 Apr", ""),
        (Grain::Day, "2026-04-24", "Fri, 24 Apr 2026", "24 Apr", "until 11:41"),
        (Grain::Week, "2026-03-23", "23 Mar to 29 Mar 2026", "23 Mar", "from 25 Mar, 10:41"),
        (Grain::Month, "2026-04-01", "April 2026", "Apr 2026", "until 24 Apr, 11:41"),
        (Grain::Quarter, "2026-01-01", "January to March 2026", "Q1 2026", "from 25 Mar, 10:41"),
        (Grain::Year, "2026-01-01", "2026", "2026", "from 25 Mar, 10:41 until 24 Apr, 11:41"),
    ] {
        assert_eq!(told(grain, first), (name.to_owned(), tick.to_owned(), part.to_owned()));
    }
    assert_eq!(days.bucket(Grain::Week, day("2025-12-29")), "29 Dec 2025 to 4 Jan 2026");
    let a_year = Period::new(period.start() - Duration::days(400), period.end()).expect("a period");
    assert_eq!(days.part(Grain::Month, day("2026-03-01"), &a_year), None);
}

#[test]
fn numbers_are_rounded_where_they_are_shown_and_kept_beside() {
    let locale = Locale::default();
    let days = Days { zone: BERLIN, locale: &locale };
    let element = |kind, cell: Cell| shown::element(days, kind, &cell).0;
    for (kind, cell, markup) in [
        (Kind::Number { digits: 1 }, Cell::decimal("-1234.25"), "<data value=\"-1234.25\">-1,234.3</data>"),
        (Kind::Percent { digits: 1 }, Cell::decimal("0.12345"), "<data value=\"0.12345\">12.3%</data>"),
        (Kind::Percent { digits: 0 }, Cell::decimal("-0.005"), "<data value=\"-0.005\">-1%</data>"),
        (
            Kind::Integer,
            Cell::Integer(i64::MIN),
            "<data value=\"-9223372036854775808\">-9,223,372,036,854,775,808</data>",
        ),
        (Kind::Text, Cell::Empty, "–"),
        (Kind::Boolean, Cell::Boolean(true), "Yes"),
        (
            Kind::Text,
            between(Some(100_000), Some(200_050)),
            "<data value=\"1000 to 2000.50\">1,000 to 2,000.50</data>",
        ),
        (Kind::Text, between(None, Some(1_000_000)), "<data value=\"under 10000\">under 10,000</data>"),
        (
            Kind::Text,
            between(Some(123_456_700), None),
            "<data value=\"1234567 and more\">1,234,567 and more</data>",
        ),
        (Kind::Date, Cell::Date(day("2026-04-01")), "<time datetime=\"2026-04-01\">1 Apr 2026</time>"),
        (
            Kind::Instant,
            Cell::Instant(instant("2026-04-01T22:30:00Z")),
            "<time datetime=\"2026-04-01T22:30:00Z\">2 Apr 2026, 00:30</time>",
        ),
    ] {
        assert_eq!(element(kind, cell), markup);
    }
    let german = Locale::negotiate("de-DE");
    let days_of_a_german = Days { locale: &german, ..days };
    let told = shown::element(days_of_a_german, Kind::Text, &between(Some(100_000), Some(200_050))).0;
    assert_eq!(told, "<data value=\"1000 to 2000.50\">1.000 to 2.000,50</data>");
    let brief = |kind, cell: Cell| shown::brief(days, kind, &cell);
    assert_eq!(brief(Kind::Integer, Cell::Integer(9_999)), "9,999");
    assert_eq!(brief(Kind::Integer, Cell::Integer(12_499)), "12k");
    assert_eq!(brief(Kind::Amount(euro()), euros(-1_249_950)), "-12k");
    assert_eq!(brief(Kind::Amount(euro()), euros(99_950)), "1,000");
    assert_eq!(brief(Kind::Integer, Cell::Integer(999_499)), "999k");
    assert_eq!(brief(Kind::Integer, Cell::Integer(1_549_999)), "1.5M");
    assert_eq!(brief(Kind::Integer, Cell::Integer(999_499_999)), "999M");
    assert_eq!(brief(Kind::Integer, Cell::Integer(i64::MAX)), "9,223,372,036.9B");
    assert_eq!(brief(Kind::Percent { digits: 1 }, Cell::decimal("0.125")), "13%");
}

#[test]
fn a_dead_link_tells_nothing_but_what_to_do() {
    let page = dead_link();
    assert!(
        page.contains("This link does not work") && page.contains("ask whoever sent it for a new link"),
        "{page}"
    );
    for absent in ["signature", "tampered", "unknown", "<script"] {
        assert!(!page.contains(absent), "{absent}");
    }
}

/// A card is told how long its figures are, so that it can write each on one line.
#[test]
fn figures_say_how_long_they_are() {
    let mut told = told();
    told.headlines = vec![headline("Revenue", 123_456_789_012_345_678, 1, Better::More)];
    let page = markup(&told, None);
    let figure = "<p class=\"figure chars-25\"><data value=\"1234567890123456.78\">€1,234,567,890,123,456.78</data></p>";
    assert!(page.contains(figure), "{page}");
    assert!(page.contains("<p class=\"before\">"), "{page}");
}
