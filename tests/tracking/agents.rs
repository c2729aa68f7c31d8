//! Agents of ten thousand real visitors.

use std::collections::BTreeMap;

use countinghouse::tracking::agents::Agents;

use crate::support::shared;

/// Whose device and platform are known from elsewhere: what the browsers' own scripts said (npm's user-agents, weighted).
#[test]
fn real_agents_are_told_as_their_browsers_told_themselves() {
    let Some(path) = shared("data/user_agents/user_agents.csv") else { return };
    let agents = Agents::new(None).expect("patterns");
    let (mut right, mut whole, mut named, mut bots) = (0.0, 0.0, 0.0, 0);
    let mut wrong: BTreeMap<String, f64> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(path).expect("it reads");
    for row in reader.records() {
        let row = row.expect("a row");
        let weight: f64 = row[0].parse().expect("a weight");
        let (device, platform, text) = (&row[1], &row[2], &row[6]);
        let agent = agents.read(text);
        bots += u32::from(agent.is_bot);
        whole += weight;
        if agent.device == device {
            right += weight;
        } else {
            *wrong.entry(format!("{device} is not {}: {platform}", agent.device)).or_default() += weight;
        }
        if agent.browser.is_some() && agent.os.is_some() {
            named += weight;
        }
    }
    assert_eq!(bots, 0, "visitors that are taken for programs");
    assert!(right / whole > 0.99, "{:.4} of devices are right: {wrong:#?}", right / whole);
    assert!(named / whole > 0.99, "{:.4} have a browser and a system", named / whole);
}
