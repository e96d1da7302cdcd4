//! What happens: one request of the API after the other, each in the name of whoever acts.

use grantbook_ledger::Clock;
use serde_json::{Value, json};

use super::people::{APPS, BOB, JEFF, NINA, POWERSUITE, Person, REBECCA, REVIEW, SARAH, STAFF, TENANT, VERONICA};
use crate::cli::desk::within;
use crate::cli::trouble::Trouble;
use crate::client::{Client, Request};

/// Lets the story happen. Returns MANAGER's password.
pub(super) async fn happen(client: &Client) -> Result<String, Trouble> {
    let story = Story { client };
    let manager = story.begin().await?;
    story.manager_prepares(&manager).await?;
    story.nina_takes_over().await?;
    for person in &STAFF {
        story.change_password(person).await?;
    }
    story.bob_grants().await?;
    story.jeff_grants().await?;
    story.a_review().await?;
    Ok(manager)
}

struct Story<'a> {
    client: &'a Client,
}

impl Story<'_> {
    async fn send(&self, request: Request) -> Result<Value, Trouble> {
        let answer = self.client.request(request).await?;
        if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(Trouble::of(&answer)) }
    }

    /// The tenant is made; support records what was bought.
    async fn begin(&self) -> Result<String, Trouble> {
        let created =
            self.send(Request::post(&["operator", "tenants"], &json!({"cloud_id": TENANT, "edition": "cloud"})));
        let manager = text(&created.await?, "manager_password")?;
        let support = self.send(Request::post(&["operator", "support-tokens"], &json!({"operator": "pat"})));
        let support = text(&support.await?, "token")?;
        for (app, _) in APPS {
            let subscription = json!({
                "name": "record_subscription", "cloud_id": TENANT, "app": app, "status": "active", "from": "2026-01-01",
                "ticket": "T-100",
            });
            self.send(Request::post(&["v1", "support", "commands"], &subscription).bearer(&support)).await?;
        }
        let licence = json!({
            "name": "record_licence", "cloud_id": TENANT, "licence": "api_connector", "ticket": "T-100",
        });
        self.send(Request::post(&["v1", "support", "commands"], &licence).bearer(&support)).await?;
        Ok(manager)
    }

    /// MANAGER adds the people and, last, a system administrator (rule: M1).
    async fn manager_prepares(&self, password: &str) -> Result<(), Trouble> {
        let token = self.sign_in("MANAGER", password, "platform").await?;
        let staff = STAFF.iter().flat_map(|person| {
            let remote = json!({"name": "assign_role", "account": person.id, "role": "RemoteService"});
            welcome(person).into_iter().chain([remote])
        });
        self.give(&token, &json!({"commands": staff.collect::<Value>()})).await?;
        let administrator = json!({"name": "make_system_administrator", "account": NINA.id});
        self.give(&token, &json!({"commands": welcome(&NINA).into_iter().chain([administrator]).collect::<Value>()}))
            .await
    }

    /// Nina adds the account by which apps talk to the platform (rule: B3).
    async fn nina_takes_over(&self) -> Result<(), Trouble> {
        self.change_password(&NINA).await?;
        let token = self.sign_in(NINA.id, &NINA.password(), "platform").await?;
        let keeper = [
            json!({"name": "make_system_administrator", "account": POWERSUITE.id}),
            json!({"name": "assign_role", "account": POWERSUITE.id, "role": "RemoteService"}),
        ];
        self.give(&token, &json!({"commands": welcome(&POWERSUITE).into_iter().chain(keeper).collect::<Value>()})).await
    }

    /// Bob signs in first, which makes him an Admin User (rule: F1), and grants what the others need.
    async fn bob_grants(&self) -> Result<(), Trouble> {
        let token = self.sign_in(BOB.id, &BOB.password(), "dashboard").await?;
        let reason = "shares the work with me";
        self.give(&token, &json!({"name": "add_admin", "account": JEFF.id, "reason": reason})).await?;
        let users =
            [(&VERONICA, "cloud-sso"), (&SARAH, "iemail-cloud"), (&SARAH, "idms-iimport"), (&REBECCA, "iemail-cloud")];
        for (person, app) in users {
            self.give(&token, &json!({"name": "assign_app_user", "account": person.id, "app": app})).await?;
        }
        Ok(())
    }

    /// Jeff uses the right that Bob gave him.
    async fn jeff_grants(&self) -> Result<(), Trouble> {
        let token = self.sign_in(JEFF.id, &JEFF.password(), "dashboard").await?;
        self.give(&token, &json!({"name": "assign_app_user", "account": JEFF.id, "app": "datastation"})).await?;
        let background = json!({
            "name": "set_background_account", "account": POWERSUITE.id, "password": POWERSUITE.first_password(),
        });
        self.give(&token, &background).await
    }

    /// Nina asks Jeff whether those who may use iEmail Cloud still need it; he decides, and closes the review (rule: U3).
    async fn a_review(&self) -> Result<(), Trouble> {
        let token = self.sign_in(NINA.id, &NINA.password(), "platform").await?;
        let opened = json!({
            "name": "open_review", "review": REVIEW, "scope": {"app": "iemail-cloud"}, "reviewers": [JEFF.id],
            "due": Clock::System.now().plus_days(14).date().to_string(),
        });
        self.give(&token, &opened).await?;
        let token = self.sign_in(JEFF.id, &JEFF.password(), "dashboard").await?;
        for (person, reason) in [(&REBECCA, "writes the newsletter"), (&SARAH, "mails members about renewals")] {
            let item = format!("{}/iemail-cloud", person.id);
            let decided = json!({
                "name": "decide_review_item", "review": REVIEW, "item": item, "decision": "keep", "reason": reason,
            });
            self.give(&token, &decided).await?;
        }
        self.give(&token, &json!({"name": "close_review", "review": REVIEW})).await
    }

    async fn sign_in(&self, username: &str, password: &str, plane: &str) -> Result<String, Trouble> {
        let body = json!({"username": username, "password": password, "plane": plane, "browser": username});
        text(&self.send(Request::post(&within(TENANT, &["sign-in"]), &body)).await?, "token")
    }

    async fn change_password(&self, person: &Person) -> Result<(), Trouble> {
        let body = json!({"username": person.id, "old": person.first_password(), "new": person.password()});
        self.send(Request::post(&within(TENANT, &["change-password"]), &body)).await.map(|_| ())
    }

    async fn give(&self, token: &str, command: &Value) -> Result<(), Trouble> {
        self.send(Request::post(&within(TENANT, &["commands"]), command).bearer(token)).await.map(|_| ())
    }
}

/// The commands that add somebody with credentials.
fn welcome(person: &Person) -> [Value; 2] {
    [
        json!({"name": "add_contact", "account": person.id, "full_name": person.name, "email": person.email()}),
        json!({
            "name": "create_credentials", "account": person.id, "username": person.id, "user_class": "full",
            "password": person.first_password(),
        }),
    ]
}

fn text(answer: &Value, name: &str) -> Result<String, Trouble> {
    let found = answer.get(name).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| Trouble::Storage(format!("the answer has no `{name}`")))
}
