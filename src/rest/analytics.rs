//! `/api/analytics`: two APIs live there, and `/revenue` belongs to both. Which of them is meant is told here, by the
//! parameters that only one of them has; neither knows of the other.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use serde_json::{Map, Value, json};
use tower::{ServiceExt, service_fn};

use crate::principal::{Access, CredentialKind};
use crate::quota::Api;
use crate::reports::Gateway;
use crate::rest::kept::kept;
use crate::rest::query::Query;
use crate::rest::{ecosire, momentum};

/// Where the routes are.
pub const PREFIX: &str = "/api/analytics";
/// The route that two APIs have.
pub const SHARED: &str = "/revenue";

/// Parameters of the shared route that only `momentum` has.
const OF_MOMENTUM: [&str; 2] = ["startDate", "endDate"];
/// Parameters of the shared route that only `ecosire` has.
const OF_ECOSIRE: [&str; 4] = ["from", "to", "groupBy", "currency"];

/// Whose question a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Momentum,
    Ecosire,
}

/// Every route of both APIs.
pub fn router(gateway: &Gateway) -> Router {
    let routes = Arc::new((
        momentum::shared_route().with_state::<()>(gateway.clone()),
        ecosire::shared_route().with_state::<()>(gateway.clone()),
    ));
    let shared = service_fn(move |request: Request| {
        let (of_momentum, of_ecosire) = &*routes;
        let route = match owner(&request) {
            Owner::Momentum => of_momentum.clone(),
            Owner::Ecosire => of_ecosire.clone(),
        };
        route.oneshot(request)
    });
    let routes = momentum::router(gateway.clone())
        .merge(ecosire::router(gateway.clone()))
        .route_service(&format!("{PREFIX}{SHARED}"), shared);
    kept(routes, gateway, |path| !path.strip_prefix(PREFIX).is_some_and(ecosire::tells_what_is_saved))
}

/// Who a request of the shared route is for. Where its parameters do not tell, a JSON Web Token is `momentum`'s, and any
/// other credential `ecosire`'s.
fn owner(request: &Request) -> Owner {
    named(&Query::read(request.uri().query().unwrap_or_default())).unwrap_or_else(|| {
        let access = request.extensions().get::<Access>();
        let is_token = access.is_some_and(|Access(access)| {
            access.as_ref().is_ok_and(|principal| principal.kind == CredentialKind::Jwt)
        });
        if is_token { Owner::Momentum } else { Owner::Ecosire }
    })
}

/// Whose budget a request of these routes is for.
pub fn api(request: &Request) -> Api {
    let route = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let is_ecosires = if route == SHARED { owner(request) == Owner::Ecosire } else { ecosire::has(route) };
    if is_ecosires { Api::Ecosire } else { Api::Momentum }
}

/// Who the parameters are for; parameters of both are `momentum`'s to refuse.
fn named(query: &Query) -> Option<Owner> {
    let has = |names: &[&str]| names.iter().any(|name| query.has(name));
    match (has(&OF_MOMENTUM), has(&OF_ECOSIRE)) {
        (true, _) => Some(Owner::Momentum),
        (false, true) => Some(Owner::Ecosire),
        (false, false) => None,
    }
}

/// The parameter that cannot stand beside another one of the shared route.
pub fn clash(query: &Query) -> Option<&'static str> {
    let ours = OF_MOMENTUM.iter().any(|name| query.has(name));
    OF_ECOSIRE.into_iter().find(|name| ours && query.has(name))
}

/// Whether what the server itself refuses here is told in `ecosire`'s words: on its routes, on the shared one where its
/// parameters stand, and where there is no such route, since `ecosire` alone documents what a missing report looks like.
pub fn speaks_ecosire(path: &str, query: &str, status: u16) -> bool {
    let Some(route) = path.strip_prefix(PREFIX).filter(|route| route.starts_with('/')) else { return false };
    match route {
        SHARED => named(&Query::read(query)) == Some(Owner::Ecosire),
        route => status == 404 || ecosire::has(route),
    }
}

/// What the routes take and answer; the shared one as either API has it.
pub fn description() -> Value {
    let part = |of: utoipa::openapi::OpenApi| serde_json::to_value(of).unwrap_or_default();
    let (mut one, mut other) = (part(momentum::description()), part(ecosire::description()));
    let path = format!("{PREFIX}{SHARED}");
    let shared = both(one["paths"][&path]["get"].take(), other["paths"][&path]["get"].take());
    for part in ["paths", "components/schemas"] {
        let part = format!("/{part}");
        if let (Some(Value::Object(into)), Some(Value::Object(more))) =
            (one.pointer_mut(&part), other.pointer_mut(&part))
        {
            into.append(more);
        }
    }
    one["paths"][&path]["get"] = shared;
    json!({ "paths": one["paths"], "components": one["components"] })
}

/// One operation that is either of two.
fn both(mut one: Value, mut other: Value) -> Value {
    let list = |operation: &mut Value, name: &str| match operation[name].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    // Forms fill in examples and defaults, and those of both would clash.
    for parameter in other["parameters"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut)
    {
        parameter.remove("example");
        if let Some(Value::Object(schema)) = parameter.get_mut("schema") {
            schema.remove("default");
        }
    }
    for name in ["tags", "parameters"] {
        let mut all = list(&mut one, name);
        all.extend(list(&mut other, name));
        one[name] = all.into();
    }
    for parameter in one["parameters"].as_array_mut().into_iter().flatten() {
        parameter["required"] = false.into();
    }
    one["summary"] = other["summary"].take();
    one["description"] = "Two APIs have this route. With `startDate` or `endDate` it is `momentum`'s, with `from`, `to`, \
        `groupBy` or `currency` it is `ecosire`'s, and with some of each it is refused. With none of them it is \
        `momentum`'s for a JSON Web Token (and lacks the dates), and `ecosire`'s for any other credential."
        .into();
    if let (Value::Object(into), Value::Object(more)) = (&mut one["responses"], other["responses"].take()) {
        for (status, response) in more {
            match into.get_mut(&status) {
                Some(known) => beside(known, response),
                None => {
                    into.insert(status, response);
                }
            }
        }
    }
    one
}

/// One response that is either of two.
fn beside(one: &mut Value, mut other: Value) {
    if one["description"] != other["description"] {
        let words = |of: &Value| of["description"].as_str().unwrap_or_default().to_owned();
        one["description"] = format!("{} Or: {}", words(one), words(&other)).into();
    }
    let (Value::Object(into), Value::Object(more)) = (&mut one["content"], other["content"].take()) else {
        return;
    };
    for (kind, content) in more {
        match into.get_mut(&kind) {
            Some(known) => {
                let schemas = json!({ "oneOf": [known["schema"], content["schema"]] });
                let mut examples = Map::new();
                for (name, content) in [("momentum", &*known), ("ecosire", &content)] {
                    examples.insert(name.to_owned(), json!({ "value": content["example"] }));
                }
                *known = json!({ "schema": schemas, "examples": examples });
            }
            None => {
                into.insert(kind, content);
            }
        }
    }
}
