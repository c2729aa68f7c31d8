//! Files that pages load: part of the binary, and kept by browsers, since their names change with their content.

use std::borrow::Cow;
use std::io::Read;

use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::bundle::Bundle;
use crate::report::Report;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file whose name changes with its content.
pub struct Asset {
    pub path: &'static str,
    pub kind: &'static str,
    pub content: Content,
}

/// How it lies in the binary.
pub enum Content {
    /// As it is: there to be had without npm.
    Plain(&'static [u8]),
    /// Packed: what npm made.
    #[allow(dead_code, reason = "a build without npm has none")]
    Brotli(&'static [u8]),
}

/// The file, or that there is none.
pub fn send(asset: Option<&Asset>, request: &HeaderMap) -> Response {
    asset.map_or_else(
        || (StatusCode::NOT_FOUND, "there is no such file").into_response(),
        |asset| asset.send(request),
    )
}

impl Asset {
    /// Packed as it lies in the binary for who reads brotli; browsers say so on encrypted and on local connections alone.
    fn send(&self, request: &HeaderMap) -> Response {
        let headers: [(HeaderName, &str); 4] = [
            (CONTENT_TYPE, self.kind),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (VARY, "accept-encoding"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        if let Content::Brotli(packed) = self.content
            && takes_brotli(request)
        {
            return (headers, [(CONTENT_ENCODING, "br")], packed).into_response();
        }
        match self.unpacked() {
            Ok(content) => (headers, content).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    fn unpacked(&self) -> std::io::Result<Cow<'static, [u8]>> {
        match self.content {
            Content::Plain(content) => Ok(Cow::Borrowed(content)),
            Content::Brotli(packed) => {
                let mut content = Vec::new();
                brotli_decompressor::Decompressor::new(packed, 4096).read_to_end(&mut content)?;
                Ok(Cow::Owned(content))
            }
        }
    }
}

/// Whether `Accept-Encoding` names brotli, and not to refuse it.
fn takes_brotli(request: &HeaderMap) -> bool {
    let lists = request.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = lists.flat_map(|list| list.split(',')).map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        (name.trim(), weight.unwrap_or(0.0))
    });
    codings.any(|(name, weight)| name.eq_ignore_ascii_case("br") && weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::{ACCEPT_ENCODING, HeaderMap, takes_brotli};

    #[test]
    fn brotli_goes_to_who_asks_for_it() {
        let takes = |value: &str| {
            takes_brotli(&HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().expect("a value"))]))
        };
        for yes in ["br", "gzip, deflate, br", "BR;q=0.5", "gzip;q=1.0, br ; q=0.1"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "gzip", "*", "brotli", "br;q=0", "br; q=0.000", "identity"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_brotli(&HeaderMap::new()));
    }
}
