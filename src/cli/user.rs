//! `user`: makes and lists people who may sign in, changes their passwords, and ends their sessions.

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use sea_orm::DatabaseConnection;

use super::flags::CommonFlags;
use super::key::{named, parse_scopes};
use super::{Failure, note, open, password, print_line};
use crate::clock::Clock;
use crate::passwords::PasswordHash;
use crate::principal::Role;
use crate::sessions::{self, Lifespan, Session};
use crate::users::{self, Email, NewUser, User};

/// Flags of `user`.
#[derive(Clone, Debug, Args)]
pub struct UserFlags {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Makes a user, with a password that is asked for or read from standard input
    #[command(after_help = ADD_EXAMPLES)]
    Add(AddFlags),
    /// Lists an organization's users: number, address, state, role, scopes, made, signed in last, name
    List(ListFlags),
    /// Gives a user another password and ends their sessions
    #[command(after_help = SET_PASSWORD_EXAMPLES)]
    SetPassword(PasswordFlags),
    /// Shuts an account and ends its sessions
    Disable(OneFlags),
    /// Opens an account again
    Enable(OneFlags),
    /// Lists a user's sessions: began, used last, ends
    Sessions(OneFlags),
    /// Ends a user's sessions, on every server
    SignOut(OneFlags),
}

#[derive(Clone, Debug, Args)]
struct AddFlags {
    /// Whose data they see
    #[arg(long, value_name = "ID")]
    org: String,
    /// The e-mail address that they sign in with; no two users have the same
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Display name [default: the address]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Their role; `Admin` holds every permission within its organization
    #[arg(long, value_name = "ROLE", required_unless_present = "scope")]
    role: Option<String>,
    /// What they may do besides: reports:read, data:write, dashboards:write, shares:write; may be repeated
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Debug, Args)]
struct ListFlags {
    /// Whose users
    #[arg(long, value_name = "ID")]
    org: String,
}

#[derive(Clone, Debug, Args)]
struct PasswordFlags {
    #[command(flatten)]
    one: OneFlags,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Debug, Args)]
struct OneFlags {
    /// The e-mail address that they sign in with
    #[arg(long, value_name = "ADDRESS")]
    email: String,
}

const ADD_EXAMPLES: &str = "\
A password has at least 12 characters, 5 of them different, and at most 1024 bytes; any text without control characters.

Examples:
  countinghouse user add --org acme --email ada@acme.example --role Admin
  pass show acme/ada | countinghouse user add --org acme --email ada@acme.example --role Admin --password-stdin";

const SET_PASSWORD_EXAMPLES: &str = "\
Example:
  countinghouse user set-password --email ada@acme.example";

/// Longest display name and role, in characters.
const LONGEST_NAME: usize = 200;

/// Runs `user`.
pub async fn run(common: &CommonFlags, flags: UserFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    let now = Clock::System.now();
    match flags.action {
        Action::Add(flags) => {
            let from_stdin = flags.password_stdin;
            let draft = Draft::read(flags)?;
            let db = open(&settings).await?;
            draft.add(&db, from_stdin, now).await?;
        }
        Action::List(flags) => {
            let db = open(&settings).await?;
            for user in users::list(&db, named(&db, &flags.org).await?.id).await? {
                print_line(&row(&user));
            }
        }
        Action::SetPassword(flags) => {
            let db = open(&settings).await?;
            let user = sought(&db, &flags.one).await?;
            let hash = password::asked(&user.email, flags.password_stdin)?;
            users::set_password(&db, &user, &hash).await?;
            note(&format!("{} has a new password, and is signed in nowhere", user.email));
        }
        Action::Disable(flags) => {
            let db = open(&settings).await?;
            let user = sought(&db, &flags).await?;
            users::disable(&db, &user, now).await?;
            note(&format!("{} may not sign in any more, and is signed in nowhere", user.email));
        }
        Action::Enable(flags) => {
            let db = open(&settings).await?;
            let user = sought(&db, &flags).await?;
            users::enable(&db, &user).await?;
            note(&format!("{} may sign in again", user.email));
        }
        Action::Sessions(flags) => {
            let db = open(&settings).await?;
            let user = sought(&db, &flags).await?;
            for session in sessions::list(&db, user.organization, user.id).await? {
                if !session.is_over(now, settings.sessions) {
                    print_line(&session_row(&session, settings.sessions));
                }
            }
        }
        Action::SignOut(flags) => {
            let db = open(&settings).await?;
            let user = sought(&db, &flags).await?;
            let ended = sessions::end_all(&db, user.organization, user.id).await?;
            note(&format!("{}: {ended} sessions ended", user.email));
        }
    }
    Ok(())
}

/// A new user as the flags have them.
struct Draft {
    org: String,
    email: Email,
    name: String,
    role: String,
    scopes: std::collections::BTreeSet<crate::principal::Scope>,
}

impl Draft {
    fn read(flags: AddFlags) -> Result<Self, Failure> {
        let email = address(&flags.email)?;
        let role = flags.role.unwrap_or_default();
        if role != Role::ADMIN && role.eq_ignore_ascii_case(Role::ADMIN) {
            return Err(Failure::Refused(
                "--role: the role that holds every permission is called `Admin`".to_owned(),
            ));
        }
        let name = flags.name.unwrap_or_else(|| email.as_str().to_owned());
        for (flag, text) in [("--name", &name), ("--role", &role)] {
            if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
                let words = format!("{flag}: expected a text of one line, at most {LONGEST_NAME} characters");
                return Err(Failure::Refused(words));
            }
        }
        Ok(Self { org: flags.org, email, name, role, scopes: parse_scopes(&flags.scope)? })
    }

    async fn add(self, db: &DatabaseConnection, from_stdin: bool, now: DateTime<Utc>) -> Result<(), Failure> {
        let taken = || Failure::Refused(format!("--email: {} is somebody's already", self.email));
        let organization = named(db, &self.org).await?;
        // Before anybody is asked for a password.
        if users::find(db, &self.email).await?.is_some() {
            return Err(taken());
        }
        let password: PasswordHash = password::asked(self.email.as_str(), from_stdin)?;
        let new = NewUser {
            organization: organization.id,
            email: self.email.clone(),
            name: self.name.clone(),
            role: self.role.clone(),
            scopes: self.scopes.clone(),
            password,
        };
        let id = users::add(db, &new, now).await?.ok_or_else(taken)?;
        note(&format!("user {id} of `{}`: {}", organization.external_id, self.email));
        Ok(())
    }
}

fn address(text: &str) -> Result<Email, Failure> {
    Email::parse(text).map_err(|error| Failure::Refused(format!("--email: {error}")))
}

async fn sought(db: &DatabaseConnection, flags: &OneFlags) -> Result<User, Failure> {
    let email = address(&flags.email)?;
    let found = users::find(db, &email).await?;
    found.ok_or_else(|| Failure::Refused(format!("there is no user {email}")))
}

fn row(user: &User) -> String {
    let scopes: Vec<&str> = user.scopes.iter().map(|scope| scope.name()).collect();
    let state = if user.disabled_at.is_some() { "disabled" } else { "active" };
    [
        user.id.to_string(),
        user.email.clone(),
        state.to_owned(),
        user.role.clone(),
        scopes.join(","),
        time(user.created_at),
        user.signed_in_at.map_or_else(|| "never".to_owned(), time),
        user.name.clone(),
    ]
    .join("\t")
}

fn session_row(session: &Session, lifespan: Lifespan) -> String {
    let ends = session.expires_at.min(session.last_used_at + lifespan.idle);
    [time(session.created_at), time(session.last_used_at), time(ends)].join("\t")
}

fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
