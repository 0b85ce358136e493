//! Accounts: making one with its first administrator, and finding those a credential reaches.

use crate::app::App;
use crate::service::provision::Types;
use crate::service::tokens::{self, NewToken};
use crate::service::{Caller, Error, Result, Unit, caller, residence};
use domain::account::{Account, Kind, whole};
use domain::audit::{Change, Origin, Subject};
use domain::id::{AccountId, MemberId, PolicyId};
use domain::limits;
use domain::member::{Profile, Status};
use domain::permission::{Permission, TOKEN_PERMISSIONS};
use domain::policy::Policy;
use domain::role;
use domain::secret::Secret;
use domain::token::Token;
use serde_json::json;
use store::{account, member, policy};

/// A new account, its Super Administrator, and a token with every permission in it.
#[derive(Debug)]
pub struct Created {
    pub account: Account,
    pub member_id: MemberId,
    pub token: Secret,
}

pub async fn create(app: &App, name: &str, kind: Kind, super_admin: &str) -> Result<Created> {
    check_name(name)?;
    check_email(super_admin)?;
    let now = app.now();
    let account = Account {
        id: AccountId::new(now, &app.chance),
        name: name.to_owned(),
        kind,
        created_at: now,
        schema_version: 0,
    };
    let caller = Caller::operator(account.clone());
    let mut unit = Unit::begin(app, &caller).await?;
    account::insert(&mut unit, &account).await?;

    let member_id = MemberId::new(now, &app.chance);
    let profile = profile(super_admin);
    let member =
        residence::newcomer(&mut unit, member_id.clone(), &profile, Status::Accepted).await?;
    member::insert(&mut unit, &member).await?;
    let role = role::named(role::SUPER_ADMINISTRATOR)
        .ok_or_else(|| Error::invalid("the role is missing"))?;
    let policy_id = PolicyId::new(now, &app.chance);
    let policy = Policy::of_role(policy_id, role, &whole(&account.id));
    policy::replace(&mut unit, member_id.as_str(), &[policy]).await?;

    let every = TOKEN_PERMISSIONS.iter().map(|permission| permission.name.to_owned()).collect();
    let new = NewToken {
        name: "created with the account".to_owned(),
        permissions: every,
        ..NewToken::default()
    };
    let (_, token) = tokens::insert(&mut unit, &new, None).await?;
    let after = json!({"type": kind.as_str(), "super_administrator": super_admin});
    unit.commit(Change::create(
        "Create Account",
        Subject {
            product: "accounts",
            kind: "account",
            id: account.id.to_string(),
            name: account.name.clone(),
        },
        after,
    ))
    .await?;
    Ok(Created { account, member_id, token })
}

/// The account of an id, for the command line.
pub async fn operate(app: &App, id: &str) -> Result<Caller> {
    let unknown = || Error::not_found("account", id);
    let id = AccountId::parse(id).ok_or_else(unknown)?;
    let mut conn = app.db.read(&id).await?;
    let account = account::find(&mut conn, &id).await?.ok_or_else(unknown)?;
    let types = Types::of_account(app, &mut conn, &account).await?;
    let mut caller = Caller::operator(account);
    caller.types = types;
    Ok(caller)
}

/// The accounts that a token reaches and may see, by id.
pub async fn list(app: &App, token: &Token) -> Result<Vec<Account>> {
    let ids = match token.named_accounts() {
        Some(ids) => ids,
        None => {
            let mut conn = app.db.read_across_accounts().await?;
            account::list(&mut conn).await?.into_iter().map(|account| account.id).collect()
        }
    };
    let mut accounts = Vec::new();
    for id in ids {
        match caller::of_token(app, token.clone(), &id, "", Origin::default()).await {
            Ok(caller) if caller.require(Permission::AccountRead).is_ok() => {
                accounts.push(caller.account);
            }
            Ok(_) | Err(Error::OtherAccount) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(accounts)
}

pub async fn get(caller: &Caller) -> Result<Account> {
    caller.require(Permission::AccountRead)?;
    Ok(caller.account.clone())
}

/// Who somebody is of whom only the address is known.
#[must_use]
pub fn profile(email: &str) -> Profile {
    Profile {
        key: scim::schema::fold(email).into_owned(),
        email: email.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
    }
}

/// Enough to catch what is no address at all; whether one exists only mail can tell.
pub fn check_email(email: &str) -> Result<()> {
    let parts = email.split_once('@');
    let good = parts.is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    let printable = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if good && printable && email.chars().count() <= limits::EMAIL_MAX {
        return Ok(());
    }
    Err(Error::invalid(format!("`{email}` is not an e-mail address")))
}

fn check_name(name: &str) -> Result<()> {
    let count = name.chars().count();
    if name.trim().is_empty() || count > limits::ACCOUNT_NAME_MAX || name.contains('\0') {
        return Err(Error::invalid(format!(
            "the name of an account has 1 to {} characters",
            limits::ACCOUNT_NAME_MAX
        )));
    }
    Ok(())
}
