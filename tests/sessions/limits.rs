//! Attempts to sign in, by the clock: how many from where, for which account, on all servers together.

use std::net::IpAddr;

use serde_json::json;

use super::browser::{ADA, Browser, GRACE, House, PASSWORD, RITA};
use crate::support::app::Reply;
use crate::support::{TestDatabase, both_databases, open};

both_databases!(
    who_mistypes_waits_a_minute_and_is_let_in,
    one_address_tries_no_more_on_other_accounts,
    an_account_is_not_guessed_from_many_addresses,
    its_user_is_let_in_where_they_were_before,
    two_servers_count_together,
    many_at_once_are_as_many_as_one_after_another,
    addresses_are_those_of_trusted_proxies_alone,
    attempts_are_forgotten,
);

const WRONG: &str = "incorrect horse battery staple";

fn outcome(reply: &Reply) -> (u16, Option<&str>) {
    let after = reply.headers.get("retry-after").map(|after| after.to_str().expect("text"));
    (reply.status.as_u16(), after)
}

fn from(house: &House, address: &str) -> Browser {
    Browser { address: address.parse::<IpAddr>().expect("an address"), ..house.browser() }
}

async fn fails(browser: &mut Browser, email: &str, times: usize) {
    for time in 0..times {
        let reply = browser.sign_in(email, WRONG).await;
        assert_eq!(outcome(&reply), (401, None), "{time}: {}", reply.body);
    }
}

async fn who_mistypes_waits_a_minute_and_is_let_in(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.browser();
    fails(&mut ada, ADA, 5).await;
    let refused = ada.sign_in(ADA, PASSWORD).await;
    assert_eq!(outcome(&refused), (429, Some("60")));
    assert_eq!(
        refused.json(),
        json!({
            "type": "about:blank", "title": "Too Many Requests", "status": 429,
            "detail": "too many attempts to sign in; try again in 60 s",
        })
    );
    let form = ada.sign_in_by_form(ADA, PASSWORD, "/").await;
    assert_eq!(outcome(&form), (429, Some("60")));
    assert_eq!(
        super::browser::alert(&form.body),
        Some("There were too many attempts. Try again in 60 seconds.")
    );
    // However often they try meanwhile, it is a minute in all, and then the password is looked at.
    for _ in 0..59 {
        house.hands.forward(1);
        assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 429);
    }
    assert_eq!(outcome(&ada.sign_in(ADA, PASSWORD).await), (429, Some("1")));
    house.hands.forward(1);
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 201);
    // Who was let in has all their attempts again.
    fails(&mut ada, ADA, 5).await;
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 429);
    // One that failed is one more minute, not all of them anew.
    house.hands.forward(60);
    fails(&mut ada, ADA, 1).await;
    assert_eq!(outcome(&ada.sign_in(ADA, PASSWORD).await), (429, Some("60")));
    assert_eq!(house.count("countinghouse_sign_ins_total{outcome=\"in\"}"), 1);
    assert_eq!(house.count("countinghouse_sign_ins_total{outcome=\"wrong\"}"), 11);
    // Others are let in at any time, from the same address too.
    assert_eq!(house.browser().sign_in(RITA, PASSWORD).await.status, 201);
}

async fn one_address_tries_no_more_on_other_accounts(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut guesser = from(&house, "198.51.100.7");
    // Accounts that there are, and that there are not.
    for number in 0..20 {
        let email = if number == 0 { ADA.to_owned() } else { format!("nobody{number}@acme.example") };
        fails(&mut guesser, &email, 1).await;
    }
    assert_eq!(outcome(&guesser.sign_in(GRACE, PASSWORD).await), (429, Some("15")));
    assert_eq!(from(&house, "198.51.100.8").sign_in(GRACE, PASSWORD).await.status, 201);
    house.hands.forward(15);
    assert_eq!(guesser.sign_in(GRACE, PASSWORD).await.status, 201);
    // Of IPv6 it is the network that counts.
    for number in 0..20 {
        let mut guesser = from(&house, &format!("2001:db8:0:1::{number:x}"));
        fails(&mut guesser, &format!("none{number}@acme.example"), 1).await;
    }
    assert_eq!(from(&house, "2001:db8:0:1:ffff::1").sign_in(GRACE, PASSWORD).await.status, 429);
    assert_eq!(from(&house, "2001:db8:0:2::1").sign_in(GRACE, PASSWORD).await.status, 201);
}

async fn an_account_is_not_guessed_from_many_addresses(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    for email in [ADA, "nobody@acme.example"] {
        for number in 0..50 {
            fails(&mut from(&house, &format!("198.51.100.{number}")), email, 1).await;
        }
        let mut last = from(&house, "203.0.113.1");
        assert_eq!(outcome(&last.sign_in(email, WRONG).await), (429, Some("60")), "{email}");
        house.hands.forward(60);
        assert_eq!(outcome(&last.sign_in(email, WRONG).await), (401, None), "{email}");
        assert_eq!(last.sign_in(email, WRONG).await.status, 429, "{email}");
        house.hands.forward(24 * 60 * 60);
    }
}

async fn its_user_is_let_in_where_they_were_before(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut home = from(&house, "203.0.113.1");
    assert_eq!(home.sign_in(ADA, PASSWORD).await.status, 201);
    house.hands.forward(29 * 24 * 60 * 60);
    for number in 0..50 {
        fails(&mut from(&house, &format!("198.51.100.{number}")), ADA, 1).await;
    }
    assert_eq!(from(&house, "198.51.100.99").sign_in(ADA, PASSWORD).await.status, 429);
    assert_eq!(home.sign_in(ADA, PASSWORD).await.status, 201);
    // Where she was long ago she is one of many.
    house.hands.forward(31 * 24 * 60 * 60);
    for number in 0..50 {
        fails(&mut from(&house, &format!("198.51.100.{number}")), ADA, 1).await;
    }
    assert_eq!(home.sign_in(ADA, PASSWORD).await.status, 429);
}

async fn two_servers_count_together(database: TestDatabase) {
    let one = House::open(&database.connection).await;
    let other = House::another(&open(&database.url).await, &[], one.hands);
    fails(&mut one.browser(), ADA, 3).await;
    fails(&mut other.browser(), ADA, 2).await;
    for house in [&one, &other] {
        assert_eq!(outcome(&house.browser().sign_in(ADA, PASSWORD).await), (429, Some("60")));
    }
    other.db.close().await.expect("closed");
}

async fn many_at_once_are_as_many_as_one_after_another(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let trying = (0..40).map(|_| {
        let mut browser = house.browser();
        async move { browser.sign_in(ADA, WRONG).await.status.as_u16() }
    });
    let statuses = futures::future::join_all(trying).await;
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(looked_at, 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 35, "{statuses:?}");
    assert_eq!(house.count("countinghouse_passwords_checked_total"), 5);
}

async fn addresses_are_those_of_trusted_proxies_alone(database: TestDatabase) {
    let first = House::open(&database.connection).await;
    let trusted = [("COUNTINGHOUSE_TRUSTED_PROXIES", "10.0.0.0/8")];
    let house = House::another(&database.connection, &trusted, first.hands);
    let sign_in = async |peer: &str, forwarded: &str, email: &str| {
        let mut browser = from(&house, peer);
        let body = json!({ "email": email, "password": WRONG }).to_string();
        let headers = [("content-type", "application/json"), ("x-forwarded-for", forwarded)];
        browser.ask("POST", "/api/admin/session", &headers, body).await.status.as_u16()
    };
    // Who asks by themselves stays who they are, whatever they write.
    for number in 0..5 {
        assert_eq!(sign_in("203.0.113.1", &format!("198.51.100.{number}"), ADA).await, 401);
    }
    assert_eq!(sign_in("203.0.113.1", "198.51.100.99", ADA).await, 429);
    // And so does who asks by the proxy, which adds what it sees.
    for number in 0..5 {
        assert_eq!(sign_in("10.0.0.1", &format!("192.0.2.{number}, 203.0.113.2"), ADA).await, 401);
    }
    assert_eq!(sign_in("10.0.0.1", "192.0.2.99, 203.0.113.2", ADA).await, 429);
    assert_eq!(sign_in("10.0.0.2", "203.0.113.2", ADA).await, 429, "by another proxy");
    assert_eq!(sign_in("10.0.0.1", "203.0.113.3", ADA).await, 401, "another client");
}

async fn attempts_are_forgotten(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    for number in 0..10 {
        fails(&mut from(&house, &format!("198.51.100.{number}")), "nobody@acme.example", 1).await;
    }
    let rows = "SELECT subject_hash FROM sign_in_attempts";
    assert_eq!(super::entering::raw(&house, rows).await.len(), 21);
    house.hands.forward(24 * 60 * 60);
    fails(&mut house.browser(), "nobody@acme.example", 1).await;
    fails(&mut house.browser(), "nobody@acme.example", 1).await;
    let left = super::entering::raw(&house, rows).await;
    assert_eq!(left.len(), 3, "those of today");
    assert!(left.iter().all(|hash| hash.len() == 64));
}
