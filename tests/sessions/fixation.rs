//! A session is always a new one: nobody signs in with what somebody else put into their browser.

use countinghouse::sessions;

use super::browser::{ADA, GRACE, House, PASSWORD, PLAIN};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    what_was_planted_is_not_adopted,
    the_session_of_before_is_dead,
    a_form_of_somebody_else_signs_nobody_in
);

const MADE_UP: &str = "1-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn what_was_planted_is_not_adopted(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    // A well-formed cookie that was made up, and one that the attacker got by signing in as themselves.
    let attackers = house.signed_in(GRACE).await.cookies[PLAIN].clone();
    for planted in [MADE_UP, &attackers] {
        for by_form in [false, true] {
            let mut browser = house.browser();
            browser.cookies.insert(PLAIN.to_owned(), planted.to_owned());
            if by_form {
                // Who is somebody else's guest already is shown no form until they are out.
                browser.cookies.remove(PLAIN);
                let form = browser.get("/sign-in").await;
                let token = super::browser::hidden(&form.body, "csrf_token");
                browser.cookies.insert(PLAIN.to_owned(), planted.to_owned());
                let fields = [("csrf_token", token.as_str()), ("email", ADA), ("password", PASSWORD)];
                assert_eq!(browser.submit("/sign-in", &fields).await.status, 303);
            } else {
                assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, 201);
            }
            assert_ne!(browser.cookies[PLAIN], planted);
            assert_eq!(browser.who().await, "user:1");
            // What was planted opens nothing of the victim's, and by now nothing at all.
            let mut attacker = house.browser();
            attacker.cookies.insert(PLAIN.to_owned(), planted.to_owned());
            assert_eq!(attacker.who().await, "401", "{planted} {by_form}");
        }
    }
}

async fn the_session_of_before_is_dead(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.signed_in(ADA).await;
    let mut before = browser.clone();
    assert_eq!(before.who().await, "user:1");
    assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, 201);
    assert_ne!(browser.cookies[PLAIN], before.cookies[PLAIN]);
    assert_ne!(browser.token, before.token);
    assert_eq!((browser.who().await.as_str(), before.who().await.as_str()), ("user:1", "401"));
    let ada = house.user(ADA).await;
    assert_eq!(sessions::list(&house.db, ada.organization, ada.id).await.expect("asked").len(), 1);
    // A password that is wrong changes nothing.
    assert_eq!(browser.sign_in(ADA, "correct horse battery stapler").await.status, 401);
    assert_eq!(browser.who().await, "user:1");
}

/// Somebody who gets another to send a form with their own address would see what the other then does.
async fn a_form_of_somebody_else_signs_nobody_in(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut attacker = house.browser();
    let theirs = attacker.get("/sign-in").await;
    let theirs = super::browser::hidden(&theirs.body, "csrf_token");
    let fields = [("csrf_token", theirs.as_str()), ("email", GRACE), ("password", PASSWORD)];
    for has_own_form in [false, true] {
        let mut victim = house.browser();
        if has_own_form {
            victim.get("/sign-in").await;
        }
        // From the attacker's page, and by a browser so old that it does not say from where.
        for (origin, words) in [
            (Some("https://evil.example"), "This form did not come from the address"),
            (Some("null"), "This form did not come from the address"),
            (None, "This form was out of date"),
            (Some("http://localhost:8080"), "This form was out of date"),
        ] {
            victim.origin = origin.map(str::to_owned);
            let reply = victim.submit("/sign-in", &fields).await;
            let alert = super::browser::alert(&reply.body).expect("an alert").to_owned();
            assert_eq!(reply.status, 403);
            assert!(alert.starts_with(words), "{origin:?}: {alert}");
            assert!(!victim.cookies.contains_key(PLAIN), "{origin:?}");
        }
        // The page that refused has a form of the victim's own.
        victim.origin = Some("http://localhost:8080".to_owned());
        assert_eq!(victim.sign_in_by_form(ADA, PASSWORD, "/").await.status, 303);
        assert_eq!(victim.who().await, "user:1");
    }
}
