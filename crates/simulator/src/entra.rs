//! Microsoft Entra ID's provisioning engine: cycles over a state of the company, and the single
//! actions an administrator can start. It keeps what the real one keeps between cycles (links,
//! watermark, members that flowed) and deliberately no copy of the target: every decision is made
//! against what the target answers.

mod cycle;
mod group;
mod mapping;
mod patch;
mod story;
mod user;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

pub use cycle::Cycle;
pub use story::{DOMAIN, play, run};

use crate::answer::Fault;
use crate::chance::Chance;
use crate::company::{Company, Person, Presence, Team};
use crate::error::Error;
use crate::ids::Ids;
use crate::report::{Exchange, Failure, Report};
use crate::target::{Pace, Target};
use crate::wire::{self, Call, Wire};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavor {
    /// What Entra sends without a flag in the tenant URL.
    #[default]
    Default,
    /// What it sends with `?aadOptscim062020`.
    AadOptscim062020,
}

const FLAG: &str = "aadOptscim062020";

impl FromStr for Flavor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.eq_ignore_ascii_case("default") {
            Ok(Self::Default)
        } else if text.eq_ignore_ascii_case(FLAG) {
            Ok(Self::AadOptscim062020)
        } else {
            Err(Error::UnknownFlavor {
                value: text.to_owned(),
                known: "`default`, `aadOptscim062020`",
            })
        }
    }
}

impl fmt::Display for Flavor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Default => "default",
            Self::AadOptscim062020 => FLAG,
        })
    }
}

/// Why something is written.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    /// As a change of the source.
    pub(crate) change: String,
    /// As a loss of the target, when the source did not change.
    pub(crate) loss: String,
}

impl Reason {
    fn new(change: impl Into<String>, loss: impl Into<String>) -> Reason {
        Reason { change: change.into(), loss: loss.into() }
    }

    fn created() -> Reason {
        Self::new("created", "the server no longer finds the object: it was created again")
    }

    fn differences(differences: &[mapping::Difference]) -> Reason {
        let join = |tell: fn(&mapping::Difference) -> String| {
            differences.iter().map(tell).collect::<Vec<_>>().join("; ")
        };
        Self::new(join(mapping::Difference::describe), join(mapping::Difference::explain))
    }
}

#[derive(Debug)]
pub struct Engine {
    wire: Wire,
    flavor: Flavor,
    ids: Ids,
    chance: Chance,
    /// The watermark: people as they were when they were last brought in step. Whoever failed is
    /// not in it, and so is tried again in the next cycle.
    synced: HashMap<String, Person>,
    synced_teams: HashMap<String, Team>,
    /// Which mapped attributes of a person ever had a value: only those are ever removed.
    flowed: HashMap<String, u32>,
    /// By [`Team::key`].
    members: HashMap<String, group::Members>,
    /// Off once the target refused to filter by `members`.
    reference_checks: bool,
    /// Set while nothing may be written: see [`Engine::recheck`].
    idle: bool,
    written: Vec<String>,
}

impl Engine {
    pub fn new(target: &Target, flavor: Flavor) -> Result<Engine, Error> {
        Self::with_pace(target, flavor, Pace::default())
    }

    /// A flag in the base URL decides over `flavor`, as it does in Entra.
    pub fn with_pace(target: &Target, flavor: Flavor, pace: Pace) -> Result<Engine, Error> {
        let wire = Wire::open(target, wire::Engine::Entra, pace)?;
        let flavor = if wire.has_flag(FLAG) { Flavor::AadOptscim062020 } else { flavor };
        Ok(Engine {
            wire,
            flavor,
            ids: Ids::default(),
            chance: Chance::new(0, 4),
            synced: HashMap::new(),
            synced_teams: HashMap::new(),
            flowed: HashMap::new(),
            members: HashMap::new(),
            reference_checks: true,
            idle: false,
            written: Vec::new(),
        })
    }

    /// "Test connection", and the start of everything else: a user that cannot exist.
    pub async fn probe(&mut self) -> Result<(), Error> {
        let guid = self.chance.guid();
        let call = Call::get(self.filter_tail("/Users?", "userName", &guid)).bare();
        let outcome = match self.wire.send(call).await {
            Ok(answer) => answer.list().and_then(|list| match list.total {
                0 => Ok(()),
                _ => Err(answer.fault("found a user who cannot exist: the filter was ignored")),
            }),
            Err(fault) => Err(fault),
        };
        outcome.map_err(|fault| self.wire.error(fault))
    }

    /// Forgets the watermark: the next cycle looks at every object again.
    pub fn restart(&mut self) {
        self.synced.clear();
        self.synced_teams.clear();
    }

    /// One person at once: probe, match, then POST or PATCH. Never in the flagged shape.
    pub async fn provision_on_demand(
        &mut self,
        company: &Company,
        person: &Person,
    ) -> Result<String, Failure> {
        if let Err(error) = self.probe().await {
            let fault = Fault::found(error.to_string());
            return Err(self.fail(fault, format!("provision {} on demand", person.user_name)));
        }
        let flavor = std::mem::take(&mut self.flavor);
        let mut outcome = self.evaluate_user(person).await;
        if let Ok(evaluated) = &mut outcome {
            let current = evaluated.manager.take();
            if let Err(fault) = self.evaluate_manager(company, person, current).await {
                outcome = Err(fault);
            }
        }
        self.flavor = flavor;
        outcome.map_err(|fault| {
            self.fail(fault, format!("provision {} on demand", person.user_name))
        })?;
        Ok(self.id_of(&person.user_name).unwrap_or_default().to_owned())
    }

    /// Soft delete: unassigned, out of scope, or disabled at the source.
    pub async fn disable(&mut self, person: &Person) -> Result<(), Failure> {
        let gone = Person { presence: Presence::Left, ..person.clone() };
        self.bring_in_step(&gone, "disable").await
    }

    /// The same person is in scope again. Group memberships come back with the next cycle only.
    pub async fn restore(&mut self, person: &Person) -> Result<(), Failure> {
        let back = Person { presence: Presence::Here, ..person.clone() };
        self.bring_in_step(&back, "restore").await
    }

    async fn bring_in_step(&mut self, person: &Person, verb: &str) -> Result<(), Failure> {
        match self.evaluate_user(person).await {
            Ok(_) => {
                // The manager was not looked at: the next cycle has to.
                self.synced.remove(person.key());
                Ok(())
            }
            Err(fault) => Err(self.fail(fault, format!("{verb} {}", person.user_name))),
        }
    }

    /// Hard delete, thirty days after the soft one.
    pub async fn purge(&mut self, person: &Person) -> Result<(), Failure> {
        let outcome = match self.ids.find(person) {
            Some(id) => {
                let call = Call::delete(format!("/Users/{}", crate::address::segment(id)));
                match self.wire.send(call).await {
                    Ok(answer) => answer.expect(&[204]).map(|_| ()),
                    Err(fault) => Err(fault),
                }
            }
            None => Err(Fault::found("the person is not linked: an earlier task failed")),
        };
        outcome.map_err(|fault| self.fail(fault, format!("purge {}", person.user_name)))?;
        self.ids.forget(person);
        self.synced.remove(person.key());
        self.flowed.remove(person.key());
        Ok(())
    }

    pub fn id_of(&self, user_name: &str) -> Option<&str> {
        self.ids.find_by_name(user_name)
    }

    pub fn id_of_group(&self, team: &Team) -> Option<&str> {
        self.ids.find_group(team)
    }

    pub fn flavor(&self) -> Flavor {
        self.flavor
    }

    /// The last requests, oldest first.
    pub fn transcript(&self) -> Vec<Exchange> {
        self.wire.log.transcript()
    }

    pub fn report(&self, company: &Company) -> Report {
        self.wire.log.report(company.people.len(), company.groups.len())
    }

    fn fail(&self, fault: Fault, task: String) -> Failure {
        self.wire.log.fail(fault.failure(task))
    }

    /// Notes a write; in a recheck it is a failure.
    fn note_write(&mut self, object: &str, request: String, reason: &Reason) {
        self.written.push(format!("{object}: {}", reason.change));
        if self.idle {
            let fault = Fault { request, status: 0, detail: reason.loss.clone() };
            self.fail(fault, format!("nothing to do for {object}"));
        }
    }

    /// `opening` is the path with `?` or what stands before the filter.
    fn filter_tail(&self, opening: &str, attribute: &str, value: &str) -> String {
        let filter = crate::address::equals(attribute, value);
        format!("{opening}filter={}", self.wire.encoding().encode(&filter))
    }

    /// The ids of those members who are here and linked.
    fn list_members(&self, company: &Company, team: &Team) -> BTreeSet<String> {
        let people = company.members_of(team);
        people.filter_map(|person| self.ids.find(person).map(str::to_owned)).collect()
    }
}
