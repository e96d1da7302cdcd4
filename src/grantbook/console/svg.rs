//! Drawings, made here as SVG: the marks above the slider and the chart of the time machine.

use std::fmt::Write;

use askama::filters::{Html, escape};

/// Text as it stands in markup.
pub(crate) fn escaped(text: &str) -> String {
    escape(text, Html).map(|escaped| escaped.to_string()).unwrap_or_default()
}

/// The height of a bar of `most`: what happened seldom is still seen.
fn height(count: u64, greatest: u64, most: f64) -> f64 {
    if count == 0 || greatest == 0 {
        return 0.0;
    }
    // By the square root, so that one great import does not flatten all the rest.
    ((count as f64) / (greatest as f64)).sqrt().mul_add(most - 2.0, 2.0)
}

/// Bars above the slider: where much happened. Empty where nothing was counted.
pub(crate) fn marks(counts: &[u64]) -> String {
    let greatest = counts.iter().copied().max().unwrap_or(0);
    let width = 1_000.0 / (counts.len().max(1) as f64);
    let mut drawing = String::from(
        r#"<svg id="marks" class="marks" viewBox="0 0 1000 22" preserveAspectRatio="none" aria-hidden="true" focusable="false">"#,
    );
    for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let tall = height(*count, greatest, 22.0);
        let (x, y) = (index as f64 * width, 22.0 - tall);
        // Writing to a text cannot fail.
        let _ = write!(drawing, r#"<rect x="{x:.1}" y="{y:.1}" width="{:.1}" height="{tall:.1}"/>"#, width - 1.0);
    }
    drawing.push_str("</svg>");
    drawing
}

/// One bar of a chart.
pub(crate) struct Bar {
    pub(crate) count: u64,
    /// What it stands for, in words.
    pub(crate) words: String,
    /// The page that it leads to.
    pub(crate) to: String,
    /// What is written below it; empty for nothing.
    pub(crate) label: String,
    /// Whether the point that is looked from lies here.
    pub(crate) here: bool,
}

/// A chart of bars, each a link.
pub(crate) fn chart(bars: &[Bar]) -> String {
    const WIDTH: f64 = 1_100.0;
    const TALL: f64 = 150.0;
    let greatest = bars.iter().map(|bar| bar.count).max().unwrap_or(0);
    let each = WIDTH / (bars.len().max(1) as f64);
    let mut drawing = format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {}" width="{WIDTH}" height="{}" role="group" aria-label="Entries over time">"#,
        TALL + 24.0,
        TALL + 24.0
    );
    let _ = write!(drawing, r#"<line x1="0" x2="{WIDTH}" y1="{TALL}" y2="{TALL}"/>"#);
    for (index, bar) in bars.iter().enumerate() {
        let x = index as f64 * each;
        let tall = height(bar.count, greatest, TALL - 6.0);
        if bar.here {
            let _ =
                write!(drawing, r#"<line class="now" x1="{0:.1}" x2="{0:.1}" y1="0" y2="{TALL}"/>"#, x + each / 2.0);
        }
        if bar.count > 0 {
            let (to, words) = (escaped(&bar.to), escaped(&bar.words));
            let _ = write!(
                drawing,
                r#"<a href="{to}" aria-label="{words}"><title>{words}</title><rect x="{:.1}" y="{:.1}" width="{:.1}" height="{tall:.1}"/></a>"#,
                x + 0.5,
                TALL - tall,
                (each - 1.0).max(1.0)
            );
        }
        if !bar.label.is_empty() {
            let _ = write!(drawing, r#"<text x="{x:.1}" y="{}">{}</text>"#, TALL + 16.0, escaped(&bar.label));
        }
    }
    drawing.push_str("</svg>");
    drawing
}
