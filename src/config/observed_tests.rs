//! Settings of metrics, traces and slow statements.

use super::tests::load;
use super::*;

fn with(variables: &[(&str, &str)]) -> Result<Settings, String> {
    load(&[], variables, None).map_err(|error| error.to_string())
}

const METRICS: &str = "COUNTINGHOUSE_METRICS_LISTEN";
const TOKEN: &str = "COUNTINGHOUSE_METRICS_TOKEN";
const LISTEN: &str = "COUNTINGHOUSE_LISTEN";
const SLOW: &str = "COUNTINGHOUSE_LOG_SLOW_QUERY";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const RATIO: &str = "COUNTINGHOUSE_TELEMETRY_SAMPLE_RATIO";

#[test]
fn nothing_is_told_where_nothing_is_said() {
    let settings = with(&[]).expect("defaults");
    assert_eq!(settings.metrics, None);
    assert_eq!(settings.traces, None);
    assert!(!settings.server_timing);
    assert_eq!(settings.log.slow_query, Some(Duration::from_secs(1)));
}

#[test]
fn metrics_are_open_on_this_machine_alone() {
    let token = "0123456789abcdef";
    let metrics = |variables: &[(&str, &str)]| with(variables).map(|settings| settings.metrics);
    let same = |token: Option<&str>| {
        let token = token.map(|token| Secret(token.to_owned()));
        Ok(Some(MetricsSettings { place: MetricsPlace::Same, token }))
    };
    assert_eq!(metrics(&[(METRICS, "same")]), same(None));
    for loopback in ["localhost:1", "127.9.9.9:1", "[::1]:1"] {
        assert_eq!(metrics(&[(METRICS, "same"), (LISTEN, loopback)]), same(None), "{loopback}");
    }
    for reached in ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:8080", "shop.example:80"] {
        let words = format!(
            "setting `metrics.listen` ({METRICS}): others than this machine reach {reached}: set `metrics.token` too, \
             or an address of its own here"
        );
        assert_eq!(metrics(&[(METRICS, "same"), (LISTEN, reached)]), Err(words));
        assert_eq!(metrics(&[(METRICS, "same"), (LISTEN, reached), (TOKEN, token)]), same(Some(token)));
    }
    let own = MetricsSettings { place: MetricsPlace::Own("0.0.0.0:9464".to_owned()), token: None };
    assert_eq!(metrics(&[(METRICS, "0.0.0.0:9464")]), Ok(Some(own)));
    for (variables, words) in [
        (
            vec![(METRICS, "9464")],
            "setting `metrics.listen` (COUNTINGHOUSE_METRICS_LISTEN): expected HOST:PORT such as 127.0.0.1:8080 or \
             `same`, not `9464`",
        ),
        (
            vec![(TOKEN, token)],
            "setting `metrics.token` (COUNTINGHOUSE_METRICS_TOKEN): a token is of no use without `metrics.listen`",
        ),
        (
            vec![(METRICS, "same"), (TOKEN, "short")],
            "setting `metrics.token` (COUNTINGHOUSE_METRICS_TOKEN): expected at least 16 characters of ASCII without \
             blanks",
        ),
    ] {
        assert_eq!(metrics(&variables), Err(words.to_owned()));
    }
}

#[test]
fn traces_go_to_an_address_with_headers_that_do_not_show() {
    let variables = [
        (ENDPOINT, "https://collector.example/base/"),
        (HEADERS, "authorization=Basic%20YTpi+c, x-team = books"),
        ("OTEL_SERVICE_NAME", "books"),
        (RATIO, "0.25"),
    ];
    let traces = with(&variables).expect("settings").traces.expect("an address");
    let shown = format!("{traces:?}");
    assert!(!shown.contains("YTpi") && shown.contains("x-team"), "{shown}");
    let header = |name: &str, value: &str| (name.to_owned(), Secret(value.to_owned()));
    let expected = TraceSettings {
        endpoint: "https://collector.example/base/".parse().expect("an address"),
        headers: vec![header("authorization", "Basic YTpi+c"), header("x-team", "books")],
        service_name: "books".to_owned(),
        sample_ratio: 0.25,
    };
    assert_eq!(traces, expected);
    for (name, value, right) in [
        (ENDPOINT, "127.0.0.1:4318", "expected an address such as http://127.0.0.1:4318"),
        (ENDPOINT, "grpc://collector", "expected an address such as http://127.0.0.1:4318"),
        (ENDPOINT, "http://a:b@collector", "credentials belong into `telemetry.otlp_headers`"),
        (HEADERS, "authorization", "expected name=value, and further ones after commas"),
        (HEADERS, "a=b%0d%0ac", "expected name=value, and further ones after commas"),
        (RATIO, "1.5", "expected a number from 0 to 1, not `1.5`"),
        (RATIO, "NaN", "expected a number from 0 to 1, not `NaN`"),
    ] {
        let words = with(&[(name, value)]).expect_err("refused");
        assert!(words.ends_with(right), "{name}={value}: {words}");
        assert!(!words.contains("a:b"), "{words}");
    }
}

#[test]
fn slow_is_a_length_of_time_or_off() {
    let slow = |value| with(&[(SLOW, value)]).map(|settings| settings.log.slow_query);
    assert_eq!(slow("250ms"), Ok(Some(Duration::from_millis(250))));
    assert_eq!(slow("0s"), Ok(Some(Duration::ZERO)));
    assert_eq!(slow("off"), Ok(None));
    assert_eq!(slow("OFF"), Ok(None));
    assert!(slow("soon").is_err_and(|words| words.ends_with("such as 30s or 90d; or `off`")));
}
