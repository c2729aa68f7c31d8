//! The real program in a process of its own, and a client that speaks plain HTTP/1.1 to it.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A secret that is long enough for HS256.
pub const SECRET: &str = "correct horse battery staple, and then some";

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program, in an empty folder, with the settings of nobody else's environment.
fn program(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countinghouse"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["COUNTINGHOUSE_", "JWT_", "OTEL_", "ANALYTICS_", "DISCORD_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            || ["DATABASE_URL", "REDIS_URL"].contains(&name.as_str())
        {
            command.env_remove(name);
        }
    }
    command.env("DATABASE_URL", url).env("JWT_SECRET", SECRET).current_dir(folder).kill_on_drop(true);
    command
}

/// What a command came to.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self {
            code: output.status.code().expect("an exit code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Runs a command to its end.
pub async fn command<Argument: AsRef<OsStr>>(
    url: &str,
    variables: &[(&str, &str)],
    arguments: &[Argument],
) -> Done {
    let folder = TempDir::with_prefix("countinghouse-").expect("a folder");
    let mut program = program(folder.path(), url);
    program.envs(variables.iter().copied()).args(arguments).stdin(Stdio::null());
    timeout(PATIENCE, program.output()).await.expect("it ends").expect("it runs").into()
}

/// Runs a command to its end, with that on its standard input.
pub async fn fed(url: &str, input: &[u8], arguments: &[&str]) -> Done {
    let folder = TempDir::with_prefix("countinghouse-").expect("a folder");
    let mut program = program(folder.path(), url);
    program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("it starts");
    // It may end before it has read everything.
    let _ = child.stdin.take().expect("its input").write_all(input).await;
    timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").expect("it runs").into()
}

/// Starts a command and kills it after so long, unless it ends before.
pub async fn killed_after(url: &str, arguments: &[&str], delay: Duration) {
    let folder = TempDir::with_prefix("countinghouse-").expect("a folder");
    let mut program = program(folder.path(), url);
    program.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = program.spawn().expect("it starts");
    if timeout(delay, child.wait()).await.is_err() {
        child.kill().await.expect("killed");
    }
}

/// A running server; killed when it is dropped.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
    log: PathBuf,
    _folder: TempDir,
}

impl Served {
    /// Starts `serve` on a free port.
    pub async fn start(url: &str, arguments: &[&str]) -> Self {
        Self::with(url, &[], arguments).await
    }

    /// Starts `serve` on a free port, with more variables.
    pub async fn with(url: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let folder = TempDir::with_prefix("countinghouse-").expect("a folder");
        let log = folder.path().join("log");
        let mut program = program(folder.path(), url);
        program.envs(variables.iter().copied());
        program.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments).stdin(Stdio::null());
        program.stdout(Stdio::piped()).stderr(std::fs::File::create(&log).expect("a log"));
        let mut child = program.spawn().expect("it starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("it says where").expect("text");
        let address = line
            .trim_end()
            .strip_prefix("Countinghouse listens on http://")
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("{line:?} {}", std::fs::read_to_string(&log).unwrap_or_default()));
        Self { child, address, log, _folder: folder }
    }

    /// Sends it a signal.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await.expect("kill runs");
        assert!(sent.success());
    }

    /// Its exit code, once it ends.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends").expect("it ran");
        (status.code(), std::fs::read_to_string(&self.log).expect("a log"))
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().expect("asked").is_none()
    }

    /// The answer to `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }

    /// The answer to a request as it is written, which must ask for the connection to be closed.
    pub async fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.expect("sent");
        answer(&mut stream).await
    }

    /// A connection to it.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Waits until readiness is `status`, at most so long; returns that answer.
    pub async fn ready_within(&self, status: u16, seconds: u64) -> Answer {
        let wait = async {
            loop {
                let answer = self.get("/health/ready").await;
                if answer.status == status {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(seconds), wait).await.unwrap_or_else(|_| {
            panic!("not {status} in {seconds} s: {}", std::fs::read_to_string(&self.log).unwrap_or_default())
        })
    }
}

/// An answer: its status, its header lines in lower case, and its body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The header's value; two of one name are a mistake.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} twice: {self:?}");
        value
    }
}

/// Reads what comes until the connection is closed.
pub async fn answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an end").expect("an answer");
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let header = |line: &str| {
        let (name, value) = line.split_once(':').expect("a header");
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    Answer { status: status.expect("a status"), headers: lines.map(header).collect(), body: body.to_owned() }
}
