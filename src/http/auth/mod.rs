//! The one credential layer: a request's token or key becomes a principal, or a refusal, among its extensions.
//!
//! It never answers by itself: how a refusal looks is each API's.

mod bearer;
mod claims;
mod fetch;
mod json;
mod jwks;
pub mod jws;
pub mod jwt;
pub mod keys;
mod principals;
mod recent;
mod rsa;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;
use tracing::Span;

use self::bearer::Shown;
use self::jwt::Verifier;
use self::principals::Principals;
use super::readiness::Readiness;
use crate::api_keys::{ApiKey, KeyState};
use crate::clock::Clock;
use crate::graphql::Gate;
use crate::principal::{Access, CredentialKind, Principal, Refusal};
use crate::telemetry::Instruments;

/// How long a credential may wait for the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// What credentials are checked against.
#[derive(Clone)]
pub struct Credentials {
    principals: Principals,
    clock: Clock,
    verifier: Option<Arc<Verifier>>,
    readiness: Readiness,
}

impl Credentials {
    /// Checks against the keys and organizations of `db`, and tokens by `verifier`, if there is one.
    pub fn new(
        db: DatabaseConnection,
        clock: Clock,
        verifier: Option<Arc<Verifier>>,
        readiness: Readiness,
    ) -> Self {
        Self { principals: Principals::new(db), clock, verifier, readiness }
    }

    /// Counts there how often the database need not be asked.
    #[must_use]
    pub fn counted_by(self, instruments: &Instruments) -> Self {
        Self { principals: self.principals.counted_by(instruments.credentials()), ..self }
    }

    /// Who asks, by the request's headers.
    pub async fn access(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Refusal> {
        if !self.readiness.schema_is_current().await {
            return Err(Refusal::Unavailable);
        }
        let shown = bearer::shown(headers)?;
        let check = async {
            match shown {
                Shown::Token(token) => self.of_token(token).await,
                Shown::Key(key) => self.of_key(key).await,
            }
        };
        tokio::time::timeout(PATIENCE, check).await.unwrap_or(Err(Refusal::Unavailable))
    }

    async fn of_token(&self, token: &str) -> Result<Arc<Principal>, Refusal> {
        let verifier = self.verifier.as_deref().ok_or_else(|| {
            Refusal::Invalid(
                "JSON Web Tokens are not accepted: this server has no key to verify them".to_owned(),
            )
        })?;
        let claims = verifier.verify(token).await?;
        let organization = self.principals.organization(&claims.organization).await?;
        let organization = organization
            .ok_or_else(|| Refusal::Forbidden("the token's organization is not known here".to_owned()))?;
        Ok(Arc::new(Principal {
            organization,
            subject: claims.subject,
            kind: CredentialKind::Jwt,
            role: claims.role,
            scopes: claims.scopes,
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

/// Middleware: puts [`Access`] among the request's extensions and the organization's name into its log lines.
pub async fn resolve(State(credentials): State<Credentials>, mut request: Request, next: Next) -> Response {
    let access = credentials.access(request.headers()).await;
    match &access {
        Ok(principal) => {
            Span::current().record("organization", principal.organization.external_id.as_str());
        }
        Err(refusal) => tracing::debug!(%refusal, "credential refused"),
    }
    request.extensions_mut().insert(Access(access));
    next.run(request).await
}
