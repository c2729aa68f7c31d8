//! The protocols to the letter, by their own clients of npm: `tests/node/subscriptions.mjs` has the steps.

use crate::demo::command::Serving;
use crate::support::node::script;

#[test]
fn the_clients_of_npm_find_nothing_amiss() {
    let shop = tempfile::tempdir().expect("a folder");
    let demo = Serving::start(shop.path(), &["--orders", "300"]);
    let words = script("subscriptions.mjs", &[&demo.address, &demo.key]);
    assert!(words.lines().count() >= 20 && words.lines().all(|line| line.starts_with("ok ")), "{words}");
}
