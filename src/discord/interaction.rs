//! What Discord sends: the parts that are read. What else it says, now or in time to come, is passed over.

use serde::Deserialize;
use serde_json::Value;

use crate::guilds::Snowflake;

/// Discord asks whether somebody is there.
const PING: u64 = 1;
/// Somebody typed a command.
const COMMAND: u64 = 2;
/// Holder of every permission of a server.
const ADMINISTRATOR: u128 = 1 << 3;

/// A request of Discord's.
#[derive(Clone, Debug)]
pub enum Interaction {
    /// Discord asks whether somebody is there.
    Ping,
    /// Somebody typed a command.
    Command(Box<Command>),
}

/// A command that somebody typed.
#[derive(Clone, Debug, Deserialize)]
pub struct Command {
    /// What its answer is known by for a quarter of an hour.
    pub token: String,
    /// The application that it was typed for.
    pub application_id: Snowflake,
    /// The server that it was typed in; none in a direct message.
    pub guild_id: Option<Snowflake>,
    /// The language of the server.
    pub guild_locale: Option<String>,
    /// Who typed it, as a member of the server.
    pub member: Option<Member>,
    /// What they typed.
    pub data: Typed,
}

/// Somebody in a server.
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    /// Their roles; that of everybody, whose number is the server's, is not among them.
    pub roles: Vec<Snowflake>,
    /// What they may do where they are, a bit each.
    pub permissions: String,
}

impl Member {
    /// Whether they hold every permission of the server, as its owner does.
    pub fn is_administrator(&self) -> bool {
        self.permissions.parse::<u128>().is_ok_and(|bits| bits & ADMINISTRATOR != 0)
    }
}

/// A command's name, and what was given to it.
#[derive(Clone, Debug, Deserialize)]
pub struct Typed {
    /// Its name.
    pub name: String,
    /// What was given to it.
    #[serde(default)]
    pub options: Vec<Given>,
}

/// A value with its name, or a command below the command with values of its own.
#[derive(Clone, Debug, Deserialize)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// What was given.
    pub value: Option<Value>,
    /// Of a command below the command.
    #[serde(default)]
    pub options: Vec<Given>,
}

/// Reads the body of a request that Discord signed; says what else was expected.
pub fn read(body: &[u8]) -> Result<Interaction, String> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: u64,
    }
    let no_interaction = |error: serde_json::Error| format!("the body is no interaction: {error}");
    let Kind { kind } = serde_json::from_slice(body).map_err(no_interaction)?;
    match kind {
        PING => Ok(Interaction::Ping),
        COMMAND => serde_json::from_slice(body).map(Interaction::Command).map_err(no_interaction),
        other => Err(format!("expected a ping (1) or a command (2), not an interaction of type {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_are_known_by_their_bit() {
        for (permissions, is_administrator) in [
            ("8", true),
            ("2147483656", true),
            ("562949953421311", true),
            ("340282366920938463463374607431768211455", true),
            ("0", false),
            ("32", false),
            ("-8", false),
            ("", false),
            ("8.0", false),
            ("all", false),
        ] {
            let member = Member { roles: Vec::new(), permissions: permissions.to_owned() };
            assert_eq!(member.is_administrator(), is_administrator, "{permissions}");
        }
    }
}
