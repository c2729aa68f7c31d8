use super::*;

fn read(query: &str) -> Result<Parameters, Refused> {
    Parameters::read(query, "2026-03-20".parse().expect("a day"))
}

fn window(query: &str) -> String {
    let period = read(query).expect("parameters").period;
    let text = |instant: DateTime<Utc>| instant.format("%FT%T%.fZ").to_string();
    format!("{} {}", text(period.start()), text(period.end()))
}

fn refused(query: &str) -> (u16, String) {
    let refused = read(query).expect_err("a refusal");
    (refused.status_code, refused.message)
}

#[test]
fn days_count_whole_and_instants_move_the_bounds() {
    assert_eq!(window("from=2026-01-01&to=2026-03-31"), "2026-01-01T00:00:00Z 2026-04-01T00:00:00Z");
    assert_eq!(window("FROM=2026-01-01&to=2026-01-01"), "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z");
    assert_eq!(
        window("from=2026-01-01T00:00:00-05:00&to=2026-01-31T23:59:59.999999-05:00"),
        "2026-01-01T05:00:00Z 2026-02-01T05:00:00Z"
    );
    // A plus that was not escaped arrives as a space.
    assert_eq!(
        window("from=2026-01-01T02:00:00+02:00&to=2026-01-01T00:00:00Z"),
        "2026-01-01T00:00:00Z 2026-01-01T00:00:00.000001Z"
    );
}

#[test]
fn the_window_is_thirty_days_where_it_is_not_said() {
    let thirty = "2026-02-19T00:00:00Z 2026-03-21T00:00:00Z";
    assert_eq!(window(""), thirty);
    assert_eq!(window("to=2026-03-20"), thirty);
    assert_eq!(window("from=2026-02-19"), thirty);
    assert_eq!(window("from=2026-02-19T00:00:00Z"), thirty);
    assert_eq!(window("to=2026-03-20T23:59:59.999999Z"), thirty);
    assert_eq!(window("from=2026-03-10T12:00:00Z"), "2026-03-10T12:00:00Z 2026-04-09T12:00:00Z");
}

#[test]
fn what_is_left_out_has_its_default() {
    let parameters = read("unknown=1").expect("parameters");
    assert_eq!(
        (parameters.grain, parameters.currency.code(), parameters.limit),
        (Grain::Day, "USD", DEFAULT_LIMIT)
    );
    let parameters = read("groupby=quarter&currency=JPY&limit=100").expect("parameters");
    assert_eq!(
        (parameters.grain, parameters.currency.code(), parameters.limit),
        (Grain::Quarter, "JPY", 100)
    );
    assert_eq!(read("currency=eur").expect("parameters").currency.code(), "EUR");
}

#[test]
fn each_bad_parameter_is_named() {
    for (query, name) in [
        ("from=2026-02-30", "from"),
        ("from=", "from"),
        ("to=yesterday", "to"),
        ("to=2026-1-1", "to"),
        ("from=0000-01-01", "from"),
        ("groupBy=hour", "groupBy"),
        ("groupBy=Day", "groupBy"),
        ("groupBy=", "groupBy"),
        ("currency=dollars", "currency"),
        ("currency=xau", "currency"),
        ("currency=%C3%A9%E2%82%AC", "currency"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("from=2026-01-01&From=2026-01-02", "from"),
        ("organizationId=other", "organizationId"),
        ("from=9999-12-31", "from"),
        ("to=0001-01-01", "from"),
    ] {
        let (status, message) = refused(query);
        assert_eq!((status, message.starts_with(name)), (400, true), "{query}: {message}");
    }
}

#[test]
fn a_window_that_ends_before_it_starts_is_unprocessable() {
    let late = (422, "from must not lie after to".to_owned());
    assert_eq!(refused("from=2026-02-01&to=2026-01-31"), late);
    assert_eq!(refused("from=2026-02-01T00:00:01Z&to=2026-02-01T00:00:00Z"), late);
    // What cannot be read comes first.
    assert_eq!(refused("from=2026-02-01&to=2026-01-31&groupBy=hour").0, 400);
}

proptest::proptest! {
    /// Whatever a client sends is answered, never a panic.
    #[test]
    fn anything_can_be_read(query in ".{0,80}") {
        let _ = read(&query);
        let _ = read(&format!("from={query}&to={query}&limit={query}&groupBy={query}"));
    }
}
