//! Saved dashboards: who sees and changes which, what is refused, and that tiles answer what their queries answer.

use countinghouse::graphql::{Limits, Options};
use countinghouse::principal::{Organization, Principal, Scope};
use serde_json::{Value, json};

use crate::support::app::{App, Dataset, admin, key, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    what_is_saved_is_told,
    tiles_answer_what_their_queries_answer,
    others_see_what_is_shared_and_change_nothing,
    nobody_saves_over_anothers_change,
    what_cannot_be_answered_is_not_saved,
    tiles_together_cost_no_more_than_a_request_may,
    another_organization_finds_nothing,
    routes_list_and_show,
);

const REVENUE: &str =
    "query($period: PeriodInput!) { revenue(period: $period) { totals { revenue { amount } } } }";
const SERIES: &str = "query($period: PeriodInput!, $currency: CurrencyCode, $grain: Grain!) { \
    revenue(period: $period, currency: $currency) { series(grain: $grain) { date revenue { amount currency } } } }";
const JANUARY: &str = r#"period: { range: { from: "2024-01-01", to: "2024-01-31" } }"#;

const CREATE: &str = "mutation($dashboard: DashboardInput!) { createDashboard(dashboard: $dashboard) { \
    id name description owner isShared version createdAt updatedAt \
    tiles { title query chart layout { x y width height } } } }";
const UPDATE: &str = "mutation($id: ID!, $version: Long!, $dashboard: DashboardInput!) { \
    updateDashboard(id: $id, version: $version, dashboard: $dashboard) { \
    id name description owner isShared version createdAt updatedAt tiles { title } } }";

/// A shop in euros that sold for 10.50 on 2024-01-05 and for 20 dollars on 2024-01-20, at two euros the dollar.
struct Shop {
    app: App,
    organization: Organization,
}

impl Shop {
    async fn open(database: &TestDatabase) -> Self {
        Self::with(database, Options::default()).await
    }

    async fn with(database: &TestDatabase, options: Options) -> Self {
        let dataset = Dataset::new()
            .file(
                "orders.csv",
                "order_id,placed_at,status,total,currency\no1,2024-01-05,CONFIRMED,10.50,EUR\no2,2024-01-20,CONFIRMED,20.00,USD\n",
            )
            .file("exchange_rates.csv", "day,from,to,rate\n2024-01-01,USD,EUR,2\n");
        let organization = organization(&database.connection, "shop", "EUR", dataset.path()).await;
        let app = App::new(&database.connection, "2024-02-01T12:00:00Z");
        Self { app: App::with(app.gateway, options), organization }
    }

    /// The answer to a query by `who`.
    async fn ask(&self, who: &Principal, query: &str, variables: Value) -> Value {
        self.app.graphql(Ok(who.clone()), query, variables).await.json()
    }

    /// What a new dashboard is told as.
    async fn create(&self, who: &Principal, dashboard: Value) -> Value {
        let mut body = self.ask(who, CREATE, json!({ "dashboard": dashboard })).await;
        assert_eq!(body.get("errors"), None);
        body["data"]["createDashboard"].take()
    }
}

/// Somebody who may save dashboards, but is not an Admin.
fn maker(organization: &Organization, name: &str) -> Principal {
    let principal = key(organization, &[Scope::ReportsRead, Scope::DashboardsWrite]);
    Principal { subject: name.to_owned(), ..principal }
}

fn tile(title: &str, query: &str, x: u32) -> Value {
    json!({ "title": title, "query": query, "chart": "LINE", "layout": { "x": x, "y": 0, "width": 4, "height": 2 } })
}

fn dashboard(name: &str, is_shared: bool) -> Value {
    json!({ "name": name, "isShared": is_shared, "tiles": [tile("Revenue", REVENUE, 0), tile("Over time", SERIES, 4)] })
}

/// The code and the words of an answer's only error.
fn error(body: &Value) -> (&str, &str) {
    let errors = body["errors"].as_array().unwrap_or_else(|| panic!("{body}"));
    assert_eq!(errors.len(), 1, "{body}");
    let text = |value: &'static str| errors[0].pointer(value).and_then(Value::as_str).expect("text");
    (text("/extensions/code"), text("/message"))
}

async fn what_is_saved_is_told(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let ada = maker(&shop.organization, "ada");
    let mut first = dashboard("Morning", true);
    first["description"] = "What to look at\nwith coffee".into();
    let saved = shop.create(&ada, first).await;
    let id = saved["id"].as_str().expect("an id").to_owned();
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    let whole = json!({
        "id": id, "name": "Morning", "description": "What to look at\nwith coffee", "owner": "ada", "isShared": true,
        "version": 1, "createdAt": "2024-02-01T12:00:00+00:00", "updatedAt": "2024-02-01T12:00:00+00:00",
        "tiles": [
            { "title": "Revenue", "query": REVENUE, "chart": "LINE",
              "layout": { "x": 0, "y": 0, "width": 4, "height": 2 } },
            { "title": "Over time", "query": SERIES, "chart": "LINE",
              "layout": { "x": 4, "y": 0, "width": 4, "height": 2 } },
        ],
    });
    assert_eq!(saved, whole);
    let find = "query($id: ID!) { dashboard(id: $id) { id name description owner isShared version createdAt updatedAt \
        tiles { title query chart layout { x y width height } } } }";
    assert_eq!(shop.ask(&ada, find, json!({ "id": id })).await, json!({ "data": { "dashboard": whole } }));

    let changed = json!({ "name": "Evening", "tiles": [tile("Revenue", REVENUE, 8)] });
    let changed = shop.ask(&ada, UPDATE, json!({ "id": id, "version": 1, "dashboard": changed })).await;
    assert_eq!(
        changed["data"]["updateDashboard"],
        json!({ "id": id, "name": "Evening", "description": null, "owner": "ada", "isShared": false, "version": 2,
                "createdAt": "2024-02-01T12:00:00+00:00", "updatedAt": "2024-02-01T12:00:00+00:00",
                "tiles": [{ "title": "Revenue" }] })
    );
    let empty = shop.create(&ada, json!({ "name": "Blank", "tiles": [] })).await;
    let list = shop.ask(&ada, "{ dashboards { id name version } }", json!({})).await;
    assert_eq!(
        list["data"]["dashboards"],
        json!([{ "id": empty["id"], "name": "Blank", "version": 1 }, { "id": id, "name": "Evening", "version": 2 }])
    );
    let delete = "mutation($id: ID!) { deleteDashboard(id: $id, version: 2) }";
    let gone = shop.ask(&ada, delete, json!({ "id": id })).await;
    assert_eq!(gone, json!({ "data": { "deleteDashboard": id } }));
    assert_eq!(shop.ask(&ada, find, json!({ "id": id })).await, json!({ "data": { "dashboard": null } }));
    assert_eq!(error(&shop.ask(&ada, delete, json!({ "id": id })).await).0, "NOT_FOUND");
}

async fn tiles_answer_what_their_queries_answer(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let ada = maker(&shop.organization, "ada");
    let saved = shop.create(&ada, dashboard("Morning", true)).await;
    let query = format!(
        "query($id: ID!) {{ dashboard(id: $id) {{ tiles {{ data({JANUARY}) }} }} \
         dollars: dashboard(id: $id) {{ tiles {{ data({JANUARY}, currency: \"USD\", grain: MONTH) }} }} }}"
    );
    let mut told = shop.ask(&ada, &query, json!({ "id": saved["id"] })).await;
    assert_eq!(told.get("errors"), None, "{told}");
    // 10.50 + 20 × 2 euros; 10.50 ÷ 2 + 20 dollars.
    let total = json!({ "revenue": { "totals": { "revenue": { "amount": "50.50" } } } });
    let month = json!({ "revenue": { "series": [
        { "date": "2024-01-01", "revenue": { "amount": "25.25", "currency": "USD" } },
    ] } });
    let dollars = json!({ "revenue": { "totals": { "revenue": { "amount": "25.25" } } } });
    assert_eq!(told["data"]["dollars"]["tiles"], json!([{ "data": dollars }, { "data": month }]));
    let days = told["data"]["dashboard"]["tiles"][1]["data"].take();
    assert_eq!(told["data"]["dashboard"]["tiles"][0]["data"], total);
    let variables =
        json!({ "period": { "range": { "from": "2024-01-01", "to": "2024-01-31" } }, "grain": "DAY" });
    let asked = shop.ask(&ada, SERIES, variables).await;
    assert_eq!(days, asked["data"]);
    assert_eq!(days["revenue"]["series"].as_array().map(Vec::len), Some(31));
}

async fn others_see_what_is_shared_and_change_nothing(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let (ada, bob) = (maker(&shop.organization, "ada"), maker(&shop.organization, "bob"));
    let own = shop.create(&ada, dashboard("Own", false)).await["id"].clone();
    let shared = shop.create(&ada, dashboard("Shared", true)).await["id"].clone();
    let names = async |who: &Principal| {
        let mut told = shop.ask(who, "{ dashboards { name } }", json!({})).await;
        told["data"]["dashboards"].take()
    };
    assert_eq!(names(&ada).await, json!([{ "name": "Own" }, { "name": "Shared" }]));
    assert_eq!(names(&bob).await, json!([{ "name": "Shared" }]));
    assert_eq!(names(&admin(&shop.organization)).await, json!([{ "name": "Own" }, { "name": "Shared" }]));
    let find = "query($id: ID!) { dashboard(id: $id) { name } }";
    assert_eq!(shop.ask(&bob, find, json!({ "id": own })).await, json!({ "data": { "dashboard": null } }));

    let change = |id: &Value| json!({ "id": id, "version": 1, "dashboard": dashboard("Bob's", true) });
    let refused = shop.ask(&bob, UPDATE, change(&shared)).await;
    assert_eq!(error(&refused).0, "FORBIDDEN");
    assert_eq!(refused["data"], json!({ "updateDashboard": null }));
    // What is not to be seen is refused as what is not there.
    let (unseen, absent) =
        (shop.ask(&bob, UPDATE, change(&own)).await, shop.ask(&bob, UPDATE, change(&json!("absent"))).await);
    let of = |id: &Value| format!("there is no dashboard `{}`", id.as_str().expect("text"));
    assert_eq!(error(&unseen), ("NOT_FOUND", of(&own).as_str()));
    assert_eq!(error(&absent), ("NOT_FOUND", of(&json!("absent")).as_str()));
    // Who may only read saves nothing, not even over their own.
    let reader = Principal { subject: "ada".to_owned(), ..key(&shop.organization, &[Scope::ReportsRead]) };
    for (query, variables) in [
        (CREATE, json!({ "dashboard": dashboard("New", true) })),
        (UPDATE, change(&own)),
        ("mutation($id: ID!) { deleteDashboard(id: $id, version: 1) }", json!({ "id": own })),
    ] {
        let refused = shop.ask(&reader, query, variables).await;
        let words = "this needs the role Admin or the scope dashboards:write";
        assert_eq!(error(&refused), ("FORBIDDEN", words), "{query}");
    }
    let done = shop.ask(&admin(&shop.organization), UPDATE, change(&own)).await;
    assert_eq!(done["data"]["updateDashboard"]["owner"], "ada", "an Admin changes it, and it stays hers");
    assert_eq!(names(&bob).await, json!([{ "name": "Bob's" }, { "name": "Shared" }]));
}

async fn nobody_saves_over_anothers_change(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let ada = maker(&shop.organization, "ada");
    let id = shop.create(&ada, dashboard("0", true)).await["id"].clone();
    // Of ten who saw the same version, one saves.
    let saved = (1..=10).map(async |number: u32| {
        let variables = json!({ "id": id, "version": 1, "dashboard": dashboard(&number.to_string(), true) });
        shop.ask(&ada, UPDATE, variables).await
    });
    let answers = futures::future::join_all(saved).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.get("errors").is_none());
    assert_eq!((done.len(), refused.len()), (1, 9), "{answers:#?}");
    let words = format!(
        "dashboard `{}` was saved meanwhile: its version is 2, not 1; look at it again before you change it",
        id.as_str().expect("text")
    );
    for answer in refused {
        assert_eq!(error(answer), ("CONFLICT", words.as_str()));
    }
    let told =
        shop.ask(&ada, "query($id: ID!) { dashboard(id: $id) { name version } }", json!({ "id": id })).await;
    let name = &done[0]["data"]["updateDashboard"]["name"];
    assert_eq!(told["data"]["dashboard"], json!({ "name": name, "version": 2 }));
    let delete = "mutation($id: ID!, $version: Long!) { deleteDashboard(id: $id, version: $version) }";
    for version in [1, 3] {
        let refused = shop.ask(&ada, delete, json!({ "id": id, "version": version })).await;
        assert_eq!(error(&refused).0, "CONFLICT");
    }
}

async fn what_cannot_be_answered_is_not_saved(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let ada = maker(&shop.organization, "ada");
    let with =
        |query: &str| json!({ "name": "x", "tiles": [tile("Fine", REVENUE, 0), tile("Other", query, 4)] });
    let placed = |layout: Value| {
        let mut all = with(REVENUE);
        all["tiles"][1]["layout"] = layout;
        all
    };
    let named = |name: &str| json!({ "name": name, "tiles": [] });
    let described = |text: &str| json!({ "name": "x", "description": text, "tiles": [] });
    let many: Vec<Value> = (0..25).map(|_| tile("x", REVENUE, 0)).collect();
    let long = format!("{{ viewer {{ subject }} }} # {}", "x".repeat(10_000));
    for (draft, words) in [
        (named(""), "name: expected 1 to 120 characters"),
        (named(" x"), "name: expected 1 to 120 characters"),
        (named("a\u{7}b"), "name: expected 1 to 120 characters"),
        (named(&"é".repeat(121)), "name: expected 1 to 120 characters"),
        (described(""), "description: expected 1 to 2000 characters"),
        (described(&"x".repeat(2001)), "description: expected 1 to 2000 characters"),
        (json!({ "name": "x", "tiles": many }), "tiles: there are 25; a dashboard has at most 24"),
        (
            placed(json!({ "x": 9, "y": 0, "width": 4, "height": 1 })),
            "tiles[1].layout: a tile takes at least",
        ),
        (
            placed(json!({ "x": 4, "y": 0, "width": 0, "height": 1 })),
            "tiles[1].layout: a tile takes at least",
        ),
        (
            placed(json!({ "x": 4, "y": 1000, "width": 1, "height": 1 })),
            "tiles[1].layout: a tile takes at least",
        ),
        (
            placed(json!({ "x": 4_294_967_295_u32, "y": 0, "width": 4_294_967_295_u32, "height": 1 })),
            "tiles[1].layout: a tile takes at least",
        ),
        (
            placed(json!({ "x": 3, "y": 1, "width": 1, "height": 1 })),
            "tiles[1].layout: it lies upon tiles[0]",
        ),
        (with("{ revenue("), "tiles[1].query:  --> 1:11"),
        (with("{ nothing }"), "tiles[1].query: query: Unknown field \"nothing\" on type \"Query\"."),
        (with("mutation { deleteDashboard(id: 1, version: 1) }"), "tiles[1].query: a tile asks a query"),
        (
            with("subscription { live { revenue(period: { preset: TODAY }) { period { start } } } }"),
            "tiles[1].query: a tile asks a query",
        ),
        (with("{ dashboards { id } }"), "tiles[1].query: `dashboards` cannot be asked for by a tile"),
        (
            with("{ ...F } fragment F on Query { ... { d: dashboard(id: \"x\") { id } } }"),
            "tiles[1].query: `dashboard` cannot be asked for by a tile",
        ),
        (with("query($day: Date) { viewer { subject } }"), "tiles[1].query: `$day` would never be given"),
        (
            with(
                "query($period: Int!) { explore(period: { preset: TODAY }, metrics: [REVENUE], limit: $period) { explain } }",
            ),
            "tiles[1].query: query: ",
        ),
        (with("{ a: viewer { subject } } query B { viewer { subject } }"), "tiles[1].query: "),
        (
            with(
                "query($period: PeriodInput!) { explore(period: $period, metrics: [HEADCOUNT], dimensions: [CITY]) { explain } }",
            ),
            "tiles[1].query: ",
        ),
        (with(&long), "tiles[1].query: it has 10025 bytes; at most 10000 are kept"),
    ] {
        let refused = shop.ask(&ada, CREATE, json!({ "dashboard": draft })).await;
        let (code, told) = error(&refused);
        assert_eq!(code, "INVALID_ARGUMENT", "{told}");
        assert!(told.starts_with(words), "{told}\ninstead of\n{words}");
    }
    assert_eq!(
        shop.ask(&ada, "{ dashboards { id } }", json!({})).await,
        json!({ "data": { "dashboards": [] } })
    );
    // A tile may touch another, and what there are no facts for is no mistake.
    let mut corners = with("{ support(period: { preset: LAST_YEAR }) { totals { ticketsOpened csat } } }");
    corners["tiles"][1]["layout"] = json!({ "x": 4, "y": 999, "width": 8, "height": 1 });
    shop.create(&ada, corners).await;
}

async fn tiles_together_cost_no_more_than_a_request_may(database: TestDatabase) {
    // A reading costs 1000, and little besides.
    let options = Options { limits: Limits { cost: 5_000, ..Limits::default() }, ..Options::default() };
    let shop = Shop::with(&database, options).await;
    let ada = maker(&shop.organization, "ada");
    let of = |count: u32| {
        let tiles: Vec<Value> = (0..count)
            .map(|number| {
                let mut tile = tile("Revenue", REVENUE, 0);
                tile["layout"]["y"] = (2 * number).into();
                tile
            })
            .collect();
        json!({ "name": "x", "tiles": tiles })
    };
    let refused = shop.ask(&ada, CREATE, json!({ "dashboard": of(5) })).await;
    let words = "tiles[4].query: tiles: the queries of these tiles cost more than 5000 points together";
    assert_eq!(error(&refused), ("INVALID_ARGUMENT", words));
    let id = shop.create(&ada, of(4)).await["id"].clone();
    // Twice in one request is twice the cost: what is too much is not told.
    let query = format!(
        "query($id: ID!) {{ dashboard(id: $id) {{ ...D }} again: dashboard(id: $id) {{ ...D }} }} \
         fragment D on Dashboard {{ tiles {{ data({JANUARY}) }} }}"
    );
    let told = shop.ask(&ada, &query, json!({ "id": id })).await;
    let errors = told["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 4, "{told}");
    for error in errors {
        assert_eq!(error["message"], "tiles: the queries of these tiles cost more than 5000 points together");
    }
}

async fn another_organization_finds_nothing(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let id = shop.create(&maker(&shop.organization, "ada"), dashboard("Ours", true)).await["id"].clone();
    let empty = Dataset::new().file("customers.csv", "customer_id,name\nc1,Ada\n");
    let other = organization(&database.connection, "other", "EUR", empty.path()).await;
    let theirs = admin(&other);
    let nothing = json!({ "data": { "dashboards": [], "dashboard": null } });
    let query = "query($id: ID!) { dashboards { id } dashboard(id: $id) { id } }";
    assert_eq!(shop.ask(&theirs, query, json!({ "id": id })).await, nothing);
    let variables = json!({ "id": id, "version": 1, "dashboard": dashboard("Theirs", true) });
    assert_eq!(error(&shop.ask(&theirs, UPDATE, variables).await).0, "NOT_FOUND");
    let delete = "mutation($id: ID!) { deleteDashboard(id: $id, version: 1) }";
    assert_eq!(error(&shop.ask(&theirs, delete, json!({ "id": id })).await).0, "NOT_FOUND");
    let reply =
        shop.app.get(Ok(theirs), &format!("/api/analytics/dashboards/{}", id.as_str().unwrap())).await;
    assert_eq!(reply.status, 404);
}

async fn routes_list_and_show(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let ada = maker(&shop.organization, "ada");
    let saved = shop.create(&ada, dashboard("Morning", true)).await;
    shop.create(&ada, json!({ "name": "Hers", "tiles": [] })).await;
    let id = saved["id"].as_str().expect("an id");
    let reader = key(&shop.organization, &[Scope::ReportsRead]);
    let get = async |path: &str| shop.app.get(Ok(reader.clone()), &format!("/api/analytics{path}")).await;
    let listed = format!(
        r#"{{"id":"{id}","name":"Morning","description":null,"owner":"ada","shared":true,"tileCount":2,"createdAt":"2024-02-01T12:00:00Z","updatedAt":"2024-02-01T12:00:00Z""#
    );
    let list = get("/dashboards").await;
    assert_eq!((list.status.as_u16(), list.body), (200, format!(r#"{{"dashboards":[{listed}}}]}}"#)));
    let shown =
        get(&format!("/dashboards/{id}?from=2024-01-01&to=2024-01-31&groupBy=month&currency=eur")).await;
    let place = |x: u32| format!(r#""layout":{{"x":{x},"y":0,"width":4,"height":2}}"#);
    let whole = format!(
        r#"{listed},"version":1,"currency":"eur","tiles":[{{"title":"Revenue","chart":"line",{},"data":{{"revenue":{{"totals":{{"revenue":{{"amount":"50.50"}}}}}}}},"error":null}},{{"title":"Over time","chart":"line",{},"data":{{"revenue":{{"series":[{{"date":"2024-01-01","revenue":{{"amount":"50.50","currency":"EUR"}}}}]}}}},"error":null}}]}}"#,
        place(0),
        place(4)
    );
    assert_eq!((shown.status.as_u16(), shown.body), (200, whole));
    // Yen have no rate, and a tile that names no currency is asked for them too.
    let yen = get(&format!("/dashboards/{id}?from=2024-01-01&to=2024-01-31&currency=jpy")).await.json();
    for tile in yen["tiles"].as_array().expect("tiles") {
        let words = json!("no exchange rate from EUR to JPY on or before 2024-01-05");
        assert_eq!((&tile["data"], &tile["error"]), (&Value::Null, &words));
    }
    let absent = get("/dashboards/absent").await;
    assert_eq!(
        (absent.status.as_u16(), absent.body.as_str()),
        (404, r#"{"statusCode":404,"error":"Not Found","message":"there is no dashboard `absent`"}"#)
    );
    for (path, status) in [
        (format!("/dashboards/{id}?from=2024-02-01&to=2024-01-31"), 422),
        (format!("/dashboards/{id}?groupBy=hour"), 400),
        ("/dashboards?currency=dollars".to_owned(), 400),
        ("/dashboards/%FF".to_owned(), 404),
        ("/dashboards/a%00b".to_owned(), 404),
    ] {
        let reply = get(&path).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["statusCode"]), (status, &json!(status)), "{path}");
    }
}
