//! Names that strangers may see: what is left of a customer's.

use unicode_segmentation::UnicodeSegmentation;

/// What stands for the rest of a word, however long that is.
const REST: &str = "•••";
/// Most characters that make up a letter that is told: more are text that hides behind it.
const LETTER: usize = 8;

/// A name of which nothing but initials is left: `A••• B•••` for `Anna Maria Bauer`. The first and the last word are told,
/// each by its first letter; a word of a single letter, and one that begins with no letter or digit, by nothing.
pub(super) fn masked(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().map_or_else(|| REST.to_owned(), mask);
    match words.next_back() {
        Some(last) => format!("{first} {}", mask(last)),
        None => first,
    }
}

fn mask(word: &str) -> String {
    let mut letters = word.graphemes(true);
    let is_told =
        |letter: &&str| letter.starts_with(char::is_alphanumeric) && letter.chars().count() <= LETTER;
    let shown = letters.next().filter(is_told);
    let is_longer = letters.any(|letter| letter.starts_with(char::is_alphanumeric));
    match shown {
        Some(letter) if is_longer => format!("{letter}{REST}"),
        _ => REST.to_owned(),
    }
}
