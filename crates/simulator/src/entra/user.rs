//! One person, request by request: find, compare, then create or patch. The manager is a reference,
//! and references come last.

use serde_json::Value;

use super::mapping;
use super::patch;
use super::{Engine, Reason};
use crate::address::segment;
use crate::answer::{Fault, text};
use crate::company::{Company, Person};
use crate::wire::Call;

/// What the evaluation of a person found out.
#[derive(Debug, Default)]
pub(crate) struct Evaluated {
    /// The manager's id as the target has it.
    pub(crate) manager: Option<String>,
}

impl Engine {
    pub(crate) async fn evaluate_user(&mut self, person: &Person) -> Result<Evaluated, Fault> {
        let known = self.ids.find(person).map(str::to_owned);
        let mut found = match &known {
            Some(id) => self.get_user(id).await?,
            None => None,
        };
        if found.is_none() {
            found = self.match_user(person).await?;
        }
        let (id, resource) = match found {
            Some(found) => found,
            None if !person.is_here() && known.is_some() => {
                return Err(Fault::found(
                    "the person was disabled and is no longer answered: inactive users must stay \
                     visible",
                ));
            }
            // Nobody is created only to be disabled.
            None if !person.is_here() => return Ok(Evaluated::default()),
            None => match self.create_user(person).await? {
                Some(found) => found,
                None => {
                    self.flowed.insert(person.key().to_owned(), mapping::list_filled(person));
                    return Ok(Evaluated::default());
                }
            },
        };
        self.ids.learn(person, &id);
        if let Some(known) = known.filter(|known| *known != id) {
            let detail = format!("the person was `{known}` and is now `{id}`: ids must be stable");
            return Err(Fault::found(detail));
        }
        self.update_user(person, &id, &resource).await?;
        Ok(Evaluated { manager: mapping::read_manager(&resource) })
    }

    async fn update_user(
        &mut self,
        person: &Person,
        id: &str,
        resource: &Value,
    ) -> Result<(), Fault> {
        let flowed = self.flowed.get(person.key()).copied().unwrap_or(0);
        let differences = if person.is_here() {
            mapping::compare_user(person, resource, flowed)
        } else {
            mapping::compare_active(false, resource).into_iter().collect()
        };
        if !differences.is_empty() {
            let body = patch::attributes(self.flavor, &differences);
            self.patch("/Users", id, body, &person.user_name, &Reason::differences(&differences))
                .await?;
        }
        if person.is_here() {
            let flowed = flowed | mapping::list_filled(person);
            self.flowed.insert(person.key().to_owned(), flowed);
        }
        Ok(())
    }

    /// `None` when there is none; more than one cannot be linked.
    pub(crate) async fn find_user(&self, user_name: &str) -> Result<Option<String>, Fault> {
        let call = Call::get(self.filter_tail("/Users?", "userName", user_name));
        self.find(call, "userName", user_name).await
    }

    pub(crate) async fn find(
        &self,
        call: Call,
        attribute: &str,
        value: &str,
    ) -> Result<Option<String>, Fault> {
        let answer = self.wire.send(call).await?;
        let list = answer.list()?;
        match (list.total, list.resources.as_slice()) {
            (0, _) => Ok(None),
            (1, [one]) => {
                let found = text(one, attribute);
                if found.to_lowercase() != value.to_lowercase() {
                    let detail = format!("asked for {attribute} `{value}`, got `{found}`");
                    return Err(answer.fault(detail));
                }
                Ok(Some(text(one, "id").to_owned()))
            }
            (1, _) => Err(answer.fault("`totalResults` is 1, `Resources` does not have one")),
            (total, _) => Err(answer.fault(format!("duplicate target entries: {total} match"))),
        }
    }

    async fn match_user(&self, person: &Person) -> Result<Option<(String, Value)>, Fault> {
        let Some(id) = self.find_user(&person.user_name).await? else {
            return Ok(None);
        };
        match self.get_user(&id).await? {
            Some(found) => Ok(Some(found)),
            None => Err(Fault::found(format!("`{id}` is found by `userName`, but not by its id"))),
        }
    }

    async fn get_user(&self, id: &str) -> Result<Option<(String, Value)>, Fault> {
        let answer = self.wire.send(Call::get(format!("/Users/{}", segment(id)))).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let (found, resource) = answer.expect(&[200])?.resource()?;
        if found != id {
            return Err(answer.fault(format!("asked for `{id}`, got `{found}`")));
        }
        mapping::check(&resource).map_err(|reason| answer.fault(reason))?;
        Ok(Some((found, resource)))
    }

    /// `None` when created; the one who was there all along after a 409.
    async fn create_user(&mut self, person: &Person) -> Result<Option<(String, Value)>, Fault> {
        let answer = self.wire.send(Call::post("/Users", mapping::new_user(person))).await?;
        if answer.status == 409 {
            let found = self.match_user(person).await?;
            return match (found, answer.expect(&[201])) {
                (Some(found), _) => Ok(Some(found)),
                (None, Err(fault)) => Err(fault),
                (None, Ok(_)) => Ok(None),
            };
        }
        let (id, resource) = answer.expect(&[201])?.resource()?;
        mapping::check(&resource).map_err(|reason| answer.fault(reason))?;
        self.ids.learn(person, &id);
        self.note_write(&person.user_name, "POST /Users".to_owned(), &Reason::created());
        Ok(None)
    }

    /// The reference to the manager, once everybody of the cycle is there.
    pub(crate) async fn evaluate_manager(
        &mut self,
        company: &Company,
        person: &Person,
        current: Option<String>,
    ) -> Result<(), Fault> {
        let Some(id) = self.ids.find(person).map(str::to_owned) else {
            return Ok(());
        };
        let manager = company.manager_of(person);
        let wanted = manager.and_then(|manager| self.ids.find(manager)).map(str::to_owned);
        let flowed = self.flowed.get(person.key()).copied().unwrap_or(0);
        let cleared = manager.is_none() && flowed & MANAGER_FLOWED != 0;
        let settled = match &wanted {
            Some(_) => wanted == current,
            None => current.is_none() || !cleared,
        };
        if !settled {
            let body = patch::manager(self.flavor, current.as_deref(), wanted.as_deref());
            let reason = explain_manager(current.as_deref(), wanted.as_deref());
            self.patch("/Users", &id, body, &person.user_name, &reason).await?;
        }
        if wanted.is_some() {
            *self.flowed.entry(person.key().to_owned()).or_default() |= MANAGER_FLOWED;
        }
        Ok(())
    }

    pub(crate) async fn patch(
        &mut self,
        path: &str,
        id: &str,
        body: Value,
        object: &str,
        reason: &Reason,
    ) -> Result<(), Fault> {
        let tail = format!("{path}/{}", segment(id));
        let answer = self.wire.send(Call::patch(tail, body)).await?;
        self.note_write(object, answer.request.clone(), reason);
        answer.expect(&[200, 204])?;
        Ok(())
    }
}

/// The bit of the manager in [`Engine::flowed`], beyond those of the table.
const MANAGER_FLOWED: u32 = 1 << 31;

fn explain_manager(current: Option<&str>, wanted: Option<&str>) -> Reason {
    match (wanted, current) {
        (Some(wanted), None) => Reason::new(
            format!("`manager` is now `{wanted}`"),
            format!("the server does not echo `manager`: `{wanted}` was sent again"),
        ),
        (Some(wanted), Some(current)) => Reason::new(
            format!("`manager` is now `{wanted}`, was `{current}`"),
            format!("the server echoes `manager` as `{current}`: `{wanted}` was sent again"),
        ),
        (None, _) => Reason::new(
            "`manager` is cleared",
            "the server still shows `manager`, which was removed",
        ),
    }
}
