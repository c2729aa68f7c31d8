//! `schema`: prints the GraphQL schema.

use clap::Args;

use super::print_text;
use crate::graphql;

/// Flags of `schema`: it has none of its own.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SchemaFlags {}

const EXAMPLES: &str = "\
Example:
  countinghouse schema > schema.graphql";

/// Runs `schema`.
pub fn run() {
    print_text(&graphql::sdl());
}
