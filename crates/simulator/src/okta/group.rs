//! What Okta does to one pushed group, request by request. Who the members are is decided by the
//! engine.

use std::collections::BTreeSet;

use serde_json::Value;

use super::user::Script;
use super::{Flavor, body};
use crate::address::segment;
use crate::answer::{Fault, text};
use crate::company::Team;
use crate::wire::Call;

/// Okta does not publish how many member changes it puts into one PATCH.
const MEMBERS_PER_PATCH: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) display: String,
}

#[derive(Debug)]
pub(crate) struct Change {
    removed: Vec<String>,
    added: Vec<Member>,
}

impl Change {
    pub(crate) fn between(pushed: &BTreeSet<String>, wanted: &[Member]) -> Change {
        let keep: BTreeSet<&String> = wanted.iter().map(|member| &member.id).collect();
        let removed = pushed.iter().filter(|id| !keep.contains(id)).cloned().collect();
        let added = wanted.iter().filter(|member| !pushed.contains(&member.id)).cloned().collect();
        Change { removed, added }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }
}

impl Script {
    pub(crate) async fn find_group(&self, name: &str) -> Result<Option<String>, Fault> {
        let found = self.find("/Groups", "displayName", name).await?;
        Ok(found.map(|group| text(&group, "id").to_owned()))
    }

    pub(crate) async fn push_group(
        &self,
        known: Option<String>,
        team: &Team,
        members: &[Member],
    ) -> Result<String, Fault> {
        let linked = match known {
            Some(id) => Some(id),
            None => self.find_group(&team.name).await?,
        };
        let id = match linked {
            Some(id) => {
                self.get_group(&id).await?;
                id
            }
            None => {
                let id = self.create_group(&team.name).await?;
                if members.is_empty() {
                    return Ok(id);
                }
                id
            }
        };
        match self.flavor {
            Flavor::Catalogue => self.replace_members(&id, members).await?,
            Flavor::Wizard => self.put_group(&id, team, members).await?,
        }
        Ok(id)
    }

    pub(crate) async fn change_members(
        &self,
        id: &str,
        team: &Team,
        members: &[Member],
        change: &Change,
    ) -> Result<(), Fault> {
        if self.flavor == Flavor::Wizard {
            self.get_group(id).await?;
            return self.put_group(id, team, members).await;
        }
        self.patch_group(id, body::group_name(id, &team.name)).await?;
        let mut removed = change.removed.chunks(MEMBERS_PER_PATCH);
        let mut added = change.added.chunks(MEMBERS_PER_PATCH);
        loop {
            let (remove, add) = (removed.next(), added.next());
            if remove.is_none() && add.is_none() {
                return Ok(());
            }
            let body = body::member_changes(remove.unwrap_or(&[]), add.unwrap_or(&[]));
            self.patch_group(id, body).await?;
        }
    }

    pub(crate) async fn rename_group(
        &self,
        id: &str,
        team: &Team,
        members: &[Member],
    ) -> Result<(), Fault> {
        match self.flavor {
            Flavor::Catalogue => self.patch_group(id, body::group_name(id, &team.name)).await,
            Flavor::Wizard => {
                self.get_group(id).await?;
                self.put_group(id, team, members).await
            }
        }
    }

    pub(crate) async fn delete_group(&self, id: &str) -> Result<(), Fault> {
        let answer = self.wire.send(Call::delete(group_path(id))).await?;
        answer.expect(&[204])?;
        Ok(())
    }

    async fn create_group(&self, name: &str) -> Result<String, Fault> {
        let answer = self.wire.send(Call::post("/Groups", body::new_group(name))).await?;
        Ok(answer.expect(&[201])?.resource()?.0)
    }

    /// The whole membership: one PATCH that replaces, and more that add when it is too long for one.
    async fn replace_members(&self, id: &str, members: &[Member]) -> Result<(), Fault> {
        let (first, rest) = members.split_at(members.len().min(MEMBERS_PER_PATCH));
        self.patch_group(id, body::all_members(first)).await?;
        for chunk in rest.chunks(MEMBERS_PER_PATCH) {
            self.patch_group(id, body::member_changes(&[], chunk)).await?;
        }
        Ok(())
    }

    async fn get_group(&self, id: &str) -> Result<Value, Fault> {
        let answer = self.wire.send(Call::get(group_path(id))).await?;
        let (found, group) = answer.expect(&[200])?.resource()?;
        if found != id {
            return Err(answer.fault(format!("asked for `{id}`, got `{found}`")));
        }
        Ok(group)
    }

    async fn put_group(&self, id: &str, team: &Team, members: &[Member]) -> Result<(), Fault> {
        let body = body::whole_group(&team.name, members);
        let answer = self.wire.send(Call::put(group_path(id), body)).await?;
        answer.expect(&[200, 204])?;
        Ok(())
    }

    async fn patch_group(&self, id: &str, body: Value) -> Result<(), Fault> {
        let answer = self.wire.send(Call::patch(group_path(id), body)).await?;
        answer.expect(&[200, 204])?;
        Ok(())
    }
}

fn group_path(id: &str) -> String {
    format!("/Groups/{}", segment(id))
}
