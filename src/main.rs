//! The program; see `countinghouse --help`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    countinghouse::cli::run(std::env::args_os())
}
