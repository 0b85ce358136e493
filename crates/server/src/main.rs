//! `provost`: see `command` for what it can do.

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit codes: 0 done, 1 failed, 2 wrong usage (clap's own).
fn main() -> ExitCode {
    server::command::main(server::command::Cli::parse())
}
