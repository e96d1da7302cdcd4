//! A ledger in a directory of its own, and the program run on it.

use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A fresh ledger's directory.
pub(crate) struct Book {
    dir: TempDir,
}

/// What a run of the program came to.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Book {
    /// A directory without a ledger yet.
    pub(crate) fn empty() -> Book {
        Book { dir: TempDir::new().unwrap() }
    }

    /// A tenant `abcimis`, in which MANAGER made Bob and Jeff, who changed the passwords set for them.
    pub(crate) fn with_people() -> Book {
        let book = Book::empty();
        let created = book.run("tenant create abcimis --manager-email desk@example.org").good();
        let manager = created.out.trim();
        book.sign_in("MANAGER", manager, "platform").good();
        for (id, name) in [("bob", "Bob S."), ("jeff", "Jeff T.")] {
            book.run_with(&["do", "add_contact", "--account", id, "--full_name", name], "", &[]).good();
            let credentials = format!("do create_credentials --account {id} --username {id} --user_class full");
            book.give(&credentials, "Welcome-1\n").good();
            book.run(&format!("do assign_role --account {id} --role RemoteService")).good();
        }
        book
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The program with the words of `line`.
    pub(crate) fn run(&self, line: &str) -> Run {
        self.give(line, "")
    }

    /// The program with the words of `line`, and `input` on its standard input.
    pub(crate) fn give(&self, line: &str, input: &str) -> Run {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.run_with(&words, input, &[])
    }

    /// The program with arguments, standard input and environment.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Run {
        let mut command = assert_cmd::Command::from_std(self.command(arguments));
        command.envs(environment.iter().copied()).write_stdin(input);
        let output = command.output().unwrap();
        Run {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn sign_in(&self, username: &str, password: &str, plane: &str) -> Run {
        self.give(&format!("sign-in --username {username} --plane {plane}"), &format!("{password}\n"))
    }

    /// What the program answers in JSON.
    pub(crate) fn json(&self, line: &str) -> Value {
        let run = self.run(&format!("{line} --json")).good();
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.out))
    }

    /// The program, at work; its standard error is to be read.
    pub(crate) fn start(&self, arguments: &[&str]) -> (Child, ChildStderr) {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = child.stderr.take().unwrap();
        (child, errors)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grantbook"));
        command.args(arguments).env_clear();
        command.env("GRANTBOOK_DATA", self.dir()).env("GRANTBOOK_HASHING", "minimum").env("HOME", self.dir());
        command
    }
}

impl Run {
    pub(crate) fn good(self) -> Run {
        assert_eq!(self.status, 0, "{}{}", self.out, self.err);
        self
    }

    pub(crate) fn ends_with(self, status: i32) -> Run {
        assert_eq!(self.status, status, "{}{}", self.out, self.err);
        self
    }
}

/// Every instant, in either form, made the same.
pub(crate) fn without_instants(text: &str) -> String {
    let mut shown = String::new();
    let bytes: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < bytes.len() {
        let day = looks_like(&bytes, at, "0000-00-00");
        let time = looks_like(&bytes, at, "00:00:00");
        if day || time {
            shown.push_str(if day { "DDDD-DD-DD" } else { "TT:TT:TT" });
            at += if day { 10 } else { 8 };
        } else {
            shown.push(bytes[at]);
            at += 1;
        }
    }
    shown
}

fn looks_like(text: &[char], at: usize, form: &str) -> bool {
    let here = text.iter().skip(at).take(form.len());
    text.len() >= at + form.len()
        && here.zip(form.chars()).all(|(found, expected)| match expected {
            '0' => found.is_ascii_digit(),
            other => *found == other,
        })
}
