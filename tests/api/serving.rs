//! Serving over real sockets, to its end.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use grantbook::api::Service;
use grantbook::serve::serve_until;
use grantbook_ledger::passwords::HashingCost;
use grantbook_ledger::{Ledger, Options};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::oneshot;

/// Sends one request and reads its whole answer.
async fn speak<S: AsyncReadExt + AsyncWriteExt + Unpin>(mut stream: S, request: &str) -> (u16, Value) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

fn post(path: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: here\r\nuser-agent: tester of doors\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn get(path: &str, token: Option<&str>) -> String {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nhost: here\r\n{token}connection: close\r\n\r\n")
}

// rule: F12
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_doors_are_served_and_the_ledger_can_be_closed_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let options = Options { hashing: HashingCost::minimum(), ..Options::directory(&data) };
    let ledger = Ledger::open(options).await.unwrap();
    let socket = data.join("operator.sock");
    // What a program that was killed left there gives way.
    std::fs::write(&socket, "left over").unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, listening) = oneshot::channel();
    let serving = tokio::spawn(serve_until(
        Service::new(ledger.clone()),
        "127.0.0.1:0".parse().unwrap(),
        Some(socket.clone()),
        move |address| ready.send(address).unwrap(),
        async {
            let _ = stopped.await;
        },
    ));
    let address = listening.await.unwrap();
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let only_the_socket: Vec<String> = names(&data).into_iter().filter(|name| name.starts_with("operator")).collect();
    assert_eq!(only_the_socket, ["operator.sock"]);

    let create = post("/operator/tenants", &json!({"cloud_id": "abcimis"}));
    let outside = speak(TcpStream::connect(address).await.unwrap(), &create).await;
    assert_eq!(outside.0, 404);
    let (status, made) = speak(UnixStream::connect(&socket).await.unwrap(), &create).await;
    assert_eq!(status, 201);
    let credentials = json!({"username": "MANAGER", "password": made["manager_password"], "plane": "platform"});
    let sign_in = post("/v1/tenants/abcimis/sign-in", &credentials);
    let (status, signed_in) = speak(TcpStream::connect(address).await.unwrap(), &sign_in).await;
    assert_eq!(status, 200);
    let token = signed_in["token"].as_str().unwrap().to_owned();
    let entry = get("/v1/tenants/abcimis/events/2", Some(&token));
    let (status, entry) = speak(TcpStream::connect(address).await.unwrap(), &entry).await;
    assert_eq!((status, &entry["source"]["ip"]), (200, &json!("127.0.0.1")));
    assert_eq!(entry["source"]["user_agent"], "tester of doors");

    // A stream that would go on for ever, and a connection that says nothing: both end when serving does.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let follow = get("/v1/tenants/abcimis/events/stream?after=0", Some(&token));
    stream.write_all(follow.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let _silent = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    serving.await.unwrap().unwrap();
    assert!(!socket.exists());
    ledger.close().await.unwrap();
}

fn names(dir: &Path) -> Vec<String> {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

// rule: U6
#[tokio::test]
async fn an_import_makes_its_tenant_tells_how_far_it_is_and_can_be_run_again() {
    use crate::installation::{Asked, Installation};
    let installation = Installation::in_memory().await;
    let line = |minute: u32, command: Value| {
        let at = format!("2021-01-01T09:{minute:02}:00Z");
        json!({"at": at, "by": "p1", "source": "change 7", "command": command}).to_string()
    };
    let good = [
        line(1, json!({"name": "create_group", "group": "cargo"})),
        line(2, json!({"name": "add_contact", "account": "p2", "full_name": "Pat"})),
        line(3, json!({"name": "add_group_member", "group": "cargo", "account": "p2"})),
    ];
    let import = |lines: &[String]| Asked {
        operator: true,
        method: "POST".to_owned(),
        path: "/operator/tenants/teamimis/import?ticket=T-1".to_owned(),
        headers: vec![("content-type".to_owned(), "application/x-ndjson".to_owned())],
        body: Some(lines.join("\n") + "\n"),
        ..Asked::default()
    };
    let last = |text: &str| serde_json::from_str::<Value>(text.lines().last().unwrap()).unwrap();
    let answered = installation.ask(&import(&good)).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    let created: Value = serde_json::from_str(answered.text.lines().next().unwrap()).unwrap();
    assert_eq!(created["created"]["cloud_id"], "teamimis");
    assert_eq!(last(&answered.text)["imported"], json!({"skipped": 0, "recorded": 3, "last": 6}));
    let again = installation.ask(&import(&good)).await;
    assert_eq!(last(&again.text)["imported"], json!({"skipped": 3, "recorded": 0, "last": 6}));
    let mut longer = good.to_vec();
    longer.push(line(4, json!({"name": "add_group_member", "group": "nothing", "account": "p2"})));
    let bad = installation.ask(&import(&longer)).await;
    let problem = &last(&bad.text)["problem"];
    assert_eq!((&problem["line"], &problem["status"]), (&json!(4), &json!(422)), "{}", bad.text);
    let view = Asked {
        operator: true,
        method: "GET".to_owned(),
        path: "/v1/tenants/teamimis/views/groups?as_of=2021-01-01T09:02:30Z".to_owned(),
        ..Asked::default()
    };
    assert_eq!(installation.must(&view).await["groups"]["cargo"]["members"], json!([]));
}

// rule: U6
#[tokio::test]
async fn an_import_left_half_way_is_given_up_on_its_own_ticket() {
    use crate::installation::{Asked, Installation, request};
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let installation = Installation::in_memory().await;
    let line = |number: u32| {
        let command = json!({"name": "create_group", "group": format!("group {number}")});
        json!({"at": "2021-01-01T09:00:00Z", "by": "p1", "command": command}).to_string() + "\n"
    };
    let lines: String = (0..5_000).map(line).collect();
    let asked = |path: &str, body: Option<&str>| Asked {
        operator: true,
        method: "POST".to_owned(),
        path: format!("/operator/tenants/teamimis/import{path}"),
        headers: vec![("content-type".to_owned(), "application/x-ndjson".to_owned())],
        body: body.map(str::to_owned),
        ..Asked::default()
    };
    let dry_run = asked("?ticket=T-7&dry_run=true", Some(&lines));
    assert_eq!(installation.must(&dry_run).await, json!({"would": {"skip": 0}}));
    assert!(installation.ledger().tenants().is_empty());

    // Nobody listens any more, some time after it has begun.
    let response = installation.door(true).oneshot(request(&asked("?ticket=T-7", Some(&lines)))).await.unwrap();
    let mut body = response.into_body();
    let events = |kind: &str| Asked {
        operator: true,
        method: "GET".to_owned(),
        path: format!("/v1/tenants/teamimis/events?type={kind}"),
        ..Asked::default()
    };
    while installation.must(&events("group_created")).await["entries"] == json!([]) {
        let _ = tokio::time::timeout(std::time::Duration::from_millis(5), body.frame()).await;
    }
    drop(body);
    assert_eq!(installation.must(&events("import_finished")).await["entries"], json!([]), "it is under way");

    let skip = installation.must(&dry_run).await["would"]["skip"].as_u64().unwrap();
    assert!((1..5_000).contains(&skip), "{skip}");
    let other = asked("?ticket=T-8&dry_run=true", Some(&line(7)));
    assert_eq!(installation.ask(&other).await.status, 409);
    assert_eq!(installation.ask(&asked("/abandon?ticket=%20", None)).await.status, 422);
    let abandoned = installation.must(&asked("/abandon", None)).await["abandoned"]["line"].as_u64().unwrap();
    assert!(abandoned >= skip, "{abandoned}, {skip}");
    let finished = installation.must(&events("import_finished")).await["entries"][0].clone();
    assert_eq!((&finished["ticket"], &finished["actor"]["id"]), (&json!("T-7"), &json!("olga")), "{finished}");
    assert_eq!(finished["events"][0]["abandoned"], true);
    assert_eq!(installation.ask(&asked("/abandon", None)).await.status, 404);
}
