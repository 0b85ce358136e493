//! What Okta does to one user, request by request. A [`Script`] owns nothing but the wire, so that
//! several people can be assigned at a time; what was learned is kept by the engine.

use std::sync::Arc;

use serde_json::Value;

use super::{Flavor, body};
use crate::address::{equals, segment};
use crate::answer::{Fault, text};
use crate::company::Person;
use crate::wire::{Call, Wire};

#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) wire: Arc<Wire>,
    pub(crate) flavor: Flavor,
}

impl Script {
    /// Absent is an empty list, or a 404 that is a SCIM error.
    pub(crate) async fn find_user(&self, user_name: &str) -> Result<Option<Value>, Fault> {
        self.find("/Users", "userName", user_name).await
    }

    pub(crate) async fn find(
        &self,
        path: &str,
        attribute: &str,
        value: &str,
    ) -> Result<Option<Value>, Fault> {
        let filter = self.wire.encoding().encode(&equals(attribute, value));
        let tail = format!("{path}?filter={filter}&startIndex=1&count=100");
        let answer = self.wire.send(Call::get(tail)).await?;
        if answer.is_scim_not_found() {
            return Ok(None);
        }
        let list = answer.list()?;
        if list.total == 0 {
            return Ok(None);
        }
        let Some(first) = list.resources.into_iter().next() else {
            return Err(answer.fault("`totalResults` says there is a match, `Resources` has none"));
        };
        // Okta would link whatever comes first, and provision into the wrong account.
        let found = text(&first, attribute);
        if found.to_lowercase() != value.to_lowercase() {
            let detail = format!("asked for {attribute} `{value}`, got `{found}`: filter ignored");
            return Err(answer.fault(detail));
        }
        Ok(Some(first))
    }

    pub(crate) async fn assign(
        &self,
        person: &Person,
        manager: Option<&Person>,
    ) -> Result<String, Fault> {
        match self.find_user(&person.user_name).await? {
            Some(user) => self.revive(&user, person, manager).await,
            None => self.create(person, manager).await,
        }
    }

    async fn create(&self, person: &Person, manager: Option<&Person>) -> Result<String, Fault> {
        let answer = self.wire.send(Call::post("/Users", body::user(person, manager))).await?;
        if answer.status == 409 {
            return Err(match answer.expect(&[201]) {
                Err(fault) => {
                    Fault { detail: format!("User already exists: {}", fault.detail), ..fault }
                }
                Ok(_) => answer.fault("User already exists"),
            });
        }
        answer.expect(&[201])?;
        if answer.body.is_none() && answer.garbage.is_none() {
            return Err(answer.fault("Create new user returned empty user"));
        }
        Ok(answer.resource()?.0)
    }

    pub(crate) async fn reactivate(
        &self,
        person: &Person,
        manager: Option<&Person>,
    ) -> Result<String, Fault> {
        match self.find_user(&person.user_name).await? {
            Some(user) => self.revive(&user, person, manager).await,
            None => Err(Fault::found(
                "the person was deactivated and is no longer found by `userName`: inactive users \
                 must stay visible",
            )),
        }
    }

    async fn revive(
        &self,
        user: &Value,
        person: &Person,
        manager: Option<&Person>,
    ) -> Result<String, Fault> {
        let id = text(user, "id").to_owned();
        if user.get("active") == Some(&Value::Bool(false)) {
            self.set_active(&id, true).await?;
        }
        self.update_profile(&id, person, manager).await?;
        Ok(id)
    }

    pub(crate) async fn ensure_left(&self, person: &Person) -> Result<Option<String>, Fault> {
        let Some(user) = self.find_user(&person.user_name).await? else {
            return Ok(None);
        };
        let id = text(&user, "id").to_owned();
        if user.get("active") != Some(&Value::Bool(false)) {
            self.set_active(&id, false).await?;
        }
        Ok(Some(id))
    }

    pub(crate) async fn update_profile(
        &self,
        id: &str,
        person: &Person,
        manager: Option<&Person>,
    ) -> Result<(), Fault> {
        let user = self.get_user(id).await?;
        self.put_user(id, body::overwrite(user, person, manager)).await
    }

    pub(crate) async fn set_active(&self, id: &str, active: bool) -> Result<(), Fault> {
        match self.flavor {
            Flavor::Catalogue => self.patch_user(id, body::activation(active)).await,
            Flavor::Wizard => self.put_member(id, "active", Value::Bool(active)).await,
        }
    }

    pub(crate) async fn change_password(&self, id: &str, password: &str) -> Result<(), Fault> {
        match self.flavor {
            Flavor::Catalogue => self.patch_user(id, body::password(password)).await,
            Flavor::Wizard => self.put_member(id, "password", Value::from(password)).await,
        }
    }

    pub(crate) async fn delete_user(&self, id: &str) -> Result<(), Fault> {
        let answer = self.wire.send(Call::delete(user_path(id))).await?;
        answer.expect(&[204])?;
        Ok(())
    }

    async fn get_user(&self, id: &str) -> Result<Value, Fault> {
        let answer = self.wire.send(Call::get(user_path(id))).await?;
        answer.expect(&[200]).map_err(|fault| match fault.status {
            404 => Fault { detail: format!("verify_exists: {}", fault.detail), ..fault },
            _ => fault,
        })?;
        let (found, user) = answer.resource()?;
        if found != id {
            return Err(answer.fault(format!("asked for `{id}`, got `{found}`")));
        }
        Ok(user)
    }

    async fn put_user(&self, id: &str, user: Value) -> Result<(), Fault> {
        let answer = self.wire.send(Call::put(user_path(id), user)).await?;
        let (found, _) = answer.expect(&[200])?.resource()?;
        if found != id {
            return Err(answer.fault(format!("the id changed from `{id}` to `{found}`")));
        }
        Ok(())
    }

    async fn put_member(&self, id: &str, name: &str, value: Value) -> Result<(), Fault> {
        let mut user = self.get_user(id).await?;
        if let Some(user) = user.as_object_mut() {
            user.insert(name.to_owned(), value);
        }
        self.put_user(id, user).await
    }

    async fn patch_user(&self, id: &str, body: Value) -> Result<(), Fault> {
        let answer = self.wire.send(Call::patch(user_path(id), body)).await?;
        answer.expect(&[200, 204])?;
        Ok(())
    }
}

fn user_path(id: &str) -> String {
    format!("/Users/{}", segment(id))
}
