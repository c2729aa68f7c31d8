//! Text that others wrote, made harmless for a chat: Discord reads markup in it, and takes so much of it and no more.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::pages;

/// Most of a name that is shown: escaped, it fits wherever it stands.
const LONGEST: usize = 100;
/// What starts something in Discord's markup, and the slashes of addresses, which are links without any.
const MARKUP: &str = "\\*_~`|<>[]()#@/";

/// A name of bearable length in which nothing is markup: no link, no mention, no heading.
pub fn name(text: &str) -> String {
    escaped(&cut(&pages::text::plain(text), LONGEST))
}

/// Text in which nothing is markup.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if MARKUP.contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// A name within a block of code, where nothing can be escaped and nothing but its end is markup.
pub fn in_code(text: &str, most: usize) -> String {
    cut(&pages::text::plain(text), most).replace('`', "'")
}

/// The beginning of a text that is longer than Discord takes. It counts UTF-16, as browsers do; letters stay whole.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    let length = |text: &str| text.encode_utf16().count();
    if length(text) <= most {
        return Cow::Borrowed(text);
    }
    let mut left = most.saturating_sub(1);
    let fitting = text.graphemes(true).take_while(|letter| {
        let fits = length(letter) <= left;
        left = left.saturating_sub(length(letter));
        fits
    });
    Cow::Owned(fitting.chain(["…"]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_others_wrote_is_markup() {
        for (text, shown) in [
            ("Müller, Söhne & Co.", "Müller, Söhne & Co."),
            ("**bold** _it_ ~~no~~", r"\*\*bold\*\* \_it\_ \~\~no\~\~"),
            ("@everyone <@1> <#2>", r"\@everyone \<\@1\> \<\#2\>"),
            ("[free](https://evil.example)", r"\[free\]\(https:\/\/evil.example\)"),
            ("`x` ||y|| \\", r"\`x\` \|\|y\|\| \\"),
            ("# a\n- b\n> c", r"\# a - b \> c"),
            ("a\u{202e}b\u{0}", "ab\u{fffd}"),
        ] {
            assert_eq!(name(text), shown, "{text}");
        }
        assert_eq!(in_code("a```b", 20), "a'''b");
    }

    #[test]
    fn what_is_too_long_is_cut_between_letters() {
        assert_eq!(cut("four", 4), "four");
        assert_eq!(cut("fours", 4), "fou…");
        // Two units each, and a family of eleven.
        assert_eq!(cut("😀😀😀", 6), "😀😀😀");
        assert_eq!(cut("😀😀😀", 5), "😀😀…");
        assert_eq!(cut("a👨‍👩‍👧‍👦b", 12), "a…");
        assert_eq!(cut("ab", 1), "…");
        // The longest name, all of it escaped.
        assert_eq!(name(&"*".repeat(500)).encode_utf16().count(), 199);
    }
}
