//! Curves and minutes, as tables for people and as JSON.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use super::figures::{shown, shown_time as time};
use super::growth::{Curve, Growth, Shape};
use super::sustained::Minute;

/// Writes a table for each of the two ways to grow.
///
/// Errors: those of `out`.
pub fn write_growth(growth: &Growth, out: &mut dyn Write) -> io::Result<()> {
    for (along, curves) in [("entries", &growth.entries), ("accounts", &growth.accounts)] {
        let sizes = curves.first().map_or(&[][..], |curve| &curve.points);
        let mut header = vec![format!("one takes, by {along}")];
        header.extend(sizes.iter().map(|(size, _)| shown(*size as f64)));
        header.extend(["grows as".to_owned(), "and may".to_owned()]);
        let mut table = plain(header);
        for curve in curves {
            let mut row = vec![curve.name.to_owned()];
            row.extend(curve.points.iter().map(|(_, seconds)| time(*seconds)));
            row.extend([format!("n^{:.2}", curve.power()), may(curve)]);
            table.add_row(row);
        }
        right(&mut table);
        writeln!(out, "{table}\n")?;
    }
    Ok(())
}

fn may(curve: &Curve) -> String {
    let shape = match curve.shape {
        Shape::Flat => "be flat",
        Shape::Linear => "be linear",
    };
    format!("{shape}{}", if curve.as_it_may() { "" } else { ", NOT so" })
}

/// The curves as JSON: by what grows, by name, a list of sizes and seconds.
pub fn growth_json(growth: &Growth) -> Value {
    let one = |curve: &Curve| {
        let points: Vec<Value> =
            curve.points.iter().map(|(size, seconds)| json!({"size": size, "seconds": seconds})).collect();
        let curve = json!({"points": points, "power": curve.power(), "as_it_may": curve.as_it_may(),
            "may_be": match curve.shape { Shape::Flat => "flat", Shape::Linear => "linear" }, "name": curve.name});
        curve
    };
    let all = |curves: &[Curve]| curves.iter().map(one).collect::<Vec<Value>>();
    json!({"entries": all(&growth.entries), "accounts": all(&growth.accounts)})
}

/// Writes the minutes of a load, and what stands out in them.
///
/// Errors: those of `out`.
pub fn write_sustained(minutes: &[Minute], out: &mut dyn Write) -> io::Result<()> {
    let header = ["minute", "commands/s", "p50", "p99", "longest", "memory", "entries"];
    let mut table = plain(header.map(str::to_owned).to_vec());
    for minute in minutes {
        table.add_row([
            minute.number.to_string(),
            shown(minute.per_second),
            time(minute.p50_seconds),
            time(minute.p99_seconds),
            time(minute.longest_seconds),
            format!("{} MiB", shown(minute.resident_bytes as f64 / 1_048_576.0)),
            shown(minute.entries as f64),
        ]);
    }
    right(&mut table);
    writeln!(out, "{table}")?;
    let (Some(first), Some(last)) = (minutes.first(), minutes.last()) else { return Ok(()) };
    let longest = minutes.iter().map(|minute| minute.longest_seconds).fold(0.0, f64::max);
    writeln!(out, "Longest that anybody waited: {}.", time(longest))?;
    if last.entries > first.entries {
        let bytes = last.resident_bytes.saturating_sub(first.resident_bytes) as f64;
        let each = bytes / (last.entries - first.entries) as f64;
        let kept = 100.0 * last.per_second / first.per_second;
        writeln!(
            out,
            "The last minute's throughput is {kept:.0}% of the first's; memory grew by {each:.0} bytes an entry."
        )?;
    }
    Ok(())
}

/// The minutes as JSON.
pub fn sustained_json(minutes: &[Minute]) -> Value {
    let one = |minute: &Minute| {
        json!({"minute": minute.number, "commands_per_second": minute.per_second, "p50_seconds": minute.p50_seconds,
            "p99_seconds": minute.p99_seconds, "longest_seconds": minute.longest_seconds,
            "resident_bytes": minute.resident_bytes, "entries": minute.entries})
    };
    minutes.iter().map(one).collect()
}

fn plain(header: Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table
}

/// All but the first column hold figures.
fn right(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_that_grows_as_it_may_not_is_told() {
        let curve = |shape| Curve { name: "can", shape, points: vec![(1_000, 0.000_05), (100_000, 0.005)] };
        let growth = Growth { entries: vec![curve(Shape::Flat)], accounts: vec![curve(Shape::Linear)] };
        let mut told = Vec::new();
        write_growth(&growth, &mut told).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("50.0 us") && told.contains("5.00 ms") && told.contains("n^1.00"), "{told}");
        assert_eq!(told.matches("NOT so").count(), 1, "{told}");
        assert_eq!(growth_json(&growth)["entries"][0]["as_it_may"], false);
    }

    #[test]
    fn minutes_are_told_with_what_stands_out() {
        let minute = |number, entries, longest_seconds| Minute {
            number,
            per_second: 1_000.0,
            p50_seconds: 0.001,
            p99_seconds: 0.004,
            longest_seconds,
            resident_bytes: 1_048_576 + entries * 40,
            entries,
        };
        let minutes = [minute(1, 1_000, 0.02), minute(2, 2_000, 0.01)];
        let mut told = Vec::new();
        write_sustained(&minutes, &mut told).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("Longest that anybody waited: 20.0 ms."), "{told}");
        assert!(told.contains("100% of the first's; memory grew by 40 bytes an entry"), "{told}");
        assert_eq!(sustained_json(&minutes)[1]["entries"], 2_000);
    }
}
