//! Entries as they come: Server-Sent Events.

use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::installation::{Asked, Installation, request};

/// A tenant with MANAGER signed in.
async fn tenant(installation: &Installation) -> String {
    let made = Asked {
        operator: true,
        method: "POST".to_owned(),
        path: "/operator/tenants".to_owned(),
        body: Some(json!({"cloud_id": "abcimis"}).to_string()),
        ..Asked::default()
    };
    let password = installation.must(&made).await["manager_password"].clone();
    let body = json!({"username": "MANAGER", "password": password, "plane": "platform"});
    let signed_in = installation.must(&post(None, "sign-in", &body)).await;
    signed_in["token"].as_str().unwrap().to_owned()
}

fn post(token: Option<&str>, route: &str, body: &Value) -> Asked {
    Asked {
        method: "POST".to_owned(),
        path: format!("/v1/tenants/abcimis/{route}"),
        token: token.map(str::to_owned),
        body: Some(body.to_string()),
        ..Asked::default()
    }
}

/// A stream under way, and what came of it that was not looked at yet.
struct Stream {
    body: Body,
    text: String,
}

impl Stream {
    async fn open(installation: &Installation, token: &str, query: &str, last_event_id: Option<u64>) -> Stream {
        let asked = Asked {
            method: "GET".to_owned(),
            path: format!("/v1/tenants/abcimis/events/stream{query}"),
            token: Some(token.to_owned()),
            headers: last_event_id.map(|id| ("Last-Event-ID".to_owned(), id.to_string())).into_iter().collect(),
            ..Asked::default()
        };
        let response = installation.door(false).oneshot(request(&asked)).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { body: response.into_body(), text: String::new() }
    }

    /// The next event: its id and its entry. `None` where the stream is over.
    async fn next(&mut self) -> Option<(u64, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let (Some(id), Some(data)) = (field("id:"), field("data:")) {
                    return Some((id.parse().unwrap(), serde_json::from_str(data).unwrap()));
                }
                continue;
            }
            let frame = self.body.frame().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_stream_gives_each_position_once_in_order_also_over_lost_connections() {
    let installation = Installation::in_memory().await;
    let token = tenant(&installation).await;
    let create = |number: u64| json!({"name": "create_group", "group": format!("group {number}")});
    for number in 0..300 {
        installation.must(&post(Some(&token), "commands", &create(number))).await;
    }
    let mut seen = Vec::new();
    let mut stream = Stream::open(&installation, &token, "?after=0", None).await;
    for _ in 0..290 {
        let (id, entry) = stream.next().await.unwrap();
        assert_eq!(entry["position"], id);
        seen.push(id);
    }
    // The connection is lost; what was on its way is sent again, as the header asks.
    drop(stream);
    for number in 300..310 {
        installation.must(&post(Some(&token), "commands", &create(number))).await;
    }
    let mut stream = Stream::open(&installation, &token, "?after=0", seen.last().copied()).await;
    while seen.len() < 312 {
        seen.push(stream.next().await.unwrap().0);
    }
    // Live: what is recorded while the stream waits.
    let waiting = tokio::spawn(async move { stream.next().await.map(|(id, _)| id) });
    let recorded = installation.must(&post(Some(&token), "commands", &create(999))).await;
    assert_eq!(waiting.await.unwrap(), recorded["position"].as_u64());
    assert_eq!(seen, (1..=312).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_stream_begins_with_what_came_after_a_point_that_is_there() {
    let installation = Installation::in_memory().await;
    let token = tenant(&installation).await;
    for number in 0..3 {
        let create = json!({"name": "create_group", "group": format!("group {number}")});
        installation.must(&post(Some(&token), "commands", &create)).await;
    }
    let mut stream = Stream::open(&installation, &token, "?as_of=3", None).await;
    assert_eq!(stream.next().await.unwrap().0, 4);
    let mut stream = Stream::open(&installation, &token, "?as_of=2000-01-01T00:00:00Z&at_least=5", None).await;
    assert_eq!(stream.next().await.unwrap().0, 1);
    // The last that was read counts, wherever the stream began then.
    let mut stream = Stream::open(&installation, &token, "?as_of=2", Some(4)).await;
    assert_eq!(stream.next().await.unwrap().0, 5);
    // Whoever waited for entries after one that is not there would miss those before it.
    let refused = async |query: &str, last_event_id: Option<&str>| {
        let headers = last_event_id.map(|id| ("Last-Event-ID".to_owned(), id.to_owned())).into_iter().collect();
        let path = format!("/v1/tenants/abcimis/events/stream{query}");
        let asked = Asked { method: "GET".to_owned(), path, token: Some(token.clone()), headers, ..Asked::default() };
        let answered = installation.ask(&asked).await;
        (answered.status, answered.json())
    };
    for (query, last_event_id) in [("?after=99999", None), ("?as_of=99999", None), ("?after=0", Some("99999"))] {
        let (status, problem) = refused(query, last_event_id).await;
        assert_eq!((status, &problem["position"]), (404, &json!(5)), "{query}: {problem}");
    }
    let (status, problem) = refused("?after=1&as_of=2", None).await;
    assert_eq!((status, &problem["field"]), (422, &json!("as_of")), "{problem}");
}

// rule: A7
#[tokio::test]
async fn a_stream_is_filtered_and_ends_with_its_session() {
    let installation = Installation::in_memory().await;
    let token = tenant(&installation).await;
    let mut all = Stream::open(&installation, &token, "", None).await;
    let mut groups = Stream::open(&installation, &token, "?type=group_created", None).await;
    let role = json!({"name": "create_role", "role": "Helper", "description": "helps"});
    let role = installation.must(&post(Some(&token), "commands", &role)).await;
    let group = json!({"name": "create_group", "group": "readers"});
    let group = installation.must(&post(Some(&token), "commands", &group)).await;
    for expected in [&role, &group] {
        assert_eq!(all.next().await.unwrap().0, expected["position"].as_u64().unwrap());
    }
    assert_eq!(groups.next().await.unwrap().1, group["entry"]);
    let out = installation.ask(&post(Some(&token), "sign-out", &Value::Null)).await;
    assert_eq!(out.status, 204);
    assert!(all.next().await.is_none());
}

// rule: U2
#[tokio::test]
async fn a_stream_of_somebody_who_reads_not_everything_has_what_names_them() {
    let installation = Installation::in_memory().await;
    let token = tenant(&installation).await;
    let add = json!({"commands": [
        {"name": "add_contact", "account": "ann", "full_name": "Ann P."},
        {"name": "create_credentials", "account": "ann", "username": "ann.p", "password": "Start-7-ann", "user_class": "public"},
    ]});
    let added = installation.must(&post(Some(&token), "commands", &add)).await;
    let change = json!({"username": "ann.p", "old": "Start-7-ann", "new": "Own-7-ann"});
    installation.must(&post(None, "change-password", &change)).await;
    let credentials = json!({"username": "ann.p", "password": "Own-7-ann", "plane": "platform"});
    let ann = installation.must(&post(None, "sign-in", &credentials)).await;
    let mut stream = Stream::open(&installation, ann["token"].as_str().unwrap(), "?after=0", None).await;
    let (id, entry) = stream.next().await.unwrap();
    assert_eq!((id, &entry["source"]), (added["position"].as_u64().unwrap(), &Value::Null));
    let own: Vec<u64> = [stream.next().await.unwrap().0, stream.next().await.unwrap().0].into();
    assert_eq!(own, [id + 1, id + 2]);
    // What others do passes by.
    installation.must(&post(Some(&token), "commands", &json!({"name": "create_group", "group": "readers"}))).await;
    let join = json!({"name": "add_group_member", "group": "readers", "account": "ann"});
    let joined = installation.must(&post(Some(&token), "commands", &join)).await;
    assert_eq!(stream.next().await.unwrap().0, joined["position"].as_u64().unwrap());
}
