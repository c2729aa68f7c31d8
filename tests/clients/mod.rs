//! Clients whose types are generated from the committed schema: every example of the playground over a running demo.

use crate::demo::command::Serving;
use crate::support::node::script;

#[test]
fn every_example_is_answered_as_its_generated_types_say() {
    let shop = tempfile::tempdir().expect("a folder");
    // Of today, so that "the last months" of the examples have something in them.
    let demo = Serving::start(shop.path(), &["--orders", "2000"]);
    let root = env!("CARGO_MANIFEST_DIR");
    let examples = format!("{root}/playground/web/examples");
    let count = std::fs::read_dir(&examples).expect("the examples").count();
    let server = format!("http://{}", demo.address);
    let words = script("clients.mjs", &[&server, &demo.key, &format!("{root}/schema.graphql"), &examples]);
    let mut lines = words.lines();
    let told = lines.next().expect("a line");
    let values = told.strip_prefix(&format!("{count} examples, ")).and_then(|rest| rest.split(' ').next());
    assert!(values.and_then(|values| values.parse::<u32>().ok()) > Some(500), "{words}");
    let scalars = lines.next().and_then(|line| line.strip_prefix("scalars: ")).expect("a line");
    for scalar in ["CurrencyCode", "Date", "Decimal", "Long", "TimeZone"] {
        assert!(scalars.split(' ').any(|name| name == scalar), "{scalar}: {words}");
    }
}
