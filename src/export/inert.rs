//! Text that no spreadsheet takes for a formula when it opens a CSV file.
//!
//! A cell that starts with `=`, `+`, `-`, `@` and the like is run: OWASP, "CSV Injection". An apostrophe before it stops
//! that. As Excel parts fields at `;` or at tabs where the machine's settings say so, and knows a quoted field only
//! where its own field begins, what follows such a separator or a line's end within a text counts as a start as well.

use std::borrow::Cow;

/// The text, with an apostrophe before whatever could run.
pub(super) fn inert(text: &str) -> Cow<'_, str> {
    let first = text.chars().next();
    let harmless = first.is_none_or(char::is_alphanumeric) && !text.bytes().any(parts_fields);
    if harmless {
        return Cow::Borrowed(text);
    }
    let marks = starts(text);
    if marks.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(marked(text, &marks)) }
}

/// Where the text needs an apostrophe.
fn starts(text: &str) -> Vec<usize> {
    let mut marks = Vec::new();
    let mut start = Some(0);
    if text.starts_with(['\t', '\r', '\n', '\0']) {
        marks.push(0);
    }
    for (at, character) in text.char_indices() {
        if u8::try_from(character).is_ok_and(parts_fields) {
            start = Some(at + 1);
        } else if let Some(from) = start
            && !is_passed_over(character)
        {
            if runs(character) {
                marks.push(from);
            }
            start = None;
        }
    }
    marks
}

fn marked(text: &str, marks: &[usize]) -> String {
    let mut result = String::with_capacity(text.len() + marks.len());
    let mut from = 0;
    for &mark in marks {
        result.push_str(&text[from..mark]);
        result.push('\'');
        from = mark;
    }
    result.push_str(&text[from..]);
    result
}

/// A comma does not count: everyone's CSV is quoted for commas.
fn parts_fields(byte: u8) -> bool {
    matches!(byte, b';' | b'\t' | b'\r' | b'\n')
}

/// What may stand before a formula: blanks, quotes, and what is not seen.
fn is_passed_over(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '"' | '\u{AD}' | '\u{FEFF}')
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
}

/// What a formula, or a command that a spreadsheet passes on (DDE), starts with; also as East Asian input writes it.
fn runs(character: char) -> bool {
    matches!(character, '=' | '+' | '-' | '@' | '|' | '%')
        || matches!(character, '＝' | '＋' | '－' | '＠' | '｜' | '％')
        || matches!(character, '﹦' | '﹢' | '﹣' | '﹫' | '﹪' | '\u{2212}')
}
