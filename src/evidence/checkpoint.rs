//! Checkpoints (C2SP tlog-checkpoint): what a tree was at a moment, as a text that is signed.
//!
//! ```text
//! grantbook.example/abcimis        the origin: which tree
//! 17                               how many leaves it has
//! 3q2+7w...                        its root, base64
//! fingerprint ...                  further lines, none empty
//! ```

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::hash::Hash;

/// What a tree was when it had `size` leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which tree: a name without spaces, by custom a schema-less URL.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Further lines, none of them empty; whoever does not know them passes them on.
    pub extensions: Vec<String>,
}

/// Why a text is no checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadCheckpoint {
    /// It is not of lines that each end, at least three.
    #[error("expected at least three lines, each ended by a newline: origin, size, root")]
    Lines,
    /// The origin is empty.
    #[error("line 1: expected the origin of the tree")]
    Origin,
    /// The size is no number in its shortest form.
    #[error("line 2: expected the number of leaves in decimal digits, found `{0}`")]
    Size(String),
    /// The root is not 32 bytes in base64.
    #[error("line 3: expected 32 bytes in base64, found `{0}`")]
    Root(String),
    /// A further line is empty.
    #[error("line {0}: expected no empty line")]
    Empty(usize),
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The checkpoint that a text is. Errors: what of it is not as expected.
    pub fn parse(text: &str) -> Result<Checkpoint, BadCheckpoint> {
        let mut lines = text.strip_suffix('\n').ok_or(BadCheckpoint::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(BadCheckpoint::Lines);
        };
        if origin.is_empty() {
            return Err(BadCheckpoint::Origin);
        }
        let number = size.parse::<u64>().ok().filter(|number| number.to_string() == size);
        let bytes = BASE64_STANDARD.decode(root).ok().and_then(|bytes| Hash::try_from(bytes).ok());
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if let Some(at) = extensions.iter().position(String::is_empty) {
            return Err(BadCheckpoint::Empty(at + 4));
        }
        Ok(Checkpoint {
            origin: origin.to_owned(),
            size: number.ok_or_else(|| BadCheckpoint::Size(size.to_owned()))?,
            root: bytes.ok_or_else(|| BadCheckpoint::Root(root.to_owned()))?,
            extensions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::empty_root;

    fn checkpoint(extensions: &[&str]) -> Checkpoint {
        let extensions = extensions.iter().map(|line| (*line).to_owned()).collect();
        Checkpoint { origin: "grantbook.example/abcimis".to_owned(), size: 0, root: empty_root(), extensions }
    }

    const TEXT: &str = "grantbook.example/abcimis\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

    #[test]
    fn the_text_is_three_lines_and_further_ones() {
        assert_eq!(checkpoint(&[]).text(), TEXT);
        for one in [checkpoint(&[]), checkpoint(&["one", "two words"])] {
            assert_eq!(Checkpoint::parse(&one.text()), Ok(one));
        }
    }

    #[test]
    fn what_is_no_checkpoint_is_told_where() {
        let root = TEXT.lines().nth(2).unwrap();
        let refused = [
            ("", BadCheckpoint::Lines),
            ("a\n0\n", BadCheckpoint::Lines),
            (&TEXT[..TEXT.len() - 1], BadCheckpoint::Root(root[..root.len()].to_owned())),
            (&format!("\n0\n{root}\n"), BadCheckpoint::Origin),
            (&format!("a\n00\n{root}\n"), BadCheckpoint::Size("00".to_owned())),
            (&format!("a\n+1\n{root}\n"), BadCheckpoint::Size("+1".to_owned())),
            (&format!("a\n18446744073709551616\n{root}\n"), BadCheckpoint::Size("18446744073709551616".to_owned())),
            ("a\n0\nAAAA\n", BadCheckpoint::Root("AAAA".to_owned())),
            (&format!("a\n0\n{root}\nx\n\ny\n"), BadCheckpoint::Empty(5)),
        ];
        for (text, wrong) in refused {
            let found = Checkpoint::parse(text).unwrap_err();
            let no_end = !text.ends_with('\n');
            assert_eq!(found, if no_end { BadCheckpoint::Lines } else { wrong }, "{text:?}");
        }
    }
}
