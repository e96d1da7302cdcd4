//! The command line: one file a command, whose doc comment is its help.
//!
//! # Invariants
//! - It is a client of the API: what it shows and does, anyone can by HTTP.
//! - Nothing but data on standard output; messages and progress on standard error.
//! - No secret is an argument (rule: C14), and no flag acts as somebody else (rule: F12).
//! - Exit status: 0 done, 1 refused or a check failed, 2 wrong usage, 3 storage trouble.

mod backup;
mod bench;
mod blast_radius;
mod can;
mod case_file;
mod checkpoint;
mod checkpoint_export;
mod checkpoint_witness;
mod completions;
mod config;
mod demo;
mod desk;
mod diff;
mod do_command;
mod do_file;
mod doctor;
mod events;
mod export;
mod export_fixture;
mod findings;
mod global;
mod import;
mod lineage;
mod man;
mod output;
mod personal_data;
mod point;
mod proof;
mod reach;
mod reconcile;
mod replay;
mod restore;
mod review;
mod secrets;
mod serve;
mod sign_in;
mod sign_out;
mod snapshot;
mod stopping;
mod support_token;
mod tables;
mod tail;
mod tenant;
mod text;
mod timeline;
mod token_file;
mod trouble;
mod unknown;
mod verify;
mod view;
mod what_if;
mod who_can;
mod whole_file;
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
    #[command(flatten)]
    AtDesk(AtDesk),
    Replay(replay::Replay),
    Restore(restore::Restore),
    Verify(verify::Verify),
    Doctor(doctor::Doctor),
    Bench(bench::Bench),
    Completions(completions::Completions),
    Man(man::Man),
}

/// What is asked of the API.
#[derive(clap::Subcommand)]
enum AtDesk {
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    #[command(subcommand)]
    SupportToken(support_token::SupportToken),
    SignIn(sign_in::SignIn),
    SignOut(sign_out::SignOut),
    Do(do_command::Do),
    Import(import::Import),
    Backup(backup::Backup),
    Export(export::Export),
    View(view::View),
    Can(can::Can),
    Why(why::Why),
    Findings(findings::Findings),
    BlastRadius(blast_radius::BlastRadius),
    WhatIf(what_if::WhatIf),
    Reconcile(reconcile::Reconcile),
    WhoCan(who_can::WhoCan),
    Diff(diff::Diff),
    Reach(reach::Reach),
    Timeline(timeline::Timeline),
    Lineage(lineage::Lineage),
    #[command(subcommand)]
    Review(review::Review),
    Events(events::Events),
    PersonalData(personal_data::PersonalData),
    Tail(tail::Tail),
    #[command(subcommand)]
    CaseFile(case_file::CaseFile),
    #[command(subcommand)]
    Checkpoint(checkpoint::Checkpoint),
    Proof(proof::Proof),
}

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    let given = match config::with_file(&description(), std::env::args_os().collect()) {
        Ok(given) => given,
        Err(trouble) => return end(&Output::standard(false, false), &trouble),
    };
    let arguments = match Arguments::try_parse_from(&given) {
        Ok(arguments) => arguments,
        Err(error) => {
            if let Some(told) = secrets::mistaken_for_an_argument(&error) {
                return end(&Output::standard(false, false), &Trouble::Usage(told));
            }
            if let Some(told) = unknown::command(&error, &description(), &given) {
                return end(&Output::standard(false, false), &Trouble::Usage(told));
            }
            // Help and version are data, and a mistake is told on standard error: clap knows which is which.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let (usually, traces) = match &arguments.command {
        Command::Serve(serve) => match serve.traces() {
            Ok(traces) => ("info", traces),
            Err(trouble) => return end(&Output::standard(false, false), &trouble),
        },
        Command::Demo(_)
        | Command::AtDesk(_)
        | Command::Replay(_)
        | Command::Restore(_)
        | Command::Verify(_)
        | Command::Doctor(_)
        | Command::Bench(_)
        | Command::Completions(_)
        | Command::Man(_) => ("warn", global::Traces::default()),
    };
    global::start_tracing(usually, &traces);
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
    match command {
        Command::Demo(demo) => demo.run(&global, output).await,
        Command::Serve(serve) => serve.run(&global, output).await,
        Command::AtDesk(command) => command.run(&global, output).await,
        Command::Replay(replay) => replay.run(output),
        Command::Restore(restore) => restore.run(&global, output).await,
        Command::Verify(verify) => verify.run(&global, output).await,
        Command::Doctor(doctor) => doctor.run(&global, output).await,
        Command::Bench(bench) => bench.run(output).await,
        Command::Completions(completions) => completions.run(output),
        Command::Man(man) => man.run(output),
    }
}

impl AtDesk {
    async fn run(self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        // What is asked of no ledger needs none.
        if let AtDesk::Can(can) = &self
            && let Some(matrices) = can.matrices()
        {
            return can::show(&matrices, output);
        }
        if let AtDesk::CaseFile(case_file::CaseFile::Verify(verify)) = &self {
            return verify.run(output);
        }
        if self.needs() == Ledger::OrNew
            && let Some(desk) = Desk::before_a_new_one(global).await?
        {
            let tried = self.tried(&desk).await;
            tried.and(desk.close().await)?;
        }
        let desk = Desk::open(global, self.needs()).await?;
        let done = match self.can_be_stopped() {
            true => stopping::unless_stopped(self.at(&desk, output)).await,
            false => self.at(&desk, output).await,
        };
        // Data goes out before the ledger is closed, so that a reader need not wait for it.
        let shown = output.flush();
        let closed = desk.close().await;
        done.and(shown).and(closed)
    }

    fn needs(&self) -> Ledger {
        if let AtDesk::Import(import) = self {
            return import.needs();
        }
        let makes = matches!(
            self,
            AtDesk::Tenant(tenant::Tenant::Create(_))
                | AtDesk::SupportToken(support_token::SupportToken::Create { .. })
        );
        if makes { Ledger::OrNew } else { Ledger::Existing }
    }

    /// Whether what begins a ledger would be refused there: then none is begun.
    async fn tried(&self, desk: &Desk) -> Result<(), Trouble> {
        if let AtDesk::Tenant(command) = self {
            command.tried(desk).await?;
        } else if let AtDesk::SupportToken(command) = self {
            command.tried(desk).await?;
        } else if let AtDesk::Import(command) = self {
            command.tried(desk).await?;
        }
        Ok(())
    }

    /// Whether Ctrl-C closes what was opened first: of all that asks for nothing by a prompt. An import goes on where it was
    /// stopped when it is run again.
    fn can_be_stopped(&self) -> bool {
        !matches!(
            self,
            AtDesk::Tenant(_)
                | AtDesk::SupportToken(_)
                | AtDesk::SignIn(_)
                | AtDesk::SignOut(_)
                | AtDesk::Do(_)
                | AtDesk::Backup(_)
                | AtDesk::Review(_)
                | AtDesk::Tail(_)
                | AtDesk::Checkpoint(_)
        )
    }

    async fn at(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        match self {
            AtDesk::Tenant(command) => command.run(desk, output).await,
            AtDesk::SupportToken(command) => command.run(desk, output).await,
            AtDesk::SignIn(command) => command.run(desk, output).await,
            AtDesk::SignOut(command) => command.run(desk, output).await,
            AtDesk::Do(command) => command.run(desk, output).await,
            AtDesk::Import(command) => command.run(desk, output).await,
            AtDesk::Export(command) => command.run(desk, output).await,
            AtDesk::View(command) => command.run(desk, output).await,
            AtDesk::Can(command) => command.run(desk, output).await,
            AtDesk::Why(command) => command.run(desk, output).await,
            AtDesk::Findings(command) => command.run(desk, output).await,
            AtDesk::BlastRadius(command) => command.run(desk, output).await,
            AtDesk::WhatIf(command) => command.run(desk, output).await,
            AtDesk::Reconcile(command) => command.run(desk, output).await,
            AtDesk::WhoCan(command) => command.run(desk, output).await,
            AtDesk::Diff(command) => command.run(desk, output).await,
            AtDesk::Reach(command) => command.run(desk, output).await,
            AtDesk::Timeline(command) => command.run(desk, output).await,
            AtDesk::Lineage(command) => command.run(desk, output).await,
            AtDesk::Review(command) => command.run(desk, output).await,
            AtDesk::Events(command) => command.run(desk, output).await,
            AtDesk::Backup(command) => command.run(desk, output).await,
            AtDesk::PersonalData(command) => command.run(desk, output).await,
            AtDesk::Tail(command) => command.run(desk, output).await,
            AtDesk::CaseFile(case_file::CaseFile::Create(command)) => command.run(desk, output).await,
            AtDesk::CaseFile(case_file::CaseFile::Verify(command)) => command.run(output),
            AtDesk::Checkpoint(command) => command.run(desk, output).await,
            AtDesk::Proof(command) => command.run(desk, output).await,
        }
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
