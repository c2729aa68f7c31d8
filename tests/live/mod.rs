//! Reports that go on: over WebSocket and Server-Sent Events, on whole servers.

mod ends;
mod limits;
mod protocol;
pub mod server;
mod writes;
