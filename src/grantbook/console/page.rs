//! A page: what is shown within the frame, and the frame around it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::ask::Trouble;
use super::assets;
use super::parts::{Link, Note, Section, Tone};
use super::when::When;

/// What is around every page.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    pub(crate) tenant: String,
    pub(crate) version: &'static str,
    pub(crate) home: String,
    /// The page of whoever is signed in, by their name and id.
    pub(crate) own: String,
    pub(crate) name: String,
    pub(crate) own_id: String,
    pub(crate) csrf: String,
    pub(crate) nav: Vec<Group>,
    pub(crate) when: When,
    /// The page's whole address, for paper.
    pub(crate) address: String,
}

/// Pages that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) title: Option<&'static str>,
    pub(crate) links: Vec<NavLink>,
}

/// A page in the list of pages.
#[derive(Clone, Debug)]
pub(crate) struct NavLink {
    pub(crate) to: String,
    pub(crate) text: &'static str,
    pub(crate) current: bool,
}

/// A page within the frame.
#[derive(Template, Debug)]
#[template(path = "page.html")]
pub(crate) struct Page {
    shell: Shell,
    title: String,
    lead: String,
    acts: Vec<Link>,
    notes: Vec<Note>,
    /// Sections below each other; those of one row are beside each other where there is room.
    rows: Vec<Vec<Section>>,
    exports: Vec<Link>,
    status: StatusCode,
}

impl Page {
    pub(crate) fn new(shell: Shell, title: impl Into<String>) -> Page {
        Page {
            shell,
            title: title.into(),
            lead: String::new(),
            acts: Vec::new(),
            notes: Vec::new(),
            rows: Vec::new(),
            exports: Vec::new(),
            status: StatusCode::OK,
        }
    }

    pub(crate) fn lead(self, lead: impl Into<String>) -> Page {
        Page { lead: lead.into(), ..self }
    }

    pub(crate) fn act(mut self, to: impl Into<String>, text: impl Into<String>) -> Page {
        self.acts.push(Link::new(to, text));
        self
    }

    pub(crate) fn note(mut self, note: Note) -> Page {
        self.notes.push(note);
        self
    }

    pub(crate) fn notes(mut self, notes: Vec<Note>) -> Page {
        self.notes.extend(notes);
        self
    }

    pub(crate) fn section(self, section: Section) -> Page {
        self.beside(vec![section])
    }

    /// Sections beside each other.
    pub(crate) fn beside(mut self, sections: Vec<Section>) -> Page {
        self.rows.push(sections);
        self
    }

    pub(crate) fn export(mut self, to: impl Into<String>, text: impl Into<String>) -> Page {
        self.exports.push(Link::new(to, text));
        self
    }

    pub(crate) fn status(self, status: u16) -> Page {
        Page { status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let status = self.status;
        rendered(&self, status)
    }
}

/// A page outside the frame: signing in and what belongs to it.
#[derive(Template, Debug)]
#[template(path = "door.html")]
pub(crate) struct DoorPage {
    pub(crate) version: &'static str,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) notes: Vec<Note>,
    pub(crate) sheet: super::parts::Sheet,
    pub(crate) links: Vec<Link>,
}

impl DoorPage {
    pub(crate) fn new(title: &str, lead: &str, sheet: super::parts::Sheet) -> DoorPage {
        DoorPage {
            version: assets::version(),
            title: title.to_owned(),
            lead: lead.to_owned(),
            notes: Vec::new(),
            sheet,
            links: Vec::new(),
        }
    }

    pub(crate) fn answer(&self, status: StatusCode) -> Response {
        rendered(self, status)
    }
}

fn rendered(page: &impl Template, status: StatusCode) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What was told instead of the page that was asked for.
#[derive(Debug)]
pub(crate) struct Told {
    inner: Box<(Shell, Trouble)>,
}

impl Told {
    pub(crate) fn new(shell: Shell, trouble: Trouble) -> Told {
        Told { inner: Box::new((shell, trouble)) }
    }
}

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        let (shell, trouble) = *self.inner;
        let title = if trouble.title.is_empty() { "Something went wrong".to_owned() } else { trouble.title.clone() };
        Page::new(shell, title).note(refusal(&trouble)).status(trouble.status).into_response()
    }
}

/// A refusal as a remark: what is said, and what the rule says that refused.
pub(crate) fn refusal(trouble: &Trouble) -> Note {
    let mut note = Note::new(Tone::No, "", sentence(&trouble.detail)).alert();
    if let Some((rule, words)) = trouble.rule.as_deref() {
        note.lines.push(format!("Rule {rule}: {words}"));
    }
    note
}

/// What the API says, as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '?', '!']) || text.is_empty() { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
