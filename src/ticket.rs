//! Tickets: an organization's number and a random secret, as one text that opens something by itself. The database has
//! the secret's SHA-256 alone.

use std::fmt;

use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

use crate::principal::OrganizationId;

/// Random characters of a secret: 256 bits.
const SECRET: usize = 43;

/// Whose something is, and the proof that it was given out. Well formed, which says nothing about its being known.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    organization: OrganizationId,
    secret: String,
}

impl Ticket {
    /// A new one.
    pub fn generate(organization: OrganizationId) -> Self {
        Self { organization, secret: Alphanumeric.sample_string(&mut rand::rng(), SECRET) }
    }

    /// Reads one; nothing where the text is not as [`Ticket::reveal`] writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (organization, secret) = text.split_once('-')?;
        let is_secret = secret.len() == SECRET && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let key: i64 = organization.parse().ok()?;
        // Written in one way only.
        (is_secret && key.to_string() == organization)
            .then(|| Self { organization: OrganizationId(key), secret: secret.to_owned() })
    }

    /// The text that its bearer sends. Show it once.
    pub fn reveal(&self) -> String {
        format!("{}-{}", self.organization.0, self.secret)
    }

    /// Whose it is.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// What the database knows it by: the secret's SHA-256 in lower-case hex. No salt: there is nothing to guess in 256
    /// random bits, and a lookup by index leaks nothing about them.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.secret.as_bytes()))
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-[redacted]", self.organization.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_as_it_was_written_and_in_no_other_way() {
        let ticket = Ticket::generate(OrganizationId(12));
        let text = ticket.reveal();
        assert_eq!(Ticket::parse(&text), Some(ticket.clone()));
        assert_ne!(Ticket::generate(OrganizationId(12)), ticket);
        let secret = text.split_once('-').expect("a secret").1;
        for wrong in [
            String::new(),
            secret.to_owned(),
            format!("+12-{secret}"),
            format!("012-{secret}"),
            format!("12-{}", &secret[1..]),
            format!("12-{secret}x"),
            format!("12-{}é", &secret[2..]),
            format!(" {text}"),
            format!("99999999999999999999-{secret}"),
        ] {
            assert_eq!(Ticket::parse(&wrong), None, "{wrong}");
        }
        assert_eq!(format!("{ticket:?}"), "12-[redacted]");
        assert!(ticket.hash().len() == 64 && !ticket.hash().contains(secret));
    }
}
