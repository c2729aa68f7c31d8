//! Passwords: what may be one, and the argon2id hashes that are kept of them. It knows no users.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::telemetry::Instruments;

/// Fewest characters of a new password.
pub const FEWEST: usize = 12;
/// Most bytes of a password: longer ones are not even looked at.
pub const MOST_BYTES: usize = 1024;
/// Fewest characters of a new password that are not the same.
const FEWEST_DIFFERENT: usize = 5;

/// What a hash costs, as OWASP asks at least: KiB of memory, and passes over it. Raise them, and each password is hashed
/// anew when its user signs in the next time.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Most passwords that are hashed at once: each takes a core, and its memory.
const MOST_AT_ONCE: usize = 4;
/// How long one may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// A password as somebody typed it, in the one form that it has whatever the keyboard: blanks are U+0020, and letters are
/// composed (NFC), as RFC 8265's `OpaqueString` has it. Case and blanks at the ends count.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text may not be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// More than [`MOST_BYTES`].
    #[error("a password has at most {MOST_BYTES} bytes")]
    TooLong,
    /// Fewer than [`FEWEST`] characters.
    #[error(
        "a password needs at least {FEWEST} characters, such as four words that have nothing to do with each other"
    )]
    TooShort,
    /// Control characters, or bytes that are no text.
    #[error("a password is text without control characters")]
    NoText,
    /// Few characters, over and over.
    #[error("a password needs at least {FEWEST_DIFFERENT} different characters")]
    TooUniform,
    /// Its user's own address.
    #[error("a password may not be the e-mail address")]
    TheAddress,
}

impl Password {
    /// Whatever somebody typed, to be compared with what is kept.
    pub fn typed(text: &str) -> Result<Self, Unfit> {
        if text.len() > MOST_BYTES {
            return Err(Unfit::TooLong);
        }
        let plain = text.chars().map(|character| if is_blank(character) { ' ' } else { character });
        Ok(Self(plain.nfc().collect()))
    }

    /// A new password of the user with that address.
    pub fn chosen(text: &str, address: &str) -> Result<Self, Unfit> {
        let password = Self::typed(text)?;
        let characters: Vec<char> = password.0.chars().collect();
        let mut different = characters.clone();
        different.sort_unstable();
        different.dedup();
        // Bytes that were no text were read as this mark.
        if characters.iter().any(|character| character.is_control() || *character == '\u{fffd}') {
            return Err(Unfit::NoText);
        }
        if characters.len() < FEWEST {
            return Err(Unfit::TooShort);
        }
        if different.len() < FEWEST_DIFFERENT {
            return Err(Unfit::TooUniform);
        }
        if password.0.to_lowercase() == address.to_lowercase() {
            return Err(Unfit::TheAddress);
        }
        Ok(password)
    }

    /// Its hash, with a salt of its own. Takes a core for some tens of milliseconds.
    pub fn hash(&self) -> Result<PasswordHash, HashingFailed> {
        let hash: phc::PasswordHash =
            argon2id()?.hash_password(self.0.as_bytes()).map_err(|error| HashingFailed(error.to_string()))?;
        Ok(PasswordHash(hash.to_string()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Unicode's blanks besides U+0020.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// What is kept of a password: algorithm, costs, salt and hash, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// As the database holds it.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// For the database.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A password could not be hashed. Our mistake, or no memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub struct HashingFailed(String);

/// What a password came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the one.
    Wrong,
    /// It is. Where what is kept costs too little by now, with a hash to keep instead.
    Right(Option<PasswordHash>),
}

/// Why a password could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unchecked {
    /// Too many others are before it.
    #[error("too many passwords are being checked")]
    Busy,
    /// It could not be hashed.
    #[error(transparent)]
    Failed(#[from] HashingFailed),
}

/// Checks passwords beside the threads that answer requests, a few at once.
#[derive(Clone)]
pub struct Checker {
    turns: Arc<Semaphore>,
    instruments: Instruments,
}

impl Checker {
    /// Counts there what it checks.
    pub fn new(instruments: &Instruments) -> Self {
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new(cores.min(MOST_AT_ONCE))), instruments: instruments.clone() }
    }

    /// Compares a password with what is kept of an account's. Where nothing is kept the work is the same, and it is wrong.
    pub async fn check(&self, password: Password, kept: Option<PasswordHash>) -> Result<Verdict, Unchecked> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else { return Err(Unchecked::Busy) };
        self.instruments.password_checked();
        let checking = tokio::task::spawn_blocking(move || {
            // The turn is over when the memory is free, also where nobody waits any more.
            let _turn = turn;
            compare(&password, kept.as_ref())
        });
        let verdict = checking.await.map_err(|error| HashingFailed(error.to_string()))?;
        Ok(verdict?)
    }
}

fn compare(password: &Password, kept: Option<&PasswordHash>) -> Result<Verdict, HashingFailed> {
    let failed = |error: &dyn fmt::Display| HashingFailed(error.to_string());
    let text = kept.map_or(NOBODYS.as_str(), PasswordHash::reveal);
    let hash = phc::PasswordHash::new(text).map_err(|error| failed(&error))?;
    let is_right = argon2id()?.verify_password(password.0.as_bytes(), &hash).is_ok();
    if !is_right || kept.is_none() {
        return Ok(Verdict::Wrong);
    }
    let costs = Params::try_from(&hash).map_err(|error| failed(&error))?;
    let is_weak =
        hash.algorithm != Algorithm::Argon2id.ident() || costs.m_cost() < MEMORY || costs.t_cost() < PASSES;
    Ok(Verdict::Right(if is_weak { Some(password.hash()?) } else { None }))
}

/// What passwords are compared with where there is none to compare with: a hash of the same costs, of no password.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    let nothing = ["A".repeat(22), "A".repeat(43)];
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${}", nothing.join("$"))
});

fn argon2id() -> Result<Argon2<'static>, HashingFailed> {
    let costs = Params::new(MEMORY, PASSES, LANES, None).map_err(|error| HashingFailed(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, costs))
}

#[cfg(test)]
mod tests;
