//! A query string as legacy clients write it: names in any case, each given once.

use std::borrow::Cow;

/// The pairs of a query string, in order, decoded.
#[derive(Clone, Debug)]
pub struct Query<'q>(Vec<(Cow<'q, str>, Cow<'q, str>)>);

/// A parameter has more than one value, and nobody can tell which was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenTwice;

impl<'q> Query<'q> {
    /// Reads any text: what is no pair is a name without a value.
    pub fn read(text: &'q str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).collect())
    }

    /// Whether the parameter is there, with a value or without.
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The one value of a parameter, if it is there.
    pub fn one(&self, name: &str) -> Result<Option<&str>, GivenTwice> {
        let mut values = self.values(name);
        let first = values.next();
        if values.next().is_some() { Err(GivenTwice) } else { Ok(first) }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref())
    }
}

/// What is said to who names an organization: no parameter decides whose data is told.
pub const NO_ORGANIZATION: &str = "organizationId is not taken: the credential decides whose data is told";

/// A value as a refusal repeats it: no more of it than a reader needs.
pub fn shown(value: &str) -> String {
    value.chars().take(40).collect()
}
