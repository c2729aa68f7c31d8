//! What APIs refuse alike, each in a form of its own: what is looked at of a refusal, and what brings it about.

use std::time::Duration;

use countinghouse::principal::Organization;
use countinghouse::reports::Gateway;
use sea_orm::DatabaseConnection;

use super::app::{App, Dataset, Reply, organization};

/// What a client sees of a refusal: status, headers that matter, body.
pub type Told = (u16, [String; 4], String);

/// What was seen.
pub fn told(reply: &Reply) -> Told {
    let header =
        |name: &str| reply.headers.get(name).map_or("-", |value| value.to_str().expect("text")).to_owned();
    let headers = ["content-type", "cache-control", "www-authenticate", "retry-after"].map(header);
    (reply.status.as_u16(), headers, reply.body.clone())
}

/// What is to be seen of a refusal with that body of JSON.
pub fn refused(status: u16, body: String) -> Told {
    let credential = if status == 401 { "Bearer" } else { "-" };
    let later = if status == 503 { "2" } else { "-" };
    let headers = ["application/json; charset=utf-8", "no-store", credential, later];
    (status, headers.map(str::to_owned), body)
}

/// What is said of [`without_a_rate`] where it is to be told in its own currency.
pub const NO_RATE: &str = "no exchange rate from EUR to USD on or before 2024-01-15";

/// A shop in dollars with an order and a conversion of 1.00 EUR each, two days before the first rate.
pub async fn without_a_rate(db: &DatabaseConnection) -> Organization {
    let data = Dataset::new()
        .file(
            "orders.csv",
            "order_id,placed_at,status,currency,total\no1,2024-01-15T12:00:00Z,DELIVERED,EUR,1.00\n",
        )
        .file(
            "conversions.csv",
            "conversion_id,converted_at,order_total,currency\nx1,2024-01-15T12:00:00Z,1.00,EUR\n",
        )
        .file("exchange_rates.csv", "day,from,to,rate\n2024-01-17,EUR,USD,1.1\n");
    organization(db, "shop", "USD", data.path()).await
}

/// What is said by [`too_slow`].
pub const TOO_LATE: &str = "the answer took too long; ask for a shorter period or fewer figures";

/// The APIs over `db`, where nobody has an answer in time.
pub async fn too_slow(db: &DatabaseConnection) -> App {
    let mut gateway = Gateway::new(db.clone());
    // A database may answer sooner than any deadline ends, but not who never has a turn to ask it.
    gateway.means.deadline = Duration::from_millis(50);
    let turns = &gateway.means.turns;
    let all = u32::try_from(turns.available_permits()).expect("few");
    turns.acquire_many(all).await.expect("turns").forget();
    App::over(gateway)
}
