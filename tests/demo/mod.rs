//! The demo: its shop is imported and answered like any other, and its command does what it prints.

mod answers;
pub mod command;
