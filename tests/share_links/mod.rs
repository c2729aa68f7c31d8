//! The `share-links` API: links, what they open, and every refusal.

mod hostile;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use chrono::Duration;
use countinghouse::clock::Clock;
use countinghouse::period::Period;
use countinghouse::principal::{Organization, Principal, Refusal, Scope};
use countinghouse::reports::shared::{Reached, SharedReport, Sharing, Signer};
use countinghouse::reports::{Gateway, READ_AHEAD};
use countinghouse::rest::query::NO_ORGANIZATION;
use countinghouse::share_links::{ShareLink, ShareLinks};
use futures::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use crate::support::app::{App, Dataset, Reply, admin, key, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_link_is_what_the_document_shows,
    what_is_no_request_for_a_link_is_refused,
    a_link_opens_its_report_until_it_expires,
    what_is_taken_back_opens_nothing,
    what_is_to_come_is_not_shared,
    a_file_is_called_by_the_days_of_the_shop,
    what_a_new_link_leads_to_is_read_ahead,
    a_thousand_good_links_are_enough,
    good_links_are_listed_however_many_are_over,
    at_the_same_time_no_more_are_made_than_there_may_be,
    links_are_their_organizations_own,
    without_a_secret_nothing_is_made_and_nothing_opens,
);

const NOW: &str = "2026-04-25T00:00:00Z";

fn shop() -> Dataset {
    Dataset::new().file(
        "orders.csv",
        "order_id,placed_at,status,total,channel\n\
         o1,2026-03-26T00:00:00Z,DELIVERED,100.00,web\n\
         o2,2026-04-24T23:59:59Z,DELIVERED,20.50,store\n\
         o3,2026-03-25T23:59:59Z,DELIVERED,999.00,web\n",
    )
}

struct Shop {
    app: App,
    organization: Organization,
}

impl Shop {
    async fn open(database: &TestDatabase) -> Self {
        let organization = organization(&database.connection, "shop", "USD", shop().path()).await;
        let app = App::new(&database.connection, NOW);
        Self { app: with(&app, NOW, &[[1; 32]]), organization }
    }

    fn admin(&self) -> Principal {
        admin(&self.organization)
    }

    async fn share(&self, access: Result<Principal, Refusal>, report: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post(format!("/api/admin/analytics/{report}/share"))
            .header("content-type", "application/json")
            .extension(Reached("http://shop.example".to_owned()));
        self.app.send(access, request.body(body.into()).expect("a request")).await
    }

    /// The path of a new link to that report.
    async fn link(&self, report: &str) -> String {
        let made = self.share(Ok(self.admin()), report, "{}").await.json();
        let url = made["url"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        url.strip_prefix("http://shop.example").expect("the host that was asked").to_owned()
    }
}

/// The same application at another time, with other secrets.
fn with(app: &App, now: &str, secrets: &[[u8; 32]]) -> App {
    let sharing = Sharing { signer: Signer::new(secrets), ..Sharing::default() };
    let clock = Clock::Fixed(now.parse().expect("an instant"));
    App::over(Gateway { clock, sharing: Arc::new(sharing), ..app.gateway.clone() })
}

async fn get(app: &App, path: &str) -> Reply {
    app.get(Err(Refusal::Missing), path).await
}

async fn a_link_is_what_the_document_shows(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "period": "30d", "expiresInSeconds": 604_800 }).to_string();
    let reply = shop.share(Ok(shop.admin()), "revenue-overview", body).await;
    let token =
        reply.json()["url"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    assert_eq!((reply.status.as_u16(), token.len()), (201, 100));
    assert_eq!(
        reply.body,
        format!(
            r#"{{"url":"http://shop.example/api/reports/{token}","expiresAt":"2026-05-02T00:00:00.000Z","reportType":"revenue-overview","period":{{"from":"2026-03-26T00:00:00.000Z","to":"2026-04-25T00:00:00.000Z"}}}}"#
        )
    );
    assert_eq!(reply.headers["cache-control"], "no-store");
    // Nothing said is thirty days, good for a week; the secret address comes from the settings where they know it.
    let sharing = Sharing {
        public_url: Some("https://app.example.com".to_owned()),
        ..(*shop.app.gateway.sharing).clone()
    };
    let app = App::over(Gateway { sharing: Arc::new(sharing), ..shop.app.gateway.clone() });
    let shop = Shop { app, ..shop };
    for (body, from, expires) in [
        ("", "2026-03-26", "2026-05-02T00:00:00.000Z"),
        (r#"{"other": 1}"#, "2026-03-26", "2026-05-02T00:00:00.000Z"),
        (r#"{"period": "7d", "expiresInSeconds": 1}"#, "2026-04-18", "2026-04-25T00:00:01.000Z"),
        (r#"{"expiresInSeconds": 60.0}"#, "2026-03-26", "2026-04-25T00:01:00.000Z"),
        (r#"{"period": "90d", "expiresInSeconds": 7776000}"#, "2026-01-25", "2026-07-24T00:00:00.000Z"),
    ] {
        let told = shop.share(Ok(shop.admin()), "sales-velocity", body).await.json();
        assert!(told["url"].as_str().unwrap_or_default().starts_with("https://app.example.com/api/reports/"));
        let from = format!("{from}T00:00:00.000Z");
        assert_eq!((&told["expiresAt"], &told["period"]["from"]), (&json!(expires), &json!(from)), "{body}");
    }
}

async fn what_is_no_request_for_a_link_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let seconds = "must be a whole number of seconds from 1 to 7776000 (90 days), not ";
    for (report, body, member, words) in [
        (
            "profits",
            "{}",
            "report",
            "there is no report `profits`; there are revenue-overview, sales-velocity, ",
        ),
        ("Revenue-Overview", "{}", "report", "there is no report `Revenue-Overview`"),
        ("revenue-overview", r#"{"period":"1d"}"#, "period", "must be one of 7d, 30d, 90d, not \"1d\""),
        ("revenue-overview", r#"{"period":7}"#, "period", "must be one of 7d, 30d, 90d, not 7"),
        ("revenue-overview", r#"{"period":"7d","period":"30d"}"#, "period", "was given more than once"),
        ("revenue-overview", r#"{"expiresInSeconds":0}"#, "expiresInSeconds", seconds),
        ("revenue-overview", r#"{"expiresInSeconds":-1}"#, "expiresInSeconds", seconds),
        ("revenue-overview", r#"{"expiresInSeconds":1.5}"#, "expiresInSeconds", seconds),
        ("revenue-overview", r#"{"expiresInSeconds":"60"}"#, "expiresInSeconds", seconds),
        ("revenue-overview", r#"{"expiresInSeconds":null}"#, "expiresInSeconds", seconds),
        ("revenue-overview", r#"{"expiresInSeconds":7776001}"#, "expiresInSeconds", seconds),
        ("revenue-overview", r#"{"expiresInSeconds":9223372036854775808}"#, "expiresInSeconds", seconds),
        ("revenue-overview", r#"{"organizationId":"shop"}"#, "organizationId", NO_ORGANIZATION),
        ("revenue-overview", r#"{"period":"7d","OrganizationID":null}"#, "OrganizationID", NO_ORGANIZATION),
    ] {
        let reply = shop.share(Ok(shop.admin()), report, body).await;
        let told = reply.json();
        assert_eq!((reply.status.as_u16(), &told["title"]), (400, &json!("Bad Request")), "{body}");
        let message = told["errors"][member][0].as_str().unwrap_or_else(|| panic!("{body}: {told}"));
        assert!(message.starts_with(words), "{message}");
    }
    for body in ["{", "[]", "7", "\u{FEFF}{}"] {
        let reply = shop.share(Ok(shop.admin()), "revenue-overview", body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.body);
    }
    // Who is not signed in, and who may not.
    let may_read = key(&shop.organization, &[Scope::ReportsRead]);
    for (access, words) in [
        (Err(Refusal::Missing), "nobody is signed in, and no other credential was sent"),
        (Err(Refusal::Invalid("the token has expired".to_owned())), "the token has expired"),
        (Err(Refusal::Forbidden("no such organization".to_owned())), "no such organization"),
        (Ok(may_read), "this needs the role Admin or the scope shares:write"),
    ] {
        let reply = shop.share(access, "revenue-overview", "{}").await;
        assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (403, &json!(words)));
    }
    let both = key(&shop.organization, &[Scope::ReportsRead, Scope::SharesWrite]);
    assert_eq!(shop.share(Ok(both), "revenue-overview", "{}").await.status, 201);
    let read =
        Request::get("/api/admin/analytics/revenue-overview/share").body(Body::empty()).expect("a request");
    assert_eq!(shop.app.send(Ok(shop.admin()), read).await.status, 405);
}

async fn a_link_opens_its_report_until_it_expires(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for report in SharedReport::ALL {
        let path = shop.link(report.name()).await;
        let page = get(&shop.app, &path).await;
        assert_eq!(
            (page.status.as_u16(), &page.headers["content-type"]),
            (200, &"text/html; charset=utf-8".parse().unwrap())
        );
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "noindex, nofollow, noarchive"),
        ] {
            assert_eq!(page.headers[name], value);
        }
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        let file = get(&shop.app, &format!("{path}/csv")).await;
        assert_eq!(
            (file.status.as_u16(), &file.headers["content-type"]),
            (200, &"text/csv; charset=utf-8".parse().unwrap())
        );
        assert_eq!(
            file.headers["content-disposition"].to_str().unwrap(),
            format!("attachment; filename=\"{}-2026-03-26-2026-04-25.csv\"", report.name())
        );
        assert!(file.body.starts_with("\u{FEFF}Table,"), "{}", file.body);
    }
    let path = shop.link("revenue-overview").await;
    // 100.00 and 20.50 lie within the thirty days, 999.00 a second before them.
    let file = get(&shop.app, &format!("{path}/csv")).await.body;
    let headlines = file.lines().nth(1).expect("a row");
    assert!(headlines.starts_with("Headlines,120.50,999.00,"), "{file}");
    let last = with(&shop.app, "2026-05-01T23:59:59.999Z", &[[2; 32], [1; 32]]);
    assert_eq!(get(&last, &path).await.status, 200);
    let dead = get(&with(&shop.app, "2026-05-02T00:00:00Z", &[[1; 32]]), &path).await;
    let altered = format!("{}{}", &path[..path.len() - 1], if path.ends_with('A') { 'B' } else { 'A' });
    let cut = &path[..path.len() - 1];
    let other_secret = with(&shop.app, NOW, &[[2; 32]]);
    for (app, path) in [
        (&shop.app, altered.as_str()),
        (&shop.app, cut),
        (&shop.app, "/api/reports/x"),
        (&shop.app, "/api/reports/%FF"),
        (&other_secret, &path),
    ] {
        for path in [path.to_owned(), format!("{path}/csv")] {
            let refused = get(app, &path).await;
            assert_eq!((refused.status.as_u16(), &refused.body), (403, &dead.body), "{path}");
        }
    }
    for more in ["/", "/csv/", "/x", "/x/y", "/csv/x"] {
        let refused = get(&shop.app, &format!("{path}{more}")).await;
        assert_eq!((refused.status.as_u16(), &refused.body), (403, &dead.body), "{more}");
    }
    for path in [path.clone(), format!("{path}/csv")] {
        let refused = get(&shop.app, &format!("{path}?organizationId=shop")).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["errors"]["organizationId"][0]),
            (400, &NO_ORGANIZATION.into())
        );
    }
    assert!(dead.body.starts_with("<!DOCTYPE html>"), "{}", dead.body);
    for path in ["/api/reports", "/api/reports/", "/api/reports//csv"] {
        assert_eq!(get(&shop.app, path).await.status, 400, "{path}");
    }
    let asked =
        Request::get(cut).header("accept", "application/json").body(Body::empty()).expect("a request");
    let refused = shop.app.send(Err(Refusal::Missing), asked).await;
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    assert_eq!(refused.json()["status"], 403);
}

/// What GraphQL says of the links.
async fn links(shop: &Shop) -> Value {
    let query = "{ shareLinks { id report from to url isOpen createdBy createdAt expiresAt revokedAt opens lastOpenedAt } }";
    shop.app.graphql(Ok(shop.admin()), query, json!({})).await.json()["data"]["shareLinks"].clone()
}

/// A link of that number, made at the beginning of March.
fn numbered(number: usize, expires: &str) -> ShareLink {
    let instant = |text: &str| text.parse().expect("an instant");
    let (start, end) = (instant("2026-03-01T00:00:00Z"), instant("2026-04-01T00:00:00Z"));
    ShareLink {
        id: format!("{number:012}"),
        report: "revenue-overview".to_owned(),
        period: Period::new(start, end).expect("a period"),
        created_by: "test".to_owned(),
        created_at: start,
        expires_at: instant(expires),
        revoked_at: None,
        opens: 0,
        opened_at: None,
    }
}

async fn good_links_are_listed_however_many_are_over(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let kept = ShareLinks::new(database.connection.clone(), shop.organization.id);
    let start = numbered(0, NOW).created_at;
    assert!(kept.add(&numbered(0, "2026-05-30T00:00:00Z"), start, 10_000).await.expect("it is kept"));
    let second = |number: usize| Duration::seconds(i64::try_from(number).expect("a small number"));
    for number in 1..=1_100 {
        let one = numbered(number, "2026-03-20T00:00:00Z");
        let one = ShareLink { created_at: start + second(number), ..one };
        assert!(kept.add(&one, start, 10_000).await.expect("it is kept"));
    }
    // One that is taken back is over as well, however long it would have been good.
    let taken = ShareLink { revoked_at: Some(start), ..numbered(2_000, "2026-05-30T00:00:00Z") };
    assert!(kept.add(&taken, start, 10_000).await.expect("it is kept"));
    let listed = links(&shop).await;
    let listed = listed.as_array().expect("links");
    let ids: Vec<&str> = listed.iter().filter_map(|link| link["id"].as_str()).collect();
    // The newest 999 of those that are over, and the one that is good, which is older than they.
    let expected: Vec<String> =
        (102..=1_100).rev().chain([0]).map(|number| format!("{number:012}")).collect();
    assert_eq!(ids, expected);
    let open: Vec<&Value> = listed.iter().filter(|link| link["isOpen"] == true).collect();
    assert_eq!((open.len(), &open[0]["id"]), (1, &json!("000000000000")));
    let path = open[0]["url"].as_str().expect("a path");
    assert_eq!(get(&shop.app, path).await.status, 200);
}

async fn at_the_same_time_no_more_are_made_than_there_may_be(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let kept = ShareLinks::new(database.connection.clone(), shop.organization.id);
    let start = numbered(0, NOW).created_at;
    for number in 0..995 {
        assert!(kept.add(&numbered(number, "2026-05-30T00:00:00Z"), start, 1_000).await.expect("it is kept"));
    }
    let clients = (0..24).map(|_| shop.share(Ok(shop.admin()), "revenue-overview", "{}"));
    let mut told = std::collections::BTreeMap::new();
    for reply in join_all(clients).await {
        *told.entry(reply.status.as_u16()).or_insert(0) += 1;
    }
    assert_eq!(told, [(201, 5), (409, 19)].into());
    assert_eq!(links(&shop).await.as_array().map(Vec::len), Some(1_000));
}

async fn a_thousand_good_links_are_enough(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let links = ShareLinks::new(database.connection.clone(), shop.organization.id);
    let start = numbered(0, NOW).created_at;
    // As many that are over, lately and long ago, make no difference.
    for number in 0..1_000 {
        let expires = if number < 500 { "2026-03-01T00:00:00Z" } else { "2026-04-24T00:00:00Z" };
        assert!(links.add(&numbered(number, expires), start, 10_000).await.expect("it is kept"));
    }
    for number in 1_000..1_999 {
        assert!(
            links.add(&numbered(number, "2026-04-25T00:00:01Z"), start, 10_000).await.expect("it is kept")
        );
    }
    let share = async || shop.share(Ok(shop.admin()), "revenue-overview", "{}").await;
    assert_eq!(share().await.status, 201);
    let full = share().await;
    assert_eq!(full.status, 409, "{}", full.body);
    // Those that were forgotten by now are gone.
    let listed = self::links(&shop).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1_000));
    let revoke = "mutation R($id: ID!) { revokeShareLink(id: $id) { isOpen } }";
    let id = json!({ "id": format!("{:012}", 1_500) });
    let told = shop.app.graphql(Ok(shop.admin()), revoke, id).await.json();
    assert_eq!(told["data"]["revokeShareLink"]["isOpen"], false, "{told}");
    assert_eq!(share().await.status, 201);
    assert_eq!(share().await.status, 409);
}

/// January in Kolkata begins while December goes on elsewhere.
async fn a_file_is_called_by_the_days_of_the_shop(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let organization = Organization { time_zone: chrono_tz::Asia::Kolkata, ..shop.organization.clone() };
    let mut row: entity::organization::ActiveModel =
        entity::organization::Entity::find_by_id(organization.id.0)
            .one(&database.connection)
            .await
            .expect("the database answers")
            .expect("it is there")
            .into();
    row.time_zone = Set("Asia/Kolkata".to_owned());
    row.update(&database.connection).await.expect("it is kept");
    let make = "mutation { createShareLink(report: REVENUE_OVERVIEW,         period: { range: { from: \"2026-01-01\", to: \"2026-01-31\" } }) { url from } }";
    let told = shop.app.graphql(Ok(admin(&organization)), make, json!({})).await.json();
    let link = &told["data"]["createShareLink"];
    assert_eq!(link["from"], "2025-12-31T18:30:00+00:00", "{told}");
    let file = get(&shop.app, &format!("{}/csv", link["url"].as_str().expect("a path"))).await;
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"revenue-overview-2026-01-01-2026-02-01.csv\""
    );
}

async fn what_a_new_link_leads_to_is_read_ahead(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for report in SharedReport::ALL {
        let path = shop.link(report.name()).await;
        let all = u32::try_from(READ_AHEAD).expect("few");
        drop(shop.app.gateway.ahead.acquire_many(all).await.expect("they are over"));
        let (first, statements) = shop.app.statements(get(&shop.app, &path)).await;
        let (second, again) = shop.app.statements(get(&shop.app, &path)).await;
        assert_eq!((first.status.as_u16(), &first.body), (200, &second.body));
        // Names are read anew each time, facts are not.
        assert_eq!(statements, again, "{report:?}");
        if report == SharedReport::RevenueOverview {
            assert_eq!(statements, 0);
        }
    }
    // Who keeps nothing reads nothing before it is asked for.
    let shop = Shop { app: shop.app.keeping_nothing(), ..shop };
    let (path, statements) = shop.app.statements(shop.link("revenue-overview")).await;
    let (opened, reading) = shop.app.statements(get(&shop.app, &path)).await;
    assert_eq!((opened.status.as_u16(), statements), (200, 0));
    assert!(reading > 0);
}

async fn what_is_to_come_is_not_shared(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let make = async |from: &str, to: &str| {
        let query = format!(
            "mutation {{ createShareLink(report: COUPON_IMPACT, period: {{ range: {{ from: \"{from}\", to: \"{to}\" }} }}) \
             {{ from to }} }}"
        );
        shop.app.graphql(Ok(shop.admin()), &query, json!({})).await.json()
    };
    for to in ["2026-04-25", "2026-12-31"] {
        let link = json!({ "from": "2026-04-01T00:00:00+00:00", "to": "2026-04-25T00:00:00+00:00" });
        assert_eq!(make("2026-04-01", to).await["data"]["createShareLink"], link, "{to}");
    }
    let none = make("2026-04-25", "2026-04-25").await;
    assert_eq!(none["errors"][0]["message"], "period: has not begun yet", "{none}");
}

async fn what_is_taken_back_opens_nothing(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let make = "mutation { createShareLink(report: COUPON_IMPACT, expiresInSeconds: 3600, \
        period: { range: { from: \"2026-01-01\", to: \"2026-03-31\" } }) { id url opens } }";
    let answer = shop.app.graphql(Ok(shop.admin()), make, json!({})).await.json();
    let link = &answer["data"]["createShareLink"];
    let (id, path) = (link["id"].as_str().expect("an id"), link["url"].as_str().expect("a path"));
    assert_eq!((id.len(), &link["opens"]), (12, &json!(0)));
    for path in [path.to_owned(), format!("{path}/csv")] {
        assert_eq!(get(&shop.app, &path).await.status, 200);
    }
    // Nobody waits for the counting but this test.
    for _ in 0..100 {
        if links(&shop).await[0]["opens"] == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let open = json!({
        "id": id, "report": "COUPON_IMPACT", "url": path, "isOpen": true, "createdBy": "test", "opens": 2,
        "from": "2026-01-01T00:00:00+00:00", "to": "2026-04-01T00:00:00+00:00",
        "createdAt": "2026-04-25T00:00:00+00:00", "expiresAt": "2026-04-25T01:00:00+00:00",
        "revokedAt": null, "lastOpenedAt": "2026-04-25T00:00:00+00:00",
    });
    assert_eq!(links(&shop).await, json!([open]));
    let revoke = "mutation R($id: ID!) { revokeShareLink(id: $id) { id isOpen revokedAt } }";
    for now in [NOW, "2026-04-25T00:30:00Z"] {
        let told = with(&shop.app, now, &[[1; 32]])
            .graphql(Ok(shop.admin()), revoke, json!({ "id": id }))
            .await
            .json();
        let revoked = json!({ "id": id, "isOpen": false, "revokedAt": "2026-04-25T00:00:00+00:00" });
        assert_eq!(told["data"]["revokeShareLink"], revoked, "{told}");
    }
    for path in [path.to_owned(), format!("{path}/csv")] {
        assert_eq!(get(&shop.app, &path).await.status, 403);
    }
    for id in ["AAAAAAAAAAAA", "", "\u{0}", "AAAAAAAAAAA", "AAAAAAAAAAAAA"] {
        let told = shop.app.graphql(Ok(shop.admin()), revoke, json!({ "id": id })).await.json();
        assert_eq!(told["errors"][0]["extensions"]["code"], "NOT_FOUND", "{id:?}: {told}");
    }
}

async fn links_are_their_organizations_own(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let other = organization(&database.connection, "other", "USD", shop_of_another().path()).await;
    shop.link("revenue-overview").await;
    let id = links(&shop).await[0]["id"].clone();
    let told = shop.app.graphql(Ok(admin(&other)), "{ shareLinks { id } }", json!({})).await.json();
    assert_eq!(told["data"]["shareLinks"], json!([]));
    let revoke = "mutation R($id: ID!) { revokeShareLink(id: $id) { id } }";
    let told = shop.app.graphql(Ok(admin(&other)), revoke, json!({ "id": id })).await.json();
    assert_eq!(told["errors"][0]["extensions"]["code"], "NOT_FOUND", "{told}");
    assert_eq!(links(&shop).await[0]["isOpen"], true);
    // Who may read, but not share, sees no link: each is as good as the report.
    let reader = key(&shop.organization, &[Scope::ReportsRead]);
    let told = shop.app.graphql(Ok(reader), "{ shareLinks { id } }", json!({})).await.json();
    assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{told}");
}

fn shop_of_another() -> Dataset {
    Dataset::new().file("orders.csv", "order_id,placed_at,status,total\no1,2026-04-01,DELIVERED,7.00\n")
}

async fn without_a_secret_nothing_is_made_and_nothing_opens(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let path = shop.link("revenue-overview").await;
    let app = with(&shop.app, NOW, &[]);
    assert_eq!(get(&app, &path).await.status, 403);
    let shop = Shop { app, ..shop };
    let reply = shop.share(Ok(shop.admin()), "revenue-overview", "{}").await;
    let words = "links cannot be made: ANALYTICS_SHARE_SIGNING_SECRET is not configured";
    assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (503, &json!(words)));
    let make = "mutation { createShareLink(report: REVENUE_OVERVIEW) { id } }";
    let told = shop.app.graphql(Ok(shop.admin()), make, json!({})).await.json();
    assert_eq!(
        (&told["errors"][0]["message"], &told["errors"][0]["extensions"]["code"]),
        (&json!(words), &json!("NOT_CONFIGURED"))
    );
}
