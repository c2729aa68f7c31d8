//! Discord: who is answered, what is told in a chat, what is told to Discord's API, and the commands that set it up.

mod chat;
mod commands;
mod deferred;
mod fake;
mod links;
mod reports;
mod requests;
mod who;
