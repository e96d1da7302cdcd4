//! The file itself: JSON in one form, so that the same case gives the same bytes and every changed byte shows.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use grantbook_events::{Instant, Position};
use grantbook_evidence::Hash;
use grantbook_projections::AsOf;
use serde_json::{Map, Value, json};

use crate::question::Question;

/// The version of the form, which a file has that does not show the next entry.
const VERSION: u64 = 1;

/// The version of a file that does.
const VERSION_WITH_NEXT: u64 = 2;

/// A case file.
#[derive(Clone, PartialEq, Debug)]
pub struct CaseFile {
    /// Which book: the origin of its checkpoints.
    pub origin: String,
    /// What was asked.
    pub question: Question,
    /// As of when.
    pub as_of: AsOf,
    /// What was answered.
    pub answer: Value,
    /// Whether the entries are all there are up to the position.
    pub complete: bool,
    /// The entries it rests on, oldest first.
    pub entries: Vec<FileEntry>,
    /// The entry after the position, with its proof, where it shows that the instant lies before it.
    pub next: Option<FileEntry>,
    /// The personal values that are shown in the answer, by the bytes that are sealed.
    pub opened: BTreeMap<Vec<u8>, String>,
    /// Where the file has all entries: the proof that the book of the checkpoint goes on from them.
    pub consistency: Vec<Hash>,
    /// The checkpoint: a signed note.
    pub checkpoint: String,
    /// The verifier keys that its signatures are checked with.
    pub keys: Vec<String>,
    /// The verifier keys of witnesses who cosigned it.
    pub witnesses: Vec<String>,
}

/// An entry in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileEntry {
    /// Where it stands in the book.
    pub position: u64,
    /// Its bytes as they are stored, which are the leaf of the tree.
    pub bytes: Vec<u8>,
    /// The proof that it is in the tree; empty for one of all entries, which prove the root together.
    pub proof: Vec<Hash>,
}

/// Why bytes are no case file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Misread {
    /// They are no JSON.
    #[error("it is no JSON: line {line}, column {column}")]
    NotJson {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A field is not as expected.
    #[error("`{field}`: expected {expected}")]
    Field {
        /// Which, as a path.
        field: String,
        /// What was expected.
        expected: &'static str,
    },
    /// It says the same as a case file, in another form.
    #[error("byte {at} is not as a case file has it: something was put in, left out or written otherwise")]
    Form {
        /// The first byte that differs.
        at: usize,
    },
}

impl CaseFile {
    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        format!("{:#}\n", self.json()).into_bytes()
    }

    fn json(&self) -> Value {
        let entry = |entry: &FileEntry, proven: bool| {
            let mut row = Map::new();
            row.insert("position".to_owned(), entry.position.into());
            row.insert("bytes".to_owned(), BASE64_STANDARD.encode(&entry.bytes).into());
            if proven {
                row.insert("proof".to_owned(), hashes(&entry.proof));
            }
            Value::Object(row)
        };
        let entries = self.entries.iter().map(|listed| entry(listed, !self.complete));
        let opened = self.opened.iter().map(|(sealed, text)| {
            let sealed = BASE64_STANDARD.encode(sealed);
            json!({"sealed": sealed, "text": text})
        });
        let version = if self.next.is_some() { VERSION_WITH_NEXT } else { VERSION };
        let mut json = Map::new();
        let mut put = |name: &str, value: Value| drop(json.insert(name.to_owned(), value));
        put("case_file", version.into());
        put("origin", self.origin.as_str().into());
        put("question", self.question.json());
        put("as_of", json!({"position": self.as_of.position.0, "instant": self.as_of.clock.to_string()}));
        put("answer", self.answer.clone());
        put("entries", json!({"complete": self.complete, "list": entries.collect::<Value>()}));
        self.next.iter().for_each(|next| put("next", entry(next, true)));
        put("opened", opened.collect());
        put("consistency", hashes(&self.consistency));
        put("checkpoint", self.checkpoint.as_str().into());
        put("keys", self.keys.clone().into());
        put("witnesses", self.witnesses.clone().into());
        Value::Object(json)
    }

    /// Reads a file. Errors: it is none, and where.
    pub fn read(bytes: &[u8]) -> Result<CaseFile, Misread> {
        let json: Value = serde_json::from_slice(bytes)
            .map_err(|error| Misread::NotJson { line: error.line(), column: error.column() })?;
        let file = CaseFile::from_json(&json)?;
        let written = file.bytes();
        if written == bytes {
            return Ok(file);
        }
        let same = written.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).count();
        Err(Misread::Form { at: same })
    }

    fn from_json(json: &Value) -> Result<CaseFile, Misread> {
        let at = Place { path: String::new(), value: json };
        let version = at.field("case_file")?;
        let with_next = match version.value.as_u64() {
            Some(VERSION) => false,
            Some(VERSION_WITH_NEXT) => true,
            _ => return Err(version.expected("1 or 2, the versions of the form that are known here")),
        };
        let question = at.field("question")?;
        let as_of = at.field("as_of")?;
        let clock = as_of.field("instant")?;
        let entries = at.field("entries")?;
        let complete = entries.field("complete")?;
        let complete = complete.value.as_bool().ok_or_else(|| complete.expected("true or false"))?;
        let entry = |row: Place<'_>, proven: bool| {
            let proof = if proven { row.field("proof")?.hashes()? } else { Vec::new() };
            Ok(FileEntry { position: row.field("position")?.number()?, bytes: row.field("bytes")?.bytes()?, proof })
        };
        let listed = entries.field("list")?.list()?.into_iter().map(|row| entry(row, !complete));
        let next = if with_next { Some(entry(at.field("next")?, true)?) } else { None };
        let opened = at
            .field("opened")?
            .list()?
            .into_iter()
            .map(|row| Ok((row.field("sealed")?.bytes()?, row.field("text")?.text()?)));
        let texts = |name: &str| at.field(name)?.list()?.iter().map(Place::text).collect::<Result<Vec<_>, _>>();
        Ok(CaseFile {
            origin: at.field("origin")?.text()?,
            question: Question::from_json(question.value).map_err(|wrong| Misread::Field {
                field: format!("question.{}", wrong.field),
                expected: wrong.expected,
            })?,
            as_of: AsOf {
                position: Position(as_of.field("position")?.number()?),
                clock: Instant::parse(&clock.text()?).map_err(|_| clock.expected("an RFC 3339 instant"))?,
            },
            answer: at.field("answer")?.value.clone(),
            complete,
            entries: listed.collect::<Result<_, _>>()?,
            next,
            opened: opened.collect::<Result<_, Misread>>()?,
            consistency: at.field("consistency")?.hashes()?,
            checkpoint: at.field("checkpoint")?.text()?,
            keys: texts("keys")?,
            witnesses: texts("witnesses")?,
        })
    }
}

fn hashes(hashes: &[Hash]) -> Value {
    hashes.iter().map(|hash| BASE64_STANDARD.encode(hash)).collect()
}

/// A value of the file, with where it stands.
struct Place<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Place<'a> {
    fn expected(&self, expected: &'static str) -> Misread {
        Misread::Field { field: self.path.clone(), expected }
    }

    fn field(&self, name: &str) -> Result<Place<'a>, Misread> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        let value = self.value.get(name);
        let value = value.ok_or_else(|| Misread::Field { field: path.clone(), expected: "it to be there" })?;
        Ok(Place { path, value })
    }

    fn list(&self) -> Result<Vec<Place<'a>>, Misread> {
        let list = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        let place = |(index, value)| Place { path: format!("{}[{index}]", self.path), value };
        Ok(list.iter().enumerate().map(place).collect())
    }

    fn text(&self) -> Result<String, Misread> {
        self.value.as_str().map(str::to_owned).ok_or_else(|| self.expected("text"))
    }

    fn number(&self) -> Result<u64, Misread> {
        self.value.as_u64().ok_or_else(|| self.expected("a whole number"))
    }

    fn bytes(&self) -> Result<Vec<u8>, Misread> {
        BASE64_STANDARD.decode(self.text()?).map_err(|_| self.expected("bytes in base64"))
    }

    fn hashes(&self) -> Result<Vec<Hash>, Misread> {
        let hash = |place: Place<'a>| Hash::try_from(place.bytes()?).map_err(|_| place.expected("32 bytes in base64"));
        self.list()?.into_iter().map(hash).collect()
    }
}
