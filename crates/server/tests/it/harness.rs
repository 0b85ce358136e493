//! A server of one's own, and a client that remembers what it did.
//!
//! When a test is over the harness checks what must hold whatever was done: each change that was
//! acknowledged wrote exactly one audit event, and no promise of the store is broken.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use server::app::App;
use server::listen;
use server::service::accounts::{self, Created};
use server::service::tokens::{self, NewToken};
use server::service::{Caller, sign_in};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::task::Poll;
use store::db::scratch::{self, Scratch};
use tokio::sync::oneshot;

/// Runs each test on SQLite and on PostgreSQL: `both! { async fn name(t) { … } }`.
macro_rules! both {
    ($($(#[$doc:meta])* async fn $name:ident($t:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs them")]
            use super::*;

            async fn body($t: &$crate::harness::Server) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let server = $crate::harness::Server::on_sqlite().await;
                body(&server).await;
                server.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let server = $crate::harness::Server::on_postgres().await;
                body(&server).await;
                server.end().await;
            }
        }
    )+};
}
pub(crate) use both;

pub const SUPER_ADMIN: &str = "root@example.com";

pub struct Server {
    pub app: App,
    pub url: String,
    pub account: Created,
    /// A token with `SCIM Provisioning Write` and nothing else.
    pub scim_token: String,
    pub client: Client,
    /// The database goes when this does.
    _scratch: Scratch,
    /// Ids of requests that made or deleted something, and of those that may have changed something.
    made: Mutex<BTreeSet<String>>,
    changed: Mutex<BTreeSet<String>>,
    stop: Option<oneshot::Sender<()>>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON; fails the test when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{} {error}: {}", self.status, self.text))
    }

    /// The body as JSON after checking the status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Checks that this is a SCIM error of RFC 7644 section 3.12, with a sentence; returns the sentence.
    #[track_caller]
    pub fn scim_error(&self, status: u16, scim_type: Option<&str>) -> String {
        let body = self.expect(status);
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(body["status"], status.to_string());
        assert_eq!(body.get("scimType").and_then(Value::as_str), scim_type, "{body}");
        let detail = body["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.len() > 10, "{body}");
        detail
    }

    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Server {
    pub async fn on_sqlite() -> Server {
        Server::on(Scratch::sqlite().await.expect("an SQLite database")).await
    }

    pub async fn on_postgres() -> Server {
        Server::on(Scratch::postgres().await.expect("a PostgreSQL database")).await
    }

    async fn on(scratch: Scratch) -> Server {
        let app = App::new(scratch.db.clone(), None);
        Server::of(app, scratch).await
    }

    pub async fn of(app: App, scratch: Scratch) -> Server {
        let (stop, stopped) = oneshot::channel::<()>();
        let url = serve(app.clone(), async {
            let _ = stopped.await;
        })
        .await;
        let account = create_account(&app, "Example", SUPER_ADMIN).await;
        let caller = Caller::operator(account.account.clone());
        let scim_token = create_token(&app, &caller, &["SCIM Provisioning Write"], None).await;
        Server {
            app,
            url,
            account,
            scim_token,
            client: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client"),
            _scratch: scratch,
            made: Mutex::default(),
            changed: Mutex::default(),
            stop: Some(stop),
        }
    }

    /// The command line's own caller.
    pub fn operator(&self) -> Caller {
        Caller::operator(self.account.account.clone())
    }

    /// A token of the account with these permissions; with an owner, a personal one.
    pub async fn token(&self, permissions: &[&str], owner: Option<&str>) -> String {
        create_token(&self.app, &self.operator(), permissions, owner).await
    }

    /// `…/scim/v2` of the account on one more server: a replica, or the same one after a restart.
    pub async fn replica(&self, app: App) -> String {
        let url = serve(app, std::future::pending()).await;
        format!("{url}/client/v4/accounts/{}/scim/v2", self.account.account.id)
    }

    /// Signs a member in to the dashboard; returns the `Cookie` header.
    pub async fn cookie(&self, email: &str) -> String {
        let secret =
            sign_in::make_link(&self.app, &self.operator(), email).await.expect("a sign-in link");
        let answer = self.get(&format!("/sign-in?token={}", secret.reveal())).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }

    /// `…/scim/v2` of the account.
    pub fn scim_url(&self, path: &str) -> String {
        format!("{}/client/v4/accounts/{}/scim/v2{path}", self.url, self.account.account.id)
    }

    /// A SCIM request with the usual headers; `path` begins with `/Users` and the like.
    pub async fn scim(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = self
            .request(method, &self.scim_url(path))
            .bearer_auth(&self.scim_token)
            .header("accept", "application/scim+json");
        let request = match body {
            Some(body) => request
                .header("content-type", "application/scim+json; charset=utf-8")
                .body(body.to_string()),
            None => request,
        };
        self.send(request).await
    }

    /// A call of API v4 below the account, with the token that holds every permission.
    pub async fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let url = format!("{}/client/v4/accounts/{}{path}", self.url, self.account.account.id);
        let request = self.request(method, &url).bearer_auth(self.account.token.reveal());
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        self.send(request).await
    }

    /// A request without credentials; `path` is below the server.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", &format!("{}{path}", self.url))).await
    }

    pub fn request(&self, method: &str, url: &str) -> RequestBuilder {
        self.client.request(Method::from_bytes(method.as_bytes()).expect("a method"), url)
    }

    /// Sends any request and remembers what it changed. Every request of a test goes through here.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let method = request.method().clone();
        let response = self.client.execute(request).await.expect("an answer");
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.expect("a body"),
        };
        self.remember(method.as_str(), &answer);
        answer
    }

    /// Notes what a request changed, for the check at the end.
    pub fn remember(&self, method: &str, answer: &Answer) {
        let id = answer.header("x-request-id").to_owned();
        assert!(!id.is_empty(), "every answer carries the id of its request");
        if (200..400).contains(&answer.status) {
            if answer.status == 201 || method == "DELETE" {
                self.made.lock().expect("a lock").insert(id);
            } else if method != "GET" || answer.headers.contains_key("set-cookie") {
                self.changed.lock().expect("a lock").insert(id);
            }
        }
    }

    /// A GET that finds something; returns the body.
    pub async fn read(&self, path: &str) -> Value {
        self.scim("GET", path, None).await.expect(200)
    }

    /// A PATCH with these operations, in the envelope of RFC 7644.
    pub async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.scim("PATCH", path, Some(&body)).await
    }

    /// The ids of what a filter finds; `endpoint` is `/Users` or `/Groups`.
    pub async fn find(&self, endpoint: &str, filter: &str) -> Vec<String> {
        let filter =
            percent_encoding::utf8_percent_encode(filter, percent_encoding::NON_ALPHANUMERIC);
        let list = self.read(&format!("{endpoint}?filter={filter}")).await;
        texts(&list["Resources"], "id")
    }

    /// The ids of a group's members, sorted.
    pub async fn members(&self, group: &str) -> Vec<String> {
        let mut ids = texts(&self.read(&format!("/Groups/{group}")).await["members"], "value");
        ids.sort();
        ids
    }

    /// Everything that a request could have written, to be compared with what there was before.
    pub async fn everything(&self) -> Value {
        serde_json::json!({
            "users": self.read("/Users?count=1000").await,
            "groups": self.read("/Groups?count=1000").await,
            "members": self.api("GET", "/members?per_page=50", None).await.expect(200)["result"],
            "events": self.events().await.len(),
        })
    }

    /// Another account on the same server, with a token for everything in it.
    pub async fn stranger(&self) -> Created {
        create_account(&self.app, "Stranger", "stranger@example.org").await
    }

    /// Creates a user and returns its id.
    pub async fn user(&self, user_name: &str) -> String {
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "name": {"givenName": "Given", "familyName": "Family"},
            "emails": [{"value": user_name, "type": "work", "primary": true}],
            "active": true,
        });
        let made = self.scim("POST", "/Users", Some(&body)).await.expect(201);
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Creates a group with members and returns its id.
    pub async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> =
            members.iter().map(|id| serde_json::json!({"value": id})).collect();
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": members,
        });
        let made = self.scim("POST", "/Groups", Some(&body)).await.expect(201);
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Gives a user group or a member the one policy that a role is.
    pub async fn grant(&self, holder: &str, role: &str) {
        let account = &self.account.account.id;
        let role = domain::role::named(role).expect("a role");
        let policy = domain::policy::Policy::of_role(
            domain::id::PolicyId::new(self.app.now(), &self.app.chance),
            role,
            &domain::account::whole(account),
        );
        let mut write = self.app.db.write(account).await.expect("a transaction");
        store::policy::replace(&mut write, holder, &[policy]).await.expect("a policy");
        write.commit().await.expect("a commit");
    }

    /// The audit events since the test began, newest first.
    pub async fn events(&self) -> Vec<Value> {
        let path = "/logs/audit?since=2000-01-01&before=2100-01-01&limit=1000";
        let page = self.api("GET", path, None).await.expect(200);
        page["result"].as_array().expect("a list").clone()
    }

    /// Checks what must hold at the end of every test, and stops the server.
    pub async fn end(self) {
        let audited = scratch::audited_requests(&self.app.db).await.expect("the audit log");
        let audited: BTreeSet<String> = audited.into_iter().collect();
        let made = self.made.lock().expect("a lock").clone();
        let changed = self.changed.lock().expect("a lock").clone();
        let silent: Vec<_> = made.difference(&audited).collect();
        assert!(silent.is_empty(), "changes without an audit event: {silent:?}");
        let invented: Vec<_> =
            audited.iter().filter(|id| !made.contains(*id) && !changed.contains(*id)).collect();
        assert!(invented.is_empty(), "audit events of refused requests: {invented:?}");
        self.end_unwatched().await;
    }

    /// As [`Server::end`], where others than the test sent requests.
    pub async fn end_unwatched(mut self) {
        let broken = scratch::broken_promises(&self.app.db).await.expect("the promises");
        assert_eq!(broken, Vec::<String>::new(), "broken promises");
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

async fn serve(app: App, stop: impl Future<Output = ()> + Send + 'static) -> String {
    let listener = listen::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(listen::serve(app, listener, stop));
    url
}

/// Runs all of them at the same moment; the outcomes are in the order of the futures.
pub async fn at_once<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outcomes: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, outcome) in running.iter_mut().zip(&mut outcomes) {
            if outcome.is_none()
                && let Poll::Ready(done) = future.as_mut().poll(context)
            {
                *outcome = Some(done);
            }
        }
        if outcomes.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

/// One text of each thing in a list; no list is an empty one.
pub fn texts(list: &Value, name: &str) -> Vec<String> {
    let things = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |thing: &Value| thing[name].as_str().expect(name).to_owned();
    things.iter().map(text).collect()
}

pub async fn create_account(app: &App, name: &str, super_admin: &str) -> Created {
    accounts::create(app, name, domain::account::Kind::Enterprise, super_admin)
        .await
        .expect("an account")
}

async fn create_token(
    app: &App,
    caller: &Caller,
    permissions: &[&str],
    owner: Option<&str>,
) -> String {
    let new = NewToken {
        name: "test".to_owned(),
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
        expires_at: None,
        owner: owner.map(str::to_owned),
    };
    let (_, secret) = tokens::create(app, caller, &new).await.expect("a token");
    secret.reveal().to_owned()
}
