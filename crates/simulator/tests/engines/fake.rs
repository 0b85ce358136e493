//! A small SCIM server in memory, strict in what it takes, with faults to switch on. It deliberately
//! shares nothing with Provost: it is the engines' second opinion.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use simulator::{Auth, Options, Target};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Every so manieth request is answered 429 once, with this `Retry-After`.
    pub(crate) throttle_every: usize,
    pub(crate) retry_after: Option<&'static str>,
    /// Every so manieth write is answered 500.
    pub(crate) break_every: usize,
    pub(crate) stringly_numbers: bool,
    pub(crate) no_resources: bool,
    pub(crate) html_not_found: bool,
    /// Not shown: `title`, or `phoneNumbers`, or an attribute of the enterprise extension.
    pub(crate) forget: Option<&'static str>,
    pub(crate) wipe_on_remove: bool,
    pub(crate) ignore_remove: bool,
    pub(crate) manager_as_text: bool,
    pub(crate) two_work_emails: bool,
    pub(crate) hide_inactive: bool,
    pub(crate) page_cap: Option<usize>,
    pub(crate) empty_created: bool,
    pub(crate) refuse_member_filter: bool,
    /// From this request on the token is refused.
    pub(crate) expire_after: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) users: Vec<Value>,
    pub(crate) groups: Vec<Value>,
    pub(crate) faults: Faults,
    pub(crate) seen: Vec<Seen>,
    made: usize,
    writes: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Fake {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) base_url: String,
}

type Outcome = Result<(u16, Option<Value>), (u16, &'static str, String)>;

impl Fake {
    pub(crate) async fn start() -> Fake {
        let world = Arc::new(Mutex::new(World::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Fake { world, base_url }
    }

    pub(crate) async fn broken(faults: Faults) -> Fake {
        let fake = Self::start().await;
        fake.set(faults);
        fake
    }

    pub(crate) fn set(&self, faults: Faults) {
        self.world.lock().unwrap().faults = faults;
    }

    pub(crate) fn target(&self) -> Target {
        let base_url = self.base_url.clone();
        Target { base_url, token: "secret".to_owned(), auth: Auth::Bearer }
    }

    pub(crate) fn options(&self, users: usize, groups: usize) -> Options {
        Options { target: self.target(), users, groups, seed: 42 }
    }

    pub(crate) fn user(&self, user_name: &str) -> Value {
        let world = self.world.lock().unwrap();
        world.users.iter().find(|user| user["userName"] == user_name).unwrap().clone()
    }

    pub(crate) fn members(&self, name: &str) -> Vec<String> {
        let world = self.world.lock().unwrap();
        let group = world.groups.iter().find(|group| group["displayName"] == name).unwrap();
        let mut ids: Vec<String> = members(group).iter().map(|id| (*id).to_owned()).collect();
        ids.sort();
        ids
    }
}

fn members(group: &Value) -> Vec<&str> {
    group["members"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect()
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = world.lock().unwrap();
    world.seen.push(Seen { uri: uri.to_string(), headers: headers.clone() });
    let faults = world.faults.clone();
    let every = |count: usize, every: usize| every > 0 && count.is_multiple_of(every);
    if every(world.seen.len(), faults.throttle_every) {
        let mut response = (StatusCode::TOO_MANY_REQUESTS, "{}").into_response();
        if let Some(after) = faults.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, after.parse().unwrap());
        }
        return response;
    }
    if faults.expire_after > 0 && world.seen.len() > faults.expire_after {
        return scim(401, Some(json!({"status": "401", "detail": "expired"})));
    }
    if method != Method::GET {
        world.writes += 1;
        if every(world.writes, faults.break_every) {
            return scim(500, Some(json!({"status": "500", "detail": "out of order"})));
        }
    }
    match world.serve(&method, &uri, &headers, &body) {
        Ok((201, _)) if faults.empty_created => scim(201, None),
        Ok((status, body)) => scim(status, body),
        Err((404, _, _)) if faults.html_not_found => {
            (StatusCode::NOT_FOUND, "<html><body>Not here</body></html>").into_response()
        }
        Err((status, kind, detail)) => {
            let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
            let mut error =
                json!({"schemas": [schema], "status": status.to_string(), "detail": detail});
            if !kind.is_empty() {
                error["scimType"] = Value::from(kind);
            }
            scim(status, Some(error))
        }
    }
}

fn scim(status: u16, body: Option<Value>) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let kind = [(header::CONTENT_TYPE, "application/scim+json")];
    (status, kind, body.map(|body| body.to_string()).unwrap_or_default()).into_response()
}

fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl World {
    fn serve(&mut self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Outcome {
        if headers.get(header::AUTHORIZATION).is_none_or(|token| token != "Bearer secret") {
            return Err((401, "", "who are you?".to_owned()));
        }
        let body: Value = if body.is_empty() {
            Value::Null
        } else {
            if headers[header::CONTENT_TYPE] != "application/scim+json; charset=utf-8" {
                return Err((415, "", "not SCIM".to_owned()));
            }
            serde_json::from_slice(body)
                .map_err(|error| (400, "invalidSyntax", error.to_string()))?
        };
        let Some(path) = uri.path().strip_prefix("/scim/v2/") else {
            return Err((404, "", format!("no such path {}", uri.path())));
        };
        let (kind, id) = path.split_once('/').map_or((path, None), |(kind, id)| (kind, Some(id)));
        let id = id.map(decode);
        let query: Vec<(String, String)> = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect();
        let ask = |name: &str| {
            query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        match (method.as_str(), kind, id.as_deref()) {
            ("GET", "Users" | "Groups", None) => {
                let start = ask("startIndex").map_or(1, |text| text.parse().unwrap());
                let count = ask("count").map_or(usize::MAX, |text| text.parse().unwrap());
                self.list(kind, ask("filter"), start, count)
            }
            ("GET", "Users" | "Groups", Some(id)) => {
                let mut shown = self.show(self.find(kind, id)?);
                if ask("excludedAttributes") == Some("members") {
                    shown.as_object_mut().unwrap().remove("members");
                }
                Ok((200, Some(shown)))
            }
            ("POST", "Users" | "Groups", None) => self.create(kind, body),
            ("PUT", "Users" | "Groups", Some(id)) => self.replace(kind, id, body),
            ("PATCH", "Users" | "Groups", Some(id)) => self.patch(kind, id, &body),
            ("DELETE", "Users" | "Groups", Some(id)) => {
                self.find(kind, id)?;
                self.table(kind).retain(|one| one["id"] != id);
                Ok((204, None))
            }
            _ => Err((404, "", format!("no such path {path}"))),
        }
    }

    fn table(&mut self, kind: &str) -> &mut Vec<Value> {
        if kind == "Users" { &mut self.users } else { &mut self.groups }
    }

    fn find(&self, kind: &str, id: &str) -> Result<&Value, (u16, &'static str, String)> {
        let table = if kind == "Users" { &self.users } else { &self.groups };
        let found = table.iter().find(|one| one["id"] == id && self.visible(one));
        found.ok_or_else(|| (404, "", format!("no {kind} `{id}`")))
    }

    fn visible(&self, one: &Value) -> bool {
        !self.faults.hide_inactive || one["active"] != false
    }

    fn show(&self, resource: &Value) -> Value {
        let mut shown = resource.clone();
        let user = shown.as_object_mut().unwrap();
        user.remove("password");
        if let Some(name) = self.faults.forget {
            user.remove(name);
            if let Some(Value::Object(urn)) = user.get_mut(ENTERPRISE) {
                urn.remove(name);
            }
        }
        if let Some(urn) = user.get_mut(ENTERPRISE)
            && self.faults.manager_as_text
            && urn["manager"].is_object()
        {
            urn["manager"] = urn["manager"]["value"].clone();
        }
        if let Some(Value::Array(emails)) = user.get_mut("emails")
            && self.faults.two_work_emails
        {
            emails.push(json!({"type": "work", "value": "second@work.example"}));
        }
        shown
    }

    fn list(&self, kind: &str, filter: Option<&str>, start: usize, count: usize) -> Outcome {
        let table = if kind == "Users" { &self.users } else { &self.groups };
        let mut found = Vec::new();
        for one in table.iter().filter(|one| self.visible(one)) {
            if filter.map_or(Ok(true), |filter| self.matches(one, filter))? {
                found.push(self.show(one));
            }
        }
        let total = found.len();
        let count = count.min(self.faults.page_cap.unwrap_or(usize::MAX));
        let page: Vec<Value> = found.into_iter().skip(start - 1).take(count).collect();
        let mut list = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total, "startIndex": start, "itemsPerPage": page.len(),
            "Resources": page,
        });
        if self.faults.stringly_numbers {
            list["totalResults"] = Value::from(total.to_string());
        }
        if self.faults.no_resources && total == 0 {
            list.as_object_mut().unwrap().remove("Resources");
        }
        Ok((200, Some(list)))
    }

    fn matches(&self, one: &Value, filter: &str) -> Result<bool, (u16, &'static str, String)> {
        let mut all = true;
        for part in filter.split(" and ") {
            let (name, value) = part.split_once(" eq ").unwrap();
            let value: String = serde_json::from_str(value).unwrap();
            all &= match name {
                "id" => one["id"] == value.as_str(),
                "userName" | "displayName" => {
                    one[name].as_str().unwrap().to_lowercase() == value.to_lowercase()
                }
                "members" if !self.faults.refuse_member_filter => {
                    members(one).contains(&value.as_str())
                }
                _ => return Err((400, "invalidFilter", format!("`{name}` is no filter"))),
            };
        }
        Ok(all)
    }

    fn check_unique(
        &self,
        kind: &str,
        id: &str,
        one: &Value,
    ) -> Result<(), (u16, &'static str, String)> {
        let (table, name) = match kind {
            "Users" => (&self.users, "userName"),
            _ => (&self.groups, "displayName"),
        };
        let Some(value) = one[name].as_str() else {
            return Err((400, "invalidValue", format!("`{name}` is required")));
        };
        let value = value.to_lowercase();
        let taken = table.iter().any(|other| {
            other["id"] != id && other[name].as_str().unwrap().to_lowercase() == value
        });
        if taken { Err((409, "uniqueness", format!("`{value}` is taken"))) } else { Ok(()) }
    }

    fn create(&mut self, kind: &str, mut body: Value) -> Outcome {
        if !body["schemas"].is_array() {
            return Err((400, "invalidSyntax", "no schemas".to_owned()));
        }
        self.check_unique(kind, "", &body)?;
        self.made += 1;
        body["id"] = Value::from(format!("{}-{}", kind.to_lowercase(), self.made));
        if kind == "Groups" && !body["members"].is_array() {
            body["members"] = json!([]);
        }
        self.table(kind).push(body.clone());
        Ok((201, Some(self.show(&body))))
    }

    fn replace(&mut self, kind: &str, id: &str, mut body: Value) -> Outcome {
        self.find(kind, id)?;
        self.check_unique(kind, id, &body)?;
        body["id"] = Value::from(id);
        *self.table(kind).iter_mut().find(|one| one["id"] == id).unwrap() = body.clone();
        Ok((200, Some(self.show(&body))))
    }

    fn patch(&mut self, kind: &str, id: &str, body: &Value) -> Outcome {
        let mut resource = self.find(kind, id)?.clone();
        for operation in body["Operations"].as_array().unwrap() {
            let op = operation["op"].as_str().unwrap().to_lowercase();
            let value = operation.get("value");
            match (operation.get("path").and_then(Value::as_str), value) {
                (Some("members"), _) => self.patch_members(&mut resource, &op, value),
                (Some(path), _) => patch_path(&mut resource, &op, path, value)?,
                (None, Some(Value::Object(several))) => {
                    for (path, value) in several {
                        patch_path(&mut resource, &op, path, Some(value))?;
                    }
                }
                _ => return Err((400, "invalidSyntax", "no path and no object".to_owned())),
            }
        }
        if resource["id"] != id {
            return Err((400, "mutability", "`id` cannot change".to_owned()));
        }
        self.check_unique(kind, id, &resource)?;
        *self.table(kind).iter_mut().find(|one| one["id"] == id).unwrap() = resource.clone();
        Ok(if kind == "Users" { (200, Some(self.show(&resource))) } else { (204, None) })
    }

    fn patch_members(&self, group: &mut Value, op: &str, value: Option<&Value>) {
        let list = group["members"].as_array_mut().unwrap();
        let listed: Vec<Value> = value.and_then(Value::as_array).cloned().unwrap_or_default();
        let is_listed = |one: &Value| listed.iter().any(|other| other["value"] == one["value"]);
        match op {
            "remove" if self.faults.ignore_remove => {}
            "remove" if value.is_none() || self.faults.wipe_on_remove => list.clear(),
            "remove" => list.retain(|one| !is_listed(one)),
            _ => {
                list.retain(|one| op == "add" && !is_listed(one));
                list.extend(listed.iter().map(|one| json!({"value": one["value"]})));
            }
        }
    }
}

fn patch_path(
    resource: &mut Value,
    op: &str,
    path: &str,
    value: Option<&Value>,
) -> Result<(), (u16, &'static str, String)> {
    let bad = || (400, "invalidPath", format!("`{path}` is no path"));
    let new = match (op, value) {
        ("remove", _) => None,
        (_, Some(value)) => Some(value.clone()),
        _ => return Err((400, "invalidValue", "no value".to_owned())),
    };
    let user: &mut Map<String, Value> = resource.as_object_mut().unwrap();
    if let Some((list, rest)) = path.split_once('[') {
        let (filter, sub) = rest.split_once(']').ok_or_else(bad)?;
        let (name, wanted) = filter.split_once(" eq ").ok_or_else(bad)?;
        let wanted: Value = serde_json::from_str(wanted).map_err(|_| bad())?;
        if list == "manager" {
            let urn = user[ENTERPRISE].as_object_mut().unwrap();
            if urn["manager"][name] == wanted {
                urn.remove("manager");
            }
            return Ok(());
        }
        let entry = user.entry(list).or_insert_with(|| json!([]));
        let elements = entry.as_array_mut().unwrap();
        let Some(sub) = sub.strip_prefix('.') else {
            elements.retain(|one| one[name] != wanted);
            return Ok(());
        };
        if !elements.iter().any(|one| one[name] == wanted) {
            elements.push(json!({name: wanted}));
        }
        let element = elements.iter_mut().find(|one| one[name] == wanted).unwrap();
        put(element.as_object_mut().unwrap(), sub, new);
    } else if let Some(name) = path.strip_prefix(ENTERPRISE) {
        let name = name.strip_prefix(':').ok_or_else(bad)?;
        let urn = user.entry(ENTERPRISE).or_insert_with(|| json!({}));
        let new = new.map(|new| if name == "manager" { json!({"value": new}) } else { new });
        put(urn.as_object_mut().unwrap(), name, new);
    } else if let Some((name, sub)) = path.split_once('.') {
        let complex = user.entry(name).or_insert_with(|| json!({}));
        put(complex.as_object_mut().unwrap(), sub, new);
    } else if path == "active" {
        let text = new.unwrap_or_default().to_string().to_lowercase();
        put(user, "active", Some(Value::Bool(text.contains("true"))));
    } else {
        put(user, path, new);
    }
    Ok(())
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.remove(name),
    };
}
