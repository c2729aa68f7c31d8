//! One database a test: made quickly, migrated, dropped after, also when the test fails.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use countinghouse::database::{DatabaseOptions, connect};
use futures::FutureExt;
use sea_orm::DatabaseConnection;
use tempfile::TempDir;

use super::postgres;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in a folder of its own.
    Sqlite,
    /// A database of its own in the run's cluster.
    Postgres,
}

/// A migrated, empty database that nobody else uses.
pub struct TestDatabase {
    /// What kind it is.
    pub engine: Engine,
    /// Its address, as `--database-url` takes it.
    pub url: String,
    /// A pool on it, opened as the server opens its own.
    pub connection: DatabaseConnection,
}

/// Opens the database at `url` as the server does.
pub async fn open(url: &str) -> DatabaseConnection {
    let options = DatabaseOptions { max_connections: 4, ..DatabaseOptions::new(url) };
    connect(&options).await.expect("the database opens")
}

/// Runs `test` on a fresh database of that kind, and takes the database away however the test ends.
pub fn run<Test, Running>(engine: Engine, test: Test)
where
    Test: FnOnce(TestDatabase) -> Running,
    Running: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        let place = Place::make(engine).await;
        let connection = open(&place.url()).await;
        if !place.is_migrated() {
            migration::up(&connection).await.expect("a fresh database migrates");
        }
        let database = TestDatabase { engine, url: place.url(), connection: connection.clone() };
        let outcome = AssertUnwindSafe(test(database)).catch_unwind().await;
        connection.close().await.expect("the database closes");
        place.remove().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    });
}

/// Where a test's database lives.
enum Place {
    Folder(TempDir),
    Cluster { cluster: postgres::Cluster, name: String },
}

impl Place {
    async fn make(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::Folder(TempDir::with_prefix("countinghouse-").expect("a folder is made")),
            Engine::Postgres => {
                static COUNT: AtomicU32 = AtomicU32::new(0);
                let cluster = postgres::cluster().await;
                let number = COUNT.fetch_add(1, Ordering::Relaxed);
                let name = format!("test_{}_{number}", std::process::id());
                let template = cluster.template.as_deref().unwrap_or("template1");
                cluster.command(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Self::Cluster { cluster, name }
            }
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Folder(folder) => format!("sqlite://{}/test.db", folder.path().display()),
            Self::Cluster { cluster, name } => cluster.url(name),
        }
    }

    /// Whether it was copied from a template that has the tables.
    fn is_migrated(&self) -> bool {
        matches!(self, Self::Cluster { cluster, .. } if cluster.template.is_some())
    }

    async fn remove(self) {
        if let Self::Cluster { cluster, name } = self {
            cluster.command(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::organization;
    use sea_orm::{DbBackend, EntityTrait, PaginatorTrait};

    use super::*;
    use crate::support::both_databases;

    async fn a_test_has_a_migrated_database_of_its_own(database: TestDatabase) {
        let backend = match database.engine {
            Engine::Sqlite => DbBackend::Sqlite,
            Engine::Postgres => DbBackend::Postgres,
        };
        assert_eq!(database.connection.get_database_backend(), backend);
        assert_eq!(migration::pending(&database.connection).await, Ok(vec![]));
        let again = open(&database.url).await;
        assert_eq!(organization::Entity::find().count(&again).await, Ok(0));
        again.close().await.expect("it closes");
    }

    both_databases!(a_test_has_a_migrated_database_of_its_own);

    #[test]
    fn a_database_is_gone_after_a_test_that_failed() {
        let mut url = String::new();
        let failing = std::panic::catch_unwind(AssertUnwindSafe(|| {
            run(Engine::Postgres, async |database| {
                url = database.url;
                panic!("on purpose");
            });
        }));
        assert!(failing.is_err());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        let error = runtime.block_on(async {
            organization::Entity::find().count(&open(&url).await).await.expect_err("the database is gone")
        });
        assert!(error.to_string().contains("does not exist"), "{error}");
    }
}
