//! The full read that Okta calls an import: pages of 100 until `startIndex` is beyond
//! `totalResults`. It matches nobody; it only finds out whether every user can be seen.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::answer::{Fault, text};
use crate::wire::{Call, Wire};

const PAGE: u64 = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    pub users: Vec<ImportedUser>,
    pub groups: Vec<ImportedGroup>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedUser {
    pub id: String,
    pub user_name: String,
    pub active: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedGroup {
    pub id: String,
    pub display_name: String,
    /// `None` when the list does not show members, which Okta accepts.
    pub members: Option<BTreeSet<String>>,
}

pub(crate) async fn read(wire: &Wire) -> Result<Import, Fault> {
    let users = read_all(wire, "/Users").await?.iter().map(read_user).collect();
    let groups = read_all(wire, "/Groups").await?.iter().map(read_group).collect();
    Ok(Import { users, groups })
}

fn read_user(user: &Value) -> ImportedUser {
    ImportedUser {
        id: text(user, "id").to_owned(),
        user_name: text(user, "userName").to_owned(),
        // An absent `active` is an active user.
        active: user.get("active") != Some(&Value::Bool(false)),
    }
}

fn read_group(group: &Value) -> ImportedGroup {
    let members = group.get("members").and_then(Value::as_array);
    ImportedGroup {
        id: text(group, "id").to_owned(),
        display_name: text(group, "displayName").to_owned(),
        members: members
            .map(|members| members.iter().map(|one| text(one, "value").to_owned()).collect()),
    }
}

async fn read_all(wire: &Wire, path: &str) -> Result<Vec<Value>, Fault> {
    let mut all = Vec::new();
    let mut seen = HashSet::new();
    let mut start = 1;
    loop {
        let call = Call::get(format!("{path}?startIndex={start}&count={PAGE}"));
        let answer = wire.send(call).await?;
        let list = answer.list()?;
        let due = PAGE.min((list.total + 1).saturating_sub(start));
        let got = list.resources.len() as u64;
        if got < due {
            // Okta goes on at startIndex + 100 whatever the page held.
            let detail = format!(
                "a page of {got} where {due} of {} were due: Okta never sees the rest",
                list.total
            );
            return Err(answer.fault(detail));
        }
        for resource in list.resources {
            let id = text(&resource, "id").to_owned();
            if !seen.insert(id.clone()) {
                let detail = format!("`{id}` is on two pages: the order is not stable");
                return Err(answer.fault(detail));
            }
            all.push(resource);
        }
        start += PAGE;
        if start > list.total {
            return Ok(all);
        }
    }
}
