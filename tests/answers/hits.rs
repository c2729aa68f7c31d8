//! What is known is told again without being read, to who may be told it.

use axum::body::Body;
use axum::http::Request;
use countinghouse::dashboards::{Chart, Dashboard, Dashboards, Draft, Layout, Tile};
use countinghouse::organizations::{self, OrganizationChange};
use countinghouse::principal::{CredentialKind, Principal, Role, Scope};
use serde_json::json;

use super::{asked, by_get, get, import, orders, tag};
use crate::support::app::{App, admin, key, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_question_is_answered_once_until_something_is_written,
    answers_are_told_to_nobody_else,
    what_is_known_to_the_client_is_not_sent_again,
    what_no_version_counts_is_not_kept,
    failures_are_not_kept,
    a_credential_that_lost_its_right_is_told_nothing,
);

const NOW: &str = "2024-02-10T15:00:00Z";
const QUERY: &str = r#"query Orders($from: Moment!) { revenue(period: {range: {from: $from, to: "2024-12-31"}}) { totals { orders } } }"#;
/// A report of each API, over 2024.
const REPORTS: [&str; 5] = [
    "/api/analytics/revenue?startDate=2024-01-01T00:00:00Z&endDate=2024-12-31T00:00:00Z",
    "/api/analytics/revenue?from=2024-01-01&to=2024-12-31&groupBy=month",
    "/api/analytics/customers?from=2024-01-01&to=2024-01-31",
    "/api/v1/reports/sales?from=2024-01-01&to=2024-12-31",
    "/v1/affiliate/analytics?section=stats&from=2024-01-01&to=2024-02-01",
];

async fn a_question_is_answered_once_until_something_is_written(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 3).path()).await;
    // Two servers over one database.
    let (one, other) = (App::new(db, NOW), App::new(db, NOW));
    let ask = async |app: &App| {
        let (reply, statements) =
            app.statements(app.graphql(Ok(admin(&shop)), QUERY, json!({ "from": "2024-01-01" }))).await;
        (reply.json()["data"]["revenue"]["totals"]["orders"].as_u64().expect("a number"), statements)
    };
    for (app, statements) in [(&one, 1), (&one, 0), (&other, 1), (&other, 0)] {
        assert_eq!(ask(app).await, (3, statements));
    }
    assert_eq!((asked(&one), asked(&other)), ((1, 1), (1, 1)));
    import(db, &shop, &orders("p", 2)).await;
    for (app, statements) in [(&one, 1), (&one, 0), (&other, 1)] {
        assert_eq!(ask(app).await, (5, statements));
    }
    let change = OrganizationChange { churn_days: Some(30), ..OrganizationChange::default() };
    assert!(organizations::change(db, "shop", change).await.expect("the database answers"));
    assert_eq!(ask(&one).await, (5, 1));
    // The same by GET, and with the variables in JSON of another order, is the same answer.
    let before = asked(&one);
    let path = format!("{}&variables={{\"from\":\"2024-01-01\"}}", by_get(QUERY));
    let path = path.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    assert_eq!(get(&one, &admin(&shop), &path, None).await.status, 200);
    assert_eq!(asked(&one), (before.0 + 1, before.1));
    for path in REPORTS {
        let app = App::new(db, NOW);
        let first = get(&app, &admin(&shop), path, None).await;
        assert_eq!((first.status.as_u16(), asked(&app)), (200, (0, 1)), "{path}: {}", first.body);
        let (again, statements) = app.statements(get(&app, &admin(&shop), path, None)).await;
        assert_eq!((&again.body, statements, asked(&app)), (&first.body, 0, (1, 1)), "{path}");
        for name in ["content-type", "cache-control", "vary", "etag"] {
            assert_eq!(again.headers[name], first.headers[name], "{path}");
        }
        // The head alone is that of the whole.
        let head = Request::head(path).body(Body::empty()).expect("a request");
        let head = app.send(Ok(admin(&shop)), head).await;
        assert_eq!((head.status.as_u16(), head.body.as_str(), asked(&app)), (200, "", (2, 1)), "{path}");
        assert_eq!(
            (&head.headers["etag"], &head.headers["cache-control"]),
            (&first.headers["etag"], &first.headers["cache-control"])
        );
    }
}

async fn answers_are_told_to_nobody_else(database: TestDatabase) {
    let db = &database.connection;
    let one = organization(db, "one", "USD", orders("o", 3).path()).await;
    let other = organization(db, "other", "USD", orders("o", 5).path()).await;
    let app = App::new(db, NOW);
    let reader = key(&one, &[Scope::ReportsRead]);
    let session = Principal { kind: CredentialKind::Session, ..admin(&one) };
    for path in REPORTS {
        let ours = get(&app, &reader, path, None).await;
        assert_eq!(ours.status, 200, "{path}: {}", ours.body);
        let theirs = get(&app, &key(&other, &[Scope::ReportsRead]), path, Some(&tag(&ours))).await;
        assert_eq!(theirs.status, 200, "{path}");
        // What orders say; the others have nothing to tell here.
        if path.contains("revenue") || path.contains("sales") {
            assert_ne!(ours.body, theirs.body, "{path}");
        }
        // Who may not read is told nothing, whatever tag they show.
        let stranger = get(&app, &key(&one, &[Scope::DataWrite]), path, Some(&tag(&ours))).await;
        assert_eq!((stranger.status.as_u16(), stranger.headers.get("etag")), (403, None), "{path}");
        let clerk = Principal { role: Role::Other, ..admin(&one) };
        assert_eq!(get(&app, &clerk, path, Some(&tag(&ours))).await.status, 403, "{path}");
    }
    // No cookie's answer is another credential's; rights are all that tells callers apart.
    let before = asked(&app);
    for (who, is_known) in [(&session, false), (&session, true), (&reader, true)] {
        let known = asked(&app).0;
        get(&app, who, REPORTS[3], None).await;
        assert_eq!(asked(&app).0 > known, is_known);
    }
    assert_eq!(asked(&app), (before.0 + 2, before.1 + 1));
}

async fn what_is_known_to_the_client_is_not_sent_again(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 3).path()).await;
    let (app, other) = (App::new(db, NOW), App::new(db, NOW));
    let query =
        by_get(&QUERY.replace("query Orders($from: Moment!) ", "").replace("$from", "\"2024-01-01\""));
    let paths = || REPORTS.into_iter().chain([query.as_str()]);
    let mut tags = Vec::new();
    for path in paths() {
        let first = get(&app, &admin(&shop), path, None).await;
        let known = tag(&first);
        assert_eq!(first.headers["cache-control"], "private, no-cache", "{path}");
        // Neither server has to compute anything for it, and the other one never did.
        for app in [&app, &other] {
            let (again, statements) = app.statements(get(app, &admin(&shop), path, Some(&known))).await;
            let said = (again.status.as_u16(), again.body.as_str(), tag(&again), statements);
            assert_eq!(said, (304, "", known.clone(), 0), "{path}");
            for name in ["cache-control", "vary"] {
                assert_eq!(again.headers[name], first.headers[name], "{path}");
            }
            assert!(!again.headers.contains_key("content-type"), "{path}");
        }
        tags.push(known);
    }
    import(db, &shop, &orders("p", 2)).await;
    for (path, known) in paths().zip(tags) {
        let reply = get(&app, &admin(&shop), path, Some(&known)).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_ne!(tag(&reply), known, "{path}");
    }
}

async fn what_no_version_counts_is_not_kept(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 3).path()).await;
    let app = App::new(db, NOW);
    let who = Principal { subject: "ada".to_owned(), ..admin(&shop) };
    let posted =
        async |query: &str, who: &Principal| app.graphql(Ok(who.clone()), query, json!({})).await.body;
    // Another with the same rights.
    let other = Principal { subject: "bob".to_owned(), ..who.clone() };
    let viewer = "{ revenue(period: {preset: TODAY}) { totals { orders } } viewer { subject } }";
    assert!(posted(viewer, &who).await.contains("ada") && posted(viewer, &other).await.contains("bob"));
    let list = "/api/analytics/dashboards?from=2024-01-01&to=2024-01-31";
    let asked_for = "{ dashboards { name } }";
    let (before, route) = (posted(asked_for, &who).await, get(&app, &who, list, None).await);
    let tile = Tile {
        title: "Orders".to_owned(),
        query: "{ revenue(period: {preset: TODAY}) { totals { orders } } }".to_owned(),
        chart: Chart::Table,
        layout: Layout { x: 0, y: 0, width: 4, height: 2 },
    };
    let draft = Draft { name: "New one".to_owned(), description: None, is_shared: true, tiles: vec![tile] };
    let (id, owner, at) = ("new".to_owned(), "ada".to_owned(), NOW.parse().expect("an instant"));
    let dashboard = Dashboard { id, owner, draft, version: 1, created_at: at, updated_at: at };
    Dashboards::new(db.clone(), shop.id).keep(&dashboard).await.expect("it is kept");
    assert_ne!(posted(asked_for, &who).await, before);
    let now = get(&app, &who, list, Some(&tag(&route))).await;
    assert!(now.status == 200 && now.body.contains("New one"), "{}", now.body);
    assert_eq!(asked(&app), (0, 0));
    // What tells when it was worked out, and what is cut at this instant.
    for query in [
        "{ forecast(metric: REVENUE) { generatedAt } }",
        "{ sharedReport(report: REVENUE_OVERVIEW, period: {preset: TODAY}) { asOf } }",
        r#"{ revenue(period: {preset: THIS_MONTH}) { compare(against: {toDate: MONTH}) { orders { current } } } }"#,
        r#"{ explore(metrics: [ORDERS], period: {preset: TODAY}) { plan } }"#,
    ] {
        for _ in 0..2 {
            posted(query, &who).await;
        }
        assert_eq!(asked(&app).0, 0, "{query}");
    }
}

async fn failures_are_not_kept(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 3).path()).await;
    let app = App::new(db, NOW);
    // One field of two fails: there is no rate.
    let query = r#"{ a: revenue(period: {preset: THIS_YEAR}) { totals { orders } }
        b: revenue(period: {preset: THIS_YEAR}, currency: "JPY") { totals { revenue { amount } } } }"#;
    for _ in 0..2 {
        let reply = app.graphql(Ok(admin(&shop)), query, json!({})).await.json();
        assert_eq!(
            (&reply["data"]["a"]["totals"]["orders"], reply["errors"].is_array()),
            (&json!(3), true),
            "{reply}"
        );
        let refused = get(&app, &admin(&shop), "/api/v1/reports/sales?from=never", Some("*")).await;
        assert_eq!((refused.status.as_u16(), refused.headers.get("etag")), (400, None));
        assert_eq!(refused.headers["cache-control"], "no-store");
    }
    assert_eq!(asked(&app), (0, 4));
}

async fn a_credential_that_lost_its_right_is_told_nothing(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 3).path()).await;
    let app = App::new(db, NOW);
    let query = "{ revenue(period: {preset: THIS_YEAR}) { totals { orders } } }";
    let told = app.graphql(Ok(key(&shop, &[Scope::ReportsRead])), query, json!({})).await.json();
    assert_eq!(told["data"]["revenue"]["totals"]["orders"], 3);
    let refused = app.graphql(Ok(key(&shop, &[])), query, json!({})).await.json();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
}
