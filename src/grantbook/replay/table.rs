//! Small tables of words, as people write them in a fixture: columns apart by spaces, the first line the heading, lines
//! that begin with `#` for people.

/// A table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Table {
    /// What stands above it for people, line by line.
    comments: Vec<String>,
    /// The heading.
    pub(super) heading: Vec<String>,
    /// The rows, each as wide as the heading.
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a table. Errors: it has no heading, or a row is not as wide as it.
    pub(super) fn read(text: &str) -> Result<Table, String> {
        let (comments, lines): (Vec<&str>, Vec<&str>) =
            text.lines().filter(|line| !line.trim().is_empty()).partition(|line| line.starts_with('#'));
        let words = |line: &&str| line.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        let mut rows: Vec<Vec<String>> = lines.iter().map(words).collect();
        if rows.is_empty() {
            return Err("expected a table with a heading".to_owned());
        }
        let heading = rows.remove(0);
        if let Some(row) = rows.iter().find(|row| row.len() != heading.len()) {
            let (wide, found) = (heading.len(), row.len());
            return Err(format!("`{}`: expected {wide} words as in the heading, found {found}", row.join(" ")));
        }
        Ok(Table { comments: comments.into_iter().map(str::to_owned).collect(), heading, rows })
    }

    /// The table as text, its columns straight.
    pub(super) fn text(&self) -> String {
        let all = || std::iter::once(&self.heading).chain(&self.rows);
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| all().filter_map(|row| row.get(column)).map(|word| word.chars().count()).max().unwrap_or(0))
            .collect();
        let mut text: String = self.comments.iter().map(|line| format!("{line}\n")).collect();
        for row in all() {
            let line: String = row.iter().zip(&widths).map(|(word, width)| format!("{word:width$}  ")).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_and_written_straight() {
        let table = Table::read("# who\ndo on bob\n\napp.use   datastation yes\nx - no\n").unwrap();
        assert_eq!(
            table.text(),
            "# who\ndo       on           bob\napp.use  datastation  yes\nx        -            no\n"
        );
        assert_eq!(Table::read(&table.text()), Ok(table));
        assert!(Table::read("a b\nc\n").unwrap_err().contains("expected 2 words"));
        assert!(Table::read("# nothing\n").is_err());
    }
}
