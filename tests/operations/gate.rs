//! A way to a database that can be shut: what the server sees when its database goes away.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;

/// A port that leads to PostgreSQL while it is open.
pub struct Gate {
    address: SocketAddr,
    to: String,
    database: String,
    open: Option<JoinHandle<()>>,
}

impl Gate {
    /// A gate, shut, to the database at `url`.
    pub async fn to(url: &str) -> Self {
        let (address, options) = url.split_once('?').unwrap_or((url, ""));
        let (host, database) =
            address.trim_start_matches("postgres://").rsplit_once('/').expect("a database");
        let socket = options.split('&').find_map(|option| option.strip_prefix("host="));
        let to = socket.map_or_else(
            || host.rsplit_once('@').map_or(host, |(_, place)| place).to_owned(),
            |folder| format!("{folder}/.s.PGSQL.5432"),
        );
        let address = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("a port");
        Self { address, to, database: database.to_owned(), open: None }
    }

    /// The database's address, by way of the gate.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/{}", self.address, self.database)
    }

    /// Opens it.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("its port");
        let to = self.to.clone();
        self.open = Some(tokio::spawn(async move {
            // Connections end with this task.
            let mut passing = tokio::task::JoinSet::new();
            while let Ok((inner, _)) = listener.accept().await {
                passing.spawn(pass(inner, to.clone()));
            }
        }));
    }

    /// Shuts it, and breaks every connection.
    pub async fn shut(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
            let _ = open.await;
        }
    }

    /// Takes connections and says nothing, as a server that hangs or a network that swallows.
    pub async fn swallow(&mut self) {
        self.shut().await;
        let listener = TcpListener::bind(self.address).await.expect("its port");
        self.open = Some(tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        }));
    }
}

async fn pass(mut inner: TcpStream, to: String) {
    if to.starts_with('/') {
        let mut outer = UnixStream::connect(to).await.expect("PostgreSQL");
        let _ = copy_bidirectional(&mut inner, &mut outer).await;
    } else {
        let mut outer = TcpStream::connect(to).await.expect("PostgreSQL");
        let _ = copy_bidirectional(&mut inner, &mut outer).await;
    }
}
