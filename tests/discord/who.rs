//! Who is told what: refusals in words that nobody else sees, roles, and that a server hears of its organization alone.

use countinghouse::guilds;
use serde_json::{Value, json};

use super::chat::{Chat, GUILD, ROLE, link, number, shop, typed};
use crate::support::app::Dataset;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    who_may_not_ask_is_told_alone,
    what_was_asked_wrongly_is_told_with_what_would_be_right,
    roles_decide_and_administrators_always_may,
    a_server_hears_of_its_own_organization_alone,
);

/// The words of a message that whoever asked alone sees.
fn refused(reply: &Value) -> &str {
    assert_eq!(reply["type"], 4, "{reply}");
    let words = reply["data"]["content"].as_str().unwrap_or_else(|| panic!("{reply}"));
    let whole = json!({ "content": words, "allowed_mentions": { "parse": [] }, "flags": 64 });
    assert_eq!(reply["data"], whole);
    words
}

/// `/report revenue` with members of the interaction set so; `null` takes one away.
fn asked(changes: Value) -> Value {
    let mut interaction = typed("revenue", json!([]));
    for (path, value) in changes.as_object().expect("changes") {
        let place = interaction.pointer_mut(path).unwrap_or_else(|| panic!("{path}"));
        *place = value.clone();
    }
    interaction
}

async fn who_may_not_ask_is_told_alone(database: TestDatabase) {
    let chat = Chat::open(&database).await;
    let other = "197038439483310000";
    let unlinked = "This server is linked to no organization. Whoever runs Countinghouse links it: \
                    `countinghouse discord link --guild 197038439483310000 --org …`";
    let in_private = "Reports are told in servers, not in direct messages.";
    let without = "Only members with the role <@&197038439483310087> may ask for reports here.";
    for (changes, words) in [
        (json!({ "/guild_id": null, "/member": null }), in_private),
        (json!({ "/member": null }), in_private),
        (json!({ "/guild_id": null }), in_private),
        (json!({ "/guild_id": other }), unlinked),
        (json!({ "/member/roles": [] }), without),
        (json!({ "/member/roles": ["197038439483310094"] }), without),
        // Every permission but that of administrators, that of managing the server among them.
        (json!({ "/member/roles": [], "/member/permissions": "562949953421303" }), without),
    ] {
        assert_eq!(refused(&chat.ask(&asked(changes.clone())).await), words, "{changes}");
    }
}

async fn what_was_asked_wrongly_is_told_with_what_would_be_right(database: TestDatabase) {
    let chat = Chat::open(&database).await;
    let reports =
        "revenue, sales, products, customers, coupons, hours, inventory, refunds, channels, places.";
    let periods = "today, yesterday, 7d, 30d, 90d, this-month, last-month, this-year, last-year.";
    for (data, words) in [
        (
            json!({ "name": "shutdown" }),
            "There is no command `/shutdown` here; there is `/report`.".to_owned(),
        ),
        (json!({ "name": "report" }), format!("Which report? `/report revenue`, say; there are {reports}")),
        (
            json!({ "name": "report", "options": [{ "name": "pro`fits" }] }),
            format!("There is no report `profits`; there are {reports}"),
        ),
        (
            json!({ "name": "report", "options": [{ "name": "type", "value": "Revenue" }] }),
            format!("There is no report `Revenue`; there are {reports}"),
        ),
        (
            json!({ "name": "report", "options": [{ "name": "sales", "options": [{ "name": "period", "value": "1d" }] }] }),
            format!("There is no period `1d`; there are {periods}"),
        ),
        (
            json!({ "name": "report", "options": [{ "name": "sales", "options": [{ "name": "period", "value": 7 }] }] }),
            format!("There is no period ``; there are {periods}"),
        ),
        (
            json!({ "name": "report", "options": [{ "name": "sales", "options": [{ "name": "org", "value": "other" }] }] }),
            "A report takes `period`, and not `org`.".to_owned(),
        ),
    ] {
        assert_eq!(refused(&chat.ask(&asked(json!({ "/data": data }))).await), words);
    }
}

async fn roles_decide_and_administrators_always_may(database: TestDatabase) {
    let chat = Chat::open(&database).await;
    let db = &database.connection;
    let guild = guilds::find(db, number(GUILD)).await.expect("asked").expect("it is linked");
    let organization = countinghouse::organizations::find_by_key(db, guild.organization).await;
    let organization = organization.expect("asked").expect("it is there");
    let none = "Only administrators of this server may ask for reports here: no role may, so far.";
    let two = "Only members with one of these roles may ask for reports here: <@&5>, <@&6>.";
    let member = |roles: &[&str], permissions: &str| json!({ "/member/roles": roles, "/member/permissions": permissions });
    for (linked, member, refusal) in [
        (&[ROLE][..], member(&[ROLE], "0"), None),
        (&[ROLE], member(&[], "8"), None),
        (&[], member(&[ROLE], "0"), Some(none)),
        // Managing the server is not enough.
        (&[], member(&[ROLE], "32"), Some(none)),
        (&[], member(&[], "8"), None),
        (&["5", "6"], member(&["6", "7"], "0"), None),
        (&["5", "6"], member(&["7"], "0"), Some(two)),
        // The role that everybody has, and nobody is told to have.
        (&[GUILD], member(&[], "0"), None),
    ] {
        assert!(link(db, &organization, GUILD, linked).await);
        let reply = chat.ask(&asked(member.clone())).await;
        if let Some(words) = refusal {
            assert_eq!(refused(&reply), words, "{linked:?} {member}");
        } else {
            assert_eq!(reply["data"]["embeds"][0]["title"], "Revenue overview", "{linked:?} {member}");
        }
    }
}

async fn a_server_hears_of_its_own_organization_alone(database: TestDatabase) {
    let db = &database.connection;
    let chat = Chat::open(&database).await;
    let before = chat.card("revenue").await;
    assert_eq!(before["author"]["name"], "The corner");
    let canary = Dataset::new().file(
        "orders.csv",
        "order_id,placed_at,status,currency,total,channel\no1,2024-03-28T09:00:00Z,DELIVERED,EUR,987654.32,canary\n",
    );
    let (theirs, other) = ("197038439483319999", shop(db, "canary", &canary, "197038439483319999").await);
    let undated = |mut card: Value| {
        card["description"].take();
        card
    };
    assert_eq!(undated(chat.card("revenue").await), undated(before));
    let told = chat.ask(&asked(json!({ "/guild_id": theirs }))).await;
    assert_eq!(told["data"]["embeds"][0]["author"]["name"], "The canary");
    assert!(told.to_string().contains("987,654.32"), "{told}");
    // Naming another organization in what is typed is refused; a role of one server opens no other.
    let data = json!({ "name": "report", "options": [{ "name": "revenue", "options": [{ "name": "org", "value": "corner" }] }] });
    refused(&chat.ask(&asked(json!({ "/guild_id": theirs, "/data": data }))).await);
    assert!(link(db, &other, theirs, &["5"]).await);
    refused(&chat.ask(&asked(json!({ "/guild_id": theirs }))).await);
    // A server is linked once: to another organization only after it was let go, and then it hears of that at once.
    assert!(!link(db, &other, GUILD, &[ROLE]).await);
    assert_eq!(chat.card("revenue").await["author"]["name"], "The corner");
    assert_eq!(guilds::unlink(db, number(GUILD)).await, Ok(true));
    assert_eq!(guilds::unlink(db, number(GUILD)).await, Ok(false));
    assert!(
        refused(&chat.ask(&asked(json!({}))).await).starts_with("This server is linked to no organization.")
    );
    assert!(link(db, &other, GUILD, &[ROLE]).await);
    assert_eq!(chat.card("revenue").await["author"]["name"], "The canary");
}
