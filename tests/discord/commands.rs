//! `countinghouse discord`: linking, and registering the command at an API on this machine.

use countinghouse::discord::definitions;
use serde_json::{Value, json};

use super::chat::{APPLICATION, GUILD, ROLE};
use super::fake::Fake;
use crate::operations::process::{Done, command};
use crate::support::{TestDatabase, both_databases};

both_databases!(a_server_is_linked_listed_and_let_go);

async fn a_server_is_linked_listed_and_let_go(database: TestDatabase) {
    let run = async |arguments: &[&str]| command(&database.url, &[], arguments).await;
    for name in ["acme", "globex"] {
        assert_eq!(run(&["organization", "create", "--org", name]).await.code, 0);
    }
    let link = ["discord", "link", "--guild", GUILD, "--org", "acme"];
    let done = run(&link).await;
    let words = format!("server {GUILD} is linked to `acme`; administrators alone may ask\n");
    assert_eq!((done.code, done.stdout.as_str(), done.stderr), (0, "", words));
    let done = run(&[&link[..], &["--role", ROLE, "--role", "7", "--role", "7"]].concat()).await;
    assert!(done.stderr.ends_with("administrators and members with one of 2 roles may ask\n"), "{done:?}");
    // The longer flag is the same.
    let other = ["discord", "link", "--guild", "5", "--organization", "globex"];
    assert_eq!(run(&other).await.code, 0);
    let list = run(&["discord", "links"]).await.stdout;
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 2, "{list}");
    assert_eq!(rows[0][..3], [GUILD, "acme", &format!("7,{ROLE}")]);
    assert_eq!(rows[1][..3], ["5", "globex", "administrators"]);
    assert!(rows[0][3].ends_with('Z') && rows[0].len() == 4, "{list}");
    for (arguments, words) in [
        (
            vec!["discord", "link", "--guild", GUILD, "--org", "globex"],
            "server 197038439483310086 is linked to another organization; take that away with `discord unlink` first",
        ),
        (vec!["discord", "link", "--guild", "6", "--org", "initech"], "there is no organization `initech`"),
        (
            vec!["discord", "link", "--guild", "acme", "--org", "acme"],
            "--guild: expected a number of Discord's, such as 197038439483310086, not `acme`",
        ),
        (
            vec!["discord", "link", "--guild", "6", "--org", "acme", "--role", "@everyone"],
            "--role: expected a number of Discord's, such as 197038439483310086, not `@everyone`",
        ),
        (vec!["discord", "unlink", "--guild", "6"], "server 6 is not linked"),
    ] {
        let done = run(&arguments).await;
        let expected = (1, "", format!("error: {words}\n"));
        assert_eq!((done.code, done.stdout.as_str(), done.stderr), expected, "{arguments:?}");
    }
    let done = run(&["discord", "unlink", "--guild", GUILD]).await;
    assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{done:?}");
    assert_eq!(run(&["discord", "links"]).await.stdout.lines().count(), 1);
    assert_eq!(run(&["discord", "link", "--guild", GUILD, "--org", "globex"]).await.code, 0);
}

/// Registers at an API that answers so.
async fn register(api: &Fake, arguments: &[&str]) -> Done {
    let set = [
        ("DISCORD_APPLICATION_ID", APPLICATION),
        ("DISCORD_BOT_TOKEN", "MTk4.Cl2FMQ.ZnCjm1"),
        ("DISCORD_API_URL", &api.url),
    ];
    // No database is needed: there is none.
    command("postgres://nobody@127.0.0.1:1/nothing", &set, &[&["discord", "register"], arguments].concat())
        .await
}

#[tokio::test]
async fn the_command_is_registered_everywhere_or_in_one_server() {
    let limited = json!({ "message": "You are being rate limited.", "retry_after": 0.2, "global": false });
    let api = Fake::start(&[(200, json!([{ "name": "report" }])), (429, limited), (200, json!([{}]))]).await;
    let done = register(&api, &[]).await;
    let words = format!("application {APPLICATION} has 1 command everywhere: /report\n");
    assert_eq!((done.code, done.stdout.as_str(), done.stderr), (0, "", words));
    let done = register(&api, &["--guild", GUILD]).await;
    let words = format!("application {APPLICATION} has 1 command in server {GUILD}: /report\n");
    assert_eq!((done.code, done.stderr), (0, words));
    let heard = api.hears(3).await;
    let of = |place: &str| format!("/api/v10/applications/{APPLICATION}{place}/commands");
    let in_one = of(&format!("/guilds/{GUILD}"));
    for (heard, path) in heard.iter().zip([&of(""), &in_one, &in_one]) {
        assert_eq!((heard.method.as_str(), &heard.path, &heard.body), ("PUT", path, &definitions()));
        assert_eq!(heard.headers["authorization"], "Bot MTk4.Cl2FMQ.ZnCjm1");
        assert_eq!(heard.headers["content-type"], "application/json");
        assert!(heard.headers["user-agent"].to_str().expect("text").starts_with("DiscordBot ("));
    }
}

#[tokio::test]
async fn what_discord_refuses_is_told_with_what_would_be_right() {
    let limited =
        |seconds: f64| (429, json!({ "message": "You are being rate limited.", "retry_after": seconds }));
    let says = |message: &str| json!({ "message": message, "code": 0 });
    let form = json!({ "message": "Invalid Form Body", "code": 50035, "errors": { "0": { "name": "bad" } } });
    for (answers, arguments, code, words) in [
        (
            vec![(401, says("401: Unauthorized"))],
            &[][..],
            1,
            "Discord refuses (401): 401: Unauthorized: DISCORD_BOT_TOKEN is no token that Discord knows",
        ),
        (
            vec![(403, says("Missing Access"))],
            &["--guild", GUILD],
            1,
            "Discord refuses (403): Missing Access: application 197038439483310088 is not installed in server 197038439483310086",
        ),
        (
            vec![(403, says("Missing Access"))],
            &[],
            1,
            "Discord refuses (403): Missing Access: DISCORD_BOT_TOKEN is not that of application 197038439483310088",
        ),
        (
            vec![(404, says("Unknown Application"))],
            &[],
            1,
            "Discord refuses (404): Unknown Application: there is no application 197038439483310088: DISCORD_APPLICATION_ID, DISCORD_API_URL",
        ),
        (vec![(400, form)], &[], 1, r#"Discord refuses (400): Invalid Form Body {"0":{"name":"bad"}}"#),
        (vec![(500, json!("oh"))], &[], 3, "Discord refuses (500): it does not say why"),
        (vec![limited(0.1), limited(1.5)], &[], 3, "Discord takes no more requests for 2 s"),
        (vec![limited(3600.0)], &[], 3, "Discord takes no more requests for 3600 s"),
        (
            vec![(200, json!({}))],
            &[],
            3,
            "Discord cannot be reached: its answer is no list of commands: invalid type: map, expected a sequence at line 1 column 0",
        ),
    ] {
        let api = Fake::start(&answers).await;
        let done = register(&api, arguments).await;
        assert_eq!((done.code, done.stdout.as_str(), done.stderr), (code, "", format!("error: {words}\n")));
        api.hears(answers.len()).await;
    }
    let gone = Fake::start(&[]).await;
    let url = gone.url.clone();
    drop(gone);
    let set = [
        ("DISCORD_APPLICATION_ID", APPLICATION),
        ("DISCORD_BOT_TOKEN", "x"),
        ("DISCORD_API_URL", url.as_str()),
    ];
    let done = command("sqlite://x.db", &set, &["discord", "register"]).await;
    assert_eq!(done.code, 3);
    assert!(done.stderr.starts_with("error: Discord cannot be reached: cannot connect: "), "{done:?}");
    for (set, words) in [
        (&[][..], "setting `discord.application_id` (DISCORD_APPLICATION_ID): it is needed and not set"),
        (&set[..1], "setting `discord.bot_token` (DISCORD_BOT_TOKEN): it is needed and not set"),
        (
            &[("DISCORD_PUBLIC_KEY", "x")],
            "setting `discord.public_key` (DISCORD_PUBLIC_KEY): expected the application's public key, 64 hexadecimal \
             digits, as Discord's developer portal shows it",
        ),
    ] {
        let done = command("sqlite://x.db", set, &["discord", "register"]).await;
        assert_eq!((done.code, done.stderr), (2, format!("error: {words}\n")));
    }
}

/// What Discord takes, as its documentation of commands has it.
#[test]
fn the_command_is_one_that_discord_takes() {
    let is_name = |name: &Value| {
        let name = name.as_str().expect("a name");
        (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let definitions = definitions();
    let [command] = definitions.as_array().expect("a list").as_slice() else { panic!("{definitions}") };
    let mut said = text(&command["name"]) + &text(&command["description"]);
    let reports = command["options"].as_array().expect("reports");
    assert!(is_name(&command["name"]) && reports.len() == 10);
    // Servers alone: nobody is known by a direct message.
    assert_eq!((&command["type"], &command["contexts"]), (&json!(1), &json!([0])));
    for report in reports {
        assert!(is_name(&report["name"]) && report["type"] == 1, "{report}");
        let options = report["options"].as_array().expect("options");
        let [period] = options.as_slice() else { panic!("{report}") };
        assert!(is_name(&period["name"]) && period["type"] == 3 && period["required"] == false, "{period}");
        for described in [report, period] {
            assert!((1..=100).contains(&text(&described["description"]).len()), "{described}");
            said += &(text(&described["name"]) + &text(&described["description"]));
        }
        let choices = period["choices"].as_array().expect("choices");
        assert!((1..=25).contains(&choices.len()));
        for choice in choices {
            assert!((1..=100).contains(&text(&choice["name"]).len()) && choice["value"].is_string());
            said += &(text(&choice["name"]) + &text(&choice["value"]));
        }
    }
    // 8,000 since 2024, 4,000 before.
    assert!(said.len() <= 4000, "{}", said.len());
    insta::assert_snapshot!("definitions", serde_json::to_string_pretty(&definitions).expect("JSON"));
}
