//! A browser without a screen: it keeps cookies, and sends forms as browsers do.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::installation::{Asked, Installation};

/// Where the pages seem to lie.
pub(crate) const HERE: &str = "book.example.org";

/// A page as it came.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Got {
    /// Where the browser is sent to.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&marker).unwrap_or_else(|| panic!("no {name} in {}", self.text)).1;
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A browser.
#[derive(Default)]
pub(crate) struct Surfer {
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it says its pages come from.
    pub(crate) origin: Option<String>,
}

impl Surfer {
    pub(crate) fn new() -> Surfer {
        Surfer { cookies: BTreeMap::new(), origin: Some(format!("https://{HERE}")) }
    }

    /// Signs in, as people do.
    pub(crate) async fn signed_in(book: &Installation, username: &str, password: &str, plane: &str) -> Surfer {
        let mut surfer = Surfer::new();
        let got = surfer.sign_in(book, username, password, plane).await;
        assert_eq!(got.status, 303, "{}", got.text);
        surfer
    }

    pub(crate) async fn sign_in(&mut self, book: &Installation, username: &str, password: &str, plane: &str) -> Got {
        let csrf = self.get(book, "/").await.hidden("csrf");
        let form =
            [("csrf", &*csrf), ("tenant", "abcimis"), ("username", username), ("password", password), ("plane", plane)];
        self.post(book, "/sign-in", &form).await
    }

    pub(crate) async fn get(&mut self, book: &Installation, path: &str) -> Got {
        self.send(book, Request::get(path), Body::empty()).await
    }

    pub(crate) async fn post(&mut self, book: &Installation, path: &str, form: &[(&str, &str)]) -> Got {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(origin) = &self.origin {
            request = request.header(ORIGIN, origin);
        }
        self.send(book, request, Body::from(body)).await
    }

    /// Opens the form of a command, tries it and then gives it, with these fields.
    pub(crate) async fn give(&mut self, book: &Installation, command: &str, fields: &[(&str, &str)], act: &str) -> Got {
        let path = format!("/t/abcimis/do/{command}");
        let form = self.get(book, &path).await;
        let (csrf, key) = (form.hidden("csrf"), form.hidden("key"));
        let all: Vec<(&str, &str)> =
            fields.iter().copied().chain([("csrf", &*csrf), ("key", &*key), ("act", act)]).collect();
        self.post(book, &path, &all).await
    }

    async fn send(&mut self, book: &Installation, request: axum::http::request::Builder, body: Body) -> Got {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(HOST, HERE).header(ACCEPT, "text/html").header(COOKIE, cookies.join("; "));
        let response = book.door(false).oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all(SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let text = response.into_body().collect().await.unwrap().to_bytes();
        Got { status, headers, text: String::from_utf8(text.to_vec()).unwrap() }
    }
}

/// A tenant with MANAGER, and people who can sign in with `NAME-chosen-1`: Sam is a system administrator, Pia a plain member.
pub(crate) async fn book() -> Installation {
    let book = Installation::in_memory().await;
    let ask = |path: &str, token: Option<&str>, body: serde_json::Value| Asked {
        operator: token.is_none(),
        method: "POST".to_owned(),
        path: path.to_owned(),
        token: token.map(str::to_owned),
        body: Some(body.to_string()),
        ..Asked::default()
    };
    let created = must(&book, &ask("/operator/tenants", None, json!({"cloud_id": "abcimis"}))).await;
    let sign_in = json!({"username": "MANAGER", "password": created["manager_password"], "plane": "platform"});
    let manager = must(&book, &ask("/v1/tenants/abcimis/sign-in", None, sign_in)).await;
    let token = manager["token"].as_str().unwrap().to_owned();
    let welcome = |id: &str, name: &str, class: &str| {
        vec![
            json!({"name": "add_contact", "account": id, "full_name": name, "email": format!("{id}@example.org")}),
            json!({"name": "create_credentials", "account": id, "username": id, "user_class": class,
                "password": format!("{id}-welcome-1")}),
        ]
    };
    let mut commands = welcome("sam", "Sam <script>alert(1)</script>", "full");
    commands.extend(welcome("pia", "Pia P.", "public"));
    commands.push(json!({"name": "make_system_administrator", "account": "sam"}));
    must(&book, &ask("/v1/tenants/abcimis/commands", Some(&token), json!({"commands": commands}))).await;
    for id in ["sam", "pia"] {
        let change = json!({"username": id, "old": format!("{id}-welcome-1"), "new": format!("{id}-chosen-1")});
        must(&book, &ask("/v1/tenants/abcimis/change-password", None, change)).await;
    }
    book
}

/// A request that must succeed.
async fn must(book: &Installation, asked: &Asked) -> serde_json::Value {
    let answered = book.answer(asked).await;
    assert!(answered.status < 300, "{asked:?}: {} {}", answered.status, answered.text);
    answered.json()
}
