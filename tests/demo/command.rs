//! `countinghouse demo`, as a person starts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn demo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countinghouse"));
    command.arg("demo").args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// A demo that serves, and what it printed.
pub struct Serving {
    process: Child,
    /// Host and port.
    pub address: String,
    token: String,
    /// The API key.
    pub key: String,
    site: String,
    curls: Vec<String>,
}

impl Serving {
    /// Starts it on this machine, unless told otherwise, and waits until it has said everything.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::with(folder, &[], arguments)
    }

    /// The same with settings by their variables.
    pub fn with(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let listen: &[&str] =
            if arguments.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let mut command = demo(folder, &[listen, arguments].concat());
        command.envs(variables.iter().copied());
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
        let output = process.stdout.take().expect("its output");
        let mut lines = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line.expect("a line");
            let is_last = line.starts_with("Ctrl-C");
            lines.push(line);
            if is_last {
                break;
            }
        }
        let after = |start: &str| {
            let found = lines.iter().find_map(|line| line.strip_prefix(start));
            found.unwrap_or_else(|| panic!("no line starts with {start:?}: {lines:?}")).trim().to_owned()
        };
        Self {
            address: after("Countinghouse listens on http://"),
            token: after("Admin JWT"),
            key: after("API key"),
            site: after("Tracking").split(' ').next().expect("a word").to_owned(),
            curls: lines.iter().filter(|line| line.starts_with("curl ")).cloned().collect(),
            process,
        }
    }

    /// Status and body of a request as the pasted line sends it.
    pub fn paste(&self, curl: &str) -> (String, String) {
        let url = curl.split_once("http://").expect("a URL").1;
        let url = url.split([' ', '\'']).next().expect("an end");
        let path = url.strip_prefix(&self.address).expect("this server");
        let quoted: Vec<&str> = curl.split('\'').collect();
        let body = quoted.iter().find(|part| part.starts_with('{')).copied();
        let headers = ["Authorization: ", "Content-Type: "].into_iter();
        let headers = headers.filter_map(|name| quoted.iter().find(|part| part.starts_with(name)));
        let mut headers: String = headers.map(|header| format!("{header}\r\n")).collect();
        if let Some((_, agent)) = curl.split_once(" -A '") {
            let agent = agent.split('\'').next().expect("an end");
            headers += &format!("User-Agent: {agent}\r\n");
        }
        let is_post = body.is_some() || curl.contains(" -X POST ");
        let (method, body) = (if is_post { "POST" } else { "GET" }, body.unwrap_or_default());
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len(),
        )
        .expect("the request is sent");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it answers");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
        (head.lines().next().expect("a status").to_owned(), body.to_owned())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn what_it_prints_works_when_pasted_and_still_after_a_second_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--orders", "300", "--end", "2026-02-28"];
    let first = Serving::start(folder.path(), &arguments);
    // A page's event is looked at once it is stored.
    let pause = |curl: &String| {
        if curl.contains("events(first: 1)") {
            std::thread::sleep(Duration::from_secs(1));
        }
    };
    let answers: Vec<(String, String)> =
        first.curls.iter().inspect(|curl| pause(curl)).map(|curl| first.paste(curl)).collect();
    let statuses: Vec<&str> = answers.iter().map(|(status, _)| status.as_str()).collect();
    let ok = "HTTP/1.1 200 OK";
    let expected = [ok, ok, "HTTP/1.1 202 Accepted", ok, "HTTP/1.1 201 Created"];
    assert_eq!(statuses, expected, "{answers:?}");
    assert!(answers.iter().all(|(_, body)| !body.contains("\"errors\"")), "{answers:?}");
    assert!(answers[1].1.starts_with(r#"[{"date":"2026-01-01T00:00:00Z","revenue":"#), "{}", answers[1].1);
    assert!(answers[2].1.starts_with(r#"{"accepted":1,"left_out":0,"#), "{}", answers[2].1);
    // The shop that was made up ended before today: the one event is what was just told.
    let event = r#"{"node":{"type":"PAGEVIEW","pageUrl":"https://shop.example/lamps","browser":"Firefox","os":"Linux","#;
    assert!(
        answers[3].1.contains(r#"{"totals":{"pageviews":1,"visitors":1},"events":{"edges":["#),
        "{}",
        answers[3].1
    );
    assert!(answers[3].1.contains(event), "{}", answers[3].1);
    let link: serde_json::Value = serde_json::from_str(&answers[4].1).expect("JSON");
    let link = link["url"].as_str().expect("a link").to_owned();
    let site = first.site.clone();
    let (old_token, old_address) = (first.token.clone(), first.address.clone());
    let old_curl = first.curls[1].clone();
    drop(first);

    let second = Serving::start(folder.path(), &["--seed", "1"]);
    assert_eq!(second.curls[0].matches(&second.key).count(), 1);
    // Nor is another site made.
    assert_eq!(second.site, site);
    assert!(old_curl.contains(&old_token));
    // The line of the first start, sent to where the server is now.
    let again = second.paste(&old_curl.replace(&old_address, &second.address));
    assert_eq!(again, answers[1]);
    // And the report that was shared then.
    let link = format!("curl '{}' -H 'Authorization: none'", link.replace(&old_address, &second.address));
    let (status, page) = second.paste(&link);
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(page.contains("<h1>Revenue overview"), "{page}");
}

#[test]
fn another_shop_in_the_same_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = Serving::start(folder.path(), &["--orders", "50", "--end", "2026-02-28"]).key.clone();
    let output = demo(folder.path(), &["--orders", "60"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).expect("text");
    assert_eq!(
        words,
        "error: sqlite://demo.db holds another shop (--orders 50 --seed 1 --end 2026-02-28); remove it, or name \
         another database with --database-url\n"
    );
    assert_eq!(Serving::start(folder.path(), &[]).key, key, "the key of before");
}

#[test]
fn a_database_that_was_left_half_made_gets_its_shop() {
    let folder = tempfile::tempdir().expect("a folder");
    // All that a first start leaves behind when it is killed before its import is done.
    let made = Command::new(env!("CARGO_BIN_EXE_countinghouse"))
        .args([
            "organization",
            "create",
            "--org",
            "demo",
            "--currency",
            "EUR",
            "--time-zone",
            "Europe/Berlin",
        ])
        .args(["--database-url", "sqlite://demo.db"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .expect("the program runs");
    assert!(made.status.success(), "{made:?}");
    let serving = Serving::start(folder.path(), &["--orders", "50", "--end", "2026-02-28"]);
    let (_, body) = serving.paste(&serving.curls[0]);
    let answer: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert!(answer["data"]["revenue"]["totals"]["orders"].as_i64() > Some(0), "{body}");
}

#[test]
fn a_shop_without_its_description_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Serving::start(folder.path(), &["--orders", "50"]));
    std::fs::remove_file(folder.path().join("demo.db.toml")).expect("it was there");
    let output = demo(folder.path(), &[]).output().expect("the program runs");
    let words = String::from_utf8(output.stderr).expect("text");
    assert_eq!(
        (output.status.code(), words.as_str()),
        (
            Some(1),
            "error: sqlite://demo.db holds a shop, but demo.db.toml, which says what shop, is gone; remove it too\n"
        )
    );
}

#[test]
fn a_shop_without_a_database_is_files_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let output =
        demo(folder.path(), &["--orders", "40", "--write", "shop"]).output().expect("the program runs");
    assert!(output.status.success());
    let words = String::from_utf8(output.stdout).expect("text");
    assert!(words.ends_with(" rows in shop\n"), "{words}");
    let mut files: Vec<String> = std::fs::read_dir(folder.path().join("shop"))
        .expect("the folder is there")
        .map(|file| file.expect("a file").file_name().into_string().expect("text"))
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "affiliates.csv",
            "attendance.csv",
            "campaign_days.csv",
            "campaigns.csv",
            "categories.csv",
            "conversions.csv",
            "customers.csv",
            "deal_stages.csv",
            "deals.csv",
            "employees.csv",
            "events.csv",
            "exchange_rates.csv",
            "order_items.csv",
            "orders.csv",
            "products.csv",
            "refunds.csv",
            "sales_reps.csv",
            "stock_movements.csv",
            "subscriptions.csv",
            "tickets.csv",
            "tracking_codes.csv",
        ]
    );
    assert!(!folder.path().join("demo.db").exists());
}
