//! The door: an address and a password become a session, or a refusal that says no more than it must.

use std::net::IpAddr;

use axum::http::{Extensions, HeaderMap};
use chrono::Duration;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tracing::{Instrument, Span};

use crate::attempts::{Attempt, Counted, Turn};
use crate::clock::Clock;
use crate::config::{Network, Settings};
use crate::database;
use crate::fault::Fault;
use crate::http::auth::Credentials;
use crate::http::auth::cookie::Cookie;
use crate::http::auth::site::Site;
use crate::http::client;
use crate::organizations;
use crate::passwords::{Checker, Password, Unchecked, Verdict};
use crate::principal::Organization;
use crate::sessions::{self, Lifespan, Session};
use crate::telemetry::Instruments;
use crate::ticket::Ticket;
use crate::users::{self, Email, User};

/// What lets people in.
#[derive(Clone)]
pub struct Door {
    db: DatabaseConnection,
    clock: Clock,
    credentials: Credentials,
    checker: Checker,
    instruments: Instruments,
    trusted: Vec<Network>,
    /// The server as browsers see it.
    pub site: Site,
    /// How long sessions last.
    pub lifespan: Lifespan,
}

/// Who was let in.
pub struct Entered {
    /// What their cookie is to hold.
    pub ticket: Ticket,
    /// Their session.
    pub session: Session,
    /// Who they are.
    pub user: User,
    /// What they see.
    pub organization: Organization,
}

/// Why somebody was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotIn {
    /// There is no such account, its password is another one, or it is shut: which of them is not said.
    Wrong,
    /// There were too many attempts; one more may be made after so long.
    Wait(Duration),
    /// It cannot be told.
    Fault(Fault),
}

impl From<DbErr> for NotIn {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

/// Somebody before the door.
struct Caller {
    email: Email,
    password: Password,
    address: Option<IpAddr>,
    /// The session that they had, known or not.
    former: Option<Ticket>,
}

impl Door {
    /// Of the accounts in `db`, as `settings` say; `credentials` are told what ends.
    pub fn new(
        settings: &Settings,
        db: DatabaseConnection,
        clock: Clock,
        credentials: Credentials,
        instruments: &Instruments,
    ) -> Self {
        Self {
            db,
            clock,
            credentials,
            checker: Checker::new(instruments),
            instruments: instruments.clone(),
            trusted: settings.site.trusted_proxies.clone(),
            site: Site::new(&settings.site),
            lifespan: settings.sessions,
        }
    }

    /// What opens requests.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Lets in who knows the password of an account, with a session that is always a new one: the one that they had ends.
    pub async fn enter(
        &self,
        email: Email,
        password: Password,
        extensions: &Extensions,
        headers: &HeaderMap,
    ) -> Result<Entered, NotIn> {
        let address = client::address(&self.trusted, extensions, headers);
        let former = Cookie::Session.sent(&self.site, headers).ok().flatten().and_then(Ticket::parse);
        let caller = Caller { email, password, address, former: former.clone() };
        let door = self.clone();
        // In a task of its own: who leaves does not cut a statement short on its connection.
        let entering = tokio::spawn(async move { door.let_in(caller).await }.instrument(Span::current()));
        let entered =
            entering.await.unwrap_or_else(|error| Err(NotIn::Fault(Fault::Internal(error.to_string()))));
        if let (Ok(_), Some(former)) = (&entered, former) {
            self.credentials.forget(&former).await;
        }
        self.tell(&entered, address);
        entered
    }

    async fn let_in(&self, caller: Caller) -> Result<Entered, NotIn> {
        let now = self.clock.now();
        let attempt = Attempt::new(caller.email.clone(), caller.address);
        let counted = match attempt.begin(&self.db, now).await? {
            Turn::Granted(counted) => counted,
            Turn::Wait(time) => return Err(NotIn::Wait(time)),
        };
        let user = users::find(&self.db, &caller.email).await?;
        let kept = user.as_ref().and_then(|user| user.password.clone());
        // Whether there is such a user makes no difference up to here, nor in what this costs.
        let verdict = self.checker.check(caller.password, kept).await.map_err(|error| match error {
            Unchecked::Busy => NotIn::Fault(Fault::busy()),
            Unchecked::Failed(error) => NotIn::Fault(Fault::Internal(error.to_string())),
        })?;
        let (Some(user), Verdict::Right(stronger)) = (user, verdict) else { return Err(NotIn::Wrong) };
        let organization = organizations::find_by_key(&self.db, user.organization).await?;
        let organization = organization.ok_or(NotIn::Wrong)?;
        sessions::forget(&self.db, user.organization, now, self.lifespan).await?;
        let transaction = database::begin(&self.db, None).await?;
        if !users::sign_in(&transaction, &user, stronger.as_ref(), now).await? {
            return Err(NotIn::Wrong);
        }
        let begun = self.begin(&transaction, &user, caller.former.as_ref(), &counted).await?;
        transaction.commit().await?;
        let (ticket, session) = begun;
        Ok(Entered { ticket, session, user, organization })
    }

    async fn begin(
        &self,
        transaction: &impl ConnectionTrait,
        user: &User,
        former: Option<&Ticket>,
        counted: &Counted,
    ) -> Result<(Ticket, Session), DbErr> {
        let now = self.clock.now();
        if let Some(former) = former {
            sessions::end(transaction, former).await?;
        }
        counted.give_back(transaction, now).await?;
        let ticket = Ticket::generate(user.organization);
        let session = sessions::begin(transaction, &ticket, user.id, now, self.lifespan).await?;
        Ok((ticket, session))
    }

    /// Counts and logs what became of it, without the address and the password that were typed.
    fn tell(&self, entered: &Result<Entered, NotIn>, address: Option<IpAddr>) {
        let client = address.map(tracing::field::display);
        let outcome = match entered {
            Ok(Entered { user, organization, .. }) => {
                Span::current().record("organization", organization.external_id.as_str());
                tracing::info!(user = user.id, client, "signed in");
                "in"
            }
            Err(NotIn::Wrong) => {
                tracing::warn!(client, "no sign-in: the address or the password is wrong");
                "wrong"
            }
            Err(NotIn::Wait(_)) => {
                tracing::warn!(client, "no sign-in: too many attempts");
                "limited"
            }
            Err(NotIn::Fault(_)) => "failed",
        };
        self.instruments.tried_to_sign_in(outcome);
    }
}
