//! The program as it is run: commands, health, limits, an orderly end, and a database that comes and goes.

mod commands;
mod faults;
mod gate;
mod health;
mod hostile;
mod kills;
mod logs;
mod outage;
pub mod process;
pub mod schema;
mod shutdown;
mod slow;
