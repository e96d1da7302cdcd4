//! What was found, as tables for people and as JSON.

use comfy_table::{CellAlignment, Table, presets};
use grantbook::bench::{shown, shown_time as time};
use serde_json::{Value, json};

use crate::contest::{Aim, Line, Row, Side, Unit, Verdict};

/// The table of one row: who, its median, its spread, the slowest hundredth, and how much better Grantbook is.
pub(crate) fn table(row: &Row) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for line in &row.lines {
        table.add_row(cells(row, line));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{}: {}\n{table}\n", row.name, row.work);
    for verdict in row.verdicts() {
        text.push_str(&format!("  {}\n", sentence(row, &verdict)));
    }
    text
}

fn cells(row: &Row, line: &Line) -> Vec<String> {
    let side = match line.side {
        Side::Limit => "limit",
        Side::Peer => "peer",
        Side::Ours => "",
    };
    let mut cells = vec![format!("  {side}"), line.who.to_owned()];
    if let Some(why) = &line.absent {
        cells.push(format!("not measured: {why}"));
        return cells;
    }
    let (least, greatest) = line.spread();
    cells.push(figure(row.unit, line.median()));
    cells.push(format!("{} .. {}", figure(row.unit, least), figure(row.unit, greatest)));
    cells.push(line.tail().map(|tail| format!("p99 {}", time(tail))).unwrap_or_default());
    cells.push(match (line.side, row.ratio(line)) {
        (Side::Ours, _) | (Side::Limit | Side::Peer, None) => String::new(),
        (Side::Limit | Side::Peer, Some(ratio)) => format!("Grantbook {} of it", times(ratio)),
    });
    cells
}

/// One line for each aim of each row.
pub(crate) fn verdicts(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["row", "verdict"]);
    for row in rows {
        for verdict in row.verdicts() {
            table.add_row([row.name.clone(), sentence(row, &verdict)]);
        }
    }
    table.to_string()
}

fn sentence(row: &Row, verdict: &Verdict) -> String {
    let word = if verdict.reached { "reached" } else { "NOT reached" };
    match verdict.aim {
        Aim::ShareOf(who, least) => format!("{word}: {} of {who}, to reach {}", times(verdict.found), times(least)),
        Aim::Figure(aim) => format!("{word}: {}, to reach {}", figure(row.unit, verdict.found), figure(row.unit, aim)),
        Aim::Tail(most) => format!("{word}: p99 {}, to reach {}", time(verdict.found), time(most)),
    }
}

/// The table as Markdown, a line a row: the limits, the peers, Grantbook, and what it was to reach.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut text = "| work | limit | peers | Grantbook | to reach |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for row in rows {
        let on = |side| {
            let told = row.lines.iter().filter(|line| line.side == side).map(|line| match &line.absent {
                Some(_) => format!("{} not measured", line.who),
                None => format!("{} {}", line.who, figure(row.unit, line.median())),
            });
            told.collect::<Vec<_>>().join(", ")
        };
        let ours = row.ours().map(|line| {
            let (least, greatest) = line.spread();
            let tail = line.tail().map(|tail| format!(", p99 {}", time(tail))).unwrap_or_default();
            format!(
                "**{}** ({} .. {}){tail}",
                figure(row.unit, line.median()),
                figure(row.unit, least),
                figure(row.unit, greatest)
            )
        });
        let verdicts: Vec<String> = row.verdicts().iter().map(|verdict| sentence(row, verdict)).collect();
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            row.work,
            on(Side::Limit),
            on(Side::Peer),
            ours.unwrap_or_default(),
            verdicts.join("; ")
        ));
    }
    text
}

/// Everything, by row.
pub(crate) fn json(rows: &[Row]) -> Value {
    let line = |row: &Row, line: &Line| {
        let (least, greatest) = line.spread();
        let side = match line.side {
            Side::Limit => "limit",
            Side::Peer => "peer",
            Side::Ours => "grantbook",
        };
        let figures: Vec<f64> = line.turns.iter().map(|turn| turn.figure).collect();
        match &line.absent {
            Some(why) => json!({"who": line.who, "side": side, "not_measured": why}),
            None => {
                json!({"who": line.who, "side": side, "median": line.median(), "least": least, "greatest": greatest,
                "p99_seconds": line.tail(), "rounds": figures, "grantbook_to_it": row.ratio(line)})
            }
        }
    };
    let one = |row: &Row| {
        let unit = match row.unit {
            Unit::PerSecond => "per_second",
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
        };
        let verdict = |verdict: &Verdict| json!({"verdict": sentence(row, verdict), "reached": verdict.reached});
        let lines: Vec<Value> = row.lines.iter().map(|each| line(row, each)).collect();
        let verdicts: Vec<Value> = row.verdicts().iter().map(verdict).collect();
        json!({"row": row.name, "work": row.work, "unit": unit, "contestants": lines, "verdicts": verdicts})
    };
    rows.iter().map(one).collect()
}

fn figure(unit: Unit, value: f64) -> String {
    match unit {
        Unit::PerSecond => format!("{}/s", shown(value)),
        Unit::Seconds => time(value),
        Unit::Bytes => format!("{} B", shown(value)),
    }
}

fn times(ratio: f64) -> String {
    format!("{}x", shown(ratio))
}
