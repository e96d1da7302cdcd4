//! PostgreSQL, where it is installed: a cluster of the run's own, on a socket in its directory, every commit synced.

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, Config, NoTls, Statement};

/// Whom it runs as where this is run as root, which it refuses to be.
const USER: &str = "postgres";
/// How long it may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A cluster that runs until this is dropped.
pub(crate) struct Cluster {
    server: Child,
    sockets: PathBuf,
}

impl Cluster {
    /// Makes and starts one in a directory. Errors: it is not installed, or cannot be started here.
    pub(crate) fn start(dir: &Path) -> anyhow::Result<Cluster> {
        let programs = programs().context("PostgreSQL is not installed")?;
        let dir = dir.join("postgresql");
        std::fs::create_dir_all(&dir)?;
        if rustix::process::getuid().is_root() {
            // Its own user is to write in there, and nobody else has anything in it.
            std::fs::set_permissions(&dir, Permissions::from_mode(0o777))?;
        }
        let data = dir.join("data");
        let made = as_its_user(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .current_dir("/")
            .spawn()?
            .wait_with_output()?;
        if !made.status.success() {
            bail!("initdb: {}", String::from_utf8_lossy(&made.stderr).lines().last().unwrap_or("failed"));
        }
        let mut server = as_its_user(&programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&dir).args(["-h", ""]);
        for setting in ["fsync=on", "synchronous_commit=on", "shared_buffers=256MB", "max_connections=100"] {
            server.args(["-c", setting]);
        }
        let server = server.stdout(Stdio::null()).stderr(Stdio::piped()).current_dir("/").spawn()?;
        let mut cluster = Cluster { server, sockets: dir };
        cluster.wait()?;
        cluster.client()?.batch_execute("CREATE TABLE entries (position bigint PRIMARY KEY, entry bytea NOT NULL)")?;
        Ok(cluster)
    }

    fn wait(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while self.client().is_err() {
            if self.server.try_wait()?.is_some() {
                let mut said = String::new();
                if let Some(errors) = &mut self.server.stderr {
                    errors.read_to_string(&mut said)?;
                }
                bail!("postgres: {}", said.lines().next().unwrap_or("ended"));
            }
            if began.elapsed() > PATIENCE {
                bail!("postgres does not listen");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// A connection to it.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        Ok(Config::new().host_path(&self.sockets).user(USER).dbname("postgres").connect(NoTls)?)
    }

    /// A connection that inserts entries from a position on.
    pub(crate) fn inserting(&self, last: i64) -> anyhow::Result<Inserting> {
        let mut client = self.client()?;
        let insert = client.prepare("INSERT INTO entries SELECT * FROM unnest($1::bigint[], $2::bytea[])")?;
        Ok(Inserting { client, insert, last })
    }

    /// Gives every entry, in order, to `each`.
    pub(crate) fn read(&self, mut each: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut client = self.client()?;
        let mut rows = client.query_raw("SELECT entry FROM entries ORDER BY position", Vec::<i64>::new())?;
        while let Some(row) = rows.next()? {
            each(row.try_get(0)?)?;
        }
        Ok(())
    }

    /// Bytes of the table and its index.
    pub(crate) fn bytes(&self) -> anyhow::Result<u64> {
        let bytes: i64 = self.client()?.query_one("SELECT pg_total_relation_size('entries')", &[])?.try_get(0)?;
        Ok(u64::try_from(bytes)?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT is its fast shutdown; its files go with the run's directory.
        if let Ok(pid) = i32::try_from(self.server.id())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        }
        let _ = self.server.wait();
    }
}

/// A connection that inserts entries.
pub(crate) struct Inserting {
    client: Client,
    insert: Statement,
    last: i64,
}

impl Inserting {
    /// Inserts entries by one statement, durable when it returns; out comes how long that took.
    pub(crate) fn commit(&mut self, entries: &[Vec<u8>]) -> anyhow::Result<Duration> {
        let positions: Vec<i64> = (self.last + 1..).take(entries.len()).collect();
        self.last += i64::try_from(entries.len())?;
        let began = Instant::now();
        self.client.execute(&self.insert, &[&positions, &entries])?;
        Ok(began.elapsed())
    }
}

/// The directory of its programs: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let has_both = |dir: &PathBuf| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    std::env::split_paths(&path).chain(debian.into_iter().rev()).find(has_both)
}

/// A program, as a user that PostgreSQL agrees to be.
fn as_its_user(program: &Path) -> Command {
    if !rustix::process::getuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]).arg(program);
    command
}
