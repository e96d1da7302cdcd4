//! Each form over the organisation example. Other people's validators look at them in `tests/long/exports`.

use grantbook_events::Event;
use serde_json::{Value, json};

use super::{Export, Format};

/// The entries of the organisation example.
fn entries() -> Vec<Value> {
    let lines = include_str!("../../../replay-fixtures/organisation/entries.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn exported(format: Format, entries: &[Value]) -> String {
    let mut export = Export::new(format);
    // In two parts, as pages come.
    let (first, second) = entries.split_at(entries.len() / 2);
    let parts = [export.entries(first), export.entries(second)];
    parts.concat() + &export.end()
}

fn events(entries: &[Value]) -> usize {
    entries.iter().map(|entry| entry["events"].as_array().unwrap().len()).sum()
}

#[test]
fn every_form_has_every_event_once() {
    let entries = entries();
    let count = events(&entries);
    assert_eq!(exported(Format::JsonLines, &entries).lines().count(), entries.len());
    assert_eq!(exported(Format::Ocsf, &entries).lines().count(), count);
    assert_eq!(exported(Format::Syslog, &entries).lines().count(), count);
    let batch: Vec<Value> = serde_json::from_str(&exported(Format::CloudEvents, &entries)).unwrap();
    let ids: std::collections::BTreeSet<&str> = batch.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!((batch.len(), ids.len()), (count, count));
    let text = exported(Format::Csv, &entries);
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), count);
}

/// Where `GRANTBOOK_EXPORT_TO` names a folder, what becomes of the stories is put there, to be looked at by others.
#[test]
fn every_story_can_be_exported() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures");
    let to = std::env::var_os("GRANTBOOK_EXPORT_TO").map(std::path::PathBuf::from);
    let mut stories: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    stories.sort();
    let mut all = Vec::new();
    for story in stories {
        let Ok(lines) = std::fs::read_to_string(story.join("entries.jsonl")) else { continue };
        let entries: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let name = story.file_name().unwrap().to_str().unwrap();
        if let Some(to) = &to {
            let file = to.join(format!("{name}.cloudevents"));
            std::fs::write(file, exported(Format::CloudEvents, &entries)).unwrap();
        }
        all.extend(entries);
    }
    for format in [Format::Ocsf, Format::Csv] {
        let text = exported(format, &all);
        assert!(text.lines().count() >= events(&all), "{format:?}");
        if let Some(to) = &to {
            std::fs::write(to.join(format.name()), text).unwrap();
        }
    }
}

#[test]
fn nothing_is_a_document_too() {
    assert_eq!(exported(Format::CloudEvents, &[]).split_whitespace().collect::<String>(), "[]");
    assert!(exported(Format::Csv, &[]).starts_with("tenant,position,event,at,"));
    assert_eq!(exported(Format::Ocsf, &[]), "");
}

#[test]
fn bob_making_jeff_an_admin_is_told_alike_in_every_form() {
    let entries = entries();
    let made = |entry: &&Value| entry["events"][0]["type"] == "admin_added" && entry["actor"]["id"] == "bob";
    let entry = entries.iter().find(made).unwrap();
    let position = entry["position"].as_u64().unwrap();
    let one = std::slice::from_ref(entry);

    let cloud: Value = serde_json::from_str(&exported(Format::CloudEvents, one)).unwrap();
    assert_eq!(cloud[0]["source"], "/v1/tenants/abcimis");
    assert_eq!(cloud[0]["id"], format!("{position}.0"));
    assert_eq!(cloud[0]["type"], "grantbook.admin_added.v1");
    assert_eq!(cloud[0]["subject"], "jeff");
    assert_eq!(cloud[0]["data"]["actor"]["id"], "bob");

    let ocsf: Value = serde_json::from_str(&exported(Format::Ocsf, one)).unwrap();
    assert_eq!((&ocsf["class_uid"], &ocsf["type_uid"]), (&json!(3005), &json!(300501)));
    assert_eq!((&ocsf["actor"]["user"]["uid"], &ocsf["user"]["uid"]), (&json!("bob"), &json!("jeff")));
    assert_eq!(ocsf["privileges"], json!(["Admin User"]));
    assert_eq!(ocsf["time"].as_i64().unwrap() / 1_000 * 1_000, ocsf["time"].as_i64().unwrap());

    let syslog = exported(Format::Syslog, one);
    let told = format!("position=\"{position}\"");
    assert!(syslog.starts_with("<109>1 2026-"), "{syslog}");
    assert!(syslog.contains(" abcimis grantbook - admin_added [grantbook@32473 "), "{syslog}");
    assert!(
        syslog.contains(&told) && syslog.ends_with("Bob S.: admin added: Jeff T., origin admin_user\n"),
        "{syslog}"
    );
}

#[test]
fn a_reason_that_is_a_formula_stays_text() {
    let mut entry = entries().remove(6);
    entry["reason"] = json!("=cmd|' /C calc'!A0");
    let text = exported(Format::Csv, std::slice::from_ref(&entry));
    let row = csv::Reader::from_reader(text.as_bytes()).records().next().unwrap().unwrap();
    assert_eq!(&row[10], "'=cmd|' /C calc'!A0");
}

#[test]
fn nothing_ends_a_syslog_message_early() {
    let mut entry = entries().remove(6);
    entry["reason"] = json!("first \"line\"]\nsecond");
    let text = exported(Format::Syslog, std::slice::from_ref(&entry));
    assert_eq!(text.lines().count(), 1);
    assert!(text.contains(r#"reason="first \"line\"\] second""#), "{text}");
    assert_eq!(super::syslog::framed("é"), "2 é");
}

#[test]
fn every_event_type_fits_into_syslogs_header() {
    assert!(Event::descriptions().all(|event| event.kind.len() <= 32));
}
