//! How fast a replay reads small entries: `cargo test --release -p grantbook-encoding --test speed -- --nocapture`.

use grantbook_encoding::samples::samples;
use grantbook_encoding::{decode, encode};
use grantbook_events::Entry;

#[test]
fn the_speed_of_reading_is_printed() {
    let small: Vec<Vec<u8>> = samples()
        .iter()
        .filter(|entry| entry.events.len() == 1)
        .map(|entry| {
            let mut bytes = Vec::new();
            encode(entry, &mut bytes).unwrap();
            bytes
        })
        .collect();
    let sizes: usize = small.iter().map(Vec::len).sum();
    let runs = if cfg!(debug_assertions) { 20 } else { 10_000 };
    let start = std::time::Instant::now();
    for _ in 0..runs {
        small.iter().for_each(|bytes| assert!(decode(std::hint::black_box(bytes)).is_ok()));
    }
    let reading = start.elapsed().as_secs_f64();
    let entries: Vec<Entry> = small.iter().map(|bytes| decode(bytes).unwrap()).collect();
    let mut into = Vec::new();
    let start = std::time::Instant::now();
    for _ in 0..runs {
        for entry in &entries {
            into.clear();
            encode(std::hint::black_box(entry), &mut into).unwrap();
        }
    }
    let writing = start.elapsed().as_secs_f64();
    let count = (runs * small.len()) as f64;
    println!(
        "{} bytes an entry on average; {:.2}M entries/s read, {:.2}M written",
        sizes / small.len(),
        count / reading / 1e6,
        count / writing / 1e6
    );
}
