//! What is told of an account to who does not know its password: nothing.

use countinghouse::users;
use sea_orm::ConnectionTrait;

use super::browser::{ADA, CARL, House, PASSWORD, PLAIN, RITA, Reply};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    every_refusal_is_the_same_answer_and_the_same_work,
    weak_hashes_are_replaced_when_their_user_comes
);

/// All that a client sees, but for names of requests.
fn seen(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let headers = reply.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
    (reply.status.as_u16(), headers.collect(), reply.body.clone())
}

async fn every_refusal_is_the_same_answer_and_the_same_work(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    users::disable(&house.db, &house.user(RITA).await, house.now()).await.expect("shut");
    let nothing_kept = format!("UPDATE users SET password_hash = NULL WHERE email = '{CARL}'");
    house.db.execute_unprepared(&nothing_kept).await.expect("taken away");
    let wrong = "incorrect horse battery staple";
    let mut first = None;
    for (email, password) in [
        ("nobody@acme.example", wrong),
        ("nobody@acme.example", PASSWORD),
        (ADA, wrong),
        (ADA, ""),
        (RITA, wrong),
        (RITA, PASSWORD),
        (CARL, PASSWORD),
        (CARL, ""),
    ] {
        let before = house.count("countinghouse_passwords_checked_total");
        let mut browser = house.browser();
        let told = seen(&browser.sign_in(email, password).await);
        assert_eq!(house.count("countinghouse_passwords_checked_total") - before, 1, "{email} {password}");
        assert_eq!(&told, first.get_or_insert_with(|| told.clone()), "{email} {password}");
        assert!(!browser.cookies.contains_key(PLAIN));
    }
    let (status, _, body) = first.expect("answers");
    assert_eq!(status, 401);
    assert!(body.contains("the e-mail address or the password is wrong"), "{body}");
    // By the form too; what differs is what was typed.
    house.hands.forward(24 * 60 * 60);
    let mut first = None;
    for (email, password) in
        [("nobody@acme.example", PASSWORD), (ADA, wrong), (RITA, PASSWORD), (CARL, PASSWORD)]
    {
        let before = house.count("countinghouse_passwords_checked_total");
        let mut browser = house.browser();
        let reply = browser.sign_in_by_form(email, password, "/").await;
        assert_eq!(house.count("countinghouse_passwords_checked_total") - before, 1, "{email} {password}");
        let token = super::browser::hidden(&reply.body, "csrf_token");
        let page = reply.body.replace(email, "EMAIL").replace(&token, "TOKEN");
        assert_eq!(reply.status, 401);
        assert!(!page.contains(password), "a password is not shown again");
        assert_eq!(&page, first.get_or_insert_with(|| page.clone()), "{email} {password}");
    }
}

/// argon2-cffi 25.1.0 made it, of everybody's password, with 8 MiB and one pass.
const WEAK: &str =
    "$argon2id$v=19$m=8192,t=1,p=1$/XPHK5oiGtjXgCUyaH3FqA$7zK6c/RwrWxCwkHSthxnh4nMyh7r7FI8GDnEJ5xvU0o";

async fn weak_hashes_are_replaced_when_their_user_comes(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let weaken = format!("UPDATE users SET password_hash = '{WEAK}' WHERE email = '{ADA}'");
    house.db.execute_unprepared(&weaken).await.expect("weakened");
    let kept = async || house.user(ADA).await.password.expect("a hash").reveal().to_owned();
    assert_eq!(house.browser().sign_in(ADA, "incorrect horse battery staple").await.status, 401);
    assert_eq!(kept().await, WEAK);
    let mut before = house.signed_in(ADA).await;
    let stronger = kept().await;
    assert!(stronger.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stronger}");
    assert_eq!(before.who().await, "user:1", "that ends nothing");
    house.signed_in(ADA).await;
    assert_eq!(kept().await, stronger);
}
