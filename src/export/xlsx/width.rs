//! How wide a column has to be, in digits of the usual font.

use super::super::document::Kind;
use super::cell::Content;
use super::style::Style;

const NARROWEST: usize = 8;
const WIDEST: usize = 60;
/// The button that filters by a column covers the end of its heading.
const BUTTON: usize = 3;

/// What a column needs before its cells are known: a number that has no room is shown as `####`.
pub(super) fn of_heading(title: &str, kind: Kind) -> usize {
    let expected = match kind {
        Kind::Text | Kind::Boolean => NARROWEST,
        Kind::Integer | Kind::Date | Kind::Percent { .. } => 12,
        Kind::Number { .. } => 14,
        Kind::Amount(_) | Kind::Figure => 18,
        Kind::Instant => 24,
    };
    (of_text(title) + BUTTON).clamp(expected, WIDEST)
}

/// What a cell needs.
pub(super) fn of_content(content: &Content) -> usize {
    let needed = match content {
        Content::Text(text, _) => text.lines().next().map_or(0, of_text) + 1,
        Content::Number(digits, Style::Integer | Style::Number(_) | Style::Amount(_)) => {
            digits.len() + digits.len() / 3 + " USD".len()
        }
        Content::Nothing | Content::Boolean(_) | Content::Number(..) => 0,
    };
    needed.min(WIDEST)
}

/// East Asian letters take two places.
fn of_text(text: &str) -> usize {
    text.chars().take(WIDEST).map(|letter| if letter < '\u{1100}' { 1 } else { 2 }).sum()
}
