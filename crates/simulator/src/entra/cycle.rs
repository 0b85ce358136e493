//! A cycle: the probe, then users, then groups, then references. What failed is tried again in the
//! next cycle, what did not change since the last one is not looked at.

use std::collections::HashSet;

use super::Engine;
use super::group::Memory;
use crate::answer::Fault;
use crate::company::{Company, Person, Presence, Team};
use crate::error::Error;
use crate::observer::{Observer, Silent};

/// What a cycle did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cycle {
    /// POST, PATCH and DELETE requests.
    pub writes: u64,
    pub failed: u64,
    /// Why each object was created or patched, taken from the difference that was found.
    pub written: Vec<String>,
}

impl Engine {
    /// Initial the first time and after [`Engine::restart`], incremental otherwise.
    pub async fn cycle(&mut self, company: &Company) -> Result<Cycle, Error> {
        self.cycle_observed(company, &mut Silent).await
    }

    /// Looks at everything once more. Nothing changed at the source, so whatever is written counts
    /// as a failure, with the attribute that the server did not echo.
    pub async fn recheck(
        &mut self,
        company: &Company,
        observer: &mut dyn Observer,
    ) -> Result<Cycle, Error> {
        self.restart();
        self.idle = true;
        let outcome = self.cycle_observed(company, observer).await;
        self.idle = false;
        outcome
    }

    pub async fn cycle_observed(
        &mut self,
        company: &Company,
        observer: &mut dyn Observer,
    ) -> Result<Cycle, Error> {
        let (writes, failed) = (self.wire.log.writes(), self.wire.log.failed());
        self.written.clear();
        self.probe().await?;
        let managers = self.pass_users(company, observer).await?;
        let memories = self.pass_groups(company, observer).await?;
        self.pass_references(company, managers, memories, observer).await?;
        Ok(Cycle {
            writes: self.wire.log.writes() - writes,
            failed: self.wire.log.failed() - failed,
            written: std::mem::take(&mut self.written),
        })
    }

    /// The people looked at, with the manager the target has for each.
    async fn pass_users<'a>(
        &mut self,
        company: &'a Company,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(&'a Person, Option<String>)>, Error> {
        let known = company.people.iter().filter(|one| one.presence != Presence::Expected);
        let changed: Vec<&Person> =
            known.filter(|one| self.synced.get(one.key()) != Some(one)).collect();
        observer.phase("users", changed.len() as u64);
        let mut managers = Vec::with_capacity(changed.len());
        // Newcomers first: the first of them stands for a day that has begun.
        let (old, new): (Vec<&Person>, Vec<&Person>) =
            changed.into_iter().partition(|one| self.ids.find(one).is_some());
        for person in new.into_iter().chain(old) {
            match self.evaluate_user(person).await {
                Ok(evaluated) => managers.push((person, evaluated.manager)),
                Err(fault) => {
                    self.synced.remove(person.key());
                    self.fail(fault, format!("provision {}", person.user_name));
                }
            }
            observer.step();
            self.wire.check_alive()?;
        }
        Ok(managers)
    }

    async fn pass_groups<'a>(
        &mut self,
        company: &'a Company,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(&'a Team, Memory)>, Error> {
        let in_scope: HashSet<&str> = company.groups.iter().map(Team::key).collect();
        let gone = self.synced_teams.values().filter(|team| !in_scope.contains(team.key()));
        let gone: Vec<Team> = gone.cloned().collect();
        for team in gone {
            match self.delete_group(&team).await {
                Ok(()) => {
                    self.synced_teams.remove(team.key());
                    observer.note(&format!("group {} left the scope", team.name));
                }
                Err(fault) => {
                    self.fail(fault, format!("delete group {}", team.name));
                }
            }
        }
        observer.phase("groups", company.groups.len() as u64);
        let mut memories = Vec::with_capacity(company.groups.len());
        for team in &company.groups {
            if self.synced_teams.get(team.key()) == Some(team) {
                memories.push((team, Memory::Kept));
            } else {
                match self.evaluate_group(team).await {
                    Ok(memory) => memories.push((team, memory)),
                    Err(fault) => {
                        self.fail(fault, format!("provision group {}", team.name));
                    }
                }
            }
            observer.step();
            self.wire.check_alive()?;
        }
        Ok(memories)
    }

    async fn pass_references(
        &mut self,
        company: &Company,
        managers: Vec<(&Person, Option<String>)>,
        memories: Vec<(&Team, Memory)>,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        observer.phase("references", (managers.len() + memories.len()) as u64);
        for (person, current) in managers {
            let outcome = if person.is_here() {
                self.evaluate_manager(company, person, current).await
            } else {
                Ok(())
            };
            match outcome {
                Ok(()) => {
                    self.synced.insert(person.key().to_owned(), person.clone());
                }
                Err(fault) => self.give_up_person(person, fault),
            }
            observer.step();
            self.wire.check_alive()?;
        }
        for (team, memory) in memories {
            let wanted = self.list_members(company, team);
            match self.evaluate_members(team, &wanted, memory).await {
                Ok(()) => {
                    self.synced_teams.insert(team.key().to_owned(), team.clone());
                }
                Err(fault) => {
                    self.synced_teams.remove(team.key());
                    self.fail(fault, format!("set the members of group {}", team.name));
                }
            }
            observer.step();
            self.wire.check_alive()?;
        }
        Ok(())
    }

    fn give_up_person(&mut self, person: &Person, fault: Fault) {
        self.synced.remove(person.key());
        self.fail(fault, format!("set the manager of {}", person.user_name));
    }
}
