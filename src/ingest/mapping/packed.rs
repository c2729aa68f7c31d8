//! Fields and values as bytes, for rows that wait on disk or as keys.

use super::value::Value;

/// Fields one after another, each behind its length; what is absent has a length that no text has.
pub fn pack<'a>(fields: impl Iterator<Item = Option<&'a str>>) -> Box<[u8]> {
    let mut bytes = Vec::new();
    for field in fields {
        let length = field.map_or(u32::MAX, |field| u32::try_from(field.len()).unwrap_or(0));
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(field.unwrap_or_default().as_bytes());
    }
    bytes.into()
}

/// The packed fields.
pub fn unpack(bytes: &[u8]) -> Vec<Option<&str>> {
    let mut fields = Vec::new();
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        let length = if length == u32::MAX { None } else { usize::try_from(length).ok() };
        let (field, after) = after.split_at(length.unwrap_or(0).min(after.len()));
        fields.push(length.and_then(|_| std::str::from_utf8(field).ok()));
        rest = after;
    }
    fields
}

/// Values as fields: a letter for the kind, then the text.
pub fn pack_values(values: &[Value]) -> Box<[u8]> {
    let text = |value: &Value| match value {
        Value::Absent => None,
        Value::Text(text) => Some(format!("t{text}")),
        // Unlike in a column, all its zeros: a sum keeps its digits.
        Value::Number(number) => Some(format!("n{number}")),
        Value::Truth(truth) => Some(format!("b{truth}")),
        Value::Instant(micros) => Some(format!("i{micros}")),
    };
    let texts: Vec<Option<String>> = values.iter().map(text).collect();
    pack(texts.iter().map(Option::as_deref))
}

/// The packed values.
pub fn unpack_values(bytes: &[u8]) -> Vec<Value> {
    let value = |field: Option<&str>| {
        let text = field?;
        let rest = text.get(1..)?;
        Some(match text.as_bytes().first()? {
            b't' => Value::Text(rest.to_owned()),
            b'n' => Value::Number(rest.parse().ok()?),
            b'b' => Value::Truth(rest == "true"),
            _ => Value::Instant(rest.parse().ok()?),
        })
    };
    unpack(bytes).into_iter().map(|field| value(field).unwrap_or(Value::Absent)).collect()
}
