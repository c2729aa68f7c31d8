//! A JSON object as a record: numbers keep their digits, `null` and a missing key are both absent.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{self, MapAccess, Visitor};
use serde_json::Value;

use super::{BadRecord, Record};

/// Most columns: more is not a table.
const MOST_COLUMNS: usize = 1000;

/// Columns of rows that bring their own, in the order in which they were first seen.
#[derive(Debug, Default)]
pub struct Columns(Vec<String>);

impl Columns {
    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Reads an object's text into `record`.
    pub fn fill(&mut self, json: &[u8], record: &mut Record) -> Result<(), BadRecord> {
        let text = std::str::from_utf8(json).map_err(|_| BadRecord::whole("the row is not UTF-8"))?;
        let mut json = serde_json::Deserializer::from_str(text);
        let members = json
            .deserialize_map(Members)
            .and_then(|members| json.end().map(|()| members))
            .map_err(|error| BadRecord::whole(format!("the row is not one JSON object: {error}")))?;
        for (name, value) in members {
            let place = self.place(&name)?;
            match value {
                Value::Null => {}
                Value::String(text) => record.set(place, &text),
                Value::Number(number) => record.set(place, &number.to_string()),
                Value::Bool(truth) => record.set(place, if truth { "true" } else { "false" }),
                nested @ (Value::Array(_) | Value::Object(_)) => {
                    return Err(BadRecord {
                        column: Some(name),
                        value: Some(nested.to_string()),
                        reason: "is neither text, number, true, false nor null".to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    fn place(&mut self, name: &str) -> Result<usize, BadRecord> {
        if let Some(place) = self.0.iter().position(|known| known == name) {
            return Ok(place);
        }
        if self.0.len() == MOST_COLUMNS {
            return Err(BadRecord::whole("the file has more than 1000 different columns"));
        }
        self.0.push(name.to_owned());
        Ok(self.0.len() - 1)
    }
}

/// An object's members in order, none twice (serde's maps keep the last in silence).
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Self::Value = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(de::Error::custom(format!("the key `{name}` stands there twice")));
            }
            members.push((name, value));
        }
        Ok(members)
    }
}
