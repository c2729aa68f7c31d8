//! Finding the one credential among a request's headers.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::principal::Refusal;

/// Longest credential in bytes; a token that is longer is no one's.
const LONGEST: usize = 8192;

/// A credential as it was sent, unverified.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Shown<'a> {
    /// Three parts joined by dots, or what pretends to be that.
    Token(&'a str),
    /// Anything without a dot.
    Key(&'a str),
}

/// Reads `Authorization: Bearer …` or `X-API-Key: …`; one of them, once.
pub fn shown(headers: &HeaderMap) -> Result<Shown<'_>, Refusal> {
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let mut keys = headers.get_all("x-api-key").iter();
    let shown = match (authorizations.next(), keys.next()) {
        (None, None) => return Err(Refusal::Missing),
        (Some(_), Some(_)) => {
            return Err(invalid("two credentials were sent; send `Authorization` or `X-API-Key`, not both"));
        }
        (Some(value), None) => bearer(text(value, "Authorization")?)?,
        (None, Some(value)) => Shown::Key(text(value, "X-API-Key")?.trim()),
    };
    if authorizations.next().is_some() || keys.next().is_some() {
        return Err(invalid("the credential's header was sent more than once"));
    }
    match shown {
        Shown::Token(value) | Shown::Key(value) if value.len() > LONGEST => {
            Err(invalid("the credential is too long"))
        }
        Shown::Token("") | Shown::Key("") => Err(invalid("the credential is empty")),
        shown => Ok(shown),
    }
}

/// `Bearer` in any case, then one token of RFC 6750's characters.
fn bearer(value: &str) -> Result<Shown<'_>, Refusal> {
    let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid("`Authorization` must read `Bearer <token>`"));
    }
    let credential = credential.trim();
    if !credential.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)) {
        return Err(invalid("`Authorization` holds characters that no token has"));
    }
    Ok(if credential.contains('.') { Shown::Token(credential) } else { Shown::Key(credential) })
}

fn text<'a>(value: &'a HeaderValue, name: &str) -> Result<&'a str, Refusal> {
    value.to_str().map_err(|_| invalid(&format!("`{name}` is not plain ASCII")))
}

fn invalid(words: &str) -> Refusal {
    Refusal::Invalid(words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value).expect("a header"));
        }
        headers
    }

    #[test]
    fn one_credential_is_found_in_either_header() {
        let of = |pairs| shown(&headers(pairs)).map(|shown| format!("{shown:?}"));
        assert_eq!(of(&[("authorization", b"Bearer a.b.c")]), Ok("Token(\"a.b.c\")".to_owned()));
        assert_eq!(of(&[("authorization", b"bearer  dk_x ")]), Ok("Key(\"dk_x\")".to_owned()));
        assert_eq!(of(&[("authorization", b"BEARER dk_x")]), Ok("Key(\"dk_x\")".to_owned()));
        assert_eq!(of(&[("x-api-key", b"dk_x")]), Ok("Key(\"dk_x\")".to_owned()));
        assert_eq!(
            of(&[("x-api-key", b"a.b.c")]),
            Ok("Key(\"a.b.c\")".to_owned()),
            "no token in that header"
        );
    }

    #[test]
    fn no_credential_is_missing_and_a_malformed_one_is_invalid() {
        assert_eq!(shown(&HeaderMap::new()), Err(Refusal::Missing));
        let long = [b"Bearer ".as_slice(), &[b'a'; LONGEST + 1]].concat();
        let longest = [b"Bearer ".as_slice(), &[b'a'; LONGEST]].concat();
        assert!(shown(&headers(&[("authorization", &longest)])).is_ok());
        let malformed: [&[(&str, &[u8])]; 12] = [
            &[("authorization", b"")],
            &[("authorization", b"Bearer")],
            &[("authorization", b"Bearer ")],
            &[("authorization", b"Basic dTpw")],
            &[("authorization", b"a.b.c")],
            &[("authorization", b"Bearer a.b.c d")],
            &[("authorization", b"Bearer a.b.c,Bearer d")],
            &[("authorization", b"Bearer \xc3\xa9")],
            &[("authorization", &long)],
            &[("authorization", b"Bearer a.b.c"), ("authorization", b"Bearer a.b.c")],
            &[("authorization", b"Bearer a.b.c"), ("x-api-key", b"dk_x")],
            &[("x-api-key", b" ")],
        ];
        for pairs in malformed {
            let headers = headers(pairs);
            let refusal = shown(&headers);
            assert!(matches!(refusal, Err(Refusal::Invalid(_))), "{pairs:?}: {refusal:?}");
        }
    }
}
