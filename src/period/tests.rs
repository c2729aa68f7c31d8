use chrono::{DateTime, Duration, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn period(start: &str, end: &str) -> Period {
    Period::new(at(start), at(end)).expect("a period")
}

fn calendar(zone: Tz) -> Calendar {
    Calendar { zone, week_start: Weekday::Mon }
}

#[test]
fn a_period_is_never_empty_and_drops_digits_below_the_microsecond() {
    let start = at("2024-01-01T00:00:00.0000004Z");
    assert_eq!(Period::new(start, at("2024-01-01T00:00:00.0000009Z")), Err(PeriodError::Empty));
    assert_eq!(
        Period::through(start, start).map(|instant| instant.end() - instant.start()),
        Ok(Duration::microseconds(1))
    );
    let late =
        NaiveDate::from_ymd_opt(10_000, 1, 1).expect("a date").and_time(chrono::NaiveTime::MIN).and_utc();
    assert!(Period::new(at("9999-01-01T00:00:00Z"), late).is_ok());
    assert_eq!(Period::new(late, late + Duration::days(400)), Err(PeriodError::OutOfRange));
}

#[test]
fn a_month_back_is_clamped_and_a_months_last_day_stays_one() {
    let back = |start: &str, last: &str, unit| {
        let period = Period::through(at(start), at(last)).expect("a period");
        let moved = Calendar::UTC.back(&period, unit, 1).expect("a period");
        (moved.start().to_rfc3339(), moved.last().to_rfc3339())
    };
    let text = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    // 31 March has no counterpart in February: its last day; and 29 February is its month's last day: 31 January.
    assert_eq!(
        back("2024-03-01T00:00:00Z", "2024-03-31T23:59:59Z", Grain::Month),
        text("2024-02-01T00:00:00+00:00", "2024-02-29T23:59:59+00:00")
    );
    assert_eq!(
        back("2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z", Grain::Month),
        text("2024-01-01T00:00:00+00:00", "2024-01-31T23:59:59+00:00")
    );
    assert_eq!(
        back("2024-03-01T00:00:00Z", "2024-03-30T12:00:00Z", Grain::Month),
        text("2024-02-01T00:00:00+00:00", "2024-02-29T12:00:00+00:00")
    );
    assert_eq!(
        back("2025-02-01T00:00:00Z", "2025-02-28T00:00:00Z", Grain::Year),
        text("2024-02-01T00:00:00+00:00", "2024-02-29T00:00:00+00:00")
    );
}

#[test]
fn local_days_follow_the_clocks() {
    let berlin = calendar(Tz::Europe__Berlin);
    let spring = period("2024-03-30T23:00:00Z", "2024-04-01T22:00:00Z");
    let days = berlin.buckets(Grain::Day, &spring).expect("buckets");
    let hours: Vec<i64> = days.iter().map(|day| (day.end - day.start).num_hours()).collect();
    assert_eq!(hours, [23, 24]);
    // Hours: one is skipped in spring; in autumn the hour from two comes twice.
    assert_eq!(
        berlin
            .buckets(Grain::Hour, &period("2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z"))
            .map(|all| all.len()),
        Ok(23)
    );
    assert_eq!(
        berlin
            .buckets(Grain::Hour, &period("2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z"))
            .map(|all| all.len()),
        Ok(25)
    );
    // Midnight does not exist on 2024-04-26 in Cairo: the day starts at one.
    let cairo = calendar(Tz::Africa__Cairo);
    let date = NaiveDate::from_ymd_opt(2024, 4, 26).expect("a date");
    assert_eq!(cairo.midnight(date), at("2024-04-25T22:00:00Z"));
    // Samoa skipped 2011-12-30 altogether.
    let apia = calendar(Tz::Pacific__Apia);
    let skipped =
        apia.buckets(Grain::Day, &period("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z")).expect("buckets");
    let dates: Vec<String> = skipped.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates, ["2011-12-29", "2011-12-31"]);
    // Half-hour zones have half-hour starts in UTC.
    let kolkata = calendar(Tz::Asia__Kolkata);
    let hour = kolkata.bucket(Grain::Hour, at("2024-01-01T00:10:00Z")).expect("an hour");
    assert_eq!(hour.start(), at("2023-12-31T23:30:00Z"));
}

#[test]
fn offsets_change_at_the_instant_of_the_clock_change() {
    let berlin = calendar(Tz::Europe__Berlin);
    let offsets = berlin.offsets(&period("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"));
    let told: Vec<(String, i32)> =
        offsets.iter().map(|offset| (offset.from.to_rfc3339(), offset.seconds / 3600)).collect();
    let expected = [
        ("2024-01-01T00:00:00+00:00", 1),
        ("2024-03-31T01:00:00+00:00", 2),
        ("2024-10-27T01:00:00+00:00", 1),
    ];
    assert_eq!(told, expected.map(|(from, hours)| (from.to_owned(), hours)));
}

#[test]
fn an_hour_that_clocks_change_within_is_two_buckets() {
    // On Lord Howe clocks go back from 2:00 (+11:00) to 1:30 (+10:30) on 7 April 2024, and forth from 2:00 to 2:30 on 6
    // October.
    let island = calendar(Tz::Australia__Lord_Howe);
    let hours = |from: &str, to: &str| -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let buckets = island.buckets(Grain::Hour, &period(from, to)).expect("buckets");
        buckets.iter().map(|bucket| (bucket.start, bucket.end)).collect()
    };
    let spans = |spans: &[(&str, &str)]| -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        spans.iter().map(|(start, end)| (at(start), at(end))).collect()
    };
    let back = [
        ("2024-04-06T14:00:00Z", "2024-04-06T15:00:00Z"),
        ("2024-04-06T15:00:00Z", "2024-04-06T15:30:00Z"),
        ("2024-04-06T15:30:00Z", "2024-04-06T16:30:00Z"),
    ];
    assert_eq!(hours("2024-04-06T14:10:00Z", "2024-04-06T15:40:00Z"), spans(&back));
    assert_eq!(hours("2024-04-06T15:10:00Z", "2024-04-06T15:20:00Z"), spans(&back[1..2]));
    let forth = [
        ("2024-10-05T14:30:00Z", "2024-10-05T15:30:00Z"),
        ("2024-10-05T15:30:00Z", "2024-10-05T16:00:00Z"),
        ("2024-10-05T16:00:00Z", "2024-10-05T17:00:00Z"),
    ];
    assert_eq!(hours("2024-10-05T15:00:00Z", "2024-10-05T16:10:00Z"), spans(&forth));
}

#[test]
fn too_many_buckets_are_refused() {
    let century = period("1925-01-01T00:00:00Z", "2025-01-01T00:00:00Z");
    assert_eq!(Calendar::UTC.buckets(Grain::Hour, &century), Err(PeriodError::TooManyBuckets));
    assert_eq!(Calendar::UTC.buckets(Grain::Month, &century).map(|all| all.len()), Ok(1200));
    let ever = period("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z");
    assert_eq!(calendar(Tz::Europe__Berlin).offsets(&ever).first().map(|offset| offset.seconds), Some(3208));
}

fn any_grain() -> impl Strategy<Value = Grain> {
    prop_oneof![
        Just(Grain::Hour),
        Just(Grain::Day),
        Just(Grain::Week),
        Just(Grain::Month),
        Just(Grain::Quarter),
        Just(Grain::Year)
    ]
}

fn any_zone() -> impl Strategy<Value = Tz> {
    prop_oneof![
        Just(Tz::UTC),
        Just(Tz::Europe__Berlin),
        Just(Tz::America__New_York),
        Just(Tz::Australia__Lord_Howe),
        Just(Tz::Asia__Kathmandu),
        Just(Tz::Africa__Casablanca),
        Just(Tz::Pacific__Apia)
    ]
}

proptest! {
    /// Buckets follow each other without gap or overlap and cover the period.
    #[test]
    fn buckets_tile_the_period(
        zone in any_zone(), grain in any_grain(), start in 0_i64..2_000_000_000, seconds in 1_i64..13_000_000
    ) {
        let start = DateTime::from_timestamp(start, 0).expect("an instant");
        let period = Period::new(start, start + Duration::seconds(seconds)).expect("a period");
        let buckets = calendar(zone).buckets(grain, &period).expect("buckets");
        prop_assert!(buckets[0].start <= period.start());
        prop_assert!(buckets[0].end > period.start());
        let last = buckets[buckets.len() - 1];
        prop_assert!(last.start < period.end() && last.end >= period.end());
        for pair in buckets.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
            prop_assert!(pair[1].start < pair[1].end);
        }
    }
}
