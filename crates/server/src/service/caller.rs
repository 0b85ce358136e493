//! Who asks, and what they may do. Made once for each request, from a credential.

use crate::app::App;
use crate::service::provision::Types;
use crate::service::{Error, Result};
use domain::Refusal;
use domain::account::{Account, Kind};
use domain::audit::{Actor, Origin};
use domain::id::{AccountId, MemberId};
use domain::member::{Member, Status};
use domain::permission::{Permission, role_grants};
use domain::policy::effective_roles;
use domain::role::Role;
use domain::secret::Secret;
use domain::token::Token;
use std::sync::Arc;
use store::{Conn, member, policy, session, token};

/// Somebody, in one account.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account: Account,
    pub actor: Actor,
    pub origin: Origin,
    /// What the users and groups of the account are made of.
    pub types: Arc<Types>,
    power: Power,
}

#[derive(Clone, Debug)]
enum Power {
    /// What the token says, and for a personal one no more than its owner may.
    Token {
        token: Box<Token>,
        owner: Option<Vec<&'static Role>>,
    },
    Person(Vec<&'static Role>),
    /// The command line, which holds the database itself.
    Operator,
}

impl Caller {
    /// The one who runs the command line, in an account without schemas of its own. With those,
    /// nothing this caller does to a document is taken: see `accounts::operate`.
    #[must_use]
    pub fn operator(account: Account) -> Caller {
        let actor =
            Actor { kind: "system".to_owned(), context: "api".to_owned(), ..Actor::default() };
        let types = Types::standard();
        Caller { account, actor, origin: Origin::default(), types, power: Power::Operator }
    }

    /// A person at the door, who may come in and nothing else yet.
    #[must_use]
    pub fn entering(account: Account, member: &Member, ip: &str, origin: Origin) -> Caller {
        let (actor, types) = (actor(member, ip), Types::standard());
        Caller { account, actor, origin, types, power: Power::Person(Vec::new()) }
    }

    /// The member that a personal token belongs to.
    #[must_use]
    pub fn person(&self) -> Option<&MemberId> {
        match &self.power {
            Power::Token { token, .. } => token.owner.as_ref(),
            Power::Person(_) | Power::Operator => None,
        }
    }

    /// Every verb begins with this.
    pub fn require(&self, permission: Permission) -> Result<()> {
        let by_role =
            |roles: &[&'static Role]| roles.iter().any(|role| role_grants(role, permission));
        let granted = match &self.power {
            Power::Operator => true,
            Power::Person(roles) => by_role(roles),
            Power::Token { token, owner } => {
                token.grants(permission, &self.account.id) && owner.as_deref().is_none_or(by_role)
            }
        };
        if granted { Ok(()) } else { Err(Error::Forbidden(permission)) }
    }

    /// SCIM is for accounts of type enterprise.
    pub fn require_enterprise(&self) -> Result<()> {
        match self.account.kind {
            Kind::Enterprise => Ok(()),
            Kind::Standard => Err(Refusal::StandardAccount.into()),
        }
    }
}

/// A valid API token, not yet bound to an account.
pub async fn token(app: &App, value: &str) -> Result<Token> {
    let secret = Secret::parse(value)
        .ok_or(Error::Unauthenticated("this is not an API token of this server"))?;
    let mut conn = app.db.read_across_accounts().await?;
    let found = token::find(&mut conn, &secret).await?;
    let token = found.ok_or(Error::Unauthenticated("this API token is unknown or was revoked"))?;
    if !token.is_valid_at(app.now()) {
        return Err(Error::Unauthenticated("this API token has expired or is not valid yet"));
    }
    app.limiter.admit(&token.id)?;
    Ok(token)
}

/// The caller that a token makes in an account. An account the token doesn't name looks the same
/// whether it exists or not.
pub async fn of_token(
    app: &App,
    token: Token,
    account: &AccountId,
    ip: &str,
    origin: Origin,
) -> Result<Caller> {
    if !token.reaches(account) {
        return Err(Error::OtherAccount);
    }
    let mut conn = app.db.read(account).await?;
    let account = store::account::find(&mut conn, account).await?.ok_or(Error::OtherAccount)?;
    let mut actor = Actor {
        kind: "account".to_owned(),
        context: "api_token".to_owned(),
        id: account.id.to_string(),
        email: String::new(),
        token_id: token.id.to_string(),
        token_name: token.name.clone(),
        ip: ip.to_owned(),
    };
    let owner = match &token.owner {
        None => None,
        Some(id) => {
            let member = member::find(&mut conn, id)
                .await?
                .filter(|member| member.status == Status::Accepted)
                .ok_or(Error::Unauthenticated("the owner of this API token is not a member"))?;
            "user".clone_into(&mut actor.kind);
            actor.id = member.person_id.to_string();
            actor.email.clone_from(&member.email);
            Some(effective_roles(&policy::effective(&mut conn, id).await?, member.protected))
        }
    };
    let types = Types::of_account(app, &mut conn, &account).await?;
    let power = Power::Token { token: Box::new(token), owner };
    Ok(Caller { account, actor, origin, types, power })
}

/// The person that a dashboard cookie stands for, now.
pub async fn of_session(
    app: &App,
    value: &str,
    ip: &str,
    origin: Origin,
) -> Result<(Caller, Member, session::Session)> {
    const OUT: Error = Error::Unauthenticated("sign in again");
    let secret = Secret::parse(value).ok_or(OUT)?;
    let mut conn = app.db.read_across_accounts().await?;
    let session = session::find(&mut conn, &secret, app.now()).await?.ok_or(OUT)?;
    drop(conn);
    let mut conn = app.db.read(&session.account_id).await?;
    let (caller, member) = person(app, &mut conn, &session, ip, origin).await?;
    Ok((caller, member, session))
}

async fn person(
    app: &App,
    conn: &mut Conn,
    session: &session::Session,
    ip: &str,
    origin: Origin,
) -> Result<(Caller, Member)> {
    const OUT: Error = Error::Unauthenticated("sign in again");
    let account = store::account::find(conn, &session.account_id).await?.ok_or(OUT)?;
    let member = member::find(conn, &session.member_id)
        .await?
        .filter(|member| member.status == Status::Accepted)
        .ok_or(OUT)?;
    let roles = effective_roles(&policy::effective(conn, &member.id).await?, member.protected);
    let types = Types::of_account(app, conn, &account).await?;
    let actor = actor(&member, ip);
    Ok((Caller { account, actor, origin, types, power: Power::Person(roles) }, member))
}

fn actor(member: &Member, ip: &str) -> Actor {
    Actor {
        kind: "user".to_owned(),
        context: "dash".to_owned(),
        id: member.person_id.to_string(),
        email: member.email.clone(),
        ip: ip.to_owned(),
        ..Actor::default()
    }
}
