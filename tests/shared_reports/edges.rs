//! What reports are like where there is little to tell, over other times, in other zones and other currencies.

use chrono::Duration;
use chrono_tz::Tz;
use countinghouse::export::Cell;
use countinghouse::fault::Fault;
use countinghouse::period::Grain;
use countinghouse::principal::Organization;
use countinghouse::reports::shared::{Section, SharedReport, Told};
use serde_json::json;

use super::shop::{Shop, WEEK};
use super::written::cell;
use crate::support::app::{Dataset, admin};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    an_organization_without_facts_is_told_zeros,
    orders_belong_to_the_hours_that_clocks_show,
    a_period_is_looked_at_by_what_fits_it,
    only_what_lies_in_the_period_counts,
    amounts_are_told_in_the_currency_of_the_organization,
    a_missing_rate_is_named,
    stock_is_that_of_now,
);

fn section<'a>(told: &'a Told, name: &str) -> &'a Section {
    told.sections.iter().find(|section| section.name == name).unwrap_or_else(|| panic!("no section {name}"))
}

fn headline(told: &Told, name: &str) -> String {
    let found = told.headlines.iter().find(|headline| headline.name == name);
    cell(&found.unwrap_or_else(|| panic!("no headline {name}")).value)
}

/// A day of the table over time and its first figure.
fn day(told: &Told, view: usize, date: &str) -> Option<String> {
    let rows = &section(told, "over-time").views[view].rows;
    rows.iter().find(|row| cell(&row[0]) == date).map(|row| cell(&row[1]))
}

/// The sum of a column of integers or amounts, in minor units.
fn sum(section: &Section, view: usize, column: usize) -> i64 {
    let of = |row: &Vec<Cell<'_>>| match &row[column] {
        Cell::Integer(number) => *number,
        Cell::Amount(money) => money.minor,
        other => panic!("{other:?} cannot be added up"),
    };
    section.views[view].rows.iter().map(of).sum()
}

async fn an_organization_without_facts_is_told_zeros(database: TestDatabase) {
    let nothing = Dataset::new().file("categories.csv", "category_id,name\nnone,None\n");
    let shop = Shop::of(&database, &nothing).await;
    let is_nothing = |cell: &Cell| match cell {
        Cell::Empty | Cell::Text(_) | Cell::Between(..) | Cell::Date(_) => true,
        Cell::Integer(number) => *number == 0,
        Cell::Amount(money) => money.minor == 0,
        Cell::Decimal(digits) => digits.chars().all(|digit| matches!(digit, '0' | '.')),
        other => panic!("{other:?}"),
    };
    for report in SharedReport::ALL {
        for from in [WEEK[0], "2024-04-02T09:59:59.999999Z", "2023-01-01T00:00:00Z", "0002-01-01T00:00:00Z"] {
            let told = shop.told(report, [from, WEEK[1]]).await;
            let told = told.unwrap_or_else(|fault| panic!("{report:?} from {from}: {fault}"));
            assert!(told.headlines.len() >= 3 && told.sections.len() >= 2, "{report:?}");
            for headline in &told.headlines {
                assert!(is_nothing(&headline.value), "{report:?}: {headline:?}");
                assert!(headline.previous.as_ref().is_none_or(is_nothing), "{report:?}: {headline:?}");
                assert_eq!(headline.growth, None, "{report:?}: {headline:?}");
            }
            for section in &told.sections {
                for row in section.views.iter().flat_map(|view| &view.rows) {
                    assert_eq!(row.len(), section.columns.len());
                    assert!(row.iter().all(is_nothing), "{report:?}, {}: {row:?}", section.name);
                }
            }
        }
    }
    // Of hours and weekdays all are told, of days those of the week; of deals and campaigns there is no word.
    let told = shop.told(SharedReport::TimeOfDayHeatmap, WEEK).await.expect("it is told");
    let sizes = told.sections.iter().map(|section| section.views[0].rows.len());
    assert_eq!(sizes.collect::<Vec<_>>(), [168, 7, 24]);
    let told = shop.told(SharedReport::SalesVelocity, WEEK).await.expect("it is told");
    let names: Vec<&str> = told.sections.iter().map(|section| section.name).collect();
    assert_eq!(names, ["over-time", "pace", "by-hour", "by-weekday"]);
    assert_eq!(section(&told, "over-time").views[0].rows.len(), 8);
}

/// The guest's order, which alone came to 20.00, was placed at 23:30 of UTC on Saturday, 30 March 2024.
async fn orders_belong_to_the_hours_that_clocks_show(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for (zone, date, weekday, hour) in [
        (Tz::UTC, "2024-03-30", "Saturday", "23:00"),
        (Tz::Europe__Berlin, "2024-03-31", "Sunday", "00:00"),
        (Tz::America__New_York, "2024-03-30", "Saturday", "19:00"),
        (Tz::Asia__Kolkata, "2024-03-31", "Sunday", "05:00"),
        // Clocks of Auckland go back on 7 April.
        (Tz::Pacific__Auckland, "2024-03-31", "Sunday", "12:00"),
    ] {
        let organization = Organization { time_zone: zone, ..shop.organization.clone() };
        let shop = Shop { organization, app: shop.app.clone() };
        let told = shop.told(SharedReport::TimeOfDayHeatmap, WEEK).await.expect("it is told");
        let rows = &section(&told, "by-hour-of-week").views[0].rows;
        let told_at = rows.iter().filter(|row| cell(&row[3]) == "20.00");
        let places: Vec<[String; 2]> = told_at.map(|row| [cell(&row[0]), cell(&row[1])]).collect();
        assert_eq!(places, [[weekday.to_owned(), hour.to_owned()]], "{zone}");
        let told = shop.told(SharedReport::RevenueOverview, WEEK).await.expect("it is told");
        let revenue = day(&told, 0, date).expect("the day").parse::<f64>().expect("an amount");
        assert!(revenue >= 20.0, "{zone}");
        assert_eq!(sum(section(&told, "over-time"), 0, 1), 10_000, "{zone}");
    }
}

async fn a_period_is_looked_at_by_what_fits_it(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let end: chrono::DateTime<chrono::Utc> = WEEK[1].parse().expect("an instant");
    for (days, grains, rows) in [
        (7, vec![Grain::Day], vec![8]),
        (13, vec![Grain::Day], vec![14]),
        (30, vec![Grain::Day, Grain::Week], vec![31, 6]),
        (90, vec![Grain::Day, Grain::Week, Grain::Month], vec![91, 14, 4]),
        (400, vec![Grain::Month, Grain::Quarter, Grain::Year], vec![15, 6, 2]),
        (3_700, vec![Grain::Year], vec![11]),
    ] {
        let from = (end - Duration::days(days)).to_rfc3339();
        for report in [SharedReport::RevenueOverview, SharedReport::ChannelPerformance] {
            let told = shop.told(report, [&from, WEEK[1]]).await.expect("it is told");
            let over_time = section(&told, "over-time");
            let views = &over_time.views;
            assert_eq!(views.iter().filter_map(|view| view.grain).collect::<Vec<_>>(), grains, "{days} days");
            assert_eq!(views.iter().map(|view| view.rows.len()).collect::<Vec<_>>(), rows, "{days} days");
            // By whatever it is cut, it is the same revenue.
            let columns =
                if report == SharedReport::RevenueOverview { 1..2 } else { 1..over_time.columns.len() };
            let revenue = headline(&told, "revenue").replace('.', "").parse::<i64>().expect("an amount");
            for view in 0..views.len() {
                let sum: i64 = columns.clone().map(|column| sum(over_time, view, column)).sum();
                assert_eq!(sum, revenue, "{days} days");
            }
        }
    }
}

/// The first and the last day of the week are cut, and their rows say so.
async fn only_what_lies_in_the_period_counts(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let ask = async |from: &str, to: &str| {
        shop.told(SharedReport::RevenueOverview, [from, to]).await.expect("it is told")
    };
    let note = |told: &Told| section(told, "over-time").note.clone();
    let week = ask(WEEK[0], WEEK[1]).await;
    assert_eq!(day(&week, 0, "2024-03-26").as_deref(), Some("18.00"));
    assert_eq!(day(&week, 0, "2024-04-02").as_deref(), Some("10.00"));
    let words = "The first day counts from 11:00 on, the last one up to 12:00.";
    assert_eq!(note(&week).as_deref(), Some(words));
    // A moment later the first order is out; a moment more, and the one at noon of the last day is in.
    let later = ask("2024-03-26T10:00:00.000001Z", "2024-04-02T10:00:00.000001Z").await;
    assert_eq!(day(&later, 0, "2024-03-26").as_deref(), Some("0.00"));
    assert_eq!(day(&later, 0, "2024-04-02").as_deref(), Some("110.00"));
    // From midnight to midnight of Berlin nothing is cut; on either side of the night in March that is at other hours of UTC.
    let whole = ask("2024-03-25T23:00:00Z", "2024-04-02T22:00:00Z").await;
    assert_eq!(note(&whole), None);
    assert_eq!(section(&whole, "over-time").views[0].rows.len(), 8);
    let short = ask("2024-03-25T23:00:00Z", "2024-04-02T21:00:00Z").await;
    assert_eq!(note(&short).as_deref(), Some("The last day counts up to 23:00."));
    let month = ask("2024-02-29T23:00:00Z", "2024-03-31T21:00:00Z").await;
    let words = "The last day counts up to 23:00; weeks and longer stretches count what lies in the period.";
    assert_eq!(note(&month).as_deref(), Some(words));
}

/// In dollars: 36 + 72 + 40 + 22 + 10 at two dollars for a euro, and 10 ÷ 0.6 in April; the week before 40 + 60.
async fn amounts_are_told_in_the_currency_of_the_organization(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let in_dollars =
        Organization { currency: "USD".parse().expect("a currency"), ..shop.organization.clone() };
    let shop = Shop { organization: in_dollars, app: shop.app };
    let told = shop.told(SharedReport::RevenueOverview, WEEK).await.expect("it is told");
    assert_eq!(told.currency.code(), "USD");
    assert_eq!(headline(&told, "revenue"), "196.67");
    let first = &told.headlines[0];
    assert_eq!(first.previous.as_ref().map(cell).as_deref(), Some("100.00"));
    // 0.966… of what it was.
    assert_eq!(first.growth.as_ref().and_then(|growth| growth.round_to(4)), Some(9_667));
    let told = shop.told(SharedReport::CustomerInsights, WEEK).await.expect("it is told");
    // acme: 72 and 16.67.
    assert_eq!(cell(&section(&told, "top-customers").views[0].rows[0][3]), "88.67");
    let told = shop.told(SharedReport::InventoryTurnover, WEEK).await.expect("it is told");
    // Seven elderberries that cost three euros each, by the rate of today.
    assert_eq!(headline(&told, "deadAtCost"), "35.00");
}

async fn a_missing_rate_is_named(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for report in SharedReport::ALL {
        let query = format!(
            "{{ sharedReport(report: {}, currency: \"GBP\", period: {{ range: {{ from: \"{}\", to: \"{}\" }} }}) {{ organization }} }}",
            report.name().to_uppercase().replace('-', "_"),
            WEEK[0],
            WEEK[1],
        );
        let told = shop.app.graphql(Ok(admin(&shop.organization)), &query, json!({})).await.json();
        assert_eq!(told["data"], json!({ "sharedReport": null }), "{report:?}");
        let error = &told["errors"][0];
        assert_eq!(error["extensions"]["code"], "MISSING_EXCHANGE_RATE", "{report:?}: {error}");
        let message = error["message"].as_str().expect("a message");
        assert!(
            message.starts_with("no exchange rate from EUR to GBP on or before 20"),
            "{report:?}: {message}"
        );
    }
    let in_pounds =
        Organization { currency: "GBP".parse().expect("a currency"), ..shop.organization.clone() };
    let shop = Shop { organization: in_pounds, app: shop.app };
    let fault = shop.told(SharedReport::RevenueOverview, WEEK).await.expect_err("there is no rate");
    assert!(matches!(fault, Fault::MissingRate { .. }), "{fault:?}");
}

/// Whatever the period, stock is judged by the ninety days up to now.
async fn stock_is_that_of_now(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for week in [WEEK, ["2023-01-01T00:00:00Z", "2023-01-08T00:00:00Z"]] {
        let told = shop.told(SharedReport::InventoryTurnover, week).await.expect("it is told");
        let low: Vec<String> = section(&told, "low-cover").views[0].rows[0].iter().map(cell).collect();
        // Of apples one is left, and seven were sold: 90 ÷ 7 days.
        assert_eq!(low, ["Apple", "1", "7", "12.9"]);
    }
}
