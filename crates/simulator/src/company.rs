//! A company, its people and the groups they are in: what the identity provider knows at one moment.
//! It deliberately knows nothing of SCIM. Where it comes from is in `invent`, what changes over time
//! in `story`.

pub use crate::names::Office;

#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    pub people: Vec<Person>,
    pub groups: Vec<Team>,
    pub domain: String,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// Signed, but not here yet: the identity provider does not know the person.
    Expected,
    #[default]
    Here,
    /// Left, on leave, or taken out of the application's scope.
    Left,
}

/// An empty text is an attribute without a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// The index in [`Company::people`], which managers and members point at.
    pub number: usize,
    /// Okta's id of the person, its `externalId`.
    pub okta_id: String,
    /// Entra's id of the person.
    pub object_id: String,
    /// Entra's `externalId` by default.
    pub mail_nickname: String,
    pub user_name: String,
    pub email: String,
    pub given_name: String,
    pub family_name: String,
    pub display_name: String,
    pub title: String,
    /// The path of the unit, `Engineering / Platform / SRE`.
    pub department: String,
    pub division: String,
    pub cost_center: String,
    pub organization: String,
    pub employee_number: String,
    pub manager: Option<usize>,
    pub phone: String,
    pub mobile: String,
    pub fax: String,
    pub office: Office,
    pub language: String,
    pub contractor: bool,
    pub presence: Presence,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Team {
    pub object_id: String,
    pub name: String,
    /// Numbers of people, rising.
    pub members: Vec<usize>,
}

impl Person {
    pub fn is_here(&self) -> bool {
        self.presence == Presence::Here
    }

    /// What stays when everything else about the person changes.
    pub fn key(&self) -> &str {
        if self.object_id.is_empty() { &self.user_name } else { &self.object_id }
    }
}

impl Team {
    pub fn key(&self) -> &str {
        if self.object_id.is_empty() { &self.name } else { &self.object_id }
    }
}

impl Company {
    pub fn person(&self, user_name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.user_name == user_name)
    }

    pub fn group(&self, name: &str) -> Option<&Team> {
        self.groups.iter().find(|team| team.name == name)
    }

    pub fn manager_of(&self, person: &Person) -> Option<&Person> {
        person.manager.and_then(|number| self.people.get(number))
    }

    /// Groups carry the company's name, so that two companies in one target keep out of each other's:
    /// `Orchard / Engineering / Platform`.
    pub(crate) fn group_name(&self, name: &str) -> String {
        let house = self.domain.split('.').next().unwrap_or_default();
        let mut letters = house.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let house: String = first.into_iter().chain(letters).collect();
        format!("{house} / {name}")
    }

    /// The members who are here.
    pub fn members_of<'a>(&'a self, team: &'a Team) -> impl Iterator<Item = &'a Person> {
        let people = team.members.iter().filter_map(|number| self.people.get(*number));
        people.filter(|person| person.is_here())
    }
}
