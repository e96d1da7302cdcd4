//! The program `grantbook`.

/// What is decided on one thread is freed on another, thousands of times a second: see docs/adr/0026.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    grantbook::cli::main()
}
