//! Entra's part in the company's two days, as cycles over three states of it and a last cycle that
//! must write nothing. On a target that has seen the second day already, only its final state is
//! compared, as after a restart of the job.

use super::{Engine, Flavor};
use crate::company::Company;
use crate::error::Error;
use crate::observer::Observer;
use crate::report::Report;
use crate::target::Options;

/// Where the people of [`run`] have their addresses.
pub const DOMAIN: &str = "meridian.example";

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
    observer.phase("test connection", 1);
    engine.probe().await?;
    observer.step();
    let end = company.second_day();
    if is_second_day_over(engine, company, &end).await {
        observer.note("the target knows the second day already: comparing its final state");
    } else {
        observer.note("initial cycle");
        engine.cycle_observed(company, observer).await?;
        if let Some(person) = company.returner() {
            observer.note(&format!("{} is away for a while", person.display_name));
        }
        engine.cycle_observed(&company.absence(), observer).await?;
        observer.note("the second day: newcomers, leavers, changes");
    }
    let cycle = engine.cycle_observed(&end, observer).await?;
    observer.note(&format!("{} writes", cycle.writes));
    let idle = engine.recheck(&end, observer).await?;
    observer.note(&format!("{} writes in a cycle without changes", idle.writes));
    Ok(engine.report(&end))
}

/// Any doubt means that the story begins at its beginning.
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
