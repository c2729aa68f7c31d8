//! Names that strangers may see: what is left of a customer's.

use std::ops::RangeInclusive;

use unicode_segmentation::UnicodeSegmentation;

/// What stands for the rest of a word, however long that is.
const REST: &str = "•••";
/// Most characters that make up a letter that is told: more are text that hides behind it.
const LETTER: usize = 8;
/// Characters that no reader sees, and that spell out texts.
const TAGS: RangeInclusive<char> = '\u{E0000}'..='\u{E0FFF}';

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
    let is_told = |letter: &&str| {
        let is_plain =
            letter.chars().count() <= LETTER && !letter.contains(|part: char| TAGS.contains(&part));
        letter.starts_with(char::is_alphanumeric) && is_plain
    };
    let shown = letters.next().filter(is_told);
    let is_longer = letters.any(|letter| letter.starts_with(char::is_alphanumeric));
    match shown {
        Some(letter) if is_longer => format!("{letter}{REST}"),
        _ => REST.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::masked;

    #[test]
    fn initials_are_left_of_names() {
        for (name, left) in [
            ("Anna Bauer", "A••• B•••"),
            ("Anna Maria von der Bauer", "A••• B•••"),
            ("  Anna   Bauer ", "A••• B•••"),
            ("Li", "L•••"),
            ("Xu Li", "X••• L•••"),
            ("ACME Trading GmbH", "A••• G•••"),
            ("O'Brien", "O•••"),
            ("3M Deutschland", "3••• D•••"),
            ("anna@example.com", "a•••"),
            ("C-000123", "C•••"),
            ("łukasz Żak", "ł••• Ż•••"),
        ] {
            assert_eq!(masked(name), left, "{name}");
        }
    }

    #[test]
    fn nothing_is_left_of_a_name_of_one_letter() {
        for name in [
            "",
            " ",
            "F",
            "F.",
            "(F)",
            "•",
            "–",
            "🦊",
            "👩🏽‍🚀",
            "é",
            "e\u{301}",
            "\u{202e}evil",
            "\u{200b}A",
            "\u{feff}B",
        ] {
            assert_eq!(masked(name), "•••", "{name:?}");
        }
        assert_eq!(masked("🦊 Fox"), "••• F•••");
        assert_eq!(masked("Ann B."), "A••• •••");
    }

    #[test]
    fn letters_stay_whole_in_any_script() {
        // Decomposed, and a cluster of four characters.
        assert_eq!(masked("e\u{301}mile Zola"), "e\u{301}••• Z•••");
        assert_eq!(masked("क्षितिज शर्मा"), "क्षि••• श•••");
        assert_eq!(masked("محمد علي"), "م••• ع•••");
        assert_eq!(masked("王小明"), "王•••");
        // What hides behind a letter is not told with it.
        assert_eq!(masked("A\u{E006E}\u{E006E}\u{E0061} Bauer"), "••• B•••");
        let marks = "\u{301}".repeat(200);
        assert_eq!(masked(&format!("A{marks}bc")), "•••");
    }

    proptest! {
        /// However long, a name leaves two short words at most, the same ones each time, and never itself.
        #[test]
        fn names_are_never_told(name in "\\PC{0,40}") {
            let left = masked(&name);
            prop_assert_eq!(&left, &masked(&name));
            prop_assert!(left.split(' ').count() <= 2);
            prop_assert!(left.split(' ').all(|word| word.ends_with("•••") && word.chars().count() <= 11));
            let letters = name.chars().filter(|letter| letter.is_alphanumeric()).count();
            let told = left.chars().filter(|letter| letter.is_alphanumeric()).count();
            prop_assert!(letters == 0 || told < letters || name.split_whitespace().count() > 2);
        }
    }
}
