//! schemathesis asks a demo what its description says may be asked, and what it says may not.

use crate::demo::command::Serving;
use crate::support::python::program;

#[test]
fn it_finds_nothing() {
    let shop = tempfile::tempdir().expect("a folder");
    // What Discord did not sign is refused by a server that knows its key.
    let set = [
        ("DISCORD_PUBLIC_KEY", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ("COUNTINGHOUSE_RATE_LIMITS_DISTRIBU", "none"),
        ("COUNTINGHOUSE_RATE_LIMITS_HELDSWAY", "none"),
    ];
    let demo = Serving::with(shop.path(), &set, &["--orders", "300", "--end", "2026-02-28"]);
    let configuration = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/schemathesis.toml");
    let words = program(
        "schemathesis",
        &[
            "--config-file",
            configuration,
            "run",
            &format!("http://{}/openapi.json", demo.address),
            "--checks",
            "all",
            "--seed",
            "1",
            "--max-examples",
            "30",
            "--no-color",
        ],
        &[("SCHEMATHESIS_HOOKS", "rules"), ("COUNTINGHOUSE_KEY", &demo.key)],
    );
    // The address of a file cannot be drawn, nor the key of a site: it warns that 404 is all that it saw there.
    assert!(!words.contains('❌') && words.matches("returned 404").count() <= 6, "{words}");
    // Its description of itself is read and not asked.
    assert!(words.contains("46 selected / 46 total"), "{words}");
    let cases = words.lines().find_map(|line| line.trim().split_once(" generated, "));
    let (generated, passed) = cases.expect("a count of cases");
    assert!(generated.parse::<u32>().is_ok_and(|count| count > 500), "{words}");
    assert!(passed.starts_with(&format!("{generated} passed")), "{words}");
}
