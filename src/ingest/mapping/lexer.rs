//! A mapping's expression as words: names, texts, numbers, signs.

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A column or function; in backticks, a column whatever its letters.
    Name(String),
    /// A column in backticks.
    Quoted(String),
    /// A text in quotes.
    Text(String),
    /// A plain number.
    Number(String),
    /// An operator, comma or parenthesis.
    Sign(&'static str),
    /// The end.
    End,
}

/// What is wrong with an expression, and where: counted in characters from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misspelt {
    /// The place.
    pub position: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Signs, longer ones first.
const SIGNS: [&str; 14] = ["<=", ">=", "!=", "<>", "(", ")", ",", "+", "-", "*", "/", "=", "<", ">"];

/// Longest expression.
const LONGEST: usize = 10_000;

/// The words of an expression, each with its position.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Misspelt> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() > LONGEST {
        return Err(Misspelt {
            position: LONGEST,
            reason: "the expression is longer than 10000 letters".to_owned(),
        });
    }
    let mut tokens = Vec::new();
    let mut place = 0;
    while let Some(character) = characters.get(place) {
        if character.is_whitespace() {
            place += 1;
            continue;
        }
        let (token, length) =
            token(&characters[place..]).map_err(|reason| Misspelt { position: place + 1, reason })?;
        tokens.push((token, place + 1));
        place += length;
    }
    tokens.push((Token::End, characters.len() + 1));
    Ok(tokens)
}

/// The first word, and how many characters it takes.
fn token(rest: &[char]) -> Result<(Token, usize), String> {
    let run = |is_part: fn(char) -> bool| rest.iter().take_while(|character| is_part(**character)).count();
    let part = |length: usize| rest[..length].iter().collect::<String>();
    match rest[0] {
        quote @ ('\'' | '"' | '`') => {
            let (text, length) = quoted(rest, quote)?;
            Ok((if quote == '`' { Token::Quoted(text) } else { Token::Text(text) }, length))
        }
        character if character.is_alphabetic() || character == '_' => {
            let length = run(|character| character.is_alphanumeric() || character == '_');
            Ok((Token::Name(part(length)), length))
        }
        character if character.is_ascii_digit() => {
            let length = run(|character| character.is_ascii_digit() || character == '.');
            Ok((Token::Number(part(length)), length))
        }
        character => SIGNS
            .into_iter()
            .find(|sign| rest.len() >= sign.len() && part(sign.len()) == *sign)
            .map(|sign| (Token::Sign(sign), sign.len()))
            .ok_or_else(|| format!("`{character}` means nothing here")),
    }
}

/// A text in quotes; the quote itself is written twice.
fn quoted(rest: &[char], quote: char) -> Result<(String, usize), String> {
    let mut text = String::new();
    let mut place = 1;
    loop {
        match (rest.get(place), rest.get(place + 1)) {
            (None, _) => return Err(format!("the {quote} is never closed")),
            (Some(one), Some(two)) if *one == quote && *two == quote => {
                text.push(quote);
                place += 2;
            }
            (Some(one), _) if *one == quote => return Ok((text, place + 1)),
            (Some(one), _) => {
                text.push(*one);
                place += 1;
            }
        }
    }
}
