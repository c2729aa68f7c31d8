//! GraphQL is charged by what a query costs, over whatever it comes: HTTP, events, sockets, and the tiles of dashboards.

use axum::body::Body;
use axum::http::Request;
use countinghouse::clock::Clock;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::{Stand, header, key, shop};
use crate::live::server::{Heard, LIVE, Listening};
use crate::support::app::Reply;
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(queries_are_charged_by_their_cost, tiles_are_charged_with_their_dashboard);

/// Costs 1004 points: two fields, one of which reads facts, and two figures below it, of which one has a field.
const TOTALS: &str = r#"{ revenue(period: { range: { from: "2024-01-01", to: "2024-01-31" } }) { totals { orders revenue { amount } } } }"#;
/// Costs four points.
const VIEWER: &str = "{ viewer { subject organization { id } } }";

async fn ask(stand: &Stand, key: Option<&str>, accept: &str, body: Value) -> Reply {
    let request =
        Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
    let request = match key {
        Some(key) => request.header("x-api-key", key),
        None => request,
    };
    stand.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

fn left(reply: &Reply) -> Option<&str> {
    header(reply, "ratelimit-remaining")
}

async fn queries_are_charged_by_their_cost(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (one, other) = (key(db, &acme, "").await, key(db, &acme, "graphql=4").await);
    let stand = Stand::open(db, &[("COUNTINGHOUSE_RATE_LIMITS_GRAPHQL", "2100")]);
    let json_only = "application/json";
    let query = |text: &str| json!({ "query": text });
    let first = ask(&stand, Some(&one), json_only, query(TOTALS)).await;
    assert_eq!((first.status.as_u16(), left(&first)), (200, Some("1096")), "{}", first.body);
    assert_eq!(header(&first, "ratelimit-policy"), Some("\"graphql\";q=2100;w=60;qu=\"points\""));
    // What is not executed costs nothing, and says nothing.
    for body in [query("{ nothing"), query("{ viewer { secret } }"), json!([{ "query": TOTALS }])] {
        let refused = ask(&stand, Some(&one), json_only, body).await;
        assert!(refused.body.contains("errors"), "{}", refused.body);
    }
    let second = ask(&stand, Some(&one), json_only, query(TOTALS)).await;
    assert_eq!(second.status, 200);
    let third = ask(&stand, Some(&one), json_only, query(TOTALS)).await;
    let after = header(&third, "retry-after").expect("told");
    let words = format!(
        "the query costs 1004 points: 2100 points a minute are answered, and they are used up; try again in {after} s"
    );
    let expected = json!({ "errors": [{
        "message": words,
        "extensions": { "code": "RATE_LIMITED", "retryAfter": after.parse::<u64>().expect("seconds") },
    }] });
    assert_eq!((third.status.as_u16(), third.json()), (429, expected));
    for accept in ["application/graphql-response+json", "text/event-stream"] {
        let refused = ask(&stand, Some(&one), accept, query(TOTALS)).await;
        assert_eq!(refused.status, 429, "{accept}");
        assert_eq!(refused.json()["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{accept}");
    }
    // What is cheap is still answered.
    assert_eq!(ask(&stand, Some(&one), json_only, query(VIEWER)).await.status, 200);
    assert_eq!(stand.counted("countinghouse_over_budget_total{api=\"graphql\"}"), 3);
    assert_eq!(stand.counted("countinghouse_refused_total{code=\"RATE_LIMITED\"}"), 3);
    // Of a key that may ask for less than a query costs, no waiting will do.
    let never = ask(&stand, Some(&other), json_only, query(TOTALS)).await;
    let expected = json!({ "errors": [{
        "message": "the query costs 1004 points; at most 4 a minute are answered",
        "extensions": { "code": "TOO_COSTLY" },
    }] });
    assert_eq!((never.status.as_u16(), never.json()), (400, expected));
    let viewer = ask(&stand, Some(&other), json_only, query(VIEWER)).await;
    assert_eq!((viewer.status.as_u16(), left(&viewer)), (200, Some("0")));
    // Who shows nothing has no budget, and asks for what is everybody's.
    let nobody = ask(&stand, None, json_only, query("{ metrics { name } }")).await;
    assert_eq!((nobody.status.as_u16(), left(&nobody)), (200, None));
    // Sent with GET it is the same budget.
    let address = format!("/graphql?query={}", VIEWER.replace(' ', "%20"));
    assert_eq!(stand.get(&other, &address).await.status, 429);
}

async fn tiles_are_charged_with_their_dashboard(database: TestDatabase) {
    let db = &database.connection;
    let key = key(db, &shop(db, "acme").await, "graphql=100000").await;
    let stand = Stand::open(db, &[]);
    let json_only = "application/json";
    let tile = json!({
        "title": "Revenue", "query": TOTALS, "chart": "LINE", "layout": { "x": 0, "y": 0, "width": 4, "height": 2 },
    });
    let saved = json!({
        "query": "mutation($dashboard: DashboardInput!) { createDashboard(dashboard: $dashboard) { id } }",
        "variables": { "dashboard": { "name": "Morning", "isShared": false, "tiles": [tile] } },
    });
    let saved = ask(&stand, Some(&key), json_only, saved).await.json();
    let id = saved["data"]["createDashboard"]["id"].as_str().unwrap_or_else(|| panic!("{saved}"));
    let data = r#"data(period: { range: { from: "2024-01-01", to: "2024-01-31" } })"#;
    let shown = format!("{{ dashboard(id: \"{id}\") {{ tiles {{ {data} }} }} }}");
    let points = async || -> u64 {
        let reply = ask(&stand, Some(&key), json_only, json!({ "query": "{ __typename }" })).await;
        left(&reply).expect("told").parse().expect("a number")
    };
    let before = points().await;
    let reply = ask(&stand, Some(&key), json_only, json!({ "query": shown })).await;
    let own: u64 = left(&reply).expect("told").parse().expect("a number");
    assert!(reply.body.contains(r#""orders":0"#), "{}", reply.body);
    // Its own cost at once, its tile's when that was answered, and one point to ask.
    assert_eq!(points().await, own - 1004 - 1);
    assert!(own < before);
}

#[test]
fn sockets_and_events_are_charged_as_well() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let acme = crate::live::server::shop(db, "acme").await;
        let key = key(db, &acme, "graphql=3100").await;
        let server = Listening::start(db, &[], Clock::System).await;
        let mut socket = server.socket(&key).await;
        socket.subscribe("query", TOTALS).await;
        let answer = socket.answer("query").await;
        assert_eq!(answer["data"]["revenue"]["totals"]["orders"], 1, "{answer}");
        assert_eq!(socket.next().await, Heard::Said(json!({ "id": "query", "type": "complete" })));
        socket.subscribe("live", LIVE).await;
        socket.answer("live").await;
        socket.subscribe("again", TOTALS).await;
        socket.answer("again").await;
        socket.next().await;
        // Three times 1004 and a little are gone.
        for (id, query) in [("refused", TOTALS), ("too", LIVE)] {
            socket.subscribe(id, query).await;
            let Heard::Said(message) = socket.next().await else { panic!("it is closed") };
            assert_eq!((&message["id"], &message["type"]), (&json!(id), &json!("error")), "{message}");
            let extensions = &message["payload"][0]["extensions"];
            assert_eq!(extensions["code"], "RATE_LIMITED", "{message}");
            assert!((1..=61).contains(&extensions["retryAfter"].as_u64().expect("seconds")), "{message}");
        }
        let mut events = String::new();
        server.events(&key).await.read_to_string(&mut events).await.expect("UTF-8");
        assert!(events.starts_with("HTTP/1.1 429") && events.contains("RATE_LIMITED"), "{events}");
        assert!(events.contains("retry-after: "), "{events}");
        // The subscription goes on, and is asked again when there is a budget for it: no error comes of it.
        crate::live::server::write(db, &acme, &[("second", "7.00")]).await;
        socket.is_silent_for(std::time::Duration::from_secs(3)).await;
        server.stop().await;
    });
}
