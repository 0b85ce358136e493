//! Accounts on the wire.

use super::{Answer, Paging, descending, success};
use crate::app::App;
use crate::http::extract::{ApiCall, Credential};
use crate::service::accounts;
use axum::extract::State;
use domain::account::Account;
use serde_json::{Value, json};

pub async fn list(State(app): State<App>, credential: Credential) -> Answer {
    let paging = Paging::of(&credential.query)?;
    let mut accounts = accounts::list(&app, &credential.token).await?;
    if let Some(name) = credential.query.get("name") {
        accounts.retain(|account| account.name == name);
    }
    accounts.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    if descending(&credential.query)? {
        accounts.reverse();
    }
    Ok(paging.cut(accounts.iter().map(account).collect()))
}

pub async fn get(call: ApiCall) -> Answer {
    Ok(success(&account(&accounts::get(&call.caller).await?)))
}

fn account(account: &Account) -> Value {
    json!({
        "id": account.id,
        "name": account.name,
        "type": account.kind.as_str(),
        "created_on": account.created_at,
        "settings": {"enforce_twofactor": false},
    })
}
