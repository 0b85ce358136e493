//! What an engine has learned: which object of the source is which `id` in the target.

use std::collections::HashMap;

use crate::company::{Person, Team};

#[derive(Debug, Default)]
pub(crate) struct Ids {
    users: HashMap<String, String>,
    /// By `userName`, for those who ask with a name.
    names: HashMap<String, String>,
    groups: HashMap<String, String>,
}

impl Ids {
    pub(crate) fn learn(&mut self, person: &Person, id: &str) {
        self.users.insert(person.key().to_owned(), id.to_owned());
        self.names.insert(person.user_name.clone(), id.to_owned());
    }

    pub(crate) fn forget(&mut self, person: &Person) {
        if let Some(id) = self.users.remove(person.key()) {
            self.names.retain(|_, known| *known != id);
        }
    }

    pub(crate) fn find(&self, person: &Person) -> Option<&str> {
        self.users.get(person.key()).map(String::as_str)
    }

    pub(crate) fn find_by_name(&self, user_name: &str) -> Option<&str> {
        self.names.get(user_name).map(String::as_str)
    }

    pub(crate) fn learn_group(&mut self, team: &Team, id: &str) {
        self.groups.insert(team.key().to_owned(), id.to_owned());
    }

    pub(crate) fn forget_group(&mut self, team: &Team) {
        self.groups.remove(team.key());
    }

    pub(crate) fn find_group(&self, team: &Team) -> Option<&str> {
        self.groups.get(team.key()).map(String::as_str)
    }
}
