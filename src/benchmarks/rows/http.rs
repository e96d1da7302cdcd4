//! Commands over HTTP, the load generator on the same cores: beside the same HTTP stack that only reads and answers, and
//! beside PostgreSQL's own protocol.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use grantbook::bench::CONNECTIONS;
use grantbook::bench::commands::Bed;
use grantbook::bench::disk::Payloads;
use grantbook::bench::founding::Founded;
use grantbook::bench::http::{Connection, Served, posts};
use grantbook::bench::slice::Slice;

use crate::Setting;
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};
use crate::peers::postgres::{Cluster, Inserting};

/// Commands in one list.
const LIST: usize = 100;

/// One command a request.
pub(crate) fn one_a_post(setting: &Setting) -> anyhow::Result<Row> {
    let work = format!("commands over HTTP, one a request, {CONNECTIONS} connections");
    let contest = Contest::new("http", work, Unit::PerSecond).aim(Aim::Figure(40e3)).aim(Aim::Tail(5e-3));
    measure(setting, "http", contest, 1)
}

/// A hundred commands a request.
pub(crate) fn lists(setting: &Setting) -> anyhow::Result<Row> {
    let work = format!("commands over HTTP, lists of {LIST}, {CONNECTIONS} connections");
    let contest = Contest::new("http-lists", work, Unit::PerSecond).aim(Aim::Figure(400e3));
    measure(setting, "http-lists", contest, LIST)
}

fn measure(setting: &Setting, name: &str, contest: Contest<'static>, of_one: usize) -> anyhow::Result<Row> {
    let (dir, slice, runtime) = (setting.folder(name)?, setting.slice, &setting.runtime);
    let founded = runtime.block_on(Founded::make(&dir.join("ledger")))?;
    let bed = runtime.block_on(Bed::make(founded, CONNECTIONS * of_one))?;
    let bytes = runtime.block_on(bed.entry_bytes())?;
    let served = runtime.block_on(Served::start(bed.ledger.clone()))?;
    let body = |connection: usize| match of_one {
        1 => bed.next_command(connection).to_string(),
        _ => bed.next_list(connection * of_one, of_one).to_string(), // any other count is a list
    };
    // What a request of this work is answered with: the bare server is sent and answers as much.
    let (path, token, sent) = (Bed::path(), bed.token.clone(), body(0));
    let answer = runtime.block_on(async {
        let mut connection = Connection::open(served.address).await?;
        anyhow::Ok(Bytes::copy_from_slice(connection.request("POST", &path, &token, &sent).await?.body))
    })?;
    let (bare, address) = (runtime.block_on(bare_server(answer))?, served.address);
    let cluster = Cluster::start(&dir);
    let turn = move |slice: Slice| {
        let all = Slice { done: slice.done * of_one as u64, ..slice };
        Turn::rate_and_tail(&all)
    };
    let mut contest = contest;
    contest.takes_part(Side::Limit, "bare HTTP", || {
        Ok(turn(runtime.block_on(posts(bare, (&path, &token), CONNECTIONS, slice, |_| sent.clone()))?))
    });
    match &cluster {
        Ok(cluster) => {
            let mut clients = Vec::new();
            for number in 0..CONNECTIONS {
                clients.push(cluster.inserting(i64::try_from(number)? << 40)?);
            }
            contest
                .takes_part(Side::Peer, "PostgreSQL", move || Ok(turn(inserts(setting, &mut clients, of_one, bytes)?)));
        }
        Err(why) => contest.is_absent("PostgreSQL", format!("{why:#}")),
    }
    contest.takes_part(Side::Ours, "Grantbook", || {
        Ok(turn(runtime.block_on(posts(address, (&path, &token), CONNECTIONS, slice, body))?))
    });
    let row = contest.run(setting.rounds);
    runtime.block_on(served.stop())?;
    runtime.block_on(bed.close())?;
    row
}

/// A server that reads what it is sent and answers as much as Grantbook does.
async fn bare_server(answer: Bytes) -> anyhow::Result<SocketAddr> {
    let read = move |_: Bytes| async move { (StatusCode::CREATED, answer) };
    let router = Router::new().fallback(axum::routing::any(read));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Every connection inserts on a thread of its own, as many entries at once as a request has commands.
fn inserts(setting: &Setting, clients: &mut [Inserting], of_one: usize, bytes: usize) -> anyhow::Result<Slice> {
    let began = Instant::now();
    let one = |client: &mut Inserting| {
        let (mut payloads, mut each) = (Payloads::new(bytes), Vec::new());
        while began.elapsed() < setting.slice {
            each.push(client.commit(&payloads.next(of_one))?);
        }
        Ok::<_, anyhow::Error>(each)
    };
    let one = &one;
    let each: anyhow::Result<Vec<_>> = std::thread::scope(|scope| {
        let threads: Vec<_> = clients.iter_mut().map(|client| scope.spawn(move || one(client))).collect();
        let ended = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread stopped"))));
        ended.collect()
    });
    let each = each?.concat();
    Ok(Slice { done: each.len() as u64, took: began.elapsed(), each })
}
