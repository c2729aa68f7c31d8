//! GraphQL over HTTP as npm's graphql-http audits it.

use crate::demo::command::Serving;
use crate::support::node::script;

#[test]
fn every_audit_is_met_to_the_letter() {
    let shop = tempfile::tempdir().expect("a folder");
    let demo = Serving::start(shop.path(), &["--orders", "100"]);
    assert_eq!(script("audits.mjs", &[&format!("http://{}/graphql", demo.address)]), "61 of 61\n");
}
