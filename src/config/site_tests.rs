//! Public URL, proxies and the length of sessions.

use chrono::Duration;

use super::tests::load;
use super::*;

fn site(variables: &[(&str, &str)]) -> Result<SiteSettings, String> {
    load(&[], variables, None).map(|settings| settings.site).map_err(|error| error.to_string())
}

#[test]
fn nothing_is_known_of_browsers_and_nobody_is_trusted_unless_it_is_said() {
    let settings = load(&[], &[], None).expect("settings");
    let site = SiteSettings { public_url: None, trusted_proxies: Vec::new(), listens_on_loopback: true };
    assert_eq!(settings.site, site);
    assert_eq!(settings.sessions, Lifespan { idle: Duration::minutes(30), whole: Duration::hours(12) });
    let open = load(&[("listen", "0.0.0.0:8080")], &[], None).expect("settings");
    assert!(!open.site.listens_on_loopback);
}

#[test]
fn a_public_url_is_an_origin_and_nothing_more() {
    let read = |text: &str| site(&[("COUNTINGHOUSE_PUBLIC_URL", text)]).map(|site| site.public_url);
    for (text, origin, is_secure, is_loopback) in [
        ("https://books.example", "https://books.example", true, false),
        ("HTTPS://Books.Example:443/", "https://books.example", true, false),
        ("https://books.example:8443", "https://books.example:8443", true, false),
        ("http://localhost:8080", "http://localhost:8080", false, true),
        ("http://[::1]:8080", "http://[::1]:8080", false, true),
        ("http://books.intern", "http://books.intern", false, false),
    ] {
        let url = read(text).expect("settings").expect("an origin");
        assert_eq!(
            (url.origin().as_str(), url.is_secure(), url.is_loopback()),
            (origin, is_secure, is_loopback),
            "{text}"
        );
    }
    for wrong in [
        "books.example",
        "ftp://books.example",
        "https://",
        "https://books.example/app",
        "https://books.example?x",
        "https://books.example#x",
        "https://me:secret@books.example",
        "data:text/html,x",
    ] {
        assert_eq!(
            read(wrong),
            Err(format!(
                "setting `public_url` (COUNTINGHOUSE_PUBLIC_URL): expected an origin such as \
                 https://books.example, not `{wrong}`"
            ))
        );
    }
}

#[test]
fn proxies_are_addresses_and_blocks_of_them() {
    let read = |text: &str| site(&[("COUNTINGHOUSE_TRUSTED_PROXIES", text)]).map(|site| site.trusted_proxies);
    let proxies = read("127.0.0.1, 10.1.0.0/16,fd00::/8").expect("settings");
    let is_trusted = |text: &str| {
        let address = text.parse().expect("an address");
        proxies.iter().any(|network| network.holds(address))
    };
    for trusted in ["127.0.0.1", "10.1.255.255", "fd12:3456::1"] {
        assert!(is_trusted(trusted), "{trusted}");
    }
    for other in ["127.0.0.2", "10.2.0.0", "fe00::1", "::ffff:127.0.0.1"] {
        assert!(!is_trusted(other), "{other}");
    }
    let all = read("0.0.0.0/0").expect("settings");
    assert!(all[0].holds("203.0.113.9".parse().expect("an address")));
    for wrong in ["localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "127.0.0.1,"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_session_lasts_no_longer_idle_than_at_all() {
    let read = |idle: &str, whole: &str| {
        let variables = [("COUNTINGHOUSE_SESSION_IDLE", idle), ("COUNTINGHOUSE_SESSION_LIFETIME", whole)];
        load(&[], &variables, None).map(|settings| settings.sessions).map_err(|error| error.to_string())
    };
    assert_eq!(read("1h", "1h"), Ok(Lifespan { idle: Duration::hours(1), whole: Duration::hours(1) }));
    assert_eq!(
        read("2h", "1h"),
        Err("setting `session.idle` (COUNTINGHOUSE_SESSION_IDLE): a session that is not used cannot last longer \
             than `session.lifetime`"
            .to_owned())
    );
    for (idle, whole) in [("1m", "1h"), ("1h", "91d"), ("soon", "1h")] {
        assert!(read(idle, whole).is_err(), "{idle} {whole}");
    }
}
