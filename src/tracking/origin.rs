//! Where a visit came from, by the address of the page before it and what the address of the page itself says.

use url::Url;

/// Longest address that is kept; what is longer is cut.
const LONGEST: usize = 1024;

/// Search engines, by a part of their hosts' names.
const SEARCH: [&str; 9] = [
    "google.",
    "bing.com",
    "duckduckgo.com",
    "yahoo.",
    "ecosia.org",
    "yandex.",
    "baidu.com",
    "qwant.com",
    "startpage.com",
];
/// Networks of people, likewise.
const SOCIAL: [&str; 12] = [
    "facebook.com",
    "instagram.com",
    "t.co",
    "twitter.com",
    "x.com",
    "linkedin.com",
    "pinterest.",
    "reddit.com",
    "tiktok.com",
    "youtube.com",
    "threads.net",
    "mastodon.",
];

/// A page's address without what follows its path, which may tell of people. Nothing where it is none of the web's.
pub fn page(text: &str) -> Option<(Url, String)> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut kept = url.origin().ascii_serialization() + url.path();
    // An address that was parsed is ASCII.
    kept.truncate(LONGEST);
    Some((url, kept))
}

/// What brought a visitor: `affiliate`, `paid`, `email`, `social`, `organic`, `referral` or `direct`; nothing for what follows a
/// page of the shop itself.
pub fn traffic_source(page: Option<&Url>, referrer: Option<&Url>, has_code: bool) -> Option<&'static str> {
    if has_code {
        return Some("affiliate");
    }
    if let Some(told) = page.and_then(told_by_medium) {
        return Some(told);
    }
    let Some(referrer) = referrer else { return Some("direct") };
    if page.is_some_and(|page| page.host_str() == referrer.host_str()) {
        return None;
    }
    let host = referrer.host_str().unwrap_or_default();
    let is_of = |known: &str| host == known || host.ends_with(&format!(".{known}")) || is_family(host, known);
    if SEARCH.iter().any(|known| is_of(known)) {
        Some("organic")
    } else if SOCIAL.iter().any(|known| is_of(known)) {
        Some("social")
    } else {
        Some("referral")
    }
}

/// `www.google.co.uk` is of the family `google.`.
fn is_family(host: &str, known: &str) -> bool {
    known.ends_with('.') && (host.starts_with(known) || host.contains(&format!(".{known}")))
}

/// What `utm_medium` says, as campaigns write it.
fn told_by_medium(page: &Url) -> Option<&'static str> {
    let (_, medium) = page.query_pairs().find(|(name, _)| name == "utm_medium")?;
    match medium.to_ascii_lowercase().as_str() {
        "cpc" | "ppc" | "cpm" | "paid" | "paidsearch" | "paid_social" | "display" | "banner" => Some("paid"),
        "email" | "e-mail" | "newsletter" => Some("email"),
        "social" | "social-media" => Some("social"),
        "affiliate" => Some("affiliate"),
        "organic" => Some("organic"),
        "referral" => Some("referral"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_without_what_may_tell_of_people() {
        let kept = |text: &str| page(text).map(|(_, kept)| kept);
        for (text, wanted) in [
            ("https://Shop.example/a?mail=ada@example.com#x", Some("https://shop.example/a")),
            ("https://ada:secret@shop.example:8443/", Some("https://shop.example:8443/")),
            ("http://localhost:80/ä b", Some("http://localhost/%C3%A4%20b")),
            ("about:blank", None),
            ("file:///etc/passwd", None),
            ("/cart", None),
            ("", None),
        ] {
            assert_eq!(kept(text).as_deref(), wanted, "{text}");
        }
        assert_eq!(
            kept(&format!("https://shop.example/{}", "x".repeat(5000))).map(|kept| kept.len()),
            Some(LONGEST)
        );
    }

    #[test]
    fn visits_come_from_somewhere() {
        let of = |page: &str, referrer: &str, has_code| {
            let url = |text: &str| Url::parse(text).ok();
            traffic_source(url(page).as_ref(), url(referrer).as_ref(), has_code)
        };
        let shop = "https://shop.example/";
        for (page, referrer, has_code, wanted) in [
            (shop, "", false, Some("direct")),
            (shop, "https://blog.example/best-lamps", true, Some("affiliate")),
            (shop, "https://www.google.co.uk/", false, Some("organic")),
            (shop, "https://google.com/", false, Some("organic")),
            (shop, "https://notgoogle.com/", false, Some("referral")),
            (shop, "https://l.facebook.com/", false, Some("social")),
            (shop, "https://t.co/x", false, Some("social")),
            (shop, "https://blog.example/", false, Some("referral")),
            (shop, "https://shop.example/lamps", false, None),
            ("https://shop.example/?utm_medium=CPC", "https://www.google.com/", false, Some("paid")),
            ("https://shop.example/?utm_medium=email&x=1", "", false, Some("email")),
            ("https://shop.example/?utm_medium=whatever", "", false, Some("direct")),
        ] {
            assert_eq!(of(page, referrer, has_code), wanted, "{page} {referrer}");
        }
    }
}
