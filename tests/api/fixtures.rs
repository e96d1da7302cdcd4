//! The replay fixtures held against the server's own description: their entries and views are those of two dozen histories,
//! of which scripts show only a part.

use std::path::Path;

use serde_json::Value;

use crate::installation::Installation;

#[tokio::test]
async fn entries_and_views_of_every_fixture_are_as_they_are_described() {
    let description = Installation::in_memory().await.description().await;
    let folders = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures")).unwrap();
    let (mut entries, mut views, mut complaints) = (0, 0, Vec::new());
    let mut held = |place: String, schema: &str, value: &Value| {
        complaints.extend(description.fits(schema, value).err().map(|complaint| format!("{place}: {complaint}")));
    };
    for folder in folders.map(|folder| folder.unwrap().path()).filter(|folder| folder.join("fixture.json").exists()) {
        let shown = folder.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(folder.join("entries.jsonl")).unwrap();
        for (number, line) in text.lines().enumerate() {
            let mut entry: Value = serde_json::from_str(line).unwrap();
            // People who write entries may write null for what is not set, which answers leave out.
            for event in entry["events"].as_array_mut().unwrap() {
                event.as_object_mut().unwrap().retain(|name, value| name == "authority" || !value.is_null());
            }
            held(format!("{shown}: line {}", number + 1), "Entry", &entry);
            entries += 1;
        }
        for file in std::fs::read_dir(folder.join("views")).unwrap().map(|file| file.unwrap().path()) {
            // `0030-app-users.json`: a point and a view; what is no JSON is for people.
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let Some(stem) = name.strip_suffix(".json") else { continue };
            let named = description.views().into_iter().filter(|(view, _)| stem.ends_with(&format!("-{view}")));
            let Some((_, schema)) = named.max_by_key(|(view, _)| view.len()) else { panic!("{name} is of no view") };
            let value: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            held(format!("{shown}: {name}"), schema, &value);
            views += 1;
        }
    }
    assert!(entries > 300 && views > 50, "{entries} entries, {views} views");
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
