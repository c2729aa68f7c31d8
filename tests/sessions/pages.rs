//! The pages: what they carry, and where they lead.

use super::browser::{ADA, House, PASSWORD, hidden};
use crate::support::{Engine, TestDatabase, run};

fn on_sqlite(test: impl AsyncFnOnce(House)) {
    run(Engine::Sqlite, async |database: TestDatabase| test(House::open(&database.connection).await).await);
}

#[test]
fn a_page_shows_itself_and_is_kept_by_nobody() {
    on_sqlite(async |house| {
        let mut browser = house.signed_in(ADA).await;
        let mut nobody = house.browser();
        let form = nobody.get("/sign-in").await;
        let refused = nobody.sign_in_by_form(ADA, "wrong", "/").await;
        assert_eq!(refused.status, 401);
        for page in [form, refused, browser.get("/admin").await] {
            let header = |name: &str| page.headers.get(name).map(|value| value.to_str().expect("text"));
            for (name, value) in [
                ("content-type", "text/html; charset=utf-8"),
                (
                    "content-security-policy",
                    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                     frame-ancestors 'none'",
                ),
                ("cache-control", "no-store"),
                ("referrer-policy", "same-origin"),
                ("x-frame-options", "DENY"),
                ("x-content-type-options", "nosniff"),
            ] {
                assert_eq!(header(name), Some(value), "{name}");
            }
            assert!(page.body.starts_with("<!doctype html>\n<html lang=\"en\">"));
            assert!(page.body.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
        }
    });
}

#[test]
fn a_form_can_be_filled_in_by_everybody() {
    on_sqlite(async |house| {
        let mut browser = house.browser();
        let page = browser.get("/sign-in").await.body;
        for (label, field) in [("email", "username"), ("password", "current-password")] {
            assert!(page.contains(&format!("<label for=\"{label}\">")), "{page}");
            assert!(page.contains(&format!("id=\"{label}\" name=\"{label}\"")), "{page}");
            assert!(page.contains(&format!("autocomplete=\"{field}\"")), "{page}");
        }
        assert!(!page.contains("role=\"alert\"") && page.matches("autofocus").count() == 1);
        // Who was wrong is told at both fields, finds their address there, and the next letter goes into the password.
        let again = browser.sign_in_by_form(ADA, "wrong", "/").await.body;
        assert!(again.contains(
            "<p class=\"alert\" id=\"alert\" role=\"alert\">The e-mail address or the password is wrong.</p>"
        ));
        assert_eq!(again.matches("aria-describedby=\"alert\"").count(), 2);
        assert!(again.contains(&format!("value=\"{ADA}\"")) && !again.contains("wrong\""), "{again}");
        let password = again.split("<input id=\"password\"").nth(1).and_then(|rest| rest.split('>').next());
        assert!(
            password.is_some_and(|field| field.contains("autofocus") && !field.contains("value")),
            "{again}"
        );
    });
}

#[test]
fn windows_of_one_browser_share_their_form() {
    on_sqlite(async |house| {
        let mut browser = house.browser();
        let first = hidden(&browser.get("/sign-in").await.body, "csrf_token");
        let second = hidden(&browser.get("/sign-in").await.body, "csrf_token");
        assert_eq!(first, second);
        assert_ne!(hidden(&house.browser().get("/sign-in").await.body, "csrf_token"), first);
        // One that was planted is replaced where it cannot be ours.
        browser.cookies.insert("countinghouse_form".to_owned(), "short".to_owned());
        assert_ne!(hidden(&browser.get("/sign-in").await.body, "csrf_token"), first);
        assert_eq!(browser.cookies["countinghouse_form"].len(), 43);
    });
}

#[test]
fn nobody_is_led_away_from_this_server() {
    on_sqlite(async |house| {
        for (next, path) in [
            ("/docs", "/docs"),
            ("/graphql?query={viewer{subject}}", "/graphql?query={viewer{subject}}"),
            ("", "/admin"),
            ("//evil.example", "/admin"),
            ("https://evil.example/", "/admin"),
            ("/\\evil.example", "/admin"),
            ("/\t/evil.example", "/admin"),
            ("/a/..//evil.example", "/admin"),
            ("javascript:alert(1)", "/admin"),
        ] {
            let mut browser = house.browser();
            let reply = browser.sign_in_by_form(ADA, PASSWORD, next).await;
            assert_eq!(reply.status, 303, "{next:?}");
            assert_eq!(reply.headers["location"], path, "{next:?}");
            // The field is looked at again: it need not be the one that was sent.
            let mut browser = house.browser();
            let token = hidden(&browser.get("/sign-in").await.body, "csrf_token");
            let fields =
                [("csrf_token", token.as_str()), ("next", next), ("email", ADA), ("password", PASSWORD)];
            let reply = browser.submit("/sign-in", &fields).await;
            assert_eq!(reply.headers["location"], path, "{next:?}");
        }
        let mut signed_in = house.signed_in(ADA).await;
        let reply = signed_in.get("/sign-in?next=//evil.example").await;
        assert_eq!(reply.headers["location"], "/admin");
    });
}
