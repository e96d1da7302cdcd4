//! Cookies, forms, escaping and rights, page by page.

use crate::surfer::{Surfer, book};

/// Pages for whoever reads the whole history.
const PAGES: [&str; 27] = [
    "",
    "people",
    "people/pia",
    "why?account=pia&do=dashboard.sign_in",
    "admins",
    "apps",
    "background",
    "roles",
    "roles?role=SysAdmin",
    "groups",
    "groups?group=Reporting",
    "objects",
    "view",
    "organisations",
    "journal",
    "journal/2",
    "time",
    "setup",
    "findings",
    "settings",
    "do",
    "do/assign_role",
    "timeline",
    "timeline?account=pia",
    "investigate",
    "what-if",
    "what-if?put=assign_role",
];

// rule: C14
#[tokio::test]
async fn a_session_is_in_a_cookie_that_no_script_reads_and_no_other_site_sends() {
    let book = book().await;
    let mut surfer = Surfer::new();
    let signed_in = surfer.sign_in(&book, "sam", "sam-chosen-1", "platform").await;
    assert_eq!((signed_in.status, signed_in.location()), (303, "/t/abcimis"));
    let set: Vec<&str> = signed_in.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap()).collect();
    assert_eq!(set.len(), 2, "{set:?}");
    assert!(
        set.iter().all(|set| set.contains("; HttpOnly; SameSite=Strict; Secure") && set.contains("Path=/")),
        "{set:?}"
    );
    let page = surfer.get(&book, "/t/abcimis").await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers["cache-control"], "no-store");
    let token = &surfer.cookies["grantbook-abcimis"];
    assert!(!page.text.contains(token.as_str()), "no page holds the token");
}

#[tokio::test]
async fn every_page_opens_and_holds_no_script_or_style_of_its_own() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    for page in PAGES {
        for as_of in ["", "2", "2026-03-01 08:00"] {
            let join = if page.contains('?') { "&" } else { "?" };
            let path = format!("/t/abcimis/{page}{join}as_of={}", as_of.replace(' ', "+"));
            let got = sam.get(&book, path.trim_end_matches("/?as_of=")).await;
            // What was not there yet is said not to be there.
            let not_yet = as_of.starts_with("2026") || as_of == "2" && page == "people/pia" && got.status == 404;
            assert!(got.status == 200 || not_yet && got.status == 404, "{path}: {} {}", got.status, got.text);
            assert!(
                !got.text.contains("<script>") && !got.text.contains("style=") && !got.text.contains("onclick"),
                "{path}"
            );
            assert!(!got.text.contains("http://") && !got.text.contains("https://"), "{path}: from another host");
            if !as_of.is_empty() && got.status == 200 {
                let links = got.text.split("href=\"/t/abcimis/roles").nth(1).unwrap();
                assert!(links.starts_with("?as_of="), "links keep the point in time: {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_is_shown_and_never_run() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    for path in ["people", "people/sam", "journal", "journal/3", "roles?role=SysAdmin", "journal?actor=%3Cscript%3E"] {
        let got = sam.get(&book, &format!("/t/abcimis/{path}")).await;
        assert!(!got.text.contains("<script>"), "{path}: {}", got.text);
    }
    let people = sam.get(&book, "/t/abcimis/people").await;
    assert!(people.text.contains("Sam &#60;script&#62;alert(1)&#60;/script&#62;"), "{}", people.text);
}

#[tokio::test]
async fn a_form_counts_only_with_the_secret_of_its_session_and_from_here() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    let form = sam.get(&book, "/t/abcimis/do/create_role").await;
    let (csrf, last) = (form.hidden("csrf"), book_position(&book).await);
    let fields = |csrf: &'static str| [("role", "Editors"), ("description", "edit"), ("act", "do"), ("csrf", csrf)];
    let refused = sam.post(&book, "/t/abcimis/do/create_role", &fields("")).await;
    assert_eq!(refused.status, 403, "without the secret");
    let others = Surfer::signed_in(&book, "pia", "pia-chosen-1", "platform").await.get(&book, "/t/abcimis").await;
    let others: &'static str = others.hidden("csrf").leak();
    let refused = sam.post(&book, "/t/abcimis/do/create_role", &fields(others)).await;
    assert_eq!(refused.status, 403, "with the secret of another session");
    for origin in [Some("https://evil.example.org".to_owned()), Some("null".to_owned()), None] {
        let csrf: &'static str = csrf.clone().leak();
        sam.origin = origin;
        let refused = sam.post(&book, "/t/abcimis/do/create_role", &fields(csrf)).await;
        assert_eq!(refused.status, 403, "from {:?}", sam.origin);
        assert!(refused.text.contains("This form is not the console"), "{}", refused.text);
    }
    // Two sign-ins came since, and nothing else.
    let (now, sign_ins) = (book_position(&book).await, 1);
    assert_eq!(now, last + sign_ins);
    sam.origin = Surfer::new().origin;
    let mut stranger = Surfer::new();
    let refused =
        stranger.post(&book, "/sign-in", &[("tenant", "abcimis"), ("username", "sam"), ("password", "sam-chosen-1")]);
    assert_eq!(refused.await.status, 403, "signing in, too, takes a form of ours");
}

async fn book_position(book: &crate::installation::Installation) -> u64 {
    let cloud_id = grantbook_events::CloudId::new("abcimis").unwrap();
    book.ledger().tenant_named(&cloud_id).unwrap().last().0
}

// rule: U1
#[tokio::test]
async fn a_command_is_tried_then_given_and_a_refusal_names_its_rule() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    let before = book_position(&book).await;
    let fields = [("role", "Editors"), ("description", "They edit."), ("reason", "")];
    let tried = sam.give(&book, "create_role", &fields, "try").await;
    assert_eq!(tried.status, 200);
    assert!(tried.text.contains("What it would do") && tried.text.contains("Role created"), "{}", tried.text);
    assert_eq!(book_position(&book).await, before, "nothing is recorded by trying");
    let done = sam.give(&book, "create_role", &fields, "do").await;
    assert_eq!((done.status, done.location()), (303, &*format!("/t/abcimis/journal/{}?done=true", before + 1)));
    let entry = sam.get(&book, done.location()).await;
    assert!(entry.text.contains("Recorded") && entry.text.contains("created the role Editors"), "{}", entry.text);
    let again = sam.give(&book, "create_role", &fields, "do").await;
    assert_eq!(again.status, 409);
    assert!(again.text.contains("Rule G6"), "{}", again.text);
    let mut pia = Surfer::signed_in(&book, "pia", "pia-chosen-1", "platform").await;
    let refused = pia.give(&book, "assign_role", &[("account", "pia"), ("role", "SysAdmin")], "do").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("Rule G7"), "{}", refused.text);
    let list = pia.get(&book, "/t/abcimis/do").await;
    let (may, may_not) = list.text.split_once("What a rule does not let you do").unwrap();
    assert!(may.contains("change_own_password") && may_not.contains("assign_role"), "{}", list.text);
}

#[tokio::test]
async fn a_review_is_due_by_the_end_of_a_day_and_not_on_the_next() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    let fields = [("review", "Autumn"), ("scope", "role:SysAdmin"), ("reviewers", "sam"), ("due", "2090-12-31")];
    let opened = sam.give(&book, "open_review", &fields, "do").await;
    assert_eq!(opened.status, 303, "{}", opened.text);
    for page in ["reviews", "reviews/Autumn"] {
        let page = sam.get(&book, &format!("/t/abcimis/{page}")).await;
        assert!(page.text.contains("the end of 2090-12-31") && !page.text.contains("2091-01-01"), "{}", page.text);
    }
}

#[tokio::test]
async fn what_was_mistyped_in_a_question_stays_to_be_mended() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    for (query, status) in [
        ("journal?type=nope", 422),
        ("journal?from=2026-03-31&to=2026-03-01", 422),
        ("journal?subject=%40nobody", 404),
        ("what-if?without=the+third", 422),
    ] {
        let page = sam.get(&book, &format!("/t/abcimis/{query}")).await;
        let typed = query.split(['=', '&']).nth(1).unwrap().replace("%40", "@").replace('+', " ");
        assert_eq!(page.status, status, "{query}: {}", page.text);
        assert!(page.text.contains(&format!("value=\"{typed}\"")) && page.text.contains("</button>"), "{query}");
    }
}

#[tokio::test]
async fn what_is_not_there_yet_is_not_told_as_not_found() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    for page in ["objects", "?as_of=0"] {
        let page = sam.get(&book, &format!("/t/abcimis/{page}")).await;
        assert!(page.text.contains("There is none yet.") && !page.text.contains("o such "), "{}", page.text);
    }
    let none = sam.get(&book, "/t/abcimis/objects?under=/site").await;
    assert!(none.text.contains("There is no such object."), "{}", none.text);
}

#[tokio::test]
async fn what_if_is_asked_by_its_address_and_touches_nothing() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    let made = sam.give(&book, "create_role", &[("role", "Editors"), ("description", "They edit.")], "do").await;
    let made = made.location().split(['/', '?']).nth(4).unwrap().to_owned();
    let given = sam.give(&book, "assign_role", &[("account", "pia"), ("role", "Editors")], "do").await;
    assert_eq!(given.status, 303, "{}", given.text);
    let before = book_position(&book).await;
    let without = sam.get(&book, &format!("/t/abcimis/what-if?without={made}")).await;
    assert_eq!(without.status, 200, "{}", without.text);
    assert!(without.text.contains("1 entry could not have happened"), "{}", without.text);
    assert!(without.text.contains("gave Pia P. the role Editors"), "{}", without.text);
    assert!(without.text.contains("What differs in Roles"), "{}", without.text);
    let data = sam.get(&book, &format!("/t/abcimis/data/what-if?without={made}")).await;
    assert!(data.headers["content-disposition"].to_str().unwrap().contains("abcimis-what-if.json"));
    assert!(data.text.contains("\"refused\":[{"), "{}", data.text);
    // A command is put in by a form that asks, and the question is the address that one is sent to.
    let form = sam.get(&book, "/t/abcimis/what-if?put=remove_role").await;
    assert!(form.text.contains("method=\"get\"") && form.text.contains("name=\"put_after\""), "{}", form.text);
    let fields = format!("put=remove_role&put_after={before}&put_as=sam&account=pia&role=Editors&act=put&without=2");
    let sent = sam.get(&book, &format!("/t/abcimis/what-if?{fields}")).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert!(sent.location().starts_with("/t/abcimis/what-if?without=2&insert=%7B"), "{}", sent.location());
    let wanted = sent.location().replace("without=2&", "");
    let asked = sam.get(&book, &wanted).await;
    assert!(asked.text.contains("put in</span>") && asked.text.contains("Take it out"), "{}", asked.text);
    assert!(asked.text.contains("from Pia P."), "{}", asked.text);
    for (wrong, told) in [
        ("without=x", "`x` is no position"),
        ("without=1", "after the tenant&#39;s first"),
        ("without=900", "900"),
        ("insert=x", "is not JSON"),
        ("put=remove_role&act=put&put_after=&put_as=sam", "is no position"),
        ("put=remove_role&act=put&put_after=3&put_as=", "somebody must give the command"),
    ] {
        let got = sam.get(&book, &format!("/t/abcimis/what-if?{wrong}")).await;
        assert!(
            (400..500).contains(&got.status) && got.text.to_lowercase().contains(&told.to_lowercase()),
            "{wrong}: {}",
            got.text
        );
    }
    assert_eq!(book_position(&book).await, before, "nothing is recorded");
}

// rules: U3, U6
#[tokio::test]
async fn a_timeline_tells_a_life_and_its_bounds() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    let told = sam.get(&book, "/t/abcimis/timeline?account=pia").await;
    assert!(told.text.contains("created credentials of class public for Pia P."), "{}", told.text);
    assert!(!told.text.contains("recorded (UTC)"), "nothing here was recorded later: {}", told.text);
    let until = sam.get(&book, "/t/abcimis/timeline?account=pia&as_of=2").await;
    assert!(until.text.contains("up to position 2 "), "{}", until.text);
    let right = sam.get(&book, "/t/abcimis/timeline?do=ledger.read").await;
    assert!(right.text.contains("gained</span>"), "{}", right.text);
    let mut pia = Surfer::signed_in(&book, "pia", "pia-chosen-1", "platform").await;
    let own = pia.get(&book, "/t/abcimis/timeline").await;
    assert!(own.text.contains("created credentials of class public for Pia P."), "{}", own.text);
}

#[tokio::test]
async fn the_overview_tells_how_the_book_is_kept() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    let before = sam.get(&book, "/t/abcimis").await;
    let told = before.text.split("id=\"integrity\"").nth(1).unwrap();
    assert!(told.contains("nothing yet") && told.contains("not checked since the start yet"), "{told}");
    assert!(told.contains("in memory"), "{told}");
    sam.get(&book, "/t/abcimis/data/checkpoint").await;
    let last = book_position(&book).await;
    let signed = sam.get(&book, "/t/abcimis").await;
    assert!(signed.text.contains(&format!("entries 1 to {last}")), "{}", signed.text);
    let then = sam.get(&book, "/t/abcimis?as_of=2").await;
    assert!(!then.text.contains("id=\"integrity\""), "it tells of now alone");
}

// rules: U2, U3
#[tokio::test]
async fn a_plain_member_sees_their_own_and_nothing_else() {
    let book = book().await;
    let mut pia = Surfer::signed_in(&book, "pia", "pia-chosen-1", "platform").await;
    let home = pia.get(&book, "/t/abcimis").await;
    assert_eq!(home.status, 200);
    assert!(home.text.contains("Welcome, Pia P.") && !home.text.contains(">People<"), "{}", home.text);
    let journal = pia.get(&book, "/t/abcimis/journal").await;
    assert!(journal.text.contains("Pia P.") && !journal.text.contains("Sam"), "{}", journal.text);
    for (page, rule) in [
        ("people", "U3"),
        ("people/sam", "U2"),
        ("admins", "U3"),
        ("roles", "U3"),
        ("groups?group=Reporting", "U3"),
        ("objects", "U3"),
        ("findings", "U3"),
        ("settings", "U3"),
        ("time", "U3"),
        ("view/sessions", "U3"),
        ("why?account=sam&do=dashboard.sign_in", "U2"),
        ("journal/1", "U2"),
        ("timeline?account=sam", "U2"),
        ("timeline?do=dashboard.sign_in", "U3"),
        ("investigate?account=sam", "U3"),
        ("what-if?without=2", "U3"),
        ("data/what-if?without=2", "U3"),
        ("data/accounts/sam", "U2"),
    ] {
        let got = pia.get(&book, &format!("/t/abcimis/{page}")).await;
        assert_eq!(got.status, 403, "{page}: {}", got.text);
        assert!(got.text.contains(rule) && !got.text.contains("Sam"), "{page}: {}", got.text);
    }
}

// rule: T5
#[tokio::test]
async fn without_a_session_one_is_sent_to_the_door_and_comes_back() {
    let book = book().await;
    let mut surfer = Surfer::new();
    let sent = surfer.get(&book, "/t/abcimis/people?as_of=2").await;
    assert_eq!((sent.status, sent.location()), (303, "/?tenant=abcimis&to=%2Ft%2Fabcimis%2Fpeople%3Fas_of%3D2"));
    let door = surfer.get(&book, sent.location()).await;
    let (csrf, to) = (door.hidden("csrf"), "/t/abcimis/people?as_of=2");
    let form = |to| {
        [
            ("csrf", csrf.as_str()),
            ("tenant", "abcimis"),
            ("username", "sam"),
            ("password", "sam-chosen-1"),
            ("plane", "platform"),
            ("to", to),
        ]
    };
    for elsewhere in ["https://evil.example.org/", "//evil.example.org", "/t/otherimis", "/t/abcimisx", "/sign-in"] {
        let got = surfer.post(&book, "/sign-in", &form(elsewhere)).await;
        assert_eq!((got.status, got.location()), (303, "/t/abcimis"), "{elsewhere}");
    }
    let got = surfer.post(&book, "/sign-in", &form(to)).await;
    assert_eq!(got.location(), to);
    // A token of one tenant is none in another, and a session that is over leads to the door.
    surfer.cookies.insert("grantbook-otherimis".to_owned(), surfer.cookies["grantbook-abcimis"].clone());
    assert_eq!(surfer.get(&book, "/t/otherimis").await.location(), "/?tenant=otherimis&to=%2Ft%2Fotherimis&why=over");
    let csrf = surfer.get(&book, "/t/abcimis").await.hidden("csrf");
    let out = surfer.post(&book, "/t/abcimis/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!((out.status, out.location()), (303, "/?tenant=abcimis&why=out"));
    assert_eq!(surfer.cookies["grantbook-abcimis"], "");
}

// rules: C11, C16
#[tokio::test]
async fn the_door_tells_one_sentence_and_leads_to_a_change_of_password() {
    let book = book().await;
    let mut sam = Surfer::signed_in(&book, "sam", "sam-chosen-1", "platform").await;
    let mut surfer = Surfer::new();
    let wrong = surfer.sign_in(&book, "sam", "not this one 1", "platform").await;
    let nobody = surfer.sign_in(&book, "nobody", "not this one 1", "platform").await;
    assert_eq!((wrong.status, nobody.status), (401, 401));
    let told = |got: &crate::surfer::Got| {
        got.text.split("role=\"alert\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned()
    };
    assert_eq!(told(&wrong), told(&nobody));
    assert!(!wrong.text.contains("not this one"), "a password is not repeated");
    let set = [("account", "pia"), ("password", "pia-second-2")];
    assert_eq!(sam.give(&book, "set_password", &set, "do").await.status, 303);
    let must = surfer.sign_in(&book, "pia", "pia-second-2", "platform").await;
    assert!(must.text.contains("Choose a password of your own first"), "{}", must.text);
    let form = [
        ("csrf", must.hidden("csrf")),
        ("tenant", "abcimis".into()),
        ("username", "pia".into()),
        ("old", "pia-second-2".into()),
        ("new", "pia-third-3".into()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(surfer.post(&book, "/change-password", &form).await.location(), "/?tenant=abcimis&why=changed");
    assert_eq!(surfer.sign_in(&book, "pia", "pia-third-3", "platform").await.status, 303);
}

#[tokio::test]
async fn programs_are_told_what_this_is() {
    let book = book().await;
    let about = crate::installation::Asked { method: "GET".to_owned(), path: "/".to_owned(), ..Default::default() };
    assert!(book.answer(&about).await.text.starts_with("Grantbook "));
}

#[tokio::test]
async fn an_address_at_which_there_is_nothing_is_a_page_to_people_and_a_problem_to_programs() {
    let book = book().await;
    let mut surfer = Surfer::new();
    for path in ["/console", "/nowhere", "/v1/nowhere"] {
        let got = surfer.get(&book, path).await;
        assert_eq!((got.status, &got.headers["content-type"]), (404, &"text/html; charset=utf-8".parse().unwrap()));
        assert!(got.text.contains("<h1>Nothing is here</h1>") && got.text.contains("<a href=\"/\">"), "{}", got.text);
        assert!(got.headers.contains_key("content-security-policy"), "{path}: as strict as every page");
        let asked =
            crate::installation::Asked { method: "GET".to_owned(), path: path.to_owned(), ..Default::default() };
        let told = book.answer(&asked).await;
        assert!(told.status == 404 && told.text.contains("\"type\":\"not-found\""), "{path}: {}", told.text);
    }
    let back = surfer.get(&book, "/sign-in").await;
    assert_eq!((back.status, back.location()), (303, "/"), "the form's address, opened again");
}
