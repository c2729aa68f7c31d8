//! How many events a second a server takes and stores, over HTTP: from clients in this process, on the same cores.
//!
//!     cargo bench --bench tracking -- [DATABASE_URL] [SECONDS] [EVENTS_PER_REQUEST] [CLIENTS] [REPEATED]
//!
//! By default a SQLite file in a folder of its own, 10 seconds, 20 events a request, 8 clients; where REPEATED is given, each
//! request of so many comes twice. The database must have no organization `bench`; `sqlite` names the folder of its own.
//! Prints what was acknowledged, refused and stored, and the process's memory; fails if anything was lost, or stored twice.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program that measures"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::DateTime;
use countinghouse::clock::Clock;
use countinghouse::config::{Settings, Sources};
use countinghouse::database::{DatabaseOptions, connect};
use countinghouse::http::{Ending, Readiness, Server, application};
use countinghouse::organizations::{NewOrganization, find_or_create};
use countinghouse::telemetry::Instruments;
use countinghouse::tracking::{Site, sites};
use playground::Playground;
use sea_orm::{ConnectionTrait, Statement};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
];

#[tokio::main]
async fn main() {
    let mut given = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let folder = tempfile::tempdir().expect("a folder");
    let url = given.next().filter(|url| url != "sqlite");
    let url = url.unwrap_or_else(|| format!("sqlite://{}/bench.db", folder.path().display()));
    let mut number = |default: usize| given.next().map_or(default, |text| text.parse().expect("a number"));
    let (seconds, batch, clients, repeated) = (number(10) as u64, number(20), number(8), number(0));
    let db = connect(&DatabaseOptions::new(&url)).await.expect("a database");
    migration::up(&db).await.expect("tables");
    let new = NewOrganization {
        external_id: "bench".to_owned(),
        name: "Bench".to_owned(),
        currency: "EUR".parse().expect("a currency"),
        time_zone: chrono_tz::UTC,
    };
    let organization = find_or_create(&db, new, DateTime::UNIX_EPOCH).await.expect("an organization");
    let site = Site {
        key: Site::new_key(),
        name: String::new(),
        origins: vec!["https://shop.example".to_owned()],
        targets: vec!["https://shop.example".to_owned()],
        takes_sessions: false,
        takes_conversions: false,
        created_at: DateTime::UNIX_EPOCH,
        revoked_at: None,
    };
    sites::create(&db, organization.id, &site).await.expect("a site");

    // What is measured is how much is taken, not how much one address may tell.
    let unlimited = ["COUNTINGHOUSE_RATE_LIMITS_TRACKING_SITE", "COUNTINGHOUSE_RATE_LIMITS_TRACKING_VISITOR"];
    let variables = unlimited.map(|name| (name.to_owned(), "none".to_owned())).into();
    let settings = Settings::load(&Sources { variables, ..Sources::default() }).expect("settings");
    let (ending, instruments) = (Ending::default(), Instruments::default());
    let readiness = Readiness::current(db.clone());
    let page = Playground::default();
    let app =
        application(&settings, db.clone(), Clock::System, readiness, page, ending.clone(), &instruments)
            .expect("it fits");
    let server = Server::bind("127.0.0.1:0").await.expect("a port");
    let address = server.address();
    let stopped = ending.stopping.clone().cancelled_owned();
    let serving = tokio::spawn(server.run(app, 1000, Duration::from_secs(5), stopped));

    let started = Instant::now();
    let until = started + Duration::from_secs(seconds);
    let sending = (0..clients).map(|client| {
        let load = Load { key: site.key.clone(), client, batch, repeated };
        tokio::spawn(load.send(address, until))
    });
    let watching = tokio::spawn(async move {
        let mut sixths = Vec::new();
        for _ in 0..6 {
            tokio::time::sleep(Duration::from_secs(seconds) / 6).await;
            sixths.push(memory("VmRSS:"));
        }
        sixths.join(", ")
    });
    let (mut accepted, mut refused) = (0, 0);
    for one in futures::future::join_all(sending).await {
        let (taken, turned_away) = one.expect("it ends");
        accepted += taken;
        refused += turned_away;
    }
    let took = started.elapsed();
    ending.stopping.cancel();
    serving.await.expect("it ends");
    assert_eq!(ending.wait(Duration::from_mins(1)).await, 0, "it did not end");
    let whole = started.elapsed();
    let question =
        format!("SELECT COUNT(*) AS stored FROM events WHERE organization_id = {}", organization.id.0);
    let question = Statement::from_string(db.get_database_backend(), question);
    let stored: i64 = db
        .query_one_raw(question)
        .await
        .expect("asked")
        .expect("a row")
        .try_get("", "stored")
        .expect("a number");
    println!(
        "acknowledged {accepted} events in {:.1} s: {:.0} a second",
        took.as_secs_f64(),
        accepted as f64 / took.as_secs_f64()
    );
    println!(
        "stored       {stored} events in {:.1} s: {:.0} a second",
        whole.as_secs_f64(),
        stored as f64 / whole.as_secs_f64()
    );
    println!("turned away  {refused} requests");
    println!(
        "memory       {} MB at most; after each sixth of the time {} MB",
        memory("VmHWM:"),
        watching.await.expect("it ends")
    );
    assert_eq!(stored, i64::try_from(accepted).expect("few"), "events were lost, or stored twice");
}

/// The process's memory in megabytes, as Linux tells it.
fn memory(line: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|text| text.strip_prefix(line)?.trim().strip_suffix(" kB"));
    kilobytes
        .and_then(|text| text.parse::<u64>().ok())
        .map_or("?".to_owned(), |size| (size / 1024).to_string())
}

/// What one client sends.
struct Load {
    key: String,
    client: usize,
    batch: usize,
    repeated: usize,
}

impl Load {
    /// Sends batches over one connection until the time is over: events that were taken, requests that were turned away.
    async fn send(self, address: SocketAddr, until: Instant) -> (usize, usize) {
        let mut stream = BufReader::new(TcpStream::connect(address).await.expect("it listens"));
        let (mut accepted, mut refused, mut number) = (0, 0, 0_usize);
        while Instant::now() < until {
            let request = self.request(number);
            stream.write_all(request.as_bytes()).await.expect("sent");
            match answered(&mut stream).await {
                202 => accepted += self.batch,
                503 => {
                    refused += 1;
                    number += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
                other => panic!("{other}"),
            }
            if self.repeated > 0 && number.is_multiple_of(self.repeated) {
                stream.write_all(request.as_bytes()).await.expect("sent");
                answered(&mut stream).await;
            }
            number += 1;
        }
        (accepted, refused)
    }

    fn request(&self, number: usize) -> String {
        let Self { key, client, batch, .. } = self;
        let events: Vec<String> = (0..*batch)
            .map(|event| {
                let page = (number * 7 + event) % 200;
                format!(
                    "{{\"type\":\"PAGEVIEW\",\"event_id\":\"{client}-{number}-{event}\",\
                     \"page_url\":\"https://shop.example/lamps/{page}?x=1\",\"referrer_url\":\"https://shop.example/\"}}"
                )
            })
            .collect();
        let body = format!("[{}]", events.join(","));
        let agent = AGENTS[number % AGENTS.len()];
        format!(
            "POST /v1/track?site={key} HTTP/1.1\r\nhost: x\r\nuser-agent: {agent}\r\norigin: https://shop.example\r\n\
             content-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// The status of an answer, which is read to its end.
async fn answered(stream: &mut BufReader<TcpStream>) -> u16 {
    let (mut status, mut length) = (0, 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("an answer");
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
            status = rest[..3].parse().expect("a status");
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("its body");
    status
}
