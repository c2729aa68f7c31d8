//! Lengths of time as people write them: `25s`, `90d`.

use std::time::Duration;

/// The units, largest last.
const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// The text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a length of time; write a whole number and a unit (ms, s, m, h, d, w), such as 30s or 90d"
)]
pub struct UnknownSpan(String);

/// Reads `500ms`, `25s`, `10m`, `1h`, `90d`, `2w`.
pub fn parse_span(text: &str) -> Result<Duration, UnknownSpan> {
    let split = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .and_then(|(_, factor)| number.parse::<u64>().ok()?.checked_mul(*factor))
        .map(Duration::from_millis)
        .ok_or_else(|| UnknownSpan(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_a_length_of_time() {
        for (text, milliseconds) in
            [("500ms", 500), ("25s", 25_000), ("10m", 600_000), ("1h", 3_600_000), ("90d", 7_776_000_000)]
        {
            assert_eq!(parse_span(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in
            ["", "5", "s", "-1s", "1.5h", "1 h", "1y", "1S", "99999999999999999999s", "99999999999999999w"]
        {
            assert_eq!(parse_span(text), Err(UnknownSpan(text.to_owned())), "{text}");
        }
    }
}
