//! `cargo bench -p provost --bench load`: what the server makes of the machine it runs on.
//!
//! Everything is a ratio to a ceiling that was measured in the same run, in turns: a bare HTTP server
//! under the same client, and the cheapest commit and look-up that `store` offers. Numbers of another
//! machine, or of another minute, say nothing.
//!
//! `-- --quick` for small sizes, `-- --json` for programs, `-- --database postgres://…` for another
//! database than a temporary SQLite file; that one should be empty, and is not emptied afterwards.
//! Ends with 1 when a promise about growth is broken.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark talks to the terminal, and ends where it can't go on"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "counts of a benchmark are small"
)]

mod client;
mod groups;
mod protocol;
mod race;
mod report;
mod world;

use clap::Parser;
use domain::audit::{Event, Origin};
use domain::id::EventId;
use race::{Contestant, Rules, race, times_as_fast};
use report::{Memory, Report};
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::resource::{self, Kind};
use tracing_subscriber::EnvFilter;
use world::{World, external_id, patch, person, user_name};

/// What the binary uses too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CALLERS: usize = 16;
const SMALL: usize = 1000;
/// How much slower something may be among many than among few.
const GROWTH_MAX: f64 = 1.5;

#[derive(Parser)]
struct Flags {
    /// 10,000 users instead of 100,000, and shorter turns
    #[arg(long)]
    quick: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// A PostgreSQL database instead of temporary SQLite files
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    // Lines are made as `provost serve` makes them, and thrown away.
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("info"))
        .with_writer(std::io::sink)
        .init();
    let servers = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime for the servers");
    // Clients have a thread of their own, so that they don't queue with what they measure.
    let clients = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime for the clients");
    let (rounds, millis) = if flags.quick { (3, 300) } else { (5, 1000) };
    let rules = Rules {
        callers: CALLERS,
        rounds,
        turn: Duration::from_millis(millis),
        clients: clients.handle().clone(),
    };
    let report = servers.block_on(async { servers.spawn(run(flags, rules)).await });
    let kept = report.expect("a whole run");
    servers.shutdown_background();
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(flags: Flags, rules: Rules) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = |name: &str| {
        let file = folder.path().join(name);
        let sqlite = format!("sqlite:{}", file.display());
        flags.database.clone().unwrap_or(sqlite)
    };
    let many = if flags.quick { 10_000 } else { 100_000 };
    let mut report = Report::new(flags.database.is_some(), many, &rules);

    let mut large = World::start(&url("large.db")).await;
    report.memory.push(Memory::now("after start"));
    eprintln!("filling: {SMALL} and {many} users");
    report.fill = large.fill(many).await;
    report.memory.push(Memory::now(&format!("with {many} users")));
    let mut small = World::start(&url("small.db")).await;
    small.fill(SMALL).await;
    let worlds = [small, large];
    let bare = world::bare().await;

    eprintln!("reads");
    let mut reads = reads(&worlds, bare);
    race(&rules, &mut reads).await;
    report_reads(&mut report, &reads);
    eprintln!("writes");
    let mut writes = writes(&worlds, bare);
    race(&rules, &mut writes).await;
    report_writes(&mut report, &writes);
    eprintln!("bulk requests and lists read to their end");
    protocol::measure(&rules, &worlds, &mut report).await;
    eprintln!("members of groups");
    groups::measure(&rules, &worlds[1], &mut report).await;
    report.memory.push(Memory::now("at the end"));

    if flags.json {
        println!("{}", report.json());
    } else {
        println!("{report}");
    }
    report.is_kept()
}

type Path = fn(&World, u64) -> String;

/// Pairs of the same request among few and among many, behind the ceilings.
fn reads(worlds: &[World; 2], bare: std::net::SocketAddr) -> Vec<Contestant> {
    let target = worlds[0].clone();
    let ceiling = move |_| target.request("GET", "/Users", "");
    // The bare server knows no accounts.
    let bare_get = move |number| shorten(&ceiling(number));
    let mut contestants = vec![
        Contestant::http("bare HTTP server, GET", bare, 200, bare_get),
        look_up(&worlds[0]),
        look_up(&worlds[1]),
    ];
    let by_id = |world: &World, number| format!("/Users/{}", world.id(number));
    let by_name = |world: &World, number| filter("userName", &name(world, number));
    let by_email = |world: &World, number| filter("emails.value", &name(world, number));
    let by_external_id =
        |world: &World, number| filter("externalId", &external_id(world.scatter(number) as u64));
    let first = |_: &World, _| "/Users?startIndex=1&count=100".to_owned();
    let last = |world: &World, _| {
        let start = world.ids.len() - 99;
        format!("/Users?startIndex={start}&count=100")
    };
    let paths: [(&str, Path); 6] = [
        ("GET /Users/{id}", by_id),
        ("GET ?filter=userName eq", by_name),
        ("GET ?filter=emails.value eq", by_email),
        ("GET ?filter=externalId eq", by_external_id),
        ("GET first page of 100", first),
        ("GET last page of 100", last),
    ];
    for (what, path) in paths {
        for world in worlds.clone() {
            let name = format!("{what}, {} users", world.ids.len());
            let address = world.address;
            let make = move |number| world.request("GET", &path(&world, number), "");
            contestants.push(Contestant::http(name, address, 200, make));
        }
    }
    contestants
}

fn name(world: &World, number: u64) -> String {
    user_name(world.scatter(number) as u64)
}

fn filter(attribute: &str, value: &str) -> String {
    format!("/Users?filter={attribute}%20eq%20%22{value}%22")
}

/// The same request to `/Users` of a server without accounts.
fn shorten(request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let (method, rest) = text.split_once(' ').unwrap_or_default();
    let (_, rest) = rest.split_once(' ').unwrap_or_default();
    format!("{method} /Users {rest}").into_bytes()
}

/// The ceiling of reads: one row by its key, without HTTP.
fn look_up(world: &World) -> Contestant {
    let name = format!("store::resource::find, {} users", world.ids.len());
    let world = Arc::new(world.clone());
    Contestant::inside(name, move |number| {
        let world = Arc::clone(&world);
        async move {
            let account = &world.caller.account.id;
            let mut conn = world.app.db.read(account).await.expect("a connection");
            let found = resource::find(&mut conn, Kind::User, world.id(number)).await;
            assert!(found.expect("a look-up").is_some(), "user {number} is gone");
        }
    })
}

/// The ceiling of writes: one row with a document of 700 bytes, on disk, without HTTP.
fn append(world: &World) -> Contestant {
    let world = Arc::new(world.clone());
    Contestant::inside("store::audit::append + commit", move |number| {
        let world = Arc::clone(&world);
        async move {
            let (app, caller) = (&world.app, &world.caller);
            let event = Event {
                id: EventId::new(app.now(), &app.chance),
                account_id: caller.account.id.clone(),
                at: app.now(),
                action: "Bench".to_owned(),
                kind: "create".to_owned(),
                actor: caller.actor.clone(),
                origin: Origin::default(),
                product: "bench".to_owned(),
                resource_type: "bench".to_owned(),
                resource_id: String::new(),
                resource_name: String::new(),
                before: json!(null),
                after: person(number),
                notes: Vec::new(),
            };
            let mut write = app.db.write(&event.account_id).await.expect("a write");
            store::audit::append(&mut write, &event).await.expect("a row");
            write.commit().await.expect("a commit");
        }
    })
}

fn writes(worlds: &[World; 2], bare: std::net::SocketAddr) -> Vec<Contestant> {
    let target = worlds[0].clone();
    let bare_post =
        move |number| shorten(&target.request("POST", "/Users", &person(number).to_string()));
    let mut contestants =
        vec![Contestant::http("bare HTTP server, POST", bare, 201, bare_post), append(&worlds[0])];
    for world in worlds.clone() {
        let name = format!("POST /Users, {} users", world.ids.len());
        let (address, count) = (world.address, world.ids.len() as u64);
        let make =
            move |number| world.request("POST", "/Users", &person(count + number).to_string());
        contestants.push(Contestant::http(name, address, 201, make));
    }
    for world in worlds.clone() {
        let name = format!("PATCH active, {} users", world.ids.len());
        let address = world.address;
        // All are deactivated in turn, then all are activated, and so on.
        let make = move |number| {
            let active = (number / world.ids.len() as u64) % 2 == 1;
            let body = patch(&json!({"op": "replace", "value": {"active": active}}));
            let path = format!("/Users/{}", world.id(number));
            world.request("PATCH", &path, &body.to_string())
        };
        contestants.push(Contestant::http(name, address, 200, make));
    }
    contestants
}

fn report_reads(report: &mut Report, all: &[Contestant]) {
    let [http, few, many, pairs @ ..] = all else {
        return;
    };
    report.row(http, None, None);
    report.row(few, None, None);
    report.row(many, None, Some(few));
    for pair in pairs.chunks(2) {
        let [a, b] = pair else { return };
        report.row(a, Some(http), Some(few));
        report.row(b, Some(http), Some(many));
        // Whoever jumps to the last page has the database count its way there.
        let limit = if a.name.contains("last page") { f64::INFINITY } else { GROWTH_MAX };
        report.growth(&b.name, times_as_fast(a, b), limit);
    }
}

fn report_writes(report: &mut Report, all: &[Contestant]) {
    let [http, append, pairs @ ..] = all else {
        return;
    };
    report.row(http, None, None);
    report.row(append, None, None);
    for pair in pairs.chunks(2) {
        let [a, b] = pair else { return };
        for one in pair {
            report.row(one, Some(http), Some(append));
        }
        report.growth(&b.name, times_as_fast(a, b), GROWTH_MAX);
    }
}
