//! API tokens: made here, shown once.

use crate::app::App;
use crate::service::{Caller, Error, Result, Unit};
use domain::Time;
use domain::audit::{Change, Subject};
use domain::id::TokenId;
use domain::limits;
use domain::member::{Member, Status};
use domain::permission::{TOKEN_PERMISSIONS, TokenPermission};
use domain::policy::Access;
use domain::secret::{Kind, Secret};
use domain::token::{Token, TokenPolicy, account_key};
use serde_json::json;
use store::{member, token};

/// What somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    pub name: String,
    /// Names of permissions, such as `SCIM Provisioning Write`.
    pub permissions: Vec<String>,
    pub expires_at: Option<Time>,
    /// The member whom it belongs to, by e-mail address; without one it belongs to the account.
    pub owner: Option<String>,
}

pub async fn create(app: &App, caller: &Caller, new: &NewToken) -> Result<(Token, Secret)> {
    let mut unit = Unit::begin(app, caller).await?;
    let owner = match &new.owner {
        None => None,
        Some(email) => Some(owner(&mut unit, email).await?),
    };
    let (token, secret) = insert(&mut unit, new, owner.as_ref()).await?;
    let after = json!({
        "permissions": new.permissions,
        "owner": new.owner,
        "expires_on": token.expires_at,
    });
    unit.commit(Change::create(
        "Create Token",
        Subject {
            product: "api_tokens",
            kind: "api_token",
            id: token.id.to_string(),
            name: token.name.clone(),
        },
        after,
    ))
    .await?;
    Ok((token, secret))
}

/// Every token of an account, for the one who runs the command line.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Token>> {
    let mut conn = app.db.read(&caller.account.id).await?;
    Ok(token::list(&mut conn).await?)
}

/// Ends a token: the next request that brings it is refused.
pub async fn revoke(app: &App, caller: &Caller, id: &str) -> Result<()> {
    let unknown = || Error::not_found("token", id);
    let id = TokenId::parse(id).ok_or_else(unknown)?;
    let mut unit = Unit::begin(app, caller).await?;
    let token = token::delete(&mut unit, &id).await?.ok_or_else(unknown)?;
    let subject = Subject {
        product: "api_tokens",
        kind: "api_token",
        id: token.id.to_string(),
        name: token.name,
    };
    unit.commit(Change::delete("Revoke Token", subject, serde_json::Value::Null)).await
}

/// The row, without the event: also made together with its account.
pub async fn insert(
    unit: &mut Unit<'_>,
    new: &NewToken,
    owner: Option<&Member>,
) -> Result<(Token, Secret)> {
    check(new, unit.now)?;
    let kind = if owner.is_some() { Kind::UserToken } else { Kind::AccountToken };
    let app = unit.app();
    let secret = Secret::new(kind, &app.chance);
    let account = unit.caller().account.id.clone();
    let permission_groups =
        new.permissions.iter().map(|name| permission(name)).collect::<Result<Vec<_>>>()?;
    let token = Token {
        id: TokenId::new(unit.now, &app.chance),
        owner: owner.map(|member| member.id.clone()),
        name: new.name.clone(),
        policies: vec![TokenPolicy {
            effect: Access::Allow,
            permission_groups,
            resources: vec![account_key(&account)],
        }],
        not_before: None,
        expires_at: new.expires_at,
        created_at: unit.now,
        account_id: account,
    };
    token::insert(unit, &token, &secret).await?;
    Ok((token, secret))
}

fn permission(name: &str) -> Result<String> {
    TokenPermission::named(name).map(TokenPermission::id).ok_or_else(|| {
        let known: Vec<&str> = TOKEN_PERMISSIONS.iter().map(|one| one.name).collect();
        Error::invalid(format!(
            "there is no permission `{name}`; the permissions are: {}",
            known.join(", ")
        ))
    })
}

fn check(new: &NewToken, now: Time) -> Result<()> {
    if new.name.trim().is_empty() || new.name.chars().count() > limits::TOKEN_NAME_MAX {
        return Err(Error::invalid(format!(
            "the name of a token has 1 to {} characters",
            limits::TOKEN_NAME_MAX
        )));
    }
    if new.permissions.is_empty() {
        return Err(Error::invalid("a token needs at least one permission"));
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::invalid("a token can't expire in the past"));
    }
    Ok(())
}

/// Locked, so that a token can't slip past the end of its owner's membership.
async fn owner(unit: &mut Unit<'_>, email: &str) -> Result<Member> {
    let unknown = || Error::not_found("member", email);
    let found = member::find_by_key(unit, &scim::schema::fold(email)).await?;
    let id = found.ok_or_else(unknown)?.id;
    member::find_for_update(unit, &id)
        .await?
        .filter(|member| member.status == Status::Accepted)
        .ok_or_else(unknown)
}
