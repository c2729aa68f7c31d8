//! What a session opens: its organization, as far as its user may see, on every API.

use serde_json::{Value, json};

use super::browser::{ADA, CARL, GRACE, House, PLAIN, RITA};
use crate::support::{TestDatabase, both_databases};
use crate::{ecosire, momentum};

both_databases!(
    every_route_opens_to_whom_it_is_for,
    a_session_opens_its_own_organization_alone,
    what_a_session_opens_goes_as_it_is,
);

/// Routes of reports, with what they need, and the form of their refusals.
fn routes() -> impl Iterator<Item = (String, bool)> {
    let of_momentum = momentum::ROUTES
        .iter()
        .map(|route| (format!("/api/analytics/{route}?startDate=2026-01-01&endDate=2026-01-31"), true));
    let of_ecosire = ecosire::ROUTES
        .iter()
        .map(|route| (format!("/api/analytics/{route}?from=2026-01-01&to=2026-01-31"), false));
    of_momentum.chain(of_ecosire)
}

async fn every_route_opens_to_whom_it_is_for(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let (mut ada, mut rita, mut carl) =
        (house.signed_in(ADA).await, house.signed_in(RITA).await, house.signed_in(CARL).await);
    let mut nobody = house.browser();
    for (route, is_momentum) in routes() {
        assert_eq!(ada.get(&route).await.status, 200, "{route}");
        assert_eq!(rita.get(&route).await.status, 200, "{route}");
        let refused = carl.get(&route).await;
        let words =
            if is_momentum { refused.json()["detail"].clone() } else { refused.json()["message"].clone() };
        let expected = if is_momentum {
            "this needs the role Admin, or no role and the scope reports:read"
        } else {
            "this needs the role Admin or the scope reports:read"
        };
        assert_eq!((refused.status.as_u16(), words), (403, json!(expected)), "{route}");
        assert_eq!(nobody.get(&route).await.status, 401, "{route}");
    }
    // The route that two APIs have is ecosire's for whoever is no JSON Web Token.
    let shared = ada.get("/api/analytics/revenue").await;
    assert!(shared.json()["summary"].is_object(), "{}", shared.body);
    // Saving needs the role, which Rita has not, whatever else she may.
    let tile = json!({
        "title": "Orders", "chart": "NUMBER", "layout": { "x": 0, "y": 0, "width": 4, "height": 2 },
        "query": "query($period: PeriodInput!) { orders(period: $period) { totals { orders } } }",
    });
    let query = "mutation($dashboard: DashboardInput!) { createDashboard(dashboard: $dashboard) { owner } }";
    let body = json!({ "query": query, "variables": { "dashboard": { "name": "Mine", "tiles": [tile] } } });
    let saved = ada.script("POST", "/graphql", &body).await.json();
    assert_eq!(saved, json!({ "data": { "createDashboard": { "owner": "user:1" } } }));
    for browser in [&mut rita, &mut carl] {
        let reply = browser.script("POST", "/graphql", &body).await.json();
        assert_eq!(reply["errors"][0]["extensions"]["code"], "FORBIDDEN", "{reply}");
        assert_eq!(reply["data"]["createDashboard"], Value::Null);
    }
}

async fn a_session_opens_its_own_organization_alone(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let (mut ada, mut grace) = (house.signed_in(ADA).await, house.signed_in(GRACE).await);
    let query = "/graphql?query=%7Bviewer%7Borganization%7Bid%7D%7D%7D";
    for (browser, organization) in [(&mut ada, "acme"), (&mut grace, "globex")] {
        let reply = browser.get(query).await;
        assert_eq!(reply.json(), json!({ "data": { "viewer": { "organization": { "id": organization } } } }));
        let told = browser.get("/api/admin/session").await.json();
        assert_eq!(told["organization"]["id"], organization);
    }
    // The cookie's number says where to look for the secret, not what it opens.
    let value = ada.cookies[PLAIN].clone();
    let (number, secret) = value.split_once('-').expect("a number");
    assert_eq!(number, "1");
    ada.cookies.insert(PLAIN.to_owned(), format!("2-{secret}"));
    assert_eq!(ada.who().await, "401");
    // Nor does one session's token go with another's cookie.
    grace.token.clone_from(&ada.token);
    let reply = grace.script("POST", "/graphql", &json!({ "query": "{ viewer { subject } }" })).await;
    assert_eq!(reply.status, 403);
}

/// The length of a compressed answer tells how much of what an attacker put into the question is in it.
async fn what_a_session_opens_goes_as_it_is(database: TestDatabase) {
    let first = House::open(&database.connection).await;
    let house = House::another(
        &database.connection,
        &[("JWT_SECRET", crate::credentials::bench::SECRET)],
        first.hands,
    );
    let mut ada = house.signed_in(ADA).await;
    let route = "/api/analytics/revenue/trend?startDate=2020-01-01&endDate=2026-01-31";
    let accepts = ("accept-encoding", "gzip, br");
    let as_it_is = ada.ask("GET", route, &[accepts], "").await;
    assert_eq!((as_it_is.status.as_u16(), as_it_is.headers.get("content-encoding")), (200, None));
    assert!(as_it_is.body.len() > 1400);
    // Who shows a token has it compressed, cookie or not.
    let bearer = format!("Bearer {}", crate::credentials::bench::sign(&crate::credentials::bench::claims()));
    let packed = ada.fetch("GET", route, &[accepts, ("authorization", &bearer)], "").await;
    assert_eq!(packed.headers["content-encoding"], "br");
}
