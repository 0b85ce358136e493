//! What happens in the company after the first day: somebody is away for a while, and the second day
//! with its newcomers, leavers and changes. Pure: a company in, a company out. The engines find out
//! by themselves what to send.

use crate::chance::Chance;
use crate::company::{Company, Person, Presence};
use crate::names::{FUNCTIONS, UNITS};

impl Company {
    /// Who is away between the two days, and comes back on the second with the same id.
    pub fn returner(&self) -> Option<&Person> {
        let number = *self.staff().first()?;
        self.people.get(number)
    }

    /// The first of those who join on the second day. Whoever finds this person in the target knows
    /// that the second day has begun there.
    pub fn newest_hire(&self) -> Option<&Person> {
        self.people.iter().find(|person| person.presence == Presence::Expected)
    }

    /// The group that is taken out of scope with the absence, and comes back on the second day.
    pub fn suspended_group(&self) -> Option<usize> {
        if self.groups.len() < 3 { None } else { Some(self.groups.len() - 1) }
    }

    /// Between the days: one person away (and out of their groups), one group out of scope.
    pub fn absence(&self) -> Company {
        let mut company = self.clone();
        if let Some(returner) = self.returner() {
            company.dismiss(returner.number);
        }
        if let Some(suspended) = self.suspended_group() {
            company.groups.remove(suspended);
        }
        company
    }

    /// The state in which the story ends. Call it on the first day's company.
    pub fn second_day(&self) -> Company {
        let mut company = self.clone();
        for person in &mut company.people {
            if person.presence == Presence::Expected {
                person.presence = Presence::Here;
            }
        }
        let each = (self.people.len() / 100).max(1);
        let mut staff = self.staff().into_iter().skip(1);
        for number in staff.by_ref().take(each) {
            company.dismiss(number);
        }
        for number in staff.by_ref().take(each) {
            company.marry(number);
        }
        for number in staff.by_ref().take(each) {
            company.promote(number);
        }
        for number in staff.by_ref().take(each) {
            company.transfer(number);
        }
        for number in staff.by_ref().take(each) {
            company.people[number].mobile.clear();
            company.people[number].title.clear();
        }
        if let Some(number) = staff.next() {
            company.people[number].manager = None;
        }
        company.rename_group();
        company
    }

    /// People who manage nobody and are here, in an order of the seed's choosing. Whoever changes is
    /// taken from here, so that no change has to be followed up the tree.
    fn staff(&self) -> Vec<usize> {
        let mut manages = vec![false; self.people.len()];
        for manager in self.people.iter().filter_map(|person| person.manager) {
            manages[manager] = true;
        }
        let staff = self.people.iter().filter(|person| person.is_here());
        let staff = staff.filter(|person| person.number != 0 && !manages[person.number]);
        let mut numbers: Vec<usize> = staff.map(|person| person.number).collect();
        Chance::new(self.seed, 3).shuffle(&mut numbers);
        numbers
    }

    fn dismiss(&mut self, number: usize) {
        self.people[number].presence = Presence::Left;
        for team in &mut self.groups {
            team.members.retain(|member| *member != number);
        }
    }

    /// A new family name, and with it a new address. The number keeps the address unique.
    fn marry(&mut self, number: usize) {
        const NEW: [(&str, &str); 4] = [
            ("Bergström-Kaya", "bergstroem-kaya"),
            ("O'Hara", "ohara"),
            ("de la Cruz", "delacruz"),
            ("Szymański", "szymanski"),
        ];
        let (family, spelled) = NEW[number % NEW.len()];
        let suffix = if self.people[number].contractor { ".ext" } else { "" };
        let person = &mut self.people[number];
        let given = person.mail_nickname.split('.').next().unwrap_or_default();
        let local = format!("{given}.{spelled}.{number}{suffix}");
        person.user_name = format!("{local}@{}", self.domain);
        person.email.clone_from(&person.user_name);
        person.mail_nickname = local;
        family.clone_into(&mut person.family_name);
        person.display_name = format!("{} {family}", person.given_name);
    }

    fn promote(&mut self, number: usize) {
        let person = &mut self.people[number];
        person.title = format!("Principal {}", person.title);
        person.manager = Some(0);
    }

    /// Into another division, under its head, in its group and out of the old ones.
    fn transfer(&mut self, number: usize) {
        let old = self.people[number].department.clone();
        let new = if self.people[number].division == "Finance" { 1 } else { 3 };
        let head = self.people.get(new + 1).filter(|head| head.is_here() && head.number != number);
        let head = head.map(|head| head.number);
        let person = &mut self.people[number];
        UNITS[new].name.clone_into(&mut person.department);
        UNITS[new].name.clone_into(&mut person.division);
        person.cost_center = format!("CC-{}", 4_000 + 10 * new);
        if let Some(head) = head {
            person.manager = Some(head);
        }
        let (old, new) = (self.group_name(&old), self.group_name(UNITS[new].name));
        for team in &mut self.groups {
            if old == team.name || old.starts_with(&format!("{} / ", team.name)) {
                team.members.retain(|member| *member != number);
            }
            if team.name == new && !team.members.contains(&number) {
                team.members.push(number);
                team.members.sort_unstable();
            }
        }
    }

    /// One group by function gets another name; without one, the first group does.
    fn rename_group(&mut self) {
        let last = self.groups.len().saturating_sub(1);
        let functions = FUNCTIONS.map(|(name, _)| self.group_name(name));
        let by_function =
            self.groups.iter().take(last).position(|team| functions.contains(&team.name));
        if let Some(team) = self.groups.get_mut(by_function.unwrap_or(0)) {
            team.name = format!("{} (2027)", team.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_second_day_has_every_kind_of_change() {
        let first = Company::invent(42, 120, 20, "orchard.example");
        let second = first.second_day();
        let both = || first.people.iter().zip(&second.people);
        assert!(second.people.iter().all(|person| person.presence != Presence::Expected));
        assert!(both().any(|(old, new)| old.is_here() && new.presence == Presence::Left));
        assert!(both().any(|(old, new)| old.family_name != new.family_name));
        assert!(both().any(|(old, new)| old.department != new.department));
        assert!(both().any(|(old, new)| old.manager.is_some() && new.manager.is_none()));
        assert!(both().any(|(old, new)| !old.mobile.is_empty() && new.mobile.is_empty()));
        assert!(first.groups.iter().zip(&second.groups).any(|(old, new)| old.name != new.name));
        assert!(second.people[first.returner().unwrap().number].is_here());
        assert_eq!(first.absence().groups.len(), 19);
        assert_eq!(second, first.second_day());
    }

    #[test]
    fn addresses_stay_unique_and_managers_stay_here() {
        for (seed, users) in [(1, 1), (2, 2), (3, 7), (4, 40), (5, 3_000)] {
            let company = Company::invent(seed, users, 9, "orchard.example").second_day();
            let names: HashSet<_> = company.people.iter().map(|person| &person.user_name).collect();
            assert_eq!(names.len(), users);
            for person in company.people.iter().filter(|person| person.is_here()) {
                assert!(company.manager_of(person).is_none_or(Person::is_here));
            }
        }
    }
}
