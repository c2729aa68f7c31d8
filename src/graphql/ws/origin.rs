//! Whose pages may open a socket: a browser lets any page do so, and says only which page it is.

use axum::http::{HeaderMap, header};

/// Whether the page's origin is the server's own, or one of `others`. Programs that are no browsers send none.
pub fn is_allowed(headers: &HeaderMap, others: &[String]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // A proxy that speaks TLS for the server leaves it the host, but not the scheme.
    let own = origin.split_once("://").map(|(_, host)| host);
    let is_own = matches!((own, host), (Some(own), Some(host)) if own.eq_ignore_ascii_case(host));
    is_own || others.iter().any(|other| other.eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_origin_and_configured_ones_may_come_in_and_no_others() {
        let others = ["https://app.example".to_owned()];
        let is_allowed = |origin: &[&str]| {
            let mut headers = HeaderMap::new();
            headers.insert("host", "Shop.example:8080".parse().expect("a host"));
            for origin in origin {
                headers.append("origin", origin.parse().expect("an origin"));
            }
            is_allowed(&headers, &others)
        };
        let allowed: [&[&str]; 4] =
            [&[], &["http://shop.example:8080"], &["https://shop.example:8080"], &["https://APP.example"]];
        for origin in allowed {
            assert!(is_allowed(origin), "{origin:?}");
        }
        let refused: [&[&str]; 9] = [
            &["null"],
            &[""],
            &["https://shop.example"],
            &["https://shop.example:8080.evil.example"],
            &["https://evil.example"],
            &["https://app.example.evil.example"],
            &["https://app.example:444"],
            &["http://app.example"],
            &["http://shop.example:8080", "https://evil.example"],
        ];
        for origin in refused {
            assert!(!is_allowed(origin), "{origin:?}");
        }
    }
}
