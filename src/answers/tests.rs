use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::Duration as Span;
use hyper::header::IF_NONE_MATCH;
use hyper::{HeaderMap, header::ACCEPT_ENCODING};

use super::*;
use crate::organizations::AtVersion;
use crate::principal::{CredentialKind, Organization, OrganizationId, Principal, Role, Scope};
use crate::quota::Allowance;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn organization(id: i64) -> Arc<Organization> {
    let currency = "USD".parse().expect("a currency");
    Arc::new(Organization {
        id: OrganizationId(id),
        external_id: "acme".to_owned(),
        name: "Acme".to_owned(),
        currency,
        time_zone: chrono_tz::UTC,
        fact_currencies: BTreeSet::from([currency]),
        churn_window: Span::days(90),
    })
}

fn principal(scopes: &[Scope]) -> Principal {
    Principal {
        organization: organization(1),
        subject: "key:1".to_owned(),
        kind: CredentialKind::ApiKey,
        role: Role::Unnamed,
        scopes: scopes.iter().copied().collect(),
        allowance: Allowance::of("key:1"),
    }
}

fn at(id: i64, made_at: i64, version: i64) -> AtVersion {
    AtVersion {
        organization: organization(id),
        made_at,
        version,
        has_rollups: false,
        rollup_steps: 0,
        rolled_orders: i64::MAX,
        settled_version: version,
    }
}

fn key(what: &str) -> Key {
    let (salt, principal, at) = (Salt::default(), principal(&[]), at(1, 1, 1));
    Question::new(&salt, &principal, &at, "rest").part(what.as_bytes()).key()
}

fn answers(bytes: u64) -> Answers {
    Answers::new(bytes, Salt::default(), telemetry::Cache::default())
}

fn answer(text: &str, until: Until) -> Answer {
    Answer { body: Bytes::copy_from_slice(text.as_bytes()), until }
}

/// What somebody finds, in a word or by what is told.
async fn find(answers: &Answers, key: Key) -> String {
    match answers.find(key, || NOW).await {
        Found::Known(answer) => String::from_utf8(answer.body.to_vec()).expect("text"),
        Found::Lead(_) => "lead".to_owned(),
        Found::Alone => "alone".to_owned(),
    }
}

async fn lead(answers: &Answers, key: Key) -> Lead {
    match answers.find(key, || NOW).await {
        Found::Lead(lead) => lead,
        _ => panic!("nobody else asks"),
    }
}

#[test]
fn whatever_an_answer_follows_from_is_in_its_key() {
    let of = |salt: &Salt, principal: &Principal, at: &AtVersion, api: &str, parts: &[&str]| {
        let question = Question::new(salt, principal, at, api);
        parts.iter().fold(question, |question, part| question.part(part.as_bytes())).key()
    };
    let salt = Salt::default();
    let reader = principal(&[Scope::ReportsRead]);
    let all = [
        of(&salt, &reader, &at(1, 1, 1), "rest", &["a", "b"]),
        of(&Salt::of(&["another form"]), &reader, &at(1, 1, 1), "rest", &["a", "b"]),
        of(&salt, &reader, &at(2, 1, 1), "rest", &["a", "b"]),
        of(&salt, &reader, &at(1, 2, 1), "rest", &["a", "b"]),
        of(&salt, &reader, &at(1, 1, 2), "rest", &["a", "b"]),
        of(&salt, &reader, &at(1, 1, 1), "graphql", &["a", "b"]),
        of(&salt, &reader, &at(1, 1, 1), "rest", &["ab"]),
        of(&salt, &reader, &at(1, 1, 1), "rest", &["ab", ""]),
        of(&salt, &reader, &at(1, 1, 1), "rest", &["", "ab"]),
        of(&salt, &principal(&Scope::ALL), &at(1, 1, 1), "rest", &["a", "b"]),
        of(&salt, &Principal { role: Role::Admin, ..reader.clone() }, &at(1, 1, 1), "rest", &["a", "b"]),
        of(&salt, &Principal { role: Role::Other, ..reader.clone() }, &at(1, 1, 1), "rest", &["a", "b"]),
        of(
            &salt,
            &Principal { kind: CredentialKind::Jwt, ..reader.clone() },
            &at(1, 1, 1),
            "rest",
            &["a", "b"],
        ),
    ];
    let apart: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(apart.len(), all.len());
    let zone = Organization { time_zone: chrono_tz::Europe::Berlin, ..(*organization(1)).clone() };
    let name = Organization { name: "Other".to_owned(), ..(*organization(1)).clone() };
    for told in [zone, name] {
        let principal = Principal { organization: Arc::new(told), ..reader.clone() };
        assert!(!all.contains(&of(&salt, &principal, &at(1, 1, 1), "rest", &["a", "b"])));
    }
    // Who it is makes no difference, as long as the rights are the same.
    let other = Principal { subject: "key:2".to_owned(), ..reader };
    assert_eq!(of(&salt, &other, &at(1, 1, 1), "rest", &["a", "b"]), all[0]);
}

#[test]
fn a_tag_names_its_answer_until_that_holds_no_more() {
    let noon = NOW + Span::hours(12);
    let headers = |tags: &str| HeaderMap::from_iter([(IF_NONE_MATCH, tags.parse().expect("a value"))]);
    let named = |tags: &str, now| key("a").named_in(&headers(tags), now);
    let (always, once) = (key("a").tag(Until::Written), key("a").tag(Until::Instant(noon)));
    assert_eq!(named(&always, noon), Some(always.clone()));
    assert_eq!(named(&once, NOW), Some(once.clone()));
    assert_eq!(named(&once, noon), None);
    assert_eq!(named(&format!("\"x\" , {}", once.trim_start_matches("W/")), NOW), Some(once.clone()));
    let (another, longer) = (key("b").tag(Until::Written), format!("{always}-"));
    for other in [another.as_str(), &longer, "*", "", "W/", "\"\""] {
        assert_eq!(named(other, NOW), None, "{other}");
    }
    // Cut short it names an earlier instant, which is over.
    assert_eq!(named(&once[..once.len() - 3], noon), None);
    assert_eq!(tag_of_body(b"a"), "W/\"ca978112ca1bbdcafac231b39a23dc4d\"");
    assert!(is_named("W/\"x\"", &headers("\"y\", \"x\"")) && is_named("W/\"x\"", &headers("*")));
    assert!(!is_named("W/\"x\"", &headers("\"y\"")) && !is_named("W/\"x\"", &HeaderMap::new()));
}

#[tokio::test]
async fn no_more_is_kept_than_there_is_room_for() {
    let answers = answers(20_000);
    for number in 0..500 {
        let lead = lead(&answers, key(&format!("{number}"))).await;
        lead.tell(answer(&"x".repeat(1000), Until::Written));
        assert!(answers.weight() <= 20_000, "{}", answers.weight());
    }
    assert!(answers.weight() > 10_000, "{}", answers.weight());
    // What has no room at all is told to who asked, and forgotten.
    lead(&answers, key("large")).await.tell(answer(&"x".repeat(50_000), Until::Written));
    assert!(answers.weight() <= 20_000, "{}", answers.weight());
    assert!(!self::answers(0).keeps_anything() && answers.keeps_anything());
}

#[tokio::test]
async fn equal_questions_are_asked_once() {
    let answers = answers(1_000_000);
    let first = lead(&answers, key("a")).await;
    let others: Vec<_> = (0..10)
        .map(|_| {
            let answers = answers.clone();
            tokio::spawn(async move { find(&answers, key("a")).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(others.iter().all(|other| !other.is_finished()));
    // Another question waits for nobody.
    assert_eq!(find(&answers, key("b")).await, "lead");
    first.tell(answer("told", Until::Written));
    for other in others {
        assert_eq!(other.await.expect("it ends"), "told");
    }
    assert_eq!(find(&answers, key("a")).await, "told");
}

#[tokio::test]
async fn where_the_first_gives_up_one_of_the_others_asks() {
    let answers = answers(1_000_000);
    let first = lead(&answers, key("a")).await;
    let leads = Arc::new(AtomicI64::new(0));
    let others: Vec<_> = (0..10)
        .map(|_| {
            let (answers, leads) = (answers.clone(), Arc::clone(&leads));
            tokio::spawn(async move {
                match answers.find(key("a"), || NOW).await {
                    Found::Lead(lead) => {
                        leads.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        lead.tell(answer("second", Until::Written));
                        "second".to_owned()
                    }
                    Found::Known(answer) => String::from_utf8(answer.body.to_vec()).expect("text"),
                    Found::Alone => "alone".to_owned(),
                }
            })
        })
        .collect();
    tokio::task::yield_now().await;
    drop(first);
    for other in others {
        assert_eq!(other.await.expect("it ends"), "second");
    }
    assert_eq!(leads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_waited_for_what_is_not_kept_waits_no_longer() {
    let answers = answers(1_000_000);
    for (what, later) in [("passes", "alone"), ("fails", "lead")] {
        let first = lead(&answers, key(what)).await;
        let waiting = {
            let answers = answers.clone();
            tokio::spawn(async move { find(&answers, key(what)).await })
        };
        tokio::time::sleep(Duration::from_millis(10)).await;
        if what == "passes" {
            first.passes();
        } else {
            first.failed();
        }
        assert_eq!(waiting.await.expect("it ends"), "alone");
        // What is good for one request alone is waited for by nobody any more; what failed may be well.
        assert_eq!(find(&answers, key(what)).await, later);
    }
}

#[tokio::test]
async fn what_ends_by_the_clock_is_told_before_it_alone() {
    let answers = answers(1_000_000);
    let noon = NOW + Span::hours(12);
    lead(&answers, key("a")).await.tell(answer("morning", Until::Instant(noon)));
    assert_eq!(find(&answers, key("a")).await, "morning");
    let Found::Lead(afternoon) = answers.find(key("a"), || noon).await else { panic!("it is over") };
    // Who waited since the morning is told what holds then.
    let waiting = {
        let answers = answers.clone();
        tokio::spawn(async move { matches!(answers.find(key("a"), || noon).await, Found::Alone) })
    };
    tokio::time::sleep(Duration::from_millis(10)).await;
    afternoon.tell(answer("late", Until::Instant(noon)));
    assert!(waiting.await.expect("it ends"));
}

#[tokio::test]
async fn an_answer_is_packed_once_and_says_the_same() {
    use std::io::Read as _;

    let answers = answers(1_000_000);
    let text = "countinghouse ".repeat(500);
    let whole = answer(&text, Until::Written);
    let packed = answers.packed(key("a"), &whole, Coding::Gzip).expect("it is packed");
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).expect("gzip");
    assert!(unpacked == text && packed.len() < text.len() / 10);
    // The very bytes, not made anew.
    let again = answers.packed(key("a"), &whole, Coding::Gzip).expect("it is packed");
    assert_eq!(again.as_ptr(), packed.as_ptr());
    let brotli = answers.packed(key("a"), &whole, Coding::Brotli).expect("it is packed");
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut &brotli[..], &mut unpacked).expect("brotli");
    assert!(unpacked == text.as_bytes());
    assert_eq!(answers.packed(key("b"), &answer("short", Until::Written), Coding::Gzip), None);
    assert_eq!(answers.packed(key("a"), &whole, Coding::Plain), None);
    for (accepts, wished) in [
        ("gzip, deflate, br", Coding::Brotli),
        ("br, gzip", Coding::Brotli),
        ("gzip", Coding::Gzip),
        ("GZIP;q=0.5", Coding::Gzip),
        ("gzip, br;q=0", Coding::Gzip),
        ("gzip;q=1.0, br;q=0.5", Coding::Gzip),
        ("zstd, identity", Coding::Plain),
        ("gzip;q=0", Coding::Plain),
        ("", Coding::Plain),
    ] {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accepts.parse().expect("a value"))]);
        assert_eq!(Coding::wished(&headers), wished, "{accepts}");
    }
}
