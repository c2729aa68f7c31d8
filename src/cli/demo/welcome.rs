//! What `demo` says once it serves: where, with which credentials, and lines to paste.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use chrono::{Datelike, Days, NaiveDate};

use super::visitor::Visitor;
use crate::demo::{NAME, Shop};

/// What opens the shop.
pub struct Credentials<'a> {
    /// A token of an administrator.
    pub token: &'a str,
    /// An API key.
    pub key: &'a str,
    /// Who may sign in.
    pub visitor: &'a Visitor,
    /// The key of the site whose pages may send events; no secret.
    pub site: &'a str,
}

/// What visitors browse with: programs are left out, and curl is one.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";

/// Everything that a visitor needs.
pub fn words(address: SocketAddr, database: &str, shop: &Shop, credentials: &Credentials<'_>) -> String {
    let Credentials { token, key, visitor: Visitor { email, password }, site } = credentials;
    let url = format!("http://{}", reachable(address));
    let (from, to) = last_full_month(shop.end);
    let Shop { orders, seed, end } = shop;
    format!(
        r#"Countinghouse listens on {url}

{NAME}: {orders} orders of the two years up to {end} (seed {seed}) in {database}

Playground  {url}/playground

Admin JWT   {token}

API key     {key}

Sign in     {url}/sign-in as {email} with {password}

Tracking    {site} is the site's key

Try it:

curl -s {url}/graphql -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"query": "{{ revenue(period: {{range: {{from: \"{from}\", to: \"{to}\"}}}}) {{ totals {{ orders activeCustomers revenue {{ amount currency }} averageOrderValue {{ amount }} }} change(against: {{previous: YEAR}}) {{ percent {{ revenue }} }} }} products(period: {{last: {{count: 12, grain: MONTH}}}}) {{ top(first: 3) {{ rank product {{ name }} revenue {{ amount }} share }} }} }}"}}'

curl -s '{url}/api/analytics/revenue/trend?startDate={year}-01-01T00:00:00Z&endDate={end}T23:59:59Z' -H 'Authorization: Bearer {token}'

curl -s '{url}/v1/track?site={site}' -A '{BROWSER}' -H 'Content-Type: application/json' -d '{{"type": "PAGEVIEW", "page_url": "https://shop.example/lamps"}}'

curl -s {url}/graphql -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"query": "{{ affiliates(period: {{last: {{count: 1, grain: DAY}}}}) {{ totals {{ pageviews visitors }} events(first: 1) {{ edges {{ node {{ type pageUrl browser os occurredAt }} }} }} }} }}"}}'

curl -s -X POST {url}/api/admin/analytics/revenue-overview/share -H 'Authorization: Bearer {key}'

Ctrl-C stops it."#,
        year = end.year(),
    )
}

/// An address that a browser on this machine reaches.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

/// First and last day of the last month that was over by `end`.
fn last_full_month(end: NaiveDate) -> (NaiveDate, NaiveDate) {
    let day_after = end.checked_add_days(Days::new(1)).unwrap_or(end);
    let last = day_after.with_day(1).and_then(|first| first.pred_opt()).unwrap_or(end);
    (last.with_day(1).unwrap_or(last), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_full_month_is_over() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (end, from, to) in [
            ("2026-03-31", "2026-03-01", "2026-03-31"),
            ("2026-03-30", "2026-02-01", "2026-02-28"),
            ("2026-01-05", "2025-12-01", "2025-12-31"),
        ] {
            assert_eq!(last_full_month(day(end)), (day(from), day(to)), "{end}");
        }
    }

    #[test]
    fn an_address_for_every_host_is_told_as_this_one() {
        let told = |text: &str| reachable(text.parse().expect("an address")).to_string();
        assert_eq!(told("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(told("[::]:81"), "127.0.0.1:81");
        assert_eq!(told("10.0.0.5:82"), "10.0.0.5:82");
    }
}
