//! Key sets that change while the server runs: rotation, sources that are away, slow, too large or full of rubbish.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countinghouse::http::auth::jwt::Verifier;
use serde_json::{Value, json};

use super::bench::{Bench, Hands, NOW, Outcome, file_settings};
use super::signing::{Pair, pairs, tls};
use super::source::{Answer, Source, Trap};
use super::tokens::base64;
use crate::support::{Engine, TestDatabase, run};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// A server that trusts the key set of `keys`, a line of the issuer's table, at a time that the test sets.
struct Stage {
    bench: Bench,
    hands: Hands,
    one: Pair,
    other: Pair,
}

impl Stage {
    async fn new(database: &TestDatabase, keys: &str) -> Self {
        let settings = file_settings(&format!(
            "[[jwt.issuers]]\nissuer = \"login\"\naudience = \"books\"\nalgorithms = [\"ES256\"]\n{keys}\n"
        ));
        let hands = Hands::new();
        let bench = Bench::of(database.connection.clone(), &settings, hands.clock()).await;
        let [one, other] = pairs("ES256");
        Self { bench, hands, one, other }
    }

    async fn of_source(database: &TestDatabase, source: &Source) -> Self {
        Self::new(database, &format!("jwks_url = \"{}\"", source.url())).await
    }

    /// Lets time pass, and what is due happen.
    async fn forward(&self, seconds: i64) {
        self.hands.forward(seconds);
        self.bench.refresh().await;
    }

    async fn show(&self, pair: &Pair, kid: &str) -> Outcome {
        self.bench.bearer(&token(pair, kid)).await
    }

    /// Whether the first pair is known as `one`, and the other as `other`.
    async fn known(&self) -> (&'static str, &'static str) {
        (self.show(&self.one, "one").await.kind(), self.show(&self.other, "other").await.kind())
    }
}

fn token(pair: &Pair, kid: &str) -> String {
    let days = NOW + 90 * 24 * HOUR;
    let claims = json!({ "iss": "login", "aud": "books", "exp": days, "OrganizationId": "acme" });
    pair.token(Some(kid), &claims)
}

fn unknown() -> Outcome {
    Outcome::Refused("Invalid", "the token's `kid` names no key of its issuer".to_owned())
}

fn first() -> Value {
    pairs("ES256")[0].named("one")
}

fn second() -> Value {
    pairs("ES256")[1].named("other")
}

#[test]
fn keys_are_rotated_without_a_restart() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let source = Source::serve(Answer::keys(&[first()])).await;
        let stage = Stage::of_source(&database, &source).await;
        stage.bench.refresh().await;
        assert_eq!(
            (stage.known().await, source.hits()),
            (("Principal", "Invalid"), 2),
            "one look for `other`"
        );
        // A key that was added is found by the first token that names it, once a minute has passed.
        source.answer(Answer::keys(&[first(), second()]));
        assert_eq!(stage.known().await, ("Principal", "Invalid"));
        stage.hands.forward(MINUTE);
        assert_eq!((stage.known().await, source.hits()), (("Principal", "Principal"), 3));
        // A key that was taken out holds until the next refresh, and no longer.
        source.answer(Answer::keys(&[second()]));
        stage.forward(9 * MINUTE + 59).await;
        assert_eq!((stage.known().await, source.hits()), (("Principal", "Principal"), 3));
        stage.forward(1).await;
        assert_eq!(stage.show(&stage.one, "one").await, unknown());
        assert_eq!(stage.known().await, ("Invalid", "Principal"));
        // The same name for another key: the old one's signatures are refused.
        source.answer(Answer::keys(&[stage.one.named("other")]));
        stage.forward(10 * MINUTE).await;
        assert_eq!(stage.show(&stage.other, "other").await.kind(), "Invalid");
        assert_eq!(stage.show(&stage.one, "other").await.kind(), "Principal");
    });
}

#[test]
fn unknown_keys_are_looked_for_once_a_minute_however_many_ask() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let slow = Answer { delay: Duration::from_millis(300), ..Answer::keys(&[first()]) };
        let source = Source::serve(slow).await;
        let stage = Stage::of_source(&database, &source).await;
        stage.bench.refresh().await;
        let signed = stage.other.token(None, &json!({ "iss": "login" }));
        let (_, rest) = signed.split_once('.').expect("a payload");
        let tokens: Vec<String> = (0..1000)
            .map(|number| json!({ "alg": "ES256", "kid": format!("unknown {number}") }).to_string())
            .map(|header| format!("{}.{rest}", base64(header.as_bytes())))
            .collect();
        for (pause, hits) in [(0, 2), (59, 2), (1, 3), (3, 3), (60, 4)] {
            stage.hands.forward(pause);
            let verdicts =
                futures::future::join_all(tokens.iter().map(|token| stage.bench.bearer(token))).await;
            assert!(verdicts.iter().all(|verdict| *verdict == unknown()), "{:?}", verdicts.first());
            assert_eq!(source.hits(), hits, "after {pause} s more");
        }
        assert_eq!(stage.show(&stage.one, "one").await.kind(), "Principal");
    });
}

#[test]
fn keys_outlive_their_source_for_a_day() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let source = Source::serve(Answer::keys(&[first()])).await;
        let stage = Stage::of_source(&database, &source).await;
        assert_eq!(source.hits(), 0, "nothing is fetched before the server runs");
        stage.bench.refresh().await;
        let address = source.stop().await;
        for hours in [1, 22] {
            stage.forward(hours * HOUR).await;
            assert_eq!(stage.show(&stage.one, "one").await.kind(), "Principal", "after {hours} h more");
        }
        stage.forward(HOUR).await;
        assert_eq!(stage.show(&stage.one, "one").await.kind(), "Principal", "at 24 h");
        stage.forward(1).await;
        assert_eq!(stage.show(&stage.one, "one").await.kind(), "Unavailable", "a second later");
        let back = Source::serve_at(address, Answer::keys(&[first()])).await;
        stage.forward(MINUTE).await;
        assert_eq!((stage.show(&stage.one, "one").await.kind(), back.hits()), ("Principal", 1));
        // A clock that was set back puts no refresh off.
        back.answer(Answer::keys(&[second()]));
        stage.forward(-HOUR).await;
        assert_eq!(stage.known().await, ("Invalid", "Principal"));
    });
}

#[test]
fn a_server_starts_without_the_source_and_picks_it_up() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let source = Source::serve(Answer::keys(&[first()])).await;
        let address = source.stop().await;
        let stage = Stage::new(&database, &format!("jwks_url = \"http://{address}/jwks.json\"")).await;
        stage.bench.refresh().await;
        assert_eq!(stage.show(&stage.one, "one").await.kind(), "Unavailable");
        let back = Source::serve_at(address, Answer::keys(&[first()])).await;
        stage.bench.refresh().await;
        stage.forward(1).await;
        assert_eq!(
            back.hits(),
            0,
            "two tries failed, the server's and the token's: the next is due after two seconds"
        );
        stage.forward(1).await;
        assert_eq!(stage.known().await, ("Principal", "Invalid"));
        assert_eq!(back.hits(), 1, "a token asked for this set less than a minute ago");
    });
}

#[test]
fn a_set_is_read_again_when_it_says_so_within_bounds() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        for (header, seconds) in [
            (None, 10 * MINUTE),
            (Some("max-age=120"), 120),
            (Some("public, max-age=5"), MINUTE),
            (Some("no-store"), MINUTE),
            (Some("max-age=86400"), 10 * MINUTE),
            (Some("max-age=forever"), 10 * MINUTE),
        ] {
            let answer = Answer::keys(&[first()]);
            let answer = header.iter().fold(answer, |answer, value| answer.with("cache-control", value));
            let source = Source::serve(answer).await;
            let stage = Stage::of_source(&database, &source).await;
            stage.bench.refresh().await;
            stage.forward(seconds - 1).await;
            assert_eq!(source.hits(), 1, "{header:?}");
            stage.forward(1).await;
            assert_eq!(source.hits(), 2, "{header:?}");
            source.stop().await;
        }
    });
}

#[test]
fn what_is_no_key_set_changes_nothing() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let source = Source::serve(Answer::keys(&[first()])).await;
        let stage = Stage::of_source(&database, &source).await;
        stage.bench.refresh().await;
        let trap = Trap::set().await;
        let good = json!({ "keys": [second()] }).to_string();
        let longest = 256 * 1024;
        let fill = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));
        let other = Source::serve(Answer::keys(&[second()])).await;
        let answers = [
            ("nothing", Answer::text("")),
            ("HTML", Answer::text("<html>Sign in</html>")),
            ("a list", Answer::text("[]")),
            ("an empty object", Answer::text("{}")),
            ("keys that are no list", Answer::text(r#"{"keys":{}}"#)),
            ("keys twice", Answer::text(r#"{"keys":[],"keys":[]}"#)),
            ("cut", Answer::text(&good[..good.len() - 1])),
            ("too large", Answer::text(fill(longest + 1))),
            ("an error", Answer { status: 500, ..Answer::text(&*good) }),
            ("not found", Answer { status: 404, ..Answer::text(&*good) }),
            ("not modified", Answer { status: 304, ..Answer::text("") }),
            ("no content", Answer { status: 204, ..Answer::text("") }),
            (
                "a redirect elsewhere",
                Answer { status: 302, ..Answer::text(&*good) }.with("location", &trap.url("")),
            ),
            (
                "a redirect to good keys",
                Answer { status: 301, ..Answer::text(&*good) }.with("location", &other.url()),
            ),
            ("another redirect", Answer { status: 307, ..Answer::text(&*good) }.with("location", "/again")),
        ];
        for (what, answer) in answers {
            source.answer(answer);
            let before = source.hits();
            stage.forward(10 * MINUTE).await;
            assert_eq!(source.hits(), before + 1, "{what}: asked once");
            let known = (stage.show(&stage.one, "one").await.kind(), stage.known().await.1);
            assert_eq!(known, ("Principal", "Invalid"), "{what}");
        }
        trap.is_untouched().await;
        assert_eq!(other.hits(), 0, "a redirect was followed");
        source.answer(Answer::text(fill(longest)));
        stage.forward(10 * MINUTE).await;
        assert_eq!(stage.known().await, ("Invalid", "Principal"), "as large as it may be");
    });
}

/// Lines of the log while it is there, of this thread.
fn listen() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    #[derive(Clone)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Arc::<Mutex<Vec<u8>>>::default();
    let writer = Lines(Arc::clone(&lines));
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

#[test]
fn a_set_without_a_usable_key_is_believed_and_logged_as_an_error() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let source = Source::serve(Answer::keys(&[first()])).await;
        let stage = Stage::of_source(&database, &source).await;
        let (lines, guard) = listen();
        stage.bench.refresh().await;
        source.answer(Answer::keys(&[json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "one" })]));
        stage.forward(10 * MINUTE).await;
        drop(guard);
        assert_eq!(stage.show(&stage.one, "one").await, unknown(), "its issuer withdrew them all");
        let text = String::from_utf8(lines.lock().expect("unpoisoned").clone()).expect("UTF-8");
        let error = text.lines().find(|line| line.contains(" ERROR ")).unwrap_or_else(|| panic!("{text}"));
        assert!(error.contains("no usable key") && error.contains("login"), "{error}");
        assert!(error.contains("its kind is not RSA, EC on P-256, or OKP on Ed25519"), "{error}");
        assert!(!text.contains("c2VjcmV0"), "a secret is in the log: {text}");
        source.answer(Answer::keys(&[first()]));
        stage.forward(MINUTE).await;
        assert_eq!(stage.show(&stage.one, "one").await.kind(), "Principal", "a minute later");
    });
}

#[test]
fn a_slow_source_keeps_nobody_waiting_whose_key_is_known() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let source = Source::serve(Answer::keys(&[first()])).await;
        let stage = Stage::of_source(&database, &source).await;
        stage.bench.refresh().await;
        source.answer(Answer { delay: Duration::from_mins(1), ..Answer::keys(&[second()]) });
        stage.hands.forward(10 * MINUTE);
        let verifier = Arc::clone(stage.bench.verifier());
        let started = Instant::now();
        let refresh = tokio::spawn(async move { verifier.refresh_due().await });
        let unknown_key = tokio::spawn({
            let (bench, token) = (stage.bench.clone(), token(&stage.other, "other"));
            async move { (bench.bearer(&token).await, Instant::now()) }
        });
        while source.hits() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let token = token(&stage.one, "one");
        for _ in 0..20 {
            assert_eq!(stage.bench.bearer(&token).await.kind(), "Principal");
        }
        assert!(!refresh.is_finished() && !unknown_key.is_finished(), "nobody is slow here");
        // Who names an unknown key waits for what is under way, but not long; the fetch itself ends by its deadline.
        let (outcome, at) = unknown_key.await.expect("answered");
        assert_eq!(outcome, unknown());
        let waited = at - started;
        assert!((Duration::from_millis(1900)..Duration::from_secs(4)).contains(&waited), "{waited:?}");
        refresh.await.expect("refreshed");
        let took = started.elapsed();
        assert!((Duration::from_secs(5)..Duration::from_secs(8)).contains(&took), "{took:?}");
        assert_eq!((stage.show(&stage.one, "one").await.kind(), source.hits()), ("Principal", 2));
    });
}

#[test]
fn https_is_believed_by_its_certificate() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let port = serve_tls(json!({ "keys": [first()] }).to_string()).await;
        let folder = tempfile::tempdir().expect("a folder");
        let authority = folder.path().join("ca.pem");
        std::fs::write(&authority, tls().authority).expect("written");
        let trusted = format!("jwks_ca_file = \"{}\"", authority.display());
        for (host, authority, kind) in [
            ("localhost", trusted.as_str(), "Principal"),
            ("127.0.0.1", &trusted, "Principal"),
            ("127.0.0.2", &trusted, "Unavailable"),
            ("localhost", "", "Unavailable"),
        ] {
            let keys = format!("jwks_url = \"https://{host}:{port}/jwks.json\"\n{authority}");
            let stage = Stage::new(&database, &keys).await;
            stage.bench.refresh().await;
            assert_eq!(stage.show(&stage.one, "one").await.kind(), kind, "{host} {authority}");
        }
    });
}

/// Serves `body` over TLS to whoever asks, on every loopback address.
async fn serve_tls(body: String) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::ring::default_provider;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let tls = tls();
    let certificate = CertificateDer::from_pem_slice(tls.certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(tls.private_key.as_bytes()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they fit");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who does not believe the certificate hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 2048];
            let _ = stream.read(&mut head).await;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

#[test]
fn a_file_of_keys_is_read_again_when_it_changes() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("jwks.json");
        let write = |text: &str| std::fs::write(&path, text).expect("written");
        let of = |keys: &[Value]| json!({ "keys": keys }).to_string();
        write(&of(&[first()]));
        let stage = Stage::new(&database, &format!("jwks_file = \"{}\"", path.display())).await;
        assert_eq!(stage.known().await, ("Principal", "Invalid"), "it is read at the start");
        write(&of(&[second()]));
        stage.forward(1).await;
        assert_eq!(
            stage.show(&stage.one, "one").await.kind(),
            "Principal",
            "it is looked at every two seconds"
        );
        stage.forward(1).await;
        assert_eq!(stage.known().await, ("Invalid", "Principal"));
        for rubbish in ["", "{", "{}", "[]"] {
            write(rubbish);
            stage.forward(2).await;
            assert_eq!(stage.known().await, ("Invalid", "Principal"), "{rubbish:?}");
        }
        std::fs::remove_file(&path).expect("removed");
        stage.forward(24 * HOUR - 10).await;
        assert_eq!(stage.known().await, ("Invalid", "Principal"));
        stage.forward(11).await;
        assert_eq!(
            stage.show(&stage.other, "other").await.kind(),
            "Unavailable",
            "it has been gone for a day"
        );
        write(&of(&[first()]));
        stage.forward(2).await;
        assert_eq!(stage.known().await, ("Principal", "Invalid"));
    });
}

#[test]
fn keys_that_are_no_use_stop_the_server_at_its_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    let words = |line: &str| {
        let settings = file_settings(&format!(
            "[[jwt.issuers]]\nissuer = \"login\"\naudience = \"books\"\nalgorithms = [\"ES256\"]\n{line}\n"
        ));
        let verifier = Verifier::new(&settings.jwt, Hands::new().clock());
        verifier.map(|verifier| verifier.is_some()).map_err(|error| error.to_string())
    };
    let file = format!("jwks_file = \"{}\"", path.display());
    let start = "setting `jwt.issuers[0]` (issuer login): ";
    let refused = |line: &str| words(line).expect_err("must be refused");
    assert!(refused(&file).starts_with(&format!("{start}`{}` cannot be read: ", path.display())));
    let write = |text: &str| std::fs::write(&path, text).expect("written");
    for text in ["", "{}", "[]", "{\"keys\":1}"] {
        write(text);
        assert_eq!(refused(&file), format!("{start}`{}` is no key set: {{\"keys\":[…]}}", path.display()));
    }
    write(&json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] }).to_string());
    let why = "key 0: its kind is not RSA, EC on P-256, or OKP on Ed25519";
    assert_eq!(refused(&file), format!("{start}`{}` has no usable key; {why}", path.display()));
    write(&" ".repeat(256 * 1024 + 1));
    assert_eq!(refused(&file), format!("{start}`{}` has more than 262144 bytes", path.display()));
    write(&json!({ "keys": [first()] }).to_string());
    assert_eq!(words(&file), Ok(true));
    let url = format!("jwks_url = \"https://login.example/\"\njwks_ca_file = \"{}\"", path.display());
    assert_eq!(refused(&url), format!("{start}`jwks_ca_file` holds no usable certificate"));
}

/// Nobody calls here: the server looks after its keys by itself.
#[test]
fn keys_are_kept_fresh_in_the_background() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("jwks.json");
        let write =
            |keys: &[Value]| std::fs::write(&path, json!({ "keys": keys }).to_string()).expect("written");
        write(&[first()]);
        let source = Source::serve(Answer::keys(&[first()])).await;
        let of_file = Stage::new(&database, &format!("jwks_file = \"{}\"", path.display())).await;
        let of_url = Stage::of_source(&database, &source).await;
        of_file.bench.verifier().keep_fresh();
        of_url.bench.verifier().keep_fresh();
        let until = async |stage: &Stage, pair: &Pair, kid: &str| {
            for _ in 0..100 {
                if stage.show(pair, kid).await.kind() == "Principal" {
                    return;
                }
                stage.hands.forward(1);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("{kid} is never known");
        };
        until(&of_url, &of_url.one, "one").await;
        assert_eq!(source.hits(), 1);
        write(&[second()]);
        until(&of_file, &of_file.other, "other").await;
        assert_eq!(of_file.known().await, ("Invalid", "Principal"));
    });
}
