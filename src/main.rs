//! The program; see `countinghouse --help`.

fn main() {}
