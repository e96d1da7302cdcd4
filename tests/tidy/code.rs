//! Rust source as the checks read it: comments and text blanked out, so that only code is judged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Whole words that a pure room does not say.
const ACTING_WORDS: [&str; 14] = [
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "tokio::",
    "rand::",
    "getrandom",
];

/// One source file.
pub(crate) struct Code {
    source: String,
    /// As long as the source, byte for byte, with spaces where comments and text stood.
    code: String,
}

impl Code {
    pub(crate) fn read(path: &Path) -> Self {
        Self::of(crate::files::text(path).unwrap_or_else(|| panic!("{} is UTF-8", path.display())))
    }

    fn of(source: String) -> Self {
        let code = blank_comments_and_text(&source);
        Self { source, code }
    }

    /// Lines, counted from 1, where the code reaches for a clock, chance, I/O or waiting, with the word.
    pub(crate) fn acts_on_the_world(&self) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        for word in ACTING_WORDS.iter().chain(&["async"]) {
            found.extend(whole_words(&self.code, word).map(|at| (self.line(at), *word)));
            // `use std::{fs, fmt};` says `std::fs` too.
            let Some(module) = word.strip_prefix("std::") else { continue };
            for (at, _) in self.code.match_indices("std::{") {
                let group = self.code[at..].split(';').next().unwrap_or_default();
                if whole_words(group, module).next().is_some() {
                    found.push((self.line(at), *word));
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Lines, counted from 1, of arms whose pattern takes anything, without a comment `// Any other ...`.
    ///
    /// Rustfmt puts every arm on a line of its own. What binds a name instead of `_` is left to Clippy.
    pub(crate) fn silent_catch_alls(&self) -> Vec<usize> {
        let lines: Vec<_> = self.source.lines().collect();
        let takes_anything = |line: &str| {
            let Some((pattern, _)) = line.split_once("=>") else { return false };
            let pattern = pattern.split(" if ").next().unwrap_or_default();
            pattern.contains('_') && pattern.chars().all(|c| "_,.()[]|& \t".contains(c))
        };
        let explained = |index: usize| {
            let above = lines[..index].iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with("//"));
            above.chain([lines[index]]).any(|line| line.to_lowercase().contains("// any other"))
        };
        let arms = self.code.lines().enumerate().filter(|(_, line)| takes_anything(line));
        arms.filter(|(index, _)| !explained(*index)).map(|(index, _)| index + 1).collect()
    }

    /// Each `mod name;`, with the file its `#[path]` names.
    fn modules(&self) -> Vec<(&str, Option<&str>)> {
        let mut found = Vec::new();
        for at in whole_words(&self.code, "mod") {
            let after = &self.code[at + "mod".len()..];
            let Some((name, _)) = after.split_once(';') else { continue };
            let name = name.trim();
            if name.is_empty() || !name.chars().all(is_word) {
                continue; // a module with its body here, or the word in another place
            }
            // What stands between the statement before and this one: its attributes.
            let start = self.code[..at].rfind([';', '{', '}']).map_or(0, |end| end + 1);
            let attributes = &self.source[start..at];
            let path = attributes.split_once("#[path = \"").and_then(|(_, rest)| rest.split('"').next());
            found.push((name, path));
        }
        found
    }

    fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }
}

/// Adds `root`, the first file of a target, and every file its modules lie in.
pub(crate) fn follow_modules(root: &Path, reached: &mut BTreeSet<PathBuf>) {
    follow(root, root.parent().unwrap(), reached);
}

/// `folder` is where the modules that `file` declares lie.
fn follow(file: &Path, folder: &Path, reached: &mut BTreeSet<PathBuf>) {
    if !reached.insert(file.to_owned()) {
        return;
    }
    for (name, path) in Code::read(file).modules() {
        let below = folder.join(name);
        if let Some(path) = path {
            let there = file.parent().unwrap().join(path).canonicalize().unwrap();
            follow(&there, there.parent().unwrap(), reached);
        } else if below.join("mod.rs").is_file() {
            follow(&below.join("mod.rs"), &below, reached);
        } else if below.with_extension("rs").is_file() {
            follow(&below.with_extension("rs"), &below, reached);
        }
    }
}

fn whole_words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let goes_on = word.ends_with(is_word) && code[at + word.len()..].starts_with(is_word);
        !goes_on && !code[..at].ends_with(is_word)
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The same text with a space for every byte of a comment or of text in quotes; line ends stay.
fn blank_comments_and_text(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let in_word = code.ends_with(is_word);
        let length = comment(rest).or_else(|| raw_text(rest, in_word)).or_else(|| quoted(rest));
        let (taken, left) = rest.split_at(length.unwrap_or(first.len_utf8()));
        if length.is_some() {
            code.extend(taken.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            code.push_str(taken);
        }
        rest = left;
    }
    code
}

/// The length of the comment that `rest` begins with.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0, 0);
    loop {
        match (rest[at..].find("/*"), rest[at..].find("*/")) {
            (Some(opens), Some(closes)) if opens < closes => {
                depth += 1;
                at += opens + 2;
            }
            (_, Some(closes)) => {
                depth -= 1;
                at += closes + 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            (_, None) => return Some(rest.len()),
        }
    }
}

/// The length of the raw text `r#"..."#` that `rest` begins with; the `b` or `c` before it is no matter.
fn raw_text(rest: &str, in_word: bool) -> Option<usize> {
    let (prefix, body) = ["r", "br", "cr"].iter().find_map(|p| rest.strip_prefix(p).map(|body| (p.len(), body)))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let inside = body[hashes..].strip_prefix('"').filter(|_| !in_word)?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(prefix + hashes + 1 + inside.find(&end).map_or(inside.len(), |at| at + end.len()))
}

/// The length of the text or character in quotes that `rest` begins with; a lifetime is neither.
fn quoted(rest: &str) -> Option<usize> {
    let quote = rest.chars().next().filter(|c| "\"'".contains(*c))?;
    let mut inside = rest[1..].chars();
    if quote == '\'' && !rest.starts_with("'\\") && inside.nth(1) != Some('\'') {
        return None;
    }
    let mut escaped = false;
    let end = rest[1..].find(|c| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(end.map_or(rest.len(), |at| at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(source: &str) -> Code {
        Code::of(source.to_owned())
    }

    #[test]
    fn only_code_is_read() {
        let check = |source: &str, expect: &str| assert_eq!(code(source).code, expect, "{source}");
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check("a / b", "a / b");
        check(r#"f("a \" b", c)"#, "f(        , c)");
        check(r##"f(r#"a " b"#, c)"##, "f(          , c)");
        check("r#type + for", "r#type + for");
        check(r#"<'a> '"' '\'' "x" 'b"#, "<'a>              'b");
    }

    #[test]
    fn acting_words_are_found_whole() {
        let check = |source: &str, expect: &[&str]| {
            let found: Vec<_> = code(source).acts_on_the_world().into_iter().map(|(_, word)| word).collect();
            assert_eq!(found, expect, "{source}");
        };
        check("let now = jiff::Timestamp::now();", &["Timestamp::now"]);
        check("use std::{collections::BTreeMap, fs};", &["std::fs"]);
        check("pub async fn f() {}", &["async"]);
        check("let x = operand::of(asynchronous);", &[]);
        check("/// tokio:: is not used here\nuse std::fmt;", &[]);
    }

    #[test]
    fn catch_alls_are_found_unless_they_say_what_they_catch() {
        let check = |arm: &str, expect: &[usize]| {
            assert_eq!(code(&format!("match x {{\n{arm}\n}}")).silent_catch_alls(), expect, "{arm}");
        };
        check("    _ => 1,", &[2]);
        check("    _ if y => 1,", &[2]);
        check("    (_, _) => 1,", &[2]);
        check("    (Event::A, _) => 1,", &[]);
        check("    _ => 1, // any other byte is no version", &[]);
        check("    // Any other byte is no version\n    // that we wrote.\n    _ => 1,", &[]);
        check("    \"_ =>\" => 1,", &[]);
    }

    #[test]
    fn modules_are_found_with_their_paths() {
        let source = "mod a;\n#[path = \"../x.rs\"]\npub(crate) mod b;\nmod c {}\n// mod d;\n";
        assert_eq!(code(source).modules(), [("a", None), ("b", Some("../x.rs"))]);
    }
}
