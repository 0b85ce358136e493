//! Every route, on one screen. What a route does is in the file its handler comes from.
//!
//! Paths below `/client/v4` are those of Cloudflare's v4 API; the SCIM endpoints follow RFC 7644.

pub mod api;
pub mod dashboard;
pub mod error;
pub mod extract;
pub mod observe;
pub mod page;
pub mod query;
pub mod scim;

use crate::app::App;
use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use extract::MyCall;
use store::resource::Kind::{self, Group, User};

/// A method, a path, and what answers there.
pub type Route = (&'static str, &'static str, MethodRouter<App>);

#[must_use]
#[rustfmt::skip]
pub fn routes() -> Vec<Route> {
    vec![
        // SCIM 2.0 for the members and user groups of an account.
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/Users",                     get(|app, call| scim::query::list(&[User], app, call))),
        ("POST",   "/client/v4/accounts/{account_id}/scim/v2/Users",                     post(|app, call| scim::create(User, app, call))),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/Users/{id}",                get(|app, call| scim::get(User, app, call))),
        ("PUT",    "/client/v4/accounts/{account_id}/scim/v2/Users/{id}",                put(|app, call| scim::replace(User, app, call))),
        ("PATCH",  "/client/v4/accounts/{account_id}/scim/v2/Users/{id}",                patch(|app, call| scim::patch(User, app, call))),
        ("DELETE", "/client/v4/accounts/{account_id}/scim/v2/Users/{id}",                delete(|app, call| scim::delete(User, app, call))),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/Groups",                    get(|app, call| scim::query::list(&[Group], app, call))),
        ("POST",   "/client/v4/accounts/{account_id}/scim/v2/Groups",                    post(|app, call| scim::create(Group, app, call))),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/Groups/{id}",               get(|app, call| scim::get(Group, app, call))),
        ("PUT",    "/client/v4/accounts/{account_id}/scim/v2/Groups/{id}",               put(|app, call| scim::replace(Group, app, call))),
        ("PATCH",  "/client/v4/accounts/{account_id}/scim/v2/Groups/{id}",               patch(|app, call| scim::patch(Group, app, call))),
        ("DELETE", "/client/v4/accounts/{account_id}/scim/v2/Groups/{id}",               delete(|app, call| scim::delete(Group, app, call))),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/ServiceProviderConfig",     get(scim::discovery::service_provider_config)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/ResourceTypes",             get(scim::discovery::resource_types)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/ResourceTypes/{id}",        get(scim::discovery::resource_type)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/Schemas",                   get(scim::discovery::schemas)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/Schemas/{id}",              get(scim::discovery::schema)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2",                           get(|app, call| scim::query::list(&Kind::ALL, app, call))),
        ("POST",   "/client/v4/accounts/{account_id}/scim/v2/.search",                   post(|app, call| scim::query::search(&Kind::ALL, app, call))),
        ("POST",   "/client/v4/accounts/{account_id}/scim/v2/Users/.search",             post(|app, call| scim::query::search(&[User], app, call))),
        ("POST",   "/client/v4/accounts/{account_id}/scim/v2/Groups/.search",            post(|app, call| scim::query::search(&[Group], app, call))),
        ("POST",   "/client/v4/accounts/{account_id}/scim/v2/Bulk",                      post(scim::bulk::bulk)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/v2/Me",                        get(|app, MyCall(call)| scim::about_me(call, |call| scim::me(app, call)))),
        ("PUT",    "/client/v4/accounts/{account_id}/scim/v2/Me",                        put(|app, MyCall(call)| scim::about_me(call, |call| scim::replace(User, app, call)))),
        ("PATCH",  "/client/v4/accounts/{account_id}/scim/v2/Me",                        patch(|app, MyCall(call)| scim::about_me(call, |call| scim::patch(User, app, call)))),
        ("DELETE", "/client/v4/accounts/{account_id}/scim/v2/Me",                        delete(|app, MyCall(call)| scim::about_me(call, |call| scim::delete(User, app, call)))),

        // The account.
        ("GET",    "/client/v4/accounts",                                                get(api::accounts::list)),
        ("GET",    "/client/v4/accounts/{account_id}",                                   get(api::accounts::get)),
        ("GET",    "/client/v4/accounts/{account_id}/members",                           get(api::members::list)),
        ("POST",   "/client/v4/accounts/{account_id}/members",                           post(api::members::create)),
        ("GET",    "/client/v4/accounts/{account_id}/members/{id}",                      get(api::members::get)),
        ("PUT",    "/client/v4/accounts/{account_id}/members/{id}",                      put(api::members::update)),
        ("DELETE", "/client/v4/accounts/{account_id}/members/{id}",                      delete(api::members::delete)),
        ("GET",    "/client/v4/accounts/{account_id}/roles",                             get(api::roles::list)),
        ("GET",    "/client/v4/accounts/{account_id}/roles/{id}",                        get(api::roles::get)),
        ("GET",    "/client/v4/accounts/{account_id}/iam/user_groups",                   get(api::groups::list)),
        ("POST",   "/client/v4/accounts/{account_id}/iam/user_groups",                   post(api::groups::create)),
        ("GET",    "/client/v4/accounts/{account_id}/iam/user_groups/{id}",              get(api::groups::get)),
        ("PUT",    "/client/v4/accounts/{account_id}/iam/user_groups/{id}",              put(api::groups::update)),
        ("DELETE", "/client/v4/accounts/{account_id}/iam/user_groups/{id}",              delete(api::groups::delete)),
        ("GET",    "/client/v4/accounts/{account_id}/iam/user_groups/{id}/members",      get(api::groups::members)),
        ("GET",    "/client/v4/accounts/{account_id}/iam/user_groups/{id}/members/{member_id}", get(api::groups::member)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/schemas",                      get(api::schemas::list)),
        ("POST",   "/client/v4/accounts/{account_id}/scim/schemas",                      post(api::schemas::create)),
        ("GET",    "/client/v4/accounts/{account_id}/scim/schemas/{id}",                 get(api::schemas::get)),
        ("PUT",    "/client/v4/accounts/{account_id}/scim/schemas/{id}",                 put(api::schemas::update)),
        ("DELETE", "/client/v4/accounts/{account_id}/scim/schemas/{id}",                 delete(api::schemas::delete)),
        ("GET",    "/client/v4/accounts/{account_id}/logs/audit",                        get(api::audit::list)),

        // People with a browser.
        ("GET",    "/",                                                                  get(dashboard::home)),
        ("GET",    "/sign-in",                                                           get(dashboard::sign_in)),
        ("POST",   "/sign-out",                                                          post(dashboard::sign_out)),
        ("GET",    "/dashboard",                                                         get(dashboard::overview)),
        ("GET",    "/assets/provost.css",                                                get(page::stylesheet)),

        // Machines that watch over us.
        ("GET",    "/healthz",                                                           get(observe::healthz)),
        ("GET",    "/readyz",                                                            get(observe::readyz)),
        ("GET",    "/metrics",                                                           get(observe::metrics)),
    ]
}

/// The whole server: what comes in is made regular, routed, answered, measured and logged.
pub fn service(app: App) -> Router {
    let mut router = Router::new();
    for (_, path, handler) in routes() {
        router = router.route(path, handler);
    }
    let router = router
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::wrong_method)
        .layer(axum::middleware::from_fn(error::survive))
        .layer(axum::middleware::from_fn(observe::request))
        .with_state(app);
    // Paths are made regular before they are routed, so the router stands inside another one.
    Router::new()
        .fallback_service(tower::ServiceExt::<Request>::map_request(router, extract::regular_path))
}
