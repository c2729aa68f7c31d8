//! When a session is over: by the clock, and by whoever ends it, on every server.

use std::time::{Duration, Instant};

use countinghouse::sessions::{self, Session};
use countinghouse::{passwords::Password, users};

use super::browser::{ADA, Browser, GRACE, House, PASSWORD, RITA};
use crate::support::{TestDatabase, both_databases, open};

both_databases!(
    a_session_that_is_not_used_is_over,
    a_session_is_over_however_much_it_is_used,
    uses_are_noted_once_a_minute,
    what_is_over_is_forgotten,
    whoever_ends_it_ends_it_everywhere,
    a_sign_in_does_not_outrun_what_shuts_it,
);

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

async fn stored(house: &House, email: &str) -> Vec<Session> {
    let user = house.user(email).await;
    sessions::list(&house.db, user.organization, user.id).await.expect("asked")
}

/// Waits until the use at this moment is noted, which nobody else waits for.
async fn noted(house: &House) {
    let until = Instant::now() + Duration::from_secs(10);
    while stored(house, ADA).await[0].last_used_at != house.now() {
        assert!(Instant::now() < until, "it is never noted");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn a_session_that_is_not_used_is_over(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.signed_in(ADA).await;
    for _ in 0..3 {
        house.hands.forward(30 * MINUTE - 1);
        assert_eq!(ada.who().await, "user:1", "each use counts");
        noted(&house).await;
    }
    house.hands.forward(30 * MINUTE);
    assert_eq!(ada.who().await, "401");
    let words = ada.get("/api/admin/session").await.json()["detail"].clone();
    assert_eq!(words, "the session is over; sign in again");
    house.hands.forward(-MINUTE);
    assert_eq!(ada.who().await, "user:1", "it is the clock alone that ended it");
}

async fn a_session_is_over_however_much_it_is_used(database: TestDatabase) {
    let variables = [("COUNTINGHOUSE_SESSION_IDLE", "1h"), ("COUNTINGHOUSE_SESSION_LIFETIME", "2h")];
    let house = House::with(&database.connection, &variables).await;
    let mut ada = house.signed_in(ADA).await;
    let told = ada.get("/api/admin/session").await.json();
    assert_eq!(
        (&told["expiresAt"], &told["idleSeconds"]),
        (&"2026-03-01T14:00:00.000Z".into(), &3600.into())
    );
    for _ in 0..3 {
        house.hands.forward(HOUR / 2);
        assert_eq!(ada.who().await, "user:1");
        noted(&house).await;
    }
    house.hands.forward(HOUR / 2 - 1);
    assert_eq!(ada.who().await, "user:1");
    house.hands.forward(1);
    assert_eq!(ada.who().await, "401");
}

async fn uses_are_noted_once_a_minute(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.signed_in(ADA).await;
    let began = house.now();
    house.hands.forward(MINUTE - 1);
    ada.who().await;
    // Who asks with another credential, or may not use the session, does not use it.
    house.hands.forward(1);
    ada.who_with(&[("authorization", "Bearer dk_x")]).await;
    let reply = ada
        .ask(
            "POST",
            "/graphql",
            &[("origin", "https://evil.example"), ("content-type", "application/json")],
            "{}",
        )
        .await;
    assert_eq!(reply.status, 403);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(stored(&house, ADA).await[0].last_used_at, began);
    // Many at once, on two servers: one writes.
    let other = House::another(&open(&database.url).await, &[], house.hands);
    let elsewhere = Browser { house: other.clone(), ..ada.clone() };
    let asking = (0..20).map(|number| {
        let mut browser = if number % 2 == 0 { ada.clone() } else { elsewhere.clone() };
        async move { browser.who().await }
    });
    let who = futures::future::join_all(asking).await;
    assert!(who.iter().all(|who| who == "user:1"), "{who:?}");
    noted(&house).await;
    let at = house.now();
    house.hands.forward(MINUTE - 1);
    ada.who().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(stored(&house, ADA).await[0].last_used_at, at);
    other.db.close().await.expect("closed");
}

async fn what_is_over_is_forgotten(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    for email in [ADA, ADA, RITA, GRACE] {
        house.signed_in(email).await;
    }
    house.hands.forward(30 * MINUTE);
    house.signed_in(ADA).await;
    // Hers and those of her colleagues; what another organization forgets is its own affair.
    assert_eq!((stored(&house, ADA).await.len(), stored(&house, RITA).await.len()), (1, 0));
    assert_eq!(stored(&house, GRACE).await.len(), 1);
}

/// What ends a session of Ada's.
async fn end(house: &House, how: &str, browser: &mut Browser) {
    let ada = house.user(ADA).await;
    match how {
        "sign-out" => {
            let reply = browser.script("DELETE", "/api/admin/session", &serde_json::Value::Null).await;
            assert_eq!(reply.status, 204);
        }
        "all" => {
            assert!(sessions::end_all(&house.db, ada.organization, ada.id).await.expect("ended") > 0);
        }
        "disable" => users::disable(&house.db, &ada, house.now()).await.expect("shut"),
        "password" => {
            let new =
                Password::chosen("another fine day in the shop", ADA).expect("fit").hash().expect("hashed");
            users::set_password(&house.db, &ada, &new).await.expect("set");
        }
        other => panic!("{other}"),
    }
}

async fn whoever_ends_it_ends_it_everywhere(database: TestDatabase) {
    let one = House::open(&database.connection).await;
    let other = House::another(&open(&database.url).await, &[], one.hands);
    let kept = super::browser::HASH.clone();
    for how in ["sign-out", "all", "disable", "password"] {
        let mut here = one.signed_in(ADA).await;
        let mut there = Browser { house: other.clone(), ..here.clone() };
        let mut rita = one.signed_in(RITA).await;
        // Both servers have just asked: what they know is as young as it can be.
        assert_eq!(
            (here.who().await, there.who().await),
            ("user:1".to_owned(), "user:1".to_owned()),
            "{how}"
        );
        let mut copy = here.clone();
        end(&one, how, &mut here).await;
        let ended_at = Instant::now();
        while (copy.who().await, there.who().await) != ("401".to_owned(), "401".to_owned()) {
            assert!(ended_at.elapsed() < Duration::from_secs(2), "{how}: it goes on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(rita.who().await, "user:2", "{how}: another's goes on");
        let may_again = one.browser().sign_in(ADA, PASSWORD).await.status;
        assert_eq!(may_again, if ["disable", "password"].contains(&how) { 401 } else { 201 }, "{how}");
        let ada = one.user(ADA).await;
        users::enable(&one.db, &ada).await.expect("opened");
        users::set_password(&one.db, &ada, &kept).await.expect("set");
        assert_eq!(
            (copy.who().await, there.who().await),
            ("401".to_owned(), "401".to_owned()),
            "{how}: stays over"
        );
    }
    other.db.close().await.expect("closed");
}

/// Ada signs in over and over while her account is shut, or her password changed: what is left when both are done is none.
async fn a_sign_in_does_not_outrun_what_shuts_it(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let kept = super::browser::HASH.clone();
    for round in 0..6 {
        let how = if round % 2 == 0 { "disable" } else { "password" };
        let signing_in = (0..4).map(|_| {
            let house = house.clone();
            async move { house.browser().sign_in(ADA, PASSWORD).await.status.as_u16() }
        });
        let ending = async {
            tokio::time::sleep(Duration::from_millis(5 * round)).await;
            end(&house, how, &mut house.browser()).await;
        };
        let (statuses, ()) = futures::future::join(futures::future::join_all(signing_in), ending).await;
        assert!(statuses.iter().all(|status| [201, 401].contains(status)), "{statuses:?}");
        assert_eq!(stored(&house, ADA).await, Vec::new(), "{how}, {statuses:?}");
        let ada = house.user(ADA).await;
        users::enable(&house.db, &ada).await.expect("opened");
        users::set_password(&house.db, &ada, &kept).await.expect("set");
        // Attempts that failed are forgotten by then.
        house.hands.forward(2 * HOUR);
    }
}
