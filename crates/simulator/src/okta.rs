//! Okta's provisioning engine: one method for each line of its script. It remembers the ids it
//! learned and the members it pushed, nothing else; every method is a task that an administrator
//! would see succeed or fail.

mod body;
mod group;
mod import;
mod story;
mod user;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use import::{Import, ImportedGroup, ImportedUser};
pub use story::{DOMAIN, play, run};

use crate::answer::Fault;
use crate::company::{Company, Person, Team};
use crate::error::Error;
use crate::ids::Ids;
use crate::report::{Exchange, Failure, Report};
use crate::target::{Pace, Target};
use crate::wire::{self, Call, Wire};
use user::Script;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavor {
    /// An integration of the catalogue: PATCH for activation and groups.
    #[default]
    Catalogue,
    /// An app of the App Integration Wizard: PUT for everything.
    Wizard,
}

impl FromStr for Flavor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_ascii_lowercase().as_str() {
            "catalogue" | "catalog" | "oin" => Ok(Self::Catalogue),
            "wizard" | "aiw" => Ok(Self::Wizard),
            _ => Err(Error::UnknownFlavor {
                value: text.to_owned(),
                known: "`catalogue` (`oin`), `wizard` (`aiw`)",
            }),
        }
    }
}

impl fmt::Display for Flavor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Catalogue => "catalogue",
            Self::Wizard => "wizard",
        })
    }
}

#[derive(Debug)]
pub struct Engine {
    wire: Arc<Wire>,
    flavor: Flavor,
    ids: Ids,
    /// The members pushed to each group, by [`Team::key`].
    pushed: HashMap<String, BTreeSet<String>>,
    /// The ids the last import showed, by folded `userName`.
    imported: HashMap<String, String>,
}

impl Engine {
    pub fn new(target: &Target, flavor: Flavor) -> Result<Engine, Error> {
        Self::with_pace(target, flavor, Pace::default())
    }

    pub fn with_pace(target: &Target, flavor: Flavor, pace: Pace) -> Result<Engine, Error> {
        let wire = Arc::new(Wire::open(target, wire::Engine::Okta, pace)?);
        Ok(Engine {
            wire,
            flavor,
            ids: Ids::default(),
            pushed: HashMap::new(),
            imported: HashMap::new(),
        })
    }

    /// "Test API Credentials": a page of two users and a page of groups.
    pub async fn connect(&self) -> Result<(), Error> {
        for tail in ["/Users?startIndex=1&count=2", "/Groups?startIndex=1&count=100"] {
            let answer = self.wire.send(Call::get(tail)).await;
            answer.and_then(|answer| answer.list()).map_err(|fault| self.wire.error(fault))?;
        }
        Ok(())
    }

    /// Reads every user and every group, page by page.
    pub async fn import(&mut self) -> Result<Import, Failure> {
        let import = import::read(&self.wire).await;
        let import = import.map_err(|fault| self.fail(fault, "import".to_owned()))?;
        let users = import.users.iter();
        self.imported =
            users.map(|user| (user.user_name.to_lowercase(), user.id.clone())).collect();
        Ok(import)
    }

    /// Looks the person up, then creates, or links, activates and updates them.
    pub async fn assign(&mut self, company: &Company, person: &Person) -> Result<String, Failure> {
        let outcome = self.script().assign(person, company.manager_of(person)).await;
        self.settle(person, outcome)
    }

    /// GET, then PUT of what the GET returned with the mapped attributes written over it.
    pub async fn update_profile(
        &mut self,
        company: &Company,
        person: &Person,
    ) -> Result<String, Failure> {
        let outcome = match self.known(person) {
            Ok(id) => {
                let script = self.script();
                let updated = script.update_profile(&id, person, company.manager_of(person)).await;
                updated.map(|()| id)
            }
            Err(fault) => Err(fault),
        };
        let id = self.conclude(outcome, || format!("update {}", person.user_name))?;
        self.ids.learn(person, &id);
        Ok(id)
    }

    pub async fn deactivate(&mut self, person: &Person) -> Result<(), Failure> {
        let outcome = match self.known(person) {
            Ok(id) => self.script().set_active(&id, false).await,
            Err(fault) => Err(fault),
        };
        self.conclude(outcome, || format!("deactivate {}", person.user_name))
    }

    /// Looks the person up, activates them and pushes the profile. The id must be the old one.
    pub async fn reactivate(
        &mut self,
        company: &Company,
        person: &Person,
    ) -> Result<String, Failure> {
        let outcome = self.script().reactivate(person, company.manager_of(person)).await;
        self.settle(person, outcome)
    }

    pub async fn change_password(
        &mut self,
        person: &Person,
        password: &str,
    ) -> Result<(), Failure> {
        let outcome = match self.known(person) {
            Ok(id) => self.script().change_password(&id, password).await,
            Err(fault) => Err(fault),
        };
        self.conclude(outcome, || format!("sync the password of {}", person.user_name))
    }

    /// Granular deprovisioning: Okta used to deactivate only, and since 2026 may delete.
    pub async fn delete(&mut self, person: &Person) -> Result<(), Failure> {
        let outcome = match self.known(person) {
            Ok(id) => self.script().delete_user(&id).await,
            Err(fault) => Err(fault),
        };
        self.conclude(outcome, || format!("delete {}", person.user_name))?;
        self.ids.forget(person);
        Ok(())
    }

    /// Somebody who should be inactive and whom this engine may never have seen.
    pub async fn ensure_left(&mut self, person: &Person) -> Result<(), Failure> {
        let outcome = self.script().ensure_left(person).await;
        let id = self.conclude(outcome, || format!("deactivate {}", person.user_name))?;
        if let Some(id) = id {
            self.ids.learn(person, &id);
        }
        Ok(())
    }

    /// Links or creates the group, then sends the whole membership.
    pub async fn push_group(&mut self, company: &Company, team: &Team) -> Result<String, Failure> {
        let members = self.list_members(company, team);
        let known = self.ids.find_group(team).map(str::to_owned);
        let outcome = self.script().push_group(known, team, &members).await;
        let id = self.conclude(outcome, || format!("push group {}", team.name))?;
        self.ids.learn_group(team, &id);
        self.remember_members(team, &members);
        Ok(id)
    }

    /// Sends what changed since the last push; nothing when nothing did.
    pub async fn change_members(&mut self, company: &Company, team: &Team) -> Result<(), Failure> {
        let members = self.list_members(company, team);
        let pushed = self.pushed.get(team.key()).cloned().unwrap_or_default();
        let change = group::Change::between(&pushed, &members);
        if change.is_empty() {
            return Ok(());
        }
        let outcome = match self.known_group(team) {
            Ok(id) => self.script().change_members(&id, team, &members, &change).await,
            Err(fault) => Err(fault),
        };
        self.conclude(outcome, || format!("change the members of group {}", team.name))?;
        self.remember_members(team, &members);
        Ok(())
    }

    /// `team` carries the new name.
    pub async fn rename_group(&mut self, company: &Company, team: &Team) -> Result<(), Failure> {
        let members = self.list_members(company, team);
        let outcome = match self.known_group(team) {
            Ok(id) => self.script().rename_group(&id, team, &members).await,
            Err(fault) => Err(fault),
        };
        self.conclude(outcome, || format!("rename group {}", team.name))?;
        if self.flavor == Flavor::Wizard {
            self.remember_members(team, &members);
        }
        Ok(())
    }

    /// Unlinks the group, and deletes it in the target if so asked.
    pub async fn unlink_group(&mut self, team: &Team, delete: bool) -> Result<(), Failure> {
        if delete {
            let outcome = match self.known_group(team) {
                Ok(id) => self.script().delete_group(&id).await,
                Err(fault) => Err(fault),
            };
            self.conclude(outcome, || format!("delete group {}", team.name))?;
        }
        self.ids.forget_group(team);
        self.pushed.remove(team.key());
        Ok(())
    }

    pub async fn find_user(&self, user_name: &str) -> Result<Option<String>, Failure> {
        let found = self.script().find_user(user_name).await;
        let found = self.conclude(found, || format!("look up {user_name}"))?;
        Ok(found.map(|user| crate::answer::text(&user, "id").to_owned()))
    }

    pub async fn find_group(&self, name: &str) -> Result<Option<String>, Failure> {
        let found = self.script().find_group(name).await;
        self.conclude(found, || format!("look up group {name}"))
    }

    pub fn id_of(&self, user_name: &str) -> Option<&str> {
        self.ids.find_by_name(user_name)
    }

    pub fn id_of_group(&self, team: &Team) -> Option<&str> {
        self.ids.find_group(team)
    }

    /// The last requests, oldest first.
    pub fn transcript(&self) -> Vec<Exchange> {
        self.wire.log.transcript()
    }

    pub fn report(&self, company: &Company) -> Report {
        self.wire.log.report(company.people.len(), company.groups.len())
    }

    fn script(&self) -> Script {
        Script { wire: Arc::clone(&self.wire), flavor: self.flavor }
    }

    fn fail(&self, fault: Fault, task: String) -> Failure {
        self.wire.log.fail(fault.failure(task))
    }

    fn conclude<T>(
        &self,
        outcome: Result<T, Fault>,
        task: impl FnOnce() -> String,
    ) -> Result<T, Failure> {
        outcome.map_err(|fault| self.fail(fault, task()))
    }

    /// Learns the id of a person, and insists that it is the one seen before.
    fn settle(
        &mut self,
        person: &Person,
        outcome: Result<String, Fault>,
    ) -> Result<String, Failure> {
        let task = || format!("assign {}", person.user_name);
        let id = self.conclude(outcome, task)?;
        let before = self.ids.find(person);
        let before = before
            .or_else(|| self.imported.get(&person.user_name.to_lowercase()).map(String::as_str));
        if let Some(before) = before.filter(|before| *before != id) {
            let detail = format!("the person was `{before}` and is now `{id}`: ids must be stable");
            return Err(self.fail(Fault::found(detail), task()));
        }
        self.ids.learn(person, &id);
        Ok(id)
    }

    fn known(&self, person: &Person) -> Result<String, Fault> {
        let id = self.ids.find(person).map(str::to_owned);
        id.ok_or_else(|| Fault::found("the person is not provisioned: an earlier task failed"))
    }

    fn known_group(&self, team: &Team) -> Result<String, Fault> {
        let id = self.ids.find_group(team).map(str::to_owned);
        id.ok_or_else(|| Fault::found("the group is not pushed: an earlier task failed"))
    }

    /// Only people who are provisioned can be pushed as members.
    fn list_members(&self, company: &Company, team: &Team) -> Vec<group::Member> {
        let people = company.members_of(team).filter_map(|person| {
            let id = self.ids.find(person)?.to_owned();
            Some(group::Member { id, display: person.user_name.clone() })
        });
        people.collect()
    }

    fn remember_members(&mut self, team: &Team, members: &[group::Member]) {
        let ids = members.iter().map(|member| member.id.clone()).collect();
        self.pushed.insert(team.key().to_owned(), ids);
    }
}
