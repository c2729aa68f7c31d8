//! `countinghouse user`: what it makes, prints and refuses.

use super::browser::{ADA, House, PASSWORD, RITA};
use crate::operations::process::{Done, command, fed};
use crate::support::{TestDatabase, both_databases};

both_databases!(a_user_is_made_listed_shut_and_let_in_again, what_cannot_be_a_user_is_refused);

async fn a_user_is_made_listed_shut_and_let_in_again(database: TestDatabase) {
    let url = &database.url;
    let house = House::open(&database.connection).await;
    let run = async |arguments: &[&str]| command(url, &[], arguments).await;
    let new = ["user", "add", "--org", "acme", "--email", "New@Acme.example", "--scope", "reports:read"];
    // A line is a line, however it ends, and what is behind it is not read.
    for (number, input) in
        ["a fine day in the shop", "a fine day in the shop\n", "a fine day in the shop\r\nmore\n"]
            .into_iter()
            .enumerate()
    {
        let email = format!("new{number}@acme.example");
        let arguments =
            [&new[..5], &[&email], &new[6..], &["--name", "New One", "--password-stdin"]].concat();
        let made = fed(url, input.as_bytes(), &arguments).await;
        assert_eq!((made.code, made.stdout.as_str()), (0, ""), "{made:?}");
        assert_eq!(made.stderr, format!("user {} of `acme`: {email}\n", number + 5));
        assert_eq!(house.browser().sign_in(&email, "a fine day in the shop").await.status, 201, "{input:?}");
    }
    let list = run(&["user", "list", "--org", "acme"]).await.stdout;
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 6, "{list}");
    assert_eq!(rows[0], ["1", ADA, "active", "Admin", "", "1970-01-01T00:00:00Z", "never", "ada"]);
    assert_eq!(rows[1][..5], ["2", RITA, "active", "", "reports:read"]);
    assert_eq!(rows[3][..5], ["5", "new0@acme.example", "active", "", "reports:read"]);
    assert_eq!((rows[3][6], rows[3][7]), ("2026-03-01T12:00:00Z", "New One"));
    assert!(!list.contains("argon2"));

    // The program's clock is the machine's, by which a session of this test's clock is long over: it is not listed.
    house.signed_in(ADA).await;
    assert_eq!(run(&["user", "sessions", "--email", ADA]).await.stdout, "");
    let ended = run(&["user", "sign-out", "--email", ADA]).await;
    assert_eq!((ended.code, ended.stderr), (0, format!("{ADA}: 1 sessions ended\n")));

    let mut ada = house.signed_in(ADA).await;
    let shut = run(&["user", "disable", "--email", "ADA@acme.example"]).await;
    assert_eq!(
        (shut.code, shut.stderr),
        (0, format!("{ADA} may not sign in any more, and is signed in nowhere\n"))
    );
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(ada.who().await, "401");
    assert_eq!(house.browser().sign_in(ADA, PASSWORD).await.status, 401);
    assert_eq!(run(&["user", "list", "--org", "acme"]).await.stdout.matches("\tdisabled\t").count(), 1);
    assert_eq!(run(&["user", "enable", "--email", ADA]).await.code, 0);
    assert_eq!(ada.who().await, "401");
    assert_eq!(house.browser().sign_in(ADA, PASSWORD).await.status, 201);

    let set =
        fed(url, b"another fine day\n", &["user", "set-password", "--email", ADA, "--password-stdin"]).await;
    assert_eq!((set.code, set.stdout.as_str()), (0, ""), "{set:?}");
    assert_eq!(house.browser().sign_in(ADA, PASSWORD).await.status, 401);
    assert_eq!(house.browser().sign_in(ADA, "another fine day").await.status, 201);
}

fn refused(done: &Done, words: &str) {
    assert_eq!(
        (done.code, done.stdout.as_str(), done.stderr.as_str()),
        (1, "", format!("error: {words}\n").as_str())
    );
}

async fn what_cannot_be_a_user_is_refused(database: TestDatabase) {
    let url = &database.url;
    House::open(&database.connection).await;
    let add = |org: &'static str, email: &'static str, role: &'static str| {
        ["user", "add", "--org", org, "--email", email, "--role", role, "--password-stdin"]
    };
    let password = PASSWORD.as_bytes();
    for (arguments, input, words) in [
        (add("initech", "x@y.z", "Admin"), password, "there is no organization `initech`"),
        (
            add("acme", "x", "Admin"),
            password,
            "--email: expected an address such as ada@shop.example, at most 254 bytes",
        ),
        // An address is one person's, in whichever organization.
        (
            add("globex", "Ada@acme.example", "Admin"),
            password,
            "--email: ada@acme.example is somebody's already",
        ),
        (
            add("acme", "x@y.z", "admin"),
            password,
            "--role: the role that holds every permission is called `Admin`",
        ),
        (
            add("acme", "x@y.z", "a\nb"),
            password,
            "--role: expected a text of one line, at most 200 characters",
        ),
        (
            add("acme", "x@y.z", "Admin"),
            b"too short",
            "a password needs at least 12 characters, such as four words that have nothing to do with each other",
        ),
        (
            add("acme", "x@y.z", "Admin"),
            b"",
            "a password needs at least 12 characters, such as four words that have nothing to do with each other",
        ),
        (
            add("acme", "x@y.z", "Admin"),
            b"aaaaaaaaaaaaaaaa",
            "a password needs at least 5 different characters",
        ),
        (add("acme", "long.name@y.z", "Admin"), b"Long.Name@y.z", "a password may not be the e-mail address"),
        (
            add("acme", "x@y.z", "Admin"),
            b"four plain\x00words",
            "a password is text without control characters",
        ),
        (add("acme", "x@y.z", "Admin"), b"four plain\xffwords", "the password is not UTF-8"),
        (
            add("acme", "x@y.z", "Admin"),
            "abcde".repeat(300).into_bytes().leak(),
            "a password has at most 1024 bytes",
        ),
    ] {
        refused(&fed(url, input, &arguments).await, words);
    }
    for action in ["set-password", "disable", "enable", "sessions", "sign-out"] {
        let done = command(url, &[], &["user", action, "--email", "nobody@acme.example"]).await;
        refused(&done, "there is no user nobody@acme.example");
    }
    let done = command(url, &[], &["user", "set-password", "--email", ADA]).await;
    refused(
        &done,
        "there is no terminal to ask for a password at; --password-stdin reads it from standard input",
    );
    let done = command(url, &[], &["user", "add", "--org", "acme", "--email", "x@y.z"]).await;
    assert_eq!(done.code, 2, "neither a role nor a scope: {done:?}");
    // A password is no argument: other users of a machine can read a command line.
    let done =
        command(url, &[], &["user", "add", "--org", "acme", "--email", "x@y.z", "--password", "x"]).await;
    assert_eq!(done.code, 2, "{done:?}");
}
