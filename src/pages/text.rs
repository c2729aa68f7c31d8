//! Text that others wrote, made harmless for the page around it.
//!
//! Markup is escaped wherever it stands (`maud` does that); what is left are characters that are not seen and turn the
//! text around them, and names of any length.

use std::borrow::Cow;

use maud::{Markup, html};

/// Longer names are cut: nobody reads them, and the file has them whole.
const LONGEST: usize = 160;
/// Sentences that the reports write, with names in them.
const LONGEST_SENTENCE: usize = 1000;

/// A name as an element that stands by itself, whichever way it is written.
pub fn name(text: &str) -> Markup {
    html! { bdi { (plain(text)) } }
}

/// A name where no element can stand, in a title or an attribute: isolated by characters instead.
pub fn isolated(text: &str) -> String {
    format!("\u{2068}{}\u{2069}", plain(text))
}

/// A name of bearable length, without characters that work on others.
pub fn plain(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST)
}

/// A sentence or two, likewise.
pub fn sentence(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST_SENTENCE)
}

fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    let is_whole = text.chars().nth(longest).is_none();
    if is_whole && !text.chars().any(works_on_others) {
        return Cow::Borrowed(text);
    }
    let mut plain: String = text.chars().take(longest).filter_map(harmless).collect();
    if !is_whole {
        plain.push('…');
    }
    Cow::Owned(plain)
}

fn works_on_others(character: char) -> bool {
    harmless(character) != Some(character)
}

/// The character; a sign that there was one for controls; nothing for those that turn text around.
fn harmless(character: char) -> Option<char> {
    match character {
        '\n' | '\t' | '\r' => Some(' '),
        // What opens and closes embeddings, overrides and isolates.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        _ if character.is_control() => Some(char::REPLACEMENT_CHARACTER),
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_by_themselves_and_escaped() {
        assert_eq!(name("Müller & <b>Söhne</b>").0, "<bdi>Müller &amp; &lt;b&gt;Söhne&lt;/b&gt;</bdi>");
        assert_eq!(name("</script>\"'").0, "<bdi>&lt;/script&gt;&quot;'</bdi>");
        assert_eq!(isolated("שלום"), "\u{2068}שלום\u{2069}");
    }

    #[test]
    fn nothing_unseen_works_on_what_stands_beside_it() {
        assert_eq!(plain("a\u{0}b\u{7f}c\u{85}d\ne"), "a\u{fffd}b\u{fffd}c\u{fffd}d e");
        assert_eq!(plain("1\u{202e}2\u{2067}3\u{2069}\u{2069}4"), "1234");
        // What a script needs to be written right stays: joiners, marks, variation selectors.
        let whole = "👩‍👩‍👧 می‌خواهم \u{200f}שלום\u{fe0f}";
        assert_eq!(plain(whole), whole);
    }

    #[test]
    fn names_are_cut_where_nobody_reads_on() {
        let (fits, long) = ("é".repeat(160), "é".repeat(161));
        assert_eq!(plain(&fits), fits);
        assert_eq!(plain(&long), format!("{fits}…"));
        assert_eq!(plain(&"x".repeat(10_240)).chars().count(), 161);
        assert_eq!(sentence(&"x".repeat(900)).len(), 900);
    }
}
