//! A consumer of the feed, over lost connections and killed servers: every entry once, in order.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::book::Book;
use crate::serving::Serving;

/// What a consumer keeps: the positions that it read.
#[derive(Default)]
struct Consumer {
    read: Vec<u64>,
}

/// A connection to the feed, going on where the consumer was.
struct Feed {
    lines: std::io::Lines<BufReader<TcpStream>>,
}

impl Consumer {
    fn connect(&self, server: &str, token: &str) -> Feed {
        let host = server.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let last = self.read.last().copied().unwrap_or_default();
        // Of HTTP 1.0, so that the body comes as it is.
        write!(
            stream,
            "GET /v1/tenants/abcimis/events/stream HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Last-Event-ID: {last}\r\n\r\n"
        )
        .unwrap();
        let mut lines = BufReader::new(stream).lines();
        assert!(lines.next().unwrap().unwrap().contains(" 200 "));
        Feed { lines }
    }

    /// Reads so many entries, and no more: what was sent beyond is lost with the connection.
    fn take(&mut self, feed: &mut Feed, count: usize) {
        for _ in 0..count {
            let data = loop {
                let line = feed.lines.next().unwrap().unwrap();
                if let Some(data) = line.strip_prefix("data:") {
                    break data.to_owned();
                }
            };
            let entry: Value = serde_json::from_str(&data).unwrap();
            self.read.push(entry["position"].as_u64().unwrap());
        }
    }
}

#[test]
fn every_entry_comes_once_and_in_order_over_20_reconnects_and_5_kills() {
    const RECONNECTS: usize = 20;
    let book = Book::with_people();
    let token = std::fs::read_to_string(book.dir().join("tokens/abcimis")).unwrap().trim().to_owned();
    let mut consumer = Consumer::default();
    let mut serving = Serving::start(&book);
    let mut written = 0;
    for round in 0..RECONNECTS {
        let mut feed = consumer.connect(&serving.address, &token);
        let commands = round % 3 + 1;
        for _ in 0..commands {
            book.run(&format!("do create_group --group made-{written}")).good();
            written += 1;
        }
        // Less than there is by now, so that something is always lost on its way.
        consumer.take(&mut feed, commands);
        if round % 4 == 3 {
            serving.kill();
            serving = Serving::start(&book);
        }
        drop(feed);
    }
    let last = book.json("events --order desc --limit 1")["entries"][0]["position"].as_u64().unwrap();
    let mut feed = consumer.connect(&serving.address, &token);
    let rest = usize::try_from(last).unwrap() - consumer.read.len();
    assert!(rest > 5, "the consumer was behind all along");
    consumer.take(&mut feed, rest);
    assert_eq!(consumer.read, (1..=last).collect::<Vec<_>>());
    drop(feed);
    serving.end();
}
