//! What is written: data to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::trouble::Trouble;
pub(crate) use crate::words::{clean, moment};

/// Where a command writes.
pub(crate) struct Output {
    data: Box<dyn Write>,
    /// Whether data is JSON, for programs.
    pub(crate) json: bool,
    quiet: bool,
}

impl Output {
    /// Standard output.
    pub(crate) fn standard(json: bool, quiet: bool) -> Output {
        Output { data: Box::new(std::io::BufWriter::new(std::io::stdout())), json, quiet }
    }

    /// A line of data.
    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> Result<(), Trouble> {
        writeln!(self.data, "{text}").map_err(unread)
    }

    /// Data as JSON, for a program or a person.
    pub(crate) fn json(&mut self, value: &Value) -> Result<(), Trouble> {
        self.line(format_args!("{value:#}"))
    }

    /// Data that something else writes.
    pub(crate) fn written(&mut self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Trouble> {
        write(&mut self.data).map_err(unread)
    }

    /// Rows under a header, as wide as the terminal.
    pub(crate) fn table(&mut self, header: &[&str], rows: &[Vec<String>]) -> Result<(), Trouble> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        // A terminal that does not say how wide it is.
        if table.width() == Some(0) {
            table.set_width(80);
        }
        table.set_header(header.iter().map(|title| title.to_uppercase()));
        table.add_rows(rows.iter().map(|row| row.iter().map(|cell| clean(cell))));
        for line in table.lines() {
            self.line(line.strip_prefix(' ').unwrap_or(&line).trim_end())?;
        }
        Ok(())
    }

    /// A message, on standard error; not when it is to be quiet.
    pub(crate) fn note(&self, text: impl std::fmt::Display) {
        if !self.quiet {
            // Where nobody hears it, nothing is lost.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Why it was not done, on standard error, in any case.
    pub(crate) fn fault(&self, trouble: &Trouble) {
        let _ = writeln!(std::io::stderr(), "grantbook: {}", clean(&trouble.to_string()));
    }

    /// Whether data goes to a person's terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether to show how far long work is.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Hands over what was written.
    pub(crate) fn flush(&mut self) -> Result<(), Trouble> {
        self.data.flush().map_err(unread)
    }
}

fn unread(error: std::io::Error) -> Trouble {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Trouble::NobodyReads;
    }
    Trouble::Storage(format!("standard output cannot be written: {error}"))
}
