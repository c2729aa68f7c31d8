//! JSON objects from strangers: a member that comes twice makes the whole unreadable (RFC 8725, 2.4; RFC 7515, 4), so
//! that nobody downstream can read another of the two.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The one object that `bytes` are, if no object within has a member twice.
pub fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice::<Unique>(bytes).ok()?;
    serde_json::from_slice(bytes).ok()
}

/// Anything whose objects have no member twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON whose objects have no member twice")
    }

    // Numbers come as objects too: serde_json keeps their digits.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !seen.insert(name) {
                return Err(serde::de::Error::custom("a member comes twice"));
            }
            members.next_value::<Unique>()?;
        }
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Unique, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_comes_twice_is_found_at_any_depth() {
        for good in [
            r"{}",
            r#"{"a":1,"A":1}"#,
            r#"{"a":{"a":[1,-2.5,1e400,true,null,"x"]},"b":{"a":{}}}"#,
            "{\"a\":99999999999999999999}",
        ] {
            assert!(object(good.as_bytes()).is_some(), "{good}");
        }
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"b":2,"a":3}}"#,
            r#"{"x":[[{"a":null,"a":null}]]}"#,
            r"[]",
            r#""{}""#,
            r"{} {}",
            r"{,}",
            "",
        ] {
            assert!(object(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(object(&[b"{\"a\":\"".as_slice(), &[0xff], b"\"}"].concat()).is_none(), "not UTF-8");
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(object(deep.as_bytes()).is_none(), "too deep, and no overflow of the stack");
    }
}
