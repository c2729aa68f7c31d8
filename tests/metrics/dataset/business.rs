//! The rest of the business: deals, subscriptions, stock, employees, tickets, campaigns.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};

use super::super::exact::{Fraction, decimal, whole};
use super::{amount, instant, rows, text};

pub struct Product {
    pub id: String,
    /// Which of the file's products it is.
    pub place: usize,
    pub category: Option<String>,
    pub price: Option<Fraction>,
    pub cost: Option<Fraction>,
    pub currency: String,
    pub is_active: bool,
    /// As the file says, else what its movements come to, if there are any.
    pub stock: Option<Fraction>,
}

pub struct Movement {
    pub product: String,
    pub moved_at: DateTime<Utc>,
    pub quantity: Fraction,
    pub kind: String,
    pub unit_cost: Option<Fraction>,
}

pub struct Deal {
    pub customer: Option<String>,
    pub sales_rep: Option<String>,
    pub value: Fraction,
    pub currency: String,
    pub source: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it was first won or lost.
    pub closed_at: Option<DateTime<Utc>>,
}

pub struct Stage {
    pub deal: String,
    pub name: String,
    pub entered_at: DateTime<Utc>,
    /// When the deal entered the next one.
    pub left_at: Option<DateTime<Utc>>,
}

pub struct Subscription {
    pub customer: String,
    pub plan: String,
    pub interval: String,
    pub currency: String,
    pub per_year: Fraction,
    /// From when, and until when, if it ended; nothing where it ended before it was to be paid for.
    pub paid: Option<(DateTime<Utc>, Option<DateTime<Utc>>)>,
}

pub struct Employee {
    pub department: String,
    pub title: Option<String>,
    pub location: Option<String>,
    pub hired_at: DateTime<Utc>,
    pub left_at: Option<DateTime<Utc>>,
    pub leave_reason: Option<String>,
}

pub struct AttendedDay {
    pub employee: String,
    pub day: NaiveDate,
    pub status: String,
    pub hours: Option<Fraction>,
}

pub struct Ticket {
    pub customer: Option<String>,
    pub channel: Option<String>,
    pub priority: Option<String>,
    pub category: Option<String>,
    pub agent: Option<String>,
    pub opened_at: DateTime<Utc>,
    pub first_replied_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub reopened: bool,
    pub csat: Option<i64>,
}

pub struct CampaignDay {
    pub campaign: String,
    pub channel: String,
    pub day: NaiveDate,
    pub currency: String,
    /// What the file says, by column; columns that are blank are not there.
    pub figures: HashMap<&'static str, Fraction>,
}

const STAGES: [&str; 6] = ["LEADS", "QUALIFIED", "PROPOSAL", "NEGOTIATION", "WON", "LOST"];

const FIGURES: [&str; 11] = [
    "spend",
    "impressions",
    "clicks",
    "sent",
    "delivered",
    "opened",
    "clicked",
    "bounced",
    "unsubscribed",
    "conversions",
    "revenue",
];

fn known(row: &super::Row, column: &str) -> Option<Fraction> {
    text(row, column).map(|text| decimal(&text))
}

fn currency(row: &super::Row, usual: &str) -> String {
    text(row, "currency").unwrap_or_else(|| usual.to_owned())
}

pub fn products(folder: &Path, usual: &str) -> HashMap<String, Product> {
    let movements = movements(folder);
    let moved = |id: &String| {
        let theirs = movements.iter().filter(|movement| &movement.product == id);
        theirs.map(|movement| movement.quantity.clone()).reduce(|sum, quantity| sum + quantity)
    };
    let rows = rows(folder, "products");
    let products = rows.iter().enumerate().map(|(place, row)| Product {
        id: row["product_id"].clone(),
        place,
        category: text(row, "category_id"),
        price: known(row, "unit_price"),
        cost: known(row, "unit_cost"),
        currency: currency(row, usual),
        is_active: row["is_active"] != "false",
        stock: known(row, "stock").or_else(|| moved(&row["product_id"])),
    });
    products.map(|product| (product.id.clone(), product)).collect()
}

pub fn movements(folder: &Path) -> Vec<Movement> {
    let rows = rows(folder, "stock_movements");
    let movements = rows.iter().map(|row| Movement {
        product: row["product_id"].clone(),
        moved_at: instant(row, "moved_at").expect("an instant"),
        quantity: amount(row, "quantity"),
        kind: row["kind"].clone(),
        unit_cost: known(row, "unit_cost"),
    });
    movements.collect()
}

/// Each deal's stages in the order in which it entered them; of those at the same instant the funnel's.
pub fn stages(folder: &Path) -> Vec<Stage> {
    let place = |name: &str| STAGES.iter().position(|stage| *stage == name).expect("a stage");
    let rows = rows(folder, "deal_stages");
    let mut entered: Vec<(String, DateTime<Utc>, usize)> = rows
        .iter()
        .map(|row| {
            (row["deal_id"].clone(), instant(row, "entered_at").expect("an instant"), place(&row["stage"]))
        })
        .collect();
    entered.sort();
    let next = |index: usize| {
        let (deal, ..) = &entered[index];
        entered.get(index + 1).filter(|(other, ..)| other == deal).map(|(_, at, _)| *at)
    };
    let stages = entered.iter().enumerate().map(|(index, (deal, entered_at, stage))| Stage {
        deal: deal.clone(),
        name: STAGES[*stage].to_owned(),
        entered_at: *entered_at,
        left_at: next(index),
    });
    stages.collect()
}

pub fn deals(folder: &Path, usual: &str, stages: &[Stage]) -> HashMap<String, Deal> {
    // Since when it is won or lost, for good as far as is known.
    let closed = |id: &String| {
        let is_closing = |stage: &&Stage| stage.name == "WON" || stage.name == "LOST";
        let theirs = || stages.iter().filter(|stage| &stage.deal == id);
        let reopened = theirs().filter(|stage| !is_closing(stage)).map(|stage| stage.entered_at).max();
        let for_good = |at: &DateTime<Utc>| reopened.is_none_or(|reopened| *at >= reopened);
        theirs().filter(is_closing).map(|stage| stage.entered_at).filter(for_good).min()
    };
    let rows = rows(folder, "deals");
    let deals = rows.iter().map(|row| {
        let id = row["deal_id"].clone();
        let deal = Deal {
            customer: text(row, "customer_id"),
            sales_rep: text(row, "sales_rep_number"),
            value: amount(row, "value"),
            currency: currency(row, usual),
            source: text(row, "source"),
            created_at: instant(row, "created_at").expect("an instant"),
            closed_at: closed(&id),
        };
        (id, deal)
    });
    deals.collect()
}

pub fn subscriptions(folder: &Path, usual: &str) -> Vec<Subscription> {
    let rows = rows(folder, "subscriptions");
    let subscriptions = rows.iter().map(|row| {
        let started_at = instant(row, "started_at").expect("an instant");
        let from = instant(row, "trial_ends_at").map_or(started_at, |trial| trial.max(started_at));
        let until = instant(row, "ended_at");
        let times = whole(if row["interval"] == "MONTH" { 12 } else { 1 });
        let quantity = known(row, "quantity").unwrap_or_else(|| whole(1));
        Subscription {
            customer: row["customer_id"].clone(),
            plan: row["plan"].clone(),
            interval: row["interval"].clone(),
            currency: currency(row, usual),
            per_year: amount(row, "amount") * quantity * times,
            paid: until.is_none_or(|until| until > from).then_some((from, until)),
        }
    });
    subscriptions.collect()
}

pub fn employees(folder: &Path) -> HashMap<String, Employee> {
    let rows = rows(folder, "employees");
    let employees = rows.iter().map(|row| Employee {
        department: row["department"].clone(),
        title: text(row, "title"),
        location: text(row, "location"),
        hired_at: instant(row, "hired_at").expect("an instant"),
        left_at: instant(row, "left_at"),
        leave_reason: text(row, "leave_reason"),
    });
    rows.iter().map(|row| row["employee_id"].clone()).zip(employees).collect()
}

pub fn attendance(folder: &Path) -> Vec<AttendedDay> {
    let rows = rows(folder, "attendance");
    let days = rows.iter().map(|row| AttendedDay {
        employee: row["employee_id"].clone(),
        day: row["day"].parse().expect("a day"),
        status: row["status"].clone(),
        hours: known(row, "hours"),
    });
    days.collect()
}

pub fn tickets(folder: &Path) -> Vec<Ticket> {
    let rows = rows(folder, "tickets");
    let tickets = rows.iter().map(|row| Ticket {
        customer: text(row, "customer_id"),
        channel: text(row, "channel"),
        priority: text(row, "priority"),
        category: text(row, "category"),
        agent: text(row, "agent"),
        opened_at: instant(row, "opened_at").expect("an instant"),
        first_replied_at: instant(row, "first_replied_at"),
        resolved_at: instant(row, "resolved_at"),
        reopened: text(row, "reopened_count").is_some_and(|count| count != "0"),
        csat: text(row, "csat").map(|stars| stars.parse().expect("stars")),
    });
    tickets.collect()
}

pub fn campaign_days(folder: &Path, usual: &str) -> Vec<CampaignDay> {
    let channels: HashMap<String, String> = rows(folder, "campaigns")
        .iter()
        .map(|row| (row["campaign_id"].clone(), row["channel"].clone()))
        .collect();
    let rows = rows(folder, "campaign_days");
    let days = rows.iter().map(|row| CampaignDay {
        campaign: row["campaign_id"].clone(),
        channel: channels[&row["campaign_id"]].clone(),
        day: row["day"].parse().expect("a day"),
        currency: currency(row, usual),
        figures: FIGURES.into_iter().filter_map(|column| Some((column, known(row, column)?))).collect(),
    });
    days.collect()
}
