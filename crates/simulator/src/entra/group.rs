//! One group, request by request. Groups are created empty and read without their members; who is in
//! them is a reference, and references come last.

use std::collections::BTreeSet;

use serde_json::Value;

use super::mapping;
use super::patch;
use super::{Engine, Reason};
use crate::address::{equals, segment};
use crate::answer::{Fault, text};
use crate::company::Team;
use crate::wire::Call;

const MEMBERS_PER_PATCH: usize = 100;
/// A linked group's members are asked for one by one up to here, and read at once beyond.
const MOST_REFERENCE_CHECKS: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Members {
    flowed: BTreeSet<String>,
    removed: BTreeSet<String>,
}

/// How far the engine's memory of a group's members can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Created just now: nobody is in it.
    Created,
    /// Brought in step by an earlier cycle of this process.
    Kept,
    /// Linked just now, or after a restart: the target has to be asked.
    Unsure,
}

impl Engine {
    pub(crate) async fn evaluate_group(&mut self, team: &Team) -> Result<Memory, Fault> {
        let known = self.ids.find_group(team).map(str::to_owned);
        let mut found = match &known {
            Some(id) => self.get_group(id).await?,
            None => None,
        };
        if found.is_none() {
            found = self.match_group(team).await?;
        }
        if found.is_none() {
            found = self.create_group(team).await?;
        }
        let Some((id, resource)) = found else {
            return Ok(Memory::Created);
        };
        self.ids.learn_group(team, &id);
        let differences = mapping::compare_group(team, &resource);
        if !differences.is_empty() {
            let body = patch::attributes(self.flavor, &differences);
            self.patch("/Groups", &id, body, &team.name, &Reason::differences(&differences))
                .await?;
        }
        let kept = known.is_some_and(|known| known == id) && self.was_synced(team);
        Ok(if kept { Memory::Kept } else { Memory::Unsure })
    }

    fn was_synced(&self, team: &Team) -> bool {
        self.synced_teams.contains_key(team.key())
    }

    pub(crate) async fn find_group(&self, name: &str) -> Result<Option<String>, Fault> {
        let opening = "/Groups?excludedAttributes=members&";
        let call = Call::get(self.filter_tail(opening, "displayName", name));
        self.find(call, "displayName", name).await
    }

    async fn match_group(&self, team: &Team) -> Result<Option<(String, Value)>, Fault> {
        let Some(id) = self.find_group(&team.name).await? else {
            return Ok(None);
        };
        match self.get_group(&id).await? {
            Some(found) => Ok(Some(found)),
            None => {
                Err(Fault::found(format!("`{id}` is found by `displayName`, but not by its id")))
            }
        }
    }

    async fn get_group(&self, id: &str) -> Result<Option<(String, Value)>, Fault> {
        let tail = format!("/Groups/{}?excludedAttributes=members", segment(id));
        self.read_group(tail, id).await
    }

    async fn read_group(&self, tail: String, id: &str) -> Result<Option<(String, Value)>, Fault> {
        let answer = self.wire.send(Call::get(tail)).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let (found, resource) = answer.expect(&[200])?.resource()?;
        if found != id {
            return Err(answer.fault(format!("asked for `{id}`, got `{found}`")));
        }
        Ok(Some((found, resource)))
    }

    async fn create_group(&mut self, team: &Team) -> Result<Option<(String, Value)>, Fault> {
        let answer = self.wire.send(Call::post("/Groups", mapping::new_group(team))).await?;
        if answer.status == 409 {
            let found = self.match_group(team).await?;
            return match (found, answer.expect(&[201])) {
                (Some(found), _) => Ok(Some(found)),
                (None, Err(fault)) => Err(fault),
                (None, Ok(_)) => Ok(None),
            };
        }
        let (id, _) = answer.expect(&[201])?.resource()?;
        self.ids.learn_group(team, &id);
        self.members.remove(team.key());
        self.note_write(&team.name, "POST /Groups".to_owned(), &Reason::created());
        Ok(None)
    }

    /// The group has left the scope: groups know no soft delete.
    pub(crate) async fn delete_group(&mut self, team: &Team) -> Result<(), Fault> {
        let Some(id) = self.ids.find_group(team) else {
            return Ok(());
        };
        let answer = self.wire.send(Call::delete(format!("/Groups/{}", segment(id)))).await?;
        answer.expect(&[204])?;
        self.ids.forget_group(team);
        self.members.remove(team.key());
        Ok(())
    }

    pub(crate) async fn evaluate_members(
        &mut self,
        team: &Team,
        wanted: &BTreeSet<String>,
        memory: Memory,
    ) -> Result<(), Fault> {
        let Some(id) = self.ids.find_group(team).map(str::to_owned) else {
            return Ok(());
        };
        let flowed = self.members.get(team.key()).map(|members| members.flowed.clone());
        let flowed = flowed.unwrap_or_default();
        let present = match memory {
            Memory::Created => BTreeSet::new(),
            Memory::Kept => flowed.clone(),
            Memory::Unsure => self.read_members(&id, wanted).await?,
        };
        self.check_removed(team, &id, &present);
        let removed: Vec<&String> = flowed.difference(wanted).collect();
        for chunk in removed.chunks(MEMBERS_PER_PATCH) {
            let body = patch::remove_members(self.flavor, chunk);
            let count = chunk.len();
            let reason = Reason::new(
                format!("{count} `members` removed"),
                format!("{count} `members` had to be removed again"),
            );
            self.patch("/Groups", &id, body, &team.name, &reason).await?;
        }
        let missing: Vec<&String> = wanted.difference(&present).collect();
        for chunk in missing.chunks(MEMBERS_PER_PATCH) {
            let body = patch::add_members(self.flavor, chunk);
            let (first, count) = (chunk.first().map_or("", |id| id), chunk.len());
            let reason = Reason::new(
                format!("{count} `members` added"),
                format!("the server lost {count} `members`, `{first}` among them"),
            );
            self.patch("/Groups", &id, body, &team.name, &reason).await?;
        }
        let gone: Vec<String> = removed.into_iter().cloned().collect();
        let members = self.members.entry(team.key().to_owned()).or_default();
        members.removed.extend(gone);
        members.removed.retain(|id| !wanted.contains(id));
        members.flowed.clone_from(wanted);
        Ok(())
    }

    /// In a recheck all members are at hand: nobody who was removed may be among them.
    fn check_removed(&self, team: &Team, id: &str, present: &BTreeSet<String>) {
        let Some(members) = self.members.get(team.key()).filter(|_| self.idle) else {
            return;
        };
        let kept: Vec<&String> = members.removed.intersection(present).collect();
        if let Some(first) = kept.first() {
            let count = kept.len();
            let detail =
                format!("{count} `members` were removed and are back, `{first}` among them");
            let request = format!("GET /Groups/{}", segment(id));
            let fault = Fault { request, status: 200, detail };
            self.fail(fault, format!("nothing to do for {}", team.name));
        }
    }

    /// Those of `wanted` who are in the group, at least.
    async fn read_members(
        &mut self,
        id: &str,
        wanted: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, Fault> {
        let few = wanted.len() <= MOST_REFERENCE_CHECKS;
        if self.reference_checks && few && !self.idle {
            let mut present = BTreeSet::new();
            for user in wanted {
                match self.has_member(id, user).await? {
                    Some(true) => {
                        present.insert(user.clone());
                    }
                    Some(false) => {}
                    None => {
                        self.reference_checks = false;
                        break;
                    }
                }
            }
            if self.reference_checks {
                return Ok(present);
            }
        }
        let found = self.read_group(format!("/Groups/{}", segment(id)), id).await?;
        let members = found.as_ref().and_then(|(_, group)| group.get("members")?.as_array());
        let ids = members.into_iter().flatten().map(|member| text(member, "value").to_owned());
        Ok(ids.collect())
    }

    /// The reference check of older engines; `None` when the target does not filter by members.
    async fn has_member(&self, group: &str, user: &str) -> Result<Option<bool>, Fault> {
        let filter = format!("{} and {}", equals("id", group), equals("members", user));
        let filter = self.wire.encoding().encode(&filter);
        let tail = format!("/Groups?filter={filter}&attributes=id");
        let answer = self.wire.send(Call::get(tail)).await?;
        if matches!(answer.status, 400 | 403 | 404 | 501) {
            return Ok(None);
        }
        let list = answer.list()?;
        Ok(match list.resources.as_slice() {
            [] => Some(false),
            [one] if text(one, "id") == group => Some(true),
            _ => None,
        })
    }
}
