//! The application as `serve` runs it and tests build it: every API over one database, with all that surrounds them.

use std::sync::Arc;

use axum::Router;
use playground::Playground;
use sea_orm::DatabaseConnection;

use super::auth::jwt::Verifier;
use super::{Credentials, Limits, Readiness, router};
use crate::clock::Clock;
use crate::config::{SettingError, Settings};
use crate::graphql;
use crate::reports::Gateway;
use crate::rest::momentum;

/// Everything that answers, over `db`, as `settings` say; `playground` is what its page starts with.
pub fn application(
    settings: &Settings,
    db: DatabaseConnection,
    clock: Clock,
    readiness: Readiness,
    playground: Playground,
) -> Result<Router, SettingError> {
    let verifier = Verifier::new(&settings.jwt).map_err(|message| SettingError {
        setting: "jwt.public_key".to_owned(),
        origin: "its PEM".to_owned(),
        message,
    })?;
    if verifier.is_none() {
        tracing::warn!("no JWT_SECRET and no public key: JSON Web Tokens are refused, API keys work");
    }
    let gateway = Gateway { clock, deadline: settings.request_deadline, ..Gateway::new(db.clone()) };
    let apis = graphql::router(gateway.clone()).merge(momentum::router(gateway));
    let credentials = Credentials::new(db, clock, verifier.map(Arc::new), readiness.clone());
    let limits = Limits { body: settings.body_limit, deadline: settings.request_deadline };
    Ok(router(apis, playground::router(playground), credentials, readiness, limits))
}
