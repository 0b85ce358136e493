//! Both identity providers, in all their flavours, twice against each database: the second time
//! nothing is created, and Entra has nothing to write.

use crate::harness::Server;
use simulator::{Auth, Options, Report, Silent, Target, entra, okta};

fn options(t: &Server, query: &str) -> Options {
    Options {
        target: Target {
            base_url: format!("{}{query}", t.scim_url("")),
            token: t.scim_token.clone(),
            auth: Auth::Bearer,
        },
        users: 60,
        groups: 9,
        seed: 7,
    }
}

fn check(run: &str, report: &Report) {
    assert!(report.failures.is_empty(), "{run}: {:#?}", report.failures);
    assert_eq!(report.failed, 0, "{run}");
}

async fn run_okta(t: &Server, flavor: okta::Flavor) {
    let first = okta::run(&options(t, ""), flavor, &mut Silent).await.expect("a run");
    check("the first run", &first);
    assert!(first.creates >= 69, "{}", first.creates);
    let second = okta::run(&options(t, ""), flavor, &mut Silent).await.expect("a run");
    check("the second run", &second);
    assert_eq!(second.creates, 0);
}

async fn run_entra(t: &Server, flavor: entra::Flavor, query: &str) {
    let first = entra::run(&options(t, query), flavor, &mut Silent).await.expect("a run");
    check("the first run", &first);
    let before = t.events().await.len();
    let second = entra::run(&options(t, query), flavor, &mut Silent).await.expect("a run");
    check("the second run", &second);
    assert_eq!((second.creates, second.writes), (0, 0));
    assert_eq!(t.events().await.len(), before, "and nothing was written");
}

macro_rules! runs {
    ($($name:ident: $run:expr;)+) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let t = Server::on_sqlite().await;
                let run: fn(&Server) -> futures::Run<'_> = $run;
                run(&t).await;
                // The simulators' own requests are not the harness's.
                t.end_unwatched().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let t = Server::on_postgres().await;
                let run: fn(&Server) -> futures::Run<'_> = $run;
                run(&t).await;
                t.end_unwatched().await;
            }
        }
    )+};
}

mod futures {
    pub(super) type Run<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

runs! {
    okta_catalogue: |t| Box::pin(run_okta(t, okta::Flavor::Catalogue));
    okta_wizard: |t| Box::pin(run_okta(t, okta::Flavor::Wizard));
    entra_default: |t| Box::pin(run_entra(t, entra::Flavor::Default, ""));
    entra_flagged: |t| Box::pin(run_entra(t, entra::Flavor::AadOptscim062020, "?aadOptscim062020"));
    both_in_one_account: |t| Box::pin(async move {
        run_okta(t, okta::Flavor::Catalogue).await;
        run_entra(t, entra::Flavor::Default, "").await;
    });
}
