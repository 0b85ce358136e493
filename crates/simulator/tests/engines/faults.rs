//! What a broken server does to the report, and what a busy one does not.

use simulator::{Company, Error, Failure, Pace, Report, Silent, entra, okta};

use crate::fake::{Fake, Faults};

async fn run_okta(fake: &Fake) -> Result<Report, Error> {
    let company = Company::invent(42, 40, 8, okta::DOMAIN);
    let flavor = okta::Flavor::Catalogue;
    let mut engine = okta::Engine::with_pace(&fake.target(), flavor, Pace::hurried()).unwrap();
    okta::play(&mut engine, &company, &mut Silent).await
}

async fn run_entra(fake: &Fake) -> Result<Report, Error> {
    let company = Company::invent(42, 40, 8, entra::DOMAIN);
    let flavor = entra::Flavor::Default;
    let mut engine = entra::Engine::with_pace(&fake.target(), flavor, Pace::hurried()).unwrap();
    entra::play(&mut engine, &company, &mut Silent).await
}

#[track_caller]
fn assert_tells(report: &Report, word: &str) {
    assert!(report.failed > 0, "nothing failed");
    let tells = |failure: &Failure| failure.detail.contains(word);
    assert!(report.failures.iter().any(tells), "no `{word}` in {:#?}", report.failures);
}

#[tokio::test]
async fn a_429_is_waited_out() {
    for retry_after in [Some("1"), None, Some("Wed, 21 Oct 2026 07:28:00 GMT")] {
        let faults = Faults { throttle_every: 7, retry_after, ..Faults::default() };
        let fake = Fake::broken(faults).await;
        assert_eq!(run_okta(&fake).await.unwrap().failed, 0);
        assert_eq!(run_entra(&fake).await.unwrap().failed, 0);
    }
}

#[tokio::test]
async fn a_second_of_retry_after_is_a_second() {
    let fake = Fake::start().await;
    let engine = okta::Engine::new(&fake.target(), okta::Flavor::Catalogue).unwrap();
    fake.set(Faults { throttle_every: 2, retry_after: Some("1"), ..Faults::default() });
    let started = std::time::Instant::now();
    engine.connect().await.unwrap();
    assert!(started.elapsed().as_millis() >= 1_000);
}

#[tokio::test]
async fn ten_tries_and_no_more() {
    let fake = Fake::start().await;
    let company = Company::invent(42, 4, 0, okta::DOMAIN);
    fake.set(Faults { throttle_every: 1, ..Faults::default() });
    let flavor = okta::Flavor::Catalogue;
    let mut engine = okta::Engine::with_pace(&fake.target(), flavor, Pace::hurried()).unwrap();
    let failure = engine.assign(&company, &company.people[0]).await.unwrap_err();
    assert_eq!(failure.status, 429);
    assert_eq!(fake.world.lock().unwrap().seen.len(), 10);
}

#[tokio::test]
async fn a_500_fails_the_task_in_okta_and_is_tried_again_by_entra() {
    let fake = Fake::broken(Faults { break_every: 9, ..Faults::default() }).await;
    assert_tells(&run_okta(&fake).await.unwrap(), "out of order");
    let fake = Fake::broken(Faults { break_every: 9, ..Faults::default() }).await;
    assert_eq!(run_entra(&fake).await.unwrap().failed, 0);
}

#[tokio::test]
async fn the_idempotence_oracle_names_what_is_not_echoed() {
    for (forget, word) in [
        ("title", "`title`"),
        ("phoneNumbers", "`phoneNumbers[type eq \"work\"].value`"),
        ("department", ":department`"),
        ("manager", "`manager`"),
        ("externalId", "`externalId`"),
    ] {
        let fake = Fake::broken(Faults { forget: Some(forget), ..Faults::default() }).await;
        let report = run_entra(&fake).await.unwrap();
        assert_tells(&report, word);
        assert_tells(&report, "does not echo");
        assert!(report.failures.iter().all(|one| one.task.starts_with("nothing to do for")));
    }
}

#[tokio::test]
async fn a_wiped_group_is_found_out() {
    let fake = Fake::broken(Faults { wipe_on_remove: true, ..Faults::default() }).await;
    assert_tells(&run_entra(&fake).await.unwrap(), "the server lost");
    let fake = Fake::broken(Faults { ignore_remove: true, ..Faults::default() }).await;
    assert_tells(&run_entra(&fake).await.unwrap(), "were removed and are back");
}

#[tokio::test]
async fn what_cannot_be_deserialized_fails() {
    let fake = Fake::broken(Faults { manager_as_text: true, ..Faults::default() }).await;
    assert_tells(&run_entra(&fake).await.unwrap(), "`manager` is a string, not an object");
    let fake = Fake::broken(Faults { two_work_emails: true, ..Faults::default() }).await;
    assert_tells(&run_entra(&fake).await.unwrap(), "two `emails` of type `work`");
}

#[tokio::test]
async fn inactive_users_must_stay_visible() {
    let faults = || Faults { hide_inactive: true, ..Faults::default() };
    assert_tells(&run_okta(&Fake::broken(faults()).await).await.unwrap(), "must stay visible");
    assert_tells(&run_entra(&Fake::broken(faults()).await).await.unwrap(), "must stay visible");
}

#[tokio::test]
async fn a_capped_page_loses_users() {
    let fake = Fake::broken(Faults { page_cap: Some(30), ..Faults::default() }).await;
    assert_tells(&run_okta(&fake).await.unwrap(), "never sees the rest");
}

#[tokio::test]
async fn an_empty_answer_to_a_create_fails() {
    let fake = Fake::broken(Faults { empty_created: true, ..Faults::default() }).await;
    assert_tells(&run_okta(&fake).await.unwrap(), "Create new user returned empty user");
    let fake = Fake::broken(Faults { empty_created: true, ..Faults::default() }).await;
    assert_tells(&run_entra(&fake).await.unwrap(), "the answer is empty");
}

#[tokio::test]
async fn a_target_that_is_no_scim_server_is_told_at_once() {
    for faults in [
        Faults { stringly_numbers: true, ..Faults::default() },
        Faults { no_resources: true, ..Faults::default() },
    ] {
        let fake = Fake::broken(faults).await;
        assert!(matches!(run_okta(&fake).await, Err(Error::NotScim { .. })));
        assert!(matches!(run_entra(&fake).await, Err(Error::NotScim { .. })));
    }
    let fake = Fake::start().await;
    let mut target = fake.target();
    target.base_url = target.base_url.replace("/scim/v2", "/elsewhere");
    let engine = okta::Engine::new(&target, okta::Flavor::Wizard).unwrap();
    let error = engine.connect().await.unwrap_err();
    assert!(error.to_string().contains("the base URL has to end where"), "{error}");
    target = fake.target();
    target.token = "wrong".to_owned();
    let engine = okta::Engine::new(&target, okta::Flavor::Wizard).unwrap();
    let error = engine.connect().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { status: 401, .. }), "{error}");
    target.base_url = "http://127.0.0.1:1/scim/v2".to_owned();
    let mut engine = entra::Engine::new(&target, entra::Flavor::Default).unwrap();
    let error = engine.probe().await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn an_html_404_is_not_an_absent_user() {
    let fake = Fake::start().await;
    let company = Company::invent(42, 10, 0, okta::DOMAIN);
    let mut engine = okta::Engine::new(&fake.target(), okta::Flavor::Catalogue).unwrap();
    let person = &company.people[3];
    engine.assign(&company, person).await.unwrap();
    fake.set(Faults { html_not_found: true, ..Faults::default() });
    fake.world.lock().unwrap().users.clear();
    let failure = engine.update_profile(&company, person).await.unwrap_err();
    assert!(failure.detail.contains("not a SCIM error but `<html>"), "{failure}");
    assert_eq!(failure.status, 404);
}

/// A token that expires on the way ends the run instead of failing thousands of tasks.
#[tokio::test]
async fn an_expired_token_ends_the_run() {
    let faults = || Faults { expire_after: 30, ..Faults::default() };
    let fake = Fake::broken(faults()).await;
    let error = run_okta(&fake).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    assert!(fake.world.lock().unwrap().seen.len() <= 45);
    let fake = Fake::broken(faults()).await;
    let error = run_entra(&fake).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    assert!(fake.world.lock().unwrap().seen.len() <= 45);
}
