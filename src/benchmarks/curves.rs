//! The curves of growth as a picture: size to the right, time upwards, both by powers of ten, so that a flat line is a flat
//! cost and a slope of one is a cost in proportion.

use grantbook::bench::growth::{Curve, Growth};
use grantbook::bench::{shown, shown_time};

/// A panel's width and height, in pixels; and what is around it.
const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 330.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 44.0;
const BETWEEN: f64 = 88.0;
/// The list of names: its distance from the panels, and the height of a line in it.
const NAMES: f64 = 58.0;
const LINE: f64 = 20.0;
/// Names beside each other.
const COLUMNS: usize = 4;

/// Of each curve its hue; its dashes tell it apart for those who see none.
const HUES: [u32; 6] = [210, 25, 145, 330, 265, 50];
const DASHES: [&str; 2] = ["none", "6 3"];

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:14px;font-weight:600}.grid{stroke:#ddd}.paper{fill:#fff}\
.curve{fill:none;stroke-width:2}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.paper{fill:#161616}}";

/// The range of one axis, in powers of ten.
#[derive(Clone, Copy)]
struct Axis {
    from: i32,
    to: i32,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone) -> Axis {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let greatest = values.fold(f64::MIN_POSITIVE, f64::max);
        if least > greatest {
            return Axis { from: 0, to: 1 };
        }
        let (from, to) = (least.log10().floor() as i32, greatest.log10().ceil() as i32);
        Axis { from, to: to.max(from + 1) }
    }

    /// Where a value lies, from 0 to 1.
    fn place(self, value: f64) -> f64 {
        (value.log10() - f64::from(self.from)) / f64::from(self.to - self.from)
    }

    fn powers(self) -> impl Iterator<Item = f64> {
        (self.from..=self.to).map(|power| 10_f64.powi(power))
    }
}

/// The picture, as SVG.
pub(crate) fn svg(growth: &Growth) -> String {
    let panels = [("entries", &growth.entries), ("accounts", &growth.accounts)];
    let times = panels.iter().flat_map(|(_, curves)| curves.iter()).flat_map(|curve| curve.points.iter());
    let up = Axis::over(times.map(|(_, seconds)| *seconds));
    let mut body = String::new();
    for (number, (along, curves)) in panels.into_iter().enumerate() {
        let x = LEFT + number as f64 * (WIDTH + BETWEEN);
        body.push_str(&panel(along, curves, x, up));
    }
    let names: Vec<&str> = growth.entries.iter().map(|curve| curve.name).collect();
    body.push_str(&list(&names));
    let width = LEFT + 2.0 * WIDTH + BETWEEN + 30.0;
    let height = TOP + HEIGHT + NAMES + LINE * names.len().div_ceil(COLUMNS) as f64;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\">\n<title>What a command and each question cost as the history grows</title>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n"
    )
}

fn panel(along: &str, curves: &[Curve], left: f64, up: Axis) -> String {
    let sizes = curves.iter().flat_map(|curve| curve.points.iter()).map(|(size, _)| *size as f64);
    let across = Axis::over(sizes);
    let (x, y) =
        (|size: f64| left + WIDTH * across.place(size), |seconds: f64| TOP + HEIGHT * (1.0 - up.place(seconds)));
    let mut body = format!("<text class=\"title\" x=\"{left}\" y=\"24\">Time of one, by {along}</text>\n");
    for seconds in up.powers() {
        let at = y(seconds);
        body.push_str(&format!(
            "<line class=\"grid\" x1=\"{left}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            left + WIDTH,
            left - 8.0,
            at + 4.0,
            shown_time(seconds)
        ));
    }
    for size in across.powers() {
        let at = x(size);
        body.push_str(&format!(
            "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{}\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
            TOP + HEIGHT,
            TOP + HEIGHT + 18.0,
            shown(size)
        ));
    }
    for (number, curve) in curves.iter().enumerate() {
        let points = curve.points.iter().map(|(size, seconds)| format!("{:.1},{:.1}", x(*size as f64), y(*seconds)));
        let points: Vec<String> = points.collect();
        body.push_str(&format!("<polyline {} points=\"{}\"/>\n", look(number), points.join(" ")));
    }
    body
}

/// Which line is whose.
fn list(names: &[&str]) -> String {
    let mut body = String::new();
    for (number, name) in names.iter().enumerate() {
        let x = LEFT + (number % COLUMNS) as f64 * 205.0;
        let y = TOP + HEIGHT + NAMES - 10.0 + LINE * (number / COLUMNS) as f64;
        body.push_str(&format!(
            "<polyline {} points=\"{x},{} {},{}\"/><text x=\"{}\" y=\"{y}\">{name}</text>\n",
            look(number),
            y - 4.0,
            x + 26.0,
            y - 4.0,
            x + 34.0
        ));
    }
    body
}

fn look(number: usize) -> String {
    let hue = HUES.get(number % HUES.len()).copied().unwrap_or_default();
    let dashes = DASHES.get(number / HUES.len() % DASHES.len()).copied().unwrap_or("none");
    format!("class=\"curve\" stroke=\"hsl({hue} 65% 45%)\" stroke-dasharray=\"{dashes}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook::bench::growth::Shape;

    #[test]
    fn a_flat_curve_is_a_flat_line() {
        let curve = |name, times: [f64; 2]| Curve {
            name,
            shape: Shape::Flat,
            points: vec![(100, times[0]), (10_000, times[1])],
        };
        let growth =
            Growth { entries: vec![curve("flat", [1e-3, 1e-3]), curve("steep", [1e-4, 1e-2])], accounts: Vec::new() };
        let svg = svg(&growth);
        // Between 100 us and 10 ms, 1 ms is half-way up.
        assert!(svg.contains("points=\"62.0,209.0 442.0,209.0\""), "{svg}");
        assert!(svg.contains("points=\"62.0,374.0 442.0,44.0\""), "{svg}");
        assert!(svg.contains(">steep</text>") && svg.contains(">1.00 ms</text>"), "{svg}");
    }
}
