//! A Redis or Valkey of a test's own: started on a free port, stopped with the test.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Programs that will do.
const PROGRAMS: [&str; 2] = ["valkey-server", "redis-server"];

/// One that runs; killed when it is dropped.
pub struct Redis {
    port: u16,
    folder: TempDir,
    running: Option<Child>,
}

impl Redis {
    /// A place for one, which does not run yet.
    pub fn place() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
        Self { port, folder: TempDir::with_prefix("redis-").expect("a folder"), running: None }
    }

    /// One that answers.
    pub async fn start() -> Self {
        let mut redis = Self::place();
        redis.run(&[]).await;
        redis
    }

    /// Runs it, with more of its options, until it answers.
    pub async fn run(&mut self, options: &[&str]) {
        let port = self.port.to_string();
        let started = PROGRAMS.iter().find_map(|program| {
            let mut command = Command::new(program);
            command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
            command.arg("--dir").arg(self.folder.path()).args(options);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            command.spawn().ok()
        });
        let missing = "neither valkey-server nor redis-server is there: apt-get install redis-server";
        self.running = Some(started.expect(missing));
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it does not listen");
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Every name that it knows.
    pub async fn names(&self) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("it listens");
        stream.write_all(b"KEYS *\r\nQUIT\r\n").await.expect("asked");
        let mut told = String::new();
        stream.read_to_string(&mut told).await.expect("text");
        // Before each name stands its length, and at the end a farewell.
        let names = told.lines().filter(|line| !line.starts_with(['*', '$', '+']));
        names.map(str::to_owned).collect()
    }

    /// Ends it at once; what it knew is lost.
    pub async fn kill(&mut self) {
        self.running.take().expect("it runs").kill().await.expect("killed");
    }

    /// Stops it in the middle of whatever it does, or lets it go on.
    pub async fn signal(&self, name: &str) {
        let id = self.running.as_ref().and_then(Child::id).expect("it runs").to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().await.expect("kill runs").success());
    }
}
