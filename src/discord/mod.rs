//! Discord: `/report` asked in a chat, answered with the figures that say most, a drawing of characters and a link to the
//! whole report, as described in docs/discord.md.
//!
//! Reports are told by `reports::shared`, and numbers written by `pages`; here is what Discord wants of both. Who asks is
//! known by Discord's signature and by the server that they ask in.

mod answer;
mod api;
mod command;
mod described;
mod embed;
mod endpoint;
mod interaction;
mod message;
mod signature;
mod text;
mod trend;

pub use api::{Api, ApiError};
pub use command::definitions;
pub use described::description;
pub use endpoint::{Options, router};
