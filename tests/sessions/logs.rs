//! What is logged of signing in: that it happened, never with what.

use serde_json::{Value, json};

use super::browser::PASSWORD;
use crate::operations::process::{Served, command, fed};
use crate::support::{TestDatabase, both_databases};

both_databases!(what_was_typed_is_never_logged);

const ADDRESS: &str = "ada.lovelace@acme.example";

async fn what_was_typed_is_never_logged(database: TestDatabase) {
    let url = &database.url;
    assert_eq!(command(url, &[], &["organization", "create", "--org", "acme"]).await.code, 0);
    let add = ["user", "add", "--org", "acme", "--email", ADDRESS, "--role", "Admin", "--password-stdin"];
    let added = fed(url, PASSWORD.as_bytes(), &add).await;
    assert_eq!((added.code, added.stdout.as_str()), (0, ""), "{added:?}");
    let level = "trace,sea_orm::database=trace,sea_orm::driver::sqlx_postgres=trace";
    let server = Served::start(url, &["--log-format", "json", "--log-level", level]).await;
    server.ready_within(200, 10).await;
    let wrong = "incorrect horse battery staple";
    let mut cookie = String::new();
    for (address, password, status) in
        [(ADDRESS, PASSWORD, 201), (ADDRESS, wrong, 401), ("charles.babbage@acme.example", wrong, 401)]
    {
        let body = json!({ "email": address, "password": password }).to_string();
        let request = format!(
            "POST /api/admin/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = server.send(&request).await;
        assert_eq!(answer.status, status, "{answer:?}");
        if status == 201 {
            let set = answer.header("set-cookie").expect("a cookie");
            set.split(';').next().expect("a pair").clone_into(&mut cookie);
        }
    }
    let request = format!(
        "GET /api/admin/session HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(server.send(&request).await.status, 200);
    server.signal("TERM").await;
    let (_, log) = server.ended().await;
    let secret = cookie.split_once('-').expect("a secret").1;
    for hidden in ["lovelace", "babbage", "battery", secret, "argon2id"] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let said = |message: &str| {
        let of = lines.iter().filter(|line| line["message"] == message);
        of.map(|line| (line["level"].clone(), line["client"].clone(), line["user"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(said("signed in"), [(json!("INFO"), json!("127.0.0.1"), json!(1))]);
    let refused = "no sign-in: the address or the password is wrong";
    assert_eq!(said(refused), vec![(json!("WARN"), json!("127.0.0.1"), Value::Null); 2]);
    let signed_in = lines.iter().find(|line| line["message"] == "signed in").expect("a line");
    assert_eq!(signed_in["span"]["organization"], "acme", "{signed_in}");
}
