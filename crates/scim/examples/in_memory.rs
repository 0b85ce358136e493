//! A SCIM service in one file, without a socket and without a database: what the crate decides,
//! and what is left to whoever uses it.
//!
//! `cargo run -p provost-scim --example in_memory`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::BTreeMap;

use scim::bulk::{Call, Done, Job, Method, Request};
use scim::filter::{Condition, Filter};
use scim::limits::Limits;
use scim::patch::{Member, Patch};
use scim::schema::{
    BULK_REQUEST, ENTERPRISE_USER, PATCH_OP, ResourceType, SEARCH_REQUEST, group_type, user_type,
};
use scim::search::{Paging, Search};
use scim::{Document, Error, Result, list, resource};
use serde_json::{Value, json};

const USERS: usize = 0;

struct Kept {
    resource_type: usize,
    document: Document,
    members: Vec<String>,
}

struct Service {
    types: [ResourceType; 2],
    limits: Limits,
    kept: BTreeMap<String, Kept>,
    created: u32,
}

impl Service {
    fn create(&mut self, resource_type: usize, body: &Value) -> Result<String> {
        let id = format!("{}", self.created + 1);
        self.put(resource_type, id.clone(), body)?;
        self.created += 1;
        Ok(id)
    }

    fn put(&mut self, resource_type: usize, id: String, body: &Value) -> Result<()> {
        let intake = resource::read(body, &self.types[resource_type], &self.limits)?;
        let members = intake.members.unwrap_or_default();
        self.kept.insert(id, Kept { resource_type, document: intake.document, members });
        Ok(())
    }

    fn patch(&mut self, id: &str, body: &Value) -> Result<()> {
        let kept = self.kept.get_mut(id).ok_or_else(|| Error::not_found("there is no such id"))?;
        let rt = &self.types[kept.resource_type];
        let members: Vec<Member> = kept
            .members
            .iter()
            .map(|id| Member { value: id.clone(), display: None, kind: "User".into() })
            .collect();
        let outcome =
            Patch::parse(body, rt, &self.limits)?.apply(&kept.document, rt, Some(&members))?;
        kept.document = outcome.document;
        let change = outcome.members;
        kept.members.retain(|id| !change.clear && !change.remove.contains(id));
        kept.members.extend(change.add);
        Ok(())
    }

    /// What clients see: the document, and what the server knows besides.
    fn view(&self, id: &str, kept: &Kept) -> Document {
        let rt = &self.types[kept.resource_type];
        let mut view = kept.document.clone();
        view.insert("id".into(), json!(id));
        view.insert("schemas".into(), json!(resource::schemas(&kept.document, rt)));
        if !kept.members.is_empty() {
            let members = kept.members.iter().map(|id| json!({ "value": id }));
            view.insert("members".into(), members.collect());
        }
        view
    }

    fn search(&self, resource_type: usize, body: &Value) -> Result<String> {
        let rt = &self.types[resource_type];
        let search = Search::from_body(body)?;
        let bind =
            |text: &str| -> Result<Condition> { Filter::parse(text, &self.limits)?.bind(rt) };
        let condition = search.filter.as_deref().map(bind).transpose()?;
        let Paging::Index(page) = search.paging(10, 100)? else {
            return Err(Error::invalid_cursor("this service pages by index"));
        };
        let of_type = self.kept.iter().filter(|(_, kept)| kept.resource_type == resource_type);
        let mut found: Vec<Document> = of_type.map(|(id, kept)| self.view(id, kept)).collect();
        found.retain(|view| condition.as_ref().is_none_or(|condition| condition.matches(view)));
        if let Some(sort) = search.sort(rt)? {
            found.sort_by(|left, right| sort.compare(left, right));
        }
        let projection = search.projection(rt)?;
        let total = found.len() as u64;
        let shown = found.into_iter().skip(page.start_index as usize - 1).take(page.count as usize);
        let shown = shown.map(|mut view| {
            projection.apply(&mut view, rt);
            Value::Object(view).to_string()
        });
        Ok(list::response(total, page.start_index, shown.collect()))
    }

    fn carry_out(&mut self, call: Call) -> Result<Done> {
        let (id, body) = (call.id.unwrap_or_default(), call.data.unwrap_or_default());
        let (status, id) = match call.method {
            Method::Post => (201, self.create(call.resource_type, &body)?),
            Method::Put => (200, self.put(call.resource_type, id.clone(), &body).map(|()| id)?),
            Method::Patch => (200, self.patch(&id, &body).map(|()| id)?),
            Method::Delete => match self.kept.remove(&id) {
                Some(_) => (204, id),
                None => return Err(Error::not_found("there is no such id")),
            },
        };
        Ok(Done { status, id, version: None })
    }

    fn bulk(&mut self, body: &Value) -> Result<Value> {
        let types: Vec<&ResourceType> = self.types.iter().collect();
        let mut job = Job::new(Request::parse(body, &types, &self.limits)?);
        while let Some(call) = job.next_call() {
            println!("    {:?}: {} {:?}", call.stage, call.method, call.id);
            let result = self.carry_out(call);
            job.record(result);
        }
        Ok(job.response("https://example.com/scim/v2"))
    }
}

fn main() -> Result<()> {
    let types = [user_type(), group_type()];
    let mut service =
        Service { types, limits: Limits::default(), kept: BTreeMap::new(), created: 0 };

    println!("A user as a client may send it, then patched as Entra would:");
    let id = service.create(USERS, &json!({ "USERNAME": "babs", "active": "True" }))?;
    let patch = json!({ "schemas": [PATCH_OP], "Operations": [
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Add", "path": "emails[type eq \"work\"].value", "value": "babs@example.com" },
    ] });
    service.patch(&id, &patch)?;
    println!("{:#}\n", Value::Object(service.view(&id, &service.kept[&id])));

    println!("Two people who manage each other, and the group they are in:");
    let reference = |id: &str| json!({ "value": format!("bulkId:{id}") });
    let answer = service.bulk(&json!({ "schemas": [BULK_REQUEST], "Operations": [
        { "method": "POST", "path": "/Groups", "bulkId": "team", "data": {
            "displayName": "Tour Guides", "members": [reference("ann"), reference("bob")] } },
        { "method": "POST", "path": "/Users", "bulkId": "ann", "data": {
            "userName": "ann", ENTERPRISE_USER: { "manager": reference("bob") } } },
        { "method": "POST", "path": "/Users", "bulkId": "bob", "data": {
            "userName": "Bob", ENTERPRISE_USER: { "manager": reference("ann") } } },
        { "method": "PATCH", "path": "/Users/bulkId:nobody", "data": patch },
    ] }))?;
    println!("{answer:#}\n");

    println!("Who has a manager, in order of name, two attributes each:");
    let found = service.search(
        USERS,
        &json!({ "schemas": [SEARCH_REQUEST], "filter": "manager pr", "sortBy": "userName",
            "attributes": ["userName", "manager.value"] }),
    )?;
    println!("{found}");
    Ok(())
}
