//! Reports of all ten kinds as they might be told of a shop, to look at their pages; and one whose every name is hostile.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use countinghouse::export::{Cell, Column, Kind};
use countinghouse::money::{Currency, Exact, Money};
use countinghouse::period::{Calendar, Grain, Period};
use countinghouse::reports::shared::{Better, Chart, Headline, Section, SharedReport, Told, View};

use Kind::{Integer, Text};

/// When the reports were shared. Their windows are the 30 days before, over the change to summer time.
pub const AS_OF: &str = "2026-04-24T09:41:07Z";
const ZONE: Tz = Tz::Europe__Berlin;
const SHARE: Kind = Kind::Percent { digits: 1 };
const ONE_DIGIT: Kind = Kind::Number { digits: 1 };

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn euro() -> Currency {
    "EUR".parse().expect("a currency")
}

fn amount() -> Kind {
    Kind::Amount(euro())
}

/// Numbers that look like a shop's, and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).expect("it fits") % most
    }

    /// A number around `middle`, in the column's kind: minor units, counts, or thousandths.
    fn cell(&mut self, kind: Kind, middle: i64) -> Cell<'static> {
        let value = middle * 7 / 10 + self.below((middle * 6 / 10).max(1));
        match kind {
            Kind::Amount(currency) => Cell::Amount(Money { minor: value, currency }),
            Integer => Cell::Integer(value),
            _ => Cell::scaled(value, 3),
        }
    }
}

fn headline(heading: &str, kind: Kind, value: i64, previous: Option<i64>, better: Better) -> Headline {
    let cell = |value| match kind {
        Kind::Amount(currency) => Cell::Amount(Money { minor: value, currency }),
        Integer => Cell::Integer(value),
        _ => Cell::scaled(value, 3),
    };
    let growth = |before| (&Exact::whole(value) - &Exact::whole(before)).divided_by(&Exact::whole(before));
    Headline {
        name: heading.to_lowercase().into(),
        column: Column::new(heading, kind),
        value: cell(value),
        previous: previous.map(cell),
        growth: previous.and_then(growth),
        better,
    }
}

/// A series by day and by week; `lines` are places of columns.
fn over_time(
    columns: &[(&str, Kind, i64)],
    lines: &[usize],
    chance: &mut Chance,
    period: &Period,
) -> Section {
    let calendar = Calendar { zone: ZONE, ..Calendar::UTC };
    let views = [(Grain::Day, 1), (Grain::Week, 7)].map(|(grain, days)| {
        let buckets = calendar.buckets(grain, period).expect("buckets");
        let last = buckets.len() - 1;
        let rows = buckets.iter().enumerate().map(|(at, bucket)| {
            let part = if at == 0 || at == last { 2 } else { 1 };
            let cells = columns.iter().map(|(_, kind, middle)| {
                let adds_up = *kind != SHARE;
                chance.cell(*kind, if adds_up { middle * days / part } else { *middle })
            });
            [Cell::Date(bucket.date)].into_iter().chain(cells).collect()
        });
        View { grain: Some(grain), rows: rows.collect() }
    });
    let mut headings = vec![Column::new("From", Kind::Date)];
    headings.extend(columns.iter().map(|(heading, kind, _)| Column::new(*heading, *kind)));
    Section {
        name: "over-time",
        title: format!("{} over time", columns[0].0),
        note: Some("The first and the last day count only what lies in the period.".to_owned()),
        columns: headings,
        views: views.to_vec(),
        chart: Some(Chart::Lines { x: 0, y: lines.to_vec() }),
    }
}

/// A ranking of names; `bars` are places of columns.
fn ranking(
    name: &'static str,
    title: &str,
    names: &[&str],
    columns: &[(&str, Kind, i64)],
    bars: &[usize],
    chance: &mut Chance,
) -> Section {
    // From the best down, as rankings are told.
    let rows = (1..).zip(names).map(|(rank, name)| {
        let cells = columns.iter().map(|(_, kind, middle)| {
            chance.cell(*kind, if *kind == SHARE { *middle } else { 3 * middle / rank })
        });
        let cells: Vec<Cell> = cells.collect();
        [Cell::text((*name).to_owned())].into_iter().chain(cells).collect()
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let mut headings = vec![Column::new(title.rsplit(' ').next().unwrap_or("Name"), Text)];
    headings.extend(columns.iter().map(|(heading, kind, _)| Column::new(*heading, *kind)));
    let chart = (!bars.is_empty()).then(|| Chart::Bars { label: 0, y: bars.to_vec() });
    Section {
        name,
        title: title.to_owned(),
        note: None,
        columns: headings,
        views: vec![View { grain: None, rows }],
        chart,
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn hours_of_week(chance: &mut Chance) -> Section {
    let mut rows = Vec::new();
    for (at, day) in (0_i64..).zip(WEEKDAYS) {
        for hour in 0..24_i64 {
            let busy = (12 - (hour - 14).abs()).max(0) * (3 + at % 6);
            let orders = if busy == 0 { Cell::Integer(0) } else { chance.cell(Integer, busy) };
            let revenue =
                if busy == 0 { chance.cell(amount(), 1) } else { chance.cell(amount(), busy * 7_345) };
            rows.push(vec![Cell::text(day), Cell::text(format!("{hour:02}:00")), orders, revenue]);
        }
    }
    Section {
        name: "by-hour-of-week",
        title: "Orders by weekday and hour".to_owned(),
        note: Some("An hour is told by its start on the clocks of Europe/Berlin. All such hours of the period are added up.".to_owned()),
        columns: vec![
            Column::new("Weekday", Text),
            Column::new("Hour", Text),
            Column::new("Orders", Integer),
            Column::new("Revenue", amount()),
        ],
        views: vec![View { grain: None, rows }],
        chart: Some(Chart::Heatmap { row: 0, column: 1, values: vec![2, 3] }),
    }
}

const HOURS: [&str; 24] = [
    "00:00", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00", "08:00", "09:00", "10:00",
    "11:00", "12:00", "13:00", "14:00", "15:00", "16:00", "17:00", "18:00", "19:00", "20:00", "21:00",
    "22:00", "23:00",
];
const CHANNELS: [&str; 5] = ["Web shop", "Marketplace", "App", "Point of sale", "Unknown"];
const PRODUCTS: [&str; 18] = [
    "Espresso machine Lucca M58",
    "Burr grinder, flat 64 mm",
    "Kettle with thermometer",
    "Paper filters, 100",
    "Pour-over set",
    "Milk jug 600 ml",
    "Tamper 58.5 mm",
    "Beans: Ethiopia Guji, washed, 1 kg",
    "Beans: Colombia Huila, 250 g",
    "Scale with timer",
    "Descaler",
    "Cup, double-walled",
    "Server 600 ml",
    "Knock box",
    "Cleaning brush",
    "Gift card",
    "Travel mug",
    "Siphon",
];
const COUNTRIES: [&str; 16] = [
    "Germany",
    "Austria",
    "Switzerland",
    "France",
    "Netherlands",
    "Italy",
    "Poland",
    "Denmark",
    "Sweden",
    "Spain",
    "Belgium",
    "Czechia",
    "United Kingdom",
    "United States",
    "Japan",
    "Unknown",
];

/// A report of that kind.
#[allow(clippy::too_many_lines, reason = "a table of ten reports")]
pub fn told(report: SharedReport) -> Told {
    use SharedReport as Of;
    let as_of = instant(AS_OF);
    let period = Period::new(as_of - chrono::Duration::days(30), as_of).expect("a period");
    let mut chance = Chance(report as u64 + 11);
    let any = &mut chance;
    let more = |heading, kind, value, previous| headline(heading, kind, value, Some(previous), Better::More);
    let less = |heading, kind, value, previous| headline(heading, kind, value, Some(previous), Better::Less);
    let (headlines, sections) = match report {
        Of::RevenueOverview => (
            vec![
                more("Revenue", amount(), 18_742_350, 16_550_210),
                more("Net revenue", amount(), 17_902_415, 16_103_380),
                more("Orders", Integer, 2_318, 2_127),
                more("Average order value", amount(), 8_086, 7_781),
                less("Refunds", amount(), 839_935, 446_830),
                less("Refund rate", SHARE, 45, 27),
                more("Active customers", Integer, 1_902, 1_902),
            ],
            vec![
                over_time(
                    &[
                        ("Revenue", amount(), 620_000),
                        ("Net revenue", amount(), 590_000),
                        ("Orders", Integer, 77),
                    ],
                    &[1, 2, 3],
                    any,
                    &period,
                ),
                ranking(
                    "by-channel",
                    "Revenue by Channel",
                    &CHANNELS,
                    &[
                        ("Orders", Integer, 400),
                        ("Revenue", amount(), 3_000_000),
                        ("Average order value", amount(), 8_000),
                        ("Share", SHARE, 200),
                    ],
                    &[2],
                    any,
                ),
            ],
        ),
        Of::SalesVelocity => (
            vec![
                more("Orders per day", ONE_DIGIT, 77_267, 70_900),
                more("Units per day", ONE_DIGIT, 201_400, 214_733),
                headline("Busiest day", Text, 0, None, Better::Neither),
            ],
            vec![
                over_time(&[("Orders", Integer, 77), ("Units", Integer, 201)], &[1, 2], any, &period),
                ranking(
                    "by-hour",
                    "Orders by Hour",
                    &HOURS,
                    &[("Orders", Integer, 90), ("Share", SHARE, 42)],
                    &[1],
                    any,
                ),
            ],
        ),
        Of::ProductPerformance => (
            vec![
                more("Products sold", Integer, 214, 201),
                more("Units", Integer, 6_042, 6_442),
                more("Revenue", amount(), 18_742_350, 16_550_210),
            ],
            vec![
                ranking(
                    "best",
                    "Best selling Product",
                    &PRODUCTS,
                    &[
                        ("Revenue", amount(), 900_000),
                        ("Units", Integer, 320),
                        ("Margin", SHARE, 380),
                        ("Change", SHARE, 120),
                    ],
                    &[1, 2],
                    any,
                ),
                ranking(
                    "fading",
                    "What no longer sells: Product",
                    &PRODUCTS[9..12],
                    &[("Units before", Integer, 20)],
                    &[],
                    any,
                ),
                Section {
                    views: vec![View { grain: None, rows: Vec::new() }],
                    ..ranking("new", "What sells anew: Product", &[], &[("Units", Integer, 1)], &[1], any)
                },
            ],
        ),
        Of::CustomerInsights => (
            vec![
                more("New customers", Integer, 412, 388),
                more("Returning customers", Integer, 1_490, 1_514),
                headline("Lifetime value", amount(), 31_245, None, Better::More),
                headline("Lost customers", Integer, 61, Some(0), Better::Less),
            ],
            vec![
                over_time(
                    &[
                        ("New customers", Integer, 14),
                        ("Returning customers", Integer, 49),
                        ("Repeat rate", SHARE, 410),
                    ],
                    &[1, 2, 3],
                    any,
                    &period,
                ),
                ranking(
                    "best",
                    "Revenue by Customer",
                    &[
                        "Café Blaukraut",
                        "مقهى النور",
                        "קפה תל אביב",
                        "Rösterei Ørsted",
                        "喫茶ひかり",
                        "O’Brien & Sons",
                    ],
                    &[("Revenue", amount(), 90_000), ("Orders", Integer, 9)],
                    &[1],
                    any,
                ),
            ],
        ),
        Of::CouponImpact => (
            vec![
                more("Orders with a coupon", Integer, 318, 402),
                headline("Discounts", amount(), 412_090, Some(518_400), Better::Neither),
                more("Share of revenue", SHARE, 137, 189),
            ],
            vec![
                over_time(
                    &[
                        ("With coupon", amount(), 85_000),
                        ("Without", amount(), 530_000),
                        ("Discounts", amount(), 14_000),
                    ],
                    &[1, 2, 3],
                    any,
                    &period,
                ),
                ranking(
                    "by-coupon",
                    "Revenue by Coupon",
                    &["SPRING10", "WELCOME", "=cmd|'/c calc'!A1", "VIP-25", "FREESHIP"],
                    &[
                        ("Orders", Integer, 60),
                        ("Revenue", amount(), 500_000),
                        ("Discounts", amount(), 60_000),
                    ],
                    &[2, 3],
                    any,
                ),
            ],
        ),
        Of::TimeOfDayHeatmap => (
            vec![more("Orders", Integer, 2_318, 2_127), more("Revenue", amount(), 18_742_350, 16_550_210)],
            vec![
                hours_of_week(any),
                ranking(
                    "by-weekday",
                    "Orders by Weekday",
                    &WEEKDAYS,
                    &[("Orders", Integer, 330), ("Revenue", amount(), 2_600_000), ("Share", SHARE, 142)],
                    &[1],
                    any,
                ),
            ],
        ),
        Of::InventoryTurnover => (
            vec![
                headline("Turnover", Kind::Number { digits: 2 }, 1_342, Some(1_210), Better::More),
                less("Days of inventory", ONE_DIGIT, 22_400, 24_800),
                less("Dead stock", amount(), 1_204_500, 1_204_500),
            ],
            vec![
                over_time(
                    &[("Stock value", amount(), 9_400_000), ("Units in stock", Integer, 12_400)],
                    &[1, 2],
                    any,
                    &period,
                ),
                ranking(
                    "dead",
                    "Stock that lies dead: Product",
                    &PRODUCTS[..8],
                    &[
                        ("Units", Integer, 40),
                        ("Value", amount(), 80_000),
                        ("Days without sale", Integer, 90),
                    ],
                    &[2],
                    any,
                ),
            ],
        ),
        Of::RefundCancelRate => (
            vec![
                less("Refund rate", SHARE, 45, 27),
                less("Cancellation rate", SHARE, 31, 36),
                less("Refunds", amount(), 839_935, 446_830),
            ],
            vec![
                over_time(
                    &[("Refund rate", SHARE, 45), ("Cancellation rate", SHARE, 31)],
                    &[1, 2],
                    any,
                    &period,
                ),
                ranking(
                    "by-reason",
                    "Refunds by Reason",
                    &["Arrived damaged", "Changed my mind", "Wrong item", "Late", "Unknown"],
                    &[("Refunds", Integer, 40), ("Amount", amount(), 200_000)],
                    &[2],
                    any,
                ),
            ],
        ),
        Of::ChannelPerformance => (
            vec![
                headline("Channels", Integer, 5, None, Better::Neither),
                more("Revenue", amount(), 18_742_350, 16_550_210),
            ],
            vec![
                over_time(
                    &[
                        ("Web shop", amount(), 310_000),
                        ("Marketplace", amount(), 180_000),
                        ("App", amount(), 90_000),
                        ("Point of sale", amount(), 45_000),
                        ("Unknown", amount(), 4_000),
                    ],
                    &[1, 2, 3, 4, 5],
                    any,
                    &period,
                ),
                ranking(
                    "by-channel",
                    "Figures by Channel",
                    &CHANNELS,
                    &[
                        ("Revenue", amount(), 3_000_000),
                        ("Orders", Integer, 400),
                        ("Refund rate", SHARE, 40),
                        ("New customers", Integer, 60),
                    ],
                    &[1, 2, 3],
                    any,
                ),
            ],
        ),
        Of::GeographicDistribution => (
            vec![
                more("Countries", Integer, 16, 15),
                headline("Largest", SHARE, 612, Some(634), Better::Neither),
            ],
            vec![ranking(
                "by-country",
                "Revenue by Country",
                &COUNTRIES,
                &[
                    ("Revenue", amount(), 2_000_000),
                    ("Orders", Integer, 250),
                    ("Customers", Integer, 210),
                    ("Share", SHARE, 60),
                ],
                &[1, 2],
                any,
            )],
        ),
    };
    let organization = "Kontor & Kaffee GmbH".to_owned();
    let mut told =
        Told { report, organization, period, time_zone: ZONE, currency: euro(), as_of, headlines, sections };
    for headline in &mut told.headlines {
        if headline.column.kind == Text {
            headline.value = Cell::text("Saturday");
        }
    }
    told
}

/// Names that try to get out of wherever they are put.
pub fn hostile_names() -> Vec<String> {
    [
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "' onmouseover='alert(1)",
        "<!-- --!> ]]> {{constructor.constructor('alert(1)')()}} ${alert(1)}",
        "javascript:alert(1)//",
        "=HYPERLINK(\"http://evil.example\",\"x\")",
        "@SUM(1+1)*cmd|'/c calc'!A0",
        "\u{202e}gnp.exe\u{202d} \u{2067}turned",
        "مقهى \"النور\" <b>",
        "🧑‍🍳👩🏽‍🚀🏴‍☠️ 1️⃣",
        "a\u{0}b\u{1b}[31mc\u{7}d\re\nf\u{feff}g",
        "Z\u{351}\u{36b}\u{343}\u{36a}\u{302}\u{36b}a\u{327}\u{334}\u{31e}l\u{321}\u{32f}g\u{333}\u{33f}o",
        "</title></style></template></textarea><base href=//evil.example>",
        "&lt;script&gt;&#60;script&#62;",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(["W".repeat(10_240), "long words ".repeat(1_000), "\u{1F525}".repeat(2_560)])
    .collect()
}

/// A report with such names in every place that a name can stand in.
pub fn hostile() -> Told {
    let names = hostile_names();
    let mut names_for_ever = names.iter().cycle().cloned();
    let mut next = || names_for_ever.next().expect("it goes on");
    let mut told = told(SharedReport::ChannelPerformance);
    told.sections.push(hours_of_week(&mut Chance(1)));
    told.organization = next();
    for headline in &mut told.headlines {
        headline.column.heading = next();
    }
    for section in &mut told.sections {
        section.title = next();
        section.note = Some(next());
        section.columns.iter_mut().for_each(|column| column.heading = next());
    }
    let ranked = &mut told.sections[1];
    let template = ranked.views[0].rows[0].clone();
    ranked.views[0].rows = names
        .iter()
        .map(|name| {
            let mut row = template.clone();
            row[0] = Cell::text(name.clone());
            row
        })
        .collect();
    let grid = &mut told.sections[2];
    for row in &mut grid.views[0].rows {
        if let Cell::Text(day) = &row[0] {
            let at = WEEKDAYS.iter().position(|name| name == day).expect("a weekday");
            row[0] = Cell::text(names[at].clone());
        }
    }
    told
}

/// A report in which nothing happened.
pub fn empty() -> Told {
    let mut told = told(SharedReport::RevenueOverview);
    told.headlines.truncate(2);
    told.headlines[0] = headline("Revenue", amount(), 0, Some(0), Better::More);
    told.headlines[1] = Headline {
        value: Cell::Empty,
        previous: Some(Cell::Empty),
        growth: None,
        ..headline("Refund rate", SHARE, 1, Some(1), Better::Less)
    };
    for view in told.sections.iter_mut().flat_map(|section| &mut section.views) {
        view.rows.clear();
    }
    told
}

/// A report of amounts in hundreds of millions, and of as many digits as there can be.
pub fn large() -> Told {
    let mut told = told(SharedReport::RevenueOverview);
    told.headlines = [29_160_233_265, 123_456_789_012_345_678, i64::MIN, 1_234_567]
        .map(|minor| headline("Revenue", Kind::Amount(euro()), minor, Some(minor), Better::More))
        .into();
    told
}
