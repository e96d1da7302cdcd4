//! The program `grantbook`.

fn main() -> std::process::ExitCode {
    grantbook::cli::main()
}
