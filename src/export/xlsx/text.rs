//! Text within XML, and within a workbook's cells.

use super::names::cut;

/// What a cell holds at most, in UTF-16 units.
const LONGEST: usize = 32_767;

/// Appends text as the content of an element or as the value of an attribute.
pub(super) fn push_xml(xml: &mut String, text: &str) {
    for character in text.chars() {
        push_escaped(xml, character);
    }
}

/// Appends a cell's text. What Excel has no room for is cut off, with an ellipsis in its place.
///
/// Characters that XML cannot hold are written `_x0001_`, as the format has it (`ST_Xstring`), so text that looks like
/// that has its first underscore written `_x005F_`.
pub(super) fn push_cell(xml: &mut String, text: &str) {
    let whole = cut(text, LONGEST);
    if whole.len() == text.len() {
        push_characters(xml, text);
    } else {
        push_characters(xml, cut(text, LONGEST - 1));
        xml.push('…');
    }
}

/// Whether XML would lose blanks at an end of the text.
pub(super) fn keeps_blanks(text: &str) -> bool {
    text.trim().len() != text.len() || text.contains('\n')
}

fn push_characters(xml: &mut String, text: &str) {
    let plain = |byte: u8| byte >= b' ' && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'_' | 0xEF);
    if text.bytes().all(plain) {
        xml.push_str(text);
        return;
    }
    for (at, character) in text.char_indices() {
        match character {
            '_' if looks_escaped(&text.as_bytes()[at..]) => xml.push_str("_x005F_"),
            '\t' | '\n' => xml.push(character),
            '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => {
                xml.push_str(&format!("_x{:04X}_", u32::from(character)));
            }
            _ => push_escaped(xml, character),
        }
    }
}

/// `_xHHHH_`.
fn looks_escaped(text: &[u8]) -> bool {
    matches!(text, [b'_', b'x' | b'X', digits @ .., ] if digits.len() >= 5
        && digits[..4].iter().all(u8::is_ascii_hexdigit) && digits[4] == b'_')
}

fn push_escaped(xml: &mut String, character: char) {
    match character {
        '&' => xml.push_str("&amp;"),
        '<' => xml.push_str("&lt;"),
        '>' => xml.push_str("&gt;"),
        '"' => xml.push_str("&quot;"),
        // Not characters of XML 1.0: outside of cells there is no way to write them.
        '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => xml.push('\u{FFFD}'),
        '\t' | '\n' | '\r' => xml.push(' '),
        _ => xml.push(character),
    }
}
