//! What is read of a query string, and every mistake in one.

use serde_json::{Value, json};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn read(query: &str) -> Result<Question, Refused> {
    Question::read(query, day("2024-03-10"))
}

/// What is wrong, by parameter.
fn details(query: &str) -> Value {
    let refused = read(query).expect_err(query);
    let mut body = serde_json::to_value(refused).expect("JSON");
    assert_eq!(body["error"]["code"], "VALIDATION_ERROR");
    body["error"]["details"].take()
}

#[test]
fn what_is_not_said_is_as_documented() {
    let question = read("section=stats").expect("a question");
    assert_eq!((question.from, question.to), (day("2024-02-09"), day("2024-03-10")));
    assert_eq!(question.chosen.0, stats::METRICS);
    assert_eq!(question.page, Paging { page: 1, per_page: 15 });
    assert_eq!(question.top_limit, 10);
    assert_eq!(read("section=stats&from=&to=&metrics=&page=&per_page=&top_limit="), Ok(question.clone()));
    assert_eq!(read("SECTION=stats&utm=1&metrics=%20,"), Ok(question));
}

#[test]
fn what_is_said_counts() {
    let query = "section=trends&from=2024-01-01&to=2024-01-31&metrics=revenue,%20clicks,clicks&page=3&per_page=100\
                 &top_limit=50";
    let question = read(query).expect("a question");
    assert_eq!(question.section, Section::Trends);
    assert_eq!((question.from, question.to), (day("2024-01-01"), day("2024-01-31")));
    // In the document's order, each once.
    assert_eq!(question.chosen.0, ["clicks", "revenue"]);
    assert_eq!((question.page, question.top_limit), (Paging { page: 3, per_page: 100 }, 50));
    let period = question.period().expect("a period");
    assert_eq!(period.start().to_rfc3339(), "2024-01-01T00:00:00+00:00");
    assert_eq!(period.end().to_rfc3339(), "2024-02-01T00:00:00+00:00");
    let feed = read("section=recent_events&metrics=whatever,there,is").expect("a feed has no metrics");
    assert_eq!(feed.chosen.0, Vec::<&str>::new());
}

#[test]
fn every_mistake_is_told_at_its_parameter() {
    let sections = "stats, trends, charts, tables, recent_clicks, recent_conversions, recent_events";
    for (query, expected) in [
        ("", json!({ "section": ["The section field is required."] })),
        ("section=", json!({ "section": ["The section field is required."] })),
        ("section=stat", json!({ "section": [format!("Invalid section: stat. Allowed: {sections}")] })),
        ("section=Stats", json!({ "section": [format!("Invalid section: Stats. Allowed: {sections}")] })),
        (
            "section=stats&section=stats",
            json!({ "section": ["The section field was given more than once."] }),
        ),
        (
            "section=trends&metrics=clicks,total_clicks,x",
            json!({ "metrics": ["Invalid metric(s) for trends: total_clicks, x. Allowed: clicks, pageviews, visitors, \
                                 conversions, revenue, commission, product_views, add_to_carts"] }),
        ),
        (
            "section=stats&from=2024-1-1&to=tomorrow",
            json!({
                "from": ["The from field must be a date in the format YYYY-MM-DD."],
                "to": ["The to field must be a date in the format YYYY-MM-DD."],
            }),
        ),
        (
            "section=stats&from=2024-02-30",
            json!({ "from": ["The from field must be a date in the format YYYY-MM-DD."] }),
        ),
        (
            "section=stats&to=2024-03-11",
            json!({ "to": ["The to field must be a date before or equal to today."] }),
        ),
        (
            "section=stats&from=2024-02-02&to=2024-02-01",
            json!({ "from": ["The from field must be a date before or equal to to."] }),
        ),
        (
            "section=stats&from=2024-03-11",
            json!({ "from": ["The from field must be a date before or equal to to."] }),
        ),
        (
            "section=stats&to=2024-02-08",
            json!({ "to": ["The to field must be a date after or equal to from, which is 2024-02-09 where it is not \
                            given."] }),
        ),
        (
            "section=stats&page=0&per_page=101&top_limit=51",
            json!({
                "page": ["The page field must be at least 1."],
                "per_page": ["The per page field must be between 1 and 100."],
                "top_limit": ["The top limit field must be between 1 and 50."],
            }),
        ),
        (
            "section=stats&page=-3&per_page=1.5&top_limit=ten",
            json!({
                "page": ["The page field must be at least 1."],
                "per_page": ["The per page field must be an integer."],
                "top_limit": ["The top limit field must be an integer."],
            }),
        ),
        (
            "section=stats&organizationId=another&page=1&page=1",
            json!({
                "organizationId": ["organizationId is not taken: the credential decides whose data is told"],
                "page": ["The page field was given more than once."],
            }),
        ),
    ] {
        assert_eq!(details(query), expected, "{query}");
    }
}

proptest::proptest! {
    /// Whatever a client sends is answered, never a panic.
    #[test]
    fn anything_can_be_read(query in ".{0,80}") {
        let _ = read(&query);
        for name in ["section", "from", "to", "metrics", "page", "per_page", "top_limit"] {
            let _ = read(&format!("section=stats&{name}={query}")).map(|question| question.period());
        }
    }
}
