//! A server with one account, and how it is filled.

use crate::client;
use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::routing::get;
use domain::account::Kind as AccountKind;
use serde_json::{Value, json};
use server::app::App;
use server::listen;
use server::service::Caller;
use server::service::accounts;
use server::service::provision::version::Conditions;
use server::service::provision::{self, Target, Task};
use server::service::tokens::{self, NewToken};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use store::Db;
use store::resource::Kind;

/// How many tasks fill a database.
const FILLERS: usize = 64;
/// The most members that are put into a group at once.
const MEMBERS_AT_ONCE: usize = 10_000;
const REPORT_EVERY: usize = 10_000;
const KIND: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/scim+json");

#[derive(Clone)]
pub struct World {
    pub app: App,
    pub caller: Caller,
    pub address: SocketAddr,
    token: String,
    base: String,
    /// The ids of its users, by their number.
    pub ids: Arc<Vec<String>>,
}

impl World {
    pub async fn start(database: &str) -> World {
        let db = Db::open(database).await.expect("a database");
        let app = App::new(db, None);
        let listener = listen::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(listen::serve(app.clone(), listener, std::future::pending()));
        let created =
            accounts::create(&app, "Bench", AccountKind::Enterprise, "root@bench.example")
                .await
                .expect("an account");
        let caller = Caller::operator(created.account.clone());
        let new = NewToken {
            name: "bench".to_owned(),
            permissions: vec!["SCIM Provisioning Write".to_owned()],
            ..NewToken::default()
        };
        let (_, token) = tokens::create(&app, &caller, &new).await.expect("a token");
        World {
            app,
            caller,
            address,
            token: token.reveal().to_owned(),
            base: format!("/client/v4/accounts/{}/scim/v2", created.account.id),
            ids: Arc::default(),
        }
    }

    /// Adds the users 0 to `count`, by the same verb that `POST /Users` calls; returns how many a second.
    pub async fn fill(&mut self, count: usize) -> f64 {
        let started = Instant::now();
        let next = Arc::new(AtomicUsize::new(0));
        let fillers: Vec<_> = (0..FILLERS)
            .map(|_| tokio::spawn(fill(self.clone(), Arc::clone(&next), count)))
            .collect();
        let mut ids = Vec::with_capacity(count);
        for filler in fillers {
            ids.extend(filler.await.expect("a filler that gets through"));
        }
        ids.sort();
        self.ids = Arc::new(ids.into_iter().map(|(_, id)| id).collect());
        count as f64 / started.elapsed().as_secs_f64()
    }

    /// Makes a group of these users.
    pub async fn group(&self, name: &str, ids: &[String]) -> String {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
        });
        let task = Task::create(&self.caller, Kind::Group, &body).expect("a group");
        let id = change(&self.app, &self.caller, task).await;
        for chunk in ids.chunks(MEMBERS_AT_ONCE) {
            let members: Vec<Value> = chunk.iter().map(|id| json!({"value": id})).collect();
            let body = patch(&json!({"op": "add", "path": "members", "value": members}));
            let target = Target { id: id.clone(), conditions: Conditions::default() };
            let task = Task::patch(&self.caller, Kind::Group, target, &body).expect("members");
            change(&self.app, &self.caller, task).await;
        }
        id
    }

    /// A SCIM request; `path` begins with `/Users` and the like.
    pub fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let target = format!("{}{path}", self.base);
        client::request(method, &target, &self.token, body)
    }

    /// The id of one of the users; numbers that follow each other lie far apart.
    pub fn id(&self, number: u64) -> &str {
        &self.ids[self.scatter(number)]
    }

    pub fn scatter(&self, number: u64) -> usize {
        (number as usize).wrapping_mul(7919) % self.ids.len()
    }
}

async fn fill(world: World, next: Arc<AtomicUsize>, count: usize) -> Vec<(usize, String)> {
    let mut ids = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return ids;
        }
        if number > 0 && number.is_multiple_of(REPORT_EVERY) {
            eprintln!("  {number} of {count} users");
        }
        let body = person(number as u64);
        let task = Task::create(&world.caller, Kind::User, &body).expect("a user");
        ids.push((number, change(&world.app, &world.caller, task).await));
    }
}

async fn change(app: &App, caller: &Caller, task: Task) -> String {
    provision::change(app, caller, task).await.expect("a change").expect("a resource").id
}

pub fn user_name(number: u64) -> String {
    format!("user{number:07}@bench.example")
}

pub fn external_id(number: u64) -> String {
    format!("00u{number:017}")
}

/// A user as Okta sends one, about 700 bytes.
pub fn person(number: u64) -> Value {
    let email = user_name(number);
    let (given, family) = (format!("Given{number}"), format!("Family{}", number % 997));
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "userName": email,
        "externalId": external_id(number),
        "name": {"givenName": given, "familyName": family},
        "displayName": format!("{given} {family}"),
        "title": "Engineer",
        "locale": "en-US",
        "emails": [{"value": email, "type": "work", "primary": true}],
        "phoneNumbers": [{"value": format!("+1-555-{number:07}"), "type": "work"}],
        "active": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": number.to_string(),
            "costCenter": format!("{}", 4000 + number % 40),
            "department": format!("Department {}", number % 100),
            "organization": "Bench",
        },
    })
}

pub fn patch(operation: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    })
}

/// The bare server: reads what it is sent, and answers what it was given at the start.
pub async fn bare() -> SocketAddr {
    let listener = listen::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let read = Bytes::from(person(0).to_string());
    let made = read.clone();
    let router = Router::new().route(
        "/Users",
        get(move || std::future::ready(([KIND], read.clone())))
            .post(move |_: Bytes| std::future::ready((StatusCode::CREATED, [KIND], made.clone()))),
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
