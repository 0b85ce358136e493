//! Okta's part in the company's two days. On a target that has seen the second day already, only the
//! final state is pushed, as after a re-installed connector.

use std::collections::HashMap;

use tokio::task::JoinSet;

use super::{Engine, Flavor, Import};
use crate::answer::Fault;
use crate::company::{Company, Person, Presence, Team};
use crate::error::Error;
use crate::observer::Observer;
use crate::report::Report;
use crate::target::Options;

/// Where the people of [`run`] have their addresses.
pub const DOMAIN: &str = "orchard.example";

const AT_A_TIME: usize = 4;

/// The whole story against a target, on an engine of its own.
pub async fn run(
    options: &Options,
    flavor: Flavor,
    observer: &mut dyn Observer,
) -> Result<Report, Error> {
    let company = Company::invent(options.seed, options.users, options.groups, DOMAIN);
    let mut engine = Engine::new(&options.target, flavor)?;
    play(&mut engine, &company, observer).await
}

/// The whole story on a given engine, which afterwards knows every id. `company` is the first day's.
pub async fn play(
    engine: &mut Engine,
    company: &Company,
    observer: &mut dyn Observer,
) -> Result<Report, Error> {
    observer.phase("connect", 1);
    engine.connect().await?;
    observer.step();
    observer.phase("import", 1);
    // A failed import is a failed task; Okta goes on with the assignments.
    if let Ok(import) = engine.import().await {
        let (users, groups) = (import.users.len(), import.groups.len());
        observer.note(&format!("imported {users} users and {groups} groups"));
    }
    observer.step();
    let end = company.second_day();
    if is_second_day_over(engine, company, &end).await {
        observer.note("the target knows the second day already: pushing its final state");
        push_everything(engine, &end, observer).await?;
    } else {
        push_everything(engine, company, observer).await?;
        pass_absence(engine, company, observer).await?;
        pass_second_day(engine, company, &end, observer).await?;
    }
    verify(engine, &end, observer).await;
    engine.wire.check_alive()?;
    Ok(engine.report(&end))
}

/// A failed look-up is a failed task of its own, and the story begins at its beginning.
async fn is_second_day_over(engine: &Engine, start: &Company, end: &Company) -> bool {
    if let Some(hire) = start.newest_hire() {
        return matches!(engine.find_user(&hire.user_name).await, Ok(Some(_)));
    }
    let renamed = start.groups.iter().zip(&end.groups).find(|(old, new)| old.name != new.name);
    match renamed {
        Some((_, team)) => matches!(engine.find_group(&team.name).await, Ok(Some(_))),
        None => false,
    }
}

async fn push_everything(
    engine: &mut Engine,
    company: &Company,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let people: Vec<&Person> = company.people.iter().filter(|person| person.is_here()).collect();
    observer.phase("assign people", people.len() as u64);
    assign_all(engine, company, &people, observer).await?;
    let left = company.people.iter().filter(|person| person.presence == Presence::Left);
    for person in left {
        engine.ensure_left(person).await.ok();
        engine.wire.check_alive()?;
    }
    observer.phase("push groups", company.groups.len() as u64);
    for team in &company.groups {
        engine.push_group(company, team).await.ok();
        engine.wire.check_alive()?;
        observer.step();
    }
    Ok(())
}

/// Several at a time, as Okta's job queue does it.
async fn assign_all(
    engine: &mut Engine,
    company: &Company,
    people: &[&Person],
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let mut waiting = people.iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < AT_A_TIME
            && let Some(person) = waiting.next()
        {
            let script = engine.script();
            let (person, manager) = ((*person).clone(), company.manager_of(person).cloned());
            running.spawn(async move {
                let outcome = script.assign(&person, manager.as_ref()).await;
                (person.number, outcome)
            });
        }
        match running.join_next().await {
            Some(Ok((number, outcome))) => {
                engine.settle(&company.people[number], outcome).ok();
            }
            Some(Err(error)) => {
                engine.fail(Fault::found(error.to_string()), "assign".to_owned());
            }
            None => return Ok(()),
        }
        observer.step();
        engine.wire.check_alive()?;
    }
}

async fn pass_absence(
    engine: &mut Engine,
    company: &Company,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    observer.phase("absence", 2);
    let away = company.absence();
    if let Some(person) = company.returner() {
        observer.note(&format!("{} is away for a while", person.display_name));
        engine.deactivate(person).await.ok();
    }
    observer.step();
    for team in &away.groups {
        engine.change_members(&away, team).await.ok();
        engine.wire.check_alive()?;
    }
    if let Some(team) = company.suspended_group().and_then(|at| company.groups.get(at)) {
        observer.note(&format!("group {} is unlinked and deleted", team.name));
        engine.unlink_group(team, true).await.ok();
    }
    observer.step();
    Ok(())
}

async fn pass_second_day(
    engine: &mut Engine,
    start: &Company,
    end: &Company,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let changed: Vec<(&Person, &Person)> =
        start.people.iter().zip(&end.people).filter(|(old, new)| old != new).collect();
    observer.phase("second day", changed.len() as u64 + 1);
    // The first newcomer comes first: whoever is found then stands for a day that has begun.
    let newcomers = changed.iter().filter(|(old, _)| old.presence == Presence::Expected);
    for (_, person) in newcomers {
        engine.assign(end, person).await.ok();
        engine.wire.check_alive()?;
        observer.step();
    }
    if let Some(person) = start.returner() {
        observer.note(&format!("{} is back", person.display_name));
        engine.reactivate(end, &end.people[person.number]).await.ok();
    }
    observer.step();
    for (_, new) in changed.iter().filter(|(old, _)| old.is_here()) {
        if new.is_here() {
            engine.update_profile(end, new).await.ok();
        } else {
            observer.note(&format!("{} has left", new.display_name));
            engine.deactivate(new).await.ok();
        }
        engine.wire.check_alive()?;
        observer.step();
    }
    change_groups(engine, start, end, observer).await
}

async fn change_groups(
    engine: &mut Engine,
    start: &Company,
    end: &Company,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    observer.phase("change groups", end.groups.len() as u64);
    for (old, new) in start.groups.iter().zip(&end.groups) {
        // Without an id the group was deleted in the meantime: it is pushed anew.
        if engine.ids.find_group(new).is_none() {
            engine.push_group(end, new).await.ok();
        } else {
            if old.name != new.name {
                observer.note(&format!("group {} is now {}", old.name, new.name));
                engine.rename_group(end, new).await.ok();
            }
            engine.change_members(end, new).await.ok();
        }
        engine.wire.check_alive()?;
        observer.step();
    }
    Ok(())
}

/// The scheduled import afterwards: who is in, who is out, and who is in which group.
async fn verify(engine: &mut Engine, end: &Company, observer: &mut dyn Observer) {
    observer.phase("import again", 1);
    if let Ok(import) = engine.import().await {
        let active: HashMap<&str, bool> =
            import.users.iter().map(|user| (user.id.as_str(), user.active)).collect();
        for person in &end.people {
            if let Some(fault) = check_person(engine, &active, person) {
                engine.fail(fault, format!("import {}", person.user_name));
            }
        }
        for team in &end.groups {
            if let Some(fault) = check_group(engine, &import, team) {
                engine.fail(fault, format!("import group {}", team.name));
            }
        }
    }
    observer.step();
}

fn check_person(engine: &Engine, active: &HashMap<&str, bool>, person: &Person) -> Option<Fault> {
    let id = engine.ids.find(person)?;
    let seen = engine.imported.get(&person.user_name.to_lowercase());
    if seen.is_none_or(|seen| seen != id) {
        return Some(Fault::found(format!("`{id}` is not in the import under its userName")));
    }
    let active = *active.get(id)?;
    (active != person.is_here())
        .then(|| Fault::found(format!("`active` is {active} and should be {}", person.is_here())))
}

fn check_group(engine: &Engine, import: &Import, team: &Team) -> Option<Fault> {
    let id = engine.ids.find_group(team)?;
    let Some(group) = import.groups.iter().find(|group| group.id == id) else {
        return Some(Fault::found(format!("group `{id}` is not in the import")));
    };
    if group.display_name != team.name {
        return Some(Fault::found(format!("the group is called `{}`", group.display_name)));
    }
    let pushed = engine.pushed.get(team.key())?;
    let missing = pushed.difference(group.members.as_ref()?).count();
    (missing > 0).then(|| {
        Fault::found(format!("{missing} of the {} members pushed are missing", pushed.len()))
    })
}
