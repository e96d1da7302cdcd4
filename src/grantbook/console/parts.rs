//! What pages are made of: plain data, each part with a template of its own. A page says what it shows; how that looks
//! is said here and in the style sheet, once.

use askama::Template;
use askama::filters::HtmlSafe;

/// A way to another page.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Link {
    pub(crate) fn new(to: impl Into<String>, text: impl Into<String>) -> Link {
        Link { to: to.into(), text: text.into() }
    }
}

/// How something is coloured, never the only sign of what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tone {
    Plain,
    Yes,
    No,
    Past,
    Key,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Yes => "yes",
            Tone::No => "no",
            Tone::Past => "past",
            Tone::Key => "key",
        }
    }
}

/// What is in a cell of a table, or beside a fact's name.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/cell.html")]
pub(crate) enum Cell {
    Nothing,
    Text(String),
    Soft(String),
    Code(String),
    Number(u64),
    Link {
        to: String,
        text: String,
    },
    /// Somebody, by name and id.
    Person {
        to: Option<String>,
        name: String,
        id: String,
    },
    /// An RFC 3339 instant, shown to the second.
    Moment(String),
    Mark {
        tone: Tone,
        text: String,
    },
    /// A link that leads to doing something.
    Act {
        to: String,
        text: String,
    },
    /// A decision in a review, with its reason.
    Decide {
        to: String,
        csrf: String,
        review: String,
        item: String,
        back: String,
    },
    /// Beside each other.
    Line(Vec<Cell>),
    /// Below each other.
    Stack(Vec<Cell>),
}

impl HtmlSafe for Cell {}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    pub(crate) fn mark(tone: Tone, text: impl Into<String>) -> Cell {
        Cell::Mark { tone, text: text.into() }
    }

    pub(crate) fn link(to: impl Into<String>, text: impl Into<String>) -> Cell {
        Cell::Link { to: to.into(), text: text.into() }
    }
}

/// An instant to the second, without the zone that the page states once.
pub(crate) fn short(instant: &str) -> String {
    crate::words::moment(instant)
}

/// A remark above what a page shows.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/note.html")]
pub(crate) struct Note {
    pub(crate) tone: Tone,
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
    /// Whether whoever cannot see is told of it at once.
    pub(crate) alert: bool,
}

impl HtmlSafe for Note {}

impl Note {
    pub(crate) fn new(tone: Tone, title: impl Into<String>, line: impl Into<String>) -> Note {
        let line = line.into();
        let lines = if line.is_empty() { Vec::new() } else { vec![line] };
        Note { tone, title: title.into(), lines, alert: false }
    }

    /// With a line before all others.
    pub(crate) fn before(mut self, line: impl Into<String>) -> Note {
        self.lines.insert(0, line.into());
        self
    }

    pub(crate) fn alert(self) -> Note {
        Note { alert: true, ..self }
    }
}

/// A part of a page under a heading.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/section.html")]
pub(crate) struct Section {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) acts: Vec<Link>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) more: Option<Link>,
}

impl HtmlSafe for Section {}

impl Section {
    /// A section; its id is made of its title.
    pub(crate) fn new(title: impl Into<String>) -> Section {
        let title = title.into();
        let id =
            title.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
        Section { id: id.collect(), title, lead: String::new(), acts: Vec::new(), bodies: Vec::new(), more: None }
    }

    pub(crate) fn lead(self, lead: impl Into<String>) -> Section {
        Section { lead: lead.into(), ..self }
    }

    pub(crate) fn with(mut self, body: Body) -> Section {
        self.bodies.push(body);
        self
    }

    pub(crate) fn act(mut self, act: Link) -> Section {
        self.acts.push(act);
        self
    }

    pub(crate) fn more(self, more: Option<Link>) -> Section {
        Section { more, ..self }
    }
}

/// What a section shows.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/body.html")]
pub(crate) enum Body {
    Table(Table),
    /// Names with what they are.
    Facts(Vec<(String, Cell)>),
    /// Why something is so.
    Tree(Reason),
    /// A drawing made here, of text that was escaped where it was put in.
    Picture {
        svg: String,
        caption: String,
    },
    /// A drawing that is loaded by itself.
    Image {
        source: String,
        /// What it shows, for whoever does not see it.
        words: String,
        caption: String,
    },
    Proof(Proof),
    /// Text as it is.
    Raw {
        text: String,
        label: String,
    },
    Filter(Filter),
    Sheet(Sheet),
}

impl HtmlSafe for Body {}

/// Rows under a header.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// What is said where there is no row.
    pub(crate) nothing: String,
    /// Whether the first cell of a row names it.
    pub(crate) headed: bool,
}

impl Table {
    pub(crate) fn new(caption: impl Into<String>, columns: &[&str]) -> Table {
        Table {
            caption: caption.into(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: Vec::new(),
            nothing: "None.".to_owned(),
            headed: true,
        }
    }

    pub(crate) fn nothing(self, nothing: impl Into<String>) -> Table {
        Table { nothing: nothing.into(), ..self }
    }

    pub(crate) fn rows(self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Table {
        Table { rows: rows.into_iter().collect(), ..self }
    }

    /// Whether it may be wider than a narrow screen: then it is scrolled, also by the keyboard.
    pub(crate) fn wide(&self) -> bool {
        self.columns.len() > 2
    }
}

impl From<Table> for Body {
    fn from(table: Table) -> Body {
        Body::Table(table)
    }
}

/// A node of the tree of facts that decides a question.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/reason.html")]
pub(crate) struct Reason {
    pub(crate) holds: bool,
    pub(crate) kind: ReasonKind,
    /// The entries behind it, each with the authority of the one before.
    pub(crate) chain: Vec<Cell>,
    pub(crate) below: Vec<Reason>,
    /// Further alternatives, folded away.
    pub(crate) further: Vec<Reason>,
}

impl HtmlSafe for Reason {}

#[derive(Clone, Debug)]
pub(crate) enum ReasonKind {
    Fact { words: String, rule: String, rule_words: String },
    Through { words: String },
    All,
    Any,
}

/// A form that asks for less or other of what a page shows.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/filter.html")]
pub(crate) struct Filter {
    pub(crate) to: String,
    /// What the page's address says besides.
    pub(crate) kept: Vec<(String, String)>,
    pub(crate) fields: Vec<FilterField>,
    pub(crate) button: String,
}

impl HtmlSafe for Filter {}

#[derive(Clone, Debug)]
pub(crate) struct FilterField {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) hint: String,
    /// Values with their words; text is asked for where there are none.
    pub(crate) choices: Vec<(String, String)>,
    pub(crate) wide: bool,
}

impl FilterField {
    pub(crate) fn new(name: &str, label: &str, value: impl Into<String>, hint: &str) -> FilterField {
        FilterField {
            name: name.to_owned(),
            label: label.to_owned(),
            value: value.into(),
            hint: hint.to_owned(),
            choices: Vec::new(),
            wide: false,
        }
    }
}

/// A form of fields, below each other.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/sheet.html")]
pub(crate) struct Sheet {
    pub(crate) to: String,
    /// The secret of its session, where it changes something. A form without one only asks: what it says stands in the
    /// address.
    pub(crate) csrf: Option<String>,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) buttons: Vec<Button>,
}

impl HtmlSafe for Sheet {}

#[derive(Clone, Debug)]
pub(crate) struct Button {
    pub(crate) value: &'static str,
    pub(crate) text: String,
    pub(crate) main: bool,
}

impl Button {
    pub(crate) fn main(value: &'static str, text: &str) -> Button {
        Button { value, text: text.to_owned(), main: true }
    }
}

/// One field of a form.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/field.html")]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    /// What it is for and what is expected.
    pub(crate) words: String,
    pub(crate) required: bool,
    pub(crate) input: Input,
    /// What was wrong with what was given.
    pub(crate) wrong: Option<String>,
}

impl HtmlSafe for Field {}

#[derive(Clone, Debug)]
pub(crate) enum Input {
    Line { kind: &'static str, value: String, hint: String, list: Vec<String>, fill: &'static str },
    Area { value: String },
    Select { choices: Vec<Pick> },
    Radios(Vec<Pick>),
    Ticks(Vec<Pick>),
}

/// Something that can be picked.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) picked: bool,
}

/// An entry's proof, which the browser checks by itself.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/proof.html")]
pub(crate) struct Proof {
    /// Where the tenant's questions are answered as data.
    pub(crate) data: String,
    pub(crate) position: u64,
    /// What is said without a script.
    pub(crate) words: String,
}

impl HtmlSafe for Proof {}
