//! The binary itself: the contract of its command line, and what `kill -9` may not lose.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::db::scratch::Scratch;

const BINARY: &str = env!("CARGO_BIN_EXE_provost");

fn provost(arguments: &[&str], database: &str) -> Output {
    Command::new(BINARY)
        .args(arguments)
        .env("PROVOST_DATABASE", database)
        .output()
        .expect("the binary runs")
}

#[track_caller]
fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// `provost serve` on a free port; killed when dropped.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(database: &str) -> Serving {
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--database", database])
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").unwrap_or_default().to_owned();
        if url.is_empty() {
            let mut error = String::new();
            let _ = child.stderr.take().expect("its errors").read_to_string(&mut error);
            panic!("it doesn't listen: {error}");
        }
        Serving { child, url }
    }

    /// `kill -9`.
    fn kill(&mut self) {
        self.child.kill().expect("a signal");
        self.child.wait().expect("its end");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn create_account(database: &str) -> (String, String) {
    let made = json_of(&provost(
        &["account", "create", "--name", "Example", "--super-admin", "root@example.com", "--json"],
        database,
    ));
    let text = |key: &str| made[key].as_str().expect(key).to_owned();
    assert_eq!(text("member_id").len(), 32);
    (text("account_id"), text("api_token"))
}

/// Account, token and link are made beside a running server, which knows them at once.
async fn contract(scratch: &Scratch) {
    let serving = Serving::start(&scratch.url);
    let (account, api_token) = create_account(&scratch.url);
    let made = json_of(&provost(
        &[
            "token",
            "create",
            "--account",
            &account,
            "--name",
            "okta",
            "--permission",
            "SCIM Provisioning Write",
            "--expires-on",
            "2100-01-01T00:00:00Z",
            "--json",
        ],
        &scratch.url,
    ));
    let value = made["value"].as_str().expect("a value");
    assert_eq!(made["id"].as_str().map(str::len), Some(32));
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let base = format!("{}/client/v4/accounts/{account}", serving.url);
    let users = client.get(format!("{base}/scim/v2/Users")).bearer_auth(value).send().await;
    assert_eq!(users.expect("an answer").status(), 200);
    let members = client.get(format!("{base}/members")).bearer_auth(&api_token).send().await;
    assert_eq!(members.expect("an answer").status(), 200);

    let output = provost(
        &["sign-in-link", "--account", &account, "--email", "ROOT@example.com"],
        &scratch.url,
    );
    let link = String::from_utf8(output.stdout).expect("text");
    let (_, path) = link.trim().split_once("/sign-in").expect("a link");
    let page = client.get(format!("{}/sign-in{path}", serving.url)).send().await;
    let page = page.expect("an answer");
    let cookie = page.headers().get("set-cookie");
    assert!(page.status() == 303 && cookie.is_some(), "{link} {}", page.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_tokens_and_links_are_made_beside_a_running_server() {
    contract(&Scratch::sqlite().await.expect("SQLite")).await;
    contract(&Scratch::postgres().await.expect("PostgreSQL")).await;
}

/// A schema is added beside a running server, which knows it with the next request.
async fn schemas(scratch: &Scratch) {
    const URN: &str = "urn:example:hr:2.0:User";
    let serving = Serving::start(&scratch.url);
    let (account, token) = create_account(&scratch.url);
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("hr.json");
    let file = file.to_str().expect("a path");
    let define = |attributes: Value| {
        let schema = json!({"Id": URN, "name": "HR", "attributes": attributes});
        std::fs::write(file, schema.to_string()).expect("a file");
    };
    let run = |verb: &str, more: &[&str]| {
        let arguments = [&["schema", verb, "--account", &account], more].concat();
        provost(&arguments, &scratch.url)
    };
    define(json!([{"name": "floor", "type": "integer"}]));
    let added = json_of(&run("add", &["--file", file, "--json"]));
    assert_eq!((&added["id"], &added["resource_type"]), (&json!(URN), &json!("User")));
    assert_eq!(
        (&added["required"], json_of(&run("list", &["--json"]))),
        (&json!(false), json!([added]))
    );

    let client = reqwest::Client::new();
    let users = format!("{}/client/v4/accounts/{account}/scim/v2/Users", serving.url);
    let post = |name: &str, floor: Value| {
        let body = json!({"userName": name, URN: {"floor": floor}}).to_string();
        client.post(&users).bearer_auth(&token).body(body).send()
    };
    assert_eq!(post("ada", json!("x")).await.expect("an answer").status(), 400);
    let made = post("ada", json!(3)).await.expect("an answer");
    assert_eq!(made.json::<Value>().await.expect("a user")[URN]["floor"], 3);

    define(json!([{"name": "floor"}]));
    let refused = run("replace", &["--file", file]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains(&format!("filter `{URN}:floor pr`")), "{said}");
    define(json!([{"name": "floor", "type": "integer"}, {"name": "desk"}]));
    let replaced = json_of(&run("replace", &["--file", file, "--required", "--json"]));
    // The Super Administrator is no SCIM user, so that every user has it.
    assert_eq!(replaced["required"], true);
    let refused = run("remove", &["--urn", URN]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.starts_with("error: 1 user has data of"), "{said}");
    let refused = run("add", &["--file", "/does/not/exist"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("can't be read"));

    define(json!([{"name": "code"}]));
    let other = std::fs::read_to_string(file).expect("a file").replace("User", "Group");
    std::fs::write(file, other).expect("a file");
    let added = run("add", &["--file", file, "--resource-type", "group"]);
    let said = String::from_utf8(added.stdout).expect("text");
    assert_eq!(said, "added urn:example:hr:2.0:Group  Group  optional  code\n");
    let gone = json_of(&run("remove", &["--urn", "URN:example:hr:2.0:GROUP", "--json"]));
    assert_eq!(gone, json!({"id": "urn:example:hr:2.0:Group"}));
    let listed = String::from_utf8(run("list", &[]).stdout).expect("text");
    assert_eq!(listed, format!("{URN}  User  required  floor, desk\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_added_beside_a_running_server() {
    schemas(&Scratch::sqlite().await.expect("SQLite")).await;
    schemas(&Scratch::postgres().await.expect("PostgreSQL")).await;
}

#[tokio::test]
async fn wrong_usage_exits_with_2_and_failure_with_1() {
    let scratch = Scratch::sqlite().await.expect("SQLite");
    for arguments in [vec!["fly"], vec!["serve", "--speed", "9"], vec!["account", "create"], vec![]]
    {
        assert_eq!(provost(&arguments, &scratch.url).status.code(), Some(2), "{arguments:?}");
    }
    let unknown = "0".repeat(32);
    for arguments in [
        vec!["sign-in-link", "--account", "x", "--email", "a@b.c"],
        vec![
            "token",
            "create",
            "--account",
            &unknown,
            "--name",
            "n",
            "--permission",
            "SCIM Provisioning Write",
        ],
        vec!["account", "create", "--name", "N", "--super-admin", "nobody"],
        vec!["migrate", "--database", "mysql://x"],
        vec!["migrate", "--config", "/does/not/exist"],
        vec![
            "simulate",
            "okta",
            "--base-url",
            "http://127.0.0.1:1",
            "--token",
            "t",
            "--users",
            "1",
        ],
    ] {
        let output = provost(&arguments, &scratch.url);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with("error: "), "{said}");
    }
    let elsewhere = provost(&["token", "list", "--account", &unknown], "sqlite:/tmp/no/such.db");
    assert!(String::from_utf8_lossy(&elsewhere.stderr).contains("is --database right?"));
}

#[tokio::test]
async fn a_database_is_served_once() {
    let scratch = Scratch::sqlite().await.expect("SQLite");
    let _serving = Serving::start(&scratch.url);
    let second = provost(&["serve", "--listen", "127.0.0.1:0"], &scratch.url);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("served by another process"));
}

#[tokio::test]
async fn sigterm_stops_the_server_in_peace() {
    let scratch = Scratch::sqlite().await.expect("SQLite");
    let mut serving = Serving::start(&scratch.url);
    let pid = serving.child.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
    assert!(sent.success());
    assert_eq!(serving.child.wait().expect("its end").code(), Some(0));
}

/// Eight creators at once, killed in the middle: every user that was answered with 201 is there.
async fn kill_under_load(scratch: &Scratch) {
    let (account, token) = create_account(&scratch.url);
    let acknowledged: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let client = reqwest::Client::new();
    for round in 0..3 {
        let mut serving = Serving::start(&scratch.url);
        let url = format!("{}/client/v4/accounts/{account}/scim/v2/Users", serving.url);
        let creators: Vec<_> = (0..8)
            .map(|creator| {
                let (client, url, token) = (client.clone(), url.clone(), token.clone());
                let acknowledged = Arc::clone(&acknowledged);
                tokio::spawn(async move {
                    for number in 0.. {
                        let name = format!("r{round}c{creator}n{number}@example.com");
                        let body = json!({"userName": name}).to_string();
                        let request = client.post(&url).bearer_auth(&token).body(body);
                        match request.send().await {
                            Ok(answer) if answer.status() == 201 => {
                                acknowledged.lock().expect("a lock").insert(name);
                            }
                            _ => break,
                        }
                    }
                })
            })
            .collect();
        // In full flight, however slow the machine is.
        while acknowledged.lock().expect("a lock").len() < 50 * (round + 1) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        serving.kill();
        for creator in creators {
            creator.await.expect("a creator");
        }
    }
    let acknowledged = acknowledged.lock().expect("a lock").clone();
    let mut conn = scratch.db.read_across_accounts().await.expect("a connection");
    let rows = conn
        .query_across_accounts("SELECT name_key FROM resource WHERE kind = 'User'", &[])
        .await
        .expect("rows");
    let stored: BTreeSet<String> =
        rows.into_iter().map(|mut row| row.text(0).expect("text")).collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    drop(conn);
    let broken = store::db::scratch::broken_promises(&scratch.db).await.expect("the promises");
    assert_eq!(broken, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_no_acknowledged_user_on_sqlite() {
    kill_under_load(&Scratch::sqlite().await.expect("SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_no_acknowledged_user_on_postgres() {
    kill_under_load(&Scratch::postgres().await.expect("PostgreSQL")).await;
}

/// The main job, as scripts see it.
#[tokio::test]
async fn the_demo_reports_as_agreed() {
    let scratch = Scratch::sqlite().await.expect("SQLite");
    let report =
        json_of(&provost(&["demo", "--exit", "--json", "--listen", "127.0.0.1:0"], &scratch.url));
    for provider in ["okta", "entra"] {
        let run = &report[provider];
        assert_eq!(run["failed"], 0, "{report}");
        for key in ["users", "groups", "requests", "creates", "writes"] {
            assert!(run[key].as_u64().is_some_and(|count| count > 0), "{provider} {key}: {report}");
        }
        assert!(run["p99_ms"].as_f64().is_some_and(|millis| millis > 0.0), "{report}");
    }
    let revocations = report["revocations"].as_array().expect("a list");
    let kinds: Vec<&str> = revocations.iter().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, ["dashboard_session", "personal_api_token"]);
    assert!(revocations.iter().all(|one| one["millis"].as_f64().is_some()), "{report}");
}

/// The simulators through the command line, twice with the same seed.
#[tokio::test(flavor = "multi_thread")]
async fn the_simulators_report_as_agreed() {
    let scratch = Scratch::sqlite().await.expect("SQLite");
    let serving = Serving::start(&scratch.url);
    let (account, token) = create_account(&scratch.url);
    let base = format!("{}/client/v4/accounts/{account}/scim/v2", serving.url);
    for provider in ["okta", "entra"] {
        let run = || {
            json_of(&provost(
                &[
                    "simulate",
                    provider,
                    "--base-url",
                    &base,
                    "--token",
                    &token,
                    "--users",
                    "20",
                    "--groups",
                    "4",
                    "--seed",
                    "3",
                    "--json",
                ],
                &scratch.url,
            ))
        };
        assert!(run()["creates"].as_u64().is_some_and(|count| count >= 24));
        let again = run();
        assert_eq!(again["creates"], 0, "{again}");
        if provider == "entra" {
            assert_eq!(again["writes"], 0, "{again}");
        }
    }
}
