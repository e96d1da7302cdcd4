//! Counts: as valgrind writes them, and as they are kept.

use std::collections::BTreeMap;

/// Of so many hundredths more, or fewer, a count is told of.
const TOLERANCE: u64 = 5;

/// What one of something takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) words: &'static str,
    pub(crate) instructions: u64,
}

/// The counts that are kept, by name.
pub(crate) struct Counts(BTreeMap<String, u64>);

impl Counts {
    /// Reads the file: `name instructions words`, a line each; `#` begins a remark.
    pub(crate) fn read(text: &str) -> Counts {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let one = |line: &str| {
            let mut parts = line.split_whitespace();
            let (name, count) = (parts.next().unwrap(), parts.next().unwrap_or_else(|| panic!("`{line}`: no count")));
            (name.to_owned(), count.parse().unwrap_or_else(|_| panic!("`{line}`: `{count}` is no count")))
        };
        Counts(lines.map(one).collect())
    }

    /// Each beside what was kept, and whether none takes more than it may.
    pub(crate) fn compare(&self, found: &[Measured]) -> (String, bool) {
        let (mut told, mut fine) = (String::new(), true);
        for Measured { name, words, instructions } in found {
            let kept = self.0.get(*name).copied().unwrap_or(0);
            let more = instructions * 100 > kept * (100 + TOLERANCE);
            let fewer = instructions * 100 < kept * (100 - TOLERANCE);
            let verdict = match (more, fewer) {
                (true, _) => "MORE than it may",
                (false, true) => "fewer: keep it so, GRANTBOOK_BLESS=1 writes it down",
                (false, false) => "as kept",
            };
            fine &= !more;
            told.push_str(&format!("{name:<20} {instructions:>8} of {kept:>8}  {verdict}: {words}\n"));
        }
        if !fine {
            told.push_str(&format!(
                "More than {TOLERANCE}% more instructions than tests/instructions/counts.txt keeps. Find out what does the \
                 work; where it is meant, GRANTBOOK_BLESS=1 writes the counts anew.\n"
            ));
        }
        (told, fine)
    }
}

/// The file that keeps them.
pub(crate) fn written(found: &[Measured]) -> String {
    let mut text =
        "# Instructions of one, in the profile that tests are built with (GRANTBOOK_BLESS=1 writes this anew).\n"
            .to_owned();
    for Measured { name, words, instructions } in found {
        text.push_str(&format!("{name:<20} {instructions:>8}  {words}\n"));
    }
    text
}

/// What was counted in all, from the file that valgrind wrote.
pub(crate) fn total(text: &str) -> u64 {
    text.lines().find_map(|line| line.strip_prefix("summary:")).unwrap().trim().parse().unwrap()
}
