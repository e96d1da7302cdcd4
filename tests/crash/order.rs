//! No answer before the disk: every system call of a server at work is watched. For each 201 there is an `fdatasync` on the
//! store's file that began after that entry's bytes were written and ended before the answer was sent.
//!
//! Which entry a write holds is told by its idempotency key: in the store as 16 bytes, in the answer as text.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use grantbook::api::Service;
use grantbook::serve::serve_until;
use grantbook_ledger::SignedIn;
use grantbook_ledger::events::SignInPlane;
use serde_json::json;
use uuid::Uuid;

use crate::support::{OWN_PASSWORD, cloud_id, give, number, open, sign_in, staff, tenant};

const SERVER: &str = "GRANTBOOK_TEST_SERVER";
const TENANT: &str = "abcimis";
const CONNECTIONS: usize = 64;

/// Not a test of its own: serves, when asked to, until its input ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_server() {
    let Ok(dir) = std::env::var(SERVER) else { return };
    let ledger = open(Path::new(&dir)).await;
    let tenant = ledger.tenant_named(&cloud_id(TENANT)).unwrap();
    let boss = sign_in(&tenant, "boss", OWN_PASSWORD, SignInPlane::Platform).await.unwrap();
    let SignedIn::Session { token, .. } = boss else { panic!("a session") };
    drop(tenant);
    let tell = |address: SocketAddr| println!("\nserving\t{address}\t{}", token.reveal());
    let until = async {
        let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        ended.await.unwrap().unwrap();
    };
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    serve_until(Service::new(ledger.clone()), anywhere, None, tell, until).await.unwrap();
    ledger.close().await.unwrap();
}

async fn prepare(dir: &Path) {
    let ledger = open(dir).await;
    let (tenant, manager) = tenant(&ledger, TENANT).await;
    staff(&tenant, &manager, &["boss".to_owned()], |_| true).await;
    let email = json!({"name": "set_credential_email", "account": "boss", "email": "boss@example.org"});
    give(&tenant, &manager, email).await;
    give(&tenant, &manager, json!({"name": "make_system_administrator", "account": "boss"})).await;
    give(&tenant, &manager, json!({"name": "create_role", "role": "Passing", "description": ""})).await;
    for client in 0..CONNECTIONS {
        let account = format!("c{client}");
        give(&tenant, &manager, json!({"name": "add_contact", "account": account, "full_name": account})).await;
    }
    drop(tenant);
    ledger.close().await.unwrap();
}

/// Gives commands one after the other on one connection; out come the keys of those that were answered 201.
fn client(address: &str, token: &str, number: usize, commands: u64) -> Vec<Uuid> {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut keys = Vec::new();
    for turn in 0..commands {
        let name = if turn % 2 == 0 { "assign_role" } else { "remove_role" };
        let body = json!({"name": name, "account": format!("c{number}"), "role": "Passing"}).to_string();
        let key = Uuid::new_v4();
        let request = format!(
            "POST /v1/tenants/{TENANT}/commands HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = BufReader::new(&stream);
        let mut status = String::new();
        answer.read_line(&mut status).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).unwrap();
            if line == "\r\n" {
                break;
            }
            if let Some(stated) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = stated.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).unwrap();
        assert!(status.starts_with("HTTP/1.1 201"), "{status}{}", String::from_utf8_lossy(&body));
        keys.push(key);
    }
    keys
}

/// A system call as it was seen: when it began and ended, its name, and its arguments with all strings as plain bytes.
struct Call {
    began: f64,
    ended: f64,
    name: String,
    arguments: Vec<u8>,
}

/// Reads what strace wrote. A call that another thread's line came between is in two lines.
fn calls(text: &str) -> Vec<Call> {
    let mut begun: HashMap<&str, (f64, String)> = HashMap::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((time, rest)) = rest.trim_start().split_once(' ') else { continue };
        let Ok(time) = time.parse::<f64>() else { continue };
        if let Some(first) = rest.strip_suffix("<unfinished ...>") {
            begun.insert(thread, (time, first.to_owned()));
            continue;
        }
        let (began, whole, ended) = match rest.split_once(" resumed>") {
            Some((_, second)) => {
                let Some((began, first)) = begun.remove(thread) else { continue };
                (began, format!("{first}{second}"), time)
            }
            None => {
                let took = rest.rsplit_once('<').and_then(|(_, took)| took.trim_end_matches('>').parse::<f64>().ok());
                (time, rest.to_owned(), time + took.unwrap_or(0.0))
            }
        };
        let Some((name, arguments)) = whole.split_once('(') else { continue };
        found.push(Call { began, ended, name: name.to_owned(), arguments: unescaped(arguments) });
    }
    found
}

/// Strings in hexadecimal, `\x2f\x74`, as the bytes they stand for.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [b'\\', b'x', high, low, later @ ..] => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = later;
            }
            [byte, later @ ..] => {
                bytes.push(*byte);
                rest = later;
            }
            [] => return bytes,
        }
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// What is written: as it is, and what records in it were packed from (frames of zstd begin with these bytes).
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    for (at, window) in bytes.windows(4).enumerate() {
        if window == [0x28, 0xb5, 0x2f, 0xfd]
            && let Ok(frame) = zstd::stream::read::Decoder::new(&bytes[at..])
        {
            // What only looks like a frame has nothing more to say.
            let _ = frame.single_frame().read_to_end(&mut all);
        }
    }
    all
}

/// The id of the command that a call answers with 201; `None` where it sends something else.
fn answered(arguments: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(arguments);
    let body = text.contains("HTTP/1.1 201").then_some(text.as_ref())?;
    body.split("\"command_id\":\"").nth(1)?.get(..36).map(str::to_owned)
}

#[test]
fn no_command_is_answered_before_its_entry_is_synced() {
    let usable = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !usable.is_ok_and(|done| done.status.success()) {
        eprintln!("SKIPPED: strace is not here or may not watch a process");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let (dir, seen) = (place.path().join("ledger"), place.path().join("calls"));
    tokio::runtime::Runtime::new().unwrap().block_on(prepare(&dir));
    let mut server = Command::new("strace")
        .args(["-f", "-y", "-xx", "-ttt", "-T", "-s", "10000000"])
        .args(["-e", "trace=write,writev,pwrite64,sendto,sendmsg,fdatasync,fsync,sync_file_range", "-o"])
        .arg(&seen)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "order::a_server", "--nocapture"])
        .env(SERVER, &dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let serving = lines.find_map(|line| line.unwrap().strip_prefix("serving\t").map(str::to_owned)).unwrap();
    let (address, token) = serving.split_once('\t').unwrap();
    let commands = number("GRANTBOOK_WATCHED_COMMANDS", 4);
    let keys: Vec<Uuid> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CONNECTIONS).map(|number| scope.spawn(move || client(address, token, number, commands))).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    drop(server.stdin.take());
    let rest = std::thread::spawn(move || lines.for_each(drop));
    assert!(server.wait().unwrap().success());
    rest.join().unwrap();

    let calls = calls(&std::fs::read_to_string(&seen).unwrap());
    let db = dir.join("journal").join("sled").join("db");
    let on_db = |call: &&Call| {
        let end = call.arguments.iter().position(|byte| *byte == b'>').unwrap_or(0);
        holds(&call.arguments[..end], db.to_str().unwrap().as_bytes())
    };
    let writes = calls.iter().filter(|call| call.name == "pwrite64").filter(on_db);
    let writes: Vec<(&Call, Vec<u8>)> = writes.map(|call| (call, unpacked(&call.arguments))).collect();
    let syncs: Vec<&Call> = calls.iter().filter(|call| call.name == "fdatasync").filter(on_db).collect();
    let answers: HashMap<String, &Call> =
        calls.iter().filter_map(|call| Some((answered(&call.arguments)?, call))).collect();
    for key in &keys {
        let in_store = |(_, said): &&(&Call, Vec<u8>)| holds(said, key.as_bytes());
        let (written, _) = writes.iter().find(in_store).unwrap_or_else(|| panic!("{key}: written to the store"));
        let answer = answers.get(&key.to_string()).unwrap_or_else(|| panic!("{key}: answered"));
        let synced = syncs.iter().any(|sync| sync.began >= written.ended && sync.ended <= answer.began);
        assert!(synced, "{key}: written until {}, answered at {}", written.ended, answer.began);
    }
    assert_eq!(keys.len() as u64, CONNECTIONS as u64 * commands);
    println!(
        "{} answers over {CONNECTIONS} connections, each after its own sync: {} writes, {} syncs of the store",
        keys.len(),
        writes.len(),
        syncs.len()
    );
}
