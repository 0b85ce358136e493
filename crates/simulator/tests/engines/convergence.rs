//! The contract: the same seed again creates nothing, and Entra writes nothing.

use serde_json::Value;
use simulator::{Company, Presence, Report, Silent, entra, okta};

use crate::fake::{Fake, Faults};

#[track_caller]
fn assert_clean(report: &Report) {
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
    assert_eq!(report.failed, 0);
}

/// The final day, attribute by attribute, as the fake server has it.
fn assert_end(fake: &Fake, end: &Company) {
    for person in &end.people {
        let user = fake.user(&person.user_name);
        assert_eq!(user["active"], Value::Bool(person.is_here()), "{}", person.user_name);
        let title = user.get("title").and_then(Value::as_str).unwrap_or_default();
        assert_eq!(title, person.title);
        assert_eq!(user["displayName"], person.display_name.as_str());
    }
    for team in &end.groups {
        let ids = end.members_of(team).map(|one| fake.user(&one.user_name)["id"].clone());
        let mut ids: Vec<String> = ids.map(|id| id.as_str().unwrap().to_owned()).collect();
        ids.sort();
        assert_eq!(fake.members(&team.name), ids, "{}", team.name);
    }
    let world = fake.world.lock().unwrap();
    assert_eq!((world.users.len(), world.groups.len()), (end.people.len(), end.groups.len()));
}

async fn okta_twice(flavor: okta::Flavor, users: usize, groups: usize) {
    let fake = Fake::start().await;
    let options = fake.options(users, groups);
    let end = Company::invent(42, users, groups, okta::DOMAIN).second_day();
    let first = okta::run(&options, flavor, &mut Silent).await.unwrap();
    assert_clean(&first);
    assert!(first.creates >= (users + groups) as u64);
    assert_eq!((first.users, first.groups), (users as u64, groups as u64));
    assert_end(&fake, &end);
    let second = okta::run(&options, flavor, &mut Silent).await.unwrap();
    assert_clean(&second);
    assert_eq!(second.creates, 0);
    assert_end(&fake, &end);
}

async fn entra_twice(flavor: entra::Flavor, users: usize, groups: usize) {
    let fake = Fake::start().await;
    let options = fake.options(users, groups);
    let end = Company::invent(42, users, groups, entra::DOMAIN).second_day();
    let first = entra::run(&options, flavor, &mut Silent).await.unwrap();
    assert_clean(&first);
    assert!(first.creates >= (users + groups) as u64);
    assert_end(&fake, &end);
    for _ in 0..2 {
        let again = entra::run(&options, flavor, &mut Silent).await.unwrap();
        assert_clean(&again);
        assert_eq!((again.creates, again.writes), (0, 0));
    }
    fake.set(Faults { refuse_member_filter: true, ..Faults::default() });
    let again = entra::run(&options, flavor, &mut Silent).await.unwrap();
    assert_clean(&again);
    assert_eq!((again.creates, again.writes), (0, 0));
    assert_end(&fake, &end);
}

#[tokio::test]
async fn okta_of_the_catalogue_converges() {
    okta_twice(okta::Flavor::Catalogue, 160, 24).await;
}

#[tokio::test]
async fn okta_of_the_wizard_converges() {
    okta_twice(okta::Flavor::Wizard, 160, 24).await;
}

#[tokio::test]
async fn entra_by_default_converges() {
    entra_twice(entra::Flavor::Default, 160, 24).await;
}

#[tokio::test]
async fn entra_with_the_flag_converges() {
    entra_twice(entra::Flavor::AadOptscim062020, 160, 24).await;
}

#[tokio::test]
async fn companies_of_every_small_size_converge() {
    for (users, groups) in [(0, 0), (0, 3), (1, 1), (2, 2), (3, 4), (9, 5), (40, 60)] {
        okta_twice(okta::Flavor::Catalogue, users, groups).await;
        okta_twice(okta::Flavor::Wizard, users, groups).await;
        entra_twice(entra::Flavor::Default, users, groups).await;
        entra_twice(entra::Flavor::AadOptscim062020, users, groups).await;
    }
}

/// Two companies in one target keep out of each other's way.
#[tokio::test]
async fn both_engines_share_a_target() {
    let fake = Fake::start().await;
    let options = fake.options(70, 14);
    for round in 0..2 {
        let okta = okta::run(&options, okta::Flavor::Catalogue, &mut Silent).await.unwrap();
        assert_clean(&okta);
        let entra = entra::run(&options, entra::Flavor::Default, &mut Silent).await.unwrap();
        assert_clean(&entra);
        if round == 1 {
            assert_eq!((okta.creates, entra.creates, entra.writes), (0, 0, 0));
        }
    }
}

/// The target of one engine is no obstacle for the other.
#[tokio::test]
async fn the_engines_take_over_from_each_other() {
    let fake = Fake::start().await;
    let company = Company::invent(7, 60, 12, "orchard.example");
    let mut first = okta::Engine::new(&fake.target(), okta::Flavor::Catalogue).unwrap();
    assert_clean(&okta::play(&mut first, &company, &mut Silent).await.unwrap());
    let mut second = entra::Engine::new(&fake.target(), entra::Flavor::Default).unwrap();
    let report = entra::play(&mut second, &company, &mut Silent).await.unwrap();
    assert_clean(&report);
    assert_eq!(report.creates, 0);
    assert!(report.writes > 0);
    assert_end(&fake, &company.second_day());
}

/// A run that was cut off on the first day is taken up by the next one.
#[tokio::test]
async fn a_run_that_was_cut_off_is_taken_up() {
    let fake = Fake::start().await;
    let company = Company::invent(42, 60, 12, entra::DOMAIN);
    let mut engine = entra::Engine::new(&fake.target(), entra::Flavor::Default).unwrap();
    let mut half = company.clone();
    half.people.truncate(30);
    half.groups.truncate(5);
    engine.cycle(&half).await.unwrap();
    let report = entra::run(&fake.options(60, 12), entra::Flavor::Default, &mut Silent).await;
    assert_clean(&report.unwrap());
    assert_end(&fake, &company.second_day());
}

#[tokio::test]
async fn import_stops_at_page_borders() {
    for (count, pages) in
        [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (201, 3), (250, 3)]
    {
        let fake = Fake::start().await;
        for number in 0..count {
            let user =
                serde_json::json!({"id": format!("u{number}"), "userName": format!("n{number}")});
            fake.world.lock().unwrap().users.push(user);
        }
        let mut engine = okta::Engine::new(&fake.target(), okta::Flavor::Catalogue).unwrap();
        assert_eq!(engine.import().await.unwrap().users.len(), count);
        let transcript = engine.transcript();
        let asked: Vec<_> =
            transcript.iter().filter(|one| one.path.starts_with("/Users")).collect();
        assert_eq!(asked.len(), pages, "{count} users");
        let last = format!("/Users?startIndex={}&count=100", (pages - 1) * 100 + 1);
        assert_eq!(asked.last().unwrap().path, last);
    }
}

#[tokio::test]
async fn single_actions_work_without_the_story() {
    let fake = Fake::start().await;
    let company = Company::invent(3, 20, 4, "orchard.example");
    let person = &company.people[5];
    let mut okta = okta::Engine::new(&fake.target(), okta::Flavor::Catalogue).unwrap();
    okta.connect().await.unwrap();
    let id = okta.assign(&company, person).await.unwrap();
    assert_eq!(okta.id_of(&person.user_name), Some(id.as_str()));
    okta.deactivate(person).await.unwrap();
    assert_eq!(fake.user(&person.user_name)["active"], false);
    assert_eq!(okta.reactivate(&company, person).await.unwrap(), id);
    okta.change_password(person, "correct horse").await.unwrap();
    okta.delete(person).await.unwrap();
    assert_eq!(okta.id_of(&person.user_name), None);

    let mut entra = entra::Engine::new(&fake.target(), entra::Flavor::Default).unwrap();
    entra.probe().await.unwrap();
    let id = entra.provision_on_demand(&company, person).await.unwrap();
    assert_eq!(entra.id_of(&person.user_name), Some(id.as_str()));
    entra.disable(person).await.unwrap();
    assert_eq!(fake.user(&person.user_name)["active"], false);
    entra.restore(person).await.unwrap();
    assert_eq!(fake.user(&person.user_name)["active"], true);
    entra.purge(person).await.unwrap();
    assert!(fake.world.lock().unwrap().users.is_empty());
    assert_eq!(person.presence, Presence::Here);
}

/// The command line and the demo put a run on a task of its own, with a token sent as it is.
#[tokio::test]
async fn a_run_can_be_spawned() {
    let fake = Fake::start().await;
    let mut options = fake.options(12, 3);
    options.target.token = "Bearer secret".to_owned();
    options.target.auth = simulator::Auth::Raw;
    let run = async move {
        let first = okta::run(&options, okta::Flavor::Wizard, &mut Silent).await;
        let second = entra::run(&options, entra::Flavor::Default, &mut Silent).await;
        (first, second)
    };
    let (first, second) = tokio::spawn(run).await.unwrap();
    assert_clean(&first.unwrap());
    assert_clean(&second.unwrap());
}
