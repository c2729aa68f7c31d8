//! `serve`: answers requests until it is told to stop.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clap::Args;
use playground::Playground;
use sea_orm::DatabaseConnection;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::flags::{CommonFlags, Given, JwtFlags, LimitFlags};
use super::{Failure, give_way, print_line};
use crate::clock::Clock;
use crate::config::{MetricsPlace, MetricsSettings, Settings};
use crate::database::{self, DatabaseOptions};
use crate::http::{self, Ending, Readiness, Server};
use crate::metrics::rollup::Upkeep;
use crate::telemetry::Instruments;

/// Most connections of those who read the metrics.
const MOST_READERS: usize = 100;

/// Flags of `serve`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeFlags {
    /// HOST:PORT to listen on; port 0 takes any free one, which the first line on standard output tells [env:
    /// COUNTINGHOUSE_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// Where browsers reach the server, such as `https://books.example` [env: COUNTINGHOUSE_PUBLIC_URL]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Leave the database's schema as it is, and wait until it is up to date
    #[arg(long)]
    pub no_migrate: bool,
    /// How long a request may take [env: COUNTINGHOUSE_REQUEST_DEADLINE] [default: 25s]
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub request_deadline: Option<String>,
    /// How long requests in flight may go on after SIGTERM [env: COUNTINGHOUSE_SHUTDOWN_GRACE] [default: 30s]
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub shutdown_grace: Option<String>,
    /// Most database connections [env: COUNTINGHOUSE_DATABASE_CONNECTIONS] [default: 8]
    #[arg(long, value_name = "COUNT", help_heading = "Limits")]
    pub database_connections: Option<String>,
    /// Largest request body [env: COUNTINGHOUSE_BODY_LIMIT] [default: 2000000]
    #[arg(long, value_name = "BYTES", help_heading = "Limits")]
    pub body_limit: Option<String>,
    /// Most open connections [env: COUNTINGHOUSE_CONNECTION_LIMIT] [default: 10000]
    #[arg(long, value_name = "COUNT", help_heading = "Limits")]
    pub connection_limit: Option<String>,
    /// Tokens.
    #[command(flatten)]
    pub jwt: JwtFlags,
    /// Rate limits.
    #[command(flatten)]
    pub limits: LimitFlags,
}

const EXAMPLES: &str = "\
Examples:
  countinghouse serve
  JWT_SECRET=$(openssl rand -base64 48) countinghouse serve --listen 0.0.0.0:8080
  countinghouse serve --database-url postgres://books@db.example/shop --no-migrate --log-format json

GET /health/live is 200 while the process runs; GET /health/ready is 200 while it can answer, else 503.
SIGTERM or SIGINT lets requests in flight finish, then ends the process with 0.";

impl ServeFlags {
    fn given(&self) -> Given {
        let mut given = self.jwt.given();
        given.extend(self.limits.given());
        given.extend([
            ("listen", self.listen.clone()),
            ("public_url", self.public_url.clone()),
            ("request_deadline", self.request_deadline.clone()),
            ("shutdown_grace", self.shutdown_grace.clone()),
            ("database_connections", self.database_connections.clone()),
            ("body_limit", self.body_limit.clone()),
            ("connection_limit", self.connection_limit.clone()),
        ]);
        given
    }
}

/// Runs `serve`.
pub async fn run(common: &CommonFlags, flags: ServeFlags) -> Result<(), Failure> {
    let (settings, traces) = common.server_settings(flags.given())?;
    let db = database::connect(&settings.database_options()).await?;
    let served = serve(&settings, db, !flags.no_migrate, Playground::default(), |address| {
        print_line(&format!("Countinghouse listens on http://{address}"));
    })
    .await;
    traces.end().await;
    served
}

/// Serves `db` as `settings` say until SIGTERM or SIGINT; `listening` is told the address once requests are taken.
pub async fn serve(
    settings: &Settings,
    db: DatabaseConnection,
    migrate: bool,
    playground: Playground,
    listening: impl FnOnce(std::net::SocketAddr),
) -> Result<(), Failure> {
    let readiness = Readiness::new(db.clone());
    let (ending, instruments) = (Ending::default(), Instruments::default());
    let app = http::application(
        settings,
        db,
        Clock::System,
        readiness.clone(),
        playground,
        ending.clone(),
        &instruments,
    )?;
    let server = Server::bind(&settings.listen)
        .await
        .map_err(|error| Failure::Unreachable(format!("cannot listen on {}: {error}", settings.listen)))?;
    let server = server.counted_by(instruments.clone());
    let _metrics = metrics(settings, &instruments).await?;
    let address = server.address();
    tracing::info!(%address, database = %settings.database_url, "listening");
    listening(address);
    // The signal is asked for before anything is served, so that none is missed.
    let stop = stop_signal().map_err(|error| Failure::Unreachable(format!("no signals: {error}")))?;
    let preparation = readiness.prepare(migrate);
    let stopped = OnceLock::new();
    let stop = async {
        stop.await;
        let _ = stopped.set(Instant::now());
        ending.stopping.cancel();
    };
    let serving = server.run(app, settings.connection_limit, settings.shutdown_grace, stop);
    tokio::pin!(preparation, serving);
    let cut = tokio::select! {
        cut = &mut serving => cut,
        prepared = &mut preparation => {
            prepared.map_err(|words| Failure::Unreachable(format!("the database cannot be migrated: {words}")))?;
            keep_rollups(settings, &ending)?;
            serving.await
        }
    };
    if cut > 0 {
        tracing::warn!(connections = cut, "requests were still in flight when the grace was over");
    }
    let grace =
        settings.shutdown_grace.saturating_sub(stopped.get().map(Instant::elapsed).unwrap_or_default());
    let left = ending.wait(grace).await;
    if left > 0 {
        tracing::warn!(tasks = left, "answers that followed were not sent when the grace was over");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Keeps rollups on a thread of its own, which leaves the processor to those who answer, and with a connection of its own:
/// so no request waits behind what is added up.
fn keep_rollups(settings: &Settings, ending: &Ending) -> Result<(), Failure> {
    let options = DatabaseOptions { max_connections: 1, ..settings.database_options() };
    let (stopping, runtime) =
        (ending.stopping.clone(), tokio::runtime::Builder::new_current_thread().enable_all().build());
    let none = |error| Failure::Unreachable(format!("no threads can be started: {error}"));
    let runtime = runtime.map_err(none)?;
    let (done, is_done) = oneshot::channel::<()>();
    let keeping = async move {
        match database::connect(&options).await {
            Ok(db) => Upkeep::new(db).run(stopping).await,
            Err(error) => tracing::warn!(%error, "rollups are not kept"),
        }
    };
    let thread = std::thread::Builder::new().name("rollups".to_owned()).spawn(move || {
        give_way();
        runtime.block_on(keeping);
        drop(done);
    });
    thread.map_err(none)?;
    ending.tasks.spawn(async { drop(is_done.await) });
    Ok(())
}

/// Serves the metrics on a listener of their own, where the settings name one, until what is returned is dropped.
async fn metrics(settings: &Settings, instruments: &Instruments) -> Result<Option<JoinSet<usize>>, Failure> {
    let Some(MetricsSettings { place: MetricsPlace::Own(listen), token }) = &settings.metrics else {
        return Ok(None);
    };
    let server = Server::bind(listen)
        .await
        .map_err(|error| Failure::Unreachable(format!("cannot listen on {listen}: {error}")))?;
    tracing::info!(address = %server.address(), "metrics");
    let app = http::MetricsReader::new(instruments, token.clone()).router();
    let mut serving = JoinSet::new();
    serving.spawn(server.run(app, MOST_READERS, Duration::ZERO, std::future::pending()));
    Ok(Some(serving))
}

/// Done at the first SIGTERM or SIGINT; the second ends the process at once.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: requests in flight may finish");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(1);
        });
    })
}
