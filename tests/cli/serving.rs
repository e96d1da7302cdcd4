//! A running server takes the operator's commands over its socket, and others' over the network.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr};

use crate::book::Book;
use crate::demo::interrupt;

/// A server at work on a book.
pub(crate) struct Serving {
    child: Child,
    errors: BufReader<ChildStderr>,
    pub(crate) address: String,
}

impl Serving {
    pub(crate) fn start(book: &Book) -> Serving {
        Serving::start_with(book, &["serve", "--listen", "127.0.0.1:0"])
    }

    fn start_with(book: &Book, arguments: &[&str]) -> Serving {
        let (child, errors) = book.start(arguments);
        let mut errors = BufReader::new(errors);
        let mut line = String::new();
        while !line.starts_with("Serving on ") {
            line.clear();
            assert_ne!(errors.read_line(&mut line).unwrap(), 0, "the server ended");
        }
        let address = line.trim_start_matches("Serving on ").split(',').next().unwrap().to_owned();
        Serving { child, errors, address }
    }

    /// Ends it as a loss of power would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn end(mut self) -> String {
        interrupt(self.child.id());
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest
    }
}

#[test]
fn the_operators_commands_go_over_the_socket() {
    let book = Book::with_people();
    let serving = Serving::start(&book);
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    book.run("do add_admin --account jeff").good();
    assert_eq!(book.json("view admins")["admins"].as_array().unwrap().len(), 2);
    book.run("tenant create otherimis").good();
    let listed = book.run("tenant list").good().out;
    let words: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["CLOUD_ID", "EDITION", "PURPOSE", "CUSTOMER", "CLOSED"]);
    assert_eq!(words[1..], [["abcimis", "cloud", "local"], ["otherimis", "cloud", "local"]]);
    assert_eq!(book.run("--tenant abcimis export").good().out.lines().count(), 11);
    // As of then nothing more comes: it ends, though the server goes on.
    assert_eq!(book.run("--tenant abcimis tail --last 2 --as-of 10 --json").good().out.lines().count(), 2);
    let second = book.run("serve --listen 127.0.0.1:0").ends_with(3);
    assert!(second.err.contains("a server runs on"), "{}", second.err);
    let verify = book.run("verify").ends_with(3);
    assert!(verify.out.contains("open elsewhere"), "{}", verify.out);

    serving.end();
    assert!(!book.dir().join("operator.sock").exists());
    // What was done over the socket is in the directory.
    assert_eq!(book.json("--tenant abcimis view admins")["admins"].as_array().unwrap().len(), 2);
    book.run("verify").good();
}

#[test]
fn a_directory_is_served_however_long_its_path_is() {
    let book = Book::empty();
    let long = ["a", "b", "c"].map(|letter| letter.repeat(80)).join("/");
    let dir = book.dir().join(long).join("data");
    let dir = dir.to_str().unwrap();
    std::fs::create_dir_all(dir).unwrap();
    book.run(&format!("--data {dir} tenant create abcimis")).good();
    let serving = Serving::start_with(&book, &["--data", dir, "serve", "--listen", "localhost:0"]);
    let entries = |at: &str| {
        let mut names: Vec<String> =
            std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.starts_with("operator"));
        names
    };
    assert_eq!(entries(dir), ["operator.sock"]);
    book.run(&format!("--data {dir} tenant create otherimis")).good();
    assert_eq!(book.run(&format!("--data {dir} tenant list")).good().out.lines().count(), 3);
    let second = book.run(&format!("--data {dir} serve --listen 127.0.0.1:0")).ends_with(3);
    assert!(second.err.contains("a server runs on"), "{}", second.err);
    let nowhere = book.run("serve --listen 8080").ends_with(2);
    assert!(nowhere.err.contains("expected an address and a port"), "{}", nowhere.err);
    serving.end();
    assert!(entries(dir).is_empty());
    // Where nobody can listen, nothing is left of the attempt.
    std::fs::create_dir_all(format!("{dir}/operator.sock/taken")).unwrap();
    let refused = book.run(&format!("--data {dir} serve --listen 127.0.0.1:0")).ends_with(3);
    assert!(refused.err.contains("cannot listen on the socket"), "{}", refused.err);
    assert_eq!(entries(dir), ["operator.sock"]);
}

#[test]
fn others_come_over_the_network_with_a_token() {
    let book = Book::with_people();
    let serving = Serving::start(&book);
    let away = Book::empty();
    let at = |line: &str| format!("--server {} --tenant abcimis {line}", serving.address);
    let stranger = away.run(&at("view admins")).ends_with(1);
    assert!(stranger.err.contains("sign in first"), "{}", stranger.err);
    away.give(&at("sign-in --username bob"), "Welcome-1\nNewer-22\n").good();
    assert!(away.run(&at("view admins")).good().out.contains("Bob S. (bob)"));
    away.run(&at("do add_admin --account jeff")).good();
    away.run(&at("tenant list")).ends_with(2);
    away.run(&at("import x --ticket T-1")).ends_with(2);
    away.run(&at("sign-out")).good();
    away.run(&at("view admins")).ends_with(1);
    serving.end();
}

#[test]
fn tail_follows_what_others_do() {
    let book = Book::with_people();
    let serving = Serving::start(&book);
    let (mut tail, _errors) = book.start(&["tail", "--last", "1"]);
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("role assigned: Jeff T."));
    book.run("do create_group --group readers").good();
    assert!(lines.next().unwrap().contains("MANAGER: group created: group readers"));
    serving.end();
    assert_eq!(lines.next(), None);
    assert!(tail.wait().unwrap().success());
}

#[test]
fn a_directory_in_use_without_a_server_names_who_has_it() {
    let book = Book::with_people();
    let serving = Serving::start(&book);
    std::fs::remove_file(book.dir().join("operator.sock")).unwrap();
    let run = book.run("view admins").ends_with(3);
    assert!(run.err.contains(&format!("is in use (pid {} ", serving.child.id())), "{}", run.err);
    serving.end();
}

#[test]
fn entries_are_handed_to_syslog_and_the_next_time_begins_where_it_ended() {
    use std::io::Read;

    let book = Book::with_people();
    let state = book.dir().join("syslog.state");
    let sent = || {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap().to_string();
        let taken = std::thread::spawn(move || {
            let mut text = String::new();
            server.accept().unwrap().0.read_to_string(&mut text).unwrap();
            text
        });
        let state = state.to_str().unwrap();
        book.run_with(&["tail", "--no-follow", "--after", "0", "--syslog", &address, "--state", state], "", &[]).good();
        taken.join().unwrap()
    };
    let first = sent();
    let (length, rest) = first.split_once(' ').unwrap();
    let message = &rest.as_bytes()[..length.parse().unwrap()];
    assert!(message.starts_with(b"<109>1 ") && rest.as_bytes()[message.len()].is_ascii_digit(), "{first}");
    let last = std::fs::read_to_string(&state).unwrap();
    assert!(first.contains(&format!("position=\"{}\"", last.trim())), "{last}");
    assert_eq!(sent(), "", "nothing twice");
}

#[test]
fn a_file_sets_what_neither_a_flag_nor_the_environment_does() {
    let book = Book::with_people();
    let file = book.dir().join("grantbook.toml");
    let config = file.to_str().unwrap();
    std::fs::write(
        &file,
        "listen = \"127.0.0.1:0\"\nmail_from = \"file@example.org\"\npublic_url = \"https://file.example.org\"\n",
    )
    .unwrap();
    let explained =
        book.run_with(&["doctor", "--config", config, "--json"], "", &[("GRANTBOOK_MAIL_FROM", "env@example.org")]);
    let explained: serde_json::Value = serde_json::from_str(&explained.out).unwrap();
    let of = |flag: &str| {
        let settings = explained["settings"].as_array().unwrap();
        let found = settings.iter().find(|setting| setting["setting"] == flag).unwrap();
        (found["value"].as_str().unwrap().to_owned(), found["from"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("--public-url"), ("https://file.example.org".to_owned(), format!("the file {config}")));
    assert_eq!(of("--mail-from"), ("env@example.org".to_owned(), "the variable GRANTBOOK_MAIL_FROM".to_owned()));
    assert_eq!(of("--smtp"), ("none".to_owned(), "the default".to_owned()));
    assert_eq!(of("--data").1, "the variable GRANTBOOK_DATA");

    std::fs::write(&file, "listn = \"127.0.0.1:0\"\n").unwrap();
    let refused = book.run_with(&["serve", "--config", config], "", &[]).ends_with(2);
    assert!(refused.err.contains("has no flag `--listn`"), "{}", refused.err);
}

#[test]
fn there_is_a_page_of_the_manual_for_each_command() {
    let book = Book::empty();
    let folder = book.dir().join("man");
    book.run_with(&["man", "--to", folder.to_str().unwrap()], "", &[]).good();
    let page = std::fs::read_to_string(folder.join("grantbook-export.1")).unwrap();
    assert!(page.contains("cloudevents"), "{page}");
    assert!(book.run("man").good().out.starts_with(".ie"));
}
