//! A new password from whoever calls: asked for where there is a terminal, else from standard input. It is no flag, since
//! other users of a machine can read a command line.

use std::io::{BufRead, IsTerminal, Read};

use console::Term;

use super::Failure;
use crate::passwords::{MOST_BYTES, Password, PasswordHash};

/// What is to be kept of the password of the user with that address.
pub fn asked(address: &str, from_stdin: bool) -> Result<PasswordHash, Failure> {
    let text = if from_stdin { line()? } else { typed_twice()? };
    let password = Password::chosen(&text, address).map_err(|error| Failure::Refused(error.to_string()))?;
    password.hash().map_err(|error| Failure::Refused(error.to_string()))
}

/// The first line of standard input, without its end.
fn line() -> Result<String, Failure> {
    let mut line = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX) + 3;
    let read = std::io::stdin().lock().take(most).read_until(b'\n', &mut line);
    read.map_err(|error| Failure::Refused(format!("standard input cannot be read: {error}")))?;
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8(line.to_vec()).map_err(|_| Failure::Refused("the password is not UTF-8".to_owned()))
}

/// Asks at the terminal, which shows nothing of it, and asks again.
fn typed_twice() -> Result<String, Failure> {
    let terminal = Term::stderr();
    if !std::io::stdin().is_terminal() || !terminal.is_term() {
        return Err(Failure::Refused(
            "there is no terminal to ask for a password at; --password-stdin reads it from standard input"
                .to_owned(),
        ));
    }
    let ask = |words: &str| {
        let asked = terminal.write_str(words).and_then(|()| terminal.read_secure_line());
        asked.map_err(|error| Failure::Refused(format!("the terminal cannot be read: {error}")))
    };
    let (first, second) = (ask("New password: ")?, ask("Once more: ")?);
    if first == second { Ok(first) } else { Err(Failure::Refused("these are two passwords".to_owned())) }
}
