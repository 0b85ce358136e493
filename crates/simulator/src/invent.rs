//! A company out of a seed: believable people in nested departments, and groups that overlap. The
//! same arguments always give the same company, in any process.

use std::collections::HashSet;

use crate::chance::Chance;
use crate::company::{Company, Person, Presence, Team};
use crate::names::{self, CULTURES, FUNCTIONS, OFFICES, PROJECTS, TITLES, UNITS};

impl Company {
    /// The company on its first day. Of the `users`, one in fifty (at least one) is still expected.
    pub fn invent(seed: u64, users: usize, groups: usize, domain: &str) -> Company {
        let mut taken = HashSet::new();
        let mut people = Vec::with_capacity(users);
        for number in 0..users {
            let person = invent_person(seed, number, domain, &mut taken);
            people.push(person);
        }
        let newcomers = if users == 0 { 0 } else { (users / 50).max(1) };
        for person in people.iter_mut().skip(users - newcomers) {
            person.presence = Presence::Expected;
        }
        let domain = domain.to_owned();
        let mut company = Company { people, groups: Vec::new(), domain, seed };
        company.groups = invent_groups(&company, groups);
        company
    }
}

/// Where a person works: nobody above for the first, then one lead per unit, then the staff.
struct Post {
    unit: Option<usize>,
    lead: bool,
}

fn find_post(number: usize, chance: &mut Chance) -> Post {
    match number {
        0 => Post { unit: None, lead: true },
        _ if number <= UNITS.len() => Post { unit: Some(number - 1), lead: true },
        // With those drawn below, a good half of the staff are engineers.
        _ if chance.percent(20) => {
            let engineering: Vec<usize> =
                (0..UNITS.len()).filter(|unit| division_of(*unit) == 0).collect();
            Post { unit: Some(*chance.pick(&engineering)), lead: false }
        }
        _ => Post { unit: Some(chance.below(UNITS.len())), lead: false },
    }
}

fn division_of(unit: usize) -> usize {
    UNITS[unit].parent.map_or(unit, division_of)
}

pub(crate) fn unit_path(unit: usize) -> String {
    match UNITS[unit].parent {
        Some(parent) => format!("{} / {}", unit_path(parent), UNITS[unit].name),
        None => UNITS[unit].name.to_owned(),
    }
}

fn invent_person(seed: u64, number: usize, domain: &str, taken: &mut HashSet<String>) -> Person {
    let mut chance = Chance::new(seed, 1_000 + number as u64);
    let post = find_post(number, &mut chance);
    let (office, home) = chance.pick(&OFFICES);
    let culture = if chance.percent(60) { &CULTURES[*home] } else { chance.pick(&CULTURES) };
    let contractor = !post.lead && chance.percent(12);
    let (given, given_spelled) = names::pick_name(&mut chance, culture.given);
    let (family, family_spelled) = names::pick_name(&mut chance, culture.family);
    let ext = if contractor { ".ext" } else { "" };
    let local = find_local_part(given_spelled, family_spelled, ext, taken);
    let user_name = format!("{local}@{domain}");
    let division = post.unit.map(division_of);
    let digits = 1_000 + number % 9_000;
    Person {
        number,
        okta_id: format!("00u{}", chance.text(LETTERS_AND_DIGITS, 17)),
        object_id: chance.guid(),
        mail_nickname: local,
        email: user_name.clone(),
        user_name,
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        display_name: format!("{given} {family}"),
        title: find_title(&post, division, &mut chance),
        department: post.unit.map_or_else(|| "Executive Office".to_owned(), unit_path),
        division: division.map_or("Executive Office", |top| UNITS[top].name).to_owned(),
        cost_center: format!("CC-{}", 4_000 + 10 * post.unit.unwrap_or(99)),
        organization: if contractor { "Contractors" } else { "Employees" }.to_owned(),
        employee_number: format!("{}{:06}", if contractor { 'X' } else { 'E' }, 100_000 + number),
        manager: find_manager(&post),
        phone: format!("{}{digits:04}", office.phone_prefix),
        mobile: if chance.percent(70) { format!("+49 170 555{digits:04}") } else { String::new() },
        fax: if number.is_multiple_of(40) {
            format!("{}0099", office.phone_prefix)
        } else {
            String::new()
        },
        office: office.clone(),
        language: culture.language.to_owned(),
        contractor,
        presence: Presence::Here,
    }
}

const LETTERS_AND_DIGITS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

fn find_title(post: &Post, division: Option<usize>, chance: &mut Chance) -> String {
    match (post.unit, post.lead) {
        (None, _) => "Chief Executive Officer".to_owned(),
        (Some(unit), true) if UNITS[unit].parent.is_none() => format!("VP {}", UNITS[unit].name),
        (Some(unit), true) => format!("Head of {}", UNITS[unit].name),
        (Some(_), false) => (*chance.pick(TITLES[division.unwrap_or(0)])).to_owned(),
    }
}

fn find_manager(post: &Post) -> Option<usize> {
    let unit = post.unit?;
    // The lead of unit `n` is person `n + 1`; the leads of divisions report to person 0.
    let reports_to = if post.lead { UNITS[unit].parent } else { Some(unit) };
    Some(reports_to.map_or(0, |unit| unit + 1))
}

fn find_local_part(given: &str, family: &str, suffix: &str, taken: &mut HashSet<String>) -> String {
    let stem = format!("{}.{}", names::fold(given), names::fold(family));
    let mut local = format!("{stem}{suffix}");
    let mut next = 2;
    while !taken.insert(local.clone()) {
        local = format!("{stem}{next}{suffix}");
        next += 1;
    }
    local
}

fn invent_groups(company: &Company, wanted: usize) -> Vec<Team> {
    let people = &company.people;
    let mut chance = Chance::new(company.seed, 2);
    let mut teams: Vec<Team> = Vec::with_capacity(wanted);
    for (name, members) in list_departments(people) {
        // Functions and projects stay in the mix however many departments there are.
        if teams.len() < wanted * 2 / 3 + 1 {
            teams.push(Team { object_id: String::new(), name, members });
        }
    }
    for (name, share) in FUNCTIONS {
        let members = people.iter().filter(|person| !person.contractor && chance.percent(share));
        let members = members.map(|person| person.number).collect();
        teams.push(Team { object_id: String::new(), name: name.to_owned(), members });
    }
    let mut project = 0;
    while teams.len() < wanted {
        let round = project / PROJECTS.len() + 1;
        let name = PROJECTS[project % PROJECTS.len()];
        let name =
            if round == 1 { format!("Project {name}") } else { format!("Project {name} {round}") };
        let size = 3 + chance.below(10);
        let mut members: Vec<usize> = (0..size).map(|_| chance.below(people.len())).collect();
        members.sort_unstable();
        members.dedup();
        members.retain(|number| *number < people.len());
        teams.push(Team { object_id: String::new(), name, members });
        project += 1;
    }
    teams.truncate(wanted);
    for team in &mut teams {
        team.object_id = chance.guid();
        team.name = company.group_name(&team.name);
    }
    teams
}

/// Groups by department, biggest first: a person of SRE is in `Engineering` and in `… / Platform`.
fn list_departments(people: &[Person]) -> Vec<(String, Vec<usize>)> {
    let pick = |belongs: &dyn Fn(&Person) -> bool| -> Vec<usize> {
        people.iter().filter(|person| belongs(person)).map(|person| person.number).collect()
    };
    let mut teams = vec![
        ("All staff".to_owned(), pick(&|person| !person.contractor)),
        ("Contractors".to_owned(), pick(&|person| person.contractor)),
        ("Leads".to_owned(), pick(&|person| person.number <= UNITS.len())),
    ];
    for unit in 0..UNITS.len() {
        let path = unit_path(unit);
        let below = format!("{path} / ");
        let within =
            |person: &Person| person.department == path || person.department.starts_with(&below);
        teams.push((path.clone(), pick(&within)));
    }
    for (office, _) in &OFFICES {
        let name = format!("Office {}", office.name);
        teams.push((name, pick(&|person| person.office.name == office.name)));
    }
    teams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_invents_the_same_company() {
        let one = Company::invent(42, 300, 30, "orchard.example");
        assert_eq!(one, Company::invent(42, 300, 30, "orchard.example"));
        assert_ne!(one.people, Company::invent(43, 300, 30, "orchard.example").people);
        assert_eq!((one.people.len(), one.groups.len()), (300, 30));
    }

    #[test]
    fn five_thousand_people_have_their_own_addresses() {
        let company = Company::invent(1, 5_000, 80, "orchard.example");
        let distinct = |pick: fn(&Person) -> String| {
            company.people.iter().map(pick).collect::<HashSet<_>>().len()
        };
        assert_eq!(distinct(|person| person.user_name.to_lowercase()), 5_000);
        assert_eq!(distinct(|person| person.object_id.clone()), 5_000);
        assert_eq!(distinct(|person| person.employee_number.clone()), 5_000);
        for person in &company.people {
            let local = person.user_name.strip_suffix("@orchard.example").unwrap();
            assert!(
                local.is_ascii() && !local.starts_with('.') && !local.contains(".."),
                "{local}"
            );
            assert!(!local.ends_with('.') && local.contains('.'), "{local}");
            assert!(person.manager.is_none_or(|manager| manager < person.number));
            assert_eq!(person.contractor, local.ends_with(".ext"), "{local}");
        }
        let names: HashSet<_> =
            company.groups.iter().map(|team| team.name.to_lowercase()).collect();
        assert_eq!(names.len(), 80);
    }

    #[test]
    fn any_size_can_be_invented() {
        for users in 0..70 {
            let company = Company::invent(9, users, users / 3, "orchard.example");
            assert_eq!((company.people.len(), company.groups.len()), (users, users / 3));
            let members = company.groups.iter().flat_map(|team| &team.members);
            assert!(members.max().is_none_or(|number| *number < users));
        }
    }

    #[test]
    fn people_come_from_many_cultures() {
        let company = Company::invent(5, 400, 20, "orchard.example");
        assert!(company.people.iter().any(|person| !person.display_name.is_ascii()));
        assert!(company.people.iter().any(|person| person.display_name.contains('\'')));
        let sre = "Engineering / Platform / SRE";
        assert!(company.people.iter().any(|person| person.department == sre));
    }
}
