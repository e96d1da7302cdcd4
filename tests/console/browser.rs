//! In a real browser: Chromium, driven by `browser.mjs`, on the demo.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The demo, served until it is dropped.
struct Demo {
    process: Child,
    address: String,
    place: tempfile::TempDir,
}

impl Demo {
    fn start() -> Demo {
        let place = tempfile::TempDir::new().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_grantbook"))
            .arg("demo")
            .env("TMPDIR", place.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let console = lines.by_ref().find_map(|line| Some(line.split_once("in a browser: ")?.1.to_owned())).unwrap();
        lines.find(|line| line.starts_with("Serving on ")).unwrap();
        let address = console.split("/?").next().unwrap().to_owned();
        Demo { process, address, place }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
        let _ = &self.place;
    }
}

// rules: F10, U3
#[test]
fn people_use_it_in_a_browser() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/console");
    assert!(here.join("node_modules").is_dir(), "`tests/setup console` installs the browser and what drives it");
    let demo = Demo::start();
    let run = Command::new("node").arg(here.join("browser.mjs")).arg(&demo.address).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{out}\n{err}");
}
