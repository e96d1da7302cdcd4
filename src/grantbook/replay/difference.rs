//! Two texts, line by line: what one has and the other has not, with a few lines around.

/// How many equal lines are shown around a difference.
const AROUND: usize = 3;

/// Beyond so many pairs of lines the texts are shown one after the other.
const MOST_PAIRS: usize = 16_000_000;

/// The lines in which `expected` (marked `-`) and `found` (marked `+`) differ; empty where they do not.
pub(super) fn difference(expected: &str, found: &str) -> String {
    if expected == found {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let marked = marked(&old, &new);
    let near = |index: usize| {
        let around = marked.iter().skip(index.saturating_sub(AROUND)).take(AROUND + 1 + index.min(AROUND));
        around.into_iter().any(|(mark, _)| *mark != ' ')
    };
    let mut text = String::new();
    let mut left_out = false;
    for (index, (mark, line)) in marked.iter().enumerate() {
        if near(index) {
            text.push_str(&format!("{mark} {line}\n"));
        } else if !left_out {
            text.push_str("  ...\n");
        }
        left_out = !near(index);
    }
    text
}

/// Every line of either text, in order, marked by which text has it.
fn marked<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        let gone = old.iter().map(|line| ('-', *line));
        return gone.chain(new.iter().map(|line| ('+', *line))).collect();
    }
    let common = common(old, new);
    let length = |i: usize, j: usize| common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => {
                lines.push((' ', *one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || length(i + 1, j) >= length(i, j + 1) => {
                lines.push(('-', *one));
                i += 1;
            }
            (_, Some(other)) => {
                lines.push(('+', *other));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

/// How many lines the rests from each pair on have in common, in order.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut rows: Vec<Vec<u32>> = vec![vec![0; new.len() + 1]];
    for one in old.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0u32];
        for (j, other) in new.iter().enumerate().rev() {
            let same = below.get(j + 1).copied().unwrap_or(0) + 1;
            let without = below.get(j).copied().unwrap_or(0).max(row.last().copied().unwrap_or(0));
            row.push(if one == other { same } else { without });
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, found: &str, shown: &str) {
        assert_eq!(difference(expected, found), shown);
    }

    #[test]
    fn only_what_differs_and_a_little_around_is_shown() {
        check("a\nb", "a\nb", "");
        check("a\nb\nc", "a\nx\nc", "  a\n- b\n+ x\n  c\n");
        check("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n6\n7", "  ...\n  4\n  5\n  6\n+ 7\n");
        check("0\n1\n2\n3\n4", "1\n2\n3\n4", "- 0\n  1\n  2\n  3\n  ...\n");
        check("", "a", "+ a\n");
        check("a\nb", "", "- a\n- b\n");
    }
}
