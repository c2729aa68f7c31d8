//! Where a request's time went, where answers tell it.

use axum::body::Body;
use axum::http::Request;

use super::{Answer, Stand, YEAR};
use crate::support::{TestDatabase, both_databases};

const ROUTE: &str = "/api/analytics/revenue?startDate=2024-01-01T00:00:00Z&endDate=2024-12-31T00:00:00Z";

/// Parts of the header in milliseconds, and what is said of the database.
fn parts(answer: &Answer) -> (Vec<(String, f64)>, String) {
    let mut headers = answer.headers.get_all("server-timing").iter();
    let header = headers.next().expect("a header").to_str().expect("text");
    assert!(headers.next().is_none());
    let (timed, words) = header.split_once(";desc=\"").expect("words of the database");
    let timed = timed.split(", ").map(|part| {
        let (name, span) = part.split_once(";dur=").expect("a part");
        (name.to_owned(), span.parse().expect("milliseconds"))
    });
    (timed.collect(), words.trim_end_matches('"').to_owned())
}

async fn answers_tell_where_their_time_went(database: TestDatabase) {
    let stand = Stand::open(&database, true, &[("COUNTINGHOUSE_SERVER_TIMING", "true")]).await;
    let query = format!("{{ revenue({YEAR}) {{ totals {{ revenue {{ amount }} }} }} }}");
    for (answer, is_parsed, statements) in [
        (stand.graphql(&query).await, true, "2 statements"),
        (stand.graphql("{ metrics { name } }").await, true, "0 statements"),
        (stand.get(ROUTE).await, false, "2 statements"),
        (stand.get("/nowhere").await, false, "0 statements"),
    ] {
        let (parts, words) = parts(&answer);
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["total", "parse", "execute", "db"]);
        let [total, parse, execute, db] = [0, 1, 2, 3].map(|index| parts[index].1);
        assert_eq!(words, statements);
        assert!(parse + execute <= total, "{parts:?}");
        assert_eq!(parse > 0.0, is_parsed, "{parts:?}");
        assert_eq!(db > 0.0, statements.starts_with('2'), "{parts:?}");
        assert!(db <= execute, "statements here are one after another: {parts:?}");
        assert_eq!(execute > 0.0, answer.status == 200, "{parts:?}");
    }
}

async fn entity_tags_are_of_the_answer_alone(database: TestDatabase) {
    let stand = Stand::open(&database, false, &[("COUNTINGHOUSE_SERVER_TIMING", "true")]).await;
    let path = "/graphql?query=%7Bmetrics%7Bname%7D%7D";
    let (first, second) = (stand.get(path).await, stand.get(path).await);
    assert_eq!(first.headers["etag"], second.headers["etag"]);
    let known = Request::get(path).header("if-none-match", &first.headers["etag"]);
    let unchanged = stand.send(known.body(Body::empty()).expect("a request")).await;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
    assert_eq!(parts(&unchanged).0.len(), 4);
}

async fn nothing_is_told_unless_asked_for(database: TestDatabase) {
    let stand = Stand::open(&database, false, &[]).await;
    for answer in [stand.graphql("{ metrics { name } }").await, stand.get(ROUTE).await] {
        assert_eq!((answer.status, answer.headers.get("server-timing")), (200, None));
    }
}

both_databases!(
    answers_tell_where_their_time_went,
    entity_tags_are_of_the_answer_alone,
    nothing_is_told_unless_asked_for,
);
