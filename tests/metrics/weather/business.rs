//! The same for deals, subscriptions, stock, employees, tickets, campaigns and customers' ends.

use std::path::Path;

use chrono::{DateTime, Duration, SecondsFormat, Utc};

use super::{EDGES, append, blank, change, set, widen};

/// So many hours after 2024-03-01.
pub fn hours(hours: usize) -> String {
    let start: DateTime<Utc> = "2024-03-01T00:00:00Z".parse().unwrap();
    text(start + Duration::hours(i64::try_from(hours).unwrap()))
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn later(at: &str, by: Duration) -> String {
    text(at.parse::<DateTime<Utc>>().unwrap() + by)
}

pub fn weather(folder: &Path) {
    customers(folder);
    products(folder);
    deals(folder);
    subscriptions(folder);
    employees(folder);
    tickets(folder);
    campaigns(folder);
}

/// Some are said to have gone, one of them not yet; some never ordered, and some were never won.
fn customers(folder: &Path) {
    let more = [
        ["C-800001", "", "Nobody", "", "", "France", "", "", "", ""],
        ["C-800002", "", "Won once", "", "", "", "", "", "referral", "2024-11-05T12:00:00Z"],
        ["C-800003", "", "Gone, never won", "", "", "", "", "", "", ""],
        ["C-800004", "", "Only subscribed", "", "", "Germany", "", "", "organic", ""],
        ["C-800005", "", "Only on trial", "", "", "Germany", "", "", "organic", ""],
    ];
    append(folder, "customers", more);
    widen(folder, "customers", "churned_at");
    change(folder, "customers", |index, row| {
        if index % 8 == 5 {
            set(row, "churned_at", EDGES[index / 8 % EDGES.len()]);
        }
        match &*row["customer_id"] {
            "C-000030" => set(row, "churned_at", "2026-03-01T20:00:00Z"),
            "C-800002" => set(row, "churned_at", "2025-11-05T12:00:00Z"),
            "C-800003" => set(row, "churned_at", "2025-01-05T12:00:00Z"),
            _ => {}
        }
        true
    });
}

/// Products without a category, a cost, a price or a stock, in other currencies, not on sale; one with nothing at all.
fn products(folder: &Path) {
    change(folder, "products", |index, row| {
        blank(row, &["category_id"], index % 9 == 0);
        blank(row, &["unit_cost"], index % 6 == 1);
        blank(row, &["unit_price"], index % 8 == 3);
        blank(row, &["stock"], index % 5 == 2);
        blank(row, &["currency"], index % 10 == 9);
        match index % 12 {
            4 => set(row, "currency", "USD"),
            7 => set(row, "currency", "KWD"),
            10 => set(row, "is_active", "false"),
            11 => set(row, "stock", "0"),
            _ => {}
        }
        true
    });
    append(folder, "products", [["P-90001", "NON-90001", "Nothing", "", "", "", "", "", ""]]);
    change(folder, "stock_movements", |index, row| {
        blank(row, &["unit_cost"], index % 5 == 0);
        if index % 7 == 3 {
            set(row, "unit_cost", "3.1415");
        }
        if row["kind"] == "RECEIPT" && index % 4 != 0 {
            // Soon sold out.
            let fewer = row["quantity"].parse::<usize>().unwrap() % 9 + 1;
            set(row, "quantity", &fewer.to_string());
        }
        if index % 45 == 8 {
            set(row, "moved_at", EDGES[index / 45 % EDGES.len()]);
        }
        index % 3 != 2
    });
}

/// Deals in other currencies, lost and taken up again, that skipped stages or entered two at once.
fn deals(folder: &Path) {
    widen(folder, "deals", "currency");
    change(folder, "deals", |index, row| {
        blank(row, &["sales_rep_number"], index % 9 == 4);
        blank(row, &["source"], index % 7 == 2);
        match index % 5 {
            0 => set(row, "currency", "USD"),
            3 => set(row, "currency", "KWD"),
            _ => {}
        }
        true
    });
    let mut again = Vec::new();
    change(folder, "deal_stages", |index, row| {
        if index % 11 == 6 && row["stage"] == "LOST" {
            again.push([
                row["deal_id"].clone(),
                "WON".to_owned(),
                later(&row["entered_at"], Duration::days(9)),
            ]);
        }
        if index % 19 == 3 {
            // At once with what came before, or even earlier.
            let earlier = later(&row["entered_at"], Duration::days(-12));
            let is_first = row["stage"] == "LEADS";
            set(row, "entered_at", if is_first { "2025-03-30T01:00:00Z" } else { &earlier });
        }
        true
    });
    append(folder, "deal_stages", again);
    let together = "2025-06-05T10:00:00Z";
    append(
        folder,
        "deals",
        [
            ["D-90001", "", "C-000007", "SR-02", "5000", "fair", "2025-06-01T10:00:00Z", "GBP"],
            ["D-90002", "", "", "", "0", "", "2024-12-31T23:59:59.999999Z", ""],
        ],
    );
    append(
        folder,
        "deal_stages",
        ["LEADS", "QUALIFIED", "PROPOSAL", "LOST"].map(|stage| ["D-90001", stage, together]),
    );
    append(folder, "deal_stages", [["D-90001", "WON", "2025-09-05T10:00:00Z"]]);
}

/// Several to a customer: one after another and at once, with trials, by the year, in other currencies.
fn subscriptions(folder: &Path) {
    widen(folder, "subscriptions", "currency");
    let plans = ["Coffee Club", "Workplace", "Pantry"];
    let mut rows = Vec::new();
    let mut add = |customer: usize,
                   plan: &str,
                   amount: &str,
                   interval: &str,
                   quantity: usize,
                   span: [&str; 3],
                   currency: &str| {
        let [started, ended, trial] = span.map(str::to_owned);
        rows.push([
            format!("S-9{:04}", rows.len()),
            format!("C-{customer:06}"),
            plan.to_owned(),
            amount.to_owned(),
            interval.to_owned(),
            quantity.to_string(),
            started,
            ended,
            trial,
            currency.to_owned(),
        ]);
    };
    for index in 0..24_usize {
        let customer = 1 + index * 3 % 70;
        let started = hours(200 + index * 577);
        let changed = hours(200 + index * 577 + 24 * (20 + index * 13 % 200));
        let ended = if index % 4 == 0 { String::new() } else { later(&changed, Duration::days(45)) };
        let trial = later(&started, Duration::days(14));
        let trial = if index % 3 == 0 { &*trial } else { "" };
        let currency = ["", "USD", "", "KWD", "GBP", ""][index % 6];
        let interval = ["MONTH", "YEAR"][index % 2];
        let plan = plans[index % 3];
        // A change of plan, of price, of quantity, of currency: up or down.
        add(customer, plan, "119.5", interval, 1 + index % 4, [&started, &changed, trial], currency);
        let (interval, currency) = (["YEAR", "MONTH"][index / 2 % 2], ["", "USD"][index / 3 % 2]);
        let next = if index % 5 == 0 { later(&changed, Duration::days(60)) } else { changed.clone() };
        let ended =
            if next > changed && !ended.is_empty() { later(&next, Duration::days(100)) } else { ended };
        add(customer, plans[index / 2 % 3], "77", interval, 1 + index % 3, [&next, &ended, ""], currency);
    }
    // At the edges, overlapping, at no price, and of people who never order.
    add(5, "Pantry", "10", "MONTH", 2, [EDGES[4], EDGES[14], ""], "");
    add(5, "Pantry", "0", "MONTH", 1, [EDGES[8], "", ""], "");
    add(6, "Workplace", "12.340", "YEAR", 7, [EDGES[1], "", EDGES[4]], "KWD");
    add(6, "Coffee Club", "3.33", "MONTH", 1, [EDGES[4], EDGES[2], EDGES[5]], "USD");
    add(
        800_004,
        "Pantry",
        "25",
        "MONTH",
        1,
        ["2024-06-01T00:00:00Z", "2025-06-01T00:00:00Z", "2024-06-15T00:00:00Z"],
        "",
    );
    add(
        800_005,
        "Pantry",
        "25",
        "MONTH",
        1,
        ["2024-06-01T00:00:00Z", "2024-06-15T00:00:00Z", "2024-06-15T00:00:00Z"],
        "",
    );
    add(800_005, "Pantry", "25", "MONTH", 1, ["2026-02-20T00:00:00Z", "", "2026-03-20T00:00:00Z"], "");
    append(folder, "subscriptions", rows);
}

/// More of them, who left for a reason and for none, some without a title or a place; of their days a third.
fn employees(folder: &Path) {
    change(folder, "employees", |index, row| {
        blank(row, &["title"], index % 6 == 2);
        blank(row, &["location"], index % 5 == 3);
        true
    });
    let departments = ["Warehouse", "Support", "IT"];
    let more = (0..16_usize).map(|index| {
        let hired = if index % 4 == 1 { EDGES[index].to_owned() } else { hours(index * 700) };
        let left = later(&hired, Duration::days(i64::try_from(20 + index * 17).unwrap()));
        let left = if index % 4 == 3 { String::new() } else { left };
        let reason = if left.is_empty() { "" } else { ["resigned", "", "dismissed"][index % 3] };
        let place = ["Berlin", "", "Vienna"][index % 3];
        [
            format!("E-9{index:02}"),
            departments[index % 3].to_owned(),
            "Temp".to_owned(),
            place.to_owned(),
            hired,
            left,
            reason.to_owned(),
        ]
    });
    append(folder, "employees", more);
    let kinds = ["PRESENT", "REMOTE", "LATE", "LEAVE", "SICK", "ABSENT"];
    change(folder, "attendance", |index, row| {
        blank(row, &["hours"], index % 4 == 0);
        if index % 6 == 0 {
            set(row, "status", kinds[index / 6 % kinds.len()]);
        }
        index % 3 == 0
    });
    let days = ["2025-04-25", "2024-10-27", "2024-12-31", "2025-01-01", "2026-02-28", "2026-03-01"];
    let days = days.map(|day| ["E-900", day, "LATE", "1.333333"]);
    append(folder, "attendance", days);
}

/// Many more, without a channel, a customer, a reply, an end, a rating; opened again.
fn tickets(folder: &Path) {
    let more = (0..120_usize).map(|index| {
        let opened =
            if index % 10 == 0 { EDGES[index / 10].to_owned() } else { hours(index * 145 + index % 24) };
        let replied = later(&opened, Duration::minutes(i64::try_from(7 + index * index % 977).unwrap()));
        let resolved = later(&opened, Duration::minutes(i64::try_from(60 + index * index % 9973).unwrap()));
        let or_none = |text: String, is_none: bool| if is_none { String::new() } else { text };
        let of = |all: &[&str]| all[index % all.len()].to_owned();
        [
            format!("T-9{index:05}"),
            or_none(format!("C-{:06}", 1 + index % 70), index % 8 == 3),
            of(&["email", "chat", "", "phone", "email"]),
            of(&["low", "", "high", "urgent"]),
            of(&["delivery", "returns", "", "product", "account", "delivery", "payment"]),
            of(&["Aylin", "Boris", ""]),
            opened,
            or_none(replied, index % 9 == 4),
            or_none(resolved, index % 7 == 5),
            of(&["0", "", "1", "0", "3"]),
            of(&["", "5", "4", "1", "", "3", "2", "5"]),
        ]
    });
    append(folder, "tickets", more);
}

/// Half of their days, in several currencies, with gaps.
fn campaigns(folder: &Path) {
    widen(folder, "campaign_days", "currency");
    change(folder, "campaign_days", |index, row| {
        blank(row, &["spend"], index % 13 == 0);
        blank(row, &["clicks", "revenue"], index % 17 == 0);
        match index % 7 {
            1 => set(row, "currency", "USD"),
            5 => set(row, "currency", "GBP"),
            _ => {}
        }
        if row["campaign_id"] == "K-08" {
            set(row, "unsubscribed", ["0", "1", "5"][index % 3]);
        }
        index % 2 == 0 || row["campaign_id"] == "K-08"
    });
}
