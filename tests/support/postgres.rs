//! The run's PostgreSQL cluster: found, or started once and stopped when the run is over.
//!
//! nextest runs each test in a process of its own, so the first test that needs the cluster starts it under a file
//! lock, and the others read its address from that file. A small shell process waits for the runner to end, however
//! it ends, and then stops the server and removes its files: nothing is left behind.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sea_orm::ConnectionTrait;

use super::databases::open;

/// A running PostgreSQL server.
pub struct Cluster {
    /// Address of any database on it, with the mark `DATABASE` where the database's name belongs.
    pattern: String,
    /// A migrated database to copy; absent on a server that is not ours.
    pub template: Option<String>,
}

const TEMPLATE: &str = "countinghouse_template";

impl Cluster {
    /// Address of the database `name`.
    pub fn url(&self, name: &str) -> String {
        self.pattern.replace("DATABASE", name)
    }

    /// Runs a statement that concerns the whole cluster.
    pub async fn command(&self, statement: &str) {
        let connection = open(&self.url("postgres")).await;
        connection
            .execute_unprepared(statement)
            .await
            .unwrap_or_else(|error| panic!("PostgreSQL refused `{statement}`: {error}"));
        connection.close().await.expect("the connection closes");
    }
}

/// The cluster of this run: the one that `COUNTINGHOUSE_TEST_POSTGRES` names by the URL of a database on it, else one
/// that the first caller starts.
pub async fn cluster() -> Cluster {
    match std::env::var("COUNTINGHOUSE_TEST_POSTGRES") {
        Ok(url) => Cluster { pattern: pattern_of(&url), template: None },
        Err(_) => own_cluster().await,
    }
}

/// Puts the mark in the place of the database's name: `postgres://user@host/name?options`.
fn pattern_of(url: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, String::new()), |(address, options)| (address, format!("?{options}")));
    let after_scheme = address.find("://").expect("COUNTINGHOUSE_TEST_POSTGRES is a URL") + "://".len();
    let end = address[after_scheme..].find('/').map_or(address.len(), |slash| after_scheme + slash);
    format!("{}/DATABASE{options}", &address[..end])
}

async fn own_cluster() -> Cluster {
    let (run, runner) = match std::env::var("NEXTEST_RUN_ID") {
        Ok(run) => (run, parent_id()),
        Err(_) => (std::process::id().to_string(), std::process::id()),
    };
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("postgres-{run}"));
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .expect("the cluster's file opens");
    file.lock().expect("the cluster's file locks");
    let mut folder = String::new();
    file.read_to_string(&mut folder).expect("the cluster's file reads");
    if !folder.is_empty() {
        return in_folder(&folder);
    }
    let server = Server::find();
    let folder = server.start();
    watch(&server, &folder, &path, runner);
    let cluster = in_folder(&folder);
    make_template(&cluster).await;
    file.rewind().expect("the cluster's file rewinds");
    file.write_all(folder.as_bytes()).expect("the cluster's file is written");
    cluster
}

fn in_folder(folder: &str) -> Cluster {
    Cluster {
        pattern: format!("postgres://postgres@localhost/DATABASE?host={folder}"),
        template: Some(TEMPLATE.to_owned()),
    }
}

async fn make_template(cluster: &Cluster) {
    cluster.command(&format!("CREATE DATABASE {TEMPLATE}")).await;
    let connection = open(&cluster.url(TEMPLATE)).await;
    migration::up(&connection).await.expect("the template migrates");
    connection.close().await.expect("the template closes");
}

/// Stops the server in `folder` and removes it and `path` once the process `runner` is gone.
fn watch(server: &Server, folder: &str, path: &Path, runner: u32) {
    let stop = server.command_line("pg_ctl", &["-D", &format!("{folder}/data"), "-m", "immediate", "stop"]);
    let script = format!(
        "(while kill -0 {runner} 2>/dev/null; do sleep 0.2; done; {}; rm -rf '{folder}' '{}') &",
        stop.join(" "),
        path.display(),
    );
    let mut watcher = Command::new("sh");
    watcher.args(["-c", &script]).process_group(0).current_dir("/");
    watcher.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = watcher.status().expect("sh runs");
    assert!(status.success(), "the cluster has nobody to stop it: {status}");
}

/// PostgreSQL's server programs, and as whom to run them.
struct Server {
    programs: PathBuf,
    is_root: bool,
}

impl Server {
    fn find() -> Self {
        let programs = installed().unwrap_or_else(|| {
            panic!(
                "PostgreSQL's server programs are not here: `apt-get install postgresql` brings them, \
                 or name a running server in COUNTINGHOUSE_TEST_POSTGRES (postgres://user@host/postgres)"
            )
        });
        let user = Command::new("id").arg("-u").output().expect("`id` runs").stdout;
        Self { programs, is_root: user.trim_ascii() == b"0" }
    }

    /// Makes a cluster in a folder of its own and starts it on a socket there; returns the folder.
    ///
    /// The folder is short and outside the project: a socket's path has 107 bytes. Nothing is synced to disk.
    fn start(&self) -> String {
        let folder = run(&self.as_user(&["mktemp", "-d", "/tmp/countinghouse-pg.XXXXXX"]));
        let data = format!("{folder}/data");
        let initialise =
            ["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
        run(&self.command_line("initdb", &initialise));
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=200 \
             -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB"
        );
        let log = format!("{folder}/log");
        run(&self
            .command_line("pg_ctl", &["-D", &data, "-w", "-t", "30", "-l", &log, "-o", &options, "start"]));
        folder
    }

    /// A program of PostgreSQL with its arguments; PostgreSQL refuses to run as root.
    fn command_line(&self, program: &str, arguments: &[&str]) -> Vec<String> {
        let program = self.programs.join(program);
        let program = program.to_str().expect("PostgreSQL's path is text");
        self.as_user(&[&[program], arguments].concat())
    }

    fn as_user(&self, command: &[&str]) -> Vec<String> {
        let switch: &[&str] = if self.is_root { &["runuser", "-u", "postgres", "--"] } else { &[] };
        [switch, command].concat().into_iter().map(str::to_owned).collect()
    }
}

/// Runs it to its end and returns what it printed. Output goes through a file: the server that `pg_ctl` leaves
/// running would hold a pipe open.
fn run(command: &[String]) -> String {
    let mut output = tempfile::tempfile().expect("a file is made");
    let copy = |file: &File| Stdio::from(file.try_clone().expect("the file is shared"));
    let status = Command::new(&command[0])
        .args(&command[1..])
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(copy(&output))
        .stderr(copy(&output))
        .status()
        .unwrap_or_else(|error| panic!("`{}` does not run: {error}", command.join(" ")));
    output.rewind().expect("the output rewinds");
    let mut text = String::new();
    output.read_to_string(&mut text).expect("the output reads");
    assert!(status.success(), "`{}` failed: {text}", command.join(" "));
    text.trim().to_owned()
}

/// The folder of the newest server programs: Debian's, else the one that `PATH` leads to.
fn installed() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").exists())
        .collect();
    versions.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join(OsStr::new("initdb")).exists())
    };
    versions.pop().map(|(_, programs)| programs).or_else(on_path)
}

#[cfg(test)]
mod tests {
    use super::pattern_of;

    #[test]
    fn a_database_takes_the_place_of_the_one_that_the_address_names() {
        for (given, expected) in [
            (
                "postgres://me@host:5432/mine?sslmode=disable",
                "postgres://me@host:5432/DATABASE?sslmode=disable",
            ),
            ("postgres://me@host", "postgres://me@host/DATABASE"),
            ("postgres://me@localhost/a?host=/tmp/x", "postgres://me@localhost/DATABASE?host=/tmp/x"),
        ] {
            assert_eq!(pattern_of(given), expected);
        }
    }
}
