//! The same for visits and conversions: sessions with several clicks or none, clicks at the edge of the window, codes with every kind
//! of rule, amounts that round, in several currencies.

use std::path::Path;

use super::business::hours;
use super::{EDGES, append, blank, change, widen};

/// Codes with every kind of rule.
const CODES: [&str; 6] = ["W-THIRD", "W-USD", "W-YEN", "W-PLAIN", "W-NOBODY", "W-ALL"];

pub fn weather(folder: &Path) {
    widen(folder, "tracking_codes", "currency");
    append(
        folder,
        "tracking_codes",
        [
            ["W-THIRD", "A-01", "0.333333", "", ""],
            ["W-USD", "A-02", "", "5.01", "USD"],
            ["W-YEN", "A-02", "", "700", "JPY"],
            // Earns by the organization's rule.
            ["W-PLAIN", "A-03", "", "", ""],
            ["W-NOBODY", "", "0.125", "", ""],
            ["W-ALL", "A-04", "1", "", "KWD"],
        ],
    );
    change(folder, "events", |index, row| {
        blank(row, &["device", "browser"], index % 23 == 0);
        blank(row, &["os", "country"], index % 19 == 0);
        blank(row, &["session_id"], index % 29 == 0);
        blank(row, &["page_url", "traffic_source"], index % 31 == 0);
        true
    });
    append(folder, "events", (0..420).map(event));
    append(folder, "events", edges());
    append(folder, "conversions", (0..110).map(conversion));
    append(folder, "conversions", ["w-edge", "w-late", "w-same", "w-both"].map(at_the_edge));
}

fn of(all: &[&str], index: usize) -> String {
    all[index % all.len()].to_owned()
}

/// Forty sessions that go on for months, each with clicks on several codes among the rest.
fn event(index: usize) -> [String; 13] {
    let at =
        if index.is_multiple_of(14) { EDGES[index / 14 % EDGES.len()].to_owned() } else { hours(index * 41) };
    let kinds =
        ["CLICK", "PAGEVIEW", "CLICK", "PRODUCT_VIEW", "ADD_TO_CART", "REMOVE_FROM_CART", "THANK_YOU_VIEW"];
    let session = if index % 11 == 3 { String::new() } else { format!("w-{}", index * 7 % 40) };
    [
        format!("W-{index}"),
        at,
        of(&kinds, index),
        session,
        if index % 5 == 1 { String::new() } else { of(&CODES, index / 2) },
        of(&["https://shop.example/", "https://shop.example/w", ""], index / 3),
        of(&["", "https://blog.example/w"], index),
        of(&["", "P-00001", "P-00002", "", "P-00017"], index),
        of(&["mobile", "", "desktop", "tablet"], index),
        of(&["Chrome", "Safari", ""], index),
        of(&["", "iOS", "Windows", "Android", "Linux"], index),
        of(&["DE", "", "US", "unknown"], index),
        of(&["affiliate", "organic", "", "email"], index),
    ]
}

/// Clicks just within a window of 30 days and just before it, at the very instant, and two at one instant.
fn edges() -> [[String; 13]; 6] {
    let click = |id: &str, at: &str, session: &str, code: &str| {
        let mut row: [String; 13] = std::array::from_fn(|_| String::new());
        for (place, text) in [id, at, "CLICK", session, code].into_iter().enumerate() {
            text.clone_into(&mut row[place]);
        }
        row
    };
    [
        click("W-e1", "2025-05-02T12:00:00Z", "w-edge", "W-THIRD"),
        click("W-e2", "2025-05-02T11:59:59.999999Z", "w-late", "W-USD"),
        click("W-e3", "2025-06-01T12:00:00Z", "w-same", "W-YEN"),
        click("W-e4", "2025-06-01T12:00:00.000001Z", "w-same", "W-PLAIN"),
        click("W-e5", "2025-05-31T12:00:00Z", "w-both", "W-ALL"),
        click("W-e6", "2025-05-31T12:00:00Z", "w-both", "W-NOBODY"),
    ]
}

fn at_the_edge(session: &str) -> [String; 8] {
    let id = format!("WX-{session}");
    [&id, "", "2025-06-01T12:00:00Z", "", session, "10.05", "", "USD"].map(str::to_owned)
}

/// Some name a code, some say what they earn, some belong to an order that is known, and some to nothing at all.
fn conversion(index: usize) -> [String; 8] {
    let currency = ["EUR", "USD", "JPY", "KWD", "", "GBP"][index % 6];
    let total = match currency {
        "JPY" => format!("{}", 1_500 + index * 17),
        "KWD" => format!("{}.{:03}", 5 + index, index * 7 % 1000),
        _ if index % 25 == 4 => format!("-{index}.05"),
        _ => format!("{}.{:02}", 10 + index * 3, index * 37 % 100),
    };
    let commission = match (index % 8, currency) {
        (2, "JPY") => "120",
        (2, "KWD") => "1.234",
        (2, _) => "9.99",
        _ => "",
    };
    [
        format!("WX-{index}"),
        if index.is_multiple_of(3) { format!("O-{:07}", 1 + index * 3) } else { of(&["", "gone"], index) },
        if index % 12 == 5 { EDGES[index / 12 % EDGES.len()].to_owned() } else { hours(200 + index * 151) },
        if index % 4 == 1 { of(&CODES, index) } else { String::new() },
        if index % 9 == 7 { String::new() } else { format!("w-{}", index * 3 % 45) },
        total,
        commission.to_owned(),
        currency.to_owned(),
    ]
}
