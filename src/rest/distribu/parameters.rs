//! The query string of `distribu` routes. Names are taken in any case; what is no parameter of a route is ignored, but for
//! `organizationId`, which the credential decides.

use std::fmt::Display;

use super::dates;
use super::refused::Refused;
use crate::rest::moment::Moment;
use crate::rest::query::{GivenTwice, NO_ORGANIZATION, Query, shown};

/// The parameters of a request.
pub struct Parameters<'q>(Query<'q>);

impl<'q> Parameters<'q> {
    /// Reads a query string.
    pub fn read(query: &'q str) -> Result<Self, Refused> {
        let query = Query::read(query);
        if query.has("organizationId") {
            return Err(Refused::bad_request(NO_ORGANIZATION));
        }
        Ok(Self(query))
    }

    /// The one value of a parameter, if it is there.
    pub fn value(&self, name: &str) -> Result<Option<&str>, Refused> {
        self.0
            .one(name)
            .map_err(|GivenTwice| Refused::bad_request(format!("{name} was given more than once")))
    }

    /// One of some words.
    pub fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Refused> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        let known = words.iter().find(|(word, _)| *word == value).map(|(_, meant)| *meant);
        known.map(Some).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            wrong(name, format_args!("one of {}", words.join(", ")), value)
        })
    }

    /// A whole number from 1 to `most`.
    pub fn whole(&self, name: &str, most: u32) -> Result<Option<u32>, Refused> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        let number = value.parse().ok().filter(|number| (1..=most).contains(number));
        number.map(Some).ok_or_else(|| wrong(name, format_args!("a whole number from 1 to {most}"), value))
    }

    /// A day or an instant.
    pub fn moment(&self, name: &str) -> Result<Option<Moment>, Refused> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        let expected = "a date such as 2026-04-01, 2026-04-01T00:00:00Z or April 1, 2026";
        dates::read(value).map(Some).ok_or_else(|| wrong(name, expected, value))
    }

    /// Some of the columns, in the order in which they are named; all of them where nothing is said.
    pub fn columns(&self, columns: &[&'static str]) -> Result<Option<Vec<&'static str>>, Refused> {
        let Some(value) = self.value("fields")? else { return Ok(None) };
        let mut chosen = Vec::new();
        for name in value.split(',').map(str::trim) {
            let known = columns.iter().find(|column| **column == name).copied();
            let known =
                known.ok_or_else(|| wrong("fields", format_args!("some of {}", columns.join(", ")), name))?;
            if chosen.contains(&known) {
                return Err(Refused::bad_request(format!("fields names {known} more than once")));
            }
            chosen.push(known);
        }
        Ok(Some(chosen))
    }
}

fn wrong(name: &str, expected: impl Display, value: &str) -> Refused {
    Refused::bad_request(format!("{name} must be {expected}, not '{}'", shown(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_chosen_in_the_order_in_which_they_are_named() {
        let columns = |query: &str| {
            Parameters::read(query).and_then(|read| read.columns(&["date", "orderCount", "revenue"]))
        };
        assert_eq!(columns(""), Ok(None));
        assert_eq!(columns("fields=revenue,%20date"), Ok(Some(vec!["revenue", "date"])));
        for (query, message) in [
            ("fields=", "fields must be some of date, orderCount, revenue, not ''"),
            ("fields=date,", "fields must be some of date, orderCount, revenue, not ''"),
            ("fields=Date", "fields must be some of date, orderCount, revenue, not 'Date'"),
            ("fields=date,date", "fields names date more than once"),
            ("fields=date&fields=revenue", "fields was given more than once"),
        ] {
            assert_eq!(columns(query), Err(Refused::bad_request(message)), "{query}");
        }
    }

    proptest::proptest! {
        /// Whatever a client sends is answered, never a panic.
        #[test]
        fn anything_can_be_read(query in ".{0,80}") {
            if let Ok(read) = Parameters::read(&query) {
                let _ = (read.moment("from"), read.whole("limit", 10), read.columns(&["a"]));
            }
            let written = format!("from={query}&limit={query}&fields={query}");
            if let Ok(read) = Parameters::read(&written) {
                let _ = (read.moment("from"), read.whole("limit", 10), read.columns(&["a"]));
            }
        }
    }
}
