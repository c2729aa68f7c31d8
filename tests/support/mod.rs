//! What every integration test stands on: a migrated database of its own, on SQLite and on PostgreSQL.
//!
//! Write `async fn it_holds(database: TestDatabase)` and `both_databases!(it_holds);` beside it: that makes the two
//! tests `it_holds::sqlite` and `it_holds::postgres`. A function that is not listed is dead code, which clippy refuses.

pub mod app;
pub mod broken;
mod databases;
pub mod hostile;
pub mod node;
mod postgres;
pub mod python;
pub mod refused;
mod shared;

pub use databases::{Engine, TestDatabase, open, run};
pub use shared::shared;

/// Makes two tests of each named `async fn(TestDatabase)`: one on SQLite, one on PostgreSQL.
macro_rules! both_databases {
    ($($test:ident),+ $(,)?) => {$(
        mod $test {
            #[test]
            fn sqlite() {
                $crate::support::run($crate::support::Engine::Sqlite, super::$test);
            }

            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Engine::Postgres, super::$test);
            }
        }
    )+};
}
pub(crate) use both_databases;

/// The key with another last character: its checksum is wrong, whichever character stood there.
pub fn mistyped(key: &str) -> String {
    let (kept, last) = key.split_at(key.len() - 1);
    format!("{kept}{}", if last == "0" { '1' } else { '0' })
}
