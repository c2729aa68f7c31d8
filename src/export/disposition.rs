//! The header that makes a browser save an answer as a file: RFC 6266, RFC 8187.

use super::Format;

/// How long a name may be, in characters, without its extension.
const LONGEST: usize = 100;

/// The value of `Content-Disposition` for a file: `attachment; filename="revenue.csv"`.
///
/// The name is any text, without an extension. Only ASCII comes out, and nothing that ends a header, leaves a folder,
/// or hides what kind of file it is; a name that loses letters by that is told a second time, encoded in UTF-8.
pub fn content_disposition(name: &str, format: Format) -> String {
    let extension = format.extension();
    let name = tamed(name);
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    if plain == name {
        format!("attachment; filename=\"{plain}.{extension}\"")
    } else {
        format!(
            "attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{}.{extension}",
            encoded(&name)
        )
    }
}

/// A name that every file system takes.
fn tamed(name: &str) -> String {
    let letters = name.chars().filter(|letter| !is_unseen(*letter));
    let name: String =
        letters.map(|letter| if is_forbidden(letter) { '_' } else { letter }).take(LONGEST).collect();
    let name = name.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    match name {
        "" => "export".to_owned(),
        name if is_device(name) => format!("_{name}"),
        name => name.to_owned(),
    }
}

/// Characters that are not shown, or that turn the direction of what follows (`gpj.exe` as `exe.jpg`).
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{61C}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
}

fn is_forbidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// What Windows opens a device for, whatever the extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let is_port = |port: &str| port.len() == 1 && port.bytes().all(|digit| digit.is_ascii_digit());
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || ["COM", "LPT"].iter().any(|device| stem.strip_prefix(device).is_some_and(is_port))
}

/// Not the percent sign: some browsers decode it in a plain file name (RFC 6266, appendix D).
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.' | ',' | '(' | ')' | '+' | '&')
}

/// `ext-value` of RFC 8187, without the character set.
fn encoded(name: &str) -> String {
    let mut value = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'&') {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}
