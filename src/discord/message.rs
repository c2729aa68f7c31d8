//! A message as Discord takes it.

use serde::Serialize;

use super::embed::Embed;
use super::text::cut;

/// Only whoever asked sees it.
const EPHEMERAL: u32 = 1 << 6;
/// Most of a message's text.
const LONGEST: usize = 2000;

/// What is said in the chat. Nobody is called by it, whatever stands in it.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    embeds: Vec<Embed>,
    allowed_mentions: Mentions,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u32>,
}

/// Whom a message calls.
#[derive(Clone, Debug, Default, Serialize)]
struct Mentions {
    /// Kinds of mentions that call: none.
    parse: [(); 0],
}

impl Message {
    /// A report.
    pub fn report(embed: Embed) -> Self {
        Self { content: None, embeds: vec![embed], allowed_mentions: Mentions::default(), flags: None }
    }

    /// Why there is none, for whoever asked alone.
    pub fn refusal(words: &str) -> Self {
        let content = Some(cut(words, LONGEST).into_owned());
        Self { content, embeds: Vec::new(), allowed_mentions: Mentions::default(), flags: Some(EPHEMERAL) }
    }

    /// The same in the place of one that all see already.
    #[must_use]
    pub fn for_all(self) -> Self {
        Self { flags: None, ..self }
    }
}

/// An answer to an interaction.
#[derive(Clone, Debug, Serialize)]
pub struct Reply {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Message>,
}

impl Reply {
    /// Somebody is there.
    pub const PONG: Self = Self { kind: 1, data: None };
    /// The answer follows.
    pub const DEFERRED: Self = Self { kind: 5, data: None };

    /// A message.
    pub fn message(message: Message) -> Self {
        Self { kind: 4, data: Some(message) }
    }
}
