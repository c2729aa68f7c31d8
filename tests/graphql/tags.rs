//! Entity tags of queries by GET: an answer that a client has already is not sent again.

use axum::body::Body;
use axum::http::Request;
use countinghouse::principal::{Principal, Refusal};

use super::stall::{Stall, dataset};
use crate::support::app::{Reply, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    an_answer_that_is_known_is_not_sent_again,
    the_tag_is_the_answers_own,
    what_is_no_whole_answer_has_no_tag
);

const REVENUE: &str = "/graphql?query=%7Brevenue(period:%7Brange:%7Bfrom:%222024-01-01%22,to:%222024-03-31%22%7D%7D)\
                       %7Btotals%7Borders%7D%7D%7D";

async fn ask(stall: &Stall, access: Result<Principal, Refusal>, path: &str, known: &[&str]) -> Reply {
    let request =
        known.iter().fold(Request::get(path), |request, known| request.header("if-none-match", *known));
    stall.app.send(access, request.body(Body::empty()).expect("a request")).await
}

fn tag(reply: &Reply) -> &str {
    reply.headers["etag"].to_str().expect("text")
}

async fn an_answer_that_is_known_is_not_sent_again(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let first = ask(&stall, Ok(stall.admin()), REVENUE, &[]).await;
    assert_eq!(
        (first.status.as_u16(), first.body.as_str()),
        (200, r#"{"data":{"revenue":{"totals":{"orders":6}}}}"#)
    );
    let weak = tag(&first).to_owned();
    let strong = weak.strip_prefix("W/").expect("it is weak").to_owned();
    assert!(strong.len() == 34 && strong.starts_with('"') && strong.ends_with('"'), "{strong}");
    let list = format!("\"other\", {weak}");
    for known in [&[weak.as_str()][..], &[&strong], &["*"], &[&list], &["W/\"other\"", &weak]] {
        let again = ask(&stall, Ok(stall.admin()), REVENUE, known).await;
        assert_eq!(
            (again.status.as_u16(), again.body.as_str(), tag(&again)),
            (304, "", weak.as_str()),
            "{known:?}"
        );
        // What the whole answer would say of how long it may be kept.
        for name in ["cache-control", "vary"] {
            assert_eq!(again.headers[name], first.headers[name]);
        }
        assert!(!again.headers.contains_key("content-type"));
    }
    for known in ["\"other\"", "", "W/", &weak[..weak.len() - 2]] {
        let again = ask(&stall, Ok(stall.admin()), REVENUE, &[known]).await;
        assert_eq!((again.status.as_u16(), &again.body), (200, &first.body), "{known:?}");
    }
    assert_eq!(first.headers["cache-control"], "private, no-cache");
    assert_eq!(first.headers["vary"], "Accept, Authorization");
}

async fn the_tag_is_the_answers_own(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    // Another organization with the same data but for its currency; and the same one, asked by nobody.
    let other = organization(&database.connection, "other", "EUR", dataset(true).path()).await;
    let currency = REVENUE.replace("%7Borders%7D", "%7Brevenue%7Bcurrency%7D%7D");
    let ours = ask(&stall, Ok(stall.admin()), &currency, &[]).await;
    let theirs = ask(&stall, Ok(admin(&other)), &currency, &[tag(&ours)]).await;
    assert_eq!(theirs.status.as_u16(), 200);
    assert_ne!(tag(&ours), tag(&theirs));
    let nobody = ask(&stall, Err(Refusal::Missing), &currency, &[tag(&ours)]).await;
    assert_eq!((nobody.status.as_u16(), nobody.headers.get("etag")), (401, None));
    let another = ask(&stall, Ok(stall.admin()), REVENUE, &[tag(&ours)]).await;
    assert_eq!(another.status.as_u16(), 200);
}

async fn what_is_no_whole_answer_has_no_tag(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    // A currency that nothing can be converted into: the field fails.
    let failing = REVENUE.replace(
        "%7D%7D)%7Btotals%7Borders%7D",
        "%7D%7D,currency:%22JPY%22)%7Btotals%7Borders,revenue%7Bamount%7D%7D",
    );
    for (path, status) in [
        ("/graphql", 400),
        ("/graphql?query=%7B", 200),
        ("/graphql?query=%7Bnothing%7D", 200),
        (failing.as_str(), 200),
        ("/graphql?query=mutation%7Bnothing%7D", 405),
    ] {
        let reply = ask(&stall, Ok(stall.admin()), path, &["*"]).await;
        assert_eq!(
            (reply.status.as_u16(), reply.headers.get("etag")),
            (status, None),
            "{path}: {}",
            reply.body
        );
        assert!(reply.json()["errors"].is_array(), "{path}: {}", reply.body);
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
    let request = Request::get(REVENUE).header("accept", "text/event-stream").body(Body::empty());
    let events = stall.app.send(Ok(stall.admin()), request.expect("a request")).await;
    assert_eq!((events.status.as_u16(), events.headers.get("etag")), (200, None));
    let posted = stall.ask("{ __typename }").await;
    assert_eq!(
        (posted.headers.get("etag"), &posted.headers["cache-control"]),
        (None, &"no-store".parse().expect("a value"))
    );
}
