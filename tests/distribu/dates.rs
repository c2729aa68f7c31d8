//! Dates are what JavaScript takes them for: whatever is read here, Node.js reads as the same instant.

use countinghouse::principal::Scope;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::momentum::corner_shop::dataset;
use crate::support::app::{App, key, organization};
use crate::support::node::script;
use crate::support::{TestDatabase, both_databases};

/// What the API takes, in every form that people write.
const TAKEN: [&str; 46] = [
    "2026",
    "2026-04",
    "2026-04-01",
    "+002026-04-01",
    "2026-04-01T00:00Z",
    "2026-04-01T00:00:00Z",
    "2026-04-01T10:11:12.1Z",
    "2026-04-01T10:11:12.123456789Z",
    "2026-04-01T10:11:12",
    "2026-04-01T24:00:00Z",
    "2026-04T10:00",
    "2026-04-01T10:00:00+05:30",
    "2026-04-01T10:00:00-0500",
    "2026-04-01t10:00:00z",
    "2026-04-01 10:00",
    "2026-04-01 10:00:00.5Z",
    "2026-4-1",
    "2026/04/01",
    "2026/04",
    "2026/04/01 10:00 PM",
    "04/01/2026",
    "4/1/26",
    "4.1.2026",
    "1/31/70",
    "April 1, 2026",
    "april 1 2026",
    "Apr 1 2026",
    "1 Apr 2026",
    "1-Apr-2026",
    "Apr. 1, 2026",
    "Sept 1, 2026",
    "April 2026",
    "2026 April 1",
    "Wednesday, April 1, 2026",
    "Wed, 01 Apr 2026 10:00:00 GMT",
    "Wed, 01 Apr 2026 10:00:00 +0530",
    "01 Apr 2026 10:00:00 EST",
    "01 Apr 2026 10:00 PDT",
    "1 Apr 2026 10:00 GMT+2",
    "1 Apr 2026 10:00 UTC-03:30",
    "10:00 1 Apr 2026",
    "Apr 1, 2026 12:00 AM",
    "Apr 1, 2026 12:30 pm",
    "Wed Apr 01 2026 10:00:00 GMT+0200 (Central European Summer Time)",
    "1 Apr 2026 GMT",
    "  2026-04-01  ",
];

/// What it refuses: what JavaScript reads as no date, or only guesses at.
const REFUSED: [&str; 35] = [
    "",
    "yesterday",
    "12",
    "April 1",
    "04/01",
    "2026-13-01",
    "2026-00-01",
    "2026-02-30",
    "2026/02/30",
    "February 30, 2026",
    "2026-04-01T",
    "2026-04-01T10",
    "2026-04-01T25:00",
    "2026-04-01T24:00:01Z",
    "2026-04-01T10:60",
    "2026-04-01T10:00:60Z",
    "2026-04-01T10:00:00+24:00",
    "2026-04-01T10:00:00.Z",
    "20260401",
    "1775001600000",
    "0000-01-01",
    "-000001-01-01",
    "+012026-01-01",
    "275760-09-14",
    "1 2 3 4",
    "13/13/2026",
    "Apr Apr 1 2026",
    "1 Apr 2026 10:00 10:00",
    "1 Apr 2026 13:00 PM",
    "1 Apr 2026 XYZ",
    "April 1st, 2026",
    "2026-04-01; DROP TABLE orders",
    "２０２６-04-01",
    "2026-04-01\u{0}",
    "1 Apr 2026 (unclosed",
];

struct Asked {
    app: App,
    reader: countinghouse::principal::Principal,
}

impl Asked {
    async fn open(database: &TestDatabase) -> Self {
        let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
        let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
        Self { app, reader: key(&shop, &[Scope::ReportsRead]) }
    }

    /// The first instant that `date` means as a lower bound; nothing where it is refused.
    async fn instant(&self, date: &str) -> Option<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("from", date).append_pair("to", "9999-12-31");
        let path = format!("/api/v1/reports/customers?{}", query.finish());
        let reply = self.app.get(Ok(self.reader.clone()), &path).await;
        match reply.status.as_u16() {
            200 => Some(reply.json()["data"]["range"]["from"].as_str().expect("an instant").to_owned()),
            400 => {
                let message = reply.json()["error"]["message"].as_str().expect("words").to_owned();
                assert!(message.starts_with("from must be a date such as 2026-04-01"), "{message}");
                None
            }
            status => panic!("{date}: {status} {}", reply.body),
        }
    }
}

/// What `new Date()` says of each text, where it is a date.
fn as_node_reads(texts: &[String]) -> Vec<Option<String>> {
    let asked = serde_json::to_string(texts).expect("JSON");
    let told: Vec<Value> = serde_json::from_str(&script("dates.mjs", &[&asked])).expect("JSON");
    told.into_iter().map(|instant| instant.as_str().map(str::to_owned)).collect()
}

async fn dates_are_what_javascript_takes_them_for(database: TestDatabase) {
    let asked = Asked::open(&database).await;
    for refused in REFUSED {
        assert_eq!(asked.instant(refused).await, None, "{refused}");
    }
    let texts: Vec<String> = TAKEN.map(str::to_owned).into_iter().chain(drawn(400)).collect();
    let mut read = 0;
    for (place, (text, expected)) in texts.iter().zip(as_node_reads(&texts)).enumerate() {
        let instant = asked.instant(text).await;
        assert!(instant.is_some() || place >= TAKEN.len(), "{text} is refused");
        // What is refused may be a guess of JavaScript's; what is read is never another instant than its.
        if instant.is_some() {
            assert_eq!(instant, expected, "{text}");
            read += 1;
        }
    }
    assert!(read > TAKEN.len() + 100, "{read} were read");
}

/// Parts of dates in any order, some of which make one.
fn drawn(many: usize) -> impl Iterator<Item = String> {
    const DAYS: [&str; 8] = ["1", "01", "15", "31", "29", "7", "2026", "99"];
    const MONTHS: [&str; 6] = ["4", "12", "Feb", "march", "Dec", "06"];
    const YEARS: [&str; 5] = ["2026", "1999", "24", "50", "2024"];
    const MARKS: [&str; 5] = ["-", "/", " ", ", ", "."];
    const TIMES: [&str; 9] =
        ["", "", "", " 10:00", "T10:00", " 1:02:03 PM", " 23:59:59.9999", " 12:00 am", "T23:59:59.5"];
    const ZONES: [&str; 8] = ["", "", "", "Z", " GMT", "+0130", " -02:00", " MST"];
    let mut chance = ChaCha8Rng::seed_from_u64(4);
    std::iter::repeat_with(move || {
        let mut of = |choices: &[&str]| choices[chance.random_range(0..choices.len())].to_owned();
        let mut parts = [of(&DAYS), of(&MONTHS), of(&YEARS)];
        let turn = chance.random_range(0..3);
        parts.rotate_left(turn);
        if chance.random_bool(0.5) {
            parts.reverse();
        }
        let mut of = |choices: &[&str]| choices[chance.random_range(0..choices.len())].to_owned();
        let (mark, time, zone) = (of(&MARKS), of(&TIMES), of(&ZONES));
        format!("{}{time}{zone}", parts.join(&mark))
    })
    .take(many)
}

both_databases!(dates_are_what_javascript_takes_them_for);
