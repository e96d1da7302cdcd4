//! What the bench found, as a table for people and as JSON.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Map, Value, json};

/// What a figure should be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Aim {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// One figure.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// Its name in JSON.
    pub key: String,
    /// What it is, in words.
    pub words: String,
    /// Its unit; empty for ratios.
    pub unit: &'static str,
    /// The figure itself.
    pub value: f64,
    /// What it should be.
    pub aim: Option<Aim>,
}

/// All that the bench found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Figures {
    all: Vec<Figure>,
}

impl Figure {
    pub(crate) fn new(key: impl Into<String>, words: impl Into<String>, unit: &'static str, value: f64) -> Figure {
        Figure { key: key.into(), words: words.into(), unit, value, aim: None }
    }

    pub(crate) fn aiming(self, aim: Aim) -> Figure {
        Figure { aim: Some(aim), ..self }
    }

    /// Whether it is what it should be.
    pub fn reached(&self) -> bool {
        match self.aim {
            Some(Aim::AtLeast(least)) => self.value >= least,
            Some(Aim::AtMost(most)) => self.value <= most,
            None => true,
        }
    }
}

impl Figures {
    pub(crate) fn add(&mut self, key: impl Into<String>, words: impl Into<String>, unit: &'static str, value: f64) {
        self.push(Figure::new(key, words, unit, value));
    }

    pub(crate) fn push(&mut self, figure: Figure) {
        self.all.push(figure);
    }

    /// Every figure, in the order of the table.
    pub fn all(&self) -> &[Figure] {
        &self.all
    }

    /// The JSON form: an object with the figures by name.
    pub fn json(&self) -> Value {
        let one = |figure: &Figure| {
            let aim = match figure.aim {
                Some(Aim::AtLeast(least)) => json!({"at_least": least, "reached": figure.reached()}),
                Some(Aim::AtMost(most)) => json!({"at_most": most, "reached": figure.reached()}),
                None => Value::Null,
            };
            let value = json!({"value": figure.value, "unit": figure.unit, "words": figure.words.trim(), "aim": aim});
            (figure.key.clone(), value)
        };
        Value::Object(self.all.iter().map(one).collect::<Map<_, _>>())
    }

    /// Writes the table.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(["what", "median", "", "aim"]);
        for figure in &self.all {
            let aim = match figure.aim {
                Some(Aim::AtLeast(least)) => format!("{} {} or more", reached(figure), shown(least)),
                Some(Aim::AtMost(most)) => format!("{} {} or less", reached(figure), shown(most)),
                None => String::new(),
            };
            table.add_row([figure.words.clone(), shown(figure.value), figure.unit.to_owned(), aim]);
        }
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(out, "{table}")
    }
}

fn reached(figure: &Figure) -> &'static str {
    if figure.reached() { "reached:" } else { "NOT reached:" }
}

/// Three digits that count, with thousands apart.
pub fn shown(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.2}");
    }
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time with the unit that suits it.
pub fn shown_time(seconds: f64) -> String {
    match seconds {
        under if under < 1e-6 => format!("{} ns", shown(under * 1e9)),
        under if under < 1e-3 => format!("{} us", shown(under * 1e6)),
        under if under < 1.0 => format!("{} ms", shown(under * 1e3)),
        _ => format!("{} s", shown(seconds)), // any longer time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_the_digits_that_count() {
        assert_eq!(
            [0.756, 12.34, 999.4, 1234.0, 1_234_567.0].map(shown),
            ["0.76", "12.3", "999", "1,234", "1,234,567"]
        );
    }

    #[test]
    fn times_are_shown_in_the_unit_that_suits() {
        assert_eq!([2e-7, 5e-5, 0.012, 3.0].map(shown_time), ["200 ns", "50.0 us", "12.0 ms", "3.00 s"]);
    }

    #[test]
    fn an_aim_is_reached_or_not() {
        let figure = |value, aim| Figure::new("key", "words", "", value).aiming(aim).reached();
        assert!(figure(0.7, Aim::AtLeast(0.7)) && !figure(0.69, Aim::AtLeast(0.7)));
        assert!(figure(3.0, Aim::AtMost(3.0)) && !figure(3.1, Aim::AtMost(3.0)));
    }
}
