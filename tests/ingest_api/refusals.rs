//! What is refused, and how.

use axum::http::Request;
use countinghouse::principal::{Refusal, Scope};
use serde_json::{Value, json};

use super::{Shop, gzip, lines, order, posted};
use crate::import::{ask, dump};
use crate::support::app::{Reply, admin, key};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    bad_rows_are_listed_and_nothing_is_stored,
    bodies_that_are_no_rows_are_told,
    requests_that_are_none_are_refused,
    who_may_not_write_is_refused_before_the_body_is_read,
);

fn problem(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.body);
    assert_eq!(reply.headers["content-type"], "application/problem+json");
    reply.json()
}

async fn bad_rows_are_listed_and_nothing_is_stored(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let before = dump(&database.connection).await;
    let rows = [
        order("good", "10.00"),
        order("o2", "12,50"),
        json!({ "order_id": "o3", "placed_at": "yesterday", "status": "PAID", "total": 1 }),
        json!({ "placed_at": "2026-04-01", "status": "DRAFT", "total": null }),
        json!({ "order_id": "o5", "customer_id": "nobody", "placed_at": "2026-04-01", "status": "DRAFT", "total": 1 }),
    ];
    let wanted = json!({
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "6 problems; nothing was stored",
        "count": 6,
        "problems": [
            { "row": 2, "column": "total", "value": "12,50", "reason": "is not an amount such as 149.99" },
            {
                "row": 3, "column": "placed_at", "value": "yesterday",
                "reason": "is not an instant such as 2026-04-01T09:30:00Z, or a day such as 2026-04-01",
            },
            {
                "row": 3, "column": "status", "value": "PAID",
                "reason": "is not one of DRAFT, SUBMITTED, CONFIRMED, SHIPPED, DELIVERED, CANCELLED",
            },
            { "row": 4, "column": "order_id", "reason": "is empty, and must not be" },
            { "row": 4, "column": "total", "reason": "is empty, and must not be" },
            {
                "row": 5, "column": "customer_id", "value": "nobody",
                "reason": "is no known customer: neither this import nor the database has it",
            },
        ],
    });
    assert_eq!(problem(&shop.lines("orders", &rows).await, 422), wanted);
    let array = shop.send(posted("orders", "application/json"), json!(rows).to_string()).await;
    assert_eq!(problem(&array, 422), wanted);
    assert_eq!(dump(&database.connection).await, before);

    // Of many problems the first are told, and a long value only by its beginning.
    let rows: Vec<Value> = (0..50).map(|row| order(&format!("o{row}"), &"x".repeat(500))).collect();
    let told = problem(&shop.lines("orders", &rows).await, 422);
    assert_eq!(told["detail"], "50 problems, the first 20 are listed; nothing was stored");
    assert_eq!((&told["count"], told["problems"].as_array().map(Vec::len)), (&json!(50), Some(20)));
    assert_eq!(told["problems"][19]["value"], format!("{}…", "x".repeat(100)));
}

async fn bodies_that_are_no_rows_are_told(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let good = order("o1", "10.00");
    let cut = gzip(&lines(std::slice::from_ref(&good)))[..20].to_vec();
    let expected = "expected a JSON array of objects, such as [{\"name\": \"value\"}]";
    let no_object = "the row is not one JSON object: ";
    let unknown = "`colour` is not a column of orders; these are: order_id, customer_id, sales_rep_number, placed_at, \
                   status, currency, total, discount, shipping, tax, channel, coupon_code, country, region, city";
    for (kind, coding, body, row, reason) in [
        ("application/json", "", "{}".into(), Some(1), expected),
        ("application/json", "", String::new().into_bytes(), Some(1), expected),
        ("application/json", "", format!("[{good}").into_bytes(), Some(1), "the array is not closed"),
        (
            "application/json",
            "",
            format!("[{good}] x").into_bytes(),
            Some(2),
            "there is more behind the array",
        ),
        ("application/json", "", format!("[{good}, 5]").into_bytes(), Some(2), no_object),
        ("application/x-ndjson", "", format!("{good}\n[{good}]\n").into_bytes(), Some(2), no_object),
        ("application/x-ndjson", "", b"\xff\n".to_vec(), Some(1), "the row is not UTF-8"),
        (
            "application/x-ndjson",
            "",
            br#"{"total":1,"total":2}"#.to_vec(),
            Some(1),
            "the key `total` stands there twice",
        ),
        (
            "application/x-ndjson",
            "",
            format!("{good}\n{{\"colour\":\"red\"}}\n").into_bytes(),
            Some(2),
            unknown,
        ),
        ("application/x-ndjson", "gzip", cut, None, "cannot be read: "),
        ("application/x-ndjson", "zstd", b"no zstd".to_vec(), None, "cannot be read: "),
    ] {
        let body: Vec<u8> = body;
        let request = posted("orders", kind);
        let request = if coding.is_empty() { request } else { request.header("content-encoding", coding) };
        let told = problem(&shop.send(request, body.clone()).await, 422);
        let shown = String::from_utf8_lossy(&body);
        assert_eq!(told["problems"][0]["row"], json!(row), "{shown}: {told}");
        assert!(
            told["problems"][0]["reason"].as_str().is_some_and(|told| told.contains(reason)),
            "{shown}: {told}"
        );
    }
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM orders").await, ["0"]);
}

async fn requests_that_are_none_are_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = lines(&[order("o1", "10.00")]);
    let detail =
        |reply: &Reply, status| problem(reply, status)["detail"].as_str().unwrap_or_default().to_owned();
    let entities = "these are: customers, categories, products, ";
    for (name, told) in [("order", "`order` is not an entity; "), ("%FF", "`\u{fffd}` is not an entity; ")] {
        let reply = shop.send(posted(name, "application/x-ndjson"), body.clone()).await;
        let words = detail(&reply, 404);
        assert!(words.starts_with(&format!("{told}{entities}")), "{words}");
    }
    let kinds = "the Content-Type must be application/x-ndjson, one object a line, or application/json, an array of objects";
    for kind in ["text/csv", "", "application/jsonl", "application/x-www-form-urlencoded"] {
        assert_eq!(detail(&shop.send(posted("orders", kind), body.clone()).await, 415), kinds, "{kind}");
    }
    for coding in ["br", "gzip, zstd", "deflate"] {
        let request = posted("orders", "application/x-ndjson").header("content-encoding", coding);
        let reply = shop.send(request, body.clone()).await;
        assert_eq!(detail(&reply, 415), "the Content-Encoding must be gzip, zstd or identity", "{coding}");
        assert_eq!(reply.headers["accept-encoding"], "gzip, zstd");
    }
    let long = "k".repeat(256);
    for key in ["", long.as_str(), "schlüssel"] {
        let request = posted("orders", "application/x-ndjson").header("idempotency-key", key.as_bytes());
        let told = problem(&shop.send(request, body.clone()).await, 400);
        let words = "must be one text of 1 to 255 ASCII characters, such as a UUID";
        assert_eq!(told["errors"], json!({ "Idempotency-Key": [words] }), "{key}");
    }
    let twice = posted("orders", "application/x-ndjson")
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    assert_eq!(shop.send(twice, body.clone()).await.status, 400);
    let read = Request::get("/ingest/v1/orders").body(body.clone().into()).expect("a request");
    let reply = shop.app.send(Ok(shop.writer()), read).await;
    assert_eq!(detail(&reply, 405), "rows are stored with POST");
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM orders").await, ["0"]);
}

async fn who_may_not_write_is_refused_before_the_body_is_read(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body =
        || axum::body::Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let request = || posted("orders", "application/x-ndjson").body(body()).expect("a request");
    let reply = shop.app.send(Err(Refusal::Missing), request()).await;
    assert_eq!(
        problem(&reply, 401)["detail"],
        "no credential was sent; send `Authorization: Bearer <token>`"
    );
    assert_eq!(reply.headers["www-authenticate"], "Bearer");
    let reader = key(&shop.organization, &[Scope::ReportsRead, Scope::DashboardsWrite, Scope::SharesWrite]);
    let reply = shop.app.send(Ok(reader), request()).await;
    assert_eq!(problem(&reply, 403)["detail"], "this needs the role Admin or the scope data:write");
    let allowed = posted("orders", "application/x-ndjson").body(lines(&[order("o1", "1.00")]).into());
    let reply = shop.app.send(Ok(admin(&shop.organization)), allowed.expect("a request")).await;
    assert_eq!(reply.status, 200);
}
