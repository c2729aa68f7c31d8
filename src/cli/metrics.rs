//! `metrics`: prints the reference of metrics and dimensions.

use clap::Args;

use super::print_text;
use crate::metrics::reference;

/// Flags of `metrics`: it has none of its own.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MetricsFlags {}

const EXAMPLES: &str = "\
Example:
  countinghouse metrics > docs/metrics.md";

/// Runs `metrics`.
pub fn run() {
    print_text(&reference::markdown());
}
