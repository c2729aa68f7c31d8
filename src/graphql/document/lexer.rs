//! Tokens of a GraphQL document, without building anything: what bounds the parser's work is counted before it starts.

/// What a document's text is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Names, numbers, strings and punctuators.
    pub tokens: usize,
    /// Deepest nesting of braces, brackets and parentheses.
    pub nesting: usize,
}

/// Counts tokens, and stops counting once there are more than `most`.
pub fn measure(text: &str, most: usize) -> Extent {
    let mut extent = Extent::default();
    let mut open = 0_usize;
    for token in Tokens::of(text) {
        extent.tokens += 1;
        match token {
            "{" | "[" | "(" => {
                open += 1;
                extent.nesting = extent.nesting.max(open);
            }
            "}" | "]" | ")" => open = open.saturating_sub(1),
            _ => {}
        }
        if extent.tokens > most {
            break;
        }
    }
    extent
}

/// The document without what means nothing: two texts that differ in spaces, commas and comments alone are the same.
pub fn normalized(text: &str) -> String {
    Tokens::of(text).fold(String::with_capacity(text.len()), |mut whole, token| {
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole + token
    })
}

/// The tokens of a text. What is no GraphQL is cut into tokens too: refusing it is the parser's business.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text }
    }

    fn skip_ignored(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
            let Some(comment) = self.rest.strip_prefix('#') else { return };
            self.rest = comment.find(['\n', '\r']).map_or("", |end| &comment[end..]);
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.skip_ignored();
        let first = self.rest.chars().next()?;
        let length = if self.rest.starts_with("\"\"\"") {
            block_string(self.rest)
        } else if first == '"' {
            string(self.rest)
        } else if self.rest.starts_with("...") {
            3
        } else if is_word(first) {
            self.rest.find(|character| !is_word(character)).unwrap_or(self.rest.len())
        } else {
            first.len_utf8()
        };
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(token)
    }
}

/// Names and numbers; a number's sign and point are part of it.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '+' | '.')
}

/// Bytes up to the closing quote, or to the end of the line that it is missing on.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (place, character) in text.char_indices().skip(1) {
        match character {
            '\n' | '\r' => return place,
            '"' if !escaped => return place + 1,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    text.len()
}

/// Bytes up to the closing quotes; `\"""` does not close.
fn block_string(text: &str) -> usize {
    let mut place = 3;
    while let Some(found) = text[place..].find("\"\"\"") {
        let end = place + found + 3;
        if !text[..end - 3].ends_with('\\') {
            return end;
        }
        place = end;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        Tokens::of(text).collect()
    }

    #[test]
    fn every_kind_of_token_is_one() {
        let text = "query A($n: Int! = -1.5e+3) @skip(if: true) {\n a: b(x: [1, \"q\\\"}\" ], y: \"\"\" { \\\"\"\" \"\"\")\n ...F # {{{\r\n}";
        let told = [
            "query",
            "A",
            "(",
            "$",
            "n",
            ":",
            "Int",
            "!",
            "=",
            "-1.5e+3",
            ")",
            "@",
            "skip",
            "(",
            "if",
            ":",
            "true",
            ")",
            "{",
            "a",
            ":",
            "b",
            "(",
            "x",
            ":",
            "[",
            "1",
            "\"q\\\"}\"",
            "]",
            "y",
            ":",
            "\"\"\" { \\\"\"\" \"\"\"",
            ")",
            "...",
            "F",
            "}",
        ];
        assert_eq!(tokens(text), told);
        assert_eq!(measure(text, 1000), Extent { tokens: told.len(), nesting: 3 });
    }

    #[test]
    fn spaces_commas_and_comments_make_no_difference() {
        assert_eq!(normalized("{a,b}#x"), normalized("\u{feff}{\n  a # why\r\n  b\n}\n"));
        assert_ne!(normalized("{a b}"), normalized("{ab}"));
        assert_ne!(normalized("{a(x:\"1 2\")}"), normalized("{a(x:\"1  2\")}"));
    }

    #[test]
    fn text_that_is_no_document_ends_all_the_same() {
        for text in ["\"", "\"\"\"", "\"\\", "€{", "\u{0}", "...", "..", "\"a\nb"] {
            assert_eq!(tokens(text).concat().replace('\n', ""), text.replace('\n', ""), "{text:?}");
        }
        assert_eq!(measure(&"[".repeat(100), 10).tokens, 11);
    }
}
