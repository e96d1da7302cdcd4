//! Some time of doing one thing again and again, and what is said of it.

use std::time::Duration;

/// Some time of doing one thing again and again.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Slice {
    /// How often it was done.
    pub done: u64,
    /// How long that took in all.
    pub took: Duration,
    /// How long each took, or some of them; empty where that was not measured.
    pub each: Vec<Duration>,
}

impl Slice {
    /// How often a second.
    pub fn per_second(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// What half of them took at most, in seconds.
    pub fn median_seconds(&self) -> f64 {
        median(self.each.iter().map(Duration::as_secs_f64))
    }

    /// What this share of them, from 0 to 1, took at most, in seconds; 0 where nothing was measured.
    pub fn quantile_seconds(&self, share: f64) -> f64 {
        let mut each = self.each.clone();
        each.sort_unstable();
        let index = (each.len() as f64 * share) as usize;
        each.get(index.min(each.len().saturating_sub(1))).map_or(0.0, Duration::as_secs_f64)
    }
}

/// The middle one of some figures; 0 of none.
pub fn median(all: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = all.collect();
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    match all.len() {
        0 => 0.0,
        even if even.is_multiple_of(2) => {
            let pair = all.get(middle.saturating_sub(1)).zip(all.get(middle));
            pair.map_or(0.0, |(one, other)| (one + other) / 2.0)
        }
        _ => all.get(middle).copied().unwrap_or(0.0), // any other count is odd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), 2.5);
        assert_eq!(median(std::iter::empty()), 0.0);
    }

    #[test]
    fn a_quantile_is_what_so_many_took_at_most() {
        let slice = Slice { each: (1..=100).rev().map(Duration::from_secs).collect(), ..Slice::default() };
        assert_eq!(slice.quantile_seconds(0.99), 100.0);
        assert_eq!(slice.quantile_seconds(0.5), 51.0);
        assert_eq!(slice.quantile_seconds(1.0), 100.0);
        assert_eq!(Slice::default().quantile_seconds(0.5), 0.0);
    }
}
