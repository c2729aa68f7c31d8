//! The one credential layer: a request's token, key or session becomes a principal, or a refusal, among its extensions.
//!
//! It never answers by itself: how a refusal looks is each API's.

mod bearer;
mod claims;
pub mod cookie;
pub mod csrf;
mod fetch;
pub mod json;
mod jwks;
pub mod jws;
pub mod jwt;
pub mod keys;
mod principals;
mod proof;
mod recent;
mod rsa;
pub mod site;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;
use tracing::Span;

use self::bearer::Shown;
use self::cookie::Cookie;
use self::jwt::Verifier;
pub use self::principals::KnownSession;
use self::principals::Principals;
pub use self::proof::STRANGER;
use self::site::Site;
use super::readiness::Readiness;
use crate::api_keys::{ApiKey, KeyState};
use crate::clock::Clock;
use crate::graphql::Gate;
use crate::principal::{Access, CredentialKind, Principal, Refusal};
use crate::sessions::Lifespan;
use crate::telemetry::Instruments;
use crate::ticket::Ticket;

/// How long a credential may wait for the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// What credentials are checked against.
#[derive(Clone)]
pub struct Credentials {
    principals: Principals,
    clock: Clock,
    verifier: Option<Arc<Verifier>>,
    readiness: Readiness,
    sessions: Option<Sessions>,
}

/// Whose cookies open something, and for how long.
#[derive(Clone)]
struct Sessions {
    site: Site,
    lifespan: Lifespan,
}

/// The session that a request came with; among its extensions where that opened it.
#[derive(Clone)]
pub struct SignedIn {
    /// What the cookie holds.
    pub ticket: Ticket,
    /// What is known of it.
    pub known: Arc<KnownSession>,
}

/// Marks an answer to a request that a cookie opened.
#[derive(Clone, Copy, Debug)]
pub struct ForSession;

/// Who asks, and whether by a session.
struct Identified {
    principal: Arc<Principal>,
    session: Option<SignedIn>,
}

impl Credentials {
    /// Checks against the keys and organizations of `db`, and tokens by `verifier`, if there is one.
    pub fn new(
        db: DatabaseConnection,
        clock: Clock,
        verifier: Option<Arc<Verifier>>,
        readiness: Readiness,
    ) -> Self {
        Self { principals: Principals::new(db), clock, verifier, readiness, sessions: None }
    }

    /// Checks against sessions as well: those whose cookie is that of `site`, for as long as `lifespan` says.
    #[must_use]
    pub fn with_sessions(self, site: Site, lifespan: Lifespan) -> Self {
        Self { sessions: Some(Sessions { site, lifespan }), ..self }
    }

    /// Counts there how often the database need not be asked.
    #[must_use]
    pub fn counted_by(self, instruments: &Instruments) -> Self {
        Self { principals: self.principals.counted_by(instruments.credentials()), ..self }
    }

    /// Who asks, by the request's headers.
    pub async fn access(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Refusal> {
        self.identify(headers).await.map(|identified| identified.principal)
    }

    async fn identify(&self, headers: &HeaderMap) -> Result<Identified, Refusal> {
        if !self.readiness.schema_is_current().await {
            return Err(Refusal::Unavailable);
        }
        let shown = match bearer::shown(headers) {
            // A browser sends its cookie along whatever else is shown: it counts where nothing is.
            Err(Refusal::Missing) => None,
            shown => Some(shown?),
        };
        let check = async {
            let principal = match shown {
                Some(Shown::Token(token)) => self.of_token(token).await?,
                Some(Shown::Key(key)) => self.of_key(key).await?,
                None => {
                    let session = self.of_cookie(headers).await?;
                    let principal = Arc::clone(&session.known.principal);
                    return Ok(Identified { principal, session: Some(session) });
                }
            };
            Ok(Identified { principal, session: None })
        };
        tokio::time::timeout(PATIENCE, check).await.unwrap_or(Err(Refusal::Unavailable))
    }

    async fn of_cookie(&self, headers: &HeaderMap) -> Result<SignedIn, Refusal> {
        let invalid = |words: &str| Refusal::Invalid(words.to_owned());
        let Sessions { site, lifespan } = self.sessions.as_ref().ok_or(Refusal::Missing)?;
        let sent = Cookie::Session.sent(site, headers);
        let sent = sent.map_err(|_| invalid("the session's cookie was sent more than once"))?;
        let over = || invalid("the session is over; sign in again");
        let ticket = Ticket::parse(sent.ok_or(Refusal::Missing)?).ok_or_else(over)?;
        let known = self.principals.session(&ticket).await?.ok_or_else(over)?;
        if known.now().is_over(self.clock.now(), *lifespan) {
            return Err(over());
        }
        Ok(SignedIn { ticket, known })
    }

    /// Whether a request that `session` opened may use it, and the request.
    async fn proven(&self, request: Request, session: &SignedIn) -> (Request, Result<(), Refusal>) {
        let Some(Sessions { site, .. }) = &self.sessions else { return (request, Err(Refusal::Missing)) };
        let (mut request, proven) = proof::of(request, site, &session.ticket).await;
        if proven.is_ok() {
            self.principals.note_use(&session.ticket, &session.known, self.clock.now());
            request.extensions_mut().insert(session.clone());
        }
        (request, proven)
    }

    /// What `next` answers with [`Access`] among the request's extensions, and the organization's name in its log lines.
    pub async fn around(&self, mut request: Request, next: Next) -> Response {
        let mut identified = self.identify(request.headers()).await;
        let session = identified.as_ref().ok().and_then(|identified| identified.session.clone());
        if let Some(session) = &session {
            let proven;
            (request, proven) = self.proven(request, session).await;
            if let Err(refusal) = proven {
                identified = Err(refusal);
            }
        }
        let access = identified.map(|identified| identified.principal);
        match &access {
            Ok(principal) => {
                Span::current().record("organization", principal.organization.external_id.as_str());
            }
            Err(refusal) => tracing::debug!(%refusal, "credential refused"),
        }
        request.extensions_mut().insert(Access(access));
        let mut response = next.run(request).await;
        if session.is_some() {
            response.extensions_mut().insert(ForSession);
        }
        response
    }

    /// Ends a session, on this server at once.
    pub async fn end(&self, session: &SignedIn) -> Result<(), Refusal> {
        self.principals.end_session(&session.ticket).await
    }

    /// Knows nothing of a session any more, since it was ended.
    pub async fn forget(&self, ticket: &Ticket) {
        self.principals.forget_session(ticket).await;
    }

    async fn of_token(&self, token: &str) -> Result<Arc<Principal>, Refusal> {
        let verifier = self.verifier.as_deref().ok_or_else(|| {
            Refusal::Invalid(
                "JSON Web Tokens are not accepted: this server has no key to verify them".to_owned(),
            )
        })?;
        let token = verifier.verify(token).await?;
        let claims = &token.claims;
        let organization = self.principals.organization(&claims.organization).await?;
        let organization = organization
            .ok_or_else(|| Refusal::Forbidden("the token's organization is not known here".to_owned()))?;
        Ok(Arc::new(Principal {
            organization,
            allowance: token.allowance.clone(),
            subject: claims.subject.clone(),
            kind: CredentialKind::Jwt,
            role: claims.role,
            scopes: claims.scopes.clone(),
        }))
    }

    async fn of_key(&self, text: &str) -> Result<Arc<Principal>, Refusal> {
        let invalid = |words: &str| Refusal::Invalid(words.to_owned());
        let key = ApiKey::parse(text)
            .ok_or_else(|| invalid("the API key is malformed or mistyped: its checksum is wrong"))?;
        let known = self.principals.key(&key).await?.ok_or_else(|| invalid("the API key is not known"))?;
        match known.stored.state(self.clock.now()) {
            KeyState::Live => {}
            KeyState::Expired => return Err(invalid("the API key has expired")),
            KeyState::Revoked => return Err(invalid("the API key was revoked")),
        }
        known
            .principal
            .clone()
            .ok_or_else(|| Refusal::Forbidden("the API key's organization is not known here".to_owned()))
    }
}

impl Gate for Credentials {
    fn access<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Arc<Principal>, Refusal>> {
        Box::pin(Self::access(self, headers))
    }
}
