//! The application as `serve` runs it and tests build it: every API over one database, with all that surrounds them.

use std::sync::Arc;

use axum::Router;
use playground::Playground;
use sea_orm::DatabaseConnection;
use tokio::sync::Semaphore;

use super::auth::jwt::Verifier;
use super::{Credentials, Limits, Readiness, description, router};
use crate::clock::Clock;
use crate::config::{SettingError, Settings};
use crate::graphql;
use crate::metrics::Means;
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
    let verifier = Verifier::new(&settings.jwt, clock)?.map(Arc::new);
    if let Some(verifier) = &verifier {
        verifier.keep_fresh();
    } else {
        tracing::warn!("no key to verify JSON Web Tokens with: they are refused, API keys work");
    }
    // What is not for facts is for credentials and names, so that who asks little never waits for who asks much.
    let turns = usize::try_from(settings.database_connections.saturating_sub(2)).unwrap_or(1).max(1);
    let means = Means {
        deadline: settings.request_deadline,
        turns: Arc::new(Semaphore::new(turns)),
        ..Gateway::new(db.clone()).means
    };
    let gateway = Gateway { means, clock };
    let options = graphql_options(settings)?;
    let apis = graphql::router(gateway.clone(), options).merge(momentum::router(gateway));
    let credentials = Credentials::new(db, clock, verifier, readiness.clone());
    let limits = Limits { body: settings.body_limit, deadline: settings.request_deadline };
    let pages = playground::router(playground).merge(description::route(settings.graphql.get));
    Ok(router(apis, pages, credentials, readiness, limits))
}

/// How GraphQL is served.
fn graphql_options(settings: &Settings) -> Result<graphql::Options, SettingError> {
    let given = &settings.graphql;
    let limits = graphql::Limits {
        tokens: given.max_tokens,
        selections: given.max_selections,
        depth: given.max_depth,
        aliases: given.max_aliases,
        root_fields: given.max_root_fields,
        directives: given.max_directives,
        cost: given.max_cost,
        errors: given.max_errors,
        introspects: given.introspection,
        ..graphql::Limits::default()
    };
    let safelist = given.safelist.as_deref().map(graphql::Safelist::read).transpose();
    let safelist = safelist.map_err(|error| SettingError {
        setting: "graphql.safelist".to_owned(),
        origin: "its folder".to_owned(),
        message: error.to_string(),
    })?;
    Ok(graphql::Options { limits, safelist, no_get: !given.get })
}
