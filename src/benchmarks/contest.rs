//! One row: the limit, the peers and Grantbook at the same work, taking turns.

use grantbook::bench::slice::{Slice, median};

/// What a figure counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    /// A second: more is better.
    PerSecond,
    /// Seconds: less is better.
    Seconds,
    /// Bytes: less is better.
    Bytes,
}

/// On which side somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// What the machine can do, with nothing of Grantbook's around it.
    Limit,
    /// Somebody else's software.
    Peer,
    /// Grantbook.
    Ours,
}

/// What a row is to reach. All of them are about Grantbook's figure.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Aim {
    /// This share of another contestant's figure in the same round, or more.
    ShareOf(&'static str, f64),
    /// This or better.
    Figure(f64),
    /// 99 of 100 within so many seconds.
    Tail(f64),
}

/// What came of one turn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Turn {
    /// The figure, in the row's unit.
    pub(crate) figure: f64,
    /// What 99 of 100 took at most, in seconds, where that was measured.
    pub(crate) tail: Option<f64>,
}

impl Turn {
    /// A figure alone.
    pub(crate) fn of(figure: f64) -> Turn {
        Turn { figure, tail: None }
    }

    /// So many a second.
    pub(crate) fn rate(slice: &Slice) -> Turn {
        Turn::of(slice.per_second())
    }

    /// So many a second, and the slowest hundredth.
    pub(crate) fn rate_and_tail(slice: &Slice) -> Turn {
        Turn { tail: Some(slice.quantile_seconds(0.99)), ..Turn::rate(slice) }
    }
}

/// What one contestant did in all rounds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Line {
    /// Who.
    pub(crate) who: &'static str,
    /// On which side.
    pub(crate) side: Side,
    /// Each round's turn.
    pub(crate) turns: Vec<Turn>,
    /// Why it did not take part.
    pub(crate) absent: Option<String>,
}

impl Line {
    /// The median of its figures; 0 of none.
    pub(crate) fn median(&self) -> f64 {
        median(self.turns.iter().map(|turn| turn.figure))
    }

    /// Its least and its greatest figure.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let figures = || self.turns.iter().map(|turn| turn.figure);
        (figures().fold(f64::INFINITY, f64::min), figures().fold(0.0, f64::max))
    }

    /// The median of its slowest hundredths, in seconds.
    pub(crate) fn tail(&self) -> Option<f64> {
        let tails: Vec<f64> = self.turns.iter().filter_map(|turn| turn.tail).collect();
        (!tails.is_empty()).then(|| median(tails.into_iter()))
    }
}

/// A row of the table, measured.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Row {
    /// Its name, for `--only` and JSON.
    pub(crate) name: String,
    /// The work, in words.
    pub(crate) work: String,
    /// What its figures count.
    pub(crate) unit: Unit,
    /// Who took part.
    pub(crate) lines: Vec<Line>,
    /// What it is to reach.
    pub(crate) aims: Vec<Aim>,
}

/// Whether something was reached.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Verdict {
    /// The aim.
    pub(crate) aim: Aim,
    /// What was found instead.
    pub(crate) found: f64,
    /// Whether that is enough.
    pub(crate) reached: bool,
}

impl Row {
    /// What Grantbook did.
    pub(crate) fn ours(&self) -> Option<&Line> {
        self.lines.iter().find(|line| line.side == Side::Ours)
    }

    /// How much better Grantbook is than another: of each round the ratio, then the median, since what disturbed a round
    /// disturbed both.
    pub(crate) fn ratio(&self, other: &Line) -> Option<f64> {
        let ours = self.ours()?;
        let of_round = |(ours, other): (&Turn, &Turn)| match self.unit {
            Unit::PerSecond => ours.figure / other.figure,
            Unit::Seconds | Unit::Bytes => other.figure / ours.figure,
        };
        let ratios: Vec<f64> = ours.turns.iter().zip(&other.turns).map(of_round).collect();
        (!ratios.is_empty()).then(|| median(ratios.into_iter()))
    }

    /// Each aim, and whether it was reached.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let Some(ours) = self.ours() else { return Vec::new() };
        let verdict = |aim: &Aim| {
            let (found, reached) = match aim {
                Aim::ShareOf(who, least) => {
                    let other = self.lines.iter().find(|line| line.who == *who);
                    let found = other.and_then(|other| self.ratio(other)).unwrap_or(0.0);
                    (found, found >= *least)
                }
                Aim::Figure(figure) => match self.unit {
                    Unit::PerSecond => (ours.median(), ours.median() >= *figure),
                    Unit::Seconds | Unit::Bytes => (ours.median(), ours.median() <= *figure),
                },
                Aim::Tail(most) => {
                    let found = ours.tail().unwrap_or(f64::INFINITY);
                    (found, found <= *most)
                }
            };
            Verdict { aim: *aim, found, reached }
        };
        self.aims.iter().map(verdict).collect()
    }
}

type Doing<'a> = Box<dyn FnMut() -> anyhow::Result<Turn> + 'a>;

/// A row that is being measured.
pub(crate) struct Contest<'a> {
    row: Row,
    doing: Vec<Option<Doing<'a>>>,
}

impl<'a> Contest<'a> {
    /// A contest at some work.
    pub(crate) fn new(name: impl Into<String>, work: impl Into<String>, unit: Unit) -> Contest<'a> {
        let row = Row { name: name.into(), work: work.into(), unit, lines: Vec::new(), aims: Vec::new() };
        Contest { row, doing: Vec::new() }
    }

    /// What it is to reach.
    pub(crate) fn aim(mut self, aim: Aim) -> Contest<'a> {
        self.row.aims.push(aim);
        self
    }

    /// Somebody takes part.
    pub(crate) fn takes_part(
        &mut self,
        side: Side,
        who: &'static str,
        doing: impl FnMut() -> anyhow::Result<Turn> + 'a,
    ) {
        self.row.lines.push(Line { who, side, turns: Vec::new(), absent: None });
        self.doing.push(Some(Box::new(doing)));
    }

    /// A peer cannot take part here.
    pub(crate) fn is_absent(&mut self, who: &'static str, why: impl Into<String>) {
        self.row.lines.push(Line { who, side: Side::Peer, turns: Vec::new(), absent: Some(why.into()) });
        self.doing.push(None);
    }

    /// Lets all take turns for so many rounds.
    ///
    /// Errors: those of whoever has its turn.
    pub(crate) fn run(mut self, rounds: usize) -> anyhow::Result<Row> {
        for _ in 0..rounds {
            for (line, doing) in self.row.lines.iter_mut().zip(&mut self.doing) {
                if let Some(doing) = doing {
                    line.turns.push(doing()?);
                }
            }
        }
        Ok(self.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(unit: Unit, ours: &[f64], limit: &[f64], aims: Vec<Aim>) -> Row {
        let line = |who, side, figures: &[f64]| Line {
            who,
            side,
            turns: figures.iter().map(|figure| Turn { figure: *figure, tail: Some(0.001) }).collect(),
            absent: None,
        };
        let lines = vec![line("limit", Side::Limit, limit), line("Grantbook", Side::Ours, ours)];
        Row { name: String::new(), work: String::new(), unit, lines, aims }
    }

    #[test]
    fn a_ratio_is_of_rounds_and_says_how_much_better() {
        let row = row(Unit::PerSecond, &[50.0, 10.0, 60.0], &[100.0, 20.0, 100.0], vec![Aim::ShareOf("limit", 0.5)]);
        assert_eq!(row.ratio(&row.lines[0]), Some(0.5));
        assert!(row.verdicts()[0].reached);
        let row = super::tests::row(Unit::Bytes, &[50.0], &[100.0], vec![Aim::Figure(49.0), Aim::Tail(0.001)]);
        assert_eq!(row.ratio(&row.lines[0]), Some(2.0));
        assert_eq!(row.verdicts().iter().map(|verdict| verdict.reached).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn all_take_turns() {
        let turns = std::cell::RefCell::new(String::new());
        let mut contest = Contest::new("row", "work", Unit::PerSecond);
        for (side, who) in [(Side::Limit, "a"), (Side::Ours, "b")] {
            let turns = &turns;
            contest.takes_part(side, who, move || {
                turns.borrow_mut().push_str(who);
                Ok(Turn::of(1.0))
            });
        }
        contest.is_absent("c", "not here");
        let row = contest.run(2).unwrap();
        assert_eq!(*turns.borrow(), "abab");
        assert_eq!(row.lines.iter().map(|line| line.turns.len()).collect::<Vec<_>>(), [2, 2, 0]);
    }
}
