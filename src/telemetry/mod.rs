//! What is counted, timed and traced while requests are answered. Plain values that are handed down: nothing here is
//! global, so that every server, and every test, has its own.
//!
//! It knows no request, no statement and no answer: others say what happened. No label ever holds a credential, an
//! organization or a query's text.

mod instruments;
mod labels;
mod operations;
mod requests;
pub mod spans;
mod statements;
pub mod timing;

pub use instruments::{Cache, Instruments};
pub use operations::{Operation, OperationKind};
pub use requests::Answering;
pub use statements::{Meter, Reads, Sent};
