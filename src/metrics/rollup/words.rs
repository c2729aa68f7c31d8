//! Keys as small numbers, so that facts and rows are told apart by numbers alone.

use std::cmp::Ordering;
use std::sync::Arc;

use super::FastMap;
use super::route::Key;

/// A key among those of its dimension: itself, or the number of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Small {
    /// There is none.
    None,
    /// As tables hold it.
    Number(i64),
    /// A text's number.
    Word(u32),
}

/// Texts by small numbers.
#[derive(Debug, Default)]
pub struct Words {
    numbers: FastMap<Arc<str>, u32>,
    words: Vec<Arc<str>>,
}

impl Words {
    /// The number of a text, which it keeps.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let (number, word) = (u32::try_from(self.words.len()).unwrap_or(u32::MAX), Arc::<str>::from(word));
        self.words.push(Arc::clone(&word));
        self.numbers.insert(word, number);
        number
    }

    /// The text of a number.
    pub fn get(&self, number: u32) -> Option<&Arc<str>> {
        self.words.get(usize::try_from(number).ok()?)
    }

    /// A key as it is.
    pub fn key(&self, small: Small) -> Key {
        match small {
            Small::None => Key::None,
            Small::Number(number) => Key::Number(number),
            Small::Word(number) => self.get(number).map_or(Key::None, |word| Key::Text(Arc::clone(word))),
        }
    }

    /// Keys in the order of blocks: none, numbers, texts.
    pub fn order(&self, one: Small, other: Small) -> Ordering {
        match (one, other) {
            (Small::Number(one), Small::Number(other)) => one.cmp(&other),
            (Small::Word(one), Small::Word(other)) => self.get(one).cmp(&self.get(other)),
            _ => rank(one).cmp(&rank(other)),
        }
    }
}

fn rank(small: Small) -> u8 {
    match small {
        Small::None => 0,
        Small::Number(_) => 1,
        Small::Word(_) => 2,
    }
}
