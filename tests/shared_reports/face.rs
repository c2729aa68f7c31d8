//! `sharedReport` says the same as what pages, files and chats are made of; the fields that were made for the reports
//! refuse what they cannot tell.

use countinghouse::export::Kind;
use countinghouse::principal::{Refusal, Scope};
use countinghouse::reports::shared::{Better, Chart, SharedReport};
use serde_json::{Value, json};

use super::shop::{Shop, WEEK};
use super::written::cell;
use crate::support::app::{admin, key};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    graphql_tells_what_pages_tell,
    who_may_not_read_reports_reads_none,
    the_fields_of_products,
    the_fields_of_customers,
    places_and_their_countries,
    days_of_a_kind_are_counted,
);

const ALL: &str = "report organization period { start end } timeZone currency asOf
    headlines { name heading kind value previous growth better }
    sections { name title note columns { heading kind } views { grain rows { cells } } chart { kind across down values } }";

async fn graphql_tells_what_pages_tell(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for report in SharedReport::ALL {
        let told = shop.told(report, WEEK).await.expect("it is told");
        let name = report.name().to_uppercase().replace('-', "_");
        let period = format!("{{ range: {{ from: \"{}\", to: \"{}\" }} }}", WEEK[0], WEEK[1]);
        let query = format!("{{ sharedReport(report: {name}, period: {period}) {{ {ALL} }} }}");
        let answer = shop.app.graphql(Ok(admin(&shop.organization)), &query, json!({})).await.json();
        let text = |told: &countinghouse::export::Cell| match told {
            countinghouse::export::Cell::Empty => Value::Null,
            other => json!(cell(other)),
        };
        let kind = |kind: Kind| match kind {
            Kind::Text => "TEXT",
            Kind::Integer => "INTEGER",
            Kind::Amount(_) => "AMOUNT",
            Kind::Number { .. } => "NUMBER",
            Kind::Percent { .. } => "SHARE",
            Kind::Date => "DATE",
            other => panic!("{other:?}"),
        };
        let headlines = told.headlines.iter().map(|headline| {
            let growth = headline.growth.as_ref().and_then(|growth| growth.round_to(4));
            let growth = growth.map(|growth| countinghouse::money::decimal_text(growth, 4));
            let better = match headline.better {
                Better::More => "MORE",
                Better::Less => "LESS",
                Better::Neither => "NEITHER",
            };
            json!({ "name": headline.name, "heading": headline.column.heading, "kind": kind(headline.column.kind),
                    "value": text(&headline.value), "previous": headline.previous.as_ref().map(text), "growth": growth,
                    "better": better })
        });
        let sections = told.sections.iter().map(|section| {
            let columns = section.columns.iter();
            let columns = columns.map(|column| json!({ "heading": column.heading, "kind": kind(column.kind) }));
            let views = section.views.iter().map(|view| {
                let rows = view.rows.iter().map(|row| json!({ "cells": row.iter().map(text).collect::<Vec<_>>() }));
                let grain = view.grain.map(|grain| format!("{grain:?}").to_uppercase());
                json!({ "grain": grain, "rows": rows.collect::<Vec<_>>() })
            });
            let chart = section.chart.as_ref().map(|chart| match chart {
                Chart::Lines { x, y } => json!({ "kind": "LINES", "across": x, "down": null, "values": y }),
                Chart::Bars { label, y } => json!({ "kind": "BARS", "across": label, "down": null, "values": y }),
                Chart::Heatmap { row, column, values } => {
                    json!({ "kind": "HEATMAP", "across": column, "down": row, "values": values })
                }
            });
            json!({ "name": section.name, "title": section.title, "note": section.note,
                    "columns": columns.collect::<Vec<_>>(), "views": views.collect::<Vec<_>>(), "chart": chart })
        });
        let expected = json!({ "data": { "sharedReport": {
            "report": name, "organization": "Corner Shop",
            "period": { "start": "2024-03-26T10:00:00+00:00", "end": "2024-04-02T10:00:00+00:00" },
            "timeZone": "Europe/Berlin", "currency": "EUR", "asOf": "2024-04-02T10:00:00+00:00",
            "headlines": headlines.collect::<Vec<_>>(), "sections": sections.collect::<Vec<_>>(),
        } } });
        assert_eq!(answer, expected, "{report:?}");
    }
}

async fn who_may_not_read_reports_reads_none(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let query = "{ sharedReport(report: REVENUE_OVERVIEW, period: { preset: TODAY }) { organization } }";
    let code = async |access| {
        let body = shop.app.graphql(access, query, json!({})).await.json();
        body["errors"][0]["extensions"]["code"].clone()
    };
    assert_eq!(code(Err(Refusal::Missing)).await, "UNAUTHENTICATED");
    assert_eq!(code(Ok(key(&shop.organization, &[Scope::DataWrite]))).await, "FORBIDDEN");
    assert_eq!(code(Ok(key(&shop.organization, &[Scope::ReportsRead]))).await, Value::Null);
}

impl Shop {
    /// The answer to fields of a report about the week.
    async fn ask(&self, report: &str, fields: &str) -> Value {
        let period = format!("period: {{ range: {{ from: \"{}\", to: \"{}\" }} }}", WEEK[0], WEEK[1]);
        let query = format!("{{ {report}({period}) {{ {fields} }} }}");
        let mut body = self.app.graphql(Ok(admin(&self.organization)), &query, json!({})).await.json();
        match body["errors"].get(0) {
            None => body["data"][report].take(),
            Some(error) => json!([error["extensions"]["code"], error["message"]]),
        }
    }
}

async fn the_fields_of_products(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let told = shop
        .ask(
            "products",
            "launched(first: 1) { count products { rank product { id } units share previous { units } } }
             fading { rank product { id } units share difference { units revenue { amount } } percent { revenue } }
             longAgo: fading(against: { range: { from: \"2024-01-01\", to: \"2024-01-31\" } }) { rank }
             apart: top(by: CANCELLED_ORDERS, first: 1) { product { id } placedOrders cancelledOrders cancellationRate unitsPerDay }",
        )
        .await;
    let expected = json!({
        // Cheese, 40 of 106; dates are second.
        "launched": { "count": 2, "products": [
            { "rank": 1, "product": { "id": "c" }, "units": 2, "share": "0.3774", "previous": null },
        ] },
        "fading": [{ "rank": 1, "product": { "id": "b" }, "units": 3, "share": "0.1981",
                     "difference": { "units": 0, "revenue": { "amount": "-9.00" } }, "percent": { "revenue": "-30.00" } }],
        // In January one apple was sold: fewer than now.
        "longAgo": [],
        // Of four orders with apples one was cancelled; four apples in seven days.
        "apart": [{ "product": { "id": "a" }, "placedOrders": 4, "cancelledOrders": 1, "cancellationRate": "0.2500",
                    "unitsPerDay": "0.57" }],
    });
    assert_eq!(told, expected);
    for fields in ["launched(first: 0) { count }", "fading(first: 1001) { rank }"] {
        let first =
            fields.split(['(', ')']).nth(1).and_then(|text| text.split(": ").nth(1)).expect("a number");
        let message = format!("first: must lie between 1 and 1000, not {first}");
        assert_eq!(shop.ask("products", fields).await, json!(["INVALID_ARGUMENT", message]));
    }
}

async fn the_fields_of_customers(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let told = shop
        .ask(
            "customers",
            "buyers { who customers orders revenue { amount } share averageOrderValue { amount } }
             lifetimes { from { amount } to { amount } customers }
             mine: lifetimes(bounds: [\"5\", \"5.01\", \"46\", \"1000\"]) {
               from { amount } to { amount } customers share orders revenue { amount } revenueShare }",
        )
        .await;
    let row = |from: Value, to: Value, rest: (u32, &str, u32, &str, &str)| {
        let amount = |bound: Value| if bound.is_null() { bound } else { json!({ "amount": bound }) };
        json!({ "from": amount(from), "to": amount(to), "customers": rest.0, "share": rest.1, "orders": rest.2,
                "revenue": { "amount": rest.3 }, "revenueShare": rest.4 })
    };
    let expected = json!({
        "buyers": [
            { "who": "FIRST_TIME", "customers": 2, "orders": 2, "revenue": { "amount": "41.00" }, "share": "0.4100",
              "averageOrderValue": { "amount": "20.50" } },
            { "who": "RETURNING", "customers": 3, "orders": 3, "revenue": { "amount": "39.00" }, "share": "0.3900",
              "averageOrderValue": { "amount": "13.00" } },
            { "who": "GUEST", "customers": null, "orders": 1, "revenue": { "amount": "20.00" }, "share": "0.2000",
              "averageOrderValue": { "amount": "20.00" } },
        ],
        // fox 5, li 41, acme 46 and bauer 48: above 5 the first round bound is 10, and 48 reaches 20.
        "lifetimes": [
            { "from": null, "to": { "amount": "10.00" }, "customers": 1 },
            { "from": { "amount": "10.00" }, "to": { "amount": "20.00" }, "customers": 0 },
            { "from": { "amount": "20.00" }, "to": null, "customers": 3 },
        ],
        // A bound is the least of what lies above it.
        "mine": [
            row(Value::Null, json!("5.00"), (0, "0.0000", 0, "0.00", "0.0000")),
            row(json!("5.00"), json!("5.01"), (1, "0.2500", 1, "5.00", "0.0357")),
            row(json!("5.01"), json!("46.00"), (1, "0.2500", 2, "41.00", "0.2929")),
            row(json!("46.00"), json!("1000.00"), (2, "0.5000", 5, "94.00", "0.6714")),
            row(json!("1000.00"), Value::Null, (0, "0.0000", 0, "0.00", "0.0000")),
        ],
    });
    assert_eq!(told, expected);
    for (bounds, message) in [
        ("[]", "bounds: name 1 to 50 bounds, not 0"),
        ("[\"10\", \"10\"]", "bounds: each must be larger than the one before"),
        ("[\"1.005\"]", "bounds: `1.005` has more than the 2 decimal digits of EUR"),
    ] {
        let refused = shop.ask("customers", &format!("lifetimes(bounds: {bounds}) {{ customers }}")).await;
        assert_eq!(refused, json!(["INVALID_ARGUMENT", message]));
    }
}

async fn places_and_their_countries(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let told = shop.ask("revenue", "places(first: 3) { country region orders share shareOfCountry }").await;
    let place = |country: &str, region: Value, orders: u32, share: &str, of_country: &str| json!({ "country": country, "region": region, "orders": orders, "share": share, "shareOfCountry": of_country });
    let expected = json!({ "places": [
        place("Germany", json!("Bavaria"), 2, "0.4600", "0.7188"),
        place("France", Value::Null, 1, "0.2000", "1.0000"),
        place("Germany", json!("Berlin"), 1, "0.1800", "0.2813"),
    ] });
    assert_eq!(told, expected);
}

/// A week with a night of 23 hours, from Tuesday 11:00 to Tuesday 12:00: of Tuesdays it has 25 hours, of Sundays 23.
async fn days_of_a_kind_are_counted(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let fields = "breakdown(by: DAY_OF_WEEK, orderBy: ORDERS) { id orders ordersPerDay ordersPerHour revenuePerDay { amount } }
                  hours: breakdown(by: HOUR_OF_DAY, orderBy: ORDERS, first: 1) { id orders ordersPerHour }";
    let told = shop.ask("orders", fields).await;
    let day = |id: &str, orders: u32, a_day: &str, an_hour: &str, revenue: &str| {
        json!({ "id": id, "orders": orders, "ordersPerDay": a_day, "ordersPerHour": an_hour,
                "revenuePerDay": { "amount": revenue } })
    };
    let expected = json!({
        "breakdown": [
            // 3 ÷ 23 × 24, and 36 ÷ 23 × 24
            day("7", 3, "3.13", "0.13", "37.57"),
            // 2 ÷ 25 × 24, and 28 ÷ 25 × 24
            day("2", 2, "1.92", "0.08", "26.88"),
            day("3", 1, "1.00", "0.04", "36.00"),
        ],
        // Eleven o'clock comes eight times.
        "hours": [{ "id": "11", "orders": 2, "ordersPerHour": "0.25" }],
    });
    assert_eq!(told, expected);
}
