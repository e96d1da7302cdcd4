//! The command line: one file a command, whose doc comment is its help.
//!
//! # Invariants
//! - It is a client of the API: what it shows and does, anyone can by HTTP.
//! - Nothing but data on standard output; messages and progress on standard error.
//! - No secret is an argument (rule: C14), and no flag acts as somebody else (rule: F12).
//! - Exit status: 0 done, 1 refused or a check failed, 2 wrong usage, 3 storage trouble.

mod bench;
mod can;
mod completions;
mod demo;
mod desk;
mod do_command;
mod doctor;
mod events;
mod export;
mod global;
mod import;
mod output;
mod point;
mod replay;
mod secrets;
mod serve;
mod sign_in;
mod sign_out;
mod support_token;
mod tables;
mod tail;
mod tenant;
mod token_file;
mod trouble;
mod verify;
mod view;
mod why;
mod words;

use std::process::ExitCode;

use clap::Parser;
use desk::{Desk, Ledger};
use global::Global;
use output::Output;
use trouble::Trouble;

/// Event-sourced permission ledger: the book in which every grant of a right is written
///
/// Without a server the program opens the ledger's directory itself; a running `serve` is found by its socket in the
/// directory, and `--server` talks to one over the network.
#[derive(Parser)]
#[command(name = "grantbook", version, max_term_width = 110, propagate_version = false)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Demo(demo::Demo),
    Serve(serve::Serve),
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    #[command(subcommand)]
    SupportToken(support_token::SupportToken),
    SignIn(sign_in::SignIn),
    SignOut(sign_out::SignOut),
    Do(do_command::Do),
    Import(import::Import),
    Export(export::Export),
    View(view::View),
    Can(can::Can),
    Why(why::Why),
    Events(events::Events),
    Tail(tail::Tail),
    Replay(replay::Replay),
    Verify(verify::Verify),
    Doctor(doctor::Doctor),
    Bench(bench::Bench),
    Completions(completions::Completions),
}

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are data, and a mistake is told on standard error: clap knows which is which.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let serves = matches!(arguments.command, Command::Serve(_));
    global::start_tracing(if serves { "info" } else { "warn" });
    let mut output = Output::standard(arguments.global.json, arguments.global.quiet);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return end(&output, &Trouble::Storage(format!("no threads can be started: {error}"))),
    };
    let outcome = runtime.block_on(run(arguments, &mut output));
    match outcome.and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let _ = output.flush();
            end(&output, &trouble)
        }
    }
}

fn end(output: &Output, trouble: &Trouble) -> ExitCode {
    if !matches!(trouble, Trouble::NobodyReads) {
        output.fault(trouble);
    }
    trouble.status()
}

async fn run(arguments: Arguments, output: &mut Output) -> Result<(), Trouble> {
    let Arguments { global, command } = arguments;
    let needed = match &command {
        Command::Demo(demo) => return demo.run(&global, output).await,
        Command::Serve(serve) => return serve.run(&global, output).await,
        Command::Completions(completions) => return completions.run(output),
        Command::Replay(replay) => return replay.run(output),
        Command::Verify(verify) => return verify.run(&global, output).await,
        Command::Doctor(doctor) => return doctor.run(&global, output).await,
        Command::Bench(bench) => return bench.run(output).await,
        Command::Tenant(tenant::Tenant::Create(_)) | Command::SupportToken(_) | Command::Import(_) => Ledger::OrNew,
        Command::Tenant(tenant::Tenant::List)
        | Command::SignIn(_)
        | Command::SignOut(_)
        | Command::Do(_)
        | Command::Export(_)
        | Command::View(_)
        | Command::Can(_)
        | Command::Why(_)
        | Command::Events(_)
        | Command::Tail(_) => Ledger::Existing,
    };
    let desk = Desk::open(&global, needed).await?;
    let done = at(&desk, command, output).await;
    // Data goes out before the ledger is closed, so that a reader need not wait for it.
    let shown = output.flush();
    let closed = desk.close().await;
    done.and(shown).and(closed)
}

async fn at(desk: &Desk, command: Command, output: &mut Output) -> Result<(), Trouble> {
    match command {
        Command::Tenant(command) => command.run(desk, output).await,
        Command::SupportToken(command) => command.run(desk, output).await,
        Command::SignIn(command) => command.run(desk, output).await,
        Command::SignOut(command) => command.run(desk, output).await,
        Command::Do(command) => command.run(desk, output).await,
        Command::Import(command) => command.run(desk, output).await,
        Command::Export(command) => command.run(desk, output).await,
        Command::View(command) => command.run(desk, output).await,
        Command::Can(command) => command.run(desk, output).await,
        Command::Why(command) => command.run(desk, output).await,
        Command::Events(command) => command.run(desk, output).await,
        Command::Tail(command) => command.run(desk, output).await,
        // These need no ledger that is there already, and were run before.
        Command::Demo(_)
        | Command::Serve(_)
        | Command::Replay(_)
        | Command::Verify(_)
        | Command::Doctor(_)
        | Command::Bench(_)
        | Command::Completions(_) => Ok(()),
    }
}

/// The commands as clap sees them.
fn description() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_commands_are_well_formed() {
        super::description().debug_assert();
    }
}
